"""The report and the progress of a run at a terminal; plain text where the stream is no terminal.

Foreign text is cleaned of control characters and never read as rich's markup: no project drives the terminal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

from rich.progress import Progress as LiveProgress
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from ai_code_metrics.measure.attribution import KINDS, SOURCES
from ai_code_metrics.measure.gate import failures
from ai_code_metrics.model import Unavailable
from ai_code_metrics.report.comparison_terminal import print_comparison
from ai_code_metrics.report.comparison_wording import is_shown
from ai_code_metrics.report.console import literal, plain_table, print_line
from ai_code_metrics.report.escape import plain
from ai_code_metrics.report.overview import metric_rows, note_lines, verdict, warning_lines
from ai_code_metrics.report.sections import (
    SHORT_SHA,
    Column,
    Place,
    Section,
    Value,
    attribution_section,
    commit_section,
    sections,
)
from ai_code_metrics.report.wording import NOT_AVAILABLE, counted, measured, number, percent, plural

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console
    from rich.progress import TaskID
    from rich.table import Table

    from ai_code_metrics.measure.gate import OnMissing
    from ai_code_metrics.model import AttributionView, Commits, GateResult, Summary

ROWS: Final = 10
_RANGES: Final = 6
_STYLES: Final = {"passed": "green", "failed": "red", "not evaluated": "yellow"}
_PHASE_STYLES: Final = {"ok": "green", "failed": "red"}


def print_report(summary: Summary, console: Console, *, on_missing: OnMissing = "fail") -> None:
    """Print what was measured: the verdict, failed gates, the metrics, warnings, and the worst of each part.

    Args:
        summary: what was measured; untrusted.
        console: where to print; its colour and width are respected.
        on_missing: ``fail`` or ``pass``, what a gate does whose metric is unavailable.
    """
    failed = failures(summary.gates, on_missing)
    style = "bold red" if failed else "bold green" if summary.gates else "bold"
    print_line(console, f"{summary.tool.name} {summary.tool.version}: {verdict(summary, on_missing)}", style)
    for gate in failed:
        print_line(console, f"  {_gate_text(gate)}", "red")
    console.print(_metrics(summary, console))
    for line in warning_lines(summary):
        print_line(console, f"warning: {line}", "yellow")
    for line in note_lines(summary):
        print_line(console, f"note: {line}", "dim")
    for section in sections(summary, with_comparison=False):
        _print_section(section, console)
    comparison = summary.comparison
    if comparison is not None and not isinstance(comparison, Unavailable) and is_shown(comparison):
        console.print()
        print_comparison(comparison, console, with_details=False)


def print_commits(part: Commits, console: Console) -> None:
    """Print every scored commit of a range, the worst first."""
    median, worst = (NOT_AVAILABLE if score is None else number(score) for score in (part.median, part.worst))
    print_line(console, f"{part.range}: median {median}, worst {worst} of {plural(part.scored, 'commit')}", "bold")
    section = commit_section(part)
    _print_section(section, console, rows=len(section.rows))


def print_attribution(view: AttributionView, console: Console) -> None:
    """Print one view: the share with its parts, the files with AI-tagged lines, and what could not be counted."""
    share = NOT_AVAILABLE if view.ai_share is None else percent(100 * view.ai_share)
    print_line(console, f"AI share of {view.view} lines: {share}", "bold")
    counts = (
        ("AI-tagged", view.ai_lines), ("attested human", view.human_lines), ("untagged", view.untagged_lines),
        ("suggestions", view.suggestion_lines), ("bots", view.bot_lines), ("excluded", view.excluded_lines),
    )  # fmt: skip
    print_line(console, ", ".join(f"{name} {count:,}" for name, count in counts))
    tagged = plural(view.commits.tagged, "commit")
    print_line(console, f"{tagged} of {view.commits.total:,} tagged; a floor: what isn't declared is untagged", "dim")
    if view.ai_lines:
        evidence, kinds = counted(view.by_source, SOURCES), counted(view.by_kind, KINDS)
        print_line(console, f"AI lines by evidence: {evidence}; by kind: {kinds}")
    for line in view.warnings:
        print_line(console, f"warning: {line}", "yellow")
    if view.ai_lines or view.skipped_files:
        _print_section(attribution_section(view), console, rows=len(view.by_file))


class Progress:
    """Shows which phases run: a spinner each on a terminal, else one line when a phase is finished.

    Phases run at the same time, so that its methods may be called from any thread.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = _live(console) if console.is_terminal else None
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._live is not None:
            self._live.stop()

    def started(self, phase: str) -> None:
        """Say that a phase runs."""
        if self._live is not None:
            self._tasks[phase] = self._live.add_task(plain(phase), total=None)

    def finished(self, phase: str, seconds: float, status: str) -> None:
        """Say that a phase has ended, after how long and how (``ok`` or ``failed``)."""
        task = self._tasks.pop(phase, None)
        if self._live is not None and task is not None:
            self._live.remove_task(task)
        print_line(self._console, f"{phase}: {status} in {seconds:.1f} s", _PHASE_STYLES.get(status, ""))


def _live(console: Console) -> LiveProgress:
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), TimeElapsedColumn())
    return LiveProgress(*columns, console=console, transient=True)


def _gate_text(gate: GateResult) -> str:
    if gate.actual is None:
        return f"{gate.metric} not evaluated: {gate.reason or 'unavailable'} (gate: {gate.expression})"
    return f"{gate.metric} {measured(gate)}, needs {gate.required} (gate: {gate.expression})"


def _metrics(summary: Summary, console: Console) -> Table:
    rows = metric_rows(summary)
    has_gates = any(row.gates for row in rows)
    table = plain_table(console)
    table.add_column("Metric", no_wrap=True)
    has_base = not isinstance(summary.base, Unavailable)
    if has_base:
        table.add_column("Base", justify="right", no_wrap=True)
    table.add_column("Head", justify="right", no_wrap=True)
    if has_base:
        table.add_column("Change", justify="right", no_wrap=True)
    if has_gates:
        table.add_column("Gate", overflow="fold")
    table.add_column("Details", overflow="fold")
    for row in rows:
        gates = Text("\n").join(
            literal(f"{gate.result}: {gate.required}", console, _STYLES[gate.result], limit=40) for gate in row.gates
        )
        detail = literal(row.detail, console, limit=300)
        change = literal(row.change, console)
        values = [row.base, row.value, change] if has_base else [row.value]
        table.add_row(row.label, *values, *([gates] if has_gates else []), detail)
    return table


def _print_section(section: Section, console: Console, *, rows: int = ROWS) -> None:
    console.print()
    print_line(console, section.title, "bold")
    table = plain_table(console)
    for column in section.columns:
        is_number = column.kind == "number"
        table.add_column(column.title, justify="right" if is_number else "left", no_wrap=is_number, overflow="fold")
    for row in section.rows[:rows]:
        values = (_plain_value(value, column) for value, column in zip(row, section.columns, strict=True))
        table.add_row(*(literal(value, console) for value in values))
    console.print(table)
    rest = len(section.rows) - rows
    if rest > 0:
        print_line(console, f"and {rest:,} more in metrics-summary.json", "dim")
    for note in section.notes:
        print_line(console, note, "dim")


def _plain_value(value: Value, column: Column) -> str:
    if isinstance(value, Place):
        return f"{value.path}:{value.line}" if value.line else value.path
    if isinstance(value, tuple):
        texts = [_line_range(place) for place in value[:_RANGES]]
        rest = len(value) - _RANGES
        return ", ".join(texts) + (f" and {rest:,} more" if rest > 0 else "")
    return value[:SHORT_SHA] if column.kind == "commit" else value


def _line_range(place: Place) -> str:
    return str(place.line) if place.end_line in {None, place.line} else f"{place.line}-{place.end_line}"
