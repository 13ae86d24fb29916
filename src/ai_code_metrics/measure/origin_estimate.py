"""What a comparison of two arms in one metric has found, before it is judged, and how much data that takes."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from ai_code_metrics.inference import power
from ai_code_metrics.inference.intervals import Z95
from ai_code_metrics.inference.permutation import permutation_test
from ai_code_metrics.inference.special import student_quantile

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ai_code_metrics.comparison_model import Permuted, Scale
    from ai_code_metrics.inference.permutation import Cluster, PermutationResult

MIN_CLUSTERS: Final = 5
MIN_LINES: Final = 100
MIN_EVENTS: Final = 10
PERMUTATIONS: Final = 9_999
_FIRST_LOOK: Final = 999
_CLEAR: Final = 0.1
_CONFIDENCE: Final = 0.95
_MIX: Final = 2.0


class Pair(NamedTuple):
    """A number of each arm."""

    ai: float
    untagged: float


class Sizes(NamedTuple):
    """What there is of each arm: clusters, events and totals."""

    clusters: Pair
    events: Pair
    totals: Pair


@dataclass(frozen=True, slots=True)
class Estimate:
    """Both arms' figures and their difference, not yet judged.

    Figures are shares, or events by lines. ``difference``, its limits and ``smallest`` are on ``scale``; None: not
    known. ``sizes`` is what the headline is made of, ``whole`` all there is. ``p`` is None where there is less data
    than a comparison needs, and then ``shortage`` says what there is.
    """

    scale: Scale
    whole: Sizes
    sizes: Sizes
    permuted: Permuted
    figures: tuple[float | None, float | None]
    crude: float | None = None
    stratified: float | None = None
    difference: float | None = None
    limits: tuple[float | None, float | None] = (None, None)
    by_hunk_size: float | None = None
    smallest: float | None = None
    p: float | None = None
    permutations: int = 0
    shortage: str = ""
    bounds: Mapping[Literal["ai", "untagged"], float] = field(default_factory=dict)

    @property
    def is_mix(self) -> bool:
        """Whether crude and stratified difference differ in sign or by more than 2 times."""
        if self.crude is None or self.stratified is None:
            return False
        crude, stratified = self.crude, self.stratified
        if self.scale == "ratio":
            if not crude or not stratified:
                return crude != stratified
            crude, stratified = math.log(crude), math.log(stratified)
        return crude * stratified < 0 or max(abs(crude), abs(stratified)) > _MIX * min(abs(crude), abs(stratified))


def tested(estimate: Estimate, divisions: Iterable[Sequence[Cluster]], seed: int, permutations: int) -> Estimate:
    """Give an estimate its p, the largest by several divisions into clusters.

    Where a tenth of the permutations leaves no doubt (p over 0.1), these are all.
    """
    if not permutations:
        return estimate
    found = max((_permuted(clusters, seed, permutations) for clusters in divisions), key=lambda result: result.p)
    return replace(estimate, p=found.p, permutations=found.permutations)


def _permuted(clusters: Sequence[Cluster], seed: int, permutations: int) -> PermutationResult:
    result = permutation_test(clusters, seed=seed, permutations=min(_FIRST_LOOK, permutations))
    if result.is_exact or result.p > _CLEAR or permutations <= _FIRST_LOOK:
        return result
    return permutation_test(clusters, seed=seed, permutations=permutations)


def small_sample(count: float) -> float:
    """By how much a variance of so few clusters is too small for a normal quantile: (t / z)²."""
    return (student_quantile(_CONFIDENCE, max(1.0, count - 1)) / Z95) ** 2


def smallest_difference(share: float, sizes: Sizes, effective: Sizes | None) -> float | None:
    """Return the difference that would have been shown in 4 of 5 cases; None where an arm has no cluster.

    Args:
        share: of both arms together.
        sizes: what there is.
        effective: sizes as of independent lines; where they aren't known, each cluster is one observation.
    """
    if min(sizes.clusters) < 1:
        return None
    totals = sizes.clusters if effective is None else effective.totals
    # half an event more of each kind: where all or none are events, something else could have been
    count = sum(totals)
    return power.smallest_difference((share * count + 0.5) / (count + 1), *totals)


def shortage(sizes: Sizes, permuted: Permuted, noun: str, *, events: str = "") -> str:
    """Say what there is, where that is less than a comparison needs; empty where it is enough.

    Args:
        sizes: what there is.
        permuted: what the clusters are.
        noun: what the totals are, in the plural.
        events: what the events are, where their number counts too.
    """
    enough = min(sizes.clusters) >= MIN_CLUSTERS and min(sizes.totals) >= MIN_LINES
    if enough and (not events or min(sizes.events) >= MIN_EVENTS):
        return ""
    clusters_noun = permuted.partition(" ")[0]
    have, need = [f"{_each(sizes.totals)} {noun}"], [f"{MIN_CLUSTERS} {clusters_noun}", f"{MIN_LINES} {noun}"]
    if events:
        have.append(f"{_each(sizes.events)} {events}")
        need.append(f"{MIN_EVENTS} {events}")
    return (
        f"not enough data: {int(sizes.clusters.ai):,} AI-tagged and {int(sizes.clusters.untagged):,} untagged "
        f"{clusters_noun} with {' and '.join(have)}; a comparison needs {', '.join(need)} of each"
    )


def _each(pair: Pair) -> str:
    return f"{int(pair.ai):,} and {int(pair.untagged):,}"
