"""The explanation of a quality score: it computes what it prints, from the counts that the summary holds."""

from __future__ import annotations

import io
import math
import re
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from ai_code_metrics import model
from ai_code_metrics.measure import complexity, line_coverage, lint, patch_coverage, patch_quality, quality, security
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
from ai_code_metrics.report import summary_json
from ai_code_metrics.report.quality_explanation import components, explain, print_explanation
from ai_code_metrics.setting_kinds import DEFAULT_THRESHOLDS, DEFAULT_WEIGHTS
from support import summaries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from support.gold import Gold

_LINES = {"low": 1525, "moderate": 49, "high": 126, "very_high": 0}
_ROUNDED = 0.02  # what the digits of a printed formula leave open


def _summary(
    *,
    weights: Mapping[str, float] = DEFAULT_WEIGHTS,
    thresholds: Mapping[str, float] = DEFAULT_THRESHOLDS,
    patch: model.PatchQuality | None = None,
    **parts: Any,
) -> model.Summary:
    """A summary whose quality is that of its parts, which are given by name."""
    measured: dict[str, Any] = {
        "coverage": summaries.coverage(),
        "lint": summaries.lint(),
        "security": summaries.security(),
        "complexity": summaries.complexity(lines_by_band=_LINES, score=complexity.score(_LINES)),
    }
    measured |= parts
    whole = quality.measure(**measured, weights=weights, thresholds=thresholds, patch=patch)
    return summaries.summary(**measured, quality=whole)


def _patch() -> model.PatchQuality:
    lines = frozenset([*range(1, 31), 61, 62, 63])
    added = {"src/shop/cart.py": PatchFile("src/shop/cart.py", None, lines, lines)}
    covered = CoveredFile("src/shop/cart.py", frozenset(range(1, 31)), frozenset({61, 62}))
    sources = patch_quality.Sources(
        coverage=patch_coverage.measure(CoverageReport((covered,), "x"), Patch(added), HeadLines(), added),
        lint=LintReport((summaries.finding(),), 940, 14, ()),
        security=SecurityReport((), 2400, 14, ()),
        complexity=ComplexityReport((), 14, ()),
        scanned=("src/shop/cart.py",),
        head_lines=HeadLines(),
    )
    return patch_quality.measure(added, sources, DEFAULT_WEIGHTS)


def _capped() -> model.Summary:
    grave = summaries.security_finding(severity="high", confidence="medium")
    found = (grave, grave, *summaries.security().findings)
    measured = security.measure(SecurityReport(found, 2400, 14, ()))
    return _summary(
        security=measured,
        coverage=model.Unavailable(reason="pytest was not found; set test-command"),
        lint=summaries.lint(score=0.0, messages={"fatal": 0, "error": 400, "warning": 7}),
        weights={"coverage": 0.1, "security": 0.2, "lint": 0.3, "complexity": 0.4},
        thresholds={"A": 95.0, "B": 60.0, "C": 15.0, "D": 9.5},
    )


@pytest.mark.parametrize(
    ("name", "summary"),
    [
        ("explanation.txt", _summary(patch=_patch())),
        ("explanation-capped.txt", _capped()),
        ("explanation-hostile.txt", summaries.hostile_summary()),
        ("explanation-unavailable.txt", summaries.unavailable_summary()),
    ],
)
def test_the_explanation_is_as_somebody_found_it_good(name: str, summary: model.Summary, gold: Gold) -> None:
    """The whole text, as it stands on a terminal."""
    gold.check(name, "".join(f"{line}\n" for line in explain(summary)))


@pytest.mark.parametrize("summary", [_summary(), _capped()])
def test_the_explained_numbers_are_those_of_the_summary(summary: model.Summary) -> None:
    """Each component and the score are computed anew, and are what the measure had computed."""
    assert isinstance(summary.quality, model.Quality)
    for part in components(summary):
        assert part.score == summary.quality.components[part.name]
    assert not [line for line in explain(summary) if "not what its own counts give" in line]


_FINDINGS = st.lists(
    st.builds(
        summaries.security_finding,
        severity=st.sampled_from(["high", "medium", "low", "undefined"]),
        confidence=st.sampled_from(["high", "medium", "low", "undefined"]),
    ),
    max_size=10,
)
_MESSAGES = st.lists(
    st.builds(summaries.finding, severity=st.sampled_from(["error", "warning", "refactor", "convention", "info"])),
    max_size=20,
)
_FUNCTIONS = st.lists(
    st.builds(
        lambda cc, lines: summaries.function(complexity=cc, line=1, end_line=lines),
        st.integers(1, 80), st.integers(1, 300),
    ),
    min_size=1, max_size=10,
)  # fmt: skip
_COVERED = st.builds(
    lambda covered, missing, branches: CoveredFile("a.py", covered, missing - covered, branches // 2, branches),
    st.frozensets(st.integers(1, 99), min_size=1), st.frozensets(st.integers(1, 99)), st.integers(0, 40),
)  # fmt: skip


@given(
    file=_COVERED,
    messages=_MESSAGES,
    found=_FINDINGS,
    functions=_FUNCTIONS,
    sizes=st.tuples(*[st.integers(1, 9_000)] * 2),
)
def test_no_summary_is_explained_by_other_numbers_than_its_own(
    file: CoveredFile,
    messages: list[model.Finding],
    found: list[model.Finding],
    functions: list[model.Function],
    sizes: tuple[int, int],
) -> None:
    """Whatever was measured and written to a file: what the file explains is what was measured."""
    measured = _summary(
        coverage=line_coverage.measure(CoverageReport((file,), "x")),
        lint=lint.measure(LintReport(tuple(messages), sizes[0], 1, ())),
        security=security.measure(SecurityReport(tuple(found), sizes[1], 1, ())),
        complexity=complexity.measure(ComplexityReport(tuple(functions), 1, ())),
    )
    read = summary_json.decode(summary_json.encode(measured))
    assert isinstance(read.quality, model.Quality)
    assert {part.name: part.score for part in components(read)} == read.quality.components
    assert not [line for line in explain(read) if "not what its own counts give" in line]


_NUMBER = r"\d+(?:\.\d+)?"
_KNOWN = {"max": max, "exp": math.exp, "ln": math.log, "__builtins__": {}}


def _value(formula: str) -> float:
    """Compute what is printed, as a reader with a calculator would."""
    python = re.sub(rf"ln ({_NUMBER})", r"ln(\1)", formula.replace("·", "*").replace("^", "**"))
    assert re.fullmatch(r"(?:max|exp|ln|[-+*/(), .\d])+", python), python
    return float(eval(python, dict(_KNOWN)))  # noqa: S307 - the characters are checked


def _formulas(summary: model.Summary) -> list[tuple[str, float]]:
    """The printed formulas with what they are said to give; the steps of the mean without a figure give the score."""
    assert isinstance(summary.quality, model.Quality)
    lines = list(explain(summary))
    risk = next(line.rpartition(" = ")[2] for line in lines if line.startswith("  R = "))
    found = []
    for line in lines:
        if match := re.fullmatch(rf"(?:\w+ |  R |  )= (.*[(+*/].*) = ({_NUMBER})", line):
            found.append((match[1].replace("R", risk), float(match[2])))
        elif line.startswith("  = exp("):
            found.append((line.removeprefix("  = "), summary.quality.score))
    return found


@pytest.mark.parametrize(("summary", "count"), [(_summary(), 8), (_capped(), 7)])
def test_every_printed_formula_holds(summary: model.Summary, count: int) -> None:
    """Who types a formula into a calculator gets what is printed behind it, but for rounding."""
    formulas = _formulas(summary)
    assert len(formulas) == count
    for formula, printed in formulas:
        assert _value(formula) == pytest.approx(printed, abs=_ROUNDED), formula


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"coverage": summaries.coverage(percent=12.5)}, "the summary says 12.5, which is not"),
        ({"lint": summaries.lint(score=100.0)}, "the summary says 100, which is not"),
    ],
)
def test_a_figure_that_its_counts_do_not_give_is_told(part: dict[str, Any], words: str) -> None:
    """A summary that was changed by hand is found out, and the score is computed from the counts."""
    lines = list(explain(_summary(**part)))
    assert any(line.strip().startswith(words) for line in lines)
    assert "  = exp(4.5189) = 91.73" in lines


def test_a_grade_that_the_score_does_not_give_is_told() -> None:
    """A letter that was written by hand is held against the score."""
    summary = _summary()
    assert isinstance(summary.quality, model.Quality)
    forged = msgspec.structs.replace(summary, quality=msgspec.structs.replace(summary.quality, grade="F"))
    assert "  the summary says F, which is not what its own counts give" in list(explain(forged))


def test_an_older_summary_without_lines_by_band_is_explained_by_its_score() -> None:
    """What the counts don't give is taken from the summary, and the text says so."""
    lines = list(explain(_summary(complexity=summaries.complexity())))
    assert "complexity = 92.6" in lines
    assert any("earlier version" in line for line in lines)


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"lint": lint.measure(LintReport((), 0, 1, ("a.py",)))}, ["lint = 0", "no file could be parsed"]),
        (
            {"lint": lint.measure(LintReport((summaries.finding(severity="fatal"),), 9, 1, ()))},
            ["lint = 0", "1 fatal message"],
        ),
        (
            {"coverage": summaries.coverage(num_statements=0, num_branches=0)},
            ["coverage: not measured", "no statement"],
        ),
        ({"security": summaries.security(findings=[])}, ["security = 100 · 2^(-R / 10) = 100", "R = 0 + 0 / max(1,"]),
    ],
)
def test_edges_of_the_components(part: dict[str, Any], words: list[str]) -> None:
    """Nothing parsed, a fatal message, no statement and no finding have words of their own."""
    text = "\n".join(explain(_summary(**part)))
    assert all(word in text for word in words), text


_BROKEN = [
    {"weights": {}},
    {"weights": {"charm": 1.0}},
    {"weights": {"lint": 5e-324}},
    {"thresholds": {}},
    {"thresholds": {"A": 0.0, "D": 100.0}},
    {"components": {}, "caps": [summaries.HOSTILE_TEXT], "grade_range": [summaries.HOSTILE_NAME]},
    {"components": {summaries.HOSTILE_NAME: 1.0}, "missing": [summaries.HOSTILE_NAME]},
    {"patch": msgspec.structs.replace(_patch(), components={}, reasons={}, notes=[summaries.HOSTILE_TEXT])},
    {"patch": msgspec.structs.replace(_patch(), reasons={"score": summaries.HOSTILE_TEXT}, score=None, grade=None)},
]


@pytest.mark.parametrize("fields", _BROKEN)
def test_no_summary_breaks_the_explanation(fields: dict[str, Any]) -> None:
    """Tables that lack keys or hold foreign ones end in text, not in a traceback; nothing drives the terminal."""
    hostile = summaries.hostile_summary(quality=summaries.quality(**fields))
    read = summary_json.decode(summary_json.encode(hostile))
    lines = list(explain(read))
    assert all(line.isprintable() for line in lines), lines
    assert not any("::" in line[:4] for line in lines)


def test_without_any_weight_there_is_no_score() -> None:
    """A summary whose weights are all 0 says so instead of a mean of nothing."""
    assert "score: none, because no component that has a weight was measured" in list(
        explain(summaries.summary(quality=summaries.quality(weights={})))
    )


def test_a_narrow_encoding_is_no_crash() -> None:
    """What the stream can't hold shows as a question mark, markup is no markup, and lines stay whole."""
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding="ascii", newline="\n", write_through=True)
    coverage = summaries.coverage(source="[red]日本[/red]")
    print_explanation(_summary(coverage=coverage), Console(file=stream, width=40))
    text = written.getvalue().decode("ascii")
    assert "coverage = 100 ? (812 + 210) / (950 + 260) = 84.46\n" in text
    assert "; [red]??[/red]\n" in text


def test_a_patch_without_code_is_one_reason() -> None:
    """A change of documents alone isn't explained four times."""
    gone = model.Unavailable(reason="not there")
    sources = patch_quality.Sources(
        coverage=gone, lint=gone, security=gone, complexity=gone, scanned=(), head_lines=HeadLines()
    )
    lines = list(explain(_summary(patch=patch_quality.measure({}, sources, DEFAULT_WEIGHTS))))
    assert lines[lines.index("the patch alone: n/a") + 1 :] == [
        "  0 statements on 0 added lines that are not blank, in 0 measured files",
        "  the change adds no line to the measured Python files",
    ]
