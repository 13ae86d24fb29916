"""AI-tagged against untagged code: the five metrics that are tested, with a verdict that the data can bear.

Associations are told, not effects. A comparative word is only given where a metric's adjusted p is below 0.05 and its
interval leaves out "no difference"; with too little data there is no verdict but what there was.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import msgspec

from ai_code_metrics.comparison_model import ByArm, Comparison, HiddenShare, MetricComparison
from ai_code_metrics.inference.multiplicity import holm
from ai_code_metrics.measure import origin_estimates, origin_lifetimes
from ai_code_metrics.model import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ai_code_metrics.comparison_model import Arm, Horizon, Metric, OriginArm, Verdict
    from ai_code_metrics.measure.origin_cells import OriginCells
    from ai_code_metrics.measure.origin_estimate import Estimate, Pair
    from ai_code_metrics.measure.origin_lifetimes import LifeCell

TESTED: Final[tuple[Metric, ...]] = ("coverage", "lint", "security", "complexity", "survival")
HIDDEN: Final = (0.10, 0.25, 0.50)
ALPHA: Final = 0.05
SEED: Final = 20_200_101
_PER: Final = 1_000
_MAX_TEXT: Final = 4_000


@dataclass(frozen=True, slots=True)
class Written:
    """The lines that were written since a time, as cells; ``since`` in seconds since 1970."""

    cells: Sequence[LifeCell]
    since: int
    notes: tuple[str, ...] = ()


def compare(
    cells: OriginCells,
    written: Written | Unavailable,
    unavailable: Mapping[Metric, str],
    *,
    since: int | None = None,
    change: Mapping[Arm, OriginArm] | None = None,
    seed: int = SEED,
) -> Comparison:
    """Compare both arms in all metrics.

    Args:
        cells: of the whole tree.
        written: the lines of history, or why they aren't known.
        unavailable: metrics that could not be measured at all, with the reason.
        since: what ``cells`` were limited to; seconds since 1970.
        change: what the arms of a change consist of, which is described only.
        seed: of the permutations.
    """
    estimates, horizons = _estimates(cells, written, seed)
    p_values: dict[str, float] = {name: p for name in TESTED if (p := estimates[name].p) is not None}
    adjusted = holm(p_values)
    missing = dict(unavailable)
    if isinstance(written, Unavailable):
        missing |= {"survival": written.reason, "rework": written.reason}
    notes = [*cells.notes, *(() if isinstance(written, Unavailable) else written.notes)]
    return Comparison(
        since=since,
        written_since=None if isinstance(written, Unavailable) else written.since,
        arms=_with_written(cells.arms, written),
        change=None if change is None else dict(change),
        metrics={
            name: _judged(name, estimate, adjusted.get(name), missing.get(name, ""), horizons)
            for name, estimate in estimates.items()
        },
        seed=seed,
        notes=[note[:_MAX_TEXT] for note in notes],
    )


def _estimates(
    cells: OriginCells, written: Written | Unavailable, seed: int
) -> tuple[dict[Metric, Estimate], list[Horizon]]:
    lives = () if isinstance(written, Unavailable) else written.cells
    survival, horizons = origin_lifetimes.survival(lives, seed=seed)
    estimates: dict[Metric, Estimate] = {
        "coverage": origin_estimates.proportion(cells.coverage, "executable lines", seed=seed),
        "lint": origin_estimates.rate(cells.lint, "linted lines", seed=seed),
        "security": origin_estimates.rate(cells.security, "scanned lines", seed=seed),
        "complexity": origin_estimates.proportion(cells.complexity, "lines in functions", seed=seed),
        "survival": survival,
        "rework": origin_lifetimes.rework(lives),
    }
    return estimates, horizons


def _with_written(arms: Mapping[Arm, OriginArm], written: Written | Unavailable) -> dict[Arm, OriginArm]:
    if isinstance(written, Unavailable):
        return dict(arms)
    lines: Counter[Arm] = Counter()
    for cell in written.cells:
        lines[cell.arm] += cell.lines
    return {arm: msgspec.structs.replace(own, written_lines=lines[arm]) for arm, own in arms.items()}


def _judged(
    name: Metric, estimate: Estimate, adjusted: float | None, unavailable: str, horizons: Sequence[Horizon]
) -> MetricComparison:
    verdict, reason = _verdict(name, estimate, adjusted, unavailable)
    if verdict == "not enough data":
        estimate = _without_numbers(estimate)
    by_lines = estimate.scale == "ratio"
    factor = _PER if by_lines else 1
    ai, untagged = (None if figure is None else figure * factor for figure in estimate.figures)
    return MetricComparison(
        unit="per_1000_lines" if by_lines else "share",
        scale=estimate.scale,
        verdict=verdict,
        reason=reason[:_MAX_TEXT],
        events=_counts(estimate.whole.events),
        totals=_counts(estimate.whole.totals),
        clusters=_counts(estimate.sizes.clusters),
        ai=ai,
        untagged=untagged,
        crude=estimate.crude,
        difference=estimate.difference,
        low=estimate.limits[0],
        high=estimate.limits[1],
        p=estimate.p,
        p_adjusted=adjusted,
        permuted=estimate.permuted if estimate.p is not None else None,
        permutations=estimate.permutations,
        stratified=estimate.permuted.startswith("functions") and estimate.difference is not None,
        by_hunk_size=estimate.by_hunk_size,
        mix_effect=estimate.is_mix,
        smallest=None if verdict in {"higher", "lower"} else estimate.smallest,
        bounds={arm: bound * _PER for arm, bound in estimate.bounds.items()},
        hidden=[] if verdict == "not enough data" else _hidden(estimate),
        horizons=list(horizons) if name == "survival" else [],
    )


def _without_numbers(estimate: Estimate) -> Estimate:
    """What is told without a comparison: what there was, and what it could have shown."""
    return replace(
        estimate, crude=None, stratified=None, difference=None, limits=(None, None), by_hunk_size=None, p=None
    )


def _counts(pair: Pair) -> ByArm:
    return ByArm(ai=round(pair.ai), untagged=round(pair.untagged))


def _verdict(name: Metric, estimate: Estimate, adjusted: float | None, unavailable: str) -> tuple[Verdict, str]:
    if unavailable:
        return "not enough data", f"not enough data: {unavailable}"
    if estimate.shortage or (name in TESTED and estimate.p is None):
        return "not enough data", estimate.shortage or "not enough data: its spread can't be told"
    if name not in TESTED:
        return "described", "of the same lines as survival, and not tested beside it"
    how = f"{estimate.permutations:,} permutations of {estimate.permuted}"
    if adjusted is None or adjusted >= ALPHA:
        return "no difference shown", how
    side = _side(estimate)
    return (side, how) if side else ("no difference shown", f"{how}; the interval holds no difference too")


def _side(estimate: Estimate) -> Verdict | None:
    """On which side of "no difference" the whole interval lies."""
    none = 1.0 if estimate.scale == "ratio" else 0.0
    low, high = estimate.limits
    if low is not None and low > none:
        return "higher"
    return "lower" if high is not None and high < none else None


def _hidden(estimate: Estimate) -> list[HiddenShare]:
    """The difference if so large a share of all AI lines were among the untagged, and were like the tagged ones.

    With a share h hidden, of n tagged lines n·h/(1-h) are among the untagged, q of these; what is left of the untagged
    is (u - q·a)/(1-q), so that a difference of shares grows by 1/(1-q).
    """
    return [HiddenShare(share=share, difference=_with_hidden(estimate, share)) for share in HIDDEN]


def _with_hidden(estimate: Estimate, share: float) -> float | None:
    totals, difference = estimate.whole.totals, estimate.difference
    among = totals.ai * share / (1 - share) / totals.untagged
    if difference is None or among >= 1:
        return None
    if estimate.scale == "difference":
        shown = difference / (1 - among)
        return shown if -1 <= shown <= 1 else None
    rest = (1 - among * difference) / (1 - among)  # of the untagged rate, what the others' is
    return difference / rest if rest > 0 else None
