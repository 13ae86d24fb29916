"""Positions in a merge that is checked out, by the lines of the head."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.measure.head_positions import at_head
from ai_code_metrics.records import Edit, HeadLines, Patch, PatchFile
from support.summaries import finding, function

# three lines on top, and line 12 (9 at head) written anew where two lines were
LINES = HeadLines({"a.py": (Edit(1, 4, -3), Edit(12, 13, 1))})


@pytest.mark.parametrize(
    ("line", "head"), [(1, 0), (3, 0), (4, 1), (11, 8), (12, 0), (13, 11), (100, 98)]
)  # fmt: skip
def test_a_line_is_counted_without_what_the_merge_added(line: int, head: int) -> None:
    """0 where it isn't the head's; what was taken away counts."""
    assert LINES.at_head("a.py", line) == head


def test_a_file_that_the_merge_left_alone_keeps_its_lines() -> None:
    """As does everything where no merge is checked out."""
    assert LINES.at_head("b.py", 3) == HeadLines().at_head("a.py", 3) == 3


def test_a_deletion_shifts_what_is_below_it() -> None:
    """The line in front of it stays."""
    lines = HeadLines({"a.py": (Edit(3, 3, 2),)})
    assert [lines.at_head("a.py", line) for line in (2, 3, 4)] == [2, 5, 6]


def test_findings_and_functions_are_moved() -> None:
    """With their last lines; one whose first line isn't there is nowhere."""
    items = [finding(path="a.py", line=5, end_line=11), finding(path="a.py", line=2, end_line=5),
             finding(path="a.py", line=4, end_line=None), finding(path="b.py", line=2, end_line=5),
             finding(path="a.py", line=0, end_line=None)]  # fmt: skip
    assert [(each.line, each.end_line) for each in at_head(items, LINES)] == [
        (2, 8), (0, 0), (1, None), (2, 5), (0, None),
    ]  # fmt: skip
    (moved,) = at_head([function(path="a.py", line=5, end_line=14)], LINES)
    assert (moved.line, moved.end_line) == (2, 12)


def test_a_last_line_that_is_not_there_is_the_first() -> None:
    """A range never ends before it begins."""
    (moved,) = at_head([finding(path="a.py", line=5, end_line=12)], LINES)
    assert (moved.line, moved.end_line) == (2, 2)


TEXTS = st.lists(st.sampled_from("abcd"), max_size=12)


@given(TEXTS, TEXTS)
def test_a_line_that_is_there_has_the_same_text(head: list[str], merged: list[str]) -> None:
    """Of any edits: line by line, in order, and each line of the head at most once."""
    edits = tuple(
        Edit(start + 1, stop + 1, (old_stop - old_start) - (stop - start))
        for tag, old_start, old_stop, start, stop in difflib.SequenceMatcher(a=head, b=merged).get_opcodes()
        if tag != "equal"
    )
    found = [HeadLines({"a.py": edits}).at_head("a.py", line) for line in range(1, len(merged) + 1)]
    kept = [line for line in found if line]
    assert kept == sorted(set(kept))
    assert all(head[line - 1] == text for line, text in zip(found, merged, strict=True) if line)
    assert len(merged) - len(kept) == sum(edit.stop - edit.start for edit in edits)


def test_a_patch_holds_its_lines() -> None:
    """And none of a file that doesn't differ, nor line 0, which is nowhere."""
    patch = Patch({"a.py": PatchFile("a.py", None, frozenset({3}), frozenset())})
    held = [patch.holds("a.py", 3), patch.holds("a.py", 2), patch.holds("a.py", 0), patch.holds("b.py", 3)]
    assert held == [True, False, False, False]
