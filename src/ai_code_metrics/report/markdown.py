"""The pull request comment and the job summary: one template, two lengths.

The text depends on the summary alone, so that an unchanged comment can be told by comparing. What doesn't fit the
budget is dropped by whole rows, the least valuable section first, and the text says what was dropped.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from jinja2 import Environment, PackageLoader, StrictUndefined

from ai_code_metrics.measure.gate import failures
from ai_code_metrics.model import Unavailable
from ai_code_metrics.report.escape import cell, code, plain
from ai_code_metrics.report.links import Links
from ai_code_metrics.report.marker import marker
from ai_code_metrics.report.overview import MetricRow, change_of, metric_rows, note_lines, verdict, warning_lines
from ai_code_metrics.report.sections import SHORT_SHA, Column, Place, Row, Section, Value, sections
from ai_code_metrics.report.wording import measured

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jinja2 import Template

    from ai_code_metrics.measure.gate import OnMissing
    from ai_code_metrics.model import GateResult, Summary

_Item = TypeVar("_Item")

COMMENT_BUDGET: Final = 60_000
JOB_SUMMARY_BUDGET: Final = 900 * 1024
COMMENT_ROWS: Final = 20
JOB_SUMMARY_ROWS: Final = 200
ALERT_LINES: Final = 10
TITLE: Final = "ai-code-metrics"
DEFAULT_KEY: Final = "default"
SUMMARY_FILE: Final = "`metrics-summary.json`"
_RANGES_SHOWN: Final = 8
_GATES_SHOWN: Final = 3
EN_DASH: Final = "\u2013"
NO_BREAK: Final = "\u00a0"


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of Markdown that may be dropped from their end: of ``total`` there are ``shown`` in the text."""

    title: str
    lines: tuple[str, ...]
    total: int
    shown: int
    section: Section | None = None

    @property
    def rest(self) -> int:
        """How many are not in the text."""
        return self.total - self.shown


class _Page:
    """A report but for its length; everything is escaped once, however often it is cut."""

    def __init__(self, summary: Summary, on_missing: OnMissing, limit: int, *, with_details: bool) -> None:
        self._links = Links.of(summary.context)
        failed = failures(summary.gates, on_missing)
        metrics = metric_rows(summary)
        self._blocks = [
            _block("gates", failed, partial(_gate_line, summary), limit),
            _block("warnings", warning_lines(summary), _alert_line, ALERT_LINES),
            _block("notes", note_lines(summary), _alert_line, ALERT_LINES),
            *(self._section_block(section, limit) for section in sections(summary, with_details=with_details)),
        ]
        self._values = {
            "symbol": ("❌ " if failed else "✅ ") if summary.gates else "",
            "verdict": verdict(summary, on_missing),
            "metrics": metrics,
            "has_gates": any(row.gates for row in metrics),
            "base": self._base(summary),
            "elsewhere": SUMMARY_FILE + ("" if summary.context.event == "local" else " of the run's artifact"),
            "footer": self._footer(summary),
        }

    def fit(self, title: str, marker_line: str, budget: int) -> str:
        """Return the text in at most ``budget`` bytes, or without any block where even that is longer."""
        values = self._values | {"title": title, "marker": marker_line}
        return _fit(partial(_render, values), self._blocks, budget)

    def _section_block(self, section: Section, limit: int) -> Block:
        def line(row: Row) -> str:
            values = (_value(value, column, self._links) for value, column in zip(row, section.columns, strict=True))
            return f"| {' | '.join(values)} |"

        return replace(_block(section.title, section.rows, line, limit), section=section)

    def _base(self, summary: Summary) -> str:
        """The heading of the base's column; empty where there is none."""
        return "" if isinstance(summary.base, Unavailable) else f"Base {_commit(summary.base.sha, self._links)}"

    def _footer(self, summary: Summary) -> list[str]:
        run = self._links.within(summary.context.run_url)
        entries = [cell(f"{summary.tool.name} {summary.tool.version}", 60)]
        if run is not None:
            entries.append(f"[run]({run})")
        if summary.context.head_sha is not None:
            entries.append(f"head {_commit(summary.context.head_sha, self._links)}")
        return entries


def _block(title: str, items: Sequence[_Item], line: Callable[[_Item], str], limit: int) -> Block:
    lines = tuple(line(item) for item in items[:limit])
    return Block(title, lines, len(items), len(lines))


def render_comment(
    summary: Summary,
    *,
    key: str = DEFAULT_KEY,
    budget: int = COMMENT_BUDGET,
    on_missing: OnMissing = "fail",
) -> str:
    """Return the pull request comment, which ends with the marker of ``key``.

    Args:
        summary: what was measured; untrusted, every text of it is escaped.
        key: keeps several comments on one pull request apart.
        budget: bytes of UTF-8 that the text may take; heading, metric table and footer stay in any case.
        on_missing: ``fail`` or ``pass``, what a gate does whose metric is unavailable.

    Raises:
        UsageError: ``key`` can't be used.
    """
    title = TITLE if key == DEFAULT_KEY else f"{TITLE} ({key})"
    # How long the phases took differs at every run, and is nothing that a reviewer decides by
    page = _Page(summary, on_missing, COMMENT_ROWS, with_details=False)
    return page.fit(title, marker(key), budget)


def render_job_summary(
    summary: Summary,
    *,
    budget: int = JOB_SUMMARY_BUDGET,
    on_missing: OnMissing = "fail",
) -> str:
    """Return the job summary: the comment's content with more rows and no marker.

    Args:
        summary: what was measured; untrusted, every text of it is escaped.
        budget: bytes of UTF-8 that the text may take (GitHub drops a job summary above 1 MiB as a whole).
        on_missing: ``fail`` or ``pass``, what a gate does whose metric is unavailable.
    """
    return _Page(summary, on_missing, JOB_SUMMARY_ROWS, with_details=True).fit(TITLE, "", budget)


def _fit(render: Callable[[Sequence[Block]], str], blocks: list[Block], budget: int) -> str:
    """Drop rows from the end of the least valuable block until the text fits, then from the next."""
    for index in reversed(range(len(blocks))):
        if _size(render(blocks)) <= budget:
            break
        fitting, excessive = 0, blocks[index].shown
        while excessive - fitting > 1:
            middle = (fitting + excessive) // 2
            if _size(render(_with_rows(blocks, index, middle))) <= budget:
                fitting = middle
            else:
                excessive = middle
        blocks = _with_rows(blocks, index, fitting)
    return render(blocks)


def _with_rows(blocks: list[Block], index: int, shown: int) -> list[Block]:
    return [*blocks[:index], replace(blocks[index], shown=shown), *blocks[index + 1 :]]


def _size(text: str) -> int:
    return len(text.encode("utf-8"))


def _render(values: Mapping[str, Any], blocks: Sequence[Block]) -> str:
    gates, warnings, notes, *parts = blocks
    return _template().render(
        values,
        gates=gates,
        alerts=(("WARNING", warnings), ("NOTE", notes)),
        parts=[part for part in parts if part.shown],
        dropped=[part.title for part in parts if not part.shown],
    )


@cache
def _template() -> Template:
    # Markdown is no HTML, which autoescape is for; each foreign text passes through escape.py
    environment = Environment(  # nosec B701
        loader=PackageLoader("ai_code_metrics", "report/templates"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"cell": cell, "gate_cell": _gate_cell, "unbroken": _unbroken}
    return environment.get_template("comment.md.j2")


def _alert_line(line: str) -> str:
    return cell(line, 300)


def _gate_line(summary: Summary, gate: GateResult) -> str:
    origin = code(f'gates: "{gate.expression}"')
    if gate.actual is None:
        return f"{code(gate.metric)} not evaluated: {cell(gate.reason or 'unavailable', 300)} · {origin}"
    change = change_of(summary, gate.metric)
    against = f" · {change} against the base" if change else ""
    return f"{code(gate.metric)} **{plain(measured(gate), 40)}** — needs {code(gate.required)}{against} · {origin}"


def _unbroken(text: str) -> str:
    return text.replace(" ", NO_BREAK)


_SYMBOLS: Final = {"passed": "✅", "failed": "❌", "not evaluated": "⚠️ not evaluated,"}


def _gate_cell(row: MetricRow) -> str:
    texts = []
    for gate in row.gates[:_GATES_SHOWN]:
        subject = "" if gate.metric == row.metric else code(gate.metric, 40) + " "
        symbol = _SYMBOLS[gate.result] if gate.enforced else "⚪ not enforced,"
        texts.append(f"{_unbroken(symbol + ' ')}{subject}{_unbroken(code(gate.required, 40))}")
    rest = len(row.gates) - _GATES_SHOWN
    return "<br>".join(texts) + (f" and {rest} more" if rest > 0 else "")


def _value(value: Value, column: Column, links: Links) -> str:
    if isinstance(value, Place):
        return _place(value, links)
    if isinstance(value, tuple):
        rest = len(value) - _RANGES_SHOWN
        return ", ".join(_lines(place, links) for place in value[:_RANGES_SHOWN]) + (
            f" and {rest:,} more" if rest > 0 else ""
        )
    if column.kind == "commit":
        return _commit(value, links)
    return code(value, 100) if column.kind == "code" else cell(value, 160)


def _place(place: Place, links: Links) -> str:
    label = code(f"{place.path}:{place.line}" if place.line else place.path)
    return _linked(label, _address(place, links))


def _address(place: Place, links: Links) -> str | None:
    shown = links.diff_line(place.path, place.line, place.end_line) if place.in_diff else None
    return shown or links.line(place.path, place.line, place.end_line)


def _lines(place: Place, links: Links) -> str:
    single = place.end_line in {None, place.line}
    label = str(place.line) if single else f"{place.line}{EN_DASH}{place.end_line}"
    return _linked(label, _address(place, links))


def _commit(sha: str, links: Links) -> str:
    return _linked(code(sha[:SHORT_SHA]), links.commit(sha))


def _linked(label: str, url: str | None) -> str:
    return label if url is None else f"[{label}]({url})"
