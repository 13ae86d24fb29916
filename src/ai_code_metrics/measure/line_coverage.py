"""Coverage: lines and branches that the tests reach."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ai_code_metrics.model import Coverage, FileCoverage, Unavailable
from ai_code_metrics.records import HeadLines

if TYPE_CHECKING:
    from ai_code_metrics.records import CoverageReport, CoveredFile


_SAME_LINES: Final = HeadLines()


def measure(report: CoverageReport, head_lines: HeadLines = _SAME_LINES) -> Coverage | Unavailable:
    """Return the coverage part; unavailable where the report holds nothing executable.

    ``percent = 100·(covered lines + covered branches) / (statements + branches)``, which is coverage.py's own figure;
    without branch data it is that of lines. Lines that are not covered are told by their numbers at head.
    """
    files = sorted((_file(file, head_lines) for file in report.files), key=lambda file: file.path)
    covered_lines = sum(file.covered_lines for file in files)
    statements = sum(file.num_statements for file in files)
    covered_branches = sum(file.covered_branches for file in files)
    branches = sum(file.num_branches for file in files)
    if not statements + branches:
        return Unavailable(reason=f"{report.source} holds no executable line")
    return Coverage(
        percent=percent(covered_lines + covered_branches, statements + branches),
        covered_lines=covered_lines,
        num_statements=statements,
        covered_branches=covered_branches,
        num_branches=branches,
        files=files,
        source=report.source,
    )


def percent(covered: int, total: int) -> float:
    """Return ``100·covered / total``, 0-100, as coverage.py computes its ``percent_covered``; ``total`` is not 0."""
    return 100 * covered / total


def _file(file: CoveredFile, head_lines: HeadLines) -> FileCoverage:
    return FileCoverage(
        path=file.path[:4096],
        covered_lines=len(file.covered_lines),
        num_statements=len(file.covered_lines | file.missing_lines),
        covered_branches=min(file.covered_branches, file.num_branches),
        num_branches=file.num_branches,
        missing=sorted({head_lines.at_head(file.path, line) for line in file.missing_lines} - {0}),
    )
