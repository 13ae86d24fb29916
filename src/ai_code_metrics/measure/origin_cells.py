"""Who wrote the code, joined with what was measured of it: the one table that all comparisons of origins are made of.

A cell holds the lines of one commit in one function, by arm and hunk size, and how many of them are covered, have a
finding, and so on. The lines of a cell stand and fall together, so nothing below it is ever taken as independent.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeVar

from ai_code_metrics.comparison_model import Arm, OriginArm
from ai_code_metrics.measure.complexity import LOW
from ai_code_metrics.measure.head_positions import at_head
from ai_code_metrics.model import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from ai_code_metrics.model import Finding, Function
    from ai_code_metrics.records import (
        BlamedFile,
        BlamedLines,
        ComplexityReport,
        CoverageReport,
        CoveredFile,
        HeadLines,
        LineAttribution,
        LintReport,
        Origin,
        SecurityReport,
    )

ARMS: Final[tuple[Arm, ...]] = ("ai", "untagged", "human")
ARM_OF: Final[Mapping[Origin, Arm]] = {"ai": "ai", "untagged": "untagged", "human": "human"}
HUNK_SIZES: Final = (5, 20, 100)
"""Upper bounds of the strata of hunk size: 1-5, 6-20, 21-100, and over 100 lines that are not blank."""
_DAY: Final = 86_400
_PlacedT = TypeVar("_PlacedT", bound="Finding | Function")
_MISFIT: Final = 0.02  # of the executable lines of a report, where they are blank or behind the end of the file


class Cell(NamedTuple):
    """Lines of one arm that one commit wrote in one function.

    ``unit`` numbers the functions of the file; 0 is what stands outside of functions. ``hunk`` is the stratum of hunk
    size, 0-3. Of ``total`` lines ``events`` are covered or in a complex function, or the lines hold so many findings.
    """

    path: str
    unit: int
    commit: str
    hunk: int
    arm: Arm
    events: int
    total: int


@dataclass(frozen=True, slots=True)
class Joined:
    """What is joined, all of it told by lines at head.

    Attributes:
        lines: the view, for the hunks.
        origins: the origin of each of its lines.
        coverage: lines that could be covered, and those that are.
        lint: findings; those of tests, and of files that could not be parsed, don't count.
        security: likewise.
        complexity: the functions.
        head_lines: where the lines of what was measured are at head.
        linted: the files that the linter was given.
        scanned: those that the security scanner was given.
        is_code: whether a path is source code in any language.
        is_test: whether a path is test code.
        since: lines that were committed earlier are left out; seconds since 1970.
        until: when the head was committed.
        is_whole: the view holds all lines of its files, so that a report can be told that doesn't fit them.
    """

    lines: BlamedLines
    origins: LineAttribution
    coverage: CoverageReport | Unavailable
    lint: LintReport | Unavailable
    security: SecurityReport | Unavailable
    complexity: ComplexityReport | Unavailable
    head_lines: HeadLines
    linted: Collection[str]
    scanned: Collection[str]
    is_code: Callable[[str], bool]
    is_test: Callable[[str], bool]
    since: int | None = None
    until: int = 0
    is_whole: bool = True


@dataclass(slots=True)
class OriginCells:
    """The cells of each metric, what each arm consists of, and what the reader should know."""

    coverage: list[Cell] = field(default_factory=list)
    lint: list[Cell] = field(default_factory=list)
    security: list[Cell] = field(default_factory=list)
    complexity: list[Cell] = field(default_factory=list)
    arms: dict[Arm, OriginArm] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def join(given: Joined) -> OriginCells:
    """Join lines with what was measured of them.

    Returns:
        Cells of the arms ``ai`` and ``untagged``, in files of code that are no tests; the lines of bots, of accepted
        suggestions and attested human ones are in no cell. A coverage report of another version of a file is left out.
    """
    return _Join(given).all()


def hunk_stratum(lines: int) -> int:
    """Return the stratum of a hunk of so many lines, 0-3, see :data:`HUNK_SIZES`."""
    return bisect_left(HUNK_SIZES, lines)


class _Key(NamedTuple):
    """What a line is counted by within its file."""

    origin: int
    unit: int
    hunk: int


@dataclass(slots=True)
class _Lines:
    """The lines of one file: three numbers each, as in :class:`_Key`."""

    origins: Sequence[int]
    units: Sequence[int]
    hunks: Sequence[int]

    def all(self) -> Iterator[_Key]:
        return map(_Key, self.origins, self.units, self.hunks)

    def at(self, numbers: Iterable[int]) -> Iterator[_Key]:
        """The keys of counted lines (1-based)."""
        count = len(self.origins)
        for number in numbers:
            if 1 <= number <= count and self.origins[number - 1]:
                yield _Key(self.origins[number - 1], self.units[number - 1], self.hunks[number - 1])


@dataclass(slots=True)
class _Counts:
    """Sums of an arm."""

    sums: Counter[str] = field(default_factory=Counter)
    commits: set[str] = field(default_factory=set)
    ages: Counter[int] = field(default_factory=Counter)


class _Join:
    def __init__(self, given: Joined) -> None:
        self._given = given
        self._found = OriginCells()
        self._arms = [self._arm(index) for index in range(len(given.origins.origins))]
        self._counts = {arm: _Counts() for arm in ARMS}
        self._covered = {} if isinstance(given.coverage, Unavailable) else {f.path: f for f in given.coverage.files}
        self._functions = _by_path(
            () if isinstance(given.complexity, Unavailable) else at_head(given.complexity.functions, given.head_lines)
        )
        self._lint = _by_path(() if isinstance(given.lint, Unavailable) else given.lint.findings)
        self._security = _by_path(() if isinstance(given.security, Unavailable) else given.security.findings)
        self._linted = _readable(given.linted, given.lint)
        self._scanned = _readable(given.scanned, given.security)
        self._parsed = _readable(given.linted, given.complexity)
        self._misfits: list[str] = []

    def all(self) -> OriginCells:
        for file in self._given.lines.files:
            if self._given.is_code(file.path):
                self._file(file)
        self._found.arms = {arm: self._sums(arm) for arm in ARMS}
        self._note_coverage()
        return self._found

    def _arm(self, index: int) -> Arm | None:
        """The arm that lines of an origin belong to."""
        origin = self._given.origins.origins[index]
        if origin is None or origin.committed_at < (self._given.since or 0):
            return None
        return ARM_OF.get(origin.origin)

    def _file(self, file: BlamedFile) -> None:
        origins = self._given.origins.files[file.path].lines
        if self._given.is_test(file.path):
            for index, count in Counter(origins).items():
                self._add(index, "test_lines", count)
            return
        functions = self._functions.get(file.path, ()) if file.path in self._parsed else ()
        ordered = sorted(functions, key=lambda function: function.line - function.end_line)  # inner ones come later
        lines = _Lines(origins, _units(len(origins), ordered), _hunks(file))
        present = Counter(lines.all())
        self._count(present)
        if file.path in self._linted:
            findings = Counter(lines.at(finding.line for finding in self._lint.get(file.path, ())))
            self._take("lint", file.path, findings, present, ("lint_findings", "linted_lines"))
        if file.path in self._scanned:
            findings = Counter(lines.at(finding.line for finding in self._security.get(file.path, ())))
            self._take("security", file.path, findings, present, ("security_findings", "scanned_lines"))
        self._complexity(file.path, ordered, present)
        if file.path in self._covered:
            self._coverage(self._covered[file.path], lines)

    def _count(self, present: Counter[_Key]) -> None:
        arms = set()
        for key, count in present.items():
            arm = self._add(key.origin, "lines", count)
            origin = self._given.origins.origins[key.origin]
            if arm is None or origin is None:
                continue
            arms.add(arm)
            self._counts[arm].commits.add(origin.commit)
            self._counts[arm].ages[max(0, self._given.until - origin.committed_at)] += count
        for arm in arms:
            self._counts[arm].sums["files"] += 1

    def _add(self, origin: int, name: str, count: int) -> Arm | None:
        arm = self._arms[origin]
        if arm is not None:
            self._counts[arm].sums[name] += count
        return arm

    def _complexity(self, path: str, functions: Sequence[Function], present: Counter[_Key]) -> None:
        inside = Counter({key: count for key, count in present.items() if key.unit})
        over = Counter({key: n for key, n in inside.items() if functions[key.unit - 1].complexity > LOW})
        self._take("complexity", path, over, inside, ("complex_lines", "function_lines"))
        owned: defaultdict[int, Counter[str]] = defaultdict(Counter)
        for key, count in inside.items():
            arm = self._arms[key.origin]
            if arm is not None:
                owned[key.unit][arm] += count
        for lines in owned.values():
            self._counts[max(ARMS, key=lines.__getitem__)].sums["functions"] += 1

    def _coverage(self, file: CoveredFile, lines: _Lines) -> None:
        covered, missing = (self._at_head(file.path, numbers) for numbers in (file.covered_lines, file.missing_lines))
        hit, executable = Counter(lines.at(covered)), Counter(lines.at((*covered, *missing)))
        known = sum(executable.values())
        if self._given.is_whole and len(covered) + len(missing) - known > _MISFIT * (len(covered) + len(missing)):
            self._misfits.append(file.path)
            return
        self._take("coverage", file.path, hit, executable, ("covered_lines", "executable_lines"))

    def _at_head(self, path: str, numbers: Iterable[int]) -> list[int]:
        return [line for number in numbers if (line := self._given.head_lines.at_head(path, number))]

    def _take(
        self,
        metric: Literal["coverage", "lint", "security", "complexity"],
        path: str,
        events: Counter[_Key],
        totals: Counter[_Key],
        names: tuple[str, str],
    ) -> None:
        """Add the cells of one file and one metric."""
        cells: list[Cell] = getattr(self._found, metric)
        for key, total in totals.items():
            self._add(key.origin, names[0], events[key])
            arm = self._add(key.origin, names[1], total)
            origin = self._given.origins.origins[key.origin]
            if origin is not None and arm is not None and arm != "human":
                cells.append(Cell(path, key.unit, origin.commit, key.hunk, arm, events[key], total))

    def _sums(self, arm: Arm) -> OriginArm:
        counts = self._counts[arm]
        age = _median(counts.ages)
        return OriginArm(
            **counts.sums, commits=len(counts.commits), median_age_days=None if age is None else age / _DAY
        )

    def _note_coverage(self) -> None:
        elsewhere = self._covered.keys() - self._given.origins.files.keys()
        if elsewhere:
            self._found.notes.append(
                f"coverage: {len(elsewhere):,} of {len(self._covered):,} files of the report are not among the counted "
                f"files at head (moved, generated, or not tracked): {min(elsewhere)}"
            )
        if self._misfits:
            self._found.notes.append(
                f"coverage: {len(self._misfits):,} files of the report have executable lines where there is no code at "
                f"head, so they were measured at another commit, and are left out: {min(self._misfits)}"
            )


def _by_path(items: Iterable[_PlacedT]) -> Mapping[str, list[_PlacedT]]:
    found: defaultdict[str, list[_PlacedT]] = defaultdict(list)
    for item in items:
        if item.line:  # 0: it isn't in the head commit
            found[item.path].append(item)
    return found


def _readable(
    files: Collection[str], report: LintReport | SecurityReport | ComplexityReport | Unavailable
) -> frozenset[str]:
    return frozenset() if isinstance(report, Unavailable) else frozenset(files) - frozenset(report.files_failed)


def _units(count: int, functions: Sequence[Function]) -> array[int]:
    """The number of the function around each line, 0 for none; of nested ones the inner."""
    units = array("I", bytes(4 * count))
    for unit, function in enumerate(functions, start=1):
        first, last = function.line - 1, min(function.end_line, count)
        if first < last:
            units[first:last] = array("I", (unit,)) * (last - first)
    return units


def _hunks(file: BlamedFile) -> bytearray:
    """The stratum of each line's hunk: of the lines that one commit wrote and that still stand together."""
    strata = bytearray(len(file.counted))
    for hunk in file.blame.hunks():
        start, end = hunk.start - 1, min(hunk.start - 1 + hunk.length, len(strata))
        strata[start:end] = bytes((hunk_stratum(file.counted.count(1, start, end)),)) * (end - start)
    return strata


def _median(ages: Counter[int]) -> int | None:
    half, seen = ages.total() / 2, 0
    for age in sorted(ages):
        seen += ages[age]
        if seen >= half:
            return age
    return None
