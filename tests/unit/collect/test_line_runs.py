"""Runs of lines on their way back, against a simulation that keeps a list of lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.collect.line_runs import ALIVE, Run, step, united
from ai_code_metrics.collect.written_hunks import WrittenHunk

SIZE = 40


@st.composite
def hunks(draw: st.DrawFn) -> list[WrittenHunk]:
    """Edits of a newer version of 40 lines, in order and apart."""
    found, line = [], 1
    while line <= SIZE:
        start = line + draw(st.integers(0, 8))
        added, removed = draw(st.integers(0, 5)), draw(st.integers(0, 5))
        if added + removed and start + added <= SIZE + 1:
            found.append(WrittenHunk(start, start + added, removed, b"\1" * added, draw(st.booleans())))
        line = start + added + 1
    return found


RUNS = st.lists(st.tuples(st.booleans(), st.sampled_from([ALIVE, 5, 9])), min_size=SIZE, max_size=SIZE)


def as_runs(lines: list[tuple[bool, int]]) -> list[Run]:
    """A run a line, of those that are followed."""
    return [Run(number, 1, gone) for number, (is_followed, gone) in enumerate(lines, start=1) if is_followed]


def each(runs: list[Run]) -> dict[int, int]:
    """When each line goes."""
    found = {run.line + at: run.gone for run in runs for at in range(run.length)}
    assert len(found) == sum(run.length for run in runs), "runs lie over each other"
    assert runs == sorted(runs)
    return found


@given(RUNS, hunks())
def test_a_step_is_what_happens_to_a_list_of_lines(lines: list[tuple[bool, int]], edits: list[WrittenHunk]) -> None:
    """Lines outside of hunks move, those in hunks are new, and those that were removed are followed from there on."""
    older, born = step(as_runs(lines), edits, 7)
    expected: dict[int, int] = {}
    news = {}
    shift, line = 0, 1
    for hunk in [*edits, WrittenHunk(SIZE + 1, SIZE + 1, 0)]:
        for number in range(line, hunk.start):
            if lines[number - 1][0]:
                expected[number + shift] = lines[number - 1][1]
        count, place = hunk.stop - hunk.start, hunk.start + shift
        for number in range(hunk.start, hunk.stop):
            is_followed, gone = lines[number - 1]
            if not is_followed:
                continue
            if not (hunk.is_format and hunk.removed):
                news[number] = gone
                continue
            at = number - hunk.start
            first = at * hunk.removed // count
            for old in range(first, max(first + 1, (at + 1) * hunk.removed // count)):
                expected[place + old] = min(gone, expected.get(place + old, gone))
        if not (hunk.is_format and count):
            expected |= dict.fromkeys(range(place, place + hunk.removed), 7)
        shift += hunk.shift
        line = hunk.stop
    assert each(older) == expected
    assert {one.run.line + at: one.run.gone for one in born for at in range(one.run.length)} == news


@given(RUNS, RUNS)
def test_of_two_ways_the_line_that_is_left_is_left(one: list[tuple[bool, int]], two: list[tuple[bool, int]]) -> None:
    """Else the earlier removal counts."""
    found = each(united(as_runs(one), as_runs(two)))
    for number in range(1, SIZE + 1):
        times = [gone for is_followed, gone in (one[number - 1], two[number - 1]) if is_followed]
        assert found.get(number) == (min(times) if times else None)


@pytest.mark.parametrize("runs", [[], [Run(1, 3, ALIVE), Run(9, 1, 4)]])
def test_one_way_is_that_way(runs: list[Run]) -> None:
    """Nothing is joined with nothing."""
    assert united(runs, []) == united([], runs) == runs


def test_what_belongs_together_is_joined() -> None:
    """Lines that a later commit had torn apart are one run again where that commit's are left out."""
    older, _ = step([Run(1, 2, ALIVE), Run(4, 2, ALIVE)], [WrittenHunk(3, 4, 0, b"\1")], 7)
    assert older == [Run(1, 4, ALIVE)]


def test_removals_that_nobody_follows() -> None:
    """Where no time is given."""
    assert step([], [WrittenHunk(1, 1, 3)], None) == ([], [])
    assert step([], [WrittenHunk(1, 1, 3)], 7) == ([Run(1, 3, 7)], [])
