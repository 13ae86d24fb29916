"""Reading ``git blame --incremental``."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.collect.line_blame import parse, table
from ai_code_metrics.records import FileVersion, Hunk

A, B = "a" * 40, "b" * 40
DETAILS = b"author boundary\nauthor-mail <a@b>\nsummary filename x\nprevious %b y\n" % (b"c" * 40)
OUTPUT = (
    A.encode() + b" 3 5 2\n" + DETAILS + b"filename a.py\n"
    + B.encode() + b" 1 1 4\n" + DETAILS + b"boundary\nfilename a.py\n"
    + A.encode() + b' 9 7 1\nfilename "caf\\303\\251\\n.py"\n'
    + B.encode() + b" 8 8 1\nfilename a.py\n"
)  # fmt: skip


def test_hunks_come_in_the_order_of_their_lines() -> None:
    """A commit's details stand at its first hunk only; its path may differ from hunk to hunk."""
    blame = parse(OUTPUT, is_range=False)
    assert blame.versions == (FileVersion(A, "a.py"), FileVersion(B, "a.py"), FileVersion(A, "café\n.py"))
    assert list(blame.hunks()) == [Hunk(1, 4, 1, 1), Hunk(5, 2, 0, 3), Hunk(7, 1, 2, 9), Hunk(8, 1, 1, 8)]


def test_lines_older_than_a_range_are_left_out() -> None:
    """A commit at the boundary is told once, and holds for all of its hunks; an author of that name changes nothing."""
    assert list(parse(OUTPUT, is_range=True).hunks()) == [Hunk(5, 2, 0, 3), Hunk(7, 1, 1, 9)]


def test_nothing_is_no_hunk() -> None:
    """An empty file has no output."""
    assert parse(b"", is_range=False).versions == ()


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(1, 3)), max_size=10))
def test_neighbours_are_joined(lines: list[tuple[int, int]]) -> None:
    """Hunks that continue each other in both files become one; no line is lost."""
    hunks = [Hunk(start, 1, version, line) for start, (version, line) in enumerate(lines, start=1)]
    numbers = table(reversed(hunks))
    joined = [Hunk(*numbers[at : at + 4]) for at in range(0, len(numbers), 4)]
    again = [
        Hunk(hunk.start + offset, 1, hunk.version, hunk.line + offset)
        for hunk in joined for offset in range(hunk.length)
    ]  # fmt: skip
    assert again == hunks
    assert not any(
        (one.version, one.start + one.length, one.line + one.length) == (other.version, other.start, other.line)
        for one, other in itertools.pairwise(joined)
    )
