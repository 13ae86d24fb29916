"""Which commit introduced each line of a file: one ``git blame`` a file, in a process of its own.

``--incremental`` says the same as ``--porcelain`` by hunks instead of by lines and without the contents, and it is the
only form that tells, for each hunk, the path that the file had in that commit.
"""

from __future__ import annotations

import re
import sys
from array import array
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from ai_code_metrics.collect.git_paths import decode_path, printable, unquoted
from ai_code_metrics.collect.repository import GitFailed
from ai_code_metrics.records import FileBlame, FileVersion

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ai_code_metrics.collect.repository import Repository

WHOLE_CLONE: Final = "the content is not in this clone; check out without `filter`"
_MISSING: Final = re.compile(r"promisor|unable to read|[Cc]annot read blob")
Numbers = tuple[int, int, int, int]  # of a Hunk
_BLAME: Final = ("blame", "--incremental", "--no-textconv", "--no-ignore-revs-file")


def blame_files(
    repository: Repository, arguments: Sequence[str], paths: Sequence[str], *, workers: int
) -> dict[str, FileBlame | str]:
    """Blame each file; threads suffice, as the work is git's.

    Args:
        repository: where to read.
        arguments: options of ``git blame`` and revisions; of a range, lines that are older are left out.
        paths: the files, as git has them; give the largest first, so that no core is left alone with one at the end.
        workers: git processes at a time.

    Returns:
        By path the blame, or the reason why there is none.

    Raises:
        SourceUnavailable: there is no git, or the run was given up.
    """

    def blame(path: str) -> FileBlame | str:
        try:
            output = repository.run(*_BLAME, *arguments, "--", path)
        except GitFailed as error:
            return _reason(error)
        return parse(output, is_range=any(".." in argument for argument in arguments))

    executor = ThreadPoolExecutor(max_workers=workers)
    try:
        return dict(zip(paths, executor.map(blame, paths), strict=True))
    finally:
        executor.shutdown(cancel_futures=True)


def parse(output: bytes, *, is_range: bool) -> FileBlame:
    """Read the output of ``git blame --incremental``.

    Each hunk has a header (commit, line there, line at head, number of lines), details of the commit at its first
    hunk, and ends with the path of the file in that commit.
    """
    versions: dict[bytes, int] = {}
    outside: set[bytes] = set()
    hunks: list[Numbers] = []
    header = b""
    for line in output.split(b"\n"):
        if not header:
            header = line
        elif line.startswith(b"filename "):
            sha, there, start, length = header.split(b" ")
            if sha not in outside:
                version = versions.setdefault(sha + line, len(versions))
                hunks.append((int(start), int(length), version, int(there)))
            header = b""
        elif line == b"boundary" and is_range:
            outside.add(header.partition(b" ")[0])
    return FileBlame(tuple(map(_version, versions)), table(hunks))


def _version(key: bytes) -> FileVersion:
    sha, _, name = key.partition(b"filename ")
    return FileVersion(sys.intern(sha.decode("ascii")), printable(decode_path(unquoted(name))))


def table(hunks: Iterable[Numbers]) -> array[int]:
    """Put hunks into the order of their lines, and join those that belong together."""
    joined = array("I")
    end, version, following = 0, -1, 0
    for start, length, of, line in sorted(hunks):
        if (start, of, line) == (end, version, following):
            joined[-3] += length
        else:
            joined.extend((start, length, of, line))
        end, version, following = start + length, of, line + length
    return joined


def _reason(error: GitFailed) -> str:
    words = str(error)
    return f"{words}; {WHOLE_CLONE}" if _MISSING.search(words) else words
