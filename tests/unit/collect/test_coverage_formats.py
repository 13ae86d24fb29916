from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ai_code_metrics.collect.coverage_formats import parse
from ai_code_metrics.records import CoveredFile

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

BOMB = (
    b'<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><coverage>&c;</coverage>'
)
EXTERNAL = b'<!DOCTYPE c [<!ENTITY x SYSTEM "file:///etc/passwd">]><coverage><sources><source>&x;</source></sources></coverage>'


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the files that the reports speak of."""
    directory = tmp_path_factory.mktemp("project").resolve()
    for name in ("pkg/a.py", "pkg/b.py", "pkg/mit ü & <b>.py", "src/pkg/c.py"):
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text("", encoding="utf-8")
    return directory


@dataclass(frozen=True)
class Line:
    """One executable line: whether it was run, and its branches as (taken, all)."""

    covered: bool
    taken: int = 0
    branches: int = 0


Data = dict[str, dict[int, Line]]


def as_json(data: Data) -> bytes:
    def entry(lines: dict[int, Line]) -> dict[str, Any]:
        return {
            "executed_lines": [number for number, line in lines.items() if line.covered],
            "missing_lines": [number for number, line in lines.items() if not line.covered],
            "executed_branches": [[number, n - 1] for number, line in lines.items() for n in range(line.taken)],
            "missing_branches": [
                [number, n - 1] for number, line in lines.items() for n in range(line.taken, line.branches)
            ],
            "summary": {
                "covered_branches": sum(line.taken for line in lines.values()),
                "num_branches": sum(line.branches for line in lines.values()),
            },
        }

    return json.dumps({"files": {path: entry(lines) for path, lines in data.items()}}).encode()


def as_cobertura(data: Data) -> bytes:
    def element(number: int, line: Line) -> str:
        branch = f' branch="true" condition-coverage="50% ({line.taken}/{line.branches})"' if line.branches else ""
        return f'<line number="{number}" hits="{int(line.covered)}"{branch}/>'

    classes = "".join(
        f"<class filename={quoteattr(path)}><methods/><lines>{''.join(element(*line) for line in lines.items())}"
        "</lines></class>"
        for path, lines in data.items()
    )
    return f"<coverage><packages><package><classes>{classes}</classes></package></packages></coverage>".encode()


def as_lcov(data: Data) -> bytes:
    records = []
    for path, lines in data.items():
        records.append(f"TN:\nSF:{path}\n")
        for number, line in lines.items():
            records.append(f"DA:{number},{int(line.covered)}\n")
            records.extend(f"BRDA:{number},0,{n},{int(n < line.taken)}\n" for n in range(line.branches))
        records.append("end_of_record\n")
    return "".join(records).encode()


def branches(covered: bool, pair: Sequence[int]) -> Line:  # noqa: FBT001 - made from drawn values
    return Line(covered, min(pair), max(pair))


LINES = st.builds(branches, st.booleans(), st.lists(st.integers(0, 4), min_size=2, max_size=2))
FILES = st.dictionaries(
    st.sampled_from(["pkg/a.py", "pkg/b.py", "pkg/mit ü & <b>.py", "src/pkg/c.py"]),
    st.dictionaries(st.integers(1, 10_000), LINES, max_size=8),
    min_size=1,
)


@given(FILES)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_all_formats_read_equal(root: Path, data: Data) -> None:
    """The same coverage as JSON, Cobertura and lcov gives the same record, file by file."""
    expected = tuple(
        CoveredFile(
            path=path,
            covered_lines=frozenset(number for number, line in lines.items() if line.covered),
            missing_lines=frozenset(number for number, line in lines.items() if not line.covered),
            covered_branches=sum(line.taken for line in lines.values()),
            num_branches=sum(line.branches for line in lines.values()),
            branches={number: (line.taken, line.branches) for number, line in lines.items() if line.branches},
        )
        for path, lines in sorted(data.items())
    )

    assert parse("coverage.json", as_json(data), root=root) == expected
    assert parse("coverage.xml", as_cobertura(data), root=root) == expected
    assert parse("lcov.info", as_lcov(data), root=root) == expected


@given(st.sampled_from(["c.json", "c.xml", "c.info"]), st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_garbage_is_a_value_error(root: Path, name: str, content: bytes) -> None:
    """Bytes of any kind are told to be no report; nothing else is raised."""
    with pytest.raises(ValueError, match=r"."):
        parse(name, content, root=root)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("c.xml", BOMB),
        ("c.xml", EXTERNAL),
        ("c.xml", b"<report/>"),
        ("c.xml", b"<coverage>"),
        ("c.xml", b'<?xml version="1.0" encoding="nonsense"?><coverage/>'),
        ("c.xml", b'<?xml version="1.0" encoding="utf-7"?><coverage/>'),
        ("c.xml", b"<coverage><class/></coverage>"),
        ("c.xml", b'<coverage><class filename="pkg/a.py"><lines><line hits="1"/></lines></class></coverage>'),
        ("c.json", b"[" * 100_000),
        ("c.json", b'{"files": []}'),
        ("c.json", b'{"files": {"pkg/a.py": null}}'),
        ("c.json", b'{"files": {"pkg/a.py": {"summary": {}, "executed_lines": 3, "missing_lines": []}}}'),
        ("c.json", b'{"lines": {}}'),
        ("lcov.info", b"DA:1,1\nend_of_record\n"),
        ("lcov.info", b"SF:pkg/a.py\nDA:1\nend_of_record\n"),
        ("lcov.info", b"SF:pkg/a.py\nDA:one,1\nend_of_record\n"),
    ],
    ids=lambda value: str(value[:40]),
)
def test_hostile_reports_are_refused(root: Path, name: str, content: bytes) -> None:
    """Entities, wrong roots, wrong shapes and endless nesting are value errors, read by nobody further."""
    with pytest.raises(ValueError, match=r"."):
        parse(name, content, root=root)


@pytest.mark.parametrize("number", [-1, 2**53, 10**400, True, 1.5, None])
def test_numbers_are_checked(root: Path, number: object) -> None:
    """A line number that is negative, huge or no whole number spoils the report."""
    entry = {"executed_lines": [number], "missing_lines": [], "summary": {}}

    with pytest.raises(ValueError, match="is no count"):
        parse("c.json", json.dumps({"files": {"pkg/a.py": entry}}).encode(), root=root)


@pytest.mark.parametrize("hits", ["-1", "99999999999999999999", "1e3", ""])
def test_numbers_of_texts_are_checked(root: Path, hits: str) -> None:
    """The same holds for numbers that are written as text."""
    cobertura = (
        f'<coverage><class filename="pkg/a.py"><lines><line number="1" hits="{hits}"/></lines></class></coverage>'
    )
    for name, content in (("c.xml", cobertura), ("lcov.info", f"SF:pkg/a.py\nDA:1,{hits}\nend_of_record\n")):
        with pytest.raises(ValueError, match=r"."):
            parse(name, content.encode(), root=root)


@pytest.mark.parametrize(
    ("spelled", "expected"),
    [
        ("pkg/a.py", "pkg/a.py"),
        ("./pkg/a.py", "pkg/a.py"),
        ("pkg\\a.py", "pkg/a.py"),
        ("pkg//a.py", "pkg/a.py"),
        ("src/../pkg/a.py", "pkg/a.py"),
        ("{root}/pkg/a.py", "pkg/a.py"),
    ],
)
def test_spellings_of_a_path(root: Path, spelled: str, expected: str) -> None:
    """Absolute, back-slashed and roundabout paths find their file."""
    path = spelled.format(root=root)

    assert [file.path for file in parse("lcov.info", as_lcov({path: {1: Line(covered=True)}}), root=root)] == [expected]


@pytest.mark.parametrize(
    "path", ["", ".", "pkg", "gone.py", "../../etc/passwd", "/etc/passwd", "a\0b.py", "x" * 9000, "C:\\pkg\\a.py"]
)
def test_paths_that_name_no_file_of_the_project(root: Path, path: str) -> None:
    """A path that leads elsewhere or nowhere is left out, and a report of nothing else is refused."""
    content = as_json({path: {1: Line(covered=True)}})

    with pytest.raises(ValueError, match="none of its files exists"):
        parse("c.json", content, root=root)


def test_cobertura_sources_are_looked_through(root: Path) -> None:
    """A file name of Cobertura is relative to one of the report's sources, absolute or not."""
    xml = (
        "<coverage><sources><source>{source}</source><source/></sources><classes>"
        '<class filename="pkg/c.py"><lines><line number="1" hits="1"/></lines></class></classes></coverage>'
    )
    for source in (f"{root}/src", "src"):
        (file,) = parse("c.xml", xml.format(source=source).encode(), root=root)
        assert file.path == "src/pkg/c.py"


def test_cobertura_counts_lines_of_methods_once(root: Path) -> None:
    """Lines that Cobertura repeats below a method are not counted twice, and a doctype alone does no harm."""
    xml = (
        b'<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd"><coverage><class '
        b'filename="pkg/a.py"><methods><method><lines><line number="9" hits="0"/></lines></method></methods><lines>'
        b'<line number="1" hits="2" branch="true" condition-coverage="50% (1/2)"/></lines></class></coverage>'
    )

    assert parse("c.xml", xml, root=root) == (CoveredFile("pkg/a.py", frozenset({1}), frozenset(), 1, 2, {1: (1, 2)}),)


def test_entries_of_one_file_are_joined(root: Path) -> None:
    """A line that any of a file's records covers is covered: lcov has one record for each test."""
    one = as_lcov({"pkg/a.py": {1: Line(covered=True, taken=1, branches=2), 2: Line(covered=False)}})
    two = as_lcov({"./pkg/a.py": {2: Line(covered=True), 3: Line(covered=False)}})

    assert parse("lcov.info", one + two, root=root) == (
        CoveredFile("pkg/a.py", frozenset({1, 2}), frozenset({3}), 1, 2, {1: (1, 2)}),
    )


def test_a_line_is_not_both_covered_and_missing(root: Path) -> None:
    """Figures that contradict each other can't give more than all: covered wins, branches are cut to their number."""
    entry = {
        "executed_lines": [1, 1, 2],
        "missing_lines": [2, 3],
        "summary": {"covered_branches": 9, "num_branches": 4},
    }

    (file,) = parse("c.json", json.dumps({"files": {"pkg/a.py": entry}}).encode(), root=root)

    assert file == CoveredFile("pkg/a.py", frozenset({1, 2}), frozenset({3}), 4, 4)
