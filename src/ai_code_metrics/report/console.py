"""What all reports for a terminal are made of: lines, cells and tables of foreign text that drives no terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich import box
from rich.table import Table
from rich.text import Text

from ai_code_metrics.report.escape import plain

if TYPE_CHECKING:
    from rich.console import Console

_PLAIN: Final = str.maketrans({"\N{MINUS SIGN}": "-", "·": ".", "█": "#", "∞": "inf", "±": "+-"})
"""What stands for our own characters where the stream's encoding can't hold them."""


def print_line(console: Console, text: str, style: str = "") -> None:
    """Print foreign text on a line of its own, cut where it is over 600 characters long."""
    console.print(literal(text, console, style, limit=600), soft_wrap=not console.is_terminal)


def literal(value: str, console: Console, style: str = "", *, limit: int = 200) -> Text:
    """Return foreign text as rich prints it literally, with ``?`` for what the stream's encoding can't hold."""
    indent = value[: len(value) - len(value.lstrip(" "))]
    return Text(indent + _encodable(plain(value, limit), console.encoding), style)


def _encodable(text: str, encoding: str) -> str:
    try:
        return text.encode(encoding).decode(encoding)
    except UnicodeEncodeError:  # a minus that became a question mark would turn a figure around
        return text.translate(_PLAIN).encode(encoding, "replace").decode(encoding)


def plain_table(console: Console) -> Table:
    """Return a table without columns; where there is no terminal it has no lines either."""
    return Table(box=box.SIMPLE_HEAD if console.is_terminal else None, pad_edge=False, header_style="bold")
