"""Scales: which scores there are, which of them are good news, and what the headline number is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Direction(StrEnum):
    """Which end of a scale is the good one; part of the scale, never a display option."""

    HIGHER = "higher"
    LOWER = "lower"


class Segment(StrEnum):
    """Where a score falls: promoter, passive and detractor for NPS, their likes for the other kinds."""

    GOOD = "good"
    MIDDLE = "middle"
    BAD = "bad"


NPS_WORDS = {Segment.GOOD: "promoter", Segment.MIDDLE: "passive", Segment.BAD: "detractor"}


class Headline(StrEnum):
    """The number a kind is known by."""

    NPS = "nps"  # good minus bad, -100 to 100
    MEAN = "mean"
    SHARE = "share"  # the good ones, percent


class NotAScore(ValueError):
    """What was given is not a score of that scale."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A set of whole scores from `low` to `high`, cut into three ranges (both ends included)."""

    key: str
    low: int
    high: int
    direction: Direction
    bad: tuple[int, int]
    middle: tuple[int, int]
    good: tuple[int, int]
    headline: Headline

    def __post_init__(self) -> None:
        cut = [value for first, last in (self.bad, self.middle, self.good) for value in range(first, last + 1)]
        if sorted(cut) != list(self.scores):
            raise ValueError(f"The ranges of {self.key} do not cut {self.low} to {self.high} into three.")
        if (self.good > self.bad) != (self.direction is Direction.HIGHER):
            raise ValueError(f"The direction of {self.key} does not fit its ranges.")

    @property
    def scores(self) -> range:
        return range(self.low, self.high + 1)

    @property
    def worst(self) -> int:
        return self.low if self.direction is Direction.HIGHER else self.high

    @property
    def best(self) -> int:
        return self.high if self.direction is Direction.HIGHER else self.low

    @property
    def places(self) -> int:
        """Decimals shown: two for a mean, none for percentages and NPS."""
        return 2 if self.headline is Headline.MEAN else 0

    @property
    def limits(self) -> tuple[int, int]:
        """The lowest and the highest value the headline can have."""
        if self.headline is Headline.MEAN:
            return self.low, self.high
        return (-100, 100) if self.headline is Headline.NPS else (0, 100)

    def segment(self, score: int) -> Segment:
        """The segment of a score; a number outside the scale is `NotAScore`."""
        for segment, (first, last) in (
            (Segment.BAD, self.bad),
            (Segment.MIDDLE, self.middle),
            (Segment.GOOD, self.good),
        ):
            if first <= score <= last:
                return segment
        raise NotAScore(f"{score} is not from {self.low} to {self.high}.")

    def word(self, segment: Segment) -> str:
        """What the field calls this segment: promoter, passive, detractor for NPS, else good, middle, bad."""
        return NPS_WORDS[segment] if self.headline is Headline.NPS else segment.value

    def count(self, segment: Segment, counts: Sequence[int]) -> int:
        """How many of the answers, given as one count a score, fall into the segment."""
        first, last = getattr(self, segment.value)
        return sum(counts[first - self.low : last - self.low + 1])

    def checked(self, counts: Sequence[int]) -> tuple[int, ...]:
        """The counts as a tuple; anything but one whole number from 0 up for each score is refused."""
        if len(counts) != len(self.scores):
            raise ValueError(f"{self.key} needs {len(self.scores)} counts, one a score, not {len(counts)}.")
        if any(type(count) is not int or count < 0 for count in counts):
            raise ValueError("Counts are whole numbers from 0 up.")
        return tuple(counts)


class Gravity(IntEnum):
    """How bad a score is beyond being bad: one we apologise for, or of the worse half of those."""

    FINE = 0
    VERY_LOW = 1
    WORST = 2


def gravity(ranges: Mapping[str, Sequence[int]], score: int | None) -> Gravity:
    """The gravity of a score; `ranges` of a kind: bad, middle, good, and worst, those we apologise for."""
    first, last = ranges.get("worst", (1, 0))
    if score is None or not first <= score <= last:
        return Gravity.FINE
    from_the_end = score - first if list(ranges["bad"]) < list(ranges["good"]) else last - score
    return Gravity.WORST if 2 * from_the_end <= last - first else Gravity.VERY_LOW


def parse_score(scale: Scale, text: object) -> int:
    """The score a person sent, in the strictest reading: plain ASCII digits without sign, space or leading zero.

    `int()` would also take full-width and Arabic digits, "1_0", " 9 " and "+7" (M-03).
    """
    allowed = {str(score): score for score in scale.scores}
    if type(text) is not str or text not in allowed:
        raise NotAScore(f"Not a score from {scale.low} to {scale.high}.")
    return allowed[text]


def _five(key: str, headline: Headline) -> Scale:
    return Scale(key, 1, 5, Direction.HIGHER, (1, 2), (3, 3), (4, 5), headline)


SCALES: dict[str, Scale] = {
    scale.key: scale
    for scale in (
        Scale("nps", 0, 10, Direction.HIGHER, (0, 6), (7, 8), (9, 10), Headline.NPS),
        Scale("ces", 1, 5, Direction.LOWER, (4, 5), (3, 3), (1, 2), Headline.MEAN),
        Scale("ces2", 1, 7, Direction.HIGHER, (1, 3), (4, 4), (5, 7), Headline.SHARE),
        _five("ease5", Headline.SHARE),
        _five("csat", Headline.SHARE),
        _five("goal", Headline.SHARE),
    )
}
"""The kinds Koe is delivered with; `form` has no scored question and so no scale."""
