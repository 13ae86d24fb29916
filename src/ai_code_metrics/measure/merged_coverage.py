"""Coverage of several summaries: a line is covered where any of them covers it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ai_code_metrics.measure.line_coverage import percent
from ai_code_metrics.model import Base, BaseCoverage, Coverage, FileCoverage, PatchCoverage, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ai_code_metrics.measure.shards import Group
    from ai_code_metrics.model import Summary

_COUNTS: Final = ("covered_lines", "num_statements", "covered_branches", "num_branches")
_MAX_TEXT: Final = 4_000


def coverage(groups: Sequence[Group]) -> Coverage | Unavailable:
    """Unite the coverage of all summaries that have it; the others are left out, if there is one."""
    parts = [summary.coverage for group in groups for summary in group.members]
    known = [part for part in parts if not isinstance(part, Unavailable)]
    if not known:
        return parts[0]
    files = _united(file for part in known for file in part.files)
    lines, statements, branches, all_branches = _totals(files)
    if not statements + all_branches:
        return Unavailable(reason="the merged coverage reports hold no executable line")
    return Coverage(
        percent=percent(lines + branches, statements + all_branches),
        covered_lines=lines,
        num_statements=statements,
        covered_branches=branches,
        num_branches=all_branches,
        files=files,
        source="; ".join(dict.fromkeys(part.source for part in known))[:_MAX_TEXT],
        patch=_patch([part.patch for part in known if part.patch is not None], {file.path for file in files}),
    )


def without_coverage(groups: Iterable[Group]) -> dict[str, str]:
    """Return the sources of which no summary knows coverage, with the reason."""
    lacking = {}
    for group in groups:
        reasons = [summary.coverage.reason for summary in group.members if isinstance(summary.coverage, Unavailable)]
        if len(reasons) == len(group.members):
            lacking[group.name] = reasons[0]
    return lacking


def base_coverage(groups: Sequence[Group]) -> BaseCoverage | Unavailable:
    """Add up the coverage of the base, of the sources whose coverage is known at head.

    A report of the whole base that all shards were given counts once. What a matrix covered at the base can't be
    united, since its lines are not known.
    """
    reports: list[BaseCoverage] = []
    for group in groups:
        found = [_of_base(summary) for summary in group.members if not isinstance(summary.coverage, Unavailable)]
        lacking = [f"{group.name}: {part.reason}" for part in found if isinstance(part, Unavailable)]
        if lacking:
            return Unavailable(reason=lacking[0][:_MAX_TEXT])
        known = [part for part in found if isinstance(part, BaseCoverage)]
        if any(part != known[0] for part in known):
            return Unavailable(
                reason=f"{group.name}: the jobs that measured it have reports of the base that differ, and which lines "
                "they cover together is not known"[:_MAX_TEXT]
            )
        reports += known[:1]
    if not reports:
        return _of_base(groups[0].members[0])
    return reports[0] if all(report == reports[0] for report in reports) else _added(reports)


def _of_base(summary: Summary) -> BaseCoverage | Unavailable:
    return summary.base.coverage if isinstance(summary.base, Base) else summary.base


def _added(reports: Sequence[BaseCoverage]) -> BaseCoverage | Unavailable:
    commits = sorted({report.sha or "an unknown commit" for report in reports})
    if len(commits) > 1:
        return Unavailable(
            reason=f"the shards' reports of the base are of different commits: {commits[0][:12]} and {commits[1][:12]}"
        )
    lines, statements, branches, all_branches = (sum(getattr(each, name) for each in reports) for name in _COUNTS)
    if not statements + all_branches:
        return Unavailable(reason="the reports of the base hold no executable line")
    return BaseCoverage(
        percent=min(100.0, percent(lines + branches, statements + all_branches)),
        covered_lines=lines,
        num_statements=statements,
        covered_branches=branches,
        num_branches=all_branches,
        source="; ".join(dict.fromkeys(report.source for report in reports))[:_MAX_TEXT],
        sha=reports[0].sha,
        commits_back=reports[0].commits_back,
    )


def _patch(parts: Sequence[PatchCoverage], known: set[str]) -> PatchCoverage | None:
    if not parts:
        return None
    files = _united(file for part in parts for file in part.files)
    lines, statements, branches, all_branches = _totals(files)
    unknown = {path for part in parts for path in part.unknown_files}
    return PatchCoverage(
        percent=percent(lines + branches, statements + all_branches) if statements + all_branches else None,
        covered_lines=lines,
        num_statements=statements,
        covered_branches=branches,
        num_branches=all_branches,
        files=files,
        unknown_files=sorted(unknown - known),
    )


def _totals(files: Iterable[FileCoverage]) -> tuple[int, int, int, int]:
    lines = statements = branches = all_branches = 0
    for file in files:
        lines, statements = lines + file.covered_lines, statements + file.num_statements
        branches, all_branches = branches + file.covered_branches, all_branches + file.num_branches
    return lines, statements, branches, all_branches


def _united(files: Iterable[FileCoverage]) -> list[FileCoverage]:
    found: dict[str, FileCoverage] = {}
    for file in files:
        found[file.path] = _both(found[file.path], file) if file.path in found else _sane(file)
    return [found[path] for path in sorted(found)]


def _both(one: FileCoverage, other: FileCoverage) -> FileCoverage:
    """Unite two records of one file; where they don't agree on its statements, the one that knows more counts."""
    other = _sane(other)
    covered_branches = max(one.covered_branches, other.covered_branches)
    num_branches = max(one.num_branches, other.num_branches)
    lines = max((one, other), key=lambda file: file.num_statements)
    covered, missing = lines.covered_lines, lines.missing
    if one.num_statements == other.num_statements:
        missing = sorted({*one.missing} & {*other.missing})
        # lines that are not at head are missing without a number
        unnumbered = min(file.num_statements - file.covered_lines - len(file.missing) for file in (one, other))
        covered = max(one.covered_lines, other.covered_lines, one.num_statements - len(missing) - max(0, unnumbered))
    return FileCoverage(
        path=one.path,
        covered_lines=covered,
        num_statements=lines.num_statements,
        covered_branches=covered_branches,
        num_branches=num_branches,
        missing=missing,
    )


def _sane(file: FileCoverage) -> FileCoverage:
    """Bound what a stranger's report says: no more is covered than there is."""
    return FileCoverage(
        path=file.path,
        covered_lines=min(file.covered_lines, file.num_statements),
        num_statements=file.num_statements,
        covered_branches=min(file.covered_branches, file.num_branches),
        num_branches=file.num_branches,
        missing=file.missing,
    )
