"""What differs between two commits, or a commit and the work tree: files with their old paths, and lines.

Lines that only changed their line end are no new lines: turning a file from CRLF to LF adds nothing to read.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from ai_code_metrics.collect.git_paths import decode_path, is_regular, printable, unquoted
from ai_code_metrics.collect.hunks import read_edit
from ai_code_metrics.errors import SourceUnavailable
from ai_code_metrics.records import Edit, HeadLines, Patch, PatchFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ai_code_metrics.collect.repository import Repository

_DIFF: Final = (
    "diff",
    "--raw",
    "--patch",
    "--unified=0",
    "--inter-hunk-context=0",
    "--no-abbrev",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--irreversible-delete",
    "--ignore-cr-at-eol",
    "--ignore-submodules=all",
    "--submodule=short",
    "--relative",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "-O/dev/null",  # the documented way to cancel diff.orderFile
)
_FILES: Final = ("diff", "--raw", "-z", "--no-abbrev", "-M", "--ignore-submodules=all", "--relative", "-O/dev/null")
_NEW_FILE: Final = (b"+++ b/", b'+++ "b/')
_CODE: Final = (".py", ".pyi")
_DELETED: Final = b"D"
_ADDED: Final = b"A"
_TYPE_CHANGED: Final = b"T"


class Difference(NamedTuple):
    """A file that differs: its path on both sides, None where it isn't there, and the id of the older content."""

    old_path: str | None
    path: str | None
    old_blob: str


class _Hunk(NamedTuple):
    edit: Edit
    added: Sequence[bytes]


def read_patch(repository: Repository, base: str, head: str) -> Patch:
    """Read the lines that were added between two commits, in files below the opened directory.

    Renamed files are compared with what they were; files of which git compares no lines (binary) have none.

    Args:
        repository: where to read.
        base: the merge base.
        head: the commit whose line numbers are told.

    Raises:
        SourceUnavailable: a commit is unknown, or its contents are not in this clone.
    """
    found = _compared(repository, ("-M", "--end-of-options", base, head, "--"))
    hidden = [
        path
        for change, hunks in found
        if change.path is not None and change.path.endswith(_CODE) and not hunks
        for path in {change.old_path or change.path, change.path}
    ]
    if hidden:
        # attributes can make git call text binary (`*.py -diff`), and so hide what a change adds from its gates
        found += _compared(repository, ("-M", "--text", "--end-of-options", base, head, "--", *hidden))
    files = (_file(change, hunks) for change, hunks in found if change.path is not None)
    return Patch({file.path: file for file in files})


def _compared(repository: Repository, arguments: Sequence[str]) -> list[tuple[Difference, list[_Hunk]]]:
    with repository.reading(*_DIFF, *arguments) as output:
        return list(_read(output))


def _file(change: Difference, hunks: Iterable[_Hunk]) -> PatchFile:
    lines, written = set[int](), set[int]()
    for edit, added in hunks:
        lines.update(range(edit.start, edit.stop))
        written.update(number for number, text in enumerate(added, edit.start) if text[1:].strip())
    old_path = None if change.old_path is None else printable(change.old_path)
    return PatchFile(printable(change.path or ""), old_path, frozenset(lines), frozenset(written))


def read_head_lines(repository: Repository, head: str, checked_out: str) -> HeadLines:
    """Read by which edits a commit that is checked out differs from ``head``, as the merge of a pull request does.

    Raises:
        SourceUnavailable: a commit is unknown, or its contents are not in this clone.
    """
    if head == checked_out:
        return HeadLines()
    with repository.reading(*_DIFF, "--no-renames", "--end-of-options", head, checked_out, "--") as output:
        edits = {
            printable(change.path): tuple(edit for edit, _ in hunks)
            for change, hunks in _read(output)
            if change.path is not None
        }
    return HeadLines({path: found for path, found in edits.items() if found})


def read_differences(repository: Repository, base: str) -> list[Difference]:
    """List the regular files of which ``base`` and the work tree have other contents, or other names.

    Raises:
        SourceUnavailable: the commit is unknown.
    """
    with _own_index(repository) as reader:
        fields = iter(reader.run(*_FILES, "--end-of-options", base, "--").split(b"\0")[:-1])
    found = []
    for meta in fields:
        old_mode, new_mode, old_blob, _, status = meta[1:].split(b" ")
        old_path = next(fields)
        path = next(fields) if status[:1] in {b"R", b"C"} else old_path
        old = decode_path(old_path) if is_regular(old_mode) and status != _ADDED else None
        new = decode_path(path) if is_regular(new_mode) and status != _DELETED else None
        if old is not None or new is not None:
            found.append(Difference(old, new, old_blob.decode("ascii")))
    return found


@contextlib.contextmanager
def _own_index(repository: Repository) -> Iterator[Repository]:
    """Give git a copy of the index: it renews what it compares with, also where optional locks are off.

    The lock would stop a git command of the project's tests, which run at the same time.
    """
    with tempfile.TemporaryDirectory() as scratch:
        index = Path(scratch) / "index"
        try:
            shutil.copyfile(repository.git_path("index"), index)
        except OSError as error:
            raise SourceUnavailable(f"git's index can't be copied: {error}") from None
        yield repository.with_index(index)


def _read(output: IO[bytes]) -> Iterator[tuple[Difference, list[_Hunk]]]:
    """Read raw entries and the hunks behind them.

    Which file hunks belong to is told by the header in front: a file that only differs in what is ignored has none. No
    content can be mistaken for a header, because a hunk's own header tells how many lines follow.
    """
    entries: list[Difference] = []
    hunks: dict[str, list[_Hunk]] = {}
    current: list[_Hunk] | None = None
    for line in output:
        if line.startswith(b":"):
            entries += _entries(line)
        elif line.startswith(b"diff "):
            current = None
        elif line.startswith(_NEW_FILE):
            current = hunks.setdefault(_name(line), [])
        elif line.startswith(b"@") and current is not None:
            current.append(_hunk(line, output))
    for entry in entries:
        yield entry, hunks.get(entry.path or "", [])


def _name(line: bytes) -> str:
    """The path in a header; git sets a tab behind one that holds a blank."""
    name = unquoted(line.removeprefix(b"+++ ").rstrip(b"\n").removesuffix(b"\t"))
    return decode_path(name.removeprefix(b"b/"))


def _entries(line: bytes) -> list[Difference]:
    """Read a raw entry; a file whose type changed has two patches, one that takes it away and one that adds it."""
    meta, *paths = line.rstrip(b"\n").split(b"\t")
    old_mode, new_mode, old_blob, _, status = meta[1:].split(b" ")
    old = decode_path(unquoted(paths[0])) if is_regular(old_mode) else None
    new = decode_path(unquoted(paths[-1])) if is_regular(new_mode) else None
    blob, kind = old_blob.decode("ascii"), status[:1]
    added, deleted = Difference(None, new, blob), Difference(old, None, blob)
    if kind == _TYPE_CHANGED:
        return [deleted, added]
    return [added if kind == _ADDED else deleted if kind == _DELETED else Difference(old, new, blob)]


def _hunk(line: bytes, output: IO[bytes]) -> _Hunk:
    found = read_edit(line)
    if found is None:
        raise SourceUnavailable("git diff printed a hunk that can't be read")
    edit, length = found
    return _Hunk(edit, [text for text in islice(_lines(output), length) if text.startswith(b"+")])


def _lines(output: IO[bytes]) -> Iterator[bytes]:
    """The lines of a hunk, without git's remark that a file's last line has no line feed."""
    return (line for line in output if not line.startswith(b"\\"))
