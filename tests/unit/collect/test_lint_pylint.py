from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ai_code_metrics.collect.analyser import Job
from ai_code_metrics.collect.lint_pylint import command, parse, worked

JOB = Job(root=Path("/project"), files=("-a b.py", "pkg/ü\n.py"), report=Path("/raw/pylint.json"))
MESSAGE = {
    "type": "warning", "symbol": "unused-variable", "message": "Unused variable 'x'", "messageId": "W0612",
    "confidence": "UNDEFINED", "module": "a", "obj": "f", "line": 3, "column": 4, "endLine": 3, "endColumn": 5,
    "path": "./-a b.py", "absolutePath": "/project/-a b.py",
}  # fmt: skip


def report(*messages: dict[str, Any], statements: object = 7, by_file: dict[str, int] | None = None) -> bytes:
    statistics = {"statements": statements, "statements_by_file": by_file or {}}
    return json.dumps({"messages": messages, "statistics": statistics}).encode()


def no_text(path: str, line: int) -> str:
    return ""


def test_command_keeps_paths_from_being_options() -> None:
    """Each path is one argument that starts with ``./``, whatever it holds."""
    assert command(JOB)[-2:] == ["./-a b.py", "./pkg/ü\n.py"]
    assert command(JOB)[0] == "pylint"
    assert "--output=/raw/pylint.json" in command(JOB)


def test_command_appends_the_projects_import_path() -> None:
    """The project's import path goes behind ours, quoted; what pylint imports late is imported before that."""
    path = ("/lib/it's", '/lib/"b"')
    hook = command(Job(JOB.root, JOB.files, JOB.report, import_path=path))[1].removeprefix("--init-hook=")
    seen: list[str] = ["ours"]

    exec(hook.replace("import isort, multiprocessing, sys; ", ""), {"sys": type("Sys", (), {"path": seen})})  # noqa: S102

    assert hook.startswith("import isort, multiprocessing, sys; ")
    assert seen == ["ours", *path]


def test_parse_reads_a_finding() -> None:
    """A message becomes a finding with pylint's category as its severity."""
    record = parse(report(MESSAGE), JOB, no_text)

    (finding,) = record.findings
    assert (finding.rule, finding.name, finding.path, finding.line) == ("W0612", "unused-variable", "-a b.py", 3)
    assert (finding.severity, finding.symbol, finding.end_line) == ("warning", "f", 3)
    assert (record.statements, record.files, record.files_failed, record.warnings) == (7, 2, (), ())


def test_a_file_of_the_base_goes_by_its_name_at_head() -> None:
    """Findings, statements and fingerprints are those of the renamed file, its text is read where it lies."""
    asked: list[str] = []

    def line_text(path: str, line: int) -> str:
        asked.append(path)
        return "x = 1"

    job = Job(JOB.root, JOB.files, JOB.report, renamed={"-a b.py": "new.py"})
    record = parse(report(MESSAGE, by_file={"/project/-a b.py": 3, "/project/pkg/ü\n.py": 4}), job, line_text)

    at_head = {**MESSAGE, "absolutePath": "/project/new.py"}
    same = parse(report(at_head), Job(JOB.root, ("new.py",), JOB.report), line_text)
    assert record.findings == same.findings
    assert record.contents == same.contents
    assert dict(record.statements_by_file) == {"new.py": 3, "pkg/ü\n.py": 4}
    assert asked == ["-a b.py", "new.py"]


@pytest.mark.parametrize("rule", ["E0001", "F0001", "F0002", "F0010"])
def test_parse_names_files_that_were_not_analysed(rule: str) -> None:
    """A syntax error or a fatal message says that its module was not analysed."""
    record = parse(report({**MESSAGE, "messageId": rule, "type": "error"}), JOB, no_text)

    assert record.files_failed == ("-a b.py",)


def test_parse_turns_messages_about_the_configuration_into_warnings() -> None:
    """A message about no file of ours is a warning, not a finding."""
    message = {
        **MESSAGE,
        "messageId": "E0013",
        "symbol": "bad-plugin-value",
        "message": "Plugin 'no.such' is impossible to load",
        "absolutePath": "/project/Command line or configuration file",
    }

    record = parse(report(message), JOB, no_text)

    assert record.findings == ()
    assert record.warnings == ("pylint E0013 (bad-plugin-value): Plugin 'no.such' is impossible to load",)


@pytest.mark.parametrize(("count", "expected"), [(0, []), (1, ["1 import could"]), (1200, ["1,200 imports could"])])
def test_parse_tells_of_missing_dependencies(count: int, expected: list[str]) -> None:
    """Imports that can't be resolved are findings, and one warning that says how many and what to do."""
    unresolved = {**MESSAGE, "messageId": "E0401", "symbol": "import-error", "type": "error"}

    record = parse(report(MESSAGE, *[unresolved] * count), JOB, no_text)

    assert len(record.findings) == count + 1
    assert [warning.split(" not ")[0] for warning in record.warnings] == expected
    assert all("install the project's dependencies" in warning for warning in record.warnings)


def test_parse_bounds_what_a_project_can_write() -> None:
    """Long texts are cut, lone surrogates replaced, a line of -1 is nowhere."""
    (finding,) = parse(report({**MESSAGE, "message": "\ud800" + "x" * 9000, "line": -1}), JOB, no_text).findings

    assert len(finding.message) == 2000
    assert finding.message.startswith("?x")
    assert finding.line == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"null",
        report(MESSAGE)[:-9],
        report(statements="7"),
        report(statements=None),
        report({**MESSAGE, "line": "3"}),
        report({**MESSAGE, "endLine": 3.5}),
        report({**MESSAGE, "type": "horror"}),
        report({**MESSAGE, "type": ["error"]}),
        report({**MESSAGE, "message": None}),
        report({**MESSAGE, "absolutePath": 4}),
        report({key: value for key, value in MESSAGE.items() if key != "confidence"}),
    ],
)
def test_parse_refuses_anything_else(content: bytes) -> None:
    """A truncated or forged report is an error that the runner knows, never a wrong record."""
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        parse(content, JOB, no_text)


@pytest.mark.parametrize(("code", "expected"), [(0, True), (1, True), (30, True), (31, True), (32, False), (33, False)])
def test_worked(code: int, expected: bool) -> None:  # noqa: FBT001 - a table
    """Only bit 32 says that pylint refused to work."""
    assert worked(code) is expected
