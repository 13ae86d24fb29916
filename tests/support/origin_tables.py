"""Lines with origins for tests, written as a text a file: one letter a line, a point for one that is not counted."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, Any, Final

from ai_code_metrics import model
from ai_code_metrics.collect.line_blame import table
from ai_code_metrics.measure.origin_cells import Cell, Joined
from ai_code_metrics.model import Unavailable
from ai_code_metrics.records import (
    AttributedFile,
    BlamedFile,
    BlamedLines,
    ComplexityReport,
    CoverageReport,
    CoveredFile,
    FileBlame,
    FileVersion,
    HeadLines,
    Hunk,
    LineAttribution,
    LineOrigin,
    LintReport,
    SecurityReport,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

DAY: Final = 86_400
HEAD_AT: Final = 1_000 * DAY
MISSING: Final = Unavailable(reason="not asked for")
# Letters of two AI-tagged commits, two untagged ones, an attested human's, a bot's, and an accepted suggestion's
COMMITS: Final = {"a": "ai", "A": "ai", "u": "untagged", "U": "untagged", "h": "human", "b": "bot", "s": "suggestion"}
_AGES: Final = {"a": 10, "A": 20, "u": 30, "U": 400, "h": 50, "b": 60, "s": 70}  # days before the head


def sha(letter: str) -> str:
    """The id of the commit that a letter stands for."""
    return f"{ord(letter):040x}"


def origins(files: Mapping[str, str]) -> LineAttribution:
    """The origin of each letter's lines."""
    known: list[LineOrigin | None] = [None]
    for letter, origin in COMMITS.items():
        at = HEAD_AT - _AGES[letter] * DAY
        known.append(LineOrigin(origin, None, None, None, None, sha(letter), at))  # type: ignore[arg-type]
    numbers = {letter: index for index, letter in enumerate(COMMITS, start=1)} | {".": 0}
    lines = {path: AttributedFile(path, array("I", map(numbers.__getitem__, text))) for path, text in files.items()}
    return LineAttribution(tuple(known), lines)


def blamed(files: Mapping[str, str]) -> BlamedLines:
    """The same lines with their hunks: neighbours with one letter, blank lines between them too, are one."""
    return BlamedLines(tuple(_file(path, text) for path, text in files.items()), {})


def _file(path: str, text: str) -> BlamedFile:
    letters = sorted(set(text) - {"."})
    filled = list(text)
    for index, letter in enumerate(filled):
        if letter == ".":
            filled[index] = filled[index - 1] if index else next((one for one in text if one != "."), "u")
    hunks = [Hunk(line, 1, letters.index(letter), line) for line, letter in enumerate(filled, 1) if letter in letters]
    versions = tuple(FileVersion(sha(letter), path) for letter in letters)
    return BlamedFile(path, FileBlame(versions, table(hunks)), bytes(letter != "." for letter in text))


def joined(files: Mapping[str, str], **fields: Any) -> Joined:
    """What is joined: Python files of which nothing else was measured, unless it is given."""
    values: dict[str, Any] = {
        "lines": blamed(files),
        "origins": origins(files),
        "coverage": MISSING,
        "lint": MISSING,
        "security": MISSING,
        "complexity": MISSING,
        "head_lines": HeadLines(),
        "linted": tuple(files),
        "scanned": tuple(files),
        "is_code": lambda path: path.endswith((".py", ".js")),
        "is_test": lambda path: path.startswith("tests/"),
        "until": HEAD_AT,
    }
    return Joined(**values | fields)


def covered(**files: tuple[set[int], set[int]]) -> CoverageReport:
    """A report; ``a_py=({1}, {2})`` is ``a.py`` with line 1 covered and line 2 missing."""
    return CoverageReport(
        tuple(
            CoveredFile(name.replace("_", "."), frozenset(hit), frozenset(miss)) for name, (hit, miss) in files.items()
        ),
        "a report",
    )


def functions(*found: tuple[str, int, int, int]) -> ComplexityReport:
    """Functions as path, first and last line, and complexity."""
    made = (
        model.Function(path=path, name=f"f{line}", line=line, end_line=end, complexity=complexity)
        for path, line, end, complexity in found
    )
    return ComplexityReport(tuple(made), 1, ())


def linted(*places: tuple[str, int], failed: tuple[str, ...] = ()) -> LintReport:
    """Findings as path and line."""
    return LintReport(tuple(_finding(*place) for place in places), 100, 1, failed)


def scanned(*places: tuple[str, int]) -> SecurityReport:
    """Findings as path and line."""
    return SecurityReport(tuple(_finding(*place) for place in places), 100, 1, ())


def _finding(path: str, line: int) -> model.Finding:
    return model.Finding(
        tool="t", rule="r", name="n", message="m", path=path, line=line, severity="warning", fingerprint=f"{path}{line}"
    )


def cell(arm: Any, events: int, total: int, **fields: Any) -> Cell:
    """Lines of one function of one file."""
    values: dict[str, Any] = {"path": "a.py", "unit": 1, "commit": "c", "hunk": 0}
    return Cell(**values | fields, arm=arm, events=events, total=total)


def mixed_files(count: int, ai: tuple[int, int], untagged: tuple[int, int], functions_each: int = 4) -> list[Cell]:
    """Files that hold so many functions of each arm, all with the same events and total."""
    return [
        cell(arm, *numbers, path=f"{number}.py", unit=unit + 1 + offset, commit=f"{arm}{number}{unit}")
        for number in range(count)
        for unit in range(functions_each)
        for arm, numbers, offset in (("ai", ai, 0), ("untagged", untagged, functions_each))
    ]
