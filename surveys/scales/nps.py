"""The Net Promoter Score and its intervals.

Rocks, "Interval Estimation for the Net Promoter Score", The American Statistician 70(4), 2016; Tango, Statistics in
Medicine 17, 1998. The score is 100 (promoters - detractors) / n.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

from surveys.scales.intervals import LEVEL, Interval, z_for

PSEUDO = Fraction(3, 4)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many answers of each segment; fractions after pseudo-counts were added."""

    bad: Fraction | int
    middle: Fraction | int
    good: Fraction | int

    @property
    def n(self) -> Fraction | int:
        return self.bad + self.middle + self.good

    @property
    def score(self) -> Fraction:
        """-100 to 100, exact."""
        return Fraction(100 * (self.good - self.bad)) / self.n

    @property
    def variance(self) -> Fraction:
        """Of one answer coded -1, 0, 1; the divisor is n."""
        p, d = Fraction(self.good) / self.n, Fraction(self.bad) / self.n
        return p + d - (p - d) ** 2

    @property
    def standard_error(self) -> float:
        """In points."""
        return 100 * sqrt(self.variance / self.n)

    def adjusted(self) -> Tally:
        """With three quarters added to both ends and one and a half in the middle (Rocks 2016)."""
        return Tally(self.bad + PSEUDO, self.middle + 2 * PSEUDO, self.good + PSEUDO)


def adjusted_wald(tally: Tally, level: float = LEVEL) -> Interval | None:
    """The interval Koe shows: Wald's around the adjusted counts; None when there are no answers."""
    if not tally.n:
        return None
    adjusted = tally.adjusted()
    half = z_for(level) * adjusted.standard_error
    centre = float(adjusted.score)
    return Interval(centre - half, centre + half, "adjusted_wald").clipped(-100, 100)


def score_tango(tally: Tally, level: float = LEVEL) -> Interval | None:
    """Every score that the data do not contradict (Tango 1998, for NPS by Rocks 2016), both ends by bisection."""
    if not tally.n:
        return None
    n, bad, good = float(tally.n), float(tally.bad), float(tally.good)
    z = z_for(level)

    def excess(delta: float) -> float:
        a, b, c = 2 * n, -bad - good + (2 * n - good + bad) * delta, -bad * delta * (1 - delta)
        q = (sqrt(max(b * b - 4 * a * c, 0.0)) - b) / (2 * a)
        return abs(good - bad - n * delta) - z * sqrt(max(n * (2 * q + delta * (1 - delta)), 0.0))

    centre = (good - bad) / n
    low = -1.0 if bad == n else _crossing(excess, -1.0, centre)
    high = 1.0 if good == n else _crossing(excess, 1.0, centre)
    return Interval(100 * low, 100 * high, "score_tango")


def _crossing(excess: Callable[[float], float], outside: float, inside: float) -> float:
    if excess(outside) <= 0:
        return outside
    for _step in range(100):
        middle = (outside + inside) / 2
        outside, inside = (middle, inside) if excess(middle) > 0 else (outside, middle)
    return inside
