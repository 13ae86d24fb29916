from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ai_code_metrics.collect.analyser import Job
from ai_code_metrics.collect.complexity_radon import command, parse, worked

JOB = Job(root=Path("/project"), files=("-a b.py", "b.py"), report=Path("/raw/radon.json"))
FUNCTION = {"type": "function", "name": "f", "lineno": 1, "endline": 9, "complexity": 4}
METHOD = {**FUNCTION, "type": "method", "classname": "A", "name": "m"}
CLASS = {**FUNCTION, "type": "class", "name": "A", "methods": [METHOD]}


def report(**files: Any) -> bytes:
    return json.dumps({f"/project/{name}.py": blocks for name, blocks in files.items()}).encode()


def no_text(path: str, line: int) -> str:
    return ""


def test_command_has_absolute_paths() -> None:
    """Radon runs elsewhere, so that a ``radon.cfg`` beside the code is out of its sight."""
    assert command(JOB)[-2:] == ["/project/-a b.py", "/project/b.py"]


def test_parse_counts_functions_and_methods_once() -> None:
    """A class is no function, and a method inside its class is not counted a second time."""
    record = parse(report(b=[CLASS, METHOD, FUNCTION]), JOB, no_text)

    assert [(function.name, function.path) for function in record.functions] == [("A.m", "b.py"), ("f", "b.py")]
    assert (record.functions[0].complexity, record.functions[0].end_line) == (4, 9)
    assert (record.files, record.files_failed) == (2, ())


def test_parse_names_files_that_could_not_be_parsed() -> None:
    """Radon exits 0 on a syntax error and leaves a note in the file's place."""
    assert parse(report(b={"error": "invalid syntax"}), JOB, no_text).files_failed == ("b.py",)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        report(b=[FUNCTION])[:-4],
        report(b=[{**FUNCTION, "complexity": None}]),
        report(b=[{**FUNCTION, "lineno": "1"}]),
        report(b=[{"type": "function"}]),
        report(b=3),
        report(b=[3]),
    ],
)
def test_parse_refuses_anything_else(content: bytes) -> None:
    """A truncated or odd report is an error that the runner knows, never a wrong record."""
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        parse(content, JOB, no_text)


def test_worked() -> None:
    """Radon knows no exit code for findings."""
    assert worked(0)
    assert not worked(1)
