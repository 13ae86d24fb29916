"""Hunks with what they tell of their lines: which are blank, and whether only the format changed."""

from __future__ import annotations

import re
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from ai_code_metrics.collect.hunks import read_edit
from ai_code_metrics.collect.patch_log import UnreadableLog

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_WHITE_SPACE: Final = b" \t\r\n\f\v"
_TRAILING_COMMA: Final = re.compile(rb",(?=[)\]}]|\Z)")


class WrittenHunk(NamedTuple):
    """Lines ``start`` to ``stop - 1`` are new (1-based), in the place of so many ``removed`` ones.

    ``written`` has a byte for each new line, 0 for a blank one. ``is_format`` says that the removed lines only look
    different now, so that none was replaced.
    """

    start: int
    stop: int
    removed: int
    written: bytes = b""
    is_format: bool = False

    @property
    def shift(self) -> int:
        """By how much the lines below were further down before."""
        return self.removed - (self.stop - self.start)


def read_written(header: bytes, stream: Iterator[bytes]) -> WrittenHunk:
    """Read a hunk by its header; its lines are taken from the stream.

    Raises:
        UnreadableLog: ``header`` is no hunk's.
    """
    found = read_edit(header)
    if found is None:
        raise UnreadableLog
    (start, stop, _), length = found
    removed = length - (stop - start)
    if start == stop:
        deque(islice(stream, length), maxlen=0)
        return WrittenHunk(start, stop, removed)
    lines = _taken(stream, length)
    old, new = lines[:removed], lines[removed:]
    return WrittenHunk(start, stop, removed, written(new), is_same_but_format(old, new))


def _taken(stream: Iterator[bytes], length: int) -> list[bytes]:
    """Take the lines of a hunk, without git's remark that a line feed is missing."""
    lines: list[bytes] = []
    while len(lines) < length:
        more = list(islice(stream, length - len(lines)))
        if not more:
            raise UnreadableLog
        lines += [line for line in more if not line.startswith(b"\\")]
    return lines


def written(lines: Iterable[bytes], columns: int = 1) -> bytes:
    """Tell of lines of a patch, each behind so many columns of signs, which are not blank."""
    return bytes(bool(line[columns:].strip()) for line in lines)


def is_same_but_format(old: list[bytes], new: list[bytes]) -> bool:
    """Tell whether lines are the same but for white space, the kind of quotes, and trailing commas.

    That is what formatters change. Where text is nothing but white space, nothing is said to be the same.
    """
    if not old:
        return False
    plain = _plain(old)
    return bool(plain) and plain == _plain(new)


def _plain(lines: list[bytes]) -> bytes:
    text = b"".join(line[1:] for line in lines).translate(None, _WHITE_SPACE).replace(b"'", b'"')
    return _TRAILING_COMMA.sub(b"", text)
