"""Authorship notes of a clone, in git notes and in the refs of older tools: which lines agents say they wrote."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from ai_code_metrics.collect.git_paths import printable
from ai_code_metrics.collect.note_formats import parse_agentblame, parse_git_ai
from ai_code_metrics.collect.repository import GitFailed
from ai_code_metrics.records import FileVersion, NotedRange, Notes

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from ai_code_metrics.collect.note_claims import ParsedNote
    from ai_code_metrics.collect.repository import Repository

MAX_BYTES: Final = 16 << 20
MAX_ALL_BYTES: Final = 1 << 30  # of all notes; many commits may have one and the same large note
MAX_ALL_RANGES: Final = 5_000_000
_CHUNK_BYTES: Final = 1 << 20
_HEADER_FIELDS: Final = 3
_NAMES: Final = ("ai", "agentblame", "exceeds-ink")  # of notes refs, the strongest first
_NOTES: Final = ("refs/notes/", "refs/ai-code-metrics/notes/")  # the user's own, and what this tool fetches
_AUTHORSHIP: Final = ("refs/ai/authorship/", "refs/ai-code-metrics/authorship/")  # a ref a commit, older than notes

_Paths = dict[str, FileVersion]  # the versions of one commit that are asked for, by their paths as notes have them
References = dict[str, str]  # refs that may hold notes, with their objects


class _Place(NamedTuple):
    """Where a note is: the commit that it is on, the ref, the object, and the name of its kind."""

    sha: str
    ref: str
    blob: str
    name: str


def note_references(repository: Repository) -> References:
    """Return the refs that may hold notes; no object is looked at, as it may be missing.

    Raises:
        GitFailed: the refs can't be listed.
    """
    patterns = [f"{prefix}{name}" for prefix in _NOTES for name in _NAMES]
    listed = repository.run("for-each-ref", "--format=%(objectname) %(refname)", *patterns, *_AUTHORSHIP)
    entries = (line.partition(" ") for line in listed.decode("utf-8", "replace").split("\n") if line)
    return {ref: object_id for object_id, _, ref in entries}


def noted_commits(repository: Repository, references: References) -> set[str]:
    """Return the ids of the commits that have a note, whatever it says; some may not be in this clone.

    Raises:
        GitFailed: a ref is no tree of notes.
    """
    found = {ref.rpartition("/")[2] for ref in references if ref.startswith(_AUTHORSHIP)}
    for ref in references:
        if ref.startswith(_NOTES):
            names = repository.run("ls-tree", "-r", "-z", "--name-only", ref).decode("ascii", "replace").split("\0")
            found.update(name.replace("/", "") for name in names)
    return found


def read_notes(
    repository: Repository,
    references: References,
    owned: Mapping[FileVersion, Sequence[tuple[int, int]]],
    *,
    agent_names: Collection[str] = (),
) -> Notes:
    """Read what authorship notes tell about the lines that versions of files own.

    git-ai's notes come before agentblame's, those before exceeds-ink's, and refs/ai/authorship comes last; of each kind
    a commit has one note, the repository's own before the one under refs/ai-code-metrics. Notes on other commits are
    not read.

    Args:
        repository: where to read.
        references: of it, from :func:`note_references`.
        owned: versions of files with the first and last lines that their commits added; as in notes, paths are relative
            to the top of the work tree, not to the opened directory.
        agent_names: casefolded names of agents, for notes in which agents and people look alike.

    Returns:
        The ranges, as the notes have them, that touch an owned line; what could not be used is in the warnings, a line
        for each kind of trouble.
    """
    wanted: dict[str, _Paths] = {}
    for version in owned:
        wanted.setdefault(version.sha, {})[printable(version.path)] = version
    found = _Found(wanted, owned, MAX_ALL_BYTES, MAX_ALL_RANGES)
    places = _places(repository, references, found) if wanted else []
    if places:
        _read(repository, places, found, agent_names)
    return found.notes()


@dataclass(slots=True)
class _Found:
    """What has been read so far."""

    wanted: Mapping[str, _Paths]
    owned: Mapping[FileVersion, Sequence[tuple[int, int]]]
    bytes_left: int
    ranges_left: int
    ranges: dict[FileVersion, list[NotedRange]] = field(default_factory=dict)
    commits: set[str] = field(default_factory=set)
    troubles: dict[str, list[_Place]] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)

    def take(self, place: _Place, note: ParsedNote) -> None:
        """Keep what a note tells about the wanted versions."""
        for problem in note.problems:
            self.report(place, problem)
        if note.readable:
            self.commits.add(place.sha)
        paths = self.wanted[place.sha]
        for path, ranges in note.ranges.items():
            self.ranges_left -= len(ranges)
            if path in paths:
                version = paths[path]
                self.ranges.setdefault(version, []).extend(_touching(ranges, self.owned[version]))

    def report(self, place: _Place, problem: str) -> None:
        """Count a note among those that have the problem."""
        self.troubles.setdefault(problem, []).append(place)

    def notes(self) -> Notes:
        """Return it all, troubles summed up."""
        warnings = [
            f"authorship notes: {len(places)} {problem}, the first on {places[0].sha[:12]} ({places[0].ref})"
            for problem, places in self.troubles.items()
        ]
        return Notes(
            ranges={version: tuple(ranges) for version, ranges in self.ranges.items()},
            commits=frozenset(self.commits),
            warnings=(*warnings, *self.failures),
        )


def _places(repository: Repository, refs: Mapping[str, str], found: _Found) -> list[_Place]:
    """Find the notes on wanted commits, the strongest first."""
    places: list[_Place] = []
    for name in _NAMES:
        by_commit: dict[str, _Place] = {}
        for ref in (f"{prefix}{name}" for prefix in _NOTES):
            for sha, blob in _listed(repository, ref, refs.get(ref), found):
                by_commit.setdefault(sha, _Place(sha, ref, blob, name))
        places.extend(by_commit.values())
    for sha in found.wanted:
        prefix = next((prefix for prefix in _AUTHORSHIP if f"{prefix}{sha}" in refs), None)
        if prefix is not None:
            places.append(_Place(sha, f"{prefix}*", refs[f"{prefix}{sha}"], "authorship"))
    return places


def _listed(repository: Repository, ref: str, tree: str | None, found: _Found) -> Iterator[tuple[str, str]]:
    """Yield wanted commits with the ids of their notes.

    ``git notes list`` takes refs below refs/notes only; of the tree, paths are joined, as its fan-out may be mixed.
    """
    if tree is None:
        return
    try:
        entries = repository.run("ls-tree", "-r", "-z", "--full-tree", tree).split(b"\0")[:-1]
    except GitFailed as error:
        found.failures.append(f"authorship notes: {ref} can't be listed: {error}")
        return
    wanted = {sha.encode("ascii"): sha for sha in found.wanted}
    for entry in entries:
        meta, _, path = entry.partition(b"\t")
        sha = wanted.get(path.replace(b"/", b""))
        if sha is not None:
            _, kind, blob = meta.split()
            if kind == b"blob":
                yield sha, blob.decode("ascii")


def _read(repository: Repository, places: Iterable[_Place], found: _Found, agent_names: Collection[str]) -> None:

    def parse(place: _Place, content: bytes) -> ParsedNote:
        if place.name == "agentblame":
            return parse_agentblame(content)
        return parse_git_ai(content, agent_names, paths=found.wanted[place.sha])

    try:
        present = _present(repository, places, found)
        questions = "".join(f"{place.blob}\n" for place in present).encode("ascii")
        with repository.reading("cat-file", "--batch", "--buffer", stdin=questions) as output:
            for place in present:
                _read_note(output, place, found, parse)
    except GitFailed as error:
        found.failures.append(f"authorship notes: not all could be read: {error}")


def _present(repository: Repository, places: Iterable[_Place], found: _Found) -> list[_Place]:
    """Leave out notes that a partial clone lacks; cat-file would fetch the first of them, or fail at it."""
    questions = "".join(f"{place.blob}\n" for place in places).encode("ascii")
    arguments = ("--objects", "--no-walk", "--missing=print", "--ignore-missing", "--no-object-names", "--stdin")
    listed = {line.strip().decode("ascii") for line in repository.lines("rev-list", *arguments, stdin=questions)}
    present = []
    for place in places:
        if place.blob in listed:
            present.append(place)
        else:
            found.report(place, "missing from this clone")
    return present


def _read_note(output: IO[bytes], place: _Place, found: _Found, parse: Callable[[_Place, bytes], ParsedNote]) -> None:
    header = output.readline().split()
    if len(header) != _HEADER_FIELDS:  # git ended, which leaving the context tells
        return
    kind, size = header[1], int(header[2])
    if kind != b"blob":
        found.report(place, "that are no file (skipped)")
        _skip(output, size)
    elif size > MAX_BYTES:
        found.report(place, f"of over {MAX_BYTES >> 20} MiB (skipped)")
        _skip(output, size)
    elif size > found.bytes_left or found.ranges_left < 0:
        found.report(place, f"beyond {MAX_ALL_BYTES >> 30} GiB or {MAX_ALL_RANGES:,} ranges in all (skipped)")
        _skip(output, size)
    else:
        found.bytes_left -= size
        content = output.read(size)
        if len(content) == size:  # else git ended within
            found.take(place, parse(place, content))
    output.read(1)  # the line feed after each content


def _touching(ranges: Iterable[NotedRange], owned: Sequence[tuple[int, int]]) -> Iterator[NotedRange]:
    """Yield the ranges that touch one of the lines, so that no note costs more than its commit added."""
    places = sorted(owned)
    ends = [last for _, last in places]
    for noted in ranges:
        place = bisect_left(ends, noted.first)
        if place < len(places) and places[place][0] <= noted.last:
            yield noted


def _skip(output: IO[bytes], size: int) -> None:
    while size > 0 and (chunk := output.read(min(size, _CHUNK_BYTES))):
        size -= len(chunk)
