"""A file line by line with the evidence of who wrote it, for a terminal and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from ai_code_metrics.report.escape import plain

if TYPE_CHECKING:
    from rich.console import Console

    from ai_code_metrics.records import LineListing, LineOrigin, LineRow

_SHORT_SHA: Final = 12
_STYLES: Final = {"ai": "magenta", "human": "green", "suggestion": "cyan", "bot": "dim"}
_MAX_TEXT: Final = 500
_ROWS_AT_A_TIME: Final = 500


def rows(listing: LineListing) -> dict[str, Any]:
    """Return a listing as it is printed in JSON; the fields of a line that isn't counted are null."""
    return {
        "path": listing.path,
        "view": listing.view,
        "left_out": listing.left_out,
        "lines": [{"line": row.line, **_fields(row.origin)} for row in listing.rows],
        "warnings": list(listing.warnings),
    }


def print_lines(listing: LineListing, console: Console) -> None:
    """Print each line: number, origin, evidence, agent and model, commit, and the text of the line.

    Args:
        listing: the file; its text and the agents' models are foreign.
        console: where to print; lines are as wide as they are.
    """
    evidence = [_evidence(row.origin) for row in listing.rows]
    width = max(map(len, evidence), default=0)
    digits = len(str(max((row.line for row in listing.rows), default=0)))
    for start in range(0, len(listing.rows), _ROWS_AT_A_TIME):
        lines = Text()
        for row, text in zip(listing.rows[start : start + _ROWS_AT_A_TIME], evidence[start:], strict=False):
            _append(lines, f"{row.line:>{digits}}  {text:<{width}}  ", row, console.encoding)
        console.print(lines, soft_wrap=True, end="")
    if listing.left_out:
        note = Text("note: this file is left out of the view; its lines are not in the counts", "dim")
        console.print(note, soft_wrap=True)
    for warning in listing.warnings:
        console.print(Text(f"warning: {plain(warning, _MAX_TEXT)}", "yellow"), soft_wrap=True)


def _append(lines: Text, head: str, row: LineRow, encoding: str) -> None:
    style = "" if row.origin is None else _STYLES.get(row.origin.origin, "")
    shown = (head + _indented(row.text)).rstrip().encode(encoding, "replace").decode(encoding)
    lines.append(f"{shown}\n", style)


def _indented(text: str) -> str:
    """The text of a line without control characters; what stands before it is kept, with tabs as spaces."""
    expanded = text[:_MAX_TEXT].expandtabs(4)
    indent = len(expanded) - len(expanded.lstrip(" "))
    return " " * indent + plain(expanded, _MAX_TEXT)


def _evidence(origin: LineOrigin | None) -> str:
    if origin is None:
        return "-"
    agent = plain(origin.agent or "", _MAX_TEXT)
    model = f" ({plain(origin.model, _MAX_TEXT)})" if origin.model else ""
    by = " ".join(part for part in (origin.kind, f"by {origin.source}" if origin.source else "") if part)
    words = (origin.origin, by, agent + model)
    return f"{origin.commit[:_SHORT_SHA]}  {', '.join(word for word in words if word)}"


def _fields(origin: LineOrigin | None) -> dict[str, Any]:
    names = ("origin", "kind", "agent", "model", "source", "commit", "committed_at")
    return dict.fromkeys(names) if origin is None else origin._asdict()
