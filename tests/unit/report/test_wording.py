from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics import model
from ai_code_metrics.report import wording


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.01, "0.01"), (33.5, "33.5"), (84.4628, "84.46"), (99.99999, "99.99999"), (100, "100")],
)
def test_only_a_full_score_shows_as_one(value: float, text: str) -> None:
    """One missed line of a million never rounds to full coverage."""
    assert wording.number(value) == text
    assert wording.percent(value) == f"{text} %"


@pytest.mark.parametrize(
    ("metric", "value", "required", "text"),
    [
        ("coverage.percent", 84.4628, ">= 90 %", "84.46 %"),
        ("coverage.percent", 79.9999, ">= 80 %", "79.9999 %"),
        ("quality.score", 79.9999, ">= 80", "79.9999"),
        ("quality.score", 80, ">= 80", "80"),
        ("complexity.max", 23.0, "<= 10", "23"),
        ("attribution.ai_share", 0.4, "<= 25 %", "40 %"),
        ("attribution.ai_share", 0.25001, "<= 25 %", "25.001 %"),
        ("of.a.later.version", 0.5, "no bound", "0.5"),
        ("quality.score", None, ">= 80", "n/a"),
    ],
)
def test_a_measured_value_is_told_from_its_bound(metric: str, value: float | None, required: str, text: str) -> None:
    """A gate never reads "needs >= 80, is 80", and has the unit of its metric."""
    gate = model.GateResult(expression="x", metric=metric, required=required, result="failed", actual=value)
    assert wording.measured(gate) == text


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 branches"), (1, "1 branch"), (2, "2 branches"), (1234, "1,234 branches")]
)
def test_counts_are_in_words(count: int, text: str) -> None:
    """One is singular, thousands are set off."""
    assert wording.plural(count, "branch", "branches") == text


@pytest.mark.parametrize(
    ("counts", "text"),
    [
        ({}, ""),
        ({"low": 1, "high": 2, "medium": 0}, "2 high, 1 low"),
        ({"z": 1, "a": 1, "low": 3}, "3 low, 1 a, 1 z"),
    ],
)
def test_counts_come_in_their_order_without_zeros(counts: dict[str, int], text: str) -> None:
    """Known names first, the others after them by name."""
    assert wording.counted(counts, ("high", "medium", "low")) == text


def test_a_list_ends_with_how_many_are_left() -> None:
    """The first items stand for the rest."""
    assert wording.listed(["a", "b"], 2) == "a, b"
    assert wording.listed(["a", "b", "c", "d"], 2) == "a, b and 2 more"


@given(st.sets(st.integers(min_value=1, max_value=200)))
def test_ranges_hold_exactly_the_lines(lines: set[int]) -> None:
    """Joined ranges cover each line once, in order, and no two of them touch."""
    pairs = wording.ranges(sorted(lines))
    assert [line for first, last in pairs for line in range(first, last + 1)] == sorted(lines)
    assert all(one[1] + 1 < two[0] for one, two in pairwise(pairs))


def test_memory_is_in_mebibytes() -> None:
    """Unknown memory is not zero."""
    assert wording.mebibytes(151_000_000) == "144 MiB"
    assert wording.mebibytes(None) == "n/a"
