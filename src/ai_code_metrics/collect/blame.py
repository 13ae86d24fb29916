"""Lines at head with the commits that introduced them, from ``git blame`` on all cores.

Two views: :func:`surviving_lines` (the whole tree) and :func:`changed_lines` (what a pull request added).
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ai_code_metrics.collect import contents, exclusions
from ai_code_metrics.collect.history import read_named_commits
from ai_code_metrics.collect.ignored_revisions import blame_options
from ai_code_metrics.collect.repository import GitFailed, TreeFile, decode_path, is_regular, printable
from ai_code_metrics.errors import SourceUnavailable
from ai_code_metrics.records import BlamedFile, BlamedLines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from ai_code_metrics.collect.repository import Repository
    from ai_code_metrics.records import Commit

_FULL_HISTORY: Final = "set `fetch-depth: 0` for actions/checkout, or run `git fetch --unshallow`"
_WHOLE_CLONE: Final = "the content is not in this clone; check out without `filter`"

Skipped = tuple[str, str]  # a path and the reason why its lines could not be counted


@dataclass(frozen=True, slots=True)
class _Files:
    """Text files of a view, the largest first, so that no core is left alone with one at the end."""

    counted: tuple[TreeFile, ...]
    excluded: tuple[TreeFile, ...]
    excluded_lines: int
    skipped: tuple[Skipped, ...]


def surviving_lines(
    repository: Repository,
    head: str,
    *,
    exclude: Sequence[str] = (),
    workers: int | None = None,
) -> BlamedLines:
    """Blame every counted line of the tree at ``head`` to the commit that introduced it.

    Args:
        repository: where to read.
        head: a commit.
        exclude: further globs to leave out, see :func:`ai_code_metrics.collect.exclusions.matches`.
        workers: git processes at a time; default: one a core.

    Returns:
        The lines, blank ones as None. ``excluded_lines`` counts lines of excluded text files that are not blank.

    Raises:
        SourceUnavailable: history is cut off, so that the cut would count as the origin of all that is older; ``head``
            names no commit; or not one file could be blamed.
    """
    if repository.is_shallow():
        raise SourceUnavailable(f"this clone is shallow, so older lines have no author in it: {_FULL_HISTORY}")
    commit = repository.commit_id(head)
    files = _sort_out(repository, commit, repository.tree(commit), exclude)
    with blame_options(repository, commit) as (options, warnings):
        blamed, unreadable = _blame_all(repository, (*options, commit), files.counted, workers)
    return BlamedLines(
        files=tuple(blamed),
        commits=read_named_commits(repository, _named(blamed)),
        excluded_lines=files.excluded_lines,
        skipped=(*files.skipped, *unreadable),
        warnings=warnings,
    )


def changed_lines(
    repository: Repository,
    base: str,
    head: str,
    *,
    exclude: Sequence[str] = (),
    workers: int | None = None,
) -> BlamedLines:
    """Blame the lines that the non-merge commits between ``base`` and ``head`` added and that are there at ``head``.

    Args:
        repository: where to read.
        base: a commit; what counts is the merge base of it and ``head``.
        head: a commit.
        exclude: further globs to leave out, see :func:`ai_code_metrics.collect.exclusions.matches`.
        workers: git processes at a time; default: one a core.

    Returns:
        The lines of the files that hold such lines; blank, older and merge commits' lines are None.

    Raises:
        SourceUnavailable: the merge base, or history behind it, is not in this clone; a name is no commit; or not one
            file could be blamed.
    """
    start, end = _range(repository, base, head)
    files = _sort_out(repository, end, _changed_files(repository, start, end), exclude)
    with blame_options(repository, end) as (options, warnings):
        arguments = (*options, "--root", f"{start}..{end}")
        blamed, unreadable = _blame_all(repository, arguments, files.counted, workers)
        excluded, _ = _blame_all(repository, arguments, files.excluded, workers)
    commits = read_named_commits(repository, _named([*blamed, *excluded]))
    return BlamedLines(
        files=tuple(_without_merges(blamed, commits)),
        commits={sha: commit for sha, commit in commits.items() if not commit.is_merge},
        excluded_lines=sum(_lines(file) for file in _without_merges(excluded, commits)),
        skipped=(*files.skipped, *unreadable),
        warnings=warnings,
    )


def _range(repository: Repository, base: str, head: str) -> tuple[str, str]:
    end = repository.commit_id(head)
    start = repository.merge_base(base, end)
    if start is None:
        raise SourceUnavailable(
            f"{base[:200]!r} and {head[:200]!r} have no common commit in this clone: {_FULL_HISTORY}"
        )
    # a commit without parents between the two is where a shallow clone was cut: it would be blamed for all before it
    if repository.is_shallow() and repository.run("rev-list", "--max-parents=0", "-1", f"{start}..{end}"):
        raise SourceUnavailable(f"this shallow clone is cut between base and head: {_FULL_HISTORY}")
    return start, end


def _changed_files(repository: Repository, start: str, end: str) -> list[TreeFile]:
    fields = repository.run("diff-tree", "-r", "-z", "--no-renames", "--relative", start, end).split(b"\0")[:-1]
    files = []
    for meta, path in zip(fields[::2], fields[1::2], strict=True):
        _, new_mode, _, new_blob, _ = meta.split()
        if is_regular(new_mode):
            files.append(TreeFile(decode_path(path), new_blob.decode("ascii")))
    return files


def _sort_out(repository: Repository, commit: str, files: Sequence[TreeFile], exclude: Sequence[str]) -> _Files:
    missing = contents.missing_objects(repository, commit) & {file.blob for file in files}
    lines = contents.line_counts(repository, (file.blob for file in files if file.blob not in missing))
    generated = repository.generated_paths(file.path for file in files)
    patterns = (*exclusions.BUILT_IN, *exclude)
    if files and not lines:
        raise SourceUnavailable(f"no file could be blamed: of all {len(files)}, {_WHOLE_CLONE}")
    text = sorted((file for file in files if lines.get(file.blob)), key=lambda file: -(lines[file.blob] or 0))
    excluded = {file for file in text if file.path in generated or exclusions.matches(file.path, patterns)}
    return _Files(
        counted=tuple(file for file in text if file not in excluded),
        excluded=tuple(file for file in text if file in excluded),
        excluded_lines=sum(lines[file.blob] or 0 for file in excluded),
        skipped=tuple((printable(file.path), _WHOLE_CLONE) for file in files if file.blob not in lines),
    )


def _blame_all(
    repository: Repository, arguments: tuple[str, ...], files: Sequence[TreeFile], workers: int | None
) -> tuple[list[BlamedFile], list[Skipped]]:
    """Blame each file in a git process of its own; threads suffice, as the work is git's."""

    def blame(file: TreeFile) -> BlamedFile | Skipped:
        try:
            return _blame(repository, arguments, file.path)
        except GitFailed as error:
            return printable(file.path), _reason(error)

    executor = ThreadPoolExecutor(max_workers=workers or os.cpu_count() or 1)
    try:
        results = list(executor.map(blame, files))
    finally:
        executor.shutdown(cancel_futures=True)
    blamed = sorted((result for result in results if isinstance(result, BlamedFile)), key=lambda file: file.path)
    skipped = sorted(result for result in results if not isinstance(result, BlamedFile))
    if files and not blamed:
        raise SourceUnavailable(f"no file could be blamed; {skipped[0][0]!r}: {skipped[0][1]}")
    return [file for file in blamed if _lines(file)], skipped


def _blame(repository: Repository, arguments: tuple[str, ...], path: str) -> BlamedFile:
    """Read ``git blame --porcelain``: per line a header with the commit, its details once, then a tab and the line."""
    commits: list[str | None] = []
    outside: set[bytes] = set()
    ids: dict[bytes, str] = {}
    is_range = ".." in arguments[-1]
    output = repository.lines("blame", "--porcelain", "--no-textconv", "--no-ignore-revs-file", *arguments, "--", path)
    for header in output:
        sha = header.partition(b" ")[0]
        line = next(output)
        while not line.startswith(b"\t"):
            if is_range and line == b"boundary\n":
                outside.add(sha)
            line = next(output)
        if sha in outside or line.isspace():
            commits.append(None)
        else:
            commits.append(ids.get(sha) or ids.setdefault(sha, sys.intern(sha.decode("ascii"))))
    return BlamedFile(printable(path), tuple(commits))


def _reason(error: GitFailed) -> str:
    words = str(error)
    return f"{words}; {_WHOLE_CLONE}" if "promisor" in words or "unable to read" in words else words


def _named(files: Iterable[BlamedFile]) -> list[str]:
    return sorted({sha for file in files for sha in set(file.line_commits) if sha})


def _lines(file: BlamedFile) -> int:
    return len(file.line_commits) - file.line_commits.count(None)


def _without_merges(files: Iterable[BlamedFile], commits: Mapping[str, Commit]) -> list[BlamedFile]:
    merges = {sha for sha, commit in commits.items() if commit.is_merge}
    kept = (BlamedFile(file.path, tuple(None if sha in merges else sha for sha in file.line_commits)) for file in files)
    return [file for file in kept if _lines(file)]
