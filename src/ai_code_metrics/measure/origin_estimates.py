"""How two arms differ in one metric, and how sure that is, when lines come in clusters.

Lines of one function are written and tested together. With no true difference, intervals that take lines for
independent "find" one in up to two thirds of all trials; permuting the arms of whole clusters finds it in 5 %. Where
enough files hold functions of both arms, functions are compared with others of their file; else whole files are.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from ai_code_metrics.inference import clusters, power, proportions, rates
from ai_code_metrics.inference.permutation import Cluster
from ai_code_metrics.inference.proportions import Stratum
from ai_code_metrics.measure.origin_estimate import (
    MIN_LINES,
    PERMUTATIONS,
    Estimate,
    Pair,
    Sizes,
    shortage,
    small_sample,
    smallest_difference,
    tested,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from ai_code_metrics.comparison_model import Permuted, Scale
    from ai_code_metrics.measure.origin_cells import Cell

MIN_MIXED_FILES: Final = 5
MIN_FUNCTIONS: Final = 2
_MAX_LOG: Final = 20.0
_BY_COMMIT_TOO: Final[dict[Permuted, Permuted]] = {
    "functions within files": "functions within files, and commits",
    "files": "files, and commits",
}
_ARMS: Final[tuple[Literal["ai", "untagged"], ...]] = ("ai", "untagged")


class _Scheme(NamedTuple):
    """What is taken as independent, and the cells that are compared by it."""

    permuted: Permuted
    cells: Sequence[Cell]
    cluster: Callable[[Cell], Hashable]
    stratum: Callable[[Cell], Hashable]


def proportion(
    cells: Sequence[Cell], noun: str, *, seed: int, permutations: int = PERMUTATIONS, by_commit: bool = False
) -> Estimate:
    """Compare the share of events among lines.

    The estimate is the Mantel-Haenszel risk difference stratified by file, or the crude one where files are compared;
    its interval is Newcombe's on effective sizes, which are the sizes by the design effect of the clusters.

    Args:
        cells: of one metric.
        noun: what the totals are, in the plural.
        seed: of the permutations.
        permutations: at most so many.
        by_commit: take commits as clusters, and the crude estimate.
    """
    estimate, scheme = _started(cells, "difference", by_commit=by_commit)
    whole = estimate.whole
    if min(whole.totals) <= 0:
        return replace(estimate, shortage=shortage(estimate.sizes, estimate.permuted, noun))
    crude = _difference(whole)
    stratified = None
    headline: float | None = crude
    sizes = _effective_crude(scheme)
    if scheme.permuted == "functions within files":
        stratified = headline = proportions.risk_difference(_strata(scheme.cells, lambda cell: cell.path))
        sizes = _effective_stratified(scheme)
    estimate = replace(
        estimate,
        crude=crude,
        stratified=stratified,
        difference=headline,
        by_hunk_size=proportions.risk_difference(_strata(cells, lambda cell: cell.hunk)),
        smallest=smallest_difference(sum(whole.events) / sum(whole.totals), estimate.sizes, sizes),
        shortage=shortage(estimate.sizes, estimate.permuted, noun),
    )
    if estimate.shortage or sizes is None:
        return estimate
    limits = proportions.newcombe(sizes.events.ai, sizes.totals.ai, sizes.events.untagged, sizes.totals.untagged)
    return tested(replace(estimate, limits=(limits.low, limits.high)), [_clusters(scheme)], seed, permutations)


def rate(cells: Sequence[Cell], noun: str, *, seed: int, permutations: int = PERMUTATIONS) -> Estimate:
    """Compare the number of events by lines.

    The estimate is the Mantel-Haenszel rate ratio stratified by file, or the crude one; its limits are the conditional
    exact ones, widened on the logarithmic scale by the root of the overdispersion of the clusters. Commits are permuted
    too, and the larger p counts: one commit brings the same finding into many functions. Arguments are those of
    :func:`proportion`.
    """
    estimate, scheme = _started(cells, "ratio")
    whole = estimate.whole
    bounds = {arm: rates.rule_of_three(getattr(whole.totals, arm)) for arm in _ARMS if _is_without(whole, arm)}
    lacking = shortage(estimate.sizes, estimate.permuted, noun, events="findings")
    estimate = replace(estimate, bounds=bounds, shortage=lacking)
    if min(whole.totals) <= 0 or not whole.events.untagged:
        return estimate
    crude = _ratio(whole)
    stratified = None
    headline: float | None = crude
    if scheme.permuted == "functions within files":
        stratified = headline = rates.rate_ratio(_strata(scheme.cells, lambda cell: cell.path))
    widening = _overdispersion(scheme, estimate.sizes, headline)
    estimate = replace(
        estimate,
        crude=crude,
        stratified=stratified,
        difference=headline,
        by_hunk_size=rates.rate_ratio(_strata(cells, lambda cell: cell.hunk)),
        smallest=power.smallest_ratio(*estimate.sizes.events, overdispersion=widening or 1.0),
    )
    if estimate.shortage or not headline or widening is None:
        return estimate
    limits = _ratio_limits(estimate.sizes, headline, widening)
    also = _BY_COMMIT_TOO[scheme.permuted]
    divisions = (_clusters(scheme), _clusters(scheme, by_commit=True))
    return tested(replace(estimate, limits=limits, permuted=also), divisions, seed, permutations)


def _started(cells: Sequence[Cell], scale: Scale, *, by_commit: bool = False) -> tuple[Estimate, _Scheme]:
    scheme = _Scheme("commits", cells, lambda cell: cell.commit, lambda _: None) if by_commit else _choose(cells)
    whole = _sizes(cells, scheme.cluster)
    sizes = _sizes(scheme.cells, scheme.cluster)
    figures = tuple(events / total if total else None for events, total in zip(whole.events, whole.totals, strict=True))
    return Estimate(scale, whole, sizes, scheme.permuted, (figures[0], figures[1])), scheme


def _choose(cells: Sequence[Cell]) -> _Scheme:
    """Functions within files where at least 5 files hold at least 2 functions of each arm, else files.

    Of functions only what stands inside of them is compared: what is outside runs at import, whoever wrote it.
    """
    inside = _inside(cells)
    lines: defaultdict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for cell in inside:
        lines[cell.path, cell.unit][cell.arm] += cell.total
    functions: defaultdict[str, Counter[str]] = defaultdict(Counter)
    arms: defaultdict[str, set[str]] = defaultdict(set)
    for (path, _), owned in lines.items():
        functions[path]["ai" if owned["ai"] > owned["untagged"] else "untagged"] += 1
        arms[path].update(owned)
    rich = sum(min(count["ai"], count["untagged"]) >= MIN_FUNCTIONS for count in functions.values())
    if rich < MIN_MIXED_FILES:
        return _Scheme("files", cells, lambda cell: cell.path, lambda _: None)
    mixed = {path for path, found in arms.items() if len(found) > 1}
    compared = [cell for cell in inside if cell.path in mixed]
    return _Scheme("functions within files", compared, lambda cell: (cell.path, cell.unit), lambda cell: cell.path)


def _inside(cells: Iterable[Cell]) -> list[Cell]:
    return [cell for cell in cells if cell.unit]


def _sizes(cells: Iterable[Cell], cluster: Callable[[Cell], Hashable]) -> Sizes:
    clusters_of: dict[str, set[Hashable]] = {"ai": set(), "untagged": set()}
    events, totals = Counter[str](), Counter[str]()
    for cell in cells:
        clusters_of[cell.arm].add(cluster(cell))
        events[cell.arm] += cell.events
        totals[cell.arm] += cell.total
    return Sizes(
        Pair(len(clusters_of["ai"]), len(clusters_of["untagged"])),
        Pair(events["ai"], events["untagged"]),
        Pair(totals["ai"], totals["untagged"]),
    )


def _strata(cells: Iterable[Cell], stratum: Callable[[Cell], Hashable]) -> list[Stratum]:
    return [Stratum(*numbers) for numbers in _tables(cells, stratum).values()]


def _tables(cells: Iterable[Cell], key: Callable[[Cell], Hashable]) -> dict[Hashable, list[float]]:
    """Events and totals of both arms by a key."""
    tables: dict[Hashable, list[float]] = {}
    for cell in cells:
        numbers = tables.setdefault(key(cell), [0.0, 0.0, 0.0, 0.0])
        place = 0 if cell.arm == "ai" else 2
        numbers[place] += cell.events
        numbers[place + 1] += cell.total
    return tables


def _difference(sizes: Sizes) -> float:
    return sizes.events.ai / sizes.totals.ai - sizes.events.untagged / sizes.totals.untagged


def _is_without(sizes: Sizes, arm: str) -> bool:
    """Whether an arm has lines, more than a few, but no event."""
    return getattr(sizes.totals, arm) >= MIN_LINES and not getattr(sizes.events, arm)


def _ratio(sizes: Sizes) -> float:
    return sizes.events.ai * sizes.totals.untagged / (sizes.totals.ai * sizes.events.untagged)


def _effective_crude(scheme: _Scheme) -> Sizes | None:
    """Each arm's sizes by its own design effect."""
    tables = list(_tables(scheme.cells, scheme.cluster).values())
    effective = []
    for place in (0, 2):
        arm = [(table[place], table[place + 1]) for table in tables if table[place + 1]]
        effect = clusters.proportion_design_effect(arm)
        if effect is None:
            return None
        total = sum(size for _, size in arm) / (effect * small_sample(len(arm)))
        events = sum(count for count, _ in arm) / (effect * small_sample(len(arm)))
        effective.append((len(arm), events, total))
    return Sizes(*(Pair(*values) for values in zip(*effective, strict=True)))


def _effective_stratified(scheme: _Scheme) -> Sizes | None:
    """Standardised shares and effective sizes of the Mantel-Haenszel estimate, clustered by file.

    With weights w = n₁n₂/N of the files, the arms' standardised shares Σwp/Σw differ by the estimate, and a size of
    (Σw)²/Σ(w²/n) has the variance that they would have without clusters. The design effect is the linearised variance
    of Σw(p₁-p₂)/Σw over files, by that variance.
    """
    tables = [table for table in _tables(scheme.cells, scheme.stratum).values() if table[1] and table[3]]
    weights = [table[1] * table[3] / (table[1] + table[3]) for table in tables]
    total = sum(weights)
    arms = []
    for place in (0, 2):
        share = sum(w * table[place] / table[place + 1] for w, table in zip(weights, tables, strict=True)) / total
        size = total**2 / sum(w**2 / table[place + 1] for w, table in zip(weights, tables, strict=True))
        arms.append((share, size))
    differences = [w * (table[0] / table[1] - table[2] / table[3]) for w, table in zip(weights, tables, strict=True)]
    variance = clusters.ratio_variance(differences, weights)
    if variance is None:
        return None
    independent = sum(share * (1 - share) / size for share, size in arms)
    effect = variance / independent if independent else 1.0
    units = list(_tables(scheme.cells, scheme.cluster).values())
    if not independent:  # all or none: as if each function were one observation
        effect = sum((unit[1] + unit[3]) ** 2 for unit in units) / sum(unit[1] + unit[3] for unit in units)
    effect = max(1.0, effect) * small_sample(len(tables))
    return Sizes(
        Pair(len(tables), len(tables)),
        Pair(*(share * size / effect for share, size in arms)),
        Pair(*(size / effect for _, size in arms)),
    )


def _overdispersion(scheme: _Scheme, sizes: Sizes, headline: float | None) -> float | None:
    """By how much the variance of the logarithm of the ratio exceeds that of independent events; at least 1."""
    if not headline or min(sizes.events) <= 0:
        return None
    if scheme.permuted == "files":
        return _overdispersion_crude(scheme, sizes)
    tables = [table for table in _tables(scheme.cells, scheme.stratum).values() if table[1] and table[3]]
    upper = [table[0] * table[3] / (table[1] + table[3]) for table in tables]
    lower = [table[2] * table[1] / (table[1] + table[3]) for table in tables]
    variance = clusters.ratio_variance(upper, lower)
    independent = rates.log_rate_ratio_variance([Stratum(*table) for table in tables])
    if variance is None or not independent:
        return None
    return max(1.0, variance / headline**2 / independent) * small_sample(len(tables))


def _overdispersion_crude(scheme: _Scheme, sizes: Sizes) -> float | None:
    tables = list(_tables(scheme.cells, scheme.cluster).values())
    variance, fewest = 0.0, math.inf
    for place, events, total in zip((0, 2), sizes.events, sizes.totals, strict=True):
        arm = [(table[place], table[place + 1]) for table in tables if table[place + 1]]
        own = clusters.ratio_variance([count for count, _ in arm], [size for _, size in arm])
        if own is None:
            return None
        variance += own / (events / total) ** 2
        fewest = min(fewest, len(arm))
    return max(1.0, variance / (1 / sizes.events.ai + 1 / sizes.events.untagged)) * small_sample(fewest)


def _ratio_limits(sizes: Sizes, headline: float, widening: float) -> tuple[float | None, float | None]:
    """The conditional exact limits for the events that there are, around the estimate, widened on the log scale."""
    events = (round(sizes.events.ai), round(sizes.events.untagged))
    # exposures whose crude ratio is the estimate: the limits then lie around it
    exact = rates.poisson_ratio(events[0], 1.0, events[1], headline * events[1] / events[0])
    root = math.sqrt(widening)
    low, high = (
        root * math.log(limit / headline) if 0 < limit < math.inf else None for limit in (exact.low, exact.high)
    )
    # a limit that is beyond all measure is none
    return (
        0.0 if low is None else headline * math.exp(low),
        None if high is None or high > _MAX_LOG else headline * math.exp(high),
    )


def _clusters(scheme: _Scheme, *, by_commit: bool = False) -> list[Cluster]:
    """Return doses, which change places among the clusters of a stratum, and residuals.

    The residual of a cluster is its events less those that the rate of its stratum gives its lines. Summed over the
    clusters of one arm, residuals are the numerator of both Mantel-Haenszel estimates: x₁ - n₁X/N = (x₁n₂ - x₂n₁)/N.
    Commits, which reach over the strata, have the same residuals and change places with all others.
    """
    sums: defaultdict[Hashable, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for cell in scheme.cells:
        sums[scheme.stratum(cell)][0] += cell.events
        sums[scheme.stratum(cell)][1] += cell.total
    residuals: defaultdict[tuple[Hashable, Hashable], float] = defaultdict(float)
    lines: defaultdict[tuple[Hashable, Hashable], list[int]] = defaultdict(lambda: [0, 0])
    for cell in scheme.cells:
        events, total = sums[scheme.stratum(cell)]
        key = (None, cell.commit) if by_commit else (scheme.stratum(cell), scheme.cluster(cell))
        residuals[key] += cell.events - cell.total * events / total
        lines[key][cell.arm != "ai"] += cell.total
    return [Cluster(residual, lines[key][0] / sum(lines[key]), key[0]) for key, residual in residuals.items()]
