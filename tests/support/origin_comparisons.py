"""Builders of comparisons of AI-tagged with untagged code: one that shows a difference, metrics by their figures."""

from __future__ import annotations

from typing import Any, Final

from ai_code_metrics.comparison_model import ByArm, Comparison, Horizon, MetricComparison, OriginArm, Scale, Verdict

_HORIZONS: Final = ((14, 0.05), (30, 0.0), (90, -0.12))


def comparison(**fields: Any) -> Comparison:
    """A comparison with a metric of each verdict; fields of the top level by name."""
    values: dict[str, Any] = {
        "arms": {"ai": OriginArm(lines=480, files=12), "untagged": OriginArm(lines=1520, files=31)},
        "metrics": metrics(),
        "seed": 20_200_101,
    }
    return Comparison(**values | fields)


def metrics() -> dict[str, MetricComparison]:
    """AI-tagged code is covered less, more complex and lasts as long; of findings there are too few to tell."""
    return {
        "coverage": metric(0.712, 0.804, (-0.14, -0.021)),
        "lint": metric(65.0, 49.6, (0.92, 1.86), scale="ratio"),
        "security": metric(0.0, 1.3, scale="ratio", bounds={"ai": 6.25}),
        "complexity": metric(0.31, 0.18, (0.04, 0.22)),
        "survival": survival(0.91, 0.93, (-0.06, 0.02)),
        "rework": metric(0.06, 0.05, verdict="described"),
    }


def metric(
    ai: float | None,
    untagged: float | None,
    limits: tuple[float | None, float | None] = (None, None),
    *,
    scale: Scale = "difference",
    **fields: Any,
) -> MetricComparison:
    """One metric: shares, or findings per 1,000 lines; its verdict is what the interval says."""
    values: dict[str, Any] = {
        "unit": "per_1000_lines" if scale == "ratio" else "share",
        "scale": scale,
        "verdict": _verdict(limits, 1 if scale == "ratio" else 0),
        "reason": "9,999 permutations of files",
        "events": ByArm(ai=31, untagged=75),
        "totals": ByArm(ai=480, untagged=1520),
        "clusters": ByArm(ai=12, untagged=31),
        "ai": ai,
        "untagged": untagged,
        "low": limits[0],
        "high": limits[1],
    }
    return MetricComparison(**values | fields)


def survival(ai: float, untagged: float, limits: tuple[float | None, float | None], **fields: Any) -> MetricComparison:
    """The share that is left after 30 days, with those after 14 and 90."""
    horizons = [Horizon(days=days, ai=ai + change, untagged=untagged + change) for days, change in _HORIZONS]
    return metric(ai, untagged, limits, horizons=horizons, **fields)


def _verdict(limits: tuple[float | None, float | None], none: float) -> Verdict:
    low, high = limits
    if low is None and high is None:
        return "not enough data"
    if low is not None and low > none:
        return "higher"
    return "lower" if high is not None and high < none else "no difference shown"
