"""The quality of a patch: the formulas of the whole on added lines, and the words for what doesn't apply."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.measure import patch_coverage, patch_quality
from ai_code_metrics.measure.patch_quality import Sources
from ai_code_metrics.model import PatchQuality, Unavailable
from ai_code_metrics.records import (
    ComplexityReport,
    CoverageReport,
    CoveredFile,
    HeadLines,
    LintReport,
    Patch,
    PatchFile,
    SecurityReport,
)
from ai_code_metrics.setting_kinds import DEFAULT_WEIGHTS
from support.summaries import finding, function, security_finding

_GONE = Unavailable(reason="not there")
_ALL = ("a.py", "b.py", "tests/test_a.py")
_LETTERS = ["A", "B", "C", "D", "F"]


def _added(*lines: int, blank: tuple[int, ...] = ()) -> PatchFile:
    return PatchFile("", None, frozenset(lines) | frozenset(blank), frozenset(lines))


def _covered(path: str, covered: range, missing: range = range(0)) -> CoveredFile:
    return CoveredFile(path, frozenset(covered), frozenset(missing), covered_branches=1, num_branches=9)


def _sources(**given_sources: Any) -> Sources:
    """A tree of two files and a test without any finding, all covered; fields by name."""
    values: dict[str, Any] = {
        "lint": LintReport((), 300, 3, ()),
        "security": SecurityReport((), 200, 2, ()),
        "complexity": ComplexityReport((function(path="a.py", line=1, end_line=100, complexity=3),), 3, ()),
        "scanned": ("a.py", "b.py"),
        "head_lines": HeadLines(),
    }
    return Sources(**values | given_sources)


def _measure(patch: dict[str, PatchFile], **given_sources: Any) -> PatchQuality:
    """Measure a patch; ``coverage`` is a report of the whole, by default one of three covered files."""
    covered = CoverageReport(tuple(_covered(path, range(1, 101)) for path in _ALL), "coverage.json")
    report = given_sources.pop("coverage", covered)
    of_patch = report
    if isinstance(report, CoverageReport):
        of_patch = patch_coverage.measure(report, Patch(patch), HeadLines(), patch)
    return patch_quality.measure(patch, _sources(coverage=of_patch, **given_sources), DEFAULT_WEIGHTS)


_PATCH = {"a.py": _added(*range(1, 31))}


def test_a_patch_without_blemish_is_an_a() -> None:
    """Covered lines, no finding and a simple function are 100 in each part."""
    part = _measure(_PATCH)
    assert (part.score, part.grade, part.reasons, part.caps, part.notes) == (100, "A", {}, [], [])
    assert part.components == dict.fromkeys(DEFAULT_WEIGHTS, 100)
    assert (part.files, part.lines, part.statements, part.statements_estimated) == (1, 30, 30, 0)


def test_coverage_is_of_added_executable_lines_and_nothing_else() -> None:
    """Missing lines outside of the patch, comments in it, and the branches of the file don't count."""
    report = CoverageReport((_covered("a.py", range(1, 16), range(21, 90)),), "coverage.json")
    part = _measure(_PATCH, coverage=report)
    assert (part.covered_lines, part.executable_lines) == (15, 25)
    assert part.components["coverage"] == pytest.approx(60)
    assert (part.lines, part.statements) == (30, 25)


def test_a_finding_counts_where_its_line_was_added() -> None:
    """Findings beside the patch are the business of the whole; information messages cost nothing."""
    found = (
        finding(path="a.py", line=5, severity="error"),
        finding(path="a.py", line=5, severity="info"),
        finding(path="a.py", line=31, severity="error"),
        finding(path="b.py", line=5, severity="error"),
    )
    part = _measure(_PATCH, lint=LintReport(found, 300, 3, ()))
    assert {name: count for name, count in part.messages.items() if count} == {"error": 1, "info": 1}
    assert part.components["lint"] == pytest.approx(100 - 100 * 5 / 30)


def test_a_finding_on_an_added_blank_line_counts() -> None:
    """Trailing blanks on a line that is otherwise empty were added like any other text."""
    found = (finding(path="a.py", line=31, severity="convention"),)
    part = _measure({"a.py": _added(*range(1, 31), blank=(31,))}, lint=LintReport(found, 300, 3, ()))
    assert part.messages["convention"] == 1
    assert part.lines == 30


def test_security_is_that_of_added_lines_and_caps_the_grade() -> None:
    """A high finding on an added line halves the score and caps the grade, one beside the patch does neither."""
    on_patch = security_finding(path="a.py", line=9, severity="high", confidence="high")
    beside = security_finding(path="a.py", line=90, severity="high", confidence="high")
    part = _measure(_PATCH, security=SecurityReport((on_patch, beside), 200, 2, ()))
    assert part.components["security"] == pytest.approx(50)
    assert part.findings_by_severity == {"high": 1, "medium": 0, "low": 0}
    assert part.grade == "D"
    assert part.caps == ["at best D: 1 high security finding with at least medium confidence"]
    assert _measure(_PATCH, security=SecurityReport((beside,), 200, 2, ())).grade == "A"


def test_complexity_is_that_of_functions_that_hold_an_added_line() -> None:
    """A function that was touched counts whole; a blank line that was added touches none."""
    functions = (
        function(path="a.py", line=1, end_line=40, complexity=15),
        function(path="a.py", line=41, end_line=400, complexity=99),
        function(path="b.py", line=1, end_line=40, complexity=99),
    )
    patch = {"a.py": _added(*range(5, 36), blank=(50,))}
    part = _measure(patch, complexity=ComplexityReport(functions, 3, ()))
    assert part.functions == 1
    assert part.components["complexity"] == pytest.approx(50)


@pytest.mark.parametrize(("statements", "graded"), [(19, False), (20, True)])
def test_below_twenty_statements_there_is_no_letter(statements: int, *, graded: bool) -> None:
    """A patch of 19 statements has its parts and a reason, one of 20 a score and a letter."""
    part = _measure({"a.py": _added(*range(1, statements + 1))})
    assert part.components == dict.fromkeys(DEFAULT_WEIGHTS, 100)
    assert (part.score, part.grade) == ((100, "A") if graded else (None, None))
    wanted = {} if graded else {"score": "the change adds 19 statements, and a score needs 20"}
    assert part.reasons == wanted


def test_one_statement_is_one_statement() -> None:
    """The reason is in good English."""
    assert _measure({"a.py": _added(1)}).reasons["score"].startswith("the change adds 1 statement,")


def test_statements_are_estimated_where_coverage_does_not_know_the_file() -> None:
    """Lines that are not blank stand for statements, patch coverage leaves the file out, and notes say both."""
    patch = {"a.py": _added(*range(1, 11)), "b.py": _added(*range(1, 16), blank=(16,))}
    part = _measure(patch, coverage=CoverageReport((_covered("a.py", range(1, 6)),), "coverage.json"))
    assert (part.statements, part.statements_estimated, part.executable_lines) == (20, 15, 5)
    assert part.components["coverage"] == 100
    assert any("left out of patch coverage: 1" in note for note in part.notes)
    assert any("estimated" in note for note in part.notes)


def test_without_coverage_every_statement_is_estimated() -> None:
    """No coverage is a missing component with its reason: the grade is at best B."""
    part = _measure(_PATCH, coverage=_GONE)
    assert (part.components["coverage"], part.reasons) == (None, {"coverage": "not there"})
    assert (part.statements, part.statements_estimated, part.grade) == (30, 30, "B")
    assert part.caps == ["at best B: coverage not measured"]


def test_what_does_not_apply_has_a_reason() -> None:
    """A patch of tests alone, without executable lines and outside of functions, says so in each part."""
    report = CoverageReport((CoveredFile("tests/test_a.py", frozenset(), frozenset()),), "coverage.json")
    part = _measure({"tests/test_a.py": _added(*range(1, 31))}, coverage=report)
    assert part.components == {"coverage": None, "lint": 100, "security": None, "complexity": None}
    assert part.reasons == {
        "coverage": "coverage knows no executable line among the added ones",
        "security": "the change adds no line to a file that is not a test",
        "complexity": "the change touches no function",
        "score": "the change adds 0 statements, and a score needs 20",
    }


def test_a_change_of_no_python_has_nothing_to_score() -> None:
    """A change of documents alone, or one that only deletes, is neither good nor bad."""
    part = _measure({})
    assert (part.score, part.grade, set(part.components.values())) == (None, None, {None})
    assert set(part.reasons) == {*DEFAULT_WEIGHTS, "score"}
    assert set(part.reasons.values()) == {"the change adds no line to the measured Python files"}


def test_no_tool_is_no_score() -> None:
    """Where nothing could be measured the reasons of all parts are kept."""
    part = _measure(_PATCH, coverage=_GONE, lint=_GONE, security=_GONE, complexity=_GONE)
    assert part.score is None
    assert part.reasons["security"] == "not there"
    assert "none of its components" in part.reasons["score"]


def test_a_patch_that_can_not_be_parsed_scores_nothing_in_lint() -> None:
    """Where no changed file can be read, lint is 0 and security unknown; where one of two can't, a note says so."""
    broken = {
        "lint": LintReport((), 200, 2, ("a.py",)),
        "security": SecurityReport((), 200, 2, ("a.py",)),
        "complexity": ComplexityReport((), 2, ("a.py",)),
    }
    part = _measure(_PATCH, **broken)
    assert part.components["lint"] == 0
    assert part.reasons["security"] == "none of the changed files could be scanned"
    assert "changed files that pylint could not read: 1" in part.notes
    both = _measure({**_PATCH, "b.py": _added(*range(1, 31))}, **broken)
    assert (both.components["lint"], both.components["security"]) == (100, 100)
    assert "changed files that bandit could not read: 1" in both.notes


_LINES = st.frozensets(st.integers(1, 60), max_size=60)
_ADDED = st.builds(lambda lines, blank: PatchFile("", None, lines, lines - blank), _LINES, _LINES)
_PATCHES = st.dictionaries(st.sampled_from(_ALL), _ADDED.filter(lambda added: bool(added.lines)))
_FOUND = st.builds(
    security_finding,
    path=st.sampled_from(_ALL[:2]),
    line=st.integers(1, 60),
    severity=st.sampled_from(["high", "medium", "low"]),
    confidence=st.sampled_from(["high", "medium", "low"]),
)
_FILES = st.lists(
    st.builds(
        lambda path, covered, missing: CoveredFile(path, covered, missing - covered),
        st.sampled_from(_ALL), _LINES, _LINES,
    ),
    unique_by=lambda file: file.path,
)  # fmt: skip


@given(patch=_PATCHES, files=_FILES, found=st.lists(_FOUND, max_size=8))
def test_bounds_hold_and_every_gap_has_a_reason(
    patch: dict[str, PatchFile], files: list[CoveredFile], found: list[Any]
) -> None:
    """Whatever was changed: scores are 0-100, counts fit each other, and what is None is explained."""
    part = _measure(
        patch, coverage=CoverageReport(tuple(files), "x"), security=SecurityReport(tuple(found), 200, 2, ())
    )
    assert all(score is None or 0 <= score <= 100 for score in (part.score, *part.components.values()))
    scores = {**part.components, "score": part.score}
    assert set(part.reasons) == {name for name, score in scores.items() if score is None}
    assert (part.score is None) == (part.grade is None)
    assert part.covered_lines <= part.executable_lines <= part.statements
    assert part.score is None or part.statements >= patch_quality.LEAST_STATEMENTS


@given(patch=_PATCHES, found=st.lists(_FOUND, max_size=8), more=_FOUND)
def test_one_more_finding_never_makes_a_patch_better(patch: dict[str, PatchFile], found: list[Any], more: Any) -> None:
    """Neither the score nor the letter of a patch rises with a further finding."""
    before, after = (
        _measure(patch, security=SecurityReport(tuple(findings), 200, 2, ())) for findings in (found, [*found, more])
    )
    if before.score is not None and before.grade is not None:
        assert after.score is not None
        assert after.grade is not None
        assert after.score <= before.score
        assert _LETTERS.index(after.grade) >= _LETTERS.index(before.grade)
