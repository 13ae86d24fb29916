"""Radon: the cyclomatic complexity of every function and method."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from ai_code_metrics.collect.analyser import Analyser, Job, number, relative_path, text
from ai_code_metrics.model import Function
from ai_code_metrics.records import ComplexityReport

if TYPE_CHECKING:
    from collections.abc import Callable


def command(job: Job) -> list[str]:
    """Return radon's module and arguments, with absolute paths: it must not find a ``radon.cfg`` beside the code."""
    return ["radon", "cc", "--json", "--output-file", str(job.report), *(str(job.root / path) for path in job.files)]


def parse(report: bytes, job: Job, line_text: Callable[[str, int], str]) -> ComplexityReport:  # noqa: ARG001
    """Read the report. Radon leaves out files without functions, and exits 0 on files that it can't parse.

    Methods stand in the report on their own as well as inside their class, nested functions only inside; a nested
    function's complexity is part of the function around it.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: this is no report of radon's.
    """
    functions: list[Function] = []
    failed: list[str] = []
    for name, blocks in json.loads(report).items():
        path = job.named(relative_path(name, job.root))
        if isinstance(blocks, dict):
            failed.append(path)
            continue
        functions.extend(
            Function(
                path=text(path, 4096),
                name=text(".".join(filter(None, (block.get("classname"), block["name"]))), 300),
                line=number(block["lineno"]),
                end_line=number(block["endline"]),
                complexity=number(block["complexity"]),
            )
            for block in blocks
            if block["type"] in {"function", "method"}
        )
    return ComplexityReport(functions=tuple(functions), files=len(job.files), files_failed=tuple(sorted(failed)))


def worked(exit_code: int) -> bool:
    """Say whether radon did its work: it knows no exit code for findings."""
    return exit_code == 0


RADON = Analyser(
    name="radon", command=command, parse=parse, worked=worked, nothing=ComplexityReport((), 0, ()), in_project=False
)
