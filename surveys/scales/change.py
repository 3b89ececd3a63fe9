"""Is a change more than noise? Tests between two periods, and for the same people asked twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import sqrt

from surveys.scales.intervals import LEVEL, Interval, t_quantile, two_sided, two_sided_t, z_for
from surveys.scales.means import mean_of, variance_of
from surveys.scales.scale import Direction, Headline, Scale, Segment
from surveys.scales.summary import MixedScales, Summary

MIN_ANSWERS = 20
ALPHA = 0.05


class Verdict(StrEnum):
    """What may be said about a change."""

    IMPROVED = "improved"
    WORSENED = "worsened"
    NOISE = "noise"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class Change:
    """The later headline minus the earlier one, exact, with its test.

    `z` is the test statistic (t for means), `p` two-sided, both None where there is nothing to test; `interval` is that
    of the adjusted difference.
    """

    scale: Scale
    diff: Fraction
    z: float | None
    p: float | None
    interval: Interval | None
    has_enough: bool

    @property
    def is_real(self) -> bool:
        """More than noise: p below 0.05 and at least 20 answers on both sides."""
        return self.has_enough and self.p is not None and self.p < ALPHA

    @property
    def is_rise(self) -> bool:
        return self.diff > 0

    @property
    def verdict(self) -> Verdict:
        if not self.has_enough:
            return Verdict.TOO_FEW
        if not self.is_real:
            return Verdict.NOISE
        return Verdict.IMPROVED if self.is_rise == (self.scale.direction is Direction.HIGHER) else Verdict.WORSENED


@dataclass(frozen=True, slots=True)
class _Test:
    """An estimate of a difference, its standard error, and the degrees of freedom where t applies."""

    diff: float
    error: float
    df: float | None
    method: str
    limit: float

    @property
    def statistic(self) -> float | None:
        return self.diff / self.error if self.error else None

    @property
    def p(self) -> float:
        if self.statistic is None:
            return 0.0 if self.diff else 1.0
        return two_sided(self.statistic) if self.df is None else two_sided_t(self.statistic, self.df)

    @property
    def interval(self) -> Interval:
        half = self.error * (z_for(LEVEL) if self.df is None else t_quantile(self.df, LEVEL))
        return Interval(self.diff - half, self.diff + half, self.method).clipped(-self.limit, self.limit)


def change(before: Summary, after: Summary) -> Change | None:
    """What happened between two independent sets of answers to the same kind; None when one of them is empty.

    NPS: adjusted Wald (Lewis and Sauro, MeasuringU 2021). Shares: Agresti and Caffo, The American Statistician 54,
    2000. Means: Welch's t. Different kinds are `MixedScales`.
    """
    if before.scale != after.scale:
        raise MixedScales("A change is measured within one kind only.")
    if before.score is None or after.score is None:
        return None
    test = _TESTS[before.scale.headline](before, after)
    enough = min(before.n, after.n) >= MIN_ANSWERS
    diff = after.score - before.score
    if test is None:
        return Change(before.scale, diff, None, None, None, enough)
    return Change(before.scale, diff, test.statistic, test.p, test.interval, enough)


def _of_nps(before: Summary, after: Summary) -> _Test:
    earlier, later = before.tally.adjusted(), after.tally.adjusted()
    error = sqrt(earlier.standard_error**2 + later.standard_error**2)
    return _Test(float(later.score - earlier.score), error, None, "adjusted_wald", 200)


def _of_share(before: Summary, after: Summary) -> _Test:
    shares, variance = [], 0.0
    for each in (before, after):
        n, share = each.n + 2, Fraction(each.scale.count(Segment.GOOD, each.counts) + 1, each.n + 2)
        shares.append(share)
        variance += share * (1 - share) / n
    return _Test(float(100 * (shares[1] - shares[0])), 100 * sqrt(variance), None, "agresti_caffo", 100)


def _of_mean(before: Summary, after: Summary) -> _Test | None:
    parts = []
    for each in (before, after):
        mean, variance = mean_of(each.by_score), variance_of(each.by_score)
        if mean is None or variance is None:
            return None
        parts.append((mean, float(variance / each.n), each.n))
    (mean1, part1, n1), (mean2, part2, n2) = parts
    total = part1 + part2
    df = total**2 / (part1**2 / (n1 - 1) + part2**2 / (n2 - 1)) if total else float(n1 + n2 - 2)
    return _Test(float(mean2 - mean1), sqrt(total), df, "welch_t", before.scale.high - before.scale.low)


_TESTS = {Headline.NPS: _of_nps, Headline.SHARE: _of_share, Headline.MEAN: _of_mean}


def paired_change(scale: Scale, moves: Mapping[int, int]) -> Change | None:
    """The same people asked twice: `moves` counts how far each moved; None below two people.

    For NPS the moves are those of the codes -1, 0, 1 (so -2 to 2) and the result is in points; a t interval.
    """
    mean, variance, n = mean_of(moves), variance_of(moves), sum(moves.values())
    if mean is None or variance is None:
        return None
    unit = 1 if scale.headline is Headline.MEAN else 100
    limit = {Headline.NPS: 200, Headline.SHARE: 100, Headline.MEAN: scale.high - scale.low}[scale.headline]
    test = _Test(float(unit * mean), unit * sqrt(variance / n), n - 1, "paired_t", limit)
    return Change(scale, unit * mean, test.statistic, test.p, test.interval, n >= MIN_ANSWERS)


def holm(ps: Sequence[float]) -> list[float]:
    """The p values of several comparisons made at once, corrected after Holm (1979), in the order given."""
    order = sorted(range(len(ps)), key=lambda index: ps[index])
    corrected, highest = [0.0] * len(ps), 0.0
    for rank, index in enumerate(order):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[index]))
        corrected[index] = highest
    return corrected
