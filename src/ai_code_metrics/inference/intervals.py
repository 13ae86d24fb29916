"""What an estimate is told with."""

from __future__ import annotations

from statistics import NormalDist
from typing import Final, NamedTuple

Z95: Final = 1.959963984540054
"""The normal quantile of a two-sided 95 % interval."""


class Interval(NamedTuple):
    """Lower and upper limit."""

    low: float
    high: float


def normal_quantile(confidence: float) -> float:
    """Return how many standard deviations a two-sided interval reaches to each side.

    Raises:
        ValueError: ``confidence`` is not between 0 and 1.
    """
    check_probability("confidence", confidence)
    return Z95 if confidence == 0.95 else NormalDist().inv_cdf((1 + confidence) / 2)  # noqa: PLR2004


def check_probability(name: str, value: float) -> None:
    """Refuse what can be no level of an interval or of a test.

    Raises:
        ValueError: ``value`` is not between 0 and 1; ``name`` is the argument's.
    """
    if not 0 < value < 1:
        raise ValueError(f"{name}: {value} is not between 0 and 1")
