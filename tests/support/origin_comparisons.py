"""Builders of comparisons of AI-tagged with untagged code: one that shows a difference, metrics by their figures."""

from __future__ import annotations

from typing import Any, Final

from ai_code_metrics.comparison_model import (
    ByArm,
    Comparison,
    HiddenShare,
    Horizon,
    MetricComparison,
    OriginArm,
    Scale,
    Verdict,
)

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


def judged(**fields: Any) -> Comparison:
    """A comparison as it comes out of a project: two differences shown, a mix effect, findings of one arm only."""
    hidden = [
        HiddenShare(share=0.1, difference=-0.085),
        HiddenShare(share=0.25, difference=-0.109),
        HiddenShare(share=0.5, difference=None),
    ]
    tested: dict[str, Any] = {"permuted": "functions within files", "permutations": 9_999, "stratified": True}
    found = {
        "coverage": metric(0.712, 0.804, (-0.14, -0.021), difference=-0.081, crude=-0.092, p=0.0024, p_adjusted=0.012,
                           by_hunk_size=-0.06, hidden=hidden, **tested),
        "lint": metric(65.0, 49.6, (0.92, 1.86), scale="ratio", difference=1.31, crude=0.6, p=0.12, p_adjusted=0.36,
                       mix_effect=True, smallest=1.74, **tested),
        "security": metric(0.0, 1.3, scale="ratio", bounds={"ai": 6.25},
                           reason="not enough data: 0 and 2 findings; a comparison needs 10 findings of each"),
        "complexity": metric(0.31, 0.18, (0.04, 0.22), difference=0.13, crude=0.13, p=0.0001, p_adjusted=0.0005,
                             **tested),
        "survival": survival(0.91, 0.93, (-0.06, 0.02), difference=-0.02, crude=-0.02, p=0.4, p_adjusted=0.8,
                             permuted="commits, and files", permutations=999, smallest=0.07),
        "rework": metric(0.06, 0.05, (-0.02, 0.05), difference=0.01, crude=0.01, verdict="described",
                         reason="of the same lines as survival, and not tested beside it"),
    }  # fmt: skip
    arms = {
        "ai": OriginArm(lines=480, test_lines=210, files=12, commits=31, functions=44, function_lines=300,
                        complex_lines=93, executable_lines=220, covered_lines=157, linted_lines=480, lint_findings=31,
                        scanned_lines=480, written_lines=610, median_age_days=41.4),
        "untagged": OriginArm(lines=1520, test_lines=640, files=31, commits=160, functions=120, function_lines=1100,
                              complex_lines=198, executable_lines=800, covered_lines=643, linted_lines=1520,
                              lint_findings=75, scanned_lines=1520, security_findings=2, written_lines=1900,
                              median_age_days=212.9),
        "human": OriginArm(),
    }  # fmt: skip
    return comparison(**{"metrics": found, "arms": arms, "notes": ["coverage: 1 of 40 files is not at head"]} | fields)


def hostile() -> Comparison:
    """Reasons and notes that try to break out of their place, and figures at their bounds."""
    break_out = "x | y\n</details><script>alert(1)</script> @all #1 `code` \x1b[2J\u202e [a](http://evil.example)"
    found = {
        "coverage": metric(None, 1e15, scale="ratio", reason=f"not enough data: {break_out}"),
        "lint": metric(1e15, -1e15, (-1e15, 1e15), scale="ratio", difference=1e15, crude=-1e15, mix_effect=True,
                       stratified=True),
        "rework": metric(0.5, 0.5, verdict="described", reason=break_out),
    }  # fmt: skip
    return comparison(metrics=found, notes=[break_out])


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
