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
    if not 0 < confidence < 1:
        raise ValueError(f"confidence: {confidence} is not between 0 and 1")
    return Z95 if confidence == 0.95 else NormalDist().inv_cdf((1 + confidence) / 2)  # noqa: PLR2004
