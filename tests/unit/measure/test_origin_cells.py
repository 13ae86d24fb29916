from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from ai_code_metrics.measure.origin_cells import Cell, hunk_stratum, join
from ai_code_metrics.records import Edit, HeadLines
from support import origin_tables as tables
from support.origin_tables import DAY, HEAD_AT, joined, sha

if TYPE_CHECKING:
    from ai_code_metrics.comparison_model import OriginArm


def counted(arm: OriginArm) -> dict[str, float]:
    """What an arm consists of, without what is 0."""
    return {name: value for name, value in msgspec.structs.asdict(arm).items() if value}


def test_lines_are_counted_by_arm() -> None:
    """Blank lines, bots and suggestions are in no arm, attested human lines in one of their own."""
    found = join(joined({"a.py": "aaA.uhbs", "b.py": "uu"}))
    assert counted(found.arms["ai"]) == {"lines": 3, "files": 1, "commits": 2, "median_age_days": 10}
    assert counted(found.arms["untagged"]) == {"lines": 3, "files": 2, "commits": 1, "median_age_days": 30}
    assert counted(found.arms["human"]) == {"lines": 1, "files": 1, "commits": 1, "median_age_days": 50}


def test_tests_and_what_is_no_code_are_apart() -> None:
    """Lines of tests are counted, and in no other figure; prose is in none."""
    found = join(
        joined(
            {"tests/test_a.py": "aau", "README.md": "aaaa", "a.py": "a"},
            lint=tables.linted(("tests/test_a.py", 1), ("a.py", 1)),
        )
    )
    arm = found.arms["ai"]
    assert (arm.lines, arm.test_lines, arm.lint_findings, arm.linted_lines) == (1, 2, 1, 1)
    assert found.arms["untagged"].test_lines == 1


def test_covered_lines_are_joined() -> None:
    """Executable lines have an arm, a function and a commit; a cell holds those that have all three alike."""
    found = join(
        joined(
            {"a.py": "aaauuu"},
            coverage=tables.covered(a_py=({1, 2, 4}, {3, 6})),
            complexity=tables.functions(("a.py", 2, 4, 1)),
        )
    )
    assert sorted(found.coverage) == [
        Cell("a.py", 0, sha("a"), 0, "ai", 1, 1),
        Cell("a.py", 0, sha("u"), 0, "untagged", 0, 1),
        Cell("a.py", 1, sha("a"), 0, "ai", 1, 2),
        Cell("a.py", 1, sha("u"), 0, "untagged", 1, 1),
    ]
    assert (found.arms["ai"].covered_lines, found.arms["ai"].executable_lines) == (2, 3)


def test_coverage_is_of_any_language() -> None:
    """A report of other files is joined too; lint is not, where the linter was not given them."""
    found = join(joined({"a.js": "au"}, coverage=tables.covered(a_js=({1}, {2})), lint=tables.linted(), linted=()))
    assert [(one.arm, one.events, one.total) for one in found.coverage] == [("ai", 1, 1), ("untagged", 0, 1)]
    assert not found.lint


def test_findings_count_for_their_first_line() -> None:
    """Also on lines that are in no function; what is on no counted line is nobody's."""
    found = join(
        joined(
            {"a.py": "aau.u"},
            lint=tables.linted(("a.py", 1), ("a.py", 1), ("a.py", 3), ("a.py", 4), ("a.py", 0), ("a.py", 99)),
            security=tables.scanned(("a.py", 5)),
        )
    )
    assert [(one.arm, one.unit, one.events, one.total) for one in sorted(found.lint)] == [
        ("ai", 0, 2, 2),
        ("untagged", 0, 1, 2),
    ]
    assert [(one.arm, one.events, one.total) for one in sorted(found.security)] == [("ai", 0, 2), ("untagged", 1, 2)]


def test_files_that_could_not_be_parsed_are_left_out() -> None:
    """No finding in them doesn't mean that they are clean."""
    found = join(joined({"a.py": "a", "b.py": "a"}, lint=tables.linted(failed=("b.py",))))
    assert [one.path for one in found.lint] == ["a.py"]


def test_lines_belong_to_the_inner_function() -> None:
    """Complexity is that of the function around them; what is outside of functions has none."""
    found = join(joined({"a.py": "uuuauu"}, complexity=tables.functions(("a.py", 2, 5, 12), ("a.py", 4, 4, 3))))
    assert [(one.unit, one.arm, one.events, one.total) for one in sorted(found.complexity)] == [
        (1, "untagged", 3, 3),
        (2, "ai", 0, 1),
    ]
    assert (found.arms["ai"].functions, found.arms["untagged"].functions) == (1, 1)
    assert (found.arms["untagged"].complex_lines, found.arms["untagged"].function_lines) == (3, 3)


@pytest.mark.parametrize(("lines", "stratum"), [(1, 0), (5, 0), (6, 1), (20, 1), (21, 2), (100, 2), (101, 3)])
def test_hunks_have_strata_of_size(lines: int, stratum: int) -> None:
    """1-5, 6-20, 21-100, and over 100 lines."""
    assert hunk_stratum(lines) == stratum
    found = join(joined({"a.py": "a" * lines + "u"}, lint=tables.linted()))
    assert {one.hunk for one in found.lint if one.arm == "ai"} == {stratum}


def test_blank_lines_don_t_make_a_hunk_larger() -> None:
    """Five lines with blank ones between them are five lines."""
    found = join(joined({"a.py": "a.a.a.a.a"}, lint=tables.linted()))
    assert {one.hunk for one in found.lint} == {0}


def test_older_lines_are_left_out() -> None:
    """Of both arms, by the time of their commits."""
    found = join(joined({"a.py": "aAuU"}, lint=tables.linted(), since=HEAD_AT - 25 * DAY))
    assert (found.arms["ai"].lines, found.arms["untagged"].lines) == (2, 0)
    assert {one.arm for one in found.lint} == {"ai"}


def test_a_report_of_another_version_is_left_out() -> None:
    """It has executable lines where there is no code at head, and says nothing of what is there."""
    found = join(joined({"a.py": "aa.uu"}, coverage=tables.covered(a_py=({1, 3}, {9}))))
    assert not found.coverage
    assert "a.py" in found.notes[0]
    assert "another commit" in found.notes[0]


def test_files_that_moved_since_are_named() -> None:
    """Their coverage is joined with nothing."""
    found = join(joined({"a.py": "a"}, coverage=tables.covered(a_py=({1}, set()), old_py=({1}, {2}))))
    assert [one.path for one in found.coverage] == ["a.py"]
    (note,) = found.notes
    assert note.startswith("coverage: 1 of 2 files of the report are not among the counted files at head")
    assert note.endswith("old.py")


def test_a_merge_that_is_checked_out_is_joined_by_lines_of_the_head() -> None:
    """Coverage and functions are told by lines of the work tree, origins by those of the head."""
    found = join(
        joined(
            {"a.py": "au"},
            coverage=tables.covered(a_py=({1, 3}, {2, 4})),
            complexity=tables.functions(("a.py", 3, 4, 1)),
            head_lines=HeadLines({"a.py": (Edit(1, 3, -2),)}),
        )
    )
    assert [(one.unit, one.arm, one.events, one.total) for one in sorted(found.coverage)] == [
        (1, "ai", 1, 1),
        (1, "untagged", 0, 1),
    ]


def test_a_change_is_joined_with_the_report_of_the_whole() -> None:
    """Executable lines outside of the view are no sign of another version."""
    found = join(joined({"a.py": "..a."}, coverage=tables.covered(a_py=({1, 3}, {2, 4})), is_whole=False))
    assert [(one.arm, one.events, one.total) for one in found.coverage] == [("ai", 1, 1)]
    assert not found.notes
