"""The new findings of a summary as SARIF 2.1.0, the format that GitHub's code scanning takes.

There is one run a tool: code scanning names, filters and closes alerts by the tool of a run, which can hold results of
one only. A tool that failed has no run beside one that worked: GitHub refuses an upload with a run that says so, and
closes the alerts of a run without results.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html and, for what GitHub reads of it,
https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ai_code_metrics.report.escape import plain, url_path
from ai_code_metrics.report.links import Links
from ai_code_metrics.report.marker import checked_key
from ai_code_metrics.report.new_findings import new_findings
from ai_code_metrics.report.rule_pages import TOOL_PAGES, rule_page
from ai_code_metrics.report.wording import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_code_metrics.model import Finding, Summary
    from ai_code_metrics.report.new_findings import NewFindings
    from ai_code_metrics.report.workflow_commands import Level

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
FINGERPRINT: Final = "aiCodeMetricsFingerprint/v1"
"""Not ``primaryLocationLineHash``: upload-sarif makes that one itself, and warns of every other value in it."""

MAX_RESULTS: Final = 5_000
"""GitHub refuses over 25,000 results of a run and drops all but the 5,000 most severe ones, without a word."""
MAX_BYTES: Final = 4_500_000
"""Results and rules of a run; two such runs are below the 10 MB of a compressed upload, whatever their texts are."""

_ROOT: Final = "%SRCROOT%"
_MAX_TEXT: Final = 1_000  # characters; GitHub takes 1,024 of a description
_MAX_NAME: Final = 255
_LEVELS: Final[dict[Level, str]] = {"error": "error", "warning": "warning", "notice": "note"}
_PROBLEM_SEVERITIES: Final[dict[Level, str]] = {"error": "error", "warning": "warning", "notice": "recommendation"}
# within GitHub's bands: high from 7.0, medium from 4.0, low from 0.1
_SECURITY_SEVERITIES: Final = {"high": "8.0", "medium": "5.0", "low": "2.0"}
# what SARIF would take for a link to somewhere, or for a placeholder, in a plain text too (3.11.5, 3.11.6)
_MESSAGE_SYNTAX: Final = re.compile(r"\](?=\()|\{(?=\d+\})")
_BREAK: Final = "\u200b"


@dataclass(slots=True)
class _Results:
    """The results of a run, the worst first, with the rules that they refer to by position.

    Attributes:
        rules: the rules of the results; each has the level of its worst result.
        results: what GitHub can show.
        without_place: new findings whose path is none of the repository's.
        over_limit: new findings beyond the limits.
    """

    rules: list[dict[str, Any]]
    results: list[dict[str, Any]]
    without_place: int
    over_limit: int


def render(summary: Summary, *, key: str) -> str:
    """Return the SARIF log of a summary: indented JSON with a final newline, the same for the same summary.

    Args:
        summary: what was measured.
        key: tells this log from the others of the same commit, which would replace it (``comment-key``).

    Raises:
        UsageError: ``key`` can't be used.
    """
    category = f"ai-code-metrics/{checked_key(key)}"
    by_tool = new_findings(summary)
    failed = [found for found in by_tool if found.failure is not None]
    shown = [found for found in by_tool if found.failure is None] or failed
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [_run(found, summary, category, failed) for found in shown]}
    return msgspec.json.format(msgspec.json.encode(log), indent=2).decode() + "\n"


def _run(found: NewFindings, summary: Summary, category: str, failed: list[NewFindings]) -> dict[str, Any]:
    links = Links.of(summary.context)
    results = _results(found, links)
    invocation = {
        "executionSuccessful": found.failure is None,
        "toolExecutionNotifications": list(_notifications(found, results, failed)),
    }
    run = {
        "tool": {
            "driver": {"name": found.tool, "informationUri": TOOL_PAGES[found.tool], "rules": results.rules},
        },
        "conversion": {"tool": {"driver": {"name": "ai-code-metrics", "version": plain(summary.tool.version) or "0"}}},
        # the category is all up to the last slash; an upload replaces the alerts of its category
        "automationDetails": {"id": f"{category}/{found.tool}/"},
        "invocations": [invocation],
        "results": results.results,
    }
    if links.repository_url is not None:
        revision = {} if links.head_sha is None else {"revisionId": links.head_sha}
        repository = {"repositoryUri": links.repository_url, **revision, "mappedTo": {"uriBaseId": _ROOT}}
        run["versionControlProvenance"] = [repository]
    return run


def _results(found: NewFindings, links: Links) -> _Results:
    placed = [(level, finding, url_path(links.path(finding.path))) for level, finding in found.ranked]
    usable = [(level, finding, uri) for level, finding, uri in placed if uri is not None]
    rules: dict[str, tuple[int, dict[str, Any]]] = {}
    results: list[dict[str, Any]] = []
    size = 0
    for level, finding, uri in usable[:MAX_RESULTS]:
        rule_id = plain(finding.rule, _MAX_NAME) or "unknown"
        position, rule = rules.get(rule_id) or (len(rules), _rule(found, rule_id, level, finding))
        result = _result(rule, position, level, finding, uri)
        size += len(msgspec.json.encode([result] if rule_id in rules else [result, rule]))
        if size > MAX_BYTES:
            break
        rules[rule_id] = position, rule
        results.append(result)
    over_limit = len(usable) - len(results)
    return _Results([rule for _, rule in rules.values()], results, len(placed) - len(usable), over_limit)


def _result(rule: dict[str, Any], position: int, level: Level, finding: Finding, uri: str) -> dict[str, Any]:
    # GitHub shows no result without a line: what is about a file, or has no line at head, stands at its first one
    region = {"startLine": max(1, finding.line)}
    if finding.end_line is not None and finding.end_line > finding.line:
        region["endLine"] = finding.end_line
    place = {"artifactLocation": {"uri": uri, "uriBaseId": _ROOT}, "region": region}
    return {
        "ruleId": rule["id"],
        "ruleIndex": position,
        "level": _LEVELS[level],
        "message": {"text": _literal(plain(finding.message, _MAX_TEXT)) or rule["shortDescription"]["text"]},
        "locations": [{"physicalLocation": place}],
        "partialFingerprints": {FINGERPRINT: plain(finding.fingerprint)},
    }


def _rule(found: NewFindings, rule_id: str, level: Level, finding: Finding) -> dict[str, Any]:
    name = plain(finding.name, _MAX_NAME)
    words = name.replace("-", " ").replace("_", " ")
    title = _literal(f"{words[:1].upper()}{words[1:]} ({rule_id})" if words else rule_id)
    page = rule_page(found.tool, rule_id, name)
    described = {"text": title}
    documented = f"Documentation: {page}" if page else "The tool, or a plugin of it, documents it."
    return {
        "id": rule_id,
        **({"name": name} if name else {}),
        "shortDescription": described,
        "fullDescription": described,
        "help": {"text": f"A rule that {found.tool} checks. {documented}"},
        **({"helpUri": page} if page else {}),
        "defaultConfiguration": {"level": _LEVELS[level]},
        "properties": _rule_properties(found, level, finding),
    }


def _rule_properties(found: NewFindings, level: Level, finding: Finding) -> dict[str, Any]:
    if not found.is_security:
        return {"tags": ["lint"], "problem.severity": _PROBLEM_SEVERITIES[level]}
    severity = _SECURITY_SEVERITIES.get(finding.severity)
    return {"tags": ["security"], **({"security-severity": severity} if severity else {})}


def _notifications(found: NewFindings, results: _Results, failed: list[NewFindings]) -> Iterator[dict[str, Any]]:
    if found.failure is not None:
        yield _notification("error", f"{found.tool} has no findings: {found.failure}")
    for other in failed:
        if other.tool != found.tool and found.failure is None:
            yield _notification("warning", f"{other.tool} has no run here, since it has no findings: {other.failure}")
    if found.untold:
        left_out = f"{plural(found.untold, 'finding')} left out"
        yield _notification("warning", f"{left_out}: without a base nobody can tell whether they are new")
    if results.over_limit:
        left_out = f"{plural(results.over_limit, 'new finding')} left out, the least severe"
        yield _notification("warning", f"{left_out}: code scanning takes no more; metrics-summary.json holds them all")
    if results.without_place:
        left_out = f"{plural(results.without_place, 'new finding')} left out"
        yield _notification("warning", f"{left_out}: their paths are none of the repository's")


def _notification(level: str, text: str) -> dict[str, Any]:
    return {"level": level, "message": {"text": _literal(plain(text, _MAX_TEXT))}}


def _literal(text: str) -> str:
    """Return text in which SARIF finds no link and no placeholder."""
    return _MESSAGE_SYNTAX.sub(lambda match: f"{match[0]}{_BREAK}", text)
