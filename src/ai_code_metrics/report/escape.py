r"""Foreign text (paths, messages, commit subjects, names) made harmless for the place it goes to.

``plain`` cleans and cuts, ``cell`` escapes for running Markdown and table cells, ``code`` for inline code; the last two
hold on one line of GitHub Flavored Markdown, inside a table or outside.

GitHub looks for mentions, ``#12``, commit hashes and addresses in the *rendered* text, so neither a backslash nor an
entity stops it; an invisible U+200B in between does. In inline code GitHub doesn't look.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from urllib.parse import quote

ELLIPSIS: Final = "…"
_BREAK: Final = "\u200b"
# ECMA-48 control sequences and the string commands (titles, links) of terminals, with their 8-bit forms.
_ANSI: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
_SPACES: Final = re.compile(r"\s+")
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_REFERENCES: Final = re.compile(
    r"(?P<at>@)|(?P<hash>\#)|(?P<scheme>:)(?=//)|(?P<www>www)(?=\.)|(?P<issue>GH-)(?=\d)"
    r"|(?P<emoji>:)(?=[\w+-]+:)|(?P<sha>\b[0-9a-f]{7,}\b)",
    re.IGNORECASE,
)
_MARKDOWN: Final = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        # A table is split at pipes before anything else is looked at, and readers differ on "\\|".
        "|": "&#124;",
        "\\": "&#92;",
        # Mathematics is cut out before backslashes are looked at.
        "$": "&#36;",
        **{character: "\\" + character for character in "`*_~[]"},
    }
)


def plain(text: str, limit: int = 200) -> str:
    r"""Return one line of visible text of at most ``limit`` characters, the last one ``…`` where it was cut.

    Terminal sequences, control and format characters are dropped, white space is one blank, and direction changes are
    spelled out as ``[U+202E]`` since they can make text read as something that it is not.
    """
    # The cleaning may lengthen a character to eight; no more than this many can be shown anyway.
    text = _SPACES.sub(" ", _ANSI.sub("", text[: 40 * limit + 1_000])).strip()
    if not text.isprintable():
        text = _SPACES.sub(" ", "".join(map(_visible, text))).strip()
    return text if len(text) <= limit else text[: limit - 1].rstrip() + ELLIPSIS


def cell(text: str, limit: int = 200) -> str:
    """Return ``text`` for a table cell or the middle of a paragraph: it shows as typed, and links and pings nothing."""
    return _REFERENCES.sub(_broken, plain(text, limit)).translate(_MARKDOWN)


def code(text: str, limit: int = 200) -> str:
    """Return ``text`` as inline code that may stand in a table; empty for empty text."""
    text = plain(text, limit)
    if not text:
        return ""
    if "|" in text:
        return f"<code>{cell(text, limit)}</code>"
    longest = max(map(len, re.findall("`+", text)), default=0)
    padding = " " if longest else ""
    fence = "`" * (longest + 1)
    return f"{fence}{padding}{text}{padding}{fence}"


def url_path(path: str) -> str | None:
    """Return a repository path for use in a URL, or None where it would lead out of the repository."""
    parts = path.split("/")
    if any(part in {"", ".", ".."} for part in parts):
        return None
    return quote(path.encode("utf-8", "surrogateescape"), safe="/")


def _visible(character: str) -> str:
    if character in _BIDI:
        return f"[U+{ord(character):04X}]"
    category = unicodedata.category(character)
    if category in {"Cc", "Cf"}:
        return ""
    return "\ufffd" if category == "Cs" else character


def _broken(match: re.Match[str]) -> str:
    found = match.group()
    if match.lastgroup != "sha":
        return found + _BREAK
    return _BREAK.join(found[start : start + 6] for start in range(0, len(found), 6))
