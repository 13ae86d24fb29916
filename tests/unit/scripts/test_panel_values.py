from __future__ import annotations

import math
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panel_values import COLOURS, INK, colour, tick_distance, word, written

SCORE: Final = {"steps": [{"value": None, "color": "red"}, {"value": 60, "color": "yellow"}]}


@pytest.mark.parametrize(
    ("value", "unit", "decimals", "expected"),
    [
        (0.8446, "percentunit", None, "84.5%"),
        (0.5, "percentunit", None, "50%"),
        (1, "percentunit", 1, "100.0%"),
        (84.46, "percent", 0, "84%"),
        (0.0042, "s", None, "4.2 ms"),
        (0, "s", None, "0 s"),
        (1, "s", None, "1 s"),
        (60, "s", None, "1 min"),
        (100, "s", None, "1.7 mins"),
        (36_000, "s", 0, "10 hours"),
        (8 * 86_400, "s", None, "8 days"),
        (0, "bytes", None, "0 B"),
        (200 * 2**20, "bytes", None, "200 MiB"),
        (3, "short", None, "3"),
        (92.46, "short", 1, "92.5"),
        (24_310, "short", None, "24.3 K"),
        (-2_500_000, "short", None, "-2.5 Mil"),
        (1_767_225_600_000, "dateTimeAsIso", None, "2026-01-01 00:00"),
    ],
)
def test_values_are_written_in_their_unit(value: float, unit: str, decimals: int | None, expected: str) -> None:
    """A value is written as Grafana writes it."""
    assert written(value, unit, decimals) == expected


def test_the_highest_threshold_that_is_reached_colours() -> None:
    """The first step has no value and is always reached; without thresholds there is ink."""
    assert colour(59.9, SCORE) == COLOURS["red"]
    assert colour(60, SCORE) == COLOURS["yellow"]
    assert colour(60, None) == INK


@pytest.mark.parametrize(("value", "expected"), [(-1, "lower"), (1.0, "higher"), (0, None), (0.5, None)])
def test_a_mapping_puts_a_word_in_the_place_of_a_value(value: float, expected: str | None) -> None:
    """Only a value that the mapping has is replaced; mappings of other kinds are left alone."""
    options = {"-1": {"text": "lower"}, "1": {"text": "higher"}}
    special = {"type": "special", "options": {"match": "null", "result": {"text": "nothing"}}}
    assert word(value, [special, {"type": "value", "options": options}]) == expected


@pytest.mark.parametrize(
    ("span", "unit", "expected"),
    [
        (104, "short", 25),
        (1.04, "percentunit", 0.25),
        (8 * 86_400, "s", 2 * 86_400),
        (110, "s", 30),
        (0.007, "s", 0.002),
    ],
)
def test_marks_are_round(span: float, unit: str, expected: float) -> None:
    """The marks of an axis are round numbers, or round times."""
    assert tick_distance(span, unit) == pytest.approx(expected)


@given(span=st.floats(1e-6, 1e12), unit=st.sampled_from(["short", "s", "bytes", "percentunit"]), whole=st.booleans())
def test_an_axis_has_a_few_marks(span: float, unit: str, whole: bool) -> None:  # noqa: FBT001
    """Whatever the span is, there are neither none nor dozens of marks, and whole ones on demand."""
    distance = tick_distance(span, unit, whole=whole)
    assert span / distance <= 4.4 + 1e-6
    if whole:
        assert math.isclose(distance, round(distance))
    else:
        assert span / distance > 1
