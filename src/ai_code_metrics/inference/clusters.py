"""Variances where observations come in clusters: those within one are alike, and so tell less than their number."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def ratio_variance(numerators: Sequence[float], denominators: Sequence[float]) -> float | None:
    """Return the linearised variance of Σ numerators by Σ denominators over independent clusters.

    m/(m-1)·Σ(a - Rb)²/(Σb)², the ratio estimator's (Cochran 1977, Sampling Techniques, 6.4; Woodruff 1971,
    doi:10.1080/01621459.1971.10482279).

    Returns:
        The variance; None under two clusters, or where the denominators sum to 0.
    """
    count, total = len(denominators), sum(denominators)
    if count < 2 or not total:  # noqa: PLR2004
        return None
    ratio = sum(numerators) / total
    squares = sum((a - ratio * b) ** 2 for a, b in zip(numerators, denominators, strict=True))
    return count / (count - 1) * squares / total**2


def proportion_design_effect(clusters: Sequence[tuple[float, float]]) -> float | None:
    """Return by how much clusters make the variance of a share larger than that of independent observations.

    The linearised variance by p(1-p)/N (Rao and Scott 1992, doi:10.2307/2532311), at least 1. Where all or no
    observations are events, Σn²/N, as if each cluster were one observation.

    Args:
        clusters: events and total of each.

    Returns:
        The design effect; None under two clusters, or without observations.
    """
    variance = ratio_variance([events for events, _ in clusters], [total for _, total in clusters])
    if variance is None:
        return None
    total = sum(size for _, size in clusters)
    share = sum(events for events, _ in clusters) / total
    if not 0 < share < 1:
        return sum(size**2 for _, size in clusters) / total
    return max(1.0, variance * total / (share * (1 - share)))
