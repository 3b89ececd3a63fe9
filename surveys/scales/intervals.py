"""Normal and t quantiles, the Wilson interval of a share, finite populations and sample sizes."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import ceil, exp, lgamma, log, log1p, sqrt
from statistics import NormalDist

LEVEL = 0.95
LARGE_DF = 400
NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Interval:
    """A confidence interval in the unit of the number it belongs to, and how it was computed."""

    low: float
    high: float
    method: str

    @property
    def width(self) -> float:
        return self.high - self.low

    def clipped(self, low: float, high: float) -> Interval:
        return Interval(min(max(self.low, low), high), min(max(self.high, low), high), self.method)


@lru_cache(maxsize=32)
def z_for(level: float = LEVEL) -> float:
    """The exact two-sided normal quantile: 1.959963984540054 for 95 percent, not 1.96 (M-07)."""
    return NORMAL.inv_cdf((1 + level) / 2)


def two_sided(z: float) -> float:
    """The chance of a standard normal value at least this far from 0."""
    return 2 * NORMAL.cdf(-abs(z))


def _beta_fraction(a: float, b: float, x: float) -> float:
    """The continued fraction of the incomplete beta function, by Lentz's method (NIST DLMF 8.17.22)."""
    tiny = 1e-300
    c, d = 1.0, 1 / _away_from_zero(1 - (a + b) * x / (a + 1), tiny)
    total = d
    for m in range(1, 2000):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _away_from_zero(1 + step * d, tiny)
            c = _away_from_zero(1 + step / c, tiny)
            total *= c * d
        if abs(c * d - 1) < 1e-16:
            break
    return total


def _away_from_zero(value: float, tiny: float) -> float:
    return tiny if abs(value) < tiny else value


def regularised_beta(a: float, b: float, x: float) -> float:
    """I_x(a, b), the regularised incomplete beta function, for 0 <= x <= 1."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _beta_fraction(a, b, x) / a
    return 1 - front * _beta_fraction(b, a, 1 - x) / b


def two_sided_t(t: float, df: float) -> float:
    """The chance of a value of Student's t with `df` degrees of freedom at least this far from 0."""
    return regularised_beta(df / 2, 0.5, df / (df + t * t))


@lru_cache(maxsize=1024)
def t_quantile(df: float, level: float = LEVEL) -> float:
    """The two-sided quantile of Student's t: 12.706204736 for 1 degree of freedom and 95 percent."""
    if df <= 0:
        raise ValueError("Degrees of freedom start above 0.")
    if df > LARGE_DF:
        return _t_expansion(z_for(level), df)
    low, high = 0.0, 2.0
    while two_sided_t(high, df) > 1 - level:
        high *= 2
    for _step in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if two_sided_t(middle, df) > 1 - level else (low, middle)
    return (low + high) / 2


def _t_expansion(z: float, df: float) -> float:
    """Abramowitz and Stegun 26.7.5; beyond 400 degrees of freedom its error is below 1e-12."""
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / df ** (power + 1) for power, term in enumerate(terms))


def wilson(hits: int, n: int, level: float = LEVEL) -> Interval | None:
    """The score interval of a share in percent (Wilson 1927); None when there are no answers."""
    if n == 0:
        return None
    z = z_for(level)
    centre = (hits + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * sqrt(hits * (n - hits) / n + z * z / 4)
    low = 0.0 if hits == 0 else 100 * (centre - half)
    high = 100.0 if hits == n else 100 * (centre + half)
    return Interval(low, high, "wilson")


def shrunk(interval: Interval, centre: Fraction, n: int, population: int) -> Interval:
    """The interval of a sample of n out of a closed population, both distances scaled by sqrt((N-n)/(N-1)).

    Cochran, Sampling Techniques (1977). Nothing changes up to a twentieth of the population; a census has width 0.
    """
    if population < n:
        raise ValueError("There cannot be more answers than people.")
    if n * 20 <= population:
        return interval
    factor = sqrt((population - n) / (population - 1)) if population > 1 else 0.0
    middle = float(centre)
    return Interval(
        middle - factor * (middle - interval.low), middle + factor * (interval.high - middle), interval.method
    )


def sample_size(margin: float, population: int | None = None, variance: float = 1.0, level: float = LEVEL) -> int:
    """Answers needed for an interval of plus or minus `margin` NPS points.

    `variance` is that of one answer coded -1, 0, 1: 1 when nothing is known (the worst case), 0.61 for 50/30/20.
    """
    if margin <= 0:
        raise ValueError("The margin is a number of points above 0.")
    needed = z_for(level) ** 2 * variance / (margin / 100) ** 2
    if population is not None:
        needed /= 1 + (needed - 1) / population
    return ceil(needed - 1e-9)
