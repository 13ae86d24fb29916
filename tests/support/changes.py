"""Builders of what a summary says of a change: the base, and the coverage and quality of the patch."""

from __future__ import annotations

from typing import Any

from ai_code_metrics import model
from support import summaries


def base_coverage(covered: int, statements: int, *, taken: int = 0, branches: int = 0) -> model.BaseCoverage:
    """Coverage of the base by its counts."""
    whole = statements + branches
    return model.BaseCoverage(
        percent=100 * (covered + taken) / whole if whole else 0,
        covered_lines=covered,
        num_statements=statements,
        covered_branches=taken,
        num_branches=branches,
        source="coverage.json",
        sha=summaries.BASE_SHA,
        commits_back=0,
    )


def base(**fields: Any) -> model.Base:
    """A base whose parts are those of the head; fields by name."""
    values: dict[str, Any] = {
        "sha": summaries.BASE_SHA,
        "source": "3 files that differ were analysed",
        "quality": summaries.quality(),
        "lint": summaries.lint(findings=[]),
        "coverage": base_coverage(812, 950, taken=210, branches=260),
        "security": summaries.security(),
        "complexity": summaries.complexity(functions_over_10=[]),
    }
    return model.Base(**values | fields)


def patch_coverage(covered: int, statements: int, *, taken: int = 0, branches: int = 0) -> model.PatchCoverage:
    """Coverage of the patch by its counts."""
    whole = statements + branches
    return model.PatchCoverage(
        percent=100 * (covered + taken) / whole if whole else None,
        covered_lines=covered,
        num_statements=statements,
        covered_branches=taken,
        num_branches=branches,
        files=[],
    )


def patch_quality(**fields: Any) -> model.PatchQuality:
    """A patch of 40 statements with the score 87.5."""
    values: dict[str, Any] = {
        "score": 87.5,
        "grade": "B",
        "components": {"coverage": 80.0, "lint": 90.0, "security": 100.0, "complexity": None},
        "reasons": {"complexity": "the change touches no function"},
        "caps": [],
        "files": 1,
        "lines": 50,
        "statements": 40,
        "statements_estimated": 0,
        "covered_lines": 32,
        "executable_lines": 40,
        "messages": {},
        "findings_by_severity": {},
        "functions": 0,
        "notes": [],
    }
    return model.PatchQuality(**values | fields)


def covered_change(covered: int, statements: int, **branches: int) -> model.Summary:
    """A summary of a change whose added lines are covered so far; the base is as the head."""
    part = summaries.coverage(patch=patch_coverage(covered, statements, **branches))
    return summaries.summary(coverage=part, base=base())
