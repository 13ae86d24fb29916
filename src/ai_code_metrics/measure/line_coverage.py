"""Coverage: lines and branches that the tests reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_code_metrics.model import Coverage, FileCoverage, Unavailable

if TYPE_CHECKING:
    from ai_code_metrics.records import CoverageReport, CoveredFile


def measure(report: CoverageReport) -> Coverage | Unavailable:
    """Return the coverage part; unavailable where the report holds nothing executable.

    ``percent = 100·(covered lines + covered branches) / (statements + branches)``, which is coverage.py's own figure;
    without branch data it is that of lines.
    """
    files = sorted((_file(file) for file in report.files), key=lambda file: file.path)
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


def _file(file: CoveredFile) -> FileCoverage:
    return FileCoverage(
        path=file.path[:4096],
        covered_lines=len(file.covered_lines),
        num_statements=len(file.covered_lines | file.missing_lines),
        covered_branches=min(file.covered_branches, file.num_branches),
        num_branches=file.num_branches,
        missing=sorted(file.missing_lines),
    )
