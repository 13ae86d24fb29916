"""Lines of a commit message that may declare something: linear in the message, whatever it holds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_LINE: Final = 500
_MAX_MODEL: Final = 100
_ORNAMENT: Final = re.compile(r"[^\x00-\x7f]+[ \t]*")
_IDENTITY: Final = re.compile(r"(?P<name>[^<>]*)<(?P<email>[^<>\s]+)>[\s.,;]*")
_VERSION: Final = re.compile(r"v?\d+(?:\.\d+)*")


def body_lines(message: str) -> Iterator[str]:
    """Yield the lines of a message that are not blank, without the subject and without what may stand before a tag.

    A co-author above a later paragraph counts for GitHub though not for ``git interpret-trailers``, so all paragraphs
    are read. White space and an emoji in front are dropped; bullets and quotes are not, they mark prose.

    Args:
        message: the whole message, with line feeds only.

    Yields:
        At most 500 characters of each line: no declaration is longer.
    """
    for line in message.split("\n")[1:]:
        text = line[:_MAX_LINE].strip()
        if text:
            yield _ORNAMENT.sub("", text, count=1) if text[0] > "\x7f" else text


def identity(value: str) -> tuple[str, str] | None:
    """Split ``Name <e-mail>`` into its two parts; None when it is not of that form."""
    found = _IDENTITY.fullmatch(value.strip())
    return (found["name"].strip(), found["email"]) if found else None


def parenthesised(text: str) -> str | None:
    """Return what stands in parentheses at the end of ``text``."""
    before, opening, inside = text.rstrip().rpartition("(")
    return inside[:-1].strip() or None if opening and before and inside.endswith(")") else None


def model_name(text: str | None) -> str | None:
    """Return ``text`` if it can name a model: it has a digit and is no mere version; bounded and printable."""
    if text is None:
        return None
    printable = " ".join("".join(char if char.isprintable() else " " for char in text).split())[:_MAX_MODEL].strip()
    return printable if any(char.isdigit() for char in printable) and not _VERSION.fullmatch(printable) else None
