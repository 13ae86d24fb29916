"""What merges did: which files are not the first parent's, and how those differ that are no parent's."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from ai_code_metrics.collect.git_paths import unquoted
from ai_code_metrics.collect.patch_log import UnreadableLog, is_file
from ai_code_metrics.collect.written_hunks import WrittenHunk, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_RAW: Final = ("diff-tree", "--stdin", "-r", "--raw", "--no-renames", "--always", "--no-abbrev")
# A line of context, because without any git doesn't print a line that stays below removed ones, but goes on in the same
# hunk, so that the lines that follow can't be numbered.
_COMBINED: Final = (
    "diff-tree", "--stdin", "--always", "-r", "--raw", "-p", "-c", "--combined-all-paths", "--unified=1",
    "--inter-hunk-context=0", "--diff-algorithm=default", "-M", "-w", "--no-abbrev", "--no-color", "--no-ext-diff",
    "--no-textconv", "-O/dev/null",
)  # fmt: skip
RAW_ARGUMENTS: Final = _RAW
COMBINED_ARGUMENTS: Final = _COMBINED
_HUNK: Final = re.compile(rb"(@@@+)(?: -\d+(?:,\d+)?)+ \+(\d+)(?:,\d+)? @@@+")


class MixedFile(NamedTuple):
    """A file that is no parent's: by parent its path there, and the edits that lead from there to the merge.

    There are no ``hunks`` where git compares no lines: the file is binary, or a symbolic link in one of the commits.
    """

    paths: tuple[bytes, ...]
    hunks: tuple[list[WrittenHunk], ...]


@dataclass(slots=True)
class MergeDiff:
    """What differs in a merge: by parent, but for the last, the paths that have other content; and the mixed files."""

    sha: str
    differing: tuple[frozenset[bytes], ...] = ()
    mixed: dict[bytes, MixedFile] = field(default_factory=dict)


def raw_questions(merges: Iterable[tuple[str, Sequence[str]]]) -> bytes:
    """Return what :data:`RAW_ARGUMENTS` read: each merge with each parent but the last."""
    return "".join(f"{sha} {parent}\n" for sha, parents in merges for parent in parents[:-1]).encode("ascii")


def read_differing(output: IO[bytes], merges: Iterable[tuple[str, Sequence[str]]]) -> Iterator[MergeDiff]:
    """Read the paths in which merges differ from their parents.

    Raises:
        UnreadableLog: the output is of something else.
    """
    lines = _Lines(output)
    for sha, parents in merges:
        differing = []
        for _ in parents[:-1]:
            lines.expect(sha)
            differing.append(frozenset(unquoted(line.rstrip(b"\n").split(b"\t")[1]) for line in lines.entries()))
        yield MergeDiff(sha, tuple(differing))


def read_mixed(output: IO[bytes], merges: Iterable[str]) -> Iterator[dict[bytes, MixedFile]]:
    """Read the combined diffs of merges: by path the files that are no parent's.

    Raises:
        UnreadableLog: the output is of something else.
    """
    lines = _Lines(output)
    for sha in merges:
        lines.expect(sha)
        mixed = {file.paths[-1]: file for line in lines.entries() for file in (_mixed_file(line),)}
        found = {path: MixedFile(file.paths[:-1], file.hunks) for path, file in mixed.items()}
        _read_patches(lines, found)
        yield found


class _Lines:
    """Lines of which the last one can be given back."""

    def __init__(self, output: IO[bytes]) -> None:
        self._lines = iter(output)
        self._held: list[bytes] = []

    def expect(self, sha: str) -> None:
        """Go to the commit that comes next."""
        line = next(self, b"")
        while line == b"\n":
            line = next(self, b"")
        if line.strip().decode("ascii", "replace") != sha:
            raise UnreadableLog

    def entries(self) -> Iterator[bytes]:
        """The raw entries that follow."""
        for line in self:
            if not line.startswith(b":"):
                self.back(line)
                return
            yield line

    def back(self, line: bytes) -> None:
        """Give the last line back."""
        self._held.append(line)

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return self._held.pop() if self._held else next(self._lines)


def _mixed_file(line: bytes) -> MixedFile:
    meta, *paths = line.rstrip(b"\n").split(b"\t")
    count = len(meta) - len(meta.lstrip(b":"))
    if len(paths) != count + 1:
        raise UnreadableLog
    modes = meta[count:].split(b" ")[: count + 1]
    hunks = tuple(list[WrittenHunk]() for _ in range(count)) if is_file(*modes) else ()
    return MixedFile(tuple(map(unquoted, paths)), hunks)


def _read_patches(lines: _Lines, mixed: dict[bytes, MixedFile]) -> None:
    current: MixedFile | None = None
    path = b""
    for line in lines:
        if line.startswith(b"@@@") and current is not None:
            _read_hunk(line, lines, current)
        elif line.startswith(b"diff --"):
            name = line.rstrip(b"\n").partition(b" ")[2].partition(b" ")[2]
            path = unquoted(name)
            current = mixed.get(path)
        elif line.startswith(b"Binary ") and current is not None:
            mixed[path] = current._replace(hunks=())
            current = None
        elif _OBJECT_ID.fullmatch(line.strip()):
            lines.back(line)
            return


_OBJECT_ID: Final = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def _read_hunk(header: bytes, lines: _Lines, file: MixedFile) -> None:
    """Read one combined hunk as edits of each parent, in which its columns are ``+`` or ``-``.

    How many lines it has is told by their signs, and so is which version they are of.
    """
    found = _HUNK.match(header)
    count = len(file.paths)
    if found is None or len(found[1]) - 1 != count:
        raise UnreadableLog
    number = int(found[2])
    edits = [_Edit(number) for _ in range(count)]
    hunks = file.hunks or [list[WrittenHunk]() for _ in range(count)]  # what a link points to is read past
    for line in lines:
        signs = line[:count]
        if len(signs) < count or signs.strip(b" +-"):
            lines.back(line)
            break
        is_result = b"-" not in signs
        for parent, edit in enumerate(edits):
            edit.take(signs[parent : parent + 1], line[count:], number, hunks[parent], is_result=is_result)
        number += is_result
    for edit, own in zip(edits, hunks, strict=True):
        edit.close(own)


@dataclass(slots=True)
class _Edit:
    """A hunk of one parent that is being read."""

    start: int
    added: list[bytes] = field(default_factory=list)
    removed: int = 0

    def take(self, sign: bytes, text: bytes, number: int, hunks: list[WrittenHunk], *, is_result: bool) -> None:
        """Take a line; one that is in both versions ends the hunk."""
        if is_result and sign == b" ":
            self.close(hunks)
            self.start = number + 1
        elif is_result:
            self.added.append(text)
        elif sign == b"-":
            self.removed += 1

    def close(self, hunks: list[WrittenHunk]) -> None:
        """End the hunk, if there is any."""
        if self.added or self.removed:
            stop = self.start + len(self.added)
            hunks.append(WrittenHunk(self.start, stop, self.removed, written(self.added, 0)))
        self.start += len(self.added)
        self.added, self.removed = [], 0
