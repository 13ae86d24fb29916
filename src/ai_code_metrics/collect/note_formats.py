"""Readers of authorship notes (git-ai, agentblame), from bytes to ranges of lines; they do no I/O, and never raise.

Formats: https://github.com/git-ai-project/git-ai (``specs/git_ai_standard_v3.0.0.md``) and its JSON before version 3;
agentblame's JSON, versions 1 and 2.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ai_code_metrics.collect.git_paths import unquoted
from ai_code_metrics.collect.note_claims import (
    MAX_PATH,
    MAX_RANGES,
    Claimant,
    Claims,
    ParsedNote,
    Problem,
    model_name,
    printable_name,
    skipped,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

_MAX_DIGITS: Final = 11  # more than any line number has; int() refuses thousands of them
_FIELDS: Final = 2
_SEPARATOR: Final = re.compile(rb"^---[ \t\r]*$", re.MULTILINE)
_LINE: Final = re.compile(r"[^\n]+")
_RANGE: Final = re.compile(r"(\d+)(?:-(\d+))?", re.ASCII)
_NO_JSON: Final = msgspec.Raw(b"null")


def parse_git_ai(
    content: bytes, agent_names: Collection[str] = (), *, paths: Collection[str] | None = None
) -> ParsedNote:
    """Read a note of git-ai: attestations as text, a line ``---`` and JSON (3.x), or JSON alone (before).

    Without its JSON the text still says which lines are AI-written, but no longer by which agent. In the older form
    the author of AI-written lines and a person look alike.

    Args:
        content: the note.
        agent_names: casefolded names; in the older form they are AI, as is an author with ``agent_metadata``.
        paths: ranges of other paths than these are passed over unread, in a note of version 3; None: all are read.

    Returns:
        The claims; an entry of the key ``human`` (which only says that no agent was seen) and lines of an author who
        isn't known as an agent are none.
    """
    separator = _SEPARATOR.search(content)
    # a path may begin with a brace too, but no JSON has such a separator in it
    if separator is None and content.lstrip()[:1] == b"{":
        return _parse_authors(content, agent_names)
    text, metadata = (content[: separator.start()], content[separator.end() :]) if separator else (content, b"")
    return _parse_attestations(text.decode("utf-8", "replace"), metadata, paths)


def parse_agentblame(content: bytes) -> ParsedNote:
    """Read a note of agentblame: JSON of version 1 or 2, in which only the category ``ai_generated`` is a claim."""
    claims = Claims()
    note = claims.load(content, _AGENTBLAME, Problem.INVALID_JSON)
    if note is None:
        return claims.note(readable=False)
    decoder = _ATTRIBUTIONS.get(note.version) if isinstance(note.version, int) else None
    if decoder is None:
        return skipped(Problem.UNKNOWN_VERSION)
    for raw in claims.values(note.attributions):
        entry = claims.load(raw, decoder, Problem.UNUSABLE_ENTRIES)
        if entry is not None and entry.category == "ai_generated" and claims.is_usable(entry.path):
            origin = Claimant("ai", printable_name(entry.provider), model_name(entry.model))
            claims.add(entry.path, ((entry.start_line, entry.end_line),), origin)
    return claims.note()


# ---- git-ai, version 3: text and JSON


class _Metadata(msgspec.Struct):
    schema_version: msgspec.Raw = _NO_JSON
    prompts: msgspec.Raw = _NO_JSON
    sessions: msgspec.Raw = _NO_JSON


class _AgentId(msgspec.Struct):
    tool: Any = ""
    model: Any = None


class _Session(msgspec.Struct):
    agent_id: _AgentId | None = None


# Values stay raw until they are asked for: one of a wrong type loses no other, and transcripts are only skipped.
_ANY: Final = msgspec.json.Decoder(Any)
_SECTION: Final = msgspec.json.Decoder(dict[str, msgspec.Raw] | None)
_METADATA: Final = msgspec.json.Decoder(_Metadata)
_SESSION: Final = msgspec.json.Decoder(_Session)


class _Origins:
    """The origins that keys of attestations stand for, by the note's JSON."""

    def __init__(self, metadata: _Metadata, claims: Claims) -> None:
        self._raw: dict[str, msgspec.Raw] = {}
        for section in (metadata.prompts, metadata.sessions):
            self._raw.update(claims.load(section, _SECTION, Problem.UNUSABLE_ENTRIES) or {})
        self._known: dict[str, Claimant] = {}
        self._claims = claims

    def of(self, key: str) -> Claimant | None:
        """Return the origin; None where the key is no claim. A session's key may end in ``::`` and a trace's."""
        if key == "human":
            return None
        if key.startswith("h_"):
            return Claimant("human")
        key = key.partition("::")[0]
        if key not in self._known:
            self._known[key] = self._agent(key)
        return self._known[key]

    def _agent(self, key: str) -> Claimant:
        raw = self._raw.get(key)
        session = None if raw is None else self._claims.load(raw, _SESSION, Problem.UNUSABLE_ENTRIES)
        if session is None or session.agent_id is None:
            return Claimant("ai")
        return Claimant("ai", printable_name(session.agent_id.tool), model_name(session.agent_id.model))


def _parse_attestations(text: str, raw: bytes, paths: Collection[str] | None) -> ParsedNote:
    claims = Claims()
    metadata = claims.load(raw, _METADATA, Problem.INVALID_JSON)
    if metadata is not None and not _is_version(claims, metadata.schema_version, "authorship/3."):
        return skipped(Problem.UNKNOWN_VERSION)
    origins = _Origins(metadata or _Metadata(), claims)
    current, is_wanted = None, False
    for path, line in _entries(text):
        if path is not current:  # of many entries, each has the very same text
            current, is_wanted = path, claims.is_usable(path) and (paths is None or path in paths)
        if is_wanted:
            _add_entry(claims, origins, path, line)
        else:
            claims.pass_over()
        if claims.is_full:
            break
    return claims.note(readable=metadata is not None or any(claims.ranges.values()))


def _is_version(claims: Claims, raw: msgspec.Raw, known: str) -> bool:
    version = claims.load(raw, _ANY, Problem.INVALID_JSON)
    return version is None or (isinstance(version, str) and version.startswith(known))


def _entries(text: str) -> Iterator[tuple[str, str]]:
    """Yield entries, which are indented, each with its path, which isn't; lazily, as a note may be all line feeds."""
    path = ""
    for found in _LINE.finditer(text):
        line = found[0].rstrip(" \t\r")
        if line.startswith((" ", "\t")):
            yield path, line
        elif line:
            path = unquoted(line[:MAX_PATH].encode()).decode("utf-8", "replace")


def _add_entry(claims: Claims, origins: _Origins, path: str, line: str) -> None:
    fields = line.split(maxsplit=1)
    if len(fields) < _FIELDS:
        claims.report(Problem.UNUSABLE_ENTRIES)
        return
    origin = origins.of(fields[0])
    if origin is not None:
        claims.add(path, _ranges(fields[1]), origin)


def _ranges(text: str) -> Iterator[tuple[int, int]]:
    """Yield first and last lines; 0, which no line has, for what is no range."""
    for part in text.split(",", MAX_RANGES):
        found = _RANGE.fullmatch(part.strip())
        if found is None:
            yield 0, 0
        else:
            first, last = found.groups()
            yield int(first[:_MAX_DIGITS]), int((last or first)[:_MAX_DIGITS])


# ---- git-ai before version 3: JSON of authors by file


class _Authorship(msgspec.Struct):
    files: msgspec.Raw
    schema_version: msgspec.Raw = _NO_JSON


class _AuthoredFile(msgspec.Struct):
    authors: msgspec.Raw = _NO_JSON


class _Author(msgspec.Struct):
    author: Any = ""
    lines: list[msgspec.Raw] = []
    agent_metadata: Any = None


_AUTHORSHIP: Final = msgspec.json.Decoder(_Authorship)
_AUTHORED_FILE: Final = msgspec.json.Decoder(_AuthoredFile)
_AUTHOR: Final = msgspec.json.Decoder(_Author)
_LINES: Final = msgspec.json.Decoder(int | tuple[int, int])


def _parse_authors(content: bytes, agent_names: Collection[str]) -> ParsedNote:
    claims = Claims()
    note = claims.load(content, _AUTHORSHIP, Problem.INVALID_JSON)
    if note is None:
        return claims.note(readable=False)
    if not _is_version(claims, note.schema_version, "authorship/0."):
        return skipped(Problem.UNKNOWN_VERSION)
    for path, raw in (claims.load(note.files, _SECTION, Problem.UNUSABLE_ENTRIES) or {}).items():
        if not claims.is_usable(path):
            continue
        file = claims.load(raw, _AUTHORED_FILE, Problem.UNUSABLE_ENTRIES) or _AuthoredFile()
        for author in claims.values(file.authors):
            _add_author(claims, path, author, agent_names)
    return claims.note()


def _add_author(claims: Claims, path: str, raw: msgspec.Raw, agent_names: Collection[str]) -> None:
    author = claims.load(raw, _AUTHOR, Problem.UNUSABLE_ENTRIES)
    origin = None if author is None else _author_origin(author, agent_names)
    if author is not None and origin is not None:
        claims.add(path, _pairs(claims, author.lines), origin)


def _author_origin(author: _Author, agent_names: Collection[str]) -> Claimant | None:
    """Return AI, or None for a person, who may have the lines from anywhere."""
    name = printable_name(author.author)
    if author.agent_metadata is None and name.casefold() not in agent_names:
        return None
    metadata = author.agent_metadata if isinstance(author.agent_metadata, dict) else {}
    return Claimant("ai", name, model_name(metadata.get("model")))


def _pairs(claims: Claims, lines: Iterable[msgspec.Raw]) -> Iterator[tuple[int, int]]:
    for raw in lines:
        pair = claims.load(raw, _LINES, Problem.UNUSABLE_RANGES)
        if pair is not None:
            yield (pair, pair) if isinstance(pair, int) else pair


# ---- agentblame: JSON of attributions


class _AgentBlame(msgspec.Struct):
    version: Any = None
    attributions: msgspec.Raw = _NO_JSON


class _Attribution(msgspec.Struct, kw_only=True):
    path: str
    start_line: int
    end_line: int
    category: Any = ""
    provider: Any = ""
    model: Any = None


class _CamelAttribution(_Attribution, kw_only=True):
    start_line: int = msgspec.field(name="startLine")
    end_line: int = msgspec.field(name="endLine")


_AGENTBLAME: Final = msgspec.json.Decoder(_AgentBlame)
_ATTRIBUTIONS: Final[Mapping[int, msgspec.json.Decoder[_Attribution]]] = {
    1: msgspec.json.Decoder(_Attribution),
    2: msgspec.json.Decoder(_CamelAttribution),
}
