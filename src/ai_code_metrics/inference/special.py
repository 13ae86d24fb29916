"""The regularised incomplete beta function and its inverse, which exact limits and Student's t are made of."""

from __future__ import annotations

import math
from typing import Final

_TINY: Final = 1e-300
_EPSILON: Final = 1e-16
_MAX_TERMS: Final = 100_000
_MAX_STEPS: Final = 300
_ASYMPTOTIC: Final = 16.0
_NEAR: Final = 0.1
_NEAR_TERMS: Final = 8  # each is at most a hundredth of the one before


def beta_probability(x: float, a: float, b: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b), the distribution function of Beta(a, b).

    By its continued fraction (DLMF 8.17.22), evaluated by the modified method of Lentz (Thompson and Barnett 1986), on
    the side of the mean where it converges fast.

    Raises:
        ValueError: ``a`` or ``b`` is not positive.
    """
    if not (a > 0 and b > 0):
        raise ValueError(f"a, b: {a} and {b} are not both positive")
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - beta_probability(1 - x, b, a)
    return math.exp(_log_mass(x, a, b)) / a * _fraction(x, a, b)


def _log_mass(x: float, a: float, b: float) -> float:
    """The logarithm of x^a·(1-x)^b / B(a, b), which is x(1-x) times the density.

    By how far a and b are from what x expects, and by what Stirling's formula leaves out, so that large parts don't
    cancel each other (Loader 2000, Fast and Accurate Computation of Binomial Probabilities).
    """
    total = a + b
    excess = total * x - a
    distance = _deviance(a, total * x, -excess) + _deviance(b, total * (1 - x), excess)
    return math.log(a * (b / total) / (2 * math.pi)) / 2 + _stirling(total) - _stirling(a) - _stirling(b) - distance


def _deviance(value: float, expected: float, difference: float) -> float:
    """Return value·log(value/expected) less the difference of the two, by a series where they are near each other."""
    if abs(difference) >= _NEAR * (value + expected):
        return value * math.log(value / expected) - difference
    share = difference / (value + expected)
    series = math.fsum(share ** (odd - 1) / odd for odd in range(3, 2 * _NEAR_TERMS + 3, 2))
    return difference * share + 2 * value * share * series


def _stirling(z: float) -> float:
    """What Stirling's formula lacks of log Γ(z) (DLMF 5.11.1)."""
    if z < _ASYMPTOTIC:
        return math.lgamma(z) - ((z - 0.5) * math.log(z) - z + math.log(2 * math.pi) / 2)
    square = z * z
    return (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) / z


def _fraction(x: float, a: float, b: float) -> float:
    d = 1 / _nonzero(1 - (a + b) * x / (a + 1))
    c, value = 1.0, d
    for m in range(1, _MAX_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _nonzero(1 + term * d)
            c = _nonzero(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < _EPSILON * 2:
            break
    return value


def _nonzero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def beta_quantile(probability: float, a: float, b: float) -> float:
    """Return x with I_x(a, b) = ``probability``, by bisection that takes steps of Newton's where they stay inside.

    Raises:
        ValueError: ``probability`` is not from 0 to 1, or ``a`` or ``b`` is not positive.
    """
    if not 0 <= probability <= 1:
        raise ValueError(f"probability: {probability} is not from 0 to 1")
    if probability in {0.0, 1.0}:
        return float(probability)
    low, high, x = 0.0, 1.0, a / (a + b)
    for _ in range(_MAX_STEPS):
        error = beta_probability(x, a, b) - probability
        if error > 0:
            high = x
        else:
            low = x
        density = math.exp(_log_mass(x, a, b)) / (x * (1 - x)) if 0 < x < 1 else 0.0
        following = x - error / density if density else low
        if not low < following < high:
            following = (low + high) / 2
        if abs(following - x) <= _EPSILON * x:
            return following
        x = following
    return x


def student_quantile(confidence: float, freedom: float) -> float:
    """Return how far a two-sided interval reaches by Student's t: P(|T| > t) = I_{f/(f+t²)}(f/2, 1/2).

    (Abramowitz and Stegun 1964, 26.7.1.)

    Raises:
        ValueError: ``freedom`` is not positive, or ``confidence`` not between 0 and 1.
    """
    if not 0 < confidence < 1 or freedom <= 0:
        raise ValueError(f"confidence, freedom: there is no t for {confidence} and {freedom}")
    x = beta_quantile(1 - confidence, freedom / 2, 0.5)
    return math.sqrt(freedom * (1 / x - 1))
