"""Means of scores and the t interval of a mean; counts are a mapping of value to how often it was given."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import sqrt

from surveys.scales.intervals import LEVEL, Interval, t_quantile


def mean_of(counts: Mapping[int, int]) -> Fraction | None:
    """The exact mean; None when there are no answers."""
    n = sum(counts.values())
    return Fraction(sum(value * count for value, count in counts.items()), n) if n else None


def variance_of(counts: Mapping[int, int]) -> Fraction | None:
    """The exact sample variance, divisor n - 1; None below two answers."""
    n = sum(counts.values())
    mean = mean_of(counts)
    if mean is None or n < 2:
        return None
    return sum((count * (value - mean) ** 2 for value, count in counts.items()), Fraction(0)) / (n - 1)


def mean_interval(counts: Mapping[int, int], level: float = LEVEL) -> Interval | None:
    """Mean plus and minus t(n-1) s / sqrt(n), within the values there are; None below two answers."""
    mean, variance, n = mean_of(counts), variance_of(counts), sum(counts.values())
    if mean is None or variance is None:
        return None
    half = t_quantile(n - 1, level) * sqrt(variance / n)
    return Interval(float(mean) - half, float(mean) + half, "t").clipped(min(counts), max(counts))
