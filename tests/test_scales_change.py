"""What is called a change and what is called noise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.scales import SCALES, MixedScales, Verdict, change, holm, paired_change, summary

NPS, CES, CES2, CSAT = (SCALES[key] for key in ("nps", "ces", "ces2", "csat"))


def nps(bad, middle, good):
    return summary(NPS, [bad, 0, 0, 0, 0, 0, 0, middle, 0, good, 0])


def test_twenty_points_up_at_a_hundred_answers_each_are_still_noise():
    found = change(nps(20, 30, 50), nps(10, 30, 60))
    assert (found.diff, found.is_real, found.verdict) == (20, False, Verdict.NOISE)
    assert (found.z, found.p) == (pytest.approx(1.907009, abs=5e-7), pytest.approx(0.056519, abs=5e-7))
    assert (found.interval.low, found.interval.high) == pytest.approx((-0.539193, 39.374144), abs=5e-7)


def test_a_fall_of_twelve_points_at_a_hundred_answers_each_is_noise():
    found = change(nps(20, 30, 50), nps(33, 25, 42))
    assert (found.diff, found.verdict) == (-21, Verdict.NOISE)


def test_five_promoters_to_five_detractors_has_a_test_but_too_few_answers():
    found = change(nps(0, 0, 5), nps(5, 0, 0))
    assert found.z == pytest.approx(-3.85, abs=0.005)
    assert (found.p < 0.05, found.is_real, found.verdict) == (True, False, Verdict.TOO_FEW)


def test_a_large_fall_is_a_real_one():
    found = change(nps(20, 30, 50), nps(50, 30, 20))
    assert (found.is_real, found.verdict, found.is_rise) == (True, Verdict.WORSENED, False)


def test_nineteen_answers_are_too_few_and_twenty_are_enough():
    before = nps(0, 0, 400)
    assert change(before, nps(19, 0, 0)).verdict is Verdict.TOO_FEW
    assert change(before, nps(20, 0, 0)).verdict is Verdict.WORSENED


def test_a_fall_of_effort_is_better_and_a_fall_of_ease_is_worse():
    high, low = [0, 0, 5, 20, 40], [40, 20, 5, 0, 0]
    assert change(summary(CES, high), summary(CES, low)).verdict is Verdict.IMPROVED
    assert change(summary(CSAT, high), summary(CSAT, low)).verdict is Verdict.WORSENED
    seven = [0, 0, *high]
    assert change(summary(CES2, seven), summary(CES2, seven[::-1])).verdict is Verdict.WORSENED


def test_means_are_compared_with_welchs_t():
    """Values worked out by hand: means 2 and 3, variances 0.6897, n 30 each, so t = 1 / sqrt(2 * 0.6897 / 30)."""
    found = change(summary(CES, [10, 10, 10, 0, 0]), summary(CES, [0, 10, 10, 10, 0]))
    assert (found.diff, found.z) == (1, pytest.approx(4.6637, abs=5e-5))
    assert found.p == pytest.approx(1.86e-5, rel=0.01)
    assert (found.interval.low, found.interval.high) == pytest.approx((0.5708, 1.4292), abs=5e-5)
    assert found.interval.method == "welch_t"


def test_shares_are_compared_after_agresti_and_caffo():
    """45 of 100 against 60 of 100: p1 = 46/102, p2 = 61/102."""
    found = change(summary(CSAT, [55, 0, 0, 0, 45]), summary(CSAT, [40, 0, 0, 0, 60]))
    assert (found.diff, found.z) == (15, pytest.approx(2.1261, abs=5e-5))
    assert found.verdict is Verdict.IMPROVED


def test_all_agreeing_before_and_all_agreeing_on_something_else_after_is_a_change():
    assert change(summary(CES, [0, 25, 0, 0, 0]), summary(CES, [0, 0, 0, 25, 0])).verdict is Verdict.WORSENED
    same = summary(CES, [0, 25, 0, 0, 0])
    assert (change(same, same).p, change(same, same).verdict) == (1, Verdict.NOISE)


def test_nothing_can_be_said_when_one_side_is_empty():
    assert change(nps(0, 0, 0), nps(1, 1, 1)) is None
    assert change(summary(CES, [0, 1, 0, 0, 0]), summary(CES, [9, 9, 9, 9, 9])).p is None


@pytest.mark.parametrize(("one", "other"), [(CES, CES2), (CES, CSAT), (CSAT, SCALES["ease5"]), (NPS, CSAT)])
def test_kinds_are_never_compared_with_each_other(one, other):
    with pytest.raises(MixedScales):
        change(summary(one, [5] * len(one.scores)), summary(other, [5] * len(other.scores)))


counts = st.lists(st.integers(min_value=0, max_value=60), min_size=5, max_size=5)


@given(counts, counts, st.sampled_from(["ces", "csat"]))
def test_looking_backwards_turns_every_change_round(one, other, key):
    before, after = summary(SCALES[key], one), summary(SCALES[key], other)
    there, back = change(before, after), change(after, before)
    if there is None:
        assert back is None
        return
    assert there.diff == -back.diff
    assert there.p == pytest.approx(back.p) if there.p is not None else back.p is None
    assert there.is_real == back.is_real
    assert Verdict.IMPROVED not in {there.verdict} & {back.verdict}


@given(counts, st.sampled_from(["ces", "csat"]))
def test_no_change_is_never_a_change(one, key):
    found = change(summary(SCALES[key], one), summary(SCALES[key], one))
    assert found is None or (found.diff == 0 and not found.is_real)


def test_the_same_people_asked_twice_are_compared_one_by_one():
    found = paired_change(NPS, {-2: 1, -1: 2, 0: 10, 1: 12, 2: 5})
    assert (found.diff, found.verdict) == (60, Verdict.IMPROVED)
    assert found.interval.method == "paired_t"
    assert found.interval.low < 60 < found.interval.high
    assert paired_change(NPS, {0: 1}) is None


def test_several_comparisons_are_corrected_after_holm():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert (holm([]), holm([0.9, 0.8])) == ([], [1.0, 1.0])
