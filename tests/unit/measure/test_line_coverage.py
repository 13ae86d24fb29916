"""The coverage part: counts that add up to coverage.py's own percent."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.measure import line_coverage
from ai_code_metrics.model import Unavailable
from ai_code_metrics.records import CoverageReport, CoveredFile


@st.composite
def _files(draw: st.DrawFn) -> CoveredFile:
    covered = draw(st.frozensets(st.integers(1, 200)))
    missing = draw(st.frozensets(st.integers(1, 200))) - covered
    branches = draw(st.integers(0, 50))
    return CoveredFile(draw(st.sampled_from("abc")) + ".py", covered, missing, draw(st.integers(0, branches)), branches)


def _file(path: str, covered: str, missing: str, taken: int = 0, branches: int = 0) -> CoveredFile:
    lines = [frozenset(map(int, text.split())) for text in (covered, missing)]
    return CoveredFile(path, lines[0], lines[1], taken, branches)


def test_percent_counts_lines_and_branches() -> None:
    """3 of 4 lines and 1 of 4 branches are 50 %, as coverage.py counts with branches."""
    part = line_coverage.measure(CoverageReport((_file("a.py", "1 2 3", "4", 1, 4),), "coverage.json"))
    assert not isinstance(part, Unavailable)
    assert part.percent == pytest.approx(50.0)
    assert (part.covered_lines, part.num_statements, part.covered_branches, part.num_branches) == (3, 4, 1, 4)


def test_without_branch_data_percent_counts_lines() -> None:
    """3 of 4 lines are 75 % where the report knows no branches."""
    part = line_coverage.measure(CoverageReport((_file("a.py", "1 2", "4"), _file("b.py", "1", "")), "lcov.info"))
    assert not isinstance(part, Unavailable)
    assert part.percent == pytest.approx(75.0)


def test_files_are_sorted_and_name_their_missing_lines() -> None:
    """Each file lists what is missing in order, so that a reader finds it."""
    part = line_coverage.measure(CoverageReport((_file("b.py", "1", "9 3"), _file("a.py", "1", "")), "x"))
    assert not isinstance(part, Unavailable)
    assert [(file.path, file.missing) for file in part.files] == [("a.py", []), ("b.py", [3, 9])]


@given(files=st.lists(_files(), max_size=5))
def test_totals_are_the_sums_of_the_files(files: list[CoveredFile]) -> None:
    """Every number of the summary can be added up from its files, and the percent is within its bounds."""
    part = line_coverage.measure(CoverageReport(tuple(files), "x"))
    if isinstance(part, Unavailable):
        assert not any(file.covered_lines or file.missing_lines or file.num_branches for file in files)
        return
    assert part.covered_lines == sum(file.covered_lines for file in part.files)
    assert part.num_statements == sum(file.num_statements for file in part.files)
    assert part.num_statements - part.covered_lines == sum(len(file.missing) for file in part.files)
    assert 0 <= part.percent <= 100


@given(files=st.lists(_files(), min_size=1, max_size=4), data=st.data())
def test_one_more_covered_line_never_lowers_the_percent(files: list[CoveredFile], data: st.DataObject) -> None:
    """A missing line that becomes covered, or a new line that is covered, lowers nothing."""
    index = data.draw(st.integers(0, len(files) - 1))
    line = data.draw(st.integers(1, 400))
    file = files[index]
    better = replace(file, covered_lines=file.covered_lines | {line}, missing_lines=file.missing_lines - {line})
    after = line_coverage.measure(CoverageReport((*files[:index], better, *files[index + 1 :]), "x"))
    before = line_coverage.measure(CoverageReport(tuple(files), "x"))
    assert not isinstance(after, Unavailable)
    assert isinstance(before, Unavailable) or after.percent >= before.percent - 1e-9


@given(files=st.lists(_files(), max_size=5, unique_by=lambda file: file.path), data=st.data())
def test_the_order_of_files_is_of_no_account(files: list[CoveredFile], data: st.DataObject) -> None:
    """The same files give the same part, however the report lists them."""
    other = data.draw(st.permutations(files))
    assert line_coverage.measure(CoverageReport(tuple(other), "x")) == line_coverage.measure(
        CoverageReport(tuple(files), "x")
    )


def test_nothing_executable_is_unavailable() -> None:
    """0 of 0 is neither 0 % nor 100 %."""
    part = line_coverage.measure(CoverageReport((_file("a.py", "", ""),), "the project's coverage.xml"))
    assert part == Unavailable(reason="the project's coverage.xml holds no executable line")
