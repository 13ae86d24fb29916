"""The contents of a tree's files, from one ``git cat-file``: which are text, and how many lines they have."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ai_code_metrics.collect.repository import Repository

_PROBE_BYTES: Final = 8_000  # git's own rule: a NUL in the first 8,000 bytes makes a file binary
_CHUNK_BYTES: Final = 1 << 16
_HEADER_FIELDS: Final = 3


def missing_objects(repository: Repository, revision: str) -> set[str]:
    """Return the ids of a commit's objects that this clone lacks (partial or damaged).

    Asking for the objects themselves would make git fetch them from the remote, or fail at the first one.
    """
    arguments = ("rev-list", "--objects", "--missing=print", "--no-walk", "--no-object-names")
    listed = repository.lines(*arguments, repository.commit_id(revision))
    return {line[1:].strip().decode("ascii") for line in listed if line.startswith(b"?")}


def line_counts(repository: Repository, blobs: Iterable[str]) -> dict[str, int | None]:
    """Count the lines of each blob that are not blank; None for a binary one.

    Args:
        repository: where to read.
        blobs: ids of objects, in a partial clone only of such that are there.

    Returns:
        The counts by id; a missing object has none. Memory doesn't grow with the size of a blob.
    """
    wanted = dict.fromkeys(blobs)
    counts: dict[str, int | None] = {}
    if not wanted:
        return counts
    questions = "".join(f"{blob}\n" for blob in wanted).encode("ascii")
    with repository.reading("cat-file", "--batch", "--buffer", stdin=questions) as output:
        for blob in wanted:
            header = output.readline().split()
            if len(header) == _HEADER_FIELDS:  # else it is missing, or git ended, which leaving the context tells
                counts[blob] = _count_lines(output, int(header[2]))
                output.read(1)  # the line feed after each content
    return counts


def _count_lines(output: IO[bytes], size: int) -> int | None:
    chunk = output.read(min(size, _PROBE_BYTES))
    remaining = size - len(chunk)
    is_binary = b"\0" in chunk
    lines = 0
    unfinished = False  # whether the line that the last chunk ended in has had more than white space
    while chunk:
        if not is_binary:
            first, *others = chunk.split(b"\n")
            unfinished = unfinished or bool(first.strip())
            if others:
                lines += unfinished + sum(1 for line in others[:-1] if line.strip())
                unfinished = bool(others[-1].strip())
        chunk = output.read(min(remaining, _CHUNK_BYTES))
        remaining -= len(chunk)
    return None if is_binary else lines + unfinished
