"""What every report says first: the verdict, one row a metric, and what the reader must know to trust them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final, TypeVar

from ai_code_metrics.measure.attribution import SOURCES
from ai_code_metrics.measure.gate import HIGHEST, failures, show
from ai_code_metrics.measure.gate_metrics import METRICS
from ai_code_metrics.measure.lint import SEVERITIES as LINT_SEVERITIES
from ai_code_metrics.measure.quality import COMPONENTS
from ai_code_metrics.measure.security import SEVERITIES as SECURITY_SEVERITIES
from ai_code_metrics.model import BaseCoverage, Unavailable
from ai_code_metrics.report.wording import NOT_AVAILABLE, counted, listed, number, percent, plural

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from ai_code_metrics import model
    from ai_code_metrics.measure.gate import OnMissing

_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One metric: its value, what it is made of (or why there is none), and the gates on it. ``detail`` is foreign.

    ``base`` is the value at the base and ``change`` the difference, signed; both are empty where there is none to tell.
    """

    label: str
    value: str
    detail: str
    metric: str
    gates: tuple[model.GateResult, ...] = ()
    base: str = ""
    change: str = ""


def verdict(summary: model.Summary, on_missing: OnMissing) -> str:
    """Return the heading's second half: passed, failed with counts, or without gates the grade."""
    failed = len(failures(summary.gates, on_missing))
    if failed:
        return f"failed ({failed} of {plural(len(summary.gates), 'gate')})"
    if summary.gates:
        return "passed"
    quality = summary.quality
    if isinstance(quality, Unavailable):
        return "quality not measured"
    return f"grade {quality.grade} ({number(quality.score)}{', partial' if quality.partial else ''})"


def metric_rows(summary: model.Summary) -> list[MetricRow]:
    """Return the headline table's rows, in the order in which they are read; values as the gates see them."""
    rows = [
        _row(summary, "Quality score", "quality.score", summary.quality, _quality),
        *_patch_rows(summary.quality),
        _row(summary, "Coverage", "coverage.percent", summary.coverage, _coverage),
        *_patch_coverage_rows(summary),
        _row(summary, "Tests failed", "tests.failed", summary.tests, _tests),
        _row(summary, "Lint", "lint.score", summary.lint, _lint),
        _row(summary, "Security", "security.score", summary.security, _security),
        _row(summary, "Complexity", "complexity.score", summary.complexity, _complexity),
        _row(summary, "Commits, median", "commits.median", summary.commits, _commits),
        *_attribution_rows(summary),
    ]
    leading = _CHANGED if summary.context.pull_request is not None else _SURVIVING
    places = {row.metric for row in rows}
    return [
        replace(
            row,
            gates=tuple(gate for gate in summary.gates if _place(gate.metric, leading, places) == row.metric),
            base=_base_value(summary.base, row.metric),
            change=change_of(summary, row.metric),
        )
        for row in rows
    ]


def change_of(summary: model.Summary, metric: str) -> str:
    """Return by how much a metric differs from the base, as ``+0.5`` or ``±0``; empty where that is not known."""
    difference = METRICS[_DELTAS[metric]].extract(summary) if metric in _DELTAS else ""
    if isinstance(difference, str):
        return ""
    if not difference:
        return "±0"
    return ("+" if difference > 0 else "") + show(difference, "points", Fraction(0)).replace("-", MINUS)


def _base_value(base: model.Base | Unavailable, metric: str) -> str:
    if isinstance(base, Unavailable) or metric not in _DELTAS:
        return ""
    part = {
        "quality.score": base.quality,
        "coverage.percent": base.coverage,
        "lint.score": base.lint,
        "security.score": base.security,
        "complexity.score": base.complexity,
    }[metric]
    if isinstance(part, Unavailable):
        return NOT_AVAILABLE
    value = part.percent if isinstance(part, BaseCoverage) else part.score
    return percent(value) if isinstance(part, BaseCoverage) else number(value)


def warning_lines(summary: model.Summary) -> list[str]:
    """Return what may make the figures wrong, each once; foreign text."""
    lines = [*_unparsed(summary), *(warning.message for warning in summary.warnings)]
    for view in views(summary):
        lines += view.warnings
    reasons = tuple(row.detail for row in metric_rows(summary) if row.value == NOT_AVAILABLE and row.detail)
    if not isinstance(summary.base, Unavailable):
        lines += _base_warnings(summary.base)
    return [line for line in dict.fromkeys(lines) if not line.endswith(reasons)]


def note_lines(summary: model.Summary) -> list[str]:
    """Return what limits the figures without making them wrong; foreign text."""
    lines = [line for gate in summary.gates if (line := _gate_note(gate))]
    if not isinstance(summary.base, Unavailable):
        lines += _base_notes(summary)
    if not isinstance(summary.quality, Unavailable):
        lines += [f"The grade is {cap}." for cap in summary.quality.caps]
    if any(view.ai_share is not None for view in views(summary)):
        lines.append("The AI share is a floor: it counts lines declared to be AI-written, all others are untagged.")
    return lines


def _gate_note(gate: model.GateResult) -> str:
    """Why a condition that is there has no verdict, or holds though its value doesn't."""
    _, _, why = (gate.reason or "").partition("; ")
    if not why or (gate.enforced and gate.result != "passed"):
        return ""
    return f"{gate.expression}: {why}."


def _base_warnings(base: model.Base) -> Iterator[str]:
    for name, part in (("lint", base.lint), ("security", base.security), ("complexity", base.complexity)):
        if isinstance(part, Unavailable):
            yield f"{name} of the base is not known: {part.reason}"


def _base_notes(summary: model.Summary) -> Iterator[str]:
    """Where the figures of the base come from, where that is another commit, and why there are none."""
    base = summary.base
    if isinstance(base, Unavailable):
        return
    if isinstance(base.coverage, Unavailable):
        if not isinstance(summary.coverage, Unavailable):
            yield f"Coverage of the base is not known: {base.coverage.reason}."
        return
    sha, back = base.coverage.sha, base.coverage.commits_back
    if back:
        yield f"Coverage of the base is from its report {plural(back, 'commit')} back, at {(sha or '')[:7]}."
    elif back is None:
        where = f"at {sha[:7]}, which is not in the history of the base" if sha else "whose commit it doesn't tell"
        yield f"Coverage of the base is from a report {where}."


def views(summary: model.Summary) -> Iterator[model.AttributionView]:
    """Yield the attribution views that could be measured, ``changed`` first."""
    attribution = summary.attribution
    if not isinstance(attribution, Unavailable):
        for view in (attribution.changed, attribution.surviving):
            if not isinstance(view, Unavailable):
                yield view


def _row(
    summary: model.Summary, label: str, metric: str, part: _Part | Unavailable, describe: Callable[[_Part], str]
) -> MetricRow:
    if isinstance(part, Unavailable):
        return MetricRow(label, NOT_AVAILABLE, part.reason, metric)
    value = METRICS[metric].extract(summary)
    if isinstance(value, str):
        return MetricRow(label, NOT_AVAILABLE, value, metric)
    # Told from the highest value, so that a rest of a hundredth doesn't show as none.
    return MetricRow(label, show(value, METRICS[metric].unit, _highest(metric)), describe(part), metric)


def _highest(metric: str) -> Fraction | None:
    highest = HIGHEST.get(METRICS[metric].unit)
    return None if highest is None else Fraction(highest)


MINUS: Final = "\u2212"
_DELTAS: Final = {
    "quality.score": "quality.delta",
    "coverage.percent": "coverage.delta",
    "lint.score": "lint.delta",
    "security.score": "security.delta",
    "complexity.score": "complexity.delta",
}
_CHANGED: Final = "attribution.ai_share_changed"
_SURVIVING: Final = "attribution.ai_share_surviving"
_ROWS: Final = {
    "quality": "quality.score",
    "coverage": "coverage.percent",
    "tests": "tests.failed",
    "lint": "lint.score",
    "security": "security.score",
    "complexity": "complexity.score",
    "commits": "commits.median",
}


def _place(metric: str, leading: str, places: Collection[str]) -> str | None:
    """Name the row where a gate on ``metric`` stands: its own, else its family's."""
    if metric in places and metric.partition(".")[0] != "attribution":
        return metric
    if metric in {_CHANGED, _SURVIVING}:
        return metric
    if metric.startswith("coverage.patch") and "coverage.patch" in places:
        return "coverage.patch"
    family = metric.partition(".")[0]
    return leading if family == "attribution" else _ROWS.get(family)


def _quality(quality: model.Quality) -> str:
    detail = f"grade {quality.grade}"
    if quality.partial:
        detail += f" (partial: {', '.join(quality.missing)} not measured)"
    if len(set(quality.grade_range)) > 1:
        detail += f"; {min(quality.grade_range)} to {max(quality.grade_range)} when a weight moves by half"
    return detail


def _patch_rows(quality: model.Quality | Unavailable) -> list[MetricRow]:
    patch = None if isinstance(quality, Unavailable) else quality.patch
    if patch is None:
        return []
    value = NOT_AVAILABLE if patch.score is None else number(patch.score)
    detail = f"grade {patch.grade}" if patch.grade is not None else patch.reasons.get("score", NOT_AVAILABLE)
    # coverage of the patch has a row of its own
    scores = {name: score for name in COMPONENTS[1:] if (score := patch.components.get(name)) is not None}
    if scores:
        parts = (f"{name} {number(score)}" for name, score in scores.items())
        about = "about " if patch.statements_estimated else ""
        detail += f"; {', '.join(parts)}; {about}{plural(patch.statements, 'new statement')}"
    return [MetricRow("Quality, patch", value, detail, "quality.patch")]


def _patch_coverage_rows(summary: model.Summary) -> list[MetricRow]:
    patch = None if isinstance(summary.coverage, Unavailable) else summary.coverage.patch
    if patch is None:
        return []
    row = _row(summary, "Coverage, patch", "coverage.patch", patch, _patch_coverage)
    return [replace(row, detail=_patch_coverage(patch)) if row.value == NOT_AVAILABLE else row]


def _patch_coverage(patch: model.PatchCoverage) -> str:
    if not patch.num_statements:
        detail = "the change adds nothing that could be covered"
    else:
        detail = f"{patch.covered_lines:,} of {plural(patch.num_statements, 'new statement')}"
    if patch.num_branches:
        detail += f", {patch.covered_branches:,} of {plural(patch.num_branches, 'branch', 'branches')}"
    if patch.unknown_files:
        detail += f"; not in the report: {listed(patch.unknown_files, 3)}"
    return detail


def _coverage(coverage: model.Coverage) -> str:
    detail = f"{coverage.covered_lines:,} of {plural(coverage.num_statements, 'statement')}"
    if coverage.num_branches:
        detail += f", {coverage.covered_branches:,} of {plural(coverage.num_branches, 'branch', 'branches')}"
    return f"{detail}; {coverage.source}" if coverage.source else detail


def _tests(tests: model.Tests) -> str:
    counts = {"errors": tests.errors, "passed": tests.passed, "skipped": tests.skipped}
    detail = counted(counts, counts) or "none passed"
    if tests.exit_code and not tests.failed + tests.errors:
        detail += f"; exit code {tests.exit_code}"
    return detail


_MANY: Final = {"error": "errors", "warning": "warnings", "refactor": "refactors", "convention": "conventions"}


def _lint(lint: model.Lint) -> str:
    counts = {_MANY.get(name, name) if count > 1 else name: count for name, count in lint.messages.items()}
    messages = counted(counts, [word for name in LINT_SEVERITIES for word in (name, _MANY.get(name, name))])
    return f"{_new(lint.findings)}{messages or 'no messages'} in {plural(lint.statements, 'statement')}"


def _new(findings: Sequence[model.Finding]) -> str:
    """How many are new, where the base is known."""
    new = sum(finding.is_new is True for finding in findings)
    known = any(finding.is_new is not None for finding in findings)
    return f"{new:,} new; " if known else ""


def _security(security: model.Security) -> str:
    findings = counted(security.findings_by_severity, SECURITY_SEVERITIES) or "no findings"
    return f"{_new(security.findings)}{findings} in {plural(security.source_lines, 'line')}"


def _complexity(complexity: model.Complexity) -> str:
    over = sum(count for band, count in complexity.bands.items() if band != "low")
    grown = f"{len(complexity.grown):,} grew; " if complexity.grown else ""
    return f"{grown}{over:,} of {plural(complexity.functions, 'function')} over 10; max {complexity.max:,}"


def _commits(commits: model.Commits) -> str:
    worst = NOT_AVAILABLE if commits.worst is None else number(commits.worst)
    detail = f"worst {worst} of {plural(commits.scored, 'commit')}"
    return f"{detail}; {commits.skipped:,} not scored" if commits.skipped else detail


def _attribution_rows(summary: model.Summary) -> list[MetricRow]:
    attribution = summary.attribution
    if isinstance(attribution, Unavailable):
        leading = _CHANGED if summary.context.pull_request is not None else _SURVIVING
        return [MetricRow("AI share", NOT_AVAILABLE, attribution.reason, leading)]
    return [
        _row(summary, "AI share, changes", _CHANGED, attribution.changed, _share),
        _row(summary, "AI share, tree", _SURVIVING, attribution.surviving, _share),
    ]


def _share(view: model.AttributionView) -> str:
    detail = f"{view.ai_lines:,} of {plural(view.counted_lines, 'line')}"
    split = ", ".join(f"{view.by_source[name]:,} by {name}" for name in SOURCES if view.by_source.get(name))
    return f"{detail}; {split}" if split else detail


def _unparsed(summary: model.Summary) -> Iterator[str]:
    for tool, part in (("pylint", summary.lint), ("bandit", summary.security), ("radon", summary.complexity)):
        if not isinstance(part, Unavailable) and part.files_failed:
            count = plural(len(part.files_failed), "file")
            yield f"{tool} could not read {count}, which its figures leave out: {listed(part.files_failed)}"
