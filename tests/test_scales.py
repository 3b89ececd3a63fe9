"""Scores, segments and summaries: the tables of the rules, and what must hold for any counts."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.scales import (
    SCALES,
    Direction,
    Headline,
    MixedScales,
    NotAScore,
    Reading,
    Scale,
    Segment,
    Tally,
    adjusted_wald,
    parse_score,
    pooled,
    rounded,
    score_tango,
    summary,
)

NPS, CES, CES2, CSAT = SCALES["nps"], SCALES["ces"], SCALES["ces2"], SCALES["csat"]
ALL = tuple(SCALES.values())


def nps_counts(bad, middle, good):
    return [bad, 0, 0, 0, 0, 0, 0, middle, 0, good, 0]


def near(*values):
    return pytest.approx(values, abs=5e-7)


any_scale = st.sampled_from(ALL)
small_count = st.integers(min_value=0, max_value=400)


@st.composite
def counted(draw, scales=any_scale):
    scale = draw(scales)
    return scale, draw(st.lists(small_count, min_size=len(scale.scores), max_size=len(scale.scores)))


# Scores and segments


@pytest.mark.parametrize("score", range(11))
def test_every_whole_number_of_the_nps_scale_is_a_score(score):
    assert parse_score(NPS, str(score)) == score


REFUSED = [
    "11",
    "-1",
    "",
    "８",
    "1_0",
    " 9 ",
    "9\n",
    "7.5",
    "9e0",
    "NaN",
    "null",
    "+7",
    "07",
    "٣",
    "1" + "0" * 400,
    "𝟗",
]


@pytest.mark.parametrize("text", [*REFUSED, None, 9, 9.0, True, ["9"], b"9"])
def test_anything_but_plain_ascii_digits_is_not_a_score(text):
    with pytest.raises(NotAScore):
        parse_score(NPS, text)


@given(st.text(max_size=6))
def test_only_the_eleven_texts_are_scores(text):
    try:
        score = parse_score(NPS, text)
    except NotAScore:
        assert text not in {str(number) for number in range(11)}
    else:
        assert text == str(score)


def test_a_score_of_another_scale_is_refused():
    for text in ("0", "6", "10"):
        with pytest.raises(NotAScore):
            parse_score(CSAT, text)


SEGMENTS = {
    "nps": "bbbbbbbmmgg",
    "ces": "ggmbb",
    "ces2": "bbbmggg",
    "ease5": "bbmgg",
    "csat": "bbmgg",
    "goal": "bbmgg",
}


@pytest.mark.parametrize("key", SEGMENTS)
def test_each_score_has_the_segment_of_its_kind(key):
    scale = SCALES[key]
    assert "".join(scale.segment(score)[0] for score in scale.scores) == SEGMENTS[key]


def test_a_form_has_no_scale():
    assert "form" not in SCALES


def test_effort_is_better_the_lower_it_is_and_all_others_the_higher():
    assert {scale.key for scale in ALL if scale.direction is Direction.LOWER} == {"ces"}
    assert (CES.best, CES.worst, NPS.best, NPS.worst) == (1, 5, 10, 0)


@given(any_scale, st.integers())
def test_a_number_outside_the_scale_has_no_segment(scale, score):
    if score in scale.scores:
        assert scale.segment(score) in Segment
    else:
        with pytest.raises(NotAScore):
            scale.segment(score)


def test_a_scale_with_a_hole_or_the_wrong_direction_cannot_be_made():
    with pytest.raises(ValueError, match="cut"):
        Scale("odd", 1, 5, Direction.HIGHER, (1, 2), (3, 3), (5, 5), Headline.MEAN)
    with pytest.raises(ValueError, match="direction"):
        Scale("odd", 1, 5, Direction.LOWER, (1, 2), (3, 3), (4, 5), Headline.MEAN)


@pytest.mark.parametrize("counts", [[1] * 10, [1] * 12, [-1] + [0] * 10, [1.0] + [0] * 10, [True] + [0] * 10])
def test_counts_that_do_not_fit_are_refused(counts):
    with pytest.raises(ValueError, match=r"counts|Counts"):
        summary(NPS, counts)


# Rounding


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [
        ("12.5", 0, "13"), ("-12.5", 0, "-13"), ("0.5", 0, "1"), ("-0.5", 0, "-1"), ("62.5", 0, "63"),
        ("2.125", 2, "2.13"), ("-0.4", 0, "0"), ("100", 0, "100"), ("2", 2, "2.00"), ("0.004", 2, "0.00"),
    ],
)  # fmt: skip
def test_rounding_goes_half_away_from_zero(value, places, shown):
    assert str(rounded(Fraction(value), places)) == shown


@given(st.fractions(min_value=-1000, max_value=1000), st.integers(min_value=0, max_value=4))
def test_rounding_is_symmetric_and_never_off_by_more_than_half_a_unit(value, places):
    result = rounded(value, places)
    assert result == -rounded(-value, places)
    assert abs(Fraction(result) - value) <= Fraction(1, 2 * 10**places)


# NPS: domain.md 1.1

NPS_TABLE = [
    ((0, 0, 1), 100, "100", 0, (-48.498649, 98.498649), (-58.690137, 100)),
    ((0, 0, 5), 100, "100", 0, (17.491453, 100), (13.103507, 100)),
    ((5, 0, 0), -100, "-100", 0, (-100, -17.491453), (-100, -13.103507)),
    ((0, 5, 0), 0, "0", 0, (-30.005698, 30.005698), (-43.448246, 43.448246)),
    ((2, 3, 3), 12.5, "13", 27.599253, (-36.017096, 54.198914), (-39.708405, 57.995025)),
    ((2, 3, 5), 30, "30", 24.698178, (-19.050615, 65.204462), (-21.659220, 67.527789)),
    ((6, 11, 19), 36.1111111, "36", 12.517135, (9.672302, 56.994365), (9.291455, 57.560219)),
    ((20, 30, 50), 30, "30", 7.810250, (14.051130, 44.201297), (13.955142, 44.339307)),
    ((35, 90, 125), 36, "36", 4.518407, (26.757846, 44.388399), (26.795758, 44.488343)),
]


@pytest.mark.parametrize(("parts", "score", "shown", "error", "wald", "tango"), NPS_TABLE)
def test_nps_and_its_intervals_are_those_of_the_table(parts, score, shown, error, wald, tango):
    result, tally = summary(NPS, nps_counts(*parts)), Tally(*parts)
    assert float(result.score) == pytest.approx(score)
    assert (str(result.rounded), result.interval.method) == (shown, "adjusted_wald")
    assert tally.standard_error == pytest.approx(error, abs=5e-7)
    assert (result.interval.low, result.interval.high) == near(*wald)
    assert (score_tango(tally).low, score_tango(tally).high) == near(*tango)


@pytest.mark.parametrize(
    ("parts", "shown"),
    [((3, 4, 1), -25), ((2, 3, 1), -17), ((1, 0, 2), 33), ((2, 2, 1), -20)],
)
def test_nps_is_rounded_once_and_not_from_rounded_parts(parts, shown):
    assert summary(NPS, nps_counts(*parts)).rounded == shown


@pytest.mark.parametrize(
    ("n", "margin"), [(10, 42), (20, 32), (30, 27), (50, 21), (100, 15), (200, 11), (400, 7.6), (1000, 4.8)]
)
def test_margins_of_a_50_30_20_split_are_the_published_ones(n, margin):
    interval = adjusted_wald(Tally(n // 5, n * 3 // 10, n // 2))
    assert interval.width / 2 == pytest.approx(margin, abs=0.55 if n < 400 else 0.055)


@given(st.integers(min_value=1, max_value=5000))
def test_tango_has_the_closed_limits_when_all_answers_agree(n):
    z2 = 1.959963984540054**2
    assert score_tango(Tally(0, 0, n)).low == pytest.approx(100 * (n - z2) / (n + z2), abs=1e-6)
    assert score_tango(Tally(0, n, 0)).high == pytest.approx(100 * z2 / (n + z2), abs=1e-4)


@given(small_count, small_count, small_count)
def test_turning_the_answers_round_turns_the_score_and_both_intervals_round(bad, middle, good):
    one, other = Tally(bad, middle, good), Tally(good, middle, bad)
    for interval in (adjusted_wald, score_tango):
        if not one.n:
            assert interval(one) is None
            continue
        straight, turned = interval(one), interval(other)
        assert (straight.low, straight.high) == pytest.approx((-turned.high, -turned.low), abs=1e-6)


@given(small_count, small_count, small_count)
def test_both_nps_intervals_stay_in_bounds_and_never_lose_their_width(bad, middle, good):
    for interval in (adjusted_wald, score_tango):
        found = interval(Tally(bad, middle, good))
        if found is not None:
            assert -100 <= found.low < found.high <= 100


def test_the_two_nps_intervals_agree_when_there_are_many_answers():
    tally = Tally(2000, 3000, 5000)
    assert adjusted_wald(tally).low == pytest.approx(score_tango(tally).low, abs=0.02)


COVERAGE = [(10, 0.914), (20, 0.946)]


@pytest.mark.parametrize(("n", "least"), COVERAGE)
def test_the_shown_interval_covers_the_truth_as_often_as_promised(n, least):
    """Exact: every outcome of n answers, weighted by its chance, for the eight profiles from 30/40/30 to 95/4/1."""
    from math import comb

    profiles = [
        (30, 40, 30),
        (20, 30, 50),
        (10, 20, 70),
        (50, 30, 20),
        (5, 15, 80),
        (95, 4, 1),
        (1, 4, 95),
        (40, 20, 40),
    ]
    for profile in profiles:
        d, m, p = (part / 100 for part in profile)
        covered = 0.0
        for bad in range(n + 1):
            for good in range(n + 1 - bad):
                middle = n - bad - good
                found = adjusted_wald(Tally(bad, middle, good))
                if found.low <= 100 * (p - d) <= found.high:
                    covered += comb(n, bad) * comb(n - bad, good) * d**bad * p**good * m**middle
        assert covered >= least - 0.0005, profile


# The other kinds: domain.md 1.2 to 1.4


def test_effort_is_a_mean_with_a_t_interval_and_wilson_shares():
    result = summary(CES, [3, 2, 2, 1, 0])
    assert (result.score, str(result.rounded)) == (Fraction(17, 8), "2.13")
    assert (result.interval.low, result.interval.high) == near(1.183647, 3.066353)
    low_effort = result.share_interval(Segment.GOOD)
    assert (low_effort.low, low_effort.high) == near(30.574239, 86.315571)
    assert (result.share(Segment.GOOD), result.share(Segment.BAD), result.net) == (62.5, 12.5, 50)
    assert (result.interval.method, low_effort.method) == ("t", "wilson")


def test_satisfaction_is_the_share_of_fours_and_fives_with_mean_and_index():
    result = summary(CSAT, [1, 1, 1, 3, 2])
    assert (result.score, str(result.rounded), result.mean, result.index) == (62.5, "63", 3.5, 62.5)
    assert (result.interval.low, result.interval.high) == near(30.574239, 86.315571)


def test_ease_is_the_share_that_agrees_with_mean_and_net():
    result = summary(CES2, [1, 0, 1, 2, 2, 2, 2])
    assert (result.score, result.net, result.mean) == (60, 40, Fraction(24, 5))
    assert result.interval.method == "wilson"


def test_without_answers_there_is_no_number_at_all():
    for scale in ALL:
        result = summary(scale, [0] * len(scale.scores))
        nothing = (result.score, result.rounded, result.interval, result.mean, result.split, result.net, result.index)
        assert (result.n, set(nothing)) == (0, {None})


def test_one_answer_has_no_interval_of_its_mean_but_a_score_of_zero_is_a_score():
    assert summary(CES, [0, 1, 0, 0, 0]).interval is None
    zero = summary(NPS, [1] + [0] * 10)
    assert (zero.n, zero.score, zero.mean) == (1, -100, 0)


@given(counted())
def test_any_summary_lies_within_its_scale(pair):
    scale, counts = pair
    result = summary(scale, counts)
    if not result.n:
        return
    low, high = scale.limits
    assert low <= result.score <= high
    assert scale.low <= result.mean <= scale.high
    assert result.split.good + result.split.middle + result.split.bad == 100
    assert 0 <= result.index <= 100
    assert abs(Fraction(result.rounded) - result.score) <= Fraction(1, 2)
    if result.interval is not None:
        assert low <= result.interval.low <= result.interval.high <= high


@given(counted())
def test_the_point_lies_inside_its_wilson_and_t_interval(pair):
    scale, counts = pair
    result = summary(scale, counts)
    for share in Segment if result.n else ():
        found = result.share_interval(share)
        assert found.low - 1e-9 <= float(result.share(share)) <= found.high + 1e-9
    if result.mean_interval is not None:
        assert result.mean_interval.low - 1e-9 <= float(result.mean) <= result.mean_interval.high + 1e-9


@given(counted(st.sampled_from([scale for scale in ALL if scale.direction is Direction.HIGHER])), st.data())
def test_a_better_answer_more_never_lowers_a_headline(pair, data):
    scale, counts = pair
    better = data.draw(st.integers(min_value=1, max_value=len(counts) - 1))
    if not counts[better - 1]:
        return
    raised = list(counts)
    raised[better - 1] -= 1
    raised[better] += 1
    assert summary(scale, raised).score >= summary(scale, counts).score


def test_percentages_shown_together_may_add_up_to_99_or_101():
    thirds = summary(NPS, nps_counts(1, 1, 1)).split.shown()
    assert (set(thirds.values()), sum(thirds.values())) == ({Decimal(33)}, 99)
    assert sum(summary(NPS, nps_counts(1, 2, 5)).split.shown().values()) == 101


@pytest.mark.parametrize(
    ("n", "reading"),
    [(0, "hidden"), (4, "hidden"), (5, "small"), (29, "small"), (30, "normal"), (10**6, "normal")],
)
def test_few_answers_are_hidden_some_are_a_small_sample(n, reading):
    assert Reading.of(n) == reading
    assert summary(NPS, nps_counts(0, 0, n)).reading == reading


# Mixing


def test_answers_of_one_kind_can_be_pooled_and_count_the_same_as_together():
    one, two = summary(NPS, nps_counts(1, 2, 3)), summary(NPS, nps_counts(4, 5, 6))
    assert pooled([one, two]) == summary(NPS, nps_counts(5, 7, 9))


@given(st.lists(any_scale, min_size=2, max_size=4).filter(lambda scales: len(set(scales)) > 1))
def test_kinds_never_mix(scales):
    with pytest.raises(MixedScales):
        pooled([summary(scale, [1] * len(scale.scores)) for scale in scales])


def test_even_two_five_point_scales_of_the_same_shape_never_mix():
    with pytest.raises(MixedScales):
        pooled([summary(SCALES["ease5"], [1] * 5), summary(CSAT, [1] * 5)])


def test_a_census_has_no_uncertainty_left():
    result = summary(NPS, nps_counts(20, 30, 50), population=100)
    assert (result.interval.low, result.interval.high) == (30, 30)


def test_more_answers_than_people_are_refused():
    with pytest.raises(ValueError, match="more answers"):
        summary(NPS, nps_counts(20, 30, 50), population=99)
