"""The metrics that a gate can name: one table with unit, help, and how the exact value comes out of a summary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, TypeVar

from ai_code_metrics import model
from ai_code_metrics.measure import change
from ai_code_metrics.measure.headline import headline_view

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_code_metrics.model import AttributionView

Unit = Literal["score", "percent", "share", "count", "points"]
Value: TypeAlias = Fraction | str
"""An exact value, or the reason why there is none."""

Extractor: TypeAlias = Callable[[model.Summary], Value]
Part = TypeVar("Part")


def _never(_: model.Summary) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: scores and percents are 0-100, shares 0-1, differences points; ``extract`` gives it or a reason.

    ``not_enforced`` says why a condition on it has no verdict, ``tolerated`` why one that doesn't hold is no failure;
    both give an empty text where that is not so.
    """

    key: str
    unit: Unit
    help: str
    extract: Extractor
    not_enforced: Callable[[model.Summary], str] = _never
    tolerated: Callable[[model.Summary], str] = _never


def _read(name: str, part: Part | model.Unavailable, value: Callable[[Part], Value]) -> Value:
    return f"{name}: {part.reason}" if isinstance(part, model.Unavailable) else value(part)


def _quality(value: Callable[[model.Quality], Value]) -> Extractor:
    return lambda summary: _read("quality", summary.quality, value)


def _lint(value: Callable[[model.Lint], Value]) -> Extractor:
    return lambda summary: _read("lint", summary.lint, value)


def _coverage(value: Callable[[model.Coverage], Value]) -> Extractor:
    return lambda summary: _read("coverage", summary.coverage, value)


def _tests(value: Callable[[model.Tests], Value]) -> Extractor:
    return lambda summary: _read("tests", summary.tests, value)


def _security(value: Callable[[model.Security], Value]) -> Extractor:
    return lambda summary: _read("security", summary.security, value)


def _severity(name: str) -> Extractor:
    return _security(lambda part: Fraction(part.findings_by_severity.get(name, 0)))


def _complexity(value: Callable[[model.Complexity], Value]) -> Extractor:
    return lambda summary: _read("complexity", summary.complexity, value)


def _commits(value: Callable[[model.Commits], Value]) -> Extractor:
    return lambda summary: _read("commits", summary.commits, value)


def _headline(value: Callable[[AttributionView], Value]) -> Extractor:
    return lambda summary: _read("attribution", headline_view(summary), value)


def _view(name: Literal["changed", "surviving"], value: Callable[[AttributionView], Value]) -> Extractor:
    def extract(summary: model.Summary) -> Value:
        if isinstance(summary.attribution, model.Unavailable):
            return f"attribution: {summary.attribution.reason}"
        return _read(f"attribution ({name})", getattr(summary.attribution, name), value)

    return extract


def _decimal(number: float | None, reason: str = "") -> Value:
    """The number as it is written, so that 91.73 is 91.73 and no binary neighbour of it."""
    return reason if number is None else Fraction(str(number))


def _percent(part: int, whole: int, reason: str) -> Value:
    return Fraction(100 * part, whole) if whole else reason


def _ai_share(view: AttributionView) -> Value:
    if not view.counted_lines:
        return f"attribution ({view.view}): there are no counted lines"
    return Fraction(view.ai_lines, view.counted_lines)


BANDS_OVER_10: Final = ("moderate", "high", "very_high")

_NO_STATEMENTS: Final = "coverage: there are no statements"
_NO_BRANCHES: Final = "coverage: the report has no branches"
_NO_COMMITS: Final = "commits: no commit of the range was scored"

_TABLE: Final[tuple[Metric, ...]] = (
    Metric("quality.score", "score", "The quality score.", _quality(lambda part: _decimal(part.score))),
    Metric(
        "quality.patch",
        "score",
        "The quality score of what the change adds; there is none below 20 new statements.",
        change.patch_score,
        not_enforced=change.no_patch_score,
    ),
    Metric("quality.delta", "points", "The quality score minus that of the base.", change.quality_delta),
    Metric(
        "coverage.percent",
        "percent",
        "Covered lines and branches of all lines and branches.",
        _coverage(
            lambda part: _percent(
                part.covered_lines + part.covered_branches, part.num_statements + part.num_branches, _NO_STATEMENTS
            )
        ),
    ),
    Metric(
        "coverage.lines",
        "percent",
        "Covered statements of all statements.",
        _coverage(lambda part: _percent(part.covered_lines, part.num_statements, _NO_STATEMENTS)),
    ),
    Metric(
        "coverage.branches",
        "percent",
        "Covered branches of all branches.",
        _coverage(lambda part: _percent(part.covered_branches, part.num_branches, _NO_BRANCHES)),
    ),
    Metric(
        "coverage.patch",
        "percent",
        "Covered ones of the added executable lines and of the branches that begin in them.",
        change.patch_coverage,
        not_enforced=change.few_statements,
    ),
    Metric(
        "coverage.patch_lines",
        "percent",
        "Covered ones of the added executable lines.",
        change.patch_lines,
        not_enforced=change.few_statements,
    ),
    Metric(
        "coverage.patch_branches",
        "percent",
        "Covered ones of the branches that begin in added lines.",
        change.patch_branches,
        not_enforced=change.few_branches,
    ),
    Metric(
        "coverage.delta",
        "points",
        "Coverage minus that of the base branch's latest report.",
        change.coverage_delta,
        tolerated=change.only_covered_code_is_gone,
    ),
    Metric("tests.passed", "count", "Tests that passed.", _tests(lambda part: Fraction(part.passed))),
    Metric("tests.failed", "count", "Tests that failed.", _tests(lambda part: Fraction(part.failed))),
    Metric("tests.errors", "count", "Tests that ended in an error.", _tests(lambda part: Fraction(part.errors))),
    Metric("tests.skipped", "count", "Tests that were skipped.", _tests(lambda part: Fraction(part.skipped))),
    Metric("lint.score", "score", "Ten times pylint's own score.", _lint(lambda part: _decimal(part.score))),
    Metric("lint.findings", "count", "All lint messages.", _lint(lambda part: Fraction(sum(part.messages.values())))),
    Metric(
        "lint.errors",
        "count",
        "Lint messages of the categories error and fatal.",
        _lint(lambda part: Fraction(part.messages.get("error", 0) + part.messages.get("fatal", 0))),
    ),
    Metric(
        "lint.warnings",
        "count",
        "Lint messages of the category warning.",
        _lint(lambda part: Fraction(part.messages.get("warning", 0))),
    ),
    Metric("lint.new_findings", "count", "Lint messages that the base doesn't have.", change.new_lint()),
    Metric(
        "lint.new_errors",
        "count",
        "Those of them of the categories error and fatal.",
        change.new_lint("error", "fatal"),
    ),
    Metric("lint.delta", "points", "The lint score minus that of the base.", change.lint_delta),
    Metric("security.score", "score", "The security score.", _security(lambda part: _decimal(part.score))),
    Metric(
        "security.findings",
        "count",
        "All security findings.",
        _security(lambda part: Fraction(sum(part.findings_by_severity.values()))),
    ),
    Metric("security.high", "count", "Security findings of high severity.", _severity("high")),
    Metric("security.medium", "count", "Security findings of medium severity.", _severity("medium")),
    Metric("security.low", "count", "Security findings of low severity.", _severity("low")),
    Metric("security.new_findings", "count", "Security findings that the base doesn't have.", change.new_security()),
    Metric("security.new_high", "count", "Those of them of high severity.", change.new_security("high")),
    Metric("security.new_medium", "count", "Those of them of medium severity.", change.new_security("medium")),
    Metric("security.new_low", "count", "Those of them of low severity.", change.new_security("low")),
    Metric("security.delta", "points", "The security score minus that of the base.", change.security_delta),
    Metric("complexity.score", "score", "The complexity score.", _complexity(lambda part: _decimal(part.score))),
    Metric(
        "complexity.max",
        "count",
        "The highest cyclomatic complexity of a function.",
        _complexity(lambda part: Fraction(part.max)),
    ),
    Metric(
        "complexity.over_10",
        "count",
        "Functions with a cyclomatic complexity over 10.",
        _complexity(lambda part: Fraction(sum(part.bands.get(band, 0) for band in BANDS_OVER_10))),
    ),
    Metric(
        "complexity.grown",
        "count",
        "Functions over 10 that the change added or made more complex.",
        change.grown_functions,
    ),
    Metric("complexity.delta", "points", "The complexity score minus that of the base.", change.complexity_delta),
    Metric(
        "commits.median", "score", "The median commit score.", _commits(lambda part: _decimal(part.median, _NO_COMMITS))
    ),
    Metric(
        "commits.worst", "score", "The worst commit score.", _commits(lambda part: _decimal(part.worst, _NO_COMMITS))
    ),
    Metric(
        "attribution.ai_share",
        "share",
        "AI lines of the counted lines: of the changed lines on a pull request, else of the surviving ones.",
        _headline(_ai_share),
    ),
    Metric("attribution.ai_share_changed", "share", "AI lines of the changed lines.", _view("changed", _ai_share)),
    Metric(
        "attribution.ai_share_surviving", "share", "AI lines of the surviving lines.", _view("surviving", _ai_share)
    ),
    Metric(
        "attribution.ai_lines",
        "count",
        "AI lines: changed ones on a pull request, else surviving ones.",
        _headline(lambda view: Fraction(view.ai_lines)),
    ),
)

METRICS: Final[Mapping[str, Metric]] = {metric.key: metric for metric in _TABLE}
"""The catalog by key, in the order in which help and errors list it."""
