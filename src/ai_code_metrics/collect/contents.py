"""The contents of a tree's files, from one ``git cat-file``: which are text, and what lines they have."""

from __future__ import annotations

import re
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from ai_code_metrics.records import MarkedLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ai_code_metrics.collect.repository import Repository

_PROBE_BYTES: Final = 8_000  # git's own rule: a NUL in the first 8,000 bytes makes a file binary
_CHUNK_BYTES: Final = 1 << 20
_LINE_BYTES: Final = 4_096  # no declaration is longer; of a longer line the rest isn't kept
_MAX_TEXT: Final = 500  # bytes; a longer line is no marker
_MAX_MARKED: Final = 10_000
_HEADER_FIELDS: Final = 3


class Text(NamedTuple):
    """The lines of a text file, as git counts them.

    ``counted`` is a byte a line: 1, or 0 for a line of white space only. ``marked`` are the lines that were looked for.
    """

    counted: bytes
    marked: tuple[MarkedLine, ...] = ()

    @property
    def lines(self) -> int:
        """The number of lines that are not blank."""
        return self.counted.count(1)


def missing_objects(repository: Repository, revision: str) -> set[str]:
    """Return the ids of a commit's objects that a partial clone lacks.

    Asking for the objects themselves would make git fetch them from the remote, or fail at the first one.
    """
    arguments = ("rev-list", "--objects", "--missing=print", "--no-walk", "--no-object-names")
    listed = repository.lines(*arguments, repository.commit_id(revision))
    return {line[1:].strip().decode("ascii") for line in listed if line.startswith(b"?")}


def read_texts(repository: Repository, blobs: Iterable[str], *, words: Iterable[str] = ()) -> dict[str, Text | None]:
    """Read the lines of each blob; None for a binary one.

    Args:
        repository: where to read.
        blobs: ids of objects, in a partial clone only of such that are there.
        words: lines of up to 500 bytes that hold one of them as a whole word, in any case, are returned, at most
            10,000 a file.

    Returns:
        The texts by id; a missing object has none. Memory doesn't grow with the size of a blob, but for a byte a line.
    """
    wanted = dict.fromkeys(blobs)
    texts: dict[str, Text | None] = {}
    if not wanted:
        return texts
    pattern = _pattern(words)
    questions = "".join(f"{blob}\n" for blob in wanted).encode("ascii")
    with repository.reading("cat-file", "--batch", "--buffer", stdin=questions) as output:
        for blob in wanted:
            header = output.readline().split()
            if len(header) == _HEADER_FIELDS:  # else it is missing, or git ended, which leaving the context tells
                texts[blob] = _read_text(output, int(header[2]), pattern)
                output.read(1)  # the line feed after each content
    return texts


def _pattern(words: Iterable[str]) -> re.Pattern[bytes] | None:
    parts = [re.escape(word.encode("utf-8", "surrogateescape")) for word in words]
    return re.compile(rb"(?<![A-Za-z0-9])(?:%b)(?![A-Za-z0-9])" % b"|".join(parts), re.IGNORECASE) if parts else None


def _read_text(output: IO[bytes], size: int, pattern: re.Pattern[bytes] | None) -> Text | None:
    chunks = _chunks(output, size)
    pending = next(chunks)
    if b"\0" in pending:
        for _ in chunks:  # the next header stands behind
            pass
        return None
    counted = bytearray()
    marked: list[MarkedLine] = []
    for chunk in chunks:
        *lines, pending = (pending + chunk).split(b"\n")
        _take(lines, counted, marked, pattern)
        pending = _shortened(pending)
    *lines, last = pending.split(b"\n")
    _take([*lines, last] if last else lines, counted, marked, pattern)
    return Text(bytes(counted), tuple(marked))


def _chunks(output: IO[bytes], size: int) -> Iterator[bytes]:
    """Yield ``size`` bytes, first those in which git looks for a NUL (maybe none)."""
    chunk = output.read(min(size, _PROBE_BYTES))
    yield chunk
    remaining = size - len(chunk)
    while chunk and remaining:
        chunk = output.read(min(remaining, _CHUNK_BYTES))
        remaining -= len(chunk)
        yield chunk


def _shortened(line: bytes) -> bytes:
    """Keep of a line that isn't complete yet what tells whether it is blank, and what it begins with."""
    return line if len(line) <= _LINE_BYTES else line.lstrip()[:_LINE_BYTES] or b" "


def _take(lines: list[bytes], counted: bytearray, marked: list[MarkedLine], pattern: re.Pattern[bytes] | None) -> None:
    if pattern is not None:
        for number, line in enumerate(lines, start=len(counted) + 1):
            text = line.strip()
            if len(text) <= _MAX_TEXT and len(marked) < _MAX_MARKED and pattern.search(text):
                marked.append(MarkedLine(number, text.decode("utf-8", "replace")))
    counted.extend(map(bool, map(bytes.strip, lines)))
