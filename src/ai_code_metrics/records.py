"""What the collectors hand to the measures: frozen, language-neutral records that know no tool and no process."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_code_metrics.model import Finding, Function

Origin = Literal["ai", "human", "bot", "suggestion", "untagged"]
Kind = Literal["authored", "assisted"]
EvidenceSource = Literal["note", "author", "trailer", "marker"]


@dataclass(frozen=True, slots=True)
class LintReport:
    """One linter over a set of files; ``statements`` counts the statements of the files that it could parse."""

    findings: tuple[Finding, ...]
    statements: int
    files: int
    files_failed: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SecurityReport:
    """One security scanner over a set of files; ``source_lines`` are its lines of code."""

    findings: tuple[Finding, ...]
    source_lines: int
    files: int
    files_failed: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ComplexityReport:
    """All functions and methods of a set of files with their cyclomatic complexity."""

    functions: tuple[Function, ...]
    files: int
    files_failed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CoveredFile:
    """One file's coverage: 1-based line numbers, branches as counts."""

    path: str
    covered_lines: frozenset[int]
    missing_lines: frozenset[int]
    covered_branches: int = 0
    num_branches: int = 0


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """A coverage report of any format; ``source`` says in words where it comes from."""

    files: tuple[CoveredFile, ...]
    source: str


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
class BlamedFile:
    """The lines of one file at head, each with the commit that introduced it.

    ``line_commits[i]`` is the commit of line ``i + 1``, or None for a line outside the view (blank, or older than the
    base of a range).
    """

    path: str
    line_commits: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class BlamedLines:
    """One view of a repository's lines: the files, the commits that they name, and what could not be counted."""

    files: tuple[BlamedFile, ...]
    commits: Mapping[str, Commit]
    excluded_lines: int = 0
    skipped: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = field(default=())
