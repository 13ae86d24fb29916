"""Readers of coverage reports: coverage.py's JSON, Cobertura XML and lcov, from bytes to one record.

Reports are input that the analysed project wrote, so they are read as hostile: entity declarations in XML are refused,
numbers are checked, and paths are only ever compared, never opened.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import defusedxml.ElementTree
from defusedxml.common import DefusedXmlException

from ai_code_metrics.records import CoveredFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from xml.etree.ElementTree import Element

_CONDITION_COVERAGE = re.compile(r"\((\d{1,9})/(\d{1,9})\)")


def parse(name: str, content: bytes, *, root: Path) -> tuple[CoveredFile, ...]:
    """Read a report, its format told by its name (``.json``, ``.xml``, else lcov); paths become relative to ``root``.

    Files that don't exist below ``root`` are left out. Several entries of one file (lcov with one per test) are joined.

    Raises:
        ValueError: the content is not of that format, or names no file below ``root``; the text says which.
    """
    readers: dict[str, Callable[[bytes, Path], Iterator[CoveredFile]]] = {".json": _from_json, ".xml": _from_cobertura}
    reader = readers.get(PurePosixPath(name).suffix, _from_lcov)
    try:
        files = list(reader(content, root))
    except (LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not the format that its name says ({type(error).__name__}: {error})") from None
    if not files:
        raise ValueError("none of its files exists below the measured directory (made in another place?)")
    return tuple(_joined(files))


def _joined(files: Iterable[CoveredFile]) -> Iterator[CoveredFile]:
    """Join entries of the same path: a line is covered where any entry covers it; branches keep the larger count."""
    by_path: dict[str, CoveredFile] = {}
    for file in files:
        known = by_path.get(file.path)
        if known is None:
            by_path[file.path] = file
            continue
        covered = known.covered_lines | file.covered_lines
        by_path[file.path] = replace(
            known,
            covered_lines=covered,
            missing_lines=(known.missing_lines | file.missing_lines) - covered,
            covered_branches=max(known.covered_branches, file.covered_branches),
            num_branches=max(known.num_branches, file.num_branches),
            branches={line: _larger(known, file, line) for line in known.branches | file.branches},
        )
    return iter(sorted(by_path.values(), key=lambda file: file.path))


def _larger(one: CoveredFile, other: CoveredFile, line: int) -> tuple[int, int]:
    return max(one.branches.get(line, (0, 0)), other.branches.get(line, (0, 0)))


def _relative(name: str, root: Path, bases: Iterable[Path] = ()) -> str | None:
    """Return the path of an existing file below ``root``, looked for below each base too; None where there is none."""
    name = name.replace("\\", "/")
    for base in (*bases, root):
        path = Path(os.path.normpath(base / name))
        try:
            if path.is_relative_to(root) and path.is_file():
                return path.relative_to(root).as_posix()
        except OSError:  # a name that no file system takes
            continue
    return None


def _from_json(content: bytes, root: Path) -> Iterator[CoveredFile]:
    for name, entry in json.loads(content)["files"].items():
        path = _relative(name, root)
        if path is None:
            continue
        summary: dict[str, Any] = entry["summary"]
        covered = frozenset(map(_count, entry["executed_lines"]))
        branches = _count(summary.get("num_branches", 0))
        taken, not_taken = (_sources(entry.get(key, ())) for key in ("executed_branches", "missing_branches"))
        yield CoveredFile(
            path=path,
            covered_lines=covered,
            missing_lines=frozenset(map(_count, entry["missing_lines"])) - covered,
            covered_branches=min(_count(summary.get("covered_branches", 0)), branches),
            num_branches=branches,
            branches={line: (taken[line], taken[line] + not_taken[line]) for line in taken | not_taken},
        )


def _sources(branches: Iterable[Sequence[object]]) -> Counter[int]:
    """How many branches begin in each line; each is a pair of lines, of which the second is negative at an exit."""
    return Counter(_count(branch[0]) for branch in branches)


def _from_cobertura(content: bytes, root: Path) -> Iterator[CoveredFile]:
    try:
        document: Element = defusedxml.ElementTree.fromstring(content)
    except (defusedxml.ElementTree.ParseError, DefusedXmlException) as error:
        raise ValueError(f"no XML that can be read: {error}") from None
    if document.tag != "coverage":
        raise ValueError(f"its root element is {document.tag[:50]!r}, Cobertura's is 'coverage'")
    sources = [(source.text or "").strip() for source in document.iter("source")]
    bases = [root / source for source in sources if source]
    for element in document.iter("class"):
        path = _relative(element.attrib["filename"], root, bases)
        if path is not None:
            yield _cobertura_class(path, element)


def _cobertura_class(path: str, element: Element) -> CoveredFile:
    covered, missing, branches = set[int](), set[int](), dict[int, tuple[int, int]]()
    # Only ./lines/line: Cobertura repeats the lines of methods below ./methods
    for line in element.iterfind("./lines/line"):
        number, hits = _count(line.attrib["number"]), _count(line.attrib["hits"])
        (covered if hits else missing).add(number)
        if line.attrib.get("branch") == "true":
            match = _CONDITION_COVERAGE.search(line.attrib.get("condition-coverage", ""))
            if match:
                branches[number] = (min(int(match[1]), int(match[2])), int(match[2]))
    return _with_branches(path, covered, missing, branches)


def _with_branches(
    path: str, covered: set[int], missing: set[int], branches: dict[int, tuple[int, int]]
) -> CoveredFile:
    return CoveredFile(
        path=path,
        covered_lines=frozenset(covered),
        missing_lines=frozenset(missing - covered),
        covered_branches=sum(taken for taken, _ in branches.values()),
        num_branches=sum(there for _, there in branches.values()),
        branches=branches,
    )


def _from_lcov(content: bytes, root: Path) -> Iterator[CoveredFile]:
    text = content.decode("utf-8", "replace")
    if "\nSF:" not in f"\n{text}":
        raise ValueError("no lcov record in it (a line that starts with SF:)")
    path: str | None = None
    covered, missing, branches = set[int](), set[int](), dict[int, tuple[int, int]]()
    for line in text.split("\n"):
        kind, _, value = line.strip().partition(":")
        if kind == "SF":
            path = _relative(value, root)
            covered, missing, branches = set[int](), set[int](), {}
        elif kind == "DA":
            number, hits = value.split(",")[:2]
            (covered if _count(hits) else missing).add(_count(number))
        elif kind == "BRDA":
            start = _count(value.partition(",")[0])
            taken, there = branches.get(start, (0, 0))
            branches[start] = (taken + (value.rpartition(",")[2] not in {"-", "0"}), there + 1)
        elif kind == "end_of_record" and path is not None:
            yield _with_branches(path, covered, missing, branches)


def _count(value: object) -> int:
    number = int(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else -1
    if not 0 <= number < 2**53:
        raise ValueError(f"{str(value)[:50]!r} is no count")
    return number
