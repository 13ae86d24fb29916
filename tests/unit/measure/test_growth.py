"""Functions that a change made complex."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.measure.growth import grown
from support.summaries import function

if TYPE_CHECKING:
    from ai_code_metrics.model import Function

PATHS = ("a.py", "b.py")


def made(complexity: int, name: str = "f", path: str = "a.py", line: int = 1) -> Function:
    return function(path=path, name=name, line=line, end_line=line + 9, complexity=complexity)


def seen(head: list[Function], older: list[Function]) -> list[tuple[str, str, int, int | None]]:
    """Path, name, complexity and what it was of each function that grew."""
    return [(each.path, each.name, each.complexity, each.before) for each in grown(head, older, PATHS)]


@pytest.mark.parametrize(
    ("now", "before", "grew"),
    [
        (11, 10, True),
        (12, 11, True),
        (11, 1, True),
        (11, 11, False),
        (11, 30, False),
        (10, 1, False),
        (10, None, False),
    ],
)
def test_over_ten_and_more_than_before(now: int, before: int | None, grew: bool) -> None:  # noqa: FBT001 - a table
    """Ten is the most that counts as low; what was complex before and isn't worse is not the change's doing."""
    older = [] if before is None else [made(before)]
    assert seen([made(now)], older) == ([("a.py", "f", now, before)] if grew else [])


def test_a_new_function_has_no_before() -> None:
    """None, not zero."""
    assert seen([made(11)], []) == [("a.py", "f", 11, None)]


def test_a_moved_function_is_the_same() -> None:
    """In another file, and in another class; where it grew on the way, its old figure is told."""
    assert seen([made(15, "C.f", "b.py")], [made(15, "f")]) == []
    assert seen([made(16, "C.f", "b.py")], [made(15, "f")]) == [("b.py", "C.f", 16, 15)]


def test_a_copy_is_new() -> None:
    """The one that is still where it was is no other's past."""
    assert seen([made(15), made(15, path="b.py")], [made(15)]) == [("b.py", "f", 15, None)]


def test_functions_of_one_name_are_told_apart_by_their_order() -> None:
    """A property and its setter have one name."""
    assert seen([made(12), made(14, line=30)], [made(12), made(13, line=30)]) == [("a.py", "f", 14, 13)]


def test_files_that_do_not_differ_hold_nothing_that_grew() -> None:
    """The base has not been measured there."""
    assert seen([made(40, path="same.py")], []) == []


def test_the_most_complex_comes_first() -> None:
    """Then by place."""
    head = [made(11, "g", "b.py"), made(11, "h", line=5), made(30, "i", "b.py"), made(11, "j", line=2)]
    assert [name for _, name, _, _ in seen(head, [])] == ["i", "j", "h", "g"]


@given(
    st.lists(
        st.builds(
            made, st.integers(1, 60), st.sampled_from(["f", "C.f", "D.f"]), st.sampled_from(PATHS), st.integers(1, 99)
        )
    )
)
def test_an_unchanged_copy_never_grew(functions: list[Function]) -> None:
    """Whatever names occur twice."""
    assert seen(functions, functions) == []
