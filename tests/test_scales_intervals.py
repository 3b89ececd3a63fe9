"""Quantiles against published tables, and what holds for any interval."""

from fractions import Fraction
from math import atan, pi, sqrt, tan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.scales import Interval, mean_interval, sample_size, shrunk, t_quantile, variance_of, wilson, z_for
from surveys.scales.intervals import two_sided, two_sided_t

# NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.6.7.2, and closed forms for 1 and 2 degrees of freedom.
T_TABLE = {
    0.95: {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 7: 2.365, 10: 2.228, 15: 2.131, 20: 2.086, 30: 2.042,
           40: 2.021, 60: 2.000, 100: 1.984},
    0.90: {1: 6.314, 5: 2.015, 10: 1.812, 30: 1.697, 100: 1.660},
    0.99: {1: 63.657, 5: 4.032, 10: 3.169, 30: 2.750, 100: 2.626},
}  # fmt: skip


@pytest.mark.parametrize(("level", "df"), [(level, df) for level, row in T_TABLE.items() for df in row])
def test_t_quantiles_are_those_of_the_published_table(level, df):
    assert t_quantile(df, level) == pytest.approx(T_TABLE[level][df], abs=0.0005)


def test_t_quantiles_equal_their_closed_forms_to_the_last_digits():
    assert t_quantile(1) == pytest.approx(tan(pi / 2 * 0.95), rel=1e-12)
    assert t_quantile(2) == pytest.approx(0.95 * sqrt(2 / (1 - 0.95**2)), rel=1e-12)
    assert t_quantile(7) == pytest.approx(2.3646242515927844, rel=1e-12)
    assert t_quantile(30) == pytest.approx(2.0422724563012373, rel=1e-12)


@given(st.floats(min_value=0.01, max_value=60))
def test_the_t_test_has_the_closed_form_for_one_degree_of_freedom(t):
    assert two_sided_t(t, 1) == pytest.approx(1 - 2 / pi * atan(t), abs=1e-12)


@given(st.integers(min_value=1, max_value=3000))
def test_a_t_quantile_leaves_one_in_twenty_outside_and_comes_down_to_z(df):
    assert two_sided_t(t_quantile(df), df) == pytest.approx(0.05, abs=1e-10)
    assert t_quantile(df) > t_quantile(df + 1) > z_for()


def test_the_expansion_for_large_samples_meets_the_exact_quantile():
    assert t_quantile(400) - t_quantile(401) == pytest.approx(t_quantile(401) - t_quantile(402), rel=0.02)


def test_degrees_of_freedom_start_above_zero():
    with pytest.raises(ValueError, match="Degrees"):
        t_quantile(0)


def test_z_is_the_exact_quantile():
    assert (z_for(), two_sided(z_for())) == (pytest.approx(1.959963984540054, abs=1e-15), pytest.approx(0.05))


@given(st.integers(min_value=0, max_value=500), st.integers(min_value=1, max_value=500))
def test_wilson_is_symmetric_inside_the_bounds_and_holds_the_share(hits, n):
    hits = min(hits, n)
    found, turned = wilson(hits, n), wilson(n - hits, n)
    assert 0 <= found.low <= 100 * hits / n <= found.high <= 100
    assert (found.low, found.high) == pytest.approx((100 - turned.high, 100 - turned.low), abs=1e-9)


def test_wilson_is_undefined_without_answers_and_right_at_the_ends():
    assert wilson(0, 0) is None
    none, every = wilson(0, 10), wilson(10, 10)
    assert (none.low, none.high) == (0, pytest.approx(27.7533, abs=5e-5))
    assert (every.low, every.high) == (pytest.approx(72.2467, abs=5e-5), 100)


def test_a_mean_has_no_interval_below_two_answers():
    assert (mean_interval({1: 0, 2: 0}), mean_interval({1: 1, 2: 0})) == (None, None)


def test_the_variance_has_n_minus_one_below_it():
    assert variance_of({1: 1, 3: 1}) == 2


@given(st.integers(min_value=2, max_value=400), st.integers(min_value=0, max_value=4000))
def test_a_closed_population_narrows_only_samples_above_a_twentieth(n, others):
    interval, population = Interval(-10.0, 30.0, "x"), n + others
    found = shrunk(interval, Fraction(12), n, population)
    assert found.width <= interval.width
    assert (found == interval) == (n * 20 <= population)


def test_the_factor_of_a_closed_population_is_cochrans():
    found = shrunk(Interval(0.0, 40.0, "x"), Fraction(20), 50, 101)
    assert (found.low, found.high) == pytest.approx((20 - 20 * sqrt(0.51), 20 + 20 * sqrt(0.51)))


@pytest.mark.parametrize(
    ("margin", "population", "variance", "n"),
    [(10, None, 1.0, 385), (5, None, 1.0, 1537), (10, None, 0.61, 235), (10, 500, 1.0, 218), (10, 1, 1.0, 1)],
)
def test_sample_sizes_for_a_margin(margin, population, variance, n):
    assert sample_size(margin, population, variance) == n


def test_a_margin_of_nothing_is_refused():
    with pytest.raises(ValueError, match="margin"):
        sample_size(0)
