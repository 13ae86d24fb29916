"""The lines that a chain of commits introduced, for many files at once: one ``git log -p`` instead of many blames.

It finds what ``git blame`` finds, because it does the same: it walks each file's lines back through the diffs of the
commits, newest first, until a diff has them among its added lines. Two things differ between the two commands:

* Blame looks for a renamed file's old path for each file alone, so that two files may come from one, and one file's
  match doesn't take another's away. Where that could matter, the commit is compared again for the one file.
* Blame compares what ``git log`` calls binary. Where a file of interest was such, it is compared again as text.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from ai_code_metrics.collect.git_paths import decode_path, printable
from ai_code_metrics.collect.line_blame import table
from ai_code_metrics.collect.patch_log import LOG, Change, LoggedCommit, UnreadableLog, read_log, skim
from ai_code_metrics.collect.repository import GitFailed
from ai_code_metrics.records import Edit, FileBlame, FileVersion, Hunk

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from ai_code_metrics.collect.repository import Repository

MAX_COMMITS: Final = 2_000
_LOG: Final = (*LOG, "--irreversible-delete")  # says of a deleted file that it is deleted, without its lines
_ONE_COMMIT: Final = ("--no-walk", "--text", "--diff-filter=d", "--stdin")
_WHOLE_FILE: Final = 1 << 40  # more lines than any file has
_RENAME_LIMIT: Final = 1_000  # above its square git compares no more contents, see repository.py
# Comparing for one file takes as long as finding hundreds of paths in the commit's trees; all in all about 2 seconds.
_PROCESS_EFFORT: Final = 400
_MAX_EFFORT: Final = 250_000
_ADDED: Final = b"A"
_DELETED: Final = b"D"
_TYPE_CHANGED: Final = b"T"
_HAS_PAST: Final = frozenset({b"M", b"R"})
_IS_NEW: Final = frozenset({b"A", b"R"})
_IS_SOURCE: Final = frozenset({b"D", b"R"})


class _GivenUp(Exception):
    """The range can't be blamed in this way."""


class Run(NamedTuple):
    """Lines at head that nobody introduced yet, and the first one's number in the version that is looked at."""

    head: int
    length: int
    line: int


@dataclass(slots=True)
class _Trail:
    """A file at head on its way back: what remains to be found, and what was."""

    runs: list[Run] = field(default_factory=lambda: [Run(1, _WHOLE_FILE, 1)])
    versions: list[FileVersion] = field(default_factory=list)
    found: list[Hunk] = field(default_factory=list)

    def step(self, commit: str, change: Change[Edit]) -> None:
        """Give the lines that ``change`` added to the commit, and go on to its parent."""
        self.runs, own = pass_back(self.runs, change.edits)
        if own:
            self.found += [Hunk(run.head, run.length, len(self.versions), run.line) for run in own]
            self.versions.append(FileVersion(commit, printable(decode_path(change.path))))


def blame_chain(repository: Repository, start: str, end: str, paths: Collection[str]) -> dict[str, FileBlame] | None:
    """Find the commits of a range that introduced lines, as ``git blame --root start..end`` does for each path.

    Args:
        repository: where to read.
        start: full id of the merge base of both.
        end: full id of the commit whose files are blamed.
        paths: regular files of its tree, relative to the opened directory, as git has them.

    Returns:
        The blame of each path, without hunks where no line is from the range. None where one pass can't tell, so that
        git blame has to: a merge, a cut of a shallow clone or more than 2,000 commits are in the range; an object that
        the diffs need isn't in this clone; or files have to be compared alone, and they are too many, or git can't be
        given their paths.

    Raises:
        SourceUnavailable: there is no git, or the run was given up.
    """
    top = f"{repository.prefix}/" if repository.prefix else ""
    by_path = {path: _Trail() for path in paths}
    trails = {(top + path).encode("utf-8", "surrogateescape"): [trail] for path, trail in by_path.items()}
    try:
        if start != end:
            with repository.reading(*_LOG, "--end-of-options", f"{start}..{end}", "--") as output:
                _Walk(repository, trails).through(read_log(output, trails.__contains__, skim), start, end)
    except (GitFailed, UnreadableLog, _GivenUp):
        return None
    return {path: FileBlame(tuple(trail.versions), table(trail.found)) for path, trail in by_path.items()}


def pass_back(runs: Iterable[Run], edits: Sequence[Edit]) -> tuple[list[Run], list[Run]]:
    """Follow lines from a version of a file to the one before.

    Args:
        runs: the lines, in order, with their numbers in the newer version.
        edits: what was done to the older one, in order.

    Returns:
        The lines that were there before, with their numbers then; and those that weren't, with their numbers now.
    """
    kept: list[Run] = []
    added: list[Run] = []
    pending = deque(edits)
    shift = 0
    for head, length, line in runs:
        offset, end = head - line, line + length
        first = line
        while first < end:
            while pending and pending[0].stop <= first:
                shift += pending.popleft().shift
            start, stop, _ = pending[0] if pending else (end, end, 0)
            if first < start:
                last = min(start, end)
                kept.append(Run(first + offset, last - first, first + shift))
            else:
                last = min(stop, end)
                added.append(Run(first + offset, last - first, first))
            first = last
    return kept, added


@dataclass(slots=True)
class _Walk:
    """The files at head on their way back, by the path that they have where the walk is."""

    repository: Repository
    trails: dict[bytes, list[_Trail]]
    effort: int = 0

    def through(self, log: Iterable[LoggedCommit[Edit]], start: str, end: str) -> None:
        """Walk from ``end`` to ``start``, or until each file's first commit is found."""
        expected = end
        for number, commit in enumerate(log):
            if commit.sha != expected or len(commit.parents) != 1 or number >= MAX_COMMITS:
                raise _GivenUp
            self._step(commit)
            if not self.trails:
                return
            expected = commit.parents[0]
        if expected != start:
            raise _GivenUp

    def _step(self, commit: LoggedCommit[Edit]) -> None:
        needed = [change for change in commit.changes if change.status != _DELETED and change.path in self.trails]
        if not needed:
            return
        uncertain = _uncertain_paths(self.repository, commit, needed)
        alone = {change.path for change in needed if change.is_binary} | uncertain
        self.effort += len(alone) * (_PROCESS_EFFORT + len(commit.changes))
        if self.effort > _MAX_EFFORT:
            raise _GivenUp
        for logged in needed:
            change = _compared_alone(self.repository, commit, logged) if logged.path in alone else logged
            followers = self.trails.pop(change.path)
            for trail in followers:
                trail.step(commit.sha, change)
            if change.status in _HAS_PAST:
                self.trails.setdefault(change.old_path, []).extend(followers)


def _uncertain_paths(repository: Repository, commit: LoggedCommit[Edit], needed: Iterable[Change[Edit]]) -> set[bytes]:
    """New paths for which blame may know another old path than the log, which compares them all at once."""
    sources = Counter(change.old_blob for change in commit.changes if change.status in _IS_SOURCE)
    if not sources or sum(change.status in _IS_NEW for change in commit.changes) == 1:
        return set()
    new = [change for change in needed if change.status in _IS_NEW]
    uncertain = {change.path for change in new if not (change.is_same and sources[change.old_blob] == 1)}
    added = [change.path for change in new if change.status == _ADDED]
    if 1 < len(added) <= _RENAME_LIMIT**2 // sources.total():
        uncertain -= _unlike_paths(repository, commit, added)
    return uncertain


def _unlike_paths(repository: Repository, commit: LoggedCommit[Edit], added: Sequence[bytes]) -> set[bytes]:
    """Those of ``added`` that are like no deleted file: not even copies, of which any number may come from one."""
    compared = _compared(repository, commit, [*added, *_sources(commit)], "-C")
    return {change.path for change in compared if change.status == _ADDED}


def _compared_alone(repository: Repository, commit: LoggedCommit[Edit], logged: Change[Edit]) -> Change[Edit]:
    """Compare a commit with its parent as blame does for one file, if need be with all files that were deleted."""
    sources = _sources(commit) if logged.status in _IS_NEW else ()
    compared = _compared(repository, commit, [logged.path, *sources])
    # there are others where git took a path for a directory's, as a file was deleted and a directory has its name now
    if [change.path for change in compared] != [logged.path] or compared[0].is_binary:
        raise _GivenUp
    return compared[0]


def _compared(
    repository: Repository, commit: LoggedCommit[Edit], paths: Sequence[bytes], *options: str
) -> list[Change[Edit]]:
    if any(b"\n" in path or path.endswith(b"\r") for path in paths):
        raise _GivenUp  # git reads them by lines
    up = b"../" * len(repository.prefix.split("/")) if repository.prefix else b""
    questions = b"\n".join([commit.sha.encode("ascii"), b"--", *(up + path for path in paths), b""])
    with repository.reading(*_LOG, *_ONE_COMMIT, *options, stdin=questions) as output:
        return [change for one in read_log(output, paths[0].__eq__, skim) for change in one.changes]


def _sources(commit: LoggedCommit[Edit]) -> list[bytes]:
    return [change.old_path for change in commit.changes if change.status in _IS_SOURCE]
