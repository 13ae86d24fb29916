"""The complexity part: lines in functions by their cyclomatic complexity."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.measure import complexity
from ai_code_metrics.model import Complexity, Function, Unavailable
from ai_code_metrics.records import ComplexityReport


def _function(cc: int, lines: int = 10, path: str = "a.py", line: int = 1) -> Function:
    return Function(path=path, name=f"f{cc}", line=line, end_line=line + lines - 1, complexity=cc)


def _score(functions: list[Function]) -> float:
    return complexity.score(complexity.lines_by_band(functions))


_FUNCTIONS = st.lists(st.builds(_function, cc=st.integers(1, 120), lines=st.integers(1, 500)), min_size=1, max_size=40)


@pytest.mark.parametrize(
    ("cc", "band", "score"),
    [
        (1, "low", 100),
        (10, "low", 100),
        (11, "moderate", 50),
        (20, "moderate", 50),
        (21, "high", 20),
        (50, "high", 20),
        (51, "very_high", 0),
        (500, "very_high", 0),
    ],
)
def test_bands_and_penalties_at_their_bounds(cc: int, band: str, score: float) -> None:
    """A single function scores 100 up to 10, 50 up to 20, 20 up to 50, and nothing above."""
    assert complexity.band(cc) == band
    assert _score([_function(cc)]) == pytest.approx(score)


def test_functions_weigh_by_their_lines() -> None:
    """A long complex function costs more than a short one: 30 of 40 lines at a penalty of 0.5 leave 62.5."""
    assert _score([_function(3, lines=10), _function(15, lines=30)]) == pytest.approx(62.5)


@given(functions=_FUNCTIONS)
def test_score_stays_within_its_bounds(functions: list[Function]) -> None:
    """Whatever the functions, the score is between 0 and 100."""
    assert 0 <= _score(functions) <= 100


@given(functions=_FUNCTIONS, lines=st.integers(1, 500))
def test_a_simple_function_more_never_lowers_the_score(functions: list[Function], lines: int) -> None:
    """Adding code that is easy to follow can only help."""
    assert _score([*functions, _function(1, lines)]) >= _score(functions) - 1e-9


@given(functions=_FUNCTIONS, data=st.data(), more=st.integers(1, 100))
def test_a_function_that_grows_complex_never_raises_the_score(
    functions: list[Function], data: st.DataObject, more: int
) -> None:
    """Raising the cyclomatic complexity of any function lowers the score, or leaves it as it is."""
    index = data.draw(st.integers(0, len(functions) - 1))
    grown = msgspec.structs.replace(functions[index], complexity=functions[index].complexity + more)
    assert _score([*functions[:index], grown, *functions[index + 1 :]]) <= _score(functions) + 1e-9


@given(functions=_FUNCTIONS, data=st.data())
def test_the_order_of_functions_is_of_no_account(functions: list[Function], data: st.DataObject) -> None:
    """The same functions give the same score and the same bands, however radon lists them."""
    other = data.draw(st.permutations(functions))
    parts = [
        complexity.measure(ComplexityReport(tuple(order), files=1, files_failed=())) for order in (functions, other)
    ]
    assert not any(isinstance(part, Unavailable) for part in parts)
    assert msgspec.structs.replace(parts[0], functions_over_10=[]) == msgspec.structs.replace(
        parts[1], functions_over_10=[]
    )


@given(functions=_FUNCTIONS)
def test_the_score_can_be_told_from_the_summary(functions: list[Function]) -> None:
    """The lines by band that the summary holds give its score, and the bands add up to all functions."""
    part = complexity.measure(ComplexityReport(tuple(functions), files=1, files_failed=()))
    assert isinstance(part, Complexity)
    assert complexity.score(part.lines_by_band) == part.score
    assert sum(part.bands.values()) == part.functions
    assert all((part.bands[name] > 0) == (lines > 0) for name, lines in part.lines_by_band.items())


def test_functions_over_ten_are_listed_worst_first() -> None:
    """The summary counts all functions by band and names those over 10."""
    functions = (_function(11, path="b.py"), _function(60), _function(2), _function(30), _function(11))
    part = complexity.measure(ComplexityReport(functions=functions, files=2, files_failed=("c.py",)))
    assert not isinstance(part, Unavailable)
    assert part.bands == {"low": 1, "moderate": 2, "high": 1, "very_high": 1}
    listed = [(function.complexity, function.path) for function in part.functions_over_10]
    assert listed == [(60, "a.py"), (30, "a.py"), (11, "a.py"), (11, "b.py")]
    assert part.lines_by_band == {"low": 10, "moderate": 20, "high": 10, "very_high": 10}
    assert (part.functions, part.max, part.files_failed) == (5, 60, ["c.py"])


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (ComplexityReport((), 0, ()), "no Python file"),
        (ComplexityReport((), 2, ()), "no function"),
        (ComplexityReport((), 2, ("a.py",)), "1 files could not be parsed"),
    ],
)
def test_nothing_to_judge_is_unavailable(report: ComplexityReport, words: str) -> None:
    """No file and no function are no perfect score; the reason says which it was."""
    part = complexity.measure(report)
    assert isinstance(part, Unavailable)
    assert words in part.reason
