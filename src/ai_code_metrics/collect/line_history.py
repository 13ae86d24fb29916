"""Every line that was written since a time, and what became of it: one walk back through the history, for all files.

It finds what ``git blame`` finds for the lines that are there at head, and the same for those that are gone: a line
that a commit removes is followed from there on, as if that commit's parent were blamed. Other than blame it looks
through changes of the format, and where git's log finds no rename, a file is removed and another one written. All
files of code are followed, those that nobody asked for too: a line may have been written under another path.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from ai_code_metrics.collect import exclusions, merge_diffs
from ai_code_metrics.collect.authorship_notes import note_references, read_notes
from ai_code_metrics.collect.code_files import PATHSPECS, is_code, is_test_code
from ai_code_metrics.collect.git_paths import decode_path, encode_path, printable
from ai_code_metrics.collect.history import read_named_commits
from ai_code_metrics.collect.ignored_revisions import ignored_revisions
from ai_code_metrics.collect.line_blame import WHOLE_CLONE
from ai_code_metrics.collect.line_runs import ALIVE, WHOLE_FILE, Born, Run, narrowed, step, united
from ai_code_metrics.collect.patch_log import LOG, UnreadableLog, is_file, read_log
from ai_code_metrics.collect.view_files import ViewOptions, left_out, tree_entries
from ai_code_metrics.collect.written_hunks import WrittenHunk, read_written
from ai_code_metrics.errors import SourceUnavailable
from ai_code_metrics.records import BlamedFile, BlamedLines, FileBlame, FileVersion, WrittenFile, WrittenLines

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from ai_code_metrics.collect.merge_diffs import MergeDiff, MixedFile
    from ai_code_metrics.collect.patch_log import Change
    from ai_code_metrics.collect.repository import Repository
    from ai_code_metrics.records import Notes

_LISTING: Final = ("rev-list", "--topo-order", "--parents", "--timestamp", "--end-of-options")
_WALK: Final = (*LOG, "-w", "--root", "--no-walk=unsorted", "--stdin")
_DELETED: Final = b"D"
_ADDED: Final = b"A"
_COMPARED: Final = frozenset({b"A", b"D", b"M", b"R"})
_DEFAULTS: Final = ViewOptions()
_Trails = dict[bytes, list[Run]]  # of one commit: the runs of each file that is followed


class _Listed(NamedTuple):
    """A commit with its time, in seconds since 1970."""

    sha: str
    parents: tuple[str, ...]
    time: int


class _Birth(NamedTuple):
    """Lines of one version, none of them blank, that were written in a hunk of so many."""

    line: int
    length: int
    gone: int
    hunk: int


def written_lines(
    repository: Repository,
    head: str,
    *,
    since: int,
    is_wanted: Callable[[str], bool],
    options: ViewOptions = _DEFAULTS,
) -> WrittenLines:
    """Find every line that was written at or after a time, and when it was removed.

    What a merge threw away of a side branch without looking at it was never part of the history of a file at head, and
    is not found, nor are the lines of a commit that made a link a file. Of a line that several branches removed the
    earliest removal counts.

    Args:
        repository: where to read.
        head: a commit.
        since: in seconds since 1970, as committers' clocks tell.
        is_wanted: whether lines count that were written under a path, as git has it, relative to the opened directory.
        options: whether notes are read, and ``.git-blame-ignore-revs``.

    Raises:
        SourceUnavailable: history is cut off or contents are missing, or ``head`` names no commit.
    """
    if repository.is_shallow():
        raise SourceUnavailable(
            "this clone is shallow, so what was removed before is not in it: set `fetch-depth: 0` for "
            "actions/checkout, or run `git fetch --unshallow`"
        )
    if repository.is_partial():
        raise SourceUnavailable(f"the lines that are gone can't be told: {WHOLE_CLONE}")
    commit = repository.commit_id(head)
    commits = _kept(_listed(repository, commit), since)
    with ignored_revisions(repository, commit if options.ignore_revs else None) as ignored:
        reformatting = frozenset(ignored.commits)
    walk = _Walk(since, _Scope(repository, is_wanted), {commit.sha for commit in commits}, reformatting)
    walk.start(commit, _code_at(repository, commit))
    try:
        _walk(repository, walk, commits)
    except (UnreadableLog, StopIteration):
        raise SourceUnavailable("git printed a history that can't be read") from None
    return _result(repository, walk, since=since, until=repository.committed_at(commit), options=options)


def code_filter(repository: Repository, head: str, options: ViewOptions) -> Callable[[str], bool]:
    """Return what tells whether a path, as git has it, is code that people or agents write, and no test.

    Files that are there at head are also looked up in the attributes, which may call them generated.
    """
    commit = repository.commit_id(head)
    code = [entry.path for entry in tree_entries(repository, commit) if is_code(entry.path)]
    outside = left_out(repository, commit, code, options)
    patterns = (*exclusions.BUILT_IN, *options.exclude)

    def is_wanted(path: str) -> bool:
        if not is_code(path) or is_test_code(path) or path in outside:
            return False
        return not exclusions.matches(path, patterns)

    return is_wanted


def _listed(repository: Repository, head: str) -> list[_Listed]:
    """All commits, children before their parents."""
    found = []
    for line in repository.run(*_LISTING, head).decode("ascii").split("\n")[:-1]:
        time, sha, *parents = line.split(" ")
        found.append(_Listed(sha, tuple(parents), int(time)))
    return found


def _code_at(repository: Repository, commit: str) -> Iterator[bytes]:
    """Yield the paths of all files of code of a commit, from the top of the repository."""
    for entry in repository.run("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")[:-1]:
        meta, _, path = entry.partition(b"\t")
        if is_file(meta[:6]) and is_code(decode_path(path)):
            yield path


def _kept(commits: list[_Listed], since: int) -> list[_Listed]:
    """Leave out what is older, but nothing that stands between a commit and one that counts."""
    kept: set[str] = set()
    for sha, parents, time in reversed(commits):
        if time >= since or not kept.isdisjoint(parents):
            kept.add(sha)
    return [commit for commit in commits if commit.sha in kept]


@dataclass(frozen=True, slots=True)
class _Scope:
    """Which of the repository's paths matter.

    All are followed, as code may move to where it isn't wanted, a test's directory, and is left there; only what was
    written under a wanted path, below the opened directory, is told.
    """

    repository: Repository
    is_wanted: Callable[[str], bool]
    _known: dict[bytes, bool] = field(default_factory=dict)

    @property
    def top(self) -> bytes:
        return encode_path(f"{self.repository.prefix}/") if self.repository.prefix else b""

    def holds(self, path: bytes) -> bool:
        """Tell whether lines count that were written under a path, from the top of the repository."""
        known = self._known.get(path)
        if known is None:
            is_below = path.startswith(self.top)
            known = self._known[path] = is_below and self.is_wanted(decode_path(path.removeprefix(self.top)))
        return known


def _walk(repository: Repository, walk: _Walk, commits: list[_Listed]) -> None:
    """Go through the commits beside three processes of git: the patches, and what merges differ in."""
    if not commits:
        return  # git would take head for what it isn't told
    merges = [(commit.sha, commit.parents) for commit in commits if len(commit.parents) > 1]
    wanted = "".join(f"{commit.sha}\n" for commit in commits).encode("ascii")
    shas = "".join(f"{sha}\n" for sha, _ in merges).encode("ascii")
    patterned = repository.with_globs()
    with ExitStack() as stack:

        def read(arguments: Iterable[str], stdin: bytes) -> IO[bytes]:
            return stack.enter_context(patterned.reading(*arguments, "--", *PATHSPECS, stdin=stdin))

        log = read(_WALK, wanted)
        raw = read(merge_diffs.RAW_ARGUMENTS, merge_diffs.raw_questions(merges))
        combined = read(merge_diffs.COMBINED_ARGUMENTS, shas)
        differing = merge_diffs.read_differing(raw, merges)
        mixed = merge_diffs.read_mixed(combined, (sha for sha, _ in merges))
        patches = read_log(log, lambda _: True, read_written, is_complete=False)
        logged = next(patches, None)
        for listed in commits:
            if len(listed.parents) > 1:
                walk.merge(listed, next(differing), next(mixed))
            elif logged is not None and logged.sha == listed.sha:
                walk.commit(listed, logged.changes)
            else:  # git leaves out what changed no code
                walk.commit(listed, ())
            if logged is not None and logged.sha == listed.sha:
                logged = next(patches, None)
        if logged is not None:
            raise UnreadableLog


class _Walk:
    """The files on their way back, by commit."""

    def __init__(self, since: int, scope: _Scope, commits: Collection[str], reformatting: Collection[str]) -> None:
        self.since = since
        self.scope = scope
        self._commits = commits
        self.births: defaultdict[FileVersion, list[_Birth]] = defaultdict(list)
        self.backwards = 0
        self._reformatting = reformatting
        self._pending: dict[str, _Trails] = {}

    def start(self, head: str, paths: Iterable[bytes]) -> None:
        """Follow all lines of the files at head."""
        self._pending[head] = {path: [Run(1, WHOLE_FILE, ALIVE)] for path in paths}

    def commit(self, listed: _Listed, changes: Sequence[Change[WrittenHunk]]) -> None:
        """Go from a commit to its parent."""
        trails = self._pending.pop(listed.sha, {})
        is_format = listed.sha in self._reformatting
        # all at once, because files may have changed their names with each other
        runs = [trails.pop(change.path, []) if change.status != _DELETED else [] for change in changes]
        for change, own in zip(changes, runs, strict=True):
            if change.is_binary or not change.is_file or change.status not in _COMPARED:
                continue
            older, born = step(own, change.edits, listed.time, is_format=is_format)
            self._bear(listed, change.path, born)
            if older and change.status != _ADDED:
                trails[change.old_path] = united(trails.get(change.old_path, []), older)
        for parent in listed.parents:
            self._hand_on(parent, trails)

    def merge(self, listed: _Listed, diff: MergeDiff, mixed: Mapping[bytes, MixedFile]) -> None:
        """Go from a merge to its parents: each file to the first parent that has it, mixed ones by their lines."""
        trails = self._pending.pop(listed.sha, {})
        others: list[_Trails] = [{} for _ in listed.parents]
        for path, file in mixed.items():
            runs = trails.pop(path, [])
            if file.hunks:
                self._part(listed, path, file, runs, others)
        for path in diff.differing[0]:
            if path in trails:
                place = next((i for i, names in enumerate(diff.differing) if path not in names), len(diff.differing))
                others[place][path] = united(others[place].get(path, []), trails.pop(path))
        for path, runs in others[0].items():
            trails[path] = united(trails.get(path, []), runs)
        for parent, own in zip(listed.parents, (trails, *others[1:]), strict=True):
            self._hand_on(parent, own)

    def _part(self, listed: _Listed, path: bytes, file: MixedFile, runs: list[Run], others: list[_Trails]) -> None:
        """Give each line of a mixed file to the first parent that has it; the merge wrote what none has."""
        born: list[Born] = []
        for trails, old_path, hunks in zip(others, file.paths, file.hunks, strict=True):
            older, born = step(runs, hunks, listed.time)
            runs = [one.run for one in born]
            if older:
                trails[old_path] = united(trails.get(old_path, []), older)
        self._bear(listed, path, narrowed(born))

    def _hand_on(self, parent: str, trails: _Trails) -> None:
        if parent not in self._commits:
            return  # older than what counts
        waiting = self._pending.get(parent)
        if waiting is None:
            self._pending[parent] = trails
            return
        more, fewer = (waiting, trails) if len(waiting) >= len(trails) else (trails, waiting)
        for path, runs in fewer.items():
            more[path] = united(more.get(path, []), runs)
        self._pending[parent] = more

    def _bear(self, listed: _Listed, path: bytes, born: Iterable[Born]) -> None:
        if listed.time < self.since or not self.scope.holds(path):
            return
        births: list[_Birth] = []
        for run, hunk in born:
            first = run.line - hunk.start
            lines = hunk.written[first : first + run.length]
            if ALIVE < run.gone < listed.time:
                self.backwards += lines.count(1)
                continue
            size = hunk.written.count(1)
            births += (_Birth(run.line + at, length, run.gone, size) for at, length in _stretches(lines))
        if births:
            # from the top of the work tree, as notes name files
            self.births[FileVersion(listed.sha, printable(decode_path(path)))] += births


def _stretches(written: bytes) -> Iterator[tuple[int, int]]:
    """The places and lengths of the lines that are not blank and have no blank one between them."""
    start = written.find(1)
    while start >= 0:
        stop = written.find(0, start)
        if stop < 0:
            stop = len(written)
        yield start, stop - start
        start = written.find(1, stop)


def _result(repository: Repository, walk: _Walk, *, since: int, until: int, options: ViewOptions) -> WrittenLines:
    top = printable(decode_path(walk.scope.top))
    versions: defaultdict[str, list[FileVersion]] = defaultdict(list)
    for version in walk.births:
        versions[version.path.removeprefix(top)].append(version)
    built = [_file(path, own, walk.births) for path, own in sorted(versions.items())]
    commits = read_named_commits(repository, sorted({version.sha for version in walk.births}))
    warnings = []
    if walk.backwards:
        warnings.append(
            f"{walk.backwards:,} lines were removed before they were written, by the clocks of their commits, and are "
            "left out of survival and rework"
        )
    return WrittenLines(
        lines=BlamedLines(tuple(file for file, _ in built), commits, notes=_notes(repository, walk, options)),
        fates={fates.path: fates for _, fates in built},
        since=since,
        until=until,
        warnings=tuple(warnings),
    )


def _notes(repository: Repository, walk: _Walk, options: ViewOptions) -> Notes:
    references = note_references(repository) if options.notes else {}
    owned = {
        version: [(birth.line, birth.line + birth.length - 1) for birth in births]
        for version, births in walk.births.items()
    } if references else {}  # fmt: skip
    return read_notes(repository, references, owned, agent_names=options.agent_names)


def _file(
    path: str, versions: list[FileVersion], births: Mapping[FileVersion, list[_Birth]]
) -> tuple[BlamedFile, WrittenFile]:
    """Number the lines of all versions of a file one after the other."""
    table, fates, start = array("I"), array("q"), 1
    for index, version in enumerate(versions):
        for line, length, gone, hunk in sorted(births[version]):
            table.extend((start, length, index, line))
            fates.extend((start, length, gone, hunk))
            start += length
    blamed = BlamedFile(path, FileBlame(tuple(versions), table), b"\1" * (start - 1))
    return blamed, WrittenFile(path, fates)
