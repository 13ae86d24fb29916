from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ai_code_metrics.collect.analyser import Job
from ai_code_metrics.collect.security_bandit import command, parse, worked

JOB = Job(root=Path("/project"), files=("-a b.py", "b.py"), report=Path("/raw/bandit.json"))
CONFIGURED = Job(root=JOB.root, files=JOB.files, report=JOB.report, uses_project_config=True)
RESULT = {
    "filename": "././-a b.py", "test_id": "B602", "test_name": "subprocess_popen_with_shell_equals_true",
    "issue_text": "shell=True", "issue_severity": "HIGH", "issue_confidence": "MEDIUM", "line_number": 3,
    "line_range": [3, 4, 5],
}  # fmt: skip


def report(
    *results: dict[str, Any], files: dict[str, object] | None = None, errors: list[dict[str, str]] | None = None
) -> bytes:
    sizes = {"./-a b.py": 10, "./b.py": 5} if files is None else files
    metrics = {name: {"loc": loc} for name, loc in sizes.items()} | {"_totals": {"loc": 999}}
    return json.dumps({"results": results, "errors": errors or [], "metrics": metrics}).encode()


def no_text(path: str, line: int) -> str:
    return ""


def test_command() -> None:
    """Paths can't be options, bandit's own exclusions are off, and the project's table is named where it has one."""
    assert command(JOB)[-2:] == ["./-a b.py", "./b.py"]
    assert "--exclude=" in command(JOB)
    assert "-c" not in command(JOB)
    assert command(CONFIGURED)[-4:-2] == ["-c", "pyproject.toml"]


def test_parse_reads_a_finding() -> None:
    """A result becomes a finding with severity and confidence in lower case and its last line."""
    record = parse(report(RESULT), JOB, no_text)

    (finding,) = record.findings
    assert (finding.rule, finding.path, finding.line, finding.end_line) == ("B602", "-a b.py", 3, 5)
    assert (finding.severity, finding.confidence) == ("high", "medium")
    assert (record.source_lines, record.files, record.files_failed) == (15, 2, ())


def test_parse_names_files_that_were_not_scanned() -> None:
    """A file under ``errors`` failed, and its lines don't count."""
    record = parse(report(errors=[{"filename": "./b.py", "reason": "syntax error"}]), JOB, no_text)

    assert record.files_failed == ("b.py",)
    assert record.source_lines == 10
    assert record.files == 2


def test_parse_names_files_that_did_not_come_back() -> None:
    """A file that bandit passed over in silence failed, unless the project's configuration may have excluded it."""
    content = report(files={"./b.py": 5})

    assert parse(content, JOB, no_text).files_failed == ("-a b.py",)
    assert parse(content, CONFIGURED, no_text).files_failed == ()
    assert parse(content, CONFIGURED, no_text).files == 1


def test_parse_takes_a_finding_without_a_range() -> None:
    """Without a range the finding ends on its own line."""
    (finding,) = parse(report({**RESULT, "line_range": []}), JOB, no_text).findings

    assert finding.end_line == 3


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        report(RESULT)[:-5],
        report({**RESULT, "line_number": "3"}),
        report({**RESULT, "line_range": ["3"]}),
        report({**RESULT, "line_range": 3}),
        report({**RESULT, "issue_severity": None}),
        report({**RESULT, "filename": None}),
        report(files={"./b.py": "5"}),
        b'{"results": [], "errors": [], "metrics": []}',
    ],
)
def test_parse_refuses_anything_else(content: bytes) -> None:
    """A truncated or odd report is an error that the runner knows, never a wrong record."""
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        parse(content, JOB, no_text)


@pytest.mark.parametrize(("code", "expected"), [(0, True), (1, True), (2, False)])
def test_worked(code: int, expected: bool) -> None:  # noqa: FBT001 - a table
    """1 says that there are findings, 2 that bandit refused to work."""
    assert worked(code) is expected
