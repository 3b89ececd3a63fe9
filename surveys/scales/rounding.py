"""Rounding once, half away from zero, from exact fractions (12.5 is 13 and -12.5 is -13)."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction


def rounded(value: Fraction, places: int = 0) -> Decimal:
    """The value with that many decimals, half away from zero; never a negative zero.

    Python's own `round` and format round half to even and so show 62.5 as 62.
    """
    units = int(abs(value) * 10**places + Fraction(1, 2))
    return Decimal(-units if value < 0 else units).scaleb(-places)
