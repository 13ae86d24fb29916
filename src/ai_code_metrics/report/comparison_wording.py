"""The comparison of AI-tagged with untagged code in words that the data can bear.

A comparative word stands only where a difference is shown. What is told are associations: no report says that an
assistant causes anything, and none calls the untagged arm anything but untagged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ai_code_metrics.report.overview import MINUS
from ai_code_metrics.report.wording import NOT_AVAILABLE, plural

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ai_code_metrics.comparison_model import Arm, Comparison, Metric, MetricComparison, OriginArm

NAMES: Final[Mapping[Metric, str]] = {
    "coverage": "Coverage",
    "lint": "Lint findings",
    "security": "Security findings",
    "complexity": "In functions over 10",
    "survival": "Left after 30 days",
    "rework": "Gone within 21 days",
}
"""What each metric is called, in the order of the reports."""
ARM_NAMES: Final[Mapping[Arm, str]] = {"ai": "AI-tagged", "untagged": "Untagged", "human": "Attested human"}
FLOOR: Final = (
    "Attribution is declared, so that AI-tagged is a floor and untagged is anybody's. Differences are associations: "
    "who is given which work is not told by the lines."
)
_WORDS: Final = {
    ("coverage", "higher"): "AI-tagged lines are covered more",
    ("coverage", "lower"): "AI-tagged lines are covered less",
    ("lint", "higher"): "more lint findings in AI-tagged lines",
    ("lint", "lower"): "fewer lint findings in AI-tagged lines",
    ("security", "higher"): "more security findings in AI-tagged lines",
    ("security", "lower"): "fewer security findings in AI-tagged lines",
    ("complexity", "higher"): "more of the AI-tagged lines stand in functions over 10",
    ("complexity", "lower"): "fewer of the AI-tagged lines stand in functions over 10",
    ("survival", "higher"): "AI-tagged lines last longer",
    ("survival", "lower"): "AI-tagged lines are removed sooner",
}
_SMALLEST_P: Final = 0.001
_MANY: Final = 100


def is_shown(comparison: Comparison) -> bool:
    """Whether there is anything to compare: lines of both arms."""
    return all(comparison.arms[arm].lines or comparison.arms[arm].written_lines for arm in ("ai", "untagged"))


def outcome(comparison: Comparison) -> str:
    """Return the outcome in a few words."""
    verdicts = [metric.verdict for metric in comparison.metrics.values()]
    shown = sum(verdict in {"higher", "lower"} for verdict in verdicts)
    if shown:
        return f"{plural(shown, 'difference')} shown"
    return "no difference shown" if "no difference shown" in verdicts else "not enough data"


def figure(metric: MetricComparison, value: float | None) -> str:
    """Return an arm's figure: ``71.2 %`` or ``65.0 per 1,000``."""
    if value is None:
        return NOT_AVAILABLE
    return f"{100 * value:.1f} %" if metric.unit == "share" else f"{value:.1f} per 1,000"


def amount(metric: MetricComparison, value: float, *, sign: bool = True) -> str:
    """Return a difference on the metric's scale: ``+8.1 points`` or ``0.65 times``."""
    return f"{_bare(metric, value, sign=sign)} {'times' if metric.scale == 'ratio' else 'points'}"


def difference(metric: MetricComparison) -> str:
    """Return the headline difference with its 95 % interval; empty where there is none."""
    if metric.difference is None:
        return ""
    text = amount(metric, metric.difference)
    if metric.low is None and metric.high is None:
        return text
    low = "" if metric.low is None else _bare(metric, metric.low)
    high = "∞" if metric.high is None else _bare(metric, metric.high)
    return f"{text} [{low}, {high}]"


def _bare(metric: MetricComparison, value: float, *, sign: bool = True) -> str:
    if metric.scale == "ratio":
        return f"{value:,.2f}" if value < _MANY else f"{value:,.0f}"
    text = f"{100 * value:+.1f}" if sign else f"{100 * value:.1f}"
    return "0.0" if text in {"+0.0", "-0.0"} else text.replace("-", MINUS)


def p_value(metric: MetricComparison) -> str:
    """Return the p that the verdict is by, adjusted where several metrics are tested; empty where there is none."""
    p = metric.p if metric.p_adjusted is None else metric.p_adjusted
    if p is None:
        return ""
    return f"< {_SMALLEST_P}" if p < _SMALLEST_P else f"{p:.3f}" if p < 0.1 else f"{p:.2f}"  # noqa: PLR2004


def reading(name: str, metric: MetricComparison) -> str:
    """Return the verdict in words. The reason of one that could not be given is foreign text."""
    words = _WORDS.get((name, metric.verdict))
    if words is None:
        words = metric.reason if metric.verdict in {"not enough data", "described"} else "no difference shown"
    if metric.smallest is not None and metric.verdict in {"no difference shown", "not enough data"}:
        words += f"; this data could have shown {amount(metric, metric.smallest, sign=False)}"
    if metric.mix_effect and metric.crude is not None and metric.stratified:
        words += f"; mix effect: {amount(metric, metric.crude)} without regard to files"
    return words


def details(metric: MetricComparison) -> Iterator[str]:
    """Yield what the headline rests on: what was compared, other figures, and what could change it."""
    if metric.difference is not None:
        how = "stratified by file" if metric.stratified else "crude"
        parts = [how]
        if metric.stratified and metric.crude is not None:
            parts.append(f"crude {amount(metric, metric.crude)}")
        if metric.by_hunk_size is not None:
            parts.append(f"stratified by hunk size {amount(metric, metric.by_hunk_size)}")
        yield ", ".join(parts)
    if metric.permuted is not None:
        clusters = f"{metric.clusters.ai:,} AI-tagged and {metric.clusters.untagged:,} untagged"
        yield f"{metric.permutations:,} permutations of {metric.permuted} ({clusters})"
    if any(horizon.ai is not None for horizon in metric.horizons):
        yield "; ".join(
            f"after {horizon.days} days {figure(metric, horizon.ai)} against {figure(metric, horizon.untagged)}"
            for horizon in metric.horizons
        )
    for arm, bound in metric.bounds.items():
        total = getattr(metric.totals, arm)
        lines = plural(total, "AI-tagged line" if arm == "ai" else "untagged line")
        yield f"no finding in {lines}: at most {bound:.2f} per 1,000"
    if metric.hidden:
        yield f"if AI lines were hidden among the untagged: {', '.join(_hidden(metric))}"


def _hidden(metric: MetricComparison) -> Iterator[str]:
    for hidden in metric.hidden:
        value = "not possible" if hidden.difference is None else amount(metric, hidden.difference)
        yield f"{100 * hidden.share:.0f} % of all {value}"


def described(change: Mapping[Arm, OriginArm]) -> Iterator[str]:
    """Yield what the arms of a change consist of; there are too few lines in it to judge by."""
    for arm, name in ARM_NAMES.items():
        own = change.get(arm)
        if own is None or not own.lines + own.test_lines:
            continue
        parts = [f"{plural(own.lines, 'line')} of code"]
        if own.test_lines:
            parts.append(f"{own.test_lines:,} in tests")
        if own.executable_lines:
            parts.append(f"{own.covered_lines:,} of {own.executable_lines:,} executable ones covered")
        if own.linted_lines:
            parts.append(plural(own.lint_findings, "lint finding"))
        if own.scanned_lines:
            parts.append(plural(own.security_findings, "security finding"))
        yield f"{name} in this change: {', '.join(parts)}"
