"""A step's log as GitHub's runner reads it: which of its lines are workflow commands, and what they say.

Written after the behaviour of https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_DATA: Final = (("%0D", "\r"), ("%0A", "\n"), ("%25", "%"))
_PROPERTY: Final = (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%"))
_LINE_ENDS: Final = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Command:
    """One command: its name, its properties and its text, unescaped."""

    name: str
    text: str
    properties: Mapping[str, str] = field(default_factory=dict)


def lines_of(log: str) -> list[str]:
    """Split a log where the runner does, which reads the output of a process line by line."""
    return _LINE_ENDS.split(log.removesuffix("\n")) if log else []


def read_line(line: str) -> Command | None:
    """Return the command of a line, None where it is text.

    The form of today begins the line, after blanks; the form of old is looked for anywhere.
    """
    line = line.lstrip()
    if line.startswith("::") and "::" in line[2:]:
        head, _, text = line[2:].partition("::")
        name, _, properties = head.partition(" ")
        pairs = [pair.split("=", 1) for pair in properties.strip().split(",")]
        values = {pair[0]: _unescape(pair[1], _PROPERTY) for pair in pairs if len(pair) == 2 and all(pair)}
        return Command(name, _unescape(text, _DATA), values)
    _, old, rest = line.partition("##[")
    head, ends, text = rest.partition("]")
    return Command(head.partition(" ")[0], text) if old and ends else None


def _unescape(text: str, table: tuple[tuple[str, str], ...]) -> str:
    for escaped, plain in table:
        text = text.replace(escaped, plain)
    return text
