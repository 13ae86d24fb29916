"""What data of a given size could have shown."""

from __future__ import annotations

import math
from statistics import NormalDist

from ai_code_metrics.inference.intervals import check_probability, normal_quantile


def smallest_difference(
    proportion: float, total_1: float, total_2: float, *, confidence: float = 0.95, power: float = 0.8
) -> float:
    """Return the difference of two shares that is shown in ``power`` of the cases: (z₁+z₂)·√(p(1-p)(1/n₁+1/n₂)).

    At most 1 (Fleiss, Levin and Paik 2003, Statistical Methods for Rates and Proportions, chapter 4).

    Raises:
        ValueError: a total is not positive, ``proportion`` not from 0 to 1, or a level not between 0 and 1.
    """
    if not (total_1 > 0 and total_2 > 0):
        raise ValueError(f"total: {total_1} and {total_2} are not both positive")
    if not 0 <= proportion <= 1:
        raise ValueError(f"proportion: {proportion} is not from 0 to 1")
    reach = _reach(confidence, power)
    return min(1.0, reach * math.sqrt(proportion * (1 - proportion) * (1 / total_1 + 1 / total_2)))


def smallest_ratio(
    events_1: float, events_2: float, *, overdispersion: float = 1.0, confidence: float = 0.95, power: float = 0.8
) -> float | None:
    """Return the ratio of two rates, above 1, that is shown in ``power`` of the cases; None without events of both.

    exp((z₁+z₂)·√(φ(1/x₁+1/x₂))), from the variance of the logarithm of a ratio of Poisson counts.

    Raises:
        ValueError: ``overdispersion`` is not positive, or a level not between 0 and 1.
    """
    if not overdispersion > 0:
        raise ValueError(f"overdispersion: {overdispersion} is not positive")
    if not (events_1 > 0 and events_2 > 0):
        return None
    exponent = _reach(confidence, power) * math.sqrt(overdispersion * (1 / events_1 + 1 / events_2))
    return math.exp(min(exponent, 30.0))


def _reach(confidence: float, power: float) -> float:
    """How many standard deviations are told from none at that level, with that power."""
    check_probability("power", power)
    return normal_quantile(confidence) + NormalDist().inv_cdf(power)
