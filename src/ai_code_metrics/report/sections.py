"""The details of a report as tables without a format: one section a part, the worst first.

A value is what its column's kind says: ``number`` holds our own text, ``text`` and ``code`` hold foreign text,
``place`` a :class:`Place`, ``ranges`` a list of places in one file, ``commit`` a hash.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from ai_code_metrics.measure.lint import SEVERITIES as LINT_SEVERITIES
from ai_code_metrics.measure.security import SEVERITIES as SECURITY_SEVERITIES
from ai_code_metrics.model import Unavailable
from ai_code_metrics.records import NO_TEXT
from ai_code_metrics.report import comparison_wording as words
from ai_code_metrics.report.overview import views
from ai_code_metrics.report.wording import NOT_AVAILABLE, listed, mebibytes, number, percent, plural, ranges

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ai_code_metrics import model
    from ai_code_metrics.comparison_model import Comparison

SHORT_SHA: Final = 7
Kind = Literal["number", "text", "code", "place", "ranges", "commit"]


@dataclass(frozen=True, slots=True)
class Place:
    """A file (``line`` 0) or some of its lines, 1-based and inclusive; ``path`` is foreign.

    ``in_diff`` tells lines that the change added, which its diff shows.
    """

    path: str
    line: int = 0
    end_line: int | None = None
    in_diff: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading and what its values are."""

    title: str
    kind: Kind


Value = str | Place | tuple[Place, ...]
Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One part's details. ``title`` is our own text, the lines of ``notes`` are foreign."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()


def sections(summary: model.Summary, *, with_details: bool = True, with_comparison: bool = True) -> list[Section]:
    """Return the sections that have something to show, the most valuable first.

    Args:
        summary: untrusted.
        with_details: also how long the phases took, and what the comparison's verdicts rest on.
        with_comparison: also AI-tagged against untagged code.
    """
    scope = changed_paths(summary)
    parts = (
        _failed_tests(summary.tests),
        _findings("Security", summary.security, SECURITY_SEVERITIES, scope),
        _findings("Lint", summary.lint, LINT_SEVERITIES, scope),
        _functions(summary.complexity, scope),
        _coverage(summary.coverage, scope),
        *((_comparison(summary.comparison, with_details=with_details),) if with_comparison else ()),
        commit_section(summary.commits),
        attribution_section(next((view for view in views(summary) if view.ai_lines and view.by_file), None)),
        *((_phases(summary.phases),) if with_details else ()),
    )
    return [part for part in parts if part.rows]


def changed_paths(summary: model.Summary) -> frozenset[str] | None:
    """Return the files that the reader of a comparison is concerned with, or None where all files are shown."""
    if summary.context.base_sha is None or summary.context.event == "push":
        return None
    for view in views(summary):
        if view.view == "changed":
            return frozenset(file.path for file in view.by_file)
    return None


def _title(what: str, shown: int, total: int, scope: frozenset[str] | None) -> str:
    if scope is None:
        return what
    return f"{what} (in changed files; {total:,} in all)" if total != shown else f"{what} (all in changed files)"


def _failed_tests(part: model.Tests | Unavailable) -> Section:
    names = [] if isinstance(part, Unavailable) else part.failed_tests
    failed = 0 if isinstance(part, Unavailable) else max(part.failed + part.errors, len(names))
    notes = (f"{failed - len(names):,} more are not listed",) if failed > len(names) else ()
    return Section(f"Tests: {failed:,} failed", (Column("Test", "code"),), tuple((name,) for name in names), notes)


def _findings(
    heading: str,
    part: model.Lint | model.Security | Unavailable,
    severities: Sequence[str],
    scope: frozenset[str] | None,
) -> Section:
    found = [] if isinstance(part, Unavailable) else part.findings
    # of a comparison whose base is known only the new ones, wherever they are
    is_compared = scope is not None and any(finding.is_new is not None for finding in found)
    shown = [f for f in found if (f.is_new if is_compared else scope is None or f.path in scope)]
    rank = {severity: index for index, severity in enumerate(severities)}
    shown.sort(key=lambda f: (not f.is_new, rank.get(f.severity, len(rank)), f.path, f.line, f.rule))
    rows = tuple((f.severity, _finding_place(f), f"{f.rule} {f.name}".strip(), f.message) for f in shown)
    columns = (Column("Severity", "text"), Column("Where", "place"), Column("Rule", "code"), Column("Message", "text"))
    if is_compared:
        return Section(f"{heading}: {plural(len(shown), 'new finding')} ({len(found):,} in all)", columns, rows)
    title = f"{heading}: {plural(len(shown), 'finding')}"
    return Section(_title(title, len(shown), len(found), scope), columns, rows)


def _finding_place(finding: model.Finding) -> Place:
    return Place(finding.path, finding.line, finding.end_line, in_diff=bool(finding.on_patch))


def _functions(part: model.Complexity | Unavailable, scope: frozenset[str] | None) -> Section:
    if scope is not None and not isinstance(part, Unavailable) and part.grown is not None:
        return _grown(part.grown)
    found = [] if isinstance(part, Unavailable) else part.functions_over_10
    shown = [function for function in found if scope is None or function.path in scope]
    shown.sort(key=lambda f: (-f.complexity, f.path, f.line))
    rows = tuple((f"{f.complexity:,}", f.name, Place(f.path, f.line, f.end_line)) for f in shown)
    columns = (Column("Complexity", "number"), Column("Function", "code"), Column("Where", "place"))
    title = f"Complexity: {plural(len(shown), 'function')} over 10"
    return Section(_title(title, len(shown), len(found), scope), columns, rows)


def _grown(functions: Sequence[model.GrownFunction]) -> Section:
    rows = tuple(
        (f"{f.complexity:,}", "new" if f.before is None else f"{f.before:,}", f.name, Place(f.path, f.line, f.end_line))
        for f in functions
    )
    columns = (
        Column("Complexity", "number"),
        Column("Before", "number"),
        Column("Function", "code"),
        Column("Where", "place"),
    )
    return Section(f"Complexity: {plural(len(rows), 'function')} over 10 grew", columns, rows)


def _coverage(part: model.Coverage | Unavailable, scope: frozenset[str] | None) -> Section:
    if scope is not None and not isinstance(part, Unavailable) and part.patch is not None:
        return _patch_coverage(part.patch)
    files = [] if isinstance(part, Unavailable) else [file for file in part.files if file.missing]
    shown = [file for file in files if scope is None or file.path in scope]
    columns, rows = _gaps(shown, "Lines without coverage", in_diff=False)
    gaps = sum(len(file.missing) for file in shown)
    everywhere = sum(len(file.missing) for file in files)
    title = f"Coverage: {plural(gaps, 'statement')} not covered, in {plural(len(shown), 'file')}"
    return Section(_title(title, gaps, everywhere, scope), columns, rows)


def _patch_coverage(patch: model.PatchCoverage) -> Section:
    """Return the changed files with added lines that are not covered; their ranges are places in the diff."""
    shown = [file for file in patch.files if file.missing]
    columns, rows = _gaps(shown, "New lines without coverage", in_diff=True)
    gaps = sum(len(file.missing) for file in shown)
    title = f"Coverage: {plural(gaps, 'new statement')} not covered, in {plural(len(shown), 'file')}"
    return Section(title, columns, rows)


def _gaps(
    files: Iterable[model.FileCoverage], heading: str, *, in_diff: bool
) -> tuple[tuple[Column, ...], tuple[Row, ...]]:
    """Return columns and rows of files that are not covered in whole, those with the most gaps first."""
    rows = tuple(
        (
            f"{len(file.missing):,}",
            percent(_percent_covered(file)),
            Place(file.path),
            tuple(Place(file.path, first, last, in_diff=in_diff) for first, last in ranges(file.missing)),
        )
        for file in sorted(files, key=lambda file: (-len(file.missing), file.path))
    )
    columns = (
        Column("Missing", "number"),
        Column("Covered", "number"),
        Column("File", "place"),
        Column(heading, "ranges"),
    )
    return columns, rows


def _percent_covered(file: model.FileCoverage) -> float:
    total = file.num_statements + file.num_branches
    return min(100.0, 100 * (file.covered_lines + file.covered_branches) / total) if total else 100.0


def _comparison(part: Comparison | Unavailable | None, *, with_details: bool) -> Section:
    """Return the metrics of AI-tagged and untagged code with their verdicts; nothing where one arm has no line."""
    columns = (
        Column("Metric", "text"),
        Column("AI-tagged", "number"),
        Column("Untagged", "number"),
        Column("Difference [95 %]", "number"),
        Column("p (Holm)", "number"),
        Column("Reading", "text"),
    )
    if part is None or isinstance(part, Unavailable) or not words.is_shown(part):
        return Section("", columns, ())
    metrics = [(name, part.metrics[name]) for name in words.NAMES if name in part.metrics]
    rows = tuple(
        (
            words.NAMES[name],
            words.figure(metric, metric.ai),
            words.figure(metric, metric.untagged),
            words.difference(metric) or NOT_AVAILABLE,
            words.p_value(metric) or NOT_AVAILABLE,
            words.reading(name, metric),
        )
        for name, metric in metrics
    )
    notes = [*words.described(part.change or {}), words.FLOOR]
    if with_details:
        notes += [
            f"{words.NAMES[name]}: {'; '.join(found)}"
            for name, metric in metrics
            if (found := [*words.details(metric)])
        ]
        notes += part.notes
    return Section(f"AI-tagged against untagged code, whole tree: {words.outcome(part)}", columns, rows, tuple(notes))


def commit_section(part: model.Commits | Unavailable) -> Section:
    """Return the scored commits, the worst first, each with its heaviest losses; above them a squash commit to be."""
    items = [] if isinstance(part, Unavailable) else part.items
    scored = [(item.score, item) for item in items if item.score is not None]
    scored.sort(key=lambda pair: pair[0])
    rows = tuple((number(score), item.sha, item.subject, _why(item)) for score, item in scored)
    skipped = Counter(item.skipped_reason or "no reason given" for item in items if item.score is None)
    reasons = ", ".join(f"{reason} ({count:,})" for reason, count in sorted(skipped.items()))
    notes = (f"Not scored: {reasons}",) if skipped else ()
    columns = (
        Column("Score", "number"),
        Column("Commit", "commit"),
        Column("Subject", "text"),
        Column("Why", "text"),
    )
    title = f"Commits: {plural(len(scored), 'score')}" + (f", worst {rows[0][0]}" if rows else "")
    squash = None if isinstance(part, Unavailable) else part.pull_request
    return Section(title, columns, (*_squash_rows(squash), *rows), notes)


def _squash_rows(item: model.MessageItem | None) -> Iterator[Row]:
    if item is None:
        return
    score = NOT_AVAILABLE if item.score is None else number(item.score)
    why = _why(item) if item.skipped_reason is None else f"not scored: {item.skipped_reason}"
    yield score, "", "Pull request title and body — becomes the squash commit's message", why


_WHY_LIMIT: Final = 2


def _why(item: model.MessageItem) -> str:
    """Name the heaviest losses; full marks need no words."""
    parts = sorted(item.parts.values(), key=lambda part: part.points - part.max)
    reasons = [reason for part in parts if part.points < part.max for reason in part.why]
    return "; ".join(reasons[:_WHY_LIMIT])


def attribution_section(view: model.AttributionView | None) -> Section:
    """Return the files with AI-tagged lines, those with the most first."""
    files = [] if view is None else sorted(view.by_file, key=lambda file: (-file.ai_lines, file.path))
    rows = tuple(
        (f"{file.ai_lines:,}", f"{file.ai_lines + file.human_lines + file.untagged_lines:,}", Place(file.path))
        for file in files
        if file.ai_lines
    )
    columns = (Column("AI-tagged", "number"), Column("Of lines", "number"), Column("File", "place"))
    where = "changed" if view is None or view.view == "changed" else "surviving"
    total = 0 if view is None else view.ai_lines
    title = f"AI-tagged: {plural(total, f'{where} line')} in {plural(len(rows), 'file')}"
    return Section(title, columns, rows, () if view is None else tuple(_attribution_notes(view)))


def _attribution_notes(view: model.AttributionView) -> Iterator[str]:
    if view.by_agent:
        yield f"By agent: {_agents(view)}"
    skipped = [f"{file.path} ({file.reason})" for file in view.skipped_files if file.reason not in NO_TEXT]
    no_text = Counter(file.reason for file in view.skipped_files if file.reason in NO_TEXT)
    kinds = [plural(no_text[reason], reason) for reason in NO_TEXT if no_text[reason]]
    if skipped or kinds:
        yield f"Not counted: {'; '.join([*([listed(skipped, 3)] if skipped else []), *kinds])}"


def _agents(view: model.AttributionView) -> str:
    agents = sorted(view.by_agent.items(), key=lambda item: (-item[1].lines, item[0]))
    return ", ".join(f"{name} {agent.lines:,}{_models(agent)}" for name, agent in agents)


def _models(agent: model.AgentLines) -> str:
    models = sorted(agent.models.items(), key=lambda item: (-item[1], item[0]))
    return f" ({', '.join(f'{name} {lines:,}' for name, lines in models)})" if models else ""


def _phases(phases: Iterable[model.Phase]) -> Section:
    shown = sorted(phases, key=lambda phase: (-phase.seconds, phase.name))
    rows = tuple((f"{p.seconds:,.1f} s", mebibytes(p.peak_memory_bytes), p.name, p.status) for p in shown)
    columns = (
        Column("Time", "number"),
        Column("Peak memory", "number"),
        Column("Phase", "text"),
        Column("Status", "text"),
    )
    return Section(f"Phases: {len(rows)}", columns, rows)
