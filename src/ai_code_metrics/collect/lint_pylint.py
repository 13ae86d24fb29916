"""Pylint: isolated from the project, yet resolving the project's own dependencies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ai_code_metrics.collect.analyser import Analyser, Job, number, relative_path, text
from ai_code_metrics.collect.fingerprint import content_print, fingerprint
from ai_code_metrics.model import Finding
from ai_code_metrics.records import LintReport

if TYPE_CHECKING:
    from collections.abc import Callable

_USAGE_ERROR = 32
_SEVERITIES = frozenset({"fatal", "error", "warning", "refactor", "convention", "info"})
# syntax-error, fatal, astroid-error, parse-error: the module was not analysed
_NOT_ANALYSED = frozenset({"E0001", "F0001", "F0002", "F0010"})
_UNRESOLVED_IMPORT = "E0401"


def command(job: Job) -> list[str]:
    """Return pylint's module and arguments.

    The project's import path is appended by ``--init-hook``, not by ``PYTHONPATH``: the project's own astroid would
    otherwise take the place of ours. An init-hook of the project's configuration runs as well. isort and
    multiprocessing are imported there because pylint does it only while it works, with the project's root first on its
    import path: an ``isort.py`` in the project made every module fail, and a ``multiprocessing.py`` was executed.
    """
    hook = f"import isort, multiprocessing, sys; sys.path.extend({list(job.import_path)!r})"
    return [
        "pylint",
        f"--init-hook={hook}",
        "--output-format=ai_code_metrics.collect.pylint_reporter.StatementsReporter",
        f"--output={job.report}",
        "--reports=n",
        "--score=y",
        "--persistent=n",
        "--jobs=1",  # more jobs parse everything once a worker and lose the messages that need all modules
        *(f"./{path}" for path in job.files),  # a leading dash is no option
    ]


def parse(report: bytes, job: Job, line_text: Callable[[str, int], str]) -> LintReport:
    """Read the report; messages about the configuration itself become warnings, as in pylint's own score.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: this is no report of our reporter.
    """
    document = json.loads(report)
    wanted = frozenset(job.files)
    found, warnings = [], []
    for message in document["messages"]:
        path = relative_path(message["absolutePath"], job.root)
        if path in wanted:
            found.append(_finding(message, job.named(path), line_text(path, number(message["line"]))))
        else:
            said = f"pylint {message['messageId']} ({message['symbol']}): {message['message']}"
            warnings.append(text(said, 1000))
    findings = [finding for finding, _ in found]
    unresolved = sum(finding.rule == _UNRESOLVED_IMPORT for finding in findings)
    if unresolved:
        imports = "1 import" if unresolved == 1 else f"{unresolved:,} imports"
        warnings.append(
            f"{imports} could not be resolved by the project's interpreter; install the project's dependencies before "
            "this step, or set python"
        )
    failed = sorted({finding.path for finding in findings if finding.rule in _NOT_ANALYSED})
    by_file = document["statistics"]["statements_by_file"]
    return LintReport(
        findings=tuple(findings),
        statements=number(document["statistics"]["statements"]),
        files=len(job.files),
        files_failed=tuple(failed),
        warnings=tuple(warnings),
        statements_by_file={job.named(relative_path(name, job.root)): number(by_file[name]) for name in by_file},
        contents={finding.fingerprint: content for finding, content in found if content},
    )


def _finding(message: dict[str, Any], path: str, line_text: str) -> tuple[Finding, str]:
    """The finding, and what it is about wherever it stands."""
    line, rule, symbol = number(message["line"]), text(message["messageId"], 100), text(message["obj"], 1000) or None
    severity, end_line = message["type"], message["endLine"]
    if severity not in _SEVERITIES:
        raise ValueError(f"{str(severity)[:50]!r} is no category of pylint's")
    finding = Finding(
        tool="pylint",
        rule=rule,
        name=text(message["symbol"], 100),
        message=text(message["message"], 2000),
        path=path,
        line=line,
        end_line=None if end_line is None else number(end_line),
        severity=severity,
        confidence=text(message["confidence"], 100).lower(),
        symbol=symbol,
        fingerprint=fingerprint(tool="pylint", rule=rule, path=path, symbol=symbol, line_text=line_text),
    )
    return finding, content_print(tool="pylint", rule=rule, line_text=line_text)


def worked(exit_code: int) -> bool:
    """Say whether pylint did its work: its exit code is a bit mask, of which only 32 (usage) means that it did not.

    Bit 1 is a fatal message about one module, which stands in the report (and makes the score 0).
    """
    return not exit_code & _USAGE_ERROR


PYLINT = Analyser(name="pylint", command=command, parse=parse, worked=worked, nothing=LintReport((), 0, 0, ()))
