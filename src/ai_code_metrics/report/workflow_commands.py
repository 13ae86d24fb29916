"""Workflow commands: the lines of a step's log that GitHub's runner obeys, and text that it must not take for one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Level = Literal["error", "warning", "notice"]
LEVELS: Final[tuple[Level, ...]] = ("error", "warning", "notice")
"""The levels of what a run's page shows, the worst first."""

_COMMAND: Final = re.compile(r"^[^\S\n]*::|##\[", re.MULTILINE)


def harmless(text: str) -> str:
    """Return lines for a step's log that hold no workflow command, whatever foreign text is in them.

    The runner takes ``::`` at the beginning of a line, after blanks, and the older ``##[`` anywhere. A zero-width space
    between their characters keeps them readable.
    """
    return _COMMAND.sub(lambda match: f"{match[0][:-1]}\u200b{match[0][-1]}", text)


def notice(text: str, *, title: str = "") -> str:
    """Return the workflow command that shows a notice on the run's page, on one line."""
    return annotation("notice", text, {"title": title})


def warning(text: str, *, title: str = "") -> str:
    """Return the workflow command that shows a warning on the run's page, on one line."""
    return annotation("warning", text, {"title": title})


def error(text: str, *, title: str = "") -> str:
    """Return the workflow command that shows an error on the run's page, on one line."""
    return annotation("error", text, {"title": title})


def annotation(level: Level, text: str, properties: Mapping[str, str]) -> str:
    """Return the workflow command that shows ``text``, on one line.

    Args:
        level: how it is shown.
        text: any text.
        properties: ``title``, ``file`` from the repository's top, ``line``, ``endLine``; an empty value is left out.
    """
    given = ",".join(f"{name}={_escape_property(value)}" for name, value in properties.items() if value)
    return f"::{level}{' ' if given else ''}{given}::{_escape(text)}"


def _escape(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
