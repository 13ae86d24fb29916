"""One commit's score explained: the formula, and of each part what earned and what cost its points."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Final

from rich.text import Text

from ai_code_metrics.measure.commit_rubric import SHAPE_POINTS
from ai_code_metrics.measure.commits import MESSAGE_WEIGHT
from ai_code_metrics.model import CommitItem
from ai_code_metrics.report.escape import plain
from ai_code_metrics.report.wording import number, plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from ai_code_metrics.model import ChangeSize, LeftOutFile, MessageItem, RubricPart

_SHORT_SHA: Final = 12
_MAX_LINE: Final = 600
_PARTS: Final = {"what": "A what", "why": "B why", "link": "C link", "convention": "D convention", "form": "E form"}
_STYLES: Final = {"+": "green", "-": "yellow"}


def print_commit(item: MessageItem, console: Console) -> None:
    """Print why a message has its score, or why it has none.

    Args:
        item: a scored message or commit; its texts are foreign.
        console: where to print; its colour and width are respected.
    """
    for line in explain(item):
        shown = _indent(line) + plain(line, _MAX_LINE).encode(console.encoding, "replace").decode(console.encoding)
        style = _STYLES.get(line.lstrip()[:1], "") if line.startswith(" ") else "bold"
        console.print(Text(shown, style), soft_wrap=not console.is_terminal)


def explain(item: MessageItem) -> Iterator[str]:
    """Yield the lines of an explanation; the foreign texts in them are not escaped."""
    name = item.sha[:_SHORT_SHA] if isinstance(item, CommitItem) else "pull request"
    yield f"{name} {item.subject or '(no header)'}"
    if item.score is None or item.message_score is None:
        yield f"not scored: {item.skipped_reason or 'no reason given'}"
        yield "  such commits are listed and not judged: nobody words them as messages of their own that stay"
        return
    yield f"score {number(item.score)} = {_formula(item.message_score, item.shape_score)}"
    points = sum(Fraction(part.points) for part in item.parts.values())
    possible = sum(Fraction(part.max) for part in item.parts.values())
    yield f"message {number(item.message_score)} = 100 x {_points(points)} of {_points(possible)} points"
    for key, label in _PARTS.items():
        yield from _part(label, item.parts.get(key), item)
    yield from _shape(item)


def _formula(message: float, shape: float | None) -> str:
    if shape is None:
        return f"message {number(message)}"
    weight = float(MESSAGE_WEIGHT)
    return f"{weight:g} x message {number(message)} + {1 - weight:.2g} x shape {number(shape)}"


def _part(label: str, part: RubricPart | None, item: MessageItem) -> Iterator[str]:
    if part is None:
        yield from (f"  {reason.replace(':', ': not counted,', 1)}" for reason in _reasons(label, item.dropped))
        return
    yield f"  {label}: {_points(part.points)} of {_points(part.max)}"
    yield from (f"    applies{reason.removeprefix(label)}" for reason in _reasons(label, item.applied))
    yield from (f"    + {earned}" for earned in part.earned)
    yield from (f"    - {missing}" for missing in part.why)


def _reasons(label: str, reasons: list[str]) -> list[str]:
    return [reason for reason in reasons if reason.startswith(f"{label}:")]


def _shape(item: MessageItem) -> Iterator[str]:
    if item.shape_score is None or item.size is None:
        yield from (f"shape not known{reason.removeprefix('shape')}" for reason in _reasons("shape", item.dropped))
        return
    size = item.size
    counted = f"{plural(size.lines, 'changed line')} in {plural(size.files, 'file')}"
    scale = ", ".join(f"{points} at {lines:,}" for lines, points in SHAPE_POINTS)
    yield f"shape {number(item.shape_score)}: {counted} ({scale}, linear between)"
    yield from _left_out(size)


def _left_out(size: ChangeSize) -> Iterator[str]:
    yield from (f"  left out: {_file(file)}" for file in size.left_out)
    rest = size.left_out_files - len(size.left_out)
    if rest > 0:
        yield f"  left out: {plural(rest, 'more file')}"


def _file(file: LeftOutFile) -> str:
    lines = f", {plural(file.lines, 'line')}" if file.lines else ""
    return f"{plain(file.path)} ({file.reason}{lines})"


def _points(value: float | Fraction) -> str:
    return f"{round(float(value), 2):g}"


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" "))]
