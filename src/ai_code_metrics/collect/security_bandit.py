"""Bandit: security findings of code that is no test."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ai_code_metrics.collect.analyser import Analyser, Job, number, relative_path, text
from ai_code_metrics.collect.fingerprint import content_print, fingerprint
from ai_code_metrics.model import Finding
from ai_code_metrics.records import SecurityReport

if TYPE_CHECKING:
    from collections.abc import Callable


def command(job: Job) -> list[str]:
    """Return bandit's module and arguments; ``[tool.bandit]`` is honoured as ``bandit -c pyproject.toml`` does.

    Bandit's default for ``--exclude`` is taken away: it leaves out every path that merely holds ``.git`` or ``CVS``
    somewhere, ``.github/release.py`` for one, without a word.
    """
    config = ["-c", "pyproject.toml"] if job.uses_project_config else []
    files = [f"./{path}" for path in job.files]  # a leading dash is no option
    return ["bandit", "-q", "-f", "json", "-o", str(job.report), "--exclude=", *config, *files]


def parse(report: bytes, job: Job, line_text: Callable[[str, int], str]) -> SecurityReport:
    """Read the report; files that bandit names under ``errors`` were not scanned, whatever its exit code was.

    Neither were those that don't come back at all, unless the project's configuration may have left them out.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: this is no report of bandit's.
    """
    document = json.loads(report)
    failed = {relative_path(error["filename"], job.root) for error in document["errors"]}
    lines = {
        relative_path(name, job.root): number(metrics["loc"])
        for name, metrics in document["metrics"].items()
        if name != "_totals"
    }
    if not job.uses_project_config:
        failed |= set(job.files) - lines.keys()
    found = [_finding(result, job, line_text) for result in document["results"]]
    scanned = {job.named(path): count for path, count in lines.items() if path not in failed}
    return SecurityReport(
        findings=tuple(finding for finding, _ in found),
        source_lines=sum(scanned.values()),
        files=len(lines.keys() | failed),
        files_failed=tuple(sorted(map(job.named, failed))),
        lines_by_file=scanned,
        contents={finding.fingerprint: content for finding, content in found if content},
    )


def _finding(result: dict[str, Any], job: Job, line_text: Callable[[str, int], str]) -> tuple[Finding, str]:
    """The finding, and what it is about wherever it stands."""
    there, line, rule = relative_path(result["filename"], job.root), number(result["line_number"]), result["test_id"]
    path, content = job.named(there), line_text(there, line)
    finding = Finding(
        tool="bandit",
        rule=text(rule, 100),
        name=text(result["test_name"], 100),
        message=text(result["issue_text"], 2000),
        path=text(path, 4096),
        line=line,
        end_line=max(map(number, result["line_range"]), default=line),
        severity=text(result["issue_severity"], 100).lower(),
        confidence=text(result["issue_confidence"], 100).lower(),
        fingerprint=fingerprint(tool="bandit", rule=rule, path=path, symbol=None, line_text=content),
    )
    return finding, content_print(tool="bandit", rule=rule, line_text=content)


def worked(exit_code: int) -> bool:
    """Say whether bandit did its work: 0 without findings, 1 with; 2 is a configuration that it refuses."""
    return exit_code in {0, 1}


BANDIT = Analyser(name="bandit", command=command, parse=parse, worked=worked, nothing=SecurityReport((), 0, 0, ()))
