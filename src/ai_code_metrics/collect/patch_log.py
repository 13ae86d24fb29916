"""What commits did to files, from one ``git log`` with raw entries and patches: for walks through many commits."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from ai_code_metrics.collect.git_paths import unquoted
from ai_code_metrics.collect.hunks import read_edit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from ai_code_metrics.records import Edit

HunkT = TypeVar("HunkT")
_TYPE_CHANGED: Final = b"T"
_NO_FILE: Final = frozenset({b"120000", b"160000"})
# No content can be mistaken for anything else: in a diff each line has a "+" or "-" in front. Nor can a name: it is
# quoted if it holds a line feed. Messages, notes and signatures could, and aren't printed.
LOG: Final = (
    "log",
    "--format=>%H %P",
    "--no-show-signature",
    "--no-notes",
    "--no-color",
    "--raw",
    "--patch",
    "--unified=0",
    "--inter-hunk-context=0",
    "--diff-algorithm=default",  # also instead of what a diff driver's configuration names
    "-M",
    "-O/dev/null",  # the documented way to cancel diff.orderFile
    "--submodule=short",
    "--no-abbrev",
    "--full-index",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--no-ext-diff",
    "--no-textconv",
)


class UnreadableLog(Exception):
    """Git printed what is no patch."""


@dataclass(slots=True)
class Change(Generic[HunkT]):
    """What a commit did to one file, its status as one letter; ``is_binary`` means that git didn't compare lines.

    Of a symbolic link or a submodule git prints what it points to as if it were a line; ``is_file`` tells them apart.
    """

    status: bytes
    old_path: bytes
    path: bytes
    old_blob: bytes
    is_same: bool
    header: bytes
    edits: list[HunkT] = field(default_factory=list)
    is_binary: bool = False
    is_file: bool = True


@dataclass(slots=True)
class LoggedCommit(Generic[HunkT]):
    """One commit of the log."""

    sha: str
    parents: tuple[str, ...]
    changes: list[Change[HunkT]] = field(default_factory=list)


def read_log(
    lines: Iterable[bytes],
    is_wanted: Callable[[bytes], bool],
    read_hunk: Callable[[bytes, Iterator[bytes]], HunkT],
    *,
    is_complete: bool = True,
) -> Iterator[LoggedCommit[HunkT]]:
    """Read the commits of a log with raw entries and patches.

    Args:
        lines: the output of :data:`LOG`.
        is_wanted: whether hunks are kept of a path; asked when its patch begins, when all that was yielded before has
            been used.
        read_hunk: reads a hunk by its header; it takes the lines of the hunk from the stream, and may leave the last
            ones where git remarks that a line feed is missing.
        is_complete: every changed file has a patch; with ``-w`` those have none that differ in white space only.

    Raises:
        UnreadableLog: this is no such output.
    """
    stream = iter(lines)
    commit: LoggedCommit[HunkT] | None = None
    patches: Iterator[Change[HunkT]] = iter(())
    change = hunks = None
    for line in stream:
        match line[:1]:
            case b"@":
                if hunks is None:
                    skim(line, stream)
                else:
                    hunks.append(read_hunk(line, stream))
            case b"d" if line.startswith(b"diff "):
                change = _next(patches, None if is_complete else line)
                hunks = change.edits if is_wanted(change.path) else None
            case b"B" if change is not None:
                change.is_binary = True
            case b":" if commit is not None:
                commit.changes.append(_change(line))
            case b">":
                if commit is not None:
                    yield _complete(commit, patches) if is_complete else commit
                commit = _commit(line)
                patches = _patches(commit.changes)
            case _:
                pass  # other headers of a patch, and lines between commits
    if commit is not None:
        yield _complete(commit, patches) if is_complete else commit


def skim(header: bytes, stream: Iterator[bytes]) -> Edit:
    """Read a hunk as the edit that it is, past its lines.

    Raises:
        UnreadableLog: ``header`` is no hunk's.
    """
    found = read_edit(header)
    if found is None:
        raise UnreadableLog
    # not by their prefix, as this is faster; markers of a missing line feed make a line or two remain
    deque(islice(stream, found[1]), maxlen=0)
    return found[0]


def is_file(*modes: bytes) -> bool:
    """Tell whether something with these modes, before and after a commit, has lines."""
    return _NO_FILE.isdisjoint(modes)


def _commit(line: bytes) -> LoggedCommit[Any]:
    sha, *parents = line[1:].decode("ascii").split()
    return LoggedCommit(sha, tuple(parents))


def _change(line: bytes) -> Change[Any]:
    """Read a raw entry: modes, blobs and status, then one path, or the old and the new one of a renamed file."""
    meta, *paths = line.rstrip(b"\n").split(b"\t")
    old_mode, new_mode, old_blob, new_blob, status = meta[1:].split(b" ")
    return Change(
        status[:1],
        unquoted(paths[0]),
        unquoted(paths[-1]),
        old_blob,
        is_same=old_blob == new_blob,
        header=b"diff --git %b %b\n" % (_prefixed(b"a/", paths[0]), _prefixed(b"b/", paths[-1])),
        is_file=is_file(old_mode, new_mode),
    )


def _prefixed(prefix: bytes, name: bytes) -> bytes:
    """A path as the header of its patch has it; git quotes the prefix with it."""
    return b'"' + prefix + name[1:] if name.startswith(b'"') else prefix + name


def _patches(changes: Iterable[Change[HunkT]]) -> Iterator[Change[HunkT]]:
    """The changes in the order of their patches: one each, but two where a file's type changed."""
    for change in changes:
        yield change
        if change.status == _TYPE_CHANGED:
            yield change


def _next(patches: Iterator[Change[HunkT]], header: bytes | None) -> Change[HunkT]:
    """The change that a patch is of: the next one, or the next that has this header."""
    for change in patches:
        if header is None or header == change.header:
            return change
    raise UnreadableLog


def _complete(commit: LoggedCommit[HunkT], patches: Iterator[Change[HunkT]]) -> LoggedCommit[HunkT]:
    if next(patches, None) is not None:
        raise UnreadableLog
    return commit
