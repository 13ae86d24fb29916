"""Events by exposure, and their ratios."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ai_code_metrics.inference.intervals import Interval, check_probability
from ai_code_metrics.inference.special import beta_quantile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ai_code_metrics.inference.proportions import Stratum


def poisson_ratio(
    events_1: int, exposure_1: float, events_2: int, exposure_2: float, confidence: float = 0.95
) -> Interval:
    """Return the conditional exact limits of the ratio of two rates, the first by the second.

    Given all events, those of the first are binomial with odds of ratio·exposure₁/exposure₂ (Przyborowski and Wilenski
    1940, doi:10.1093/biomet/31.3-4.313), so that the limits of Clopper and Pearson give those of the ratio.

    Returns:
        The limits; the upper one is infinite where the second has no event.

    Raises:
        ValueError: an exposure is not positive, a count of events negative, there is no event at all, or ``confidence``
            is not between 0 and 1.
    """
    if not (exposure_1 > 0 and exposure_2 > 0):
        raise ValueError(f"exposure: {exposure_1} and {exposure_2} are not both positive")
    if not (events_1 >= 0 and events_2 >= 0 and events_1 + events_2 > 0):
        raise ValueError(f"events: of {events_1} and {events_2} one is negative, or there is none of either")
    check_probability("confidence", confidence)
    tail, scale = (1 - confidence) / 2, exposure_2 / exposure_1
    low = scale * _odds(tail, events_1, events_2 + 1) if events_1 else 0.0
    high = scale * _odds(1 - tail, events_1 + 1, events_2) if events_2 else math.inf
    return Interval(low, high)


def _odds(probability: float, a: float, b: float) -> float:
    """The quantile x of Beta(a, b) as x/(1-x); both from their own side, as one may be too near to 1 for the other."""
    return beta_quantile(probability, a, b) / beta_quantile(1 - probability, b, a)


def rate_ratio(strata: Iterable[Stratum]) -> float | None:
    """Return the ratio of rates over strata, Σ x₁n₂/N by Σ x₂n₁/N; None where the latter is 0.

    Mantel and Haenszel's estimate for rates (Rothman and Boice 1979; Greenland and Robins 1985, doi:10.2307/2530643).
    """
    upper = lower = 0.0
    for ai_events, ai_total, rest_events, rest_total in strata:
        if ai_total > 0 and rest_total > 0:
            upper += ai_events * rest_total / (ai_total + rest_total)
            lower += rest_events * ai_total / (ai_total + rest_total)
    return upper / lower if lower else None


def log_rate_ratio_variance(strata: Iterable[Stratum]) -> float | None:
    """Return the variance of the logarithm of :func:`rate_ratio` where events are independent; None without events.

    Σ n₁n₂X/N² by (Σ x₁n₂/N)(Σ x₂n₁/N) (Greenland and Robins 1985, doi:10.2307/2530643).
    """
    upper = lower = spread = 0.0
    for ai_events, ai_total, rest_events, rest_total in strata:
        if ai_total > 0 and rest_total > 0:
            total = ai_total + rest_total
            upper += ai_events * rest_total / total
            lower += rest_events * ai_total / total
            spread += ai_total * rest_total * (ai_events + rest_events) / total**2
    return spread / (upper * lower) if upper and lower else None


def rule_of_three(total: float, confidence: float = 0.95) -> float:
    """Return the upper bound of a rate of which no event was seen: -ln(1 - confidence) by ``total``, about 3 by it.

    Hanley and Lippman-Hand 1983 (JAMA 249:1743).

    Raises:
        ValueError: ``total`` is not positive, or ``confidence`` not between 0 and 1.
    """
    if not total > 0:
        raise ValueError(f"total: {total} is not positive")
    check_probability("confidence", confidence)
    return -math.log1p(-confidence) / total
