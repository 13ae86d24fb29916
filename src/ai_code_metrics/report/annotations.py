"""New findings as annotations of the changed files: workflow commands, the worst first, as many as GitHub shows.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from ai_code_metrics.report.escape import plain, url_path
from ai_code_metrics.report.links import Links
from ai_code_metrics.report.new_findings import new_findings
from ai_code_metrics.report.wording import plural
from ai_code_metrics.report.workflow_commands import LEVELS, annotation

if TYPE_CHECKING:
    from ai_code_metrics.model import Finding, Summary
    from ai_code_metrics.report.workflow_commands import Level

MAX_OF_A_LEVEL: Final = 10
"""Annotations of each level that the runner takes from a step; further ones stay in its log."""

_MAX_TEXT: Final = 1_000  # characters; the runner cuts at 4,096, escapes and all
_MAX_TITLE: Final = 255  # of an annotation, by GitHub's API of check runs
_MAX_PATH: Final = 4_096


def render_annotations(summary: Summary, *, limit: int = MAX_OF_A_LEVEL) -> str:
    """Return the workflow commands, a line each, and after them a line that counts what they leave out.

    Args:
        summary: what was measured.
        limit: how many commands of a level there are at most.
    """
    links = Links.of(summary.context)
    by_tool = new_findings(summary)
    ranked = [(level, finding) for found in by_tool for level, finding in found.ranked]
    lines = []
    for level in LEVELS:
        of_level = [finding for other, finding in ranked if other == level]
        lines += [_command(level, finding, links) for finding in of_level[:limit]]
    counts = Counter(level for level, _ in ranked)
    lines += _left_out({level: counts[level] - limit for level in LEVELS if counts[level] > limit})
    lines += _untold(sum(found.untold for found in by_tool))
    return "".join(f"{line}\n" for line in lines)


def _command(level: Level, finding: Finding, links: Links) -> str:
    title = plain(f"{finding.tool} {finding.rule} {finding.name}", _MAX_TITLE)
    text = plain(finding.message, _MAX_TEXT) or title
    path = links.path(finding.path)
    if url_path(path) is None or plain(path, _MAX_PATH) != path:  # GitHub would find no such file, and logs show it
        return annotation(level, f"{plain(path)}: {text}", {"title": title})
    place = {"file": path, "line": str(finding.line) if finding.line else ""}
    if finding.line and finding.end_line is not None and finding.end_line > finding.line:
        place["endLine"] = str(finding.end_line)
    return annotation(level, text, {**place, "title": title})


def _left_out(more: dict[Level, int]) -> list[str]:
    if not more:
        return []
    counted = [plural(count, f"more {level}") for level, count in more.items()]
    verb = "is" if sum(more.values()) == 1 else "are"
    return [f"{', '.join(counted)} {verb} in the job summary and the artifact"]


def _untold(count: int) -> list[str]:
    if not count:
        return []
    verb = "is" if count == 1 else "are"
    return [f"{plural(count, 'finding')} {verb} not annotated: without a base nobody can tell whether they are new"]
