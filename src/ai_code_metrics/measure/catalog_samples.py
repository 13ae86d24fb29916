"""What each metric of the catalog reads from a summary: label values and numbers, nothing where it is unavailable."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, TypeAlias, TypeVar

from ai_code_metrics.comparison_model import Comparison, Metric, MetricComparison, Verdict
from ai_code_metrics.errors import InvalidSummary
from ai_code_metrics.model import AttributionView, Coverage, GateResult, Summary, Unavailable

Samples: TypeAlias = Sequence[tuple[tuple[str, ...], float]]
Extractor: TypeAlias = Callable[[Summary], Samples]
Part = TypeVar("Part")

TOTAL_PHASE: Final = "measure"
ORIGINS: Final = ("ai", "human", "untagged", "suggestion", "bot")
LINT_CATEGORIES: Final = ("fatal", "error", "warning", "refactor", "convention", "info")
SEVERITIES: Final = ("high", "medium", "low")
BANDS: Final = ("low", "moderate", "high", "very_high")
COMPONENTS: Final = ("coverage", "lint", "security", "complexity")
COMPARED: Final[tuple[Metric, ...]] = ("coverage", "lint", "security", "complexity", "survival")
VERDICTS: Final[Mapping[Verdict, float]] = {"higher": 1, "lower": -1, "no difference shown": 0}
_PER: Final = 1_000


def measured(part: Callable[[Summary], Part | Unavailable], read: Callable[[Part], Samples]) -> Extractor:
    """Return an extractor that reads ``part`` of a summary, and gives no samples where it is unavailable."""

    def samples(summary: Summary) -> Samples:
        value = part(summary)
        return () if isinstance(value, Unavailable) else read(value)

    return samples


def one(value: float | None) -> Samples:
    """Return the only sample of a metric without labels, or none for None."""
    return () if value is None else [((), value)]


def by_label(values: Mapping[str, float]) -> Samples:
    """Return one sample a label value, in the order of the mapping."""
    return [((label,), value) for label, value in values.items()]


def known(labels: Sequence[str], values: Mapping[str, float]) -> Samples:
    """Return one sample for each of ``labels``, 0 where the mapping has none; foreign keys are left out."""
    return [((label,), values.get(label, 0)) for label in labels]


def largest_first(values: Mapping[str, float]) -> Samples:
    """Return one sample a label value, sorted by value (largest first), then by label."""
    return by_label(dict(sorted(values.items(), key=lambda item: (-item[1], item[0]))))


def run_succeeded(summary: Summary) -> bool:
    """Tell whether the run measured anything at all: lint, coverage, security, complexity, commits or attribution."""
    return not all(isinstance(part, Unavailable) for tool, part in _parts(summary).items() if tool != "tests")


def run_info(summary: Summary) -> Samples:
    """Return the constant 1 with tool version, schema version and event as labels."""
    return [((summary.tool.version, str(summary.schema_version), summary.context.event), 1)]


def run_duration(summary: Summary) -> Samples:
    """Return the seconds of the phase ``measure``, the whole: phases overlap, so their sum would be too long."""
    return [((), phase.seconds) for phase in summary.phases if phase.name == TOTAL_PHASE][:1]


def phase_durations(summary: Summary) -> Samples:
    """Return the seconds of each phase within the whole."""
    return [((phase.name,), phase.seconds) for phase in summary.phases if phase.name != TOTAL_PHASE]


def phase_peak_memory(summary: Summary) -> Samples:
    """Return the peak memory in bytes of each phase that knows it; ``measure`` is this program's own."""
    return [((phase.name,), phase.peak_memory_bytes) for phase in summary.phases if phase.peak_memory_bytes is not None]


def run_completed(summary: Summary) -> Samples:
    """Return the time at which the summary was measured, in seconds since 1970.

    Raises:
        InvalidSummary: ``measured_at`` has the form of a date, but there is no such date.
    """
    try:
        moment = datetime.strptime(summary.measured_at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise InvalidSummary(f"measured_at: there is no date {summary.measured_at!r}") from None
    return one(moment.timestamp())


def run_last_success(summary: Summary) -> Samples:
    """Return the time of a successful run; a failed one gives none, so that a POST keeps the last."""
    return run_completed(summary) if run_succeeded(summary) else ()


def tool_failures(summary: Summary) -> Samples:
    """Return 1 for each tool whose part is unavailable, else 0.

    Tests are only expected to run where no report gave the coverage; so without a coverage they count as failed, with
    one they don't. Attribution counts as failed where not even one of its views could be made.
    """
    parts = _parts(summary)
    failed = {tool: isinstance(part, Unavailable) for tool, part in parts.items()}
    failed["tests"] = isinstance(summary.tests, Unavailable) and failed["coverage"]
    return by_label({tool: float(is_failed) for tool, is_failed in failed.items()})


def coverage_covered(coverage: Coverage) -> Samples:
    """Return covered statements (``line``) and, where branches were measured, covered branches."""
    return _by_kind(coverage, coverage.covered_lines, coverage.covered_branches)


def coverage_coverable(coverage: Coverage) -> Samples:
    """Return the statements and branches that could be covered: the denominators."""
    return _by_kind(coverage, coverage.num_statements, coverage.num_branches)


def coverage_ratio(coverage: Coverage) -> Samples:
    """Return covered / coverable by kind; a kind with nothing to cover has no ratio."""
    covered, coverable = coverage_covered(coverage), coverage_coverable(coverage)
    return [
        (kind, min(1.0, part / whole)) for (kind, part), (_, whole) in zip(covered, coverable, strict=True) if whole
    ]


def gates_passed(summary: Summary) -> Samples:
    """Return 1 or 0 for each gate that was evaluated."""

    def evaluated(gate: GateResult) -> bool:
        return gate.result != "not evaluated"

    return [((gate.expression,), float(gate.result == "passed")) for gate in summary.gates if evaluated(gate)]


def surviving(summary: Summary) -> AttributionView | Unavailable:
    """Return the view of the whole tree."""
    return summary.attribution if isinstance(summary.attribution, Unavailable) else summary.attribution.surviving


def changed(summary: Summary) -> AttributionView | Unavailable:
    """Return the view of the lines added since the base."""
    return summary.attribution if isinstance(summary.attribution, Unavailable) else summary.attribution.changed


def lines_by_origin(view: AttributionView) -> Samples:
    """Return the lines of a view by origin; AI, human and untagged are the denominator of the AI share."""
    lines = (view.ai_lines, view.human_lines, view.untagged_lines, view.suggestion_lines, view.bot_lines)
    return by_label(dict(zip(ORIGINS, lines, strict=True)))


def ai_shares(summary: Summary) -> Samples:
    """Return the AI share of each view that counted lines."""
    views = {"changed": changed(summary), "surviving": surviving(summary)}
    return [
        ((name,), view.ai_share)
        for name, view in views.items()
        if not isinstance(view, Unavailable) and view.ai_share is not None
    ]


def origin_ratios(summary: Summary) -> Samples:
    """Return the figures of AI-tagged and of untagged code: shares, and findings by lines."""
    return [
        ((name, arm), value / _PER if metric.unit == "per_1000_lines" else value)
        for name, metric in _compared(summary).items()
        for arm, value in (("ai", metric.ai), ("untagged", metric.untagged))
        if value is not None
    ]


def origin_limits(*names: Metric) -> Extractor:
    """Return an extractor of the limits of these metrics' intervals: of rates their ratio, of shares the difference."""

    def samples(summary: Summary) -> Samples:
        return [
            ((name, bound), value)
            for name, metric in _compared(summary, names).items()
            for bound, value in (("low", metric.low), ("high", metric.high))
            if value is not None
        ]

    return samples


def origin_differences_shown(summary: Summary) -> Samples:
    """Return 1, -1 or 0 for each metric that there was enough data of."""
    shown = {name: VERDICTS.get(metric.verdict) for name, metric in _compared(summary).items()}
    return by_label({name: value for name, value in shown.items() if value is not None})


def _compared(summary: Summary, names: Sequence[Metric] = COMPARED) -> Mapping[str, MetricComparison]:
    """Return the metrics that are judged; rework is of the lines of survival, and isn't."""
    if not isinstance(summary.comparison, Comparison):
        return {}
    metrics = summary.comparison.metrics
    return {name: metrics[name] for name in names if name in metrics}


def _parts(summary: Summary) -> dict[str, object]:
    """Return what each tool had to measure."""
    both = (changed(summary), surviving(summary))
    attribution = next((view for view in both if not isinstance(view, Unavailable)), both[0])
    return {
        "pylint": summary.lint,
        "coverage": summary.coverage,
        "bandit": summary.security,
        "radon": summary.complexity,
        "tests": summary.tests,
        "commits": summary.commits,
        "attribution": attribution,
    }


def _by_kind(coverage: Coverage, lines: int, branches: int) -> Samples:
    return by_label({"line": lines, "branch": branches} if coverage.num_branches else {"line": lines})
