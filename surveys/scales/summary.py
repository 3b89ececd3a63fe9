"""What a set of answers to one kind of question says: n, headline, interval, split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from surveys.scales.intervals import Interval, shrunk, wilson
from surveys.scales.means import mean_interval, mean_of
from surveys.scales.nps import Tally, adjusted_wald
from surveys.scales.rounding import rounded
from surveys.scales.scale import Headline, Scale, Segment

SHOWN_FROM = 5
NORMAL_FROM = 30


class MixedScales(ValueError):
    """Answers of different kinds were about to be put together."""


class Reading(StrEnum):
    """How much a number of answers can carry (M-08); pages act on it, the arithmetic does not."""

    HIDDEN = "hidden"
    SMALL = "small"
    NORMAL = "normal"

    @classmethod
    def of(cls, n: int) -> Reading:
        if n < SHOWN_FROM:
            return cls.HIDDEN
        return cls.SMALL if n < NORMAL_FROM else cls.NORMAL


@dataclass(frozen=True, slots=True)
class Split:
    """The share of each segment in percent, exact; together always 100."""

    good: Fraction
    middle: Fraction
    bad: Fraction

    def shown(self) -> dict[Segment, Decimal]:
        """Each rounded by itself, so that they may add up to 99 or 101 (M-06)."""
        return {segment: rounded(getattr(self, segment.value)) for segment in Segment}


@dataclass(frozen=True, slots=True)
class Summary:
    """Answers of one scale, counted; None is "no data" and never 0 (M-04)."""

    scale: Scale
    counts: tuple[int, ...]
    population: int | None = None

    @property
    def n(self) -> int:
        return sum(self.counts)

    @property
    def reading(self) -> Reading:
        return Reading.of(self.n)

    @property
    def by_score(self) -> dict[int, int]:
        return dict(zip(self.scale.scores, self.counts, strict=True))

    @property
    def tally(self) -> Tally:
        return Tally(
            *(self.scale.count(segment, self.counts) for segment in (Segment.BAD, Segment.MIDDLE, Segment.GOOD))
        )

    @property
    def mean(self) -> Fraction | None:
        return mean_of(self.by_score)

    @property
    def score(self) -> Fraction | None:
        """The headline, unrounded: NPS points, a mean, or the good ones in percent."""
        if not self.n:
            return None
        if self.scale.headline is Headline.MEAN:
            return self.mean
        return self.tally.score if self.scale.headline is Headline.NPS else self.share(Segment.GOOD)

    @property
    def rounded(self) -> Decimal | None:
        """The headline as shown, rounded once."""
        return None if self.score is None else rounded(self.score, self.scale.places)

    @property
    def interval(self) -> Interval | None:
        """The 95 percent interval of the headline; None where it is not defined."""
        if self.scale.headline is Headline.MEAN:
            return self.mean_interval
        if self.scale.headline is Headline.SHARE:
            return self.share_interval(Segment.GOOD)
        return self._for_population(adjusted_wald(self.tally), self.score)

    @property
    def mean_interval(self) -> Interval | None:
        return self._for_population(mean_interval(self.by_score), self.mean)

    @property
    def split(self) -> Split | None:
        if not self.n:
            return None
        tally = self.tally
        return Split(*(Fraction(100 * count) / self.n for count in (tally.good, tally.middle, tally.bad)))

    @property
    def net(self) -> Fraction | None:
        """Good minus bad in percent: NPS itself, net ease, net agreement."""
        return self.tally.score if self.n else None

    @property
    def index(self) -> Fraction | None:
        """The mean on a scale from 0, the worst, to 100, the best."""
        if self.mean is None:
            return None
        return 100 * (self.mean - self.scale.worst) / (self.scale.best - self.scale.worst)

    def share(self, segment: Segment) -> Fraction | None:
        """Percent of the answers that fall into the segment."""
        return Fraction(100 * self.scale.count(segment, self.counts), self.n) if self.n else None

    def share_interval(self, segment: Segment) -> Interval | None:
        interval = wilson(self.scale.count(segment, self.counts), self.n)
        return self._for_population(interval, self.share(segment))

    def _for_population(self, interval: Interval | None, centre: Fraction | None) -> Interval | None:
        if interval is None or centre is None or self.population is None:
            return interval
        return shrunk(interval, centre, self.n, self.population)


def summary(scale: Scale, counts: Sequence[int], population: int | None = None) -> Summary:
    """The summary of one count a score, lowest score first.

    `population` is the number of people who could have answered, when that is closed and known. Raises ValueError for
    counts that do not fit the scale.
    """
    checked = scale.checked(counts)
    if population is not None and population < sum(checked):
        raise ValueError("There cannot be more answers than people.")
    return Summary(scale, checked, population)


def pooled(summaries: Sequence[Summary]) -> Summary:
    """Several sets of answers as one; kinds never mix (M-21), which is `MixedScales`."""
    scales = {each.scale for each in summaries}
    if len(scales) != 1:
        raise MixedScales("Answers of different kinds are never put together.")
    return Summary(scales.pop(), tuple(map(sum, zip(*(each.counts for each in summaries), strict=True))))
