"""Complexity: how many lines stand in functions that are hard to follow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from ai_code_metrics.model import Complexity, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ai_code_metrics.model import Function
    from ai_code_metrics.records import ComplexityReport

# Upper bound of each band and the penalty of a line in it; radon's ranks A+B, C, D+E, F
BANDS = (("low", 10, 0.0), ("moderate", 20, 0.5), ("high", 50, 0.8), ("very_high", None, 1.0))
LOW = 10
NOTHING: Final = "there is no Python file to analyse"
NO_FUNCTION: Final = "the measured files hold no function"
FunctionT = TypeVar("FunctionT", bound="Function")


def measure(report: ComplexityReport) -> Complexity | Unavailable:
    """Return the complexity part; unavailable where there is no function to speak of."""
    if not report.files:
        return Unavailable(reason=NOTHING)
    if not report.functions:
        failed = f" ({len(report.files_failed)} files could not be parsed)" if report.files_failed else ""
        return Unavailable(reason=f"{NO_FUNCTION}{failed}")
    bands = dict.fromkeys((name for name, _, _ in BANDS), 0)
    for function in report.functions:
        bands[band(function.complexity)] += 1
    over = [function for function in report.functions if function.complexity > LOW]
    lines = lines_by_band(report.functions)
    return Complexity(
        score=score(lines),
        functions=len(report.functions),
        max=max(function.complexity for function in report.functions),
        bands=bands,
        files=report.files,
        files_failed=list(report.files_failed),
        functions_over_10=worst_first(over),
        lines_by_band=lines,
    )


def worst_first(functions: Iterable[FunctionT]) -> list[FunctionT]:
    """Return functions in the order of the summary: the most complex first, then by place."""
    return sorted(functions, key=lambda function: (-function.complexity, function.path, function.line))


def lines_by_band(functions: Iterable[Function]) -> dict[str, int]:
    """Return how many lines stand in functions of each band; every band is there, also at 0."""
    lines = dict.fromkeys((name for name, _, _ in BANDS), 0)
    for function in functions:
        lines[band(function.complexity)] += max(1, function.end_line - function.line + 1)
    return lines


def score(lines: Mapping[str, int]) -> float:
    """Return ``100·(1 - Σ lines·penalty(CC) / Σ lines)``; the mean would hide a long tail.

    Args:
        lines: of the functions by band, at least one in all.
    """
    penalised = sum(lines.get(name, 0) * penalty for name, _, penalty in BANDS)
    return 100 * (1 - penalised / sum(lines.get(name, 0) for name, _, _ in BANDS))


def band(complexity: int) -> str:
    """Return the band of a cyclomatic complexity: low, moderate, high or very_high."""
    return next(name for name, bound, _ in BANDS if bound is None or complexity <= bound)
