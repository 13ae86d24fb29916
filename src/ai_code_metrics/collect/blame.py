"""Lines at head with the commits that introduced them, and what notes on these commits tell of them.

Two views: :func:`surviving_lines` (the whole tree) and :func:`changed_lines` (what a pull request added).
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

from ai_code_metrics.collect.authorship_notes import note_references, read_notes
from ai_code_metrics.collect.blame_cache import BlameCache
from ai_code_metrics.collect.git_paths import printable
from ai_code_metrics.collect.history import read_named_commits
from ai_code_metrics.collect.ignored_revisions import ignored_revisions
from ai_code_metrics.collect.line_blame import blame_files, table
from ai_code_metrics.collect.range_blame import blame_chain
from ai_code_metrics.collect.view_files import (
    ViewOptions,
    changed_entries,
    explained,
    sort_out,
    touched_entries,
    tree_entries,
)
from ai_code_metrics.errors import SourceUnavailable
from ai_code_metrics.records import BlamedFile, BlamedLines, FileBlame

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from ai_code_metrics.collect.ignored_revisions import IgnoredRevisions
    from ai_code_metrics.collect.repository import Repository
    from ai_code_metrics.collect.view_files import Skipped, ViewFile, ViewFiles
    from ai_code_metrics.records import Commit, FileVersion

_FULL_HISTORY: Final = "set `fetch-depth: 0` for actions/checkout, or run `git fetch --unshallow`"
_DEFAULTS: Final = ViewOptions()


def surviving_lines(repository: Repository, head: str, options: ViewOptions = _DEFAULTS) -> BlamedLines:
    """Blame every counted line of the tree at ``head`` to the commit that introduced it.

    Args:
        repository: where to read.
        head: a commit.
        options: what belongs to the view.

    Returns:
        The lines. ``excluded_lines`` counts the lines of excluded text files that are not blank.

    Raises:
        SourceUnavailable: history is cut off, so that the cut would count as the origin of all that is older; ``head``
            names no commit; or not one file could be blamed.
    """
    if repository.is_shallow():
        raise SourceUnavailable(f"this clone is shallow, so older lines have no author in it: {_FULL_HISTORY}")
    commit = repository.commit_id(head)
    with explained(repository):
        entries = tree_entries(repository, commit)
    files = sort_out(repository, commit, entries, options)
    with ignored_revisions(repository, commit if options.ignore_revs else None) as ignored:
        blamed = _blame_tree(repository, commit, files.counted, ignored, options)
    kept = _blamed(files.counted, blamed.blames)
    commits = read_named_commits(repository, _named(kept))
    excluded_lines = sum(file.text.lines for file in files.excluded)
    warnings = (*ignored.warnings, *blamed.warnings)
    return _lines(
        repository, kept, commits, _Outside(excluded_lines, (*files.skipped, *blamed.skipped), warnings), options
    )


def changed_lines(repository: Repository, base: str, head: str, options: ViewOptions = _DEFAULTS) -> BlamedLines:
    """Blame the lines that the non-merge commits between ``base`` and ``head`` added and that are there at ``head``.

    Args:
        repository: where to read.
        base: a commit; all that it has is older than the view, not only what its merge base with ``head`` has.
        head: a commit.
        options: what belongs to the view.

    Returns:
        The lines of the files that hold such lines; older lines and those that a merge made are in no hunk.

    Raises:
        SourceUnavailable: the merge base, or history behind it, is not in this clone; a name is no commit; or not one
            file could be blamed.
    """
    span = _span(repository, base, head)
    with explained(repository):
        if options.touched_files:
            entries = touched_entries(repository, span.end, span.revisions)
        else:
            entries = changed_entries(repository, span.start, span.end)
    files = sort_out(repository, span.end, entries, options)
    with ignored_revisions(repository, span.end if options.ignore_revs else None) as ignored:
        blamed = _blame_range(repository, span, files, ignored, options)
    commits = read_named_commits(
        repository, {version.sha for blame in blamed.blames.values() for version in blame.versions}
    )
    outside = {sha for sha, commit in commits.items() if commit.is_merge and not options.merges}
    blames = {path: _without(blame, outside) for path, blame in blamed.blames.items()}
    kept = _blamed(files.counted, blames)
    known = {sha: commits[sha] for sha in _named(kept)}
    excluded_lines = sum(map(_line_count, _blamed(files.excluded, blames)))
    return _lines(
        repository, kept, known, _Outside(excluded_lines, (*files.skipped, *blamed.skipped), ignored.warnings), options
    )


class _Blames(NamedTuple):
    """What could be blamed, by path as git has it, and what could not."""

    blames: Mapping[str, FileBlame]
    skipped: tuple[Skipped, ...] = ()
    warnings: tuple[str, ...] = ()


class _Outside(NamedTuple):
    """What a view doesn't count, and what its reader should know."""

    excluded_lines: int
    skipped: tuple[Skipped, ...]
    warnings: tuple[str, ...]


class _Span(NamedTuple):
    """A range: the merge base, against which files are compared, the last commit, and what git calls the range."""

    start: str
    end: str
    revisions: tuple[str, ...]


def _span(repository: Repository, base: str, head: str) -> _Span:
    end, older = repository.commit_id(head), repository.commit_id(base)
    start = repository.merge_base(older, end)
    if start is None:
        raise SourceUnavailable(
            f"{base[:200]!r} and {head[:200]!r} have no common commit in this clone: {_FULL_HISTORY}"
        )
    # two branches that were merged into each other have several merge bases, and base has commits that start has not
    revisions = (f"{start}..{end}",) if older == start else (f"{start}..{end}", f"^{older}")
    # a commit without parents between the two is where a shallow clone was cut: it would be blamed for all before it
    if repository.is_shallow() and repository.run("rev-list", "--max-parents=0", "-1", *revisions):
        raise SourceUnavailable(f"this shallow clone is cut between base and head: {_FULL_HISTORY}")
    return _Span(start, end, revisions)


def _blame_tree(
    repository: Repository,
    commit: str,
    files: Sequence[ViewFile],
    ignored: IgnoredRevisions,
    options: ViewOptions,
) -> _Blames:
    """Blame the files of a tree; those whose blame is known from the run before are taken from the cache."""
    cache = None
    if options.cache is not None:
        cache = BlameCache(options.cache, repository, (*options.moves, "", *ignored.commits))
    known = {} if cache is None else cache.load(commit, files)
    rest = [file for file in files if file.path not in known]
    blamed = _blame(repository, (*options.moves, *ignored.options, commit), rest, options.workers)
    blames = {**known, **blamed.blames}
    warnings: tuple[str, ...] = ()
    if cache is not None and rest:
        try:
            cache.store(commit, files, blames)
        except OSError as error:
            warnings = (
                f"blame-cache: {options.cache} can't be written to, nothing is kept: {error.strerror or error}",
            )
    return _whole(_Blames(blames, blamed.skipped, warnings))


def _blame_range(
    repository: Repository, span: _Span, files: ViewFiles, ignored: IgnoredRevisions, options: ViewOptions
) -> _Blames:
    """Blame the files of a range, where possible in one pass over its patches instead of by a process a file."""
    text_files = (*files.counted, *files.excluded)
    if not text_files:
        return _Blames({})
    if options.roots and not options.moves and not _any_between(repository, span, ignored.commits):
        chain = blame_chain(repository, span.start, span.end, [file.path for file in text_files])
        if chain is not None:
            return _Blames(chain)
    roots = ("--root",) if options.roots else ()
    arguments = (*options.moves, *ignored.options, *roots, *span.revisions)
    return _whole(_blame(repository, arguments, text_files, options.workers))


def _any_between(repository: Repository, span: _Span, commits: Collection[str]) -> bool:
    if not commits:
        return False
    between = repository.run("rev-list", *span.revisions).decode("ascii").split()
    return not set(commits).isdisjoint(between)


def _blame(repository: Repository, arguments: Sequence[str], files: Sequence[ViewFile], workers: int) -> _Blames:
    results = blame_files(repository, arguments, [file.path for file in files], workers=workers)
    blames = {path: result for path, result in results.items() if isinstance(result, FileBlame)}
    skipped = sorted((printable(path), result) for path, result in results.items() if isinstance(result, str))
    return _Blames(blames, tuple(skipped))


def _whole(blamed: _Blames) -> _Blames:
    """Return what was blamed.

    Raises:
        SourceUnavailable: that is nothing, though there are files.
    """
    if blamed.skipped and not blamed.blames:
        path, reason = blamed.skipped[0]
        raise SourceUnavailable(f"no file could be blamed; {path!r}: {reason}")
    return blamed


def _blamed(files: Iterable[ViewFile], blames: Mapping[str, FileBlame]) -> list[BlamedFile]:
    """Join lines and blames; a file without a counted line in the view is left out."""
    names = _names([file.path for file in files])
    joined = (
        BlamedFile(names[file.path], blames[file.path], file.text.counted, file.text.marked)
        for file in files
        if file.path in blames
    )
    return sorted((file for file in joined if _has_lines(file)), key=lambda file: file.path)


def _names(paths: Iterable[str]) -> dict[str, str]:
    """Names for paths, fit for JSON; of several that look the same without their odd bytes all but one get a number."""
    names: dict[str, str] = {}
    seen: Counter[str] = Counter()
    for path in sorted(paths):
        name = printable(path)
        seen[name] += 1
        names[path] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return names


def _line_count(file: BlamedFile) -> int:
    return sum(file.counted.count(1, hunk.start - 1, hunk.start - 1 + hunk.length) for hunk in file.blame.hunks())


def _has_lines(file: BlamedFile) -> bool:
    return any(file.counted.find(1, hunk.start - 1, hunk.start - 1 + hunk.length) >= 0 for hunk in file.blame.hunks())


def _without(blame: FileBlame, commits: Collection[str]) -> FileBlame:
    if all(version.sha not in commits for version in blame.versions):
        return blame
    kept = (hunk for hunk in blame.hunks() if blame.versions[hunk.version].sha not in commits)
    return FileBlame(blame.versions, table(kept))


def _named(files: Iterable[BlamedFile]) -> list[str]:
    """The commits that own a line."""
    return sorted({file.blame.versions[version].sha for file in files for version in file.blame.owners()})


def _owned(files: Iterable[BlamedFile]) -> dict[FileVersion, list[tuple[int, int]]]:
    """The lines that each version of a file owns, as first and last ones."""
    owned: dict[FileVersion, list[tuple[int, int]]] = {}
    for file in files:
        for _, length, version, line in file.blame.hunks():
            owned.setdefault(file.blame.versions[version], []).append((line, line + length - 1))
    return owned


def _lines(
    repository: Repository,
    files: Sequence[BlamedFile],
    commits: Mapping[str, Commit],
    outside: _Outside,
    options: ViewOptions,
) -> BlamedLines:
    references = note_references(repository) if options.notes else {}
    owned = _owned(files) if references else {}
    notes = read_notes(repository, references, owned, agent_names=options.agent_names)
    return BlamedLines(
        files=tuple(files),
        commits=commits,
        excluded_lines=outside.excluded_lines,
        skipped=outside.skipped,
        warnings=(*outside.warnings, *notes.warnings),
        notes=notes,
    )
