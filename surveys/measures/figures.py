"""Scores as people read them: rounded once, with their sign, interval and direction (M-06)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from surveys.lib.i18n import _
from surveys.scales import Direction, Headline, Scale, Summary, rounded

MINUS = "−"


def headline(summary: Summary) -> str | None:
    """The number that stands large: NPS 31, a mean 2.13, a share 63%; None when there is no answer."""
    return None if summary.score is None else figure(summary.scale, summary.score)


def interval(summary: Summary) -> str | None:
    """The 95 percent interval in words: "25 to 37"."""
    found = summary.interval
    if found is None:
        return None
    low, high = (figure(summary.scale, Fraction(end)) for end in (found.low, found.high))
    return _("%(low)s to %(high)s", low=low, high=high)


def figure(scale: Scale, value: Fraction) -> str:
    shown = signed(rounded(value, scale.places))
    return f"{shown}%" if scale.headline is Headline.SHARE else shown


def signed(value: Decimal) -> str:
    """A number with a real minus sign and never a minus zero."""
    return f"{MINUS}{abs(value):f}" if value < 0 else f"{abs(value):f}"


def direction(scale: Scale) -> str:
    """Which way is better, where that is not plain: printed beside every number of effort and ease (M-20)."""
    return _("lower is better") if scale.direction is Direction.LOWER else _("higher is better")
