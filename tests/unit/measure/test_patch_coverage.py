"""Coverage of a patch: added executable lines, and the branches that begin in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.measure.patch_coverage import measure
from ai_code_metrics.model import FileCoverage, PatchCoverage
from ai_code_metrics.records import CoverageReport, CoveredFile, Edit, HeadLines, Patch, PatchFile

SAME = HeadLines()


def patch(**lines: set[int]) -> Patch:
    return Patch({
        f"{name}.py": PatchFile(f"{name}.py", None, frozenset(added), frozenset(added))
        for name, added in lines.items()
    })  # fmt: skip


def covered(
    name: str, lines: set[int], missing: set[int], branches: dict[int, tuple[int, int]] | None = None
) -> CoveredFile:
    found = branches or {}
    taken, there = (sum(counts) for counts in zip(*found.values(), strict=True)) if found else (0, 0)
    return CoveredFile(f"{name}.py", frozenset(lines), frozenset(missing), taken, there, found)


def of(*files: CoveredFile, added: Patch, lines: HeadLines = SAME, python: tuple[str, ...] = ()) -> PatchCoverage:
    return measure(CoverageReport(files, "a report"), added, lines, python)


def test_added_executable_lines_count() -> None:
    """Neither other lines of the file, nor added ones without code, nor other files."""
    found = of(
        covered("a", {1, 2, 3}, {4, 5, 90}), covered("b", {1}, {2}), added=patch(a={2, 3, 4, 6, 7}), python=("a.py",)
    )
    assert (found.covered_lines, found.num_statements) == (2, 3)
    assert found.percent == pytest.approx(200 / 3)
    assert found.files == [
        FileCoverage(
            path="a.py", covered_lines=2, num_statements=3, covered_branches=0, num_branches=0, missing=[4]
        )
    ]  # fmt: skip
    assert found.unknown_files == []


def test_branches_count_where_they_begin() -> None:
    """Those of added lines only, in the percentage beside the lines."""
    found = of(covered("a", {1, 2}, {3}, {1: (2, 2), 2: (1, 2), 9: (0, 2)}), added=patch(a={2, 3}))
    assert (found.covered_branches, found.num_branches) == (1, 2)
    assert found.percent == pytest.approx(100 * 2 / 4)


def test_lines_of_a_merge_are_told_by_those_of_the_head() -> None:
    """What is checked out has two lines of the base branch on top, and one more at line 5, which is not head's."""
    lines = HeadLines({"a.py": (Edit(1, 3, -2), Edit(5, 6, -1))})
    found = of(covered("a", {3, 5}, {4, 6, 7}, {4: (1, 2), 5: (0, 9)}), added=patch(a={1, 2, 3}), lines=lines)
    assert found.files == [
        FileCoverage(
            path="a.py", covered_lines=1, num_statements=3, covered_branches=1, num_branches=2, missing=[2, 3]
        )
    ]  # fmt: skip


def test_a_line_of_the_base_branch_is_not_the_patch_s() -> None:
    """A line of the work tree with the number of an added one is another line."""
    lines = HeadLines({"a.py": (Edit(1, 2, -1),)})
    assert of(covered("a", {1}, set()), added=patch(a={1}), lines=lines).num_statements == 0


def test_files_that_the_report_does_not_hold_are_named() -> None:
    """The measured ones among those with new lines; of the others nothing was to be known."""
    added = patch(new={1}, a={1}, empty=set(), script={1})
    found = of(covered("a", {1}, set()), added=added, python=("same.py", "new.py", "empty.py", "a.py"))
    assert found.unknown_files == ["new.py"]


def test_blank_lines_make_no_file_unknown() -> None:
    """There is nothing to cover in them."""
    added = Patch({"a.py": PatchFile("a.py", None, frozenset({1, 2}), frozenset())})
    assert of(added=added, python=("a.py",)).unknown_files == []


def test_nothing_to_cover_has_no_percentage() -> None:
    """0/0 is not applicable; a file without executable added lines isn't listed."""
    found = of(covered("a", {1}, {2}), added=patch(a={7}))
    assert (found.percent, found.num_statements, found.files) == (None, 0, [])


@given(st.sets(st.integers(1, 30)), st.sets(st.integers(1, 30)), st.sets(st.integers(1, 30)))
def test_counts_are_those_of_the_sets(lines: set[int], missing: set[int], added: set[int]) -> None:
    """The parts of a patch are never more than the whole, and a patch of all lines is the whole."""
    file = covered("a", lines - missing, missing, {line: (line % 2, 2) for line in lines})
    found = of(file, added=patch(a=added))
    assert found.covered_lines == len((lines - missing) & added)
    assert found.num_statements == len((lines | missing) & added)
    assert found.num_branches == 2 * len(lines & added)
    whole = of(file, added=patch(a=set(range(1, 31))))
    assert (whole.covered_branches, whole.num_branches) == (file.covered_branches, file.num_branches)
