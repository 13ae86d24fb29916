"""What the collectors hand to the measures: frozen, language-neutral records that know no tool and no process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterator, Mapping, Sequence

    from ai_code_metrics.model import Finding, Function

BINARY: Final = "binary file"
SYMBOLIC_LINK: Final = "symbolic link"
SUBMODULE: Final = "submodule"
NO_TEXT: Final = (BINARY, SYMBOLIC_LINK, SUBMODULE)
"""Why a path has no lines to count, where nothing is amiss."""

NOTHING_TO_ANALYSE: Final = "there is no tracked Python file to analyse; see source and exclude"
"""Why a tool that failed at nothing has no report."""

FILES_OUTSIDE: Final = "files-outside-source"
"""The code of the warning that :func:`files_outside` words."""

Origin = Literal["ai", "human", "bot", "suggestion", "untagged"]
Kind = Literal["authored", "assisted"]
EvidenceSource = Literal["note", "author", "trailer", "marker"]


def files_outside(roots: Sequence[str], count: int) -> str:
    """Say that Python files lie outside of what was measured."""
    noun = "Python file is" if count == 1 else "Python files are"
    return f"{count} {noun} outside of {', '.join(roots[:10])} and not measured; name them in source to have them so"


@dataclass(frozen=True, slots=True)
class LintReport:
    """One linter over a set of files; ``statements`` counts the statements of the files that it could parse.

    ``contents`` tells by fingerprint what a finding is about, wherever it stands: rule and text of its line (no entry
    where that text is empty).
    """

    findings: tuple[Finding, ...]
    statements: int
    files: int
    files_failed: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    statements_by_file: Mapping[str, int] = field(default_factory=dict)
    contents: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SecurityReport:
    """One security scanner over a set of files; ``source_lines`` are its lines of code, ``contents`` as of lint."""

    findings: tuple[Finding, ...]
    source_lines: int
    files: int
    files_failed: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    lines_by_file: Mapping[str, int] = field(default_factory=dict)
    contents: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ComplexityReport:
    """All functions and methods of a set of files with their cyclomatic complexity."""

    functions: tuple[Function, ...]
    files: int
    files_failed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CoveredFile:
    """One file's coverage: 1-based line numbers, branches as counts.

    ``branches`` tells by the line where they begin how many are covered and how many there are, where the report does.
    """

    path: str
    covered_lines: frozenset[int]
    missing_lines: frozenset[int]
    covered_branches: int = 0
    num_branches: int = 0
    branches: dict[int, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """A coverage report of any format; ``source`` says in words where it comes from."""

    files: tuple[CoveredFile, ...]
    source: str


@dataclass(frozen=True, slots=True)
class PatchFile:
    """What the patch adds to one file: 1-based lines at head, and those of them that are not blank.

    ``old_path`` is where the file was at the base, None for a new one.
    """

    path: str
    old_path: str | None
    lines: frozenset[int]
    written: frozenset[int]


@dataclass(frozen=True, slots=True)
class Patch:
    """The files that differ between base and head and are there at head, by path; those without new lines too."""

    files: Mapping[str, PatchFile] = field(default_factory=dict)

    def holds(self, path: str, line: int) -> bool:
        """Whether a line was added."""
        return path in self.files and line in self.files[path].lines


class Edit(NamedTuple):
    """A hunk of a diff: lines ``start`` to ``stop - 1`` are new, and lines below were ``shift`` further down before."""

    start: int
    stop: int
    shift: int


@dataclass(frozen=True, slots=True)
class HeadLines:
    """Where the lines of the work tree are at head: the two differ in a merge that is checked out to be tested.

    ``edits`` lead from head to the work tree, by path and in order; a path without is the same in both.
    """

    edits: Mapping[str, Sequence[Edit]] = field(default_factory=dict)

    def at_head(self, path: str, line: int) -> int:
        """Return the number at head of a line of the work tree (1-based); 0 where it isn't there."""
        shift = 0
        for edit in self.edits.get(path, ()):
            if line < edit.start:
                break
            if line < edit.stop:
                return 0
            shift += edit.shift
        return line + shift


@dataclass(frozen=True, slots=True)
class FileChange:
    """One path of one commit's diff against its first parent; counts are null for binary files."""

    path: str
    added: int | None
    deleted: int | None
    old_path: str | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit as git has it; ``message`` is the whole message, decoded, with line feeds only.

    Where the clone can't tell what the commit changed, ``unknown_changes`` says why, and ``changes`` is empty.
    """

    sha: str
    parents: tuple[str, ...]
    author_name: str
    author_email: str
    committed_at: int
    message: str
    changes: tuple[FileChange, ...] = ()
    unknown_changes: str = ""

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.partition("\n")[0]

    @property
    def is_merge(self) -> bool:
        """Whether the commit has more than one parent."""
        return len(self.parents) > 1


class FileVersion(NamedTuple):
    """A file as one commit has it, under the path that it has there."""

    sha: str
    path: str


class Hunk(NamedTuple):
    """Lines of a file at head that one commit introduced: ``start`` is the first, ``line`` its number in ``version``.

    Numbers are 1-based; ``version`` is an index into the versions of the file's blame.
    """

    start: int
    length: int
    version: int
    line: int


@dataclass(frozen=True, slots=True)
class FileBlame:
    """Which commit introduced which lines of a file: ``table`` holds the four numbers of each :class:`Hunk`, in order.

    A flat array, because a file may have a million lines; lines outside the view are in no hunk.
    """

    versions: tuple[FileVersion, ...]
    table: array[int]

    def owners(self) -> set[int]:
        """The versions that own a line, as indexes."""
        return set(self.table[2::4])

    def hunks(self) -> Iterator[Hunk]:
        """Yield the hunks by their first line."""
        numbers = iter(self.table)
        return map(Hunk, numbers, numbers, numbers, numbers)


class MarkedLine(NamedTuple):
    """A line at head whose text may declare something, without the white space around it."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class BlamedFile:
    """The lines of one file at head, each with the commit that introduced it.

    Attributes:
        path: relative to the opened directory.
        blame: the commits by lines.
        counted: a byte a line, 1 where the line is counted, 0 where it is blank.
        marked: lines that may hold an in-code marker, wherever they come from.
    """

    path: str
    blame: FileBlame
    counted: bytes
    marked: tuple[MarkedLine, ...] = ()


class NotedRange(NamedTuple):
    """Lines of one version of a file that an authorship note tells the origin of; 1-based, inclusive.

    ``agent`` is the tool as the note names it, empty where it does not; ``human`` means attested by the note.
    """

    first: int
    last: int
    origin: Literal["ai", "human"]
    agent: str = ""
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Notes:
    """What authorship notes tell: ranges by version of a file, the stronger claim first; commits that have a note."""

    ranges: Mapping[FileVersion, tuple[NotedRange, ...]] = field(default_factory=dict)
    commits: frozenset[str] = frozenset()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BlamedLines:
    """One view of a repository's lines: the files, the commits that they name, and what could not be counted."""

    files: tuple[BlamedFile, ...]
    commits: Mapping[str, Commit]
    excluded_lines: int = 0
    skipped: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    notes: Notes = field(default_factory=Notes)


class Fate(NamedTuple):
    """Lines of a file that one commit wrote together and that went together; ``start`` is virtual, see WrittenLines.

    ``removed_at`` is when the commit that removed them was committed, in seconds since 1970; -1: they are still there.
    ``hunk`` is how many lines (not blank) were written with them, one below the other.
    """

    start: int
    length: int
    removed_at: int
    hunk: int


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """What became of the lines of a file: ``table`` holds the four numbers of each :class:`Fate`, in order."""

    path: str
    table: array[int]

    def fates(self) -> Iterator[Fate]:
        """Yield the fates by their first line."""
        numbers = iter(self.table)
        return map(Fate, numbers, numbers, numbers, numbers)


@dataclass(frozen=True, slots=True)
class WrittenLines:
    """Every line that the commits of a time wrote, those that are gone too; blank ones are left out.

    Attributes:
        lines: the lines by the path that they were written under. Their numbers are virtual, 1 to n in each file,
            because no version of the file holds all of them; hunks tell where they are in the commit that wrote them.
        fates: what became of them, by the same paths.
        since: lines written earlier are not there; in seconds since 1970, as told by the commits.
        until: when the head was committed.
        warnings: what the reader should know.
    """

    lines: BlamedLines
    fates: Mapping[str, WrittenFile]
    since: int
    until: int
    warnings: tuple[str, ...] = ()


class LineOrigin(NamedTuple):
    """Who wrote a line, as declared, and by which evidence; of an untagged or bot line only the commit is known.

    ``committed_at`` is in seconds since 1970.
    """

    origin: Origin
    kind: Kind | None
    agent: str | None
    model: str | None
    source: EvidenceSource | None
    commit: str
    committed_at: int


@dataclass(frozen=True, slots=True)
class AttributedFile:
    """The origins of one file's lines: ``lines[i]`` is the index of that of line ``i + 1``; 0: it isn't counted."""

    path: str
    lines: array[int]


@dataclass(frozen=True, slots=True)
class LineAttribution:
    """The origin of each line of a view, four bytes a line; what other measures join by path and line.

    ``origins[0]`` is None: the line is blank, or outside the view.
    """

    origins: tuple[LineOrigin | None, ...]
    files: Mapping[str, AttributedFile]

    def at(self, path: str, line: int) -> LineOrigin | None:
        """Return the origin of a line (1-based); None where it isn't counted, or there is no such line."""
        file = self.files.get(path)
        if file is None or not 1 <= line <= len(file.lines):
            return None
        return self.origins[file.lines[line - 1]]


class LineRow(NamedTuple):
    """A line of a file with its number, its text and its origin; the origin is None where the line isn't counted."""

    line: int
    text: str
    origin: LineOrigin | None


@dataclass(frozen=True, slots=True)
class LineListing:
    """One file line by line; ``left_out`` says that the view doesn't count the file."""

    path: str
    view: Literal["changed", "surviving"]
    left_out: bool
    rows: Sequence[LineRow]
    warnings: Sequence[str] = ()
