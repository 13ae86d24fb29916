"""Shares and their differences: intervals, and the estimate of Mantel and Haenszel.

Counts may be fractions: sizes by a design effect are.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from ai_code_metrics.inference.intervals import Interval, check_probability, normal_quantile
from ai_code_metrics.inference.special import beta_quantile

if TYPE_CHECKING:
    from collections.abc import Iterable


class Stratum(NamedTuple):
    """Events and totals (or exposures) of both arms in one stratum."""

    ai_events: float
    ai_total: float
    rest_events: float
    rest_total: float


def wilson(events: float, total: float, confidence: float = 0.95) -> Interval:
    """Return the score interval of a share (Wilson 1927, doi:10.1080/01621459.1927.10502953).

    Raises:
        ValueError: ``total`` is not positive, ``events`` not from 0 to it, or ``confidence`` not between 0 and 1.
    """
    _check(events, total)
    z = normal_quantile(confidence)
    share, square = events / total, z * z / total
    centre = (share + square / 2) / (1 + square)
    reach = z / (1 + square) * math.sqrt(share * (1 - share) / total + square / (4 * total))
    return Interval(max(0.0, centre - reach), min(1.0, centre + reach))


def newcombe(events_1: float, total_1: float, events_2: float, total_2: float, confidence: float = 0.95) -> Interval:
    """Return the hybrid score interval of the difference of two shares, the first less the second.

    Method 10 of Newcombe 1998 (Statistics in Medicine 17:873), from the two Wilson intervals.

    Raises:
        ValueError: as :func:`wilson`.
    """
    first, second = wilson(events_1, total_1, confidence), wilson(events_2, total_2, confidence)
    share_1, share_2 = events_1 / total_1, events_2 / total_2
    difference = share_1 - share_2
    return Interval(
        max(-1.0, difference - math.hypot(share_1 - first.low, second.high - share_2)),
        min(1.0, difference + math.hypot(first.high - share_1, share_2 - second.low)),
    )


def clopper_pearson(events: int, total: int, confidence: float = 0.95) -> Interval:
    """Return the exact interval of a share (Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404), by beta quantiles.

    Raises:
        ValueError: as :func:`wilson`.
    """
    _check(events, total)
    check_probability("confidence", confidence)
    tail = (1 - confidence) / 2
    low = beta_quantile(tail, events, total - events + 1) if events else 0.0
    high = beta_quantile(1 - tail, events + 1, total - events) if events < total else 1.0
    return Interval(low, high)


def risk_difference(strata: Iterable[Stratum]) -> float | None:
    """Return the difference of shares over strata, weighted by n₁n₂/N; None where no stratum holds both arms.

    Mantel and Haenszel's weights for a difference (Greenland and Robins 1985, doi:10.2307/2530643).
    """
    upper = lower = 0.0
    for ai_events, ai_total, rest_events, rest_total in strata:
        if ai_total > 0 and rest_total > 0:
            total = ai_total + rest_total
            upper += (ai_events * rest_total - rest_events * ai_total) / total
            lower += ai_total * rest_total / total
    return upper / lower if lower else None


def _check(events: float, total: float) -> None:
    if not total > 0:
        raise ValueError(f"total: {total} is not positive")
    if not 0 <= events <= total:
        raise ValueError(f"events: {events} is not from 0 to {total}")
