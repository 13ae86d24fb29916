"""Coverage of what a change adds: of the executable ones of its lines, and of the branches that begin in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ai_code_metrics.measure.line_coverage import percent
from ai_code_metrics.model import FileCoverage, PatchCoverage

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ai_code_metrics.records import CoverageReport, CoveredFile, HeadLines, Patch


def measure(report: CoverageReport, patch: Patch, head_lines: HeadLines, files: Iterable[str]) -> PatchCoverage:
    """Return the coverage of a patch.

    Args:
        report: coverage by the lines of what is checked out.
        patch: the added lines, by the lines of the head.
        head_lines: where the first are among the second.
        files: the measured Python files; of those that the patch adds lines to and the report doesn't hold nothing is
            known, and they are named.
    """
    known = {file.path: file for file in report.files}
    touched = [_file(known[path], added.lines, head_lines) for path, added in patch.files.items() if path in known]
    found = sorted((file for file in touched if file.num_statements), key=lambda file: file.path)
    lines, statements = sum(file.covered_lines for file in found), sum(file.num_statements for file in found)
    taken, branches = sum(file.covered_branches for file in found), sum(file.num_branches for file in found)
    unknown = (path for path in files if path not in known and path in patch.files and patch.files[path].written)
    return PatchCoverage(
        percent=percent(lines + taken, statements + branches) if statements + branches else None,
        covered_lines=lines,
        num_statements=statements,
        covered_branches=taken,
        num_branches=branches,
        files=found,
        unknown_files=sorted(unknown),
    )


def _file(file: CoveredFile, added: Collection[int], head_lines: HeadLines) -> FileCoverage:
    def on_patch(lines: Iterable[int]) -> dict[int, int]:
        there = ((head_lines.at_head(file.path, line), line) for line in lines)
        return {head: line for head, line in there if head in added}

    covered, missing = on_patch(file.covered_lines), on_patch(file.missing_lines)
    branches = [file.branches[line] for line in on_patch(file.branches).values()]
    return FileCoverage(
        path=file.path,
        covered_lines=len(covered),
        num_statements=len(covered | missing),
        covered_branches=sum(taken for taken, _ in branches),
        num_branches=sum(there for _, there in branches),
        missing=sorted(missing),
    )
