"""Builders of complete, valid summaries: a realistic one, one full of hostile text, one where nothing was measured.

Every builder takes fields by name and fills the rest, so that a test names only what it is about.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from ai_code_metrics import model
from support.summary_parts import (
    BASE_SHA,
    HEAD_SHA,
    attribution,
    attribution_view,
    commit_item,
    commits,
    complexity,
    context,
    coverage,
    file_coverage,
    finding,
    function,
    lint,
    own_tests,
    push_context,
    quality,
    security,
    security_finding,
    source,
    surviving_view,
)

__all__ = [
    "BASE_SHA",
    "HEAD_SHA",
    "HOSTILE_NAME",
    "HOSTILE_PATH",
    "HOSTILE_TEXT",
    "attribution",
    "attribution_view",
    "commit_item",
    "commits",
    "compared_summary",
    "complexity",
    "context",
    "coverage",
    "file_coverage",
    "finding",
    "function",
    "hostile_summary",
    "lint",
    "own_tests",
    "push_context",
    "quality",
    "security",
    "security_finding",
    "source",
    "summary",
    "surviving_view",
    "unavailable_summary",
]

WHY: Final = "pytest was not found in the project's interpreter; set the input test-command"

HOSTILE_PATH: Final = "src/a|b`c`<script>alert(1)</script>\n::error::owned @everyone #1 \u202egpj.py"
HOSTILE_TEXT: Final = (
    "a | b `code` ```fence``` <script>alert(1)</script> <!-- x -->"
    " ![i](http://evil.invalid/x.png) [l](javascript:alert(1))"
    "\r\n::error file=x,line=1::injected %0A::set-output name=x::y @octocat @org/team"
    " #123 GH-4 \u202e\u200f\u2066bidi\u2069\x1b[31mred\x00"
    "\n\n## A heading\n| t | u |\n|---|---|\n</details>"
)
HOSTILE_NAME: Final = "n|`<b>`\n@octocat \u202ex"


def summary(**overrides: Any) -> model.Summary:
    """A complete summary of a pull request in which every part was measured; fields of the top level by name."""
    values: dict[str, Any] = {
        "schema_version": 1,
        "tool": model.Tool(name="ai-code-metrics", version="0.1.0"),
        "context": context(),
        "measured_at": "2026-01-01T12:00:00Z",
        "source": source(),
        "quality": quality(),
        "lint": lint(),
        "coverage": coverage(),
        "tests": own_tests(),
        "security": security(),
        "complexity": complexity(),
        "commits": commits(),
        "attribution": attribution(),
        "base": model.Unavailable(reason="no report of the base was found"),
        "gates": [
            model.GateResult(
                expression="quality.score >= 80",
                metric="quality.score",
                required=">= 80",
                result="passed",
                actual=91.73,
                reason="quality.score is 91.73, as required >= 80",
            ),
            model.GateResult(
                expression="coverage.percent >= 90",
                metric="coverage.percent",
                required=">= 90 %",
                result="failed",
                actual=100 * 1022 / 1210,
                reason="coverage.percent is 84.46 %, but required is >= 90 %",
            ),
        ],
        "phases": [
            model.Phase(name="pylint", seconds=4.2, peak_memory_bytes=151_000_000, status="ok"),
            model.Phase(name="bandit", seconds=1.1, peak_memory_bytes=62_000_000, status="ok"),
            model.Phase(name="radon", seconds=0.6, peak_memory_bytes=None, status="ok"),
            model.Phase(name="tests", seconds=12.75, peak_memory_bytes=98_000_000, status="ok"),
        ],
        "warnings": [
            model.MeasurementWarning(
                code="tests-failed", message="tests failed (pytest); coverage is that of a failing run"
            )
        ],
    }
    return model.Summary(**values | overrides)


def compared_summary(**overrides: Any) -> model.Summary:
    """A summary whose findings were held against the base: all are new but one of lint."""
    old, *new = lint().findings
    values: dict[str, Any] = {
        "lint": lint(findings=[replace(old, is_new=False), *(replace(found, is_new=True) for found in new)]),
        "security": security(findings=[replace(found, is_new=True) for found in security().findings]),
    }
    return summary(**values | overrides)


def hostile_summary(**overrides: Any) -> model.Summary:
    """A valid summary whose every foreign text tries to break out of Markdown, HTML or a workflow command."""
    hostile_finding = {
        "name": HOSTILE_NAME,
        "message": HOSTILE_TEXT,
        "path": HOSTILE_PATH,
        "symbol": HOSTILE_TEXT,
        "is_new": True,
    }
    view = {
        "by_agent": {HOSTILE_NAME: model.AgentLines(lines=48, models={HOSTILE_NAME: 48})},
        "by_file": [
            model.FileAttribution(
                path=HOSTILE_PATH, ai_lines=48, human_lines=0, untagged_lines=72, suggestion_lines=0, bot_lines=0
            )
        ],
        "skipped_files": [model.SkippedFile(path=HOSTILE_PATH, reason=HOSTILE_TEXT)],
        "warnings": [HOSTILE_TEXT],
    }
    values: dict[str, Any] = {
        "context": context(
            repository="octo/shop`|<b>",
            branch=HOSTILE_NAME,
            run_url="javascript:alert(1)//" + HOSTILE_TEXT,
            is_fork=True,
        ),
        "source": source(roots=[HOSTILE_PATH]),
        "lint": lint(findings=[finding(**hostile_finding)], files_failed=[HOSTILE_PATH]),
        "coverage": coverage(files=[file_coverage(path=HOSTILE_PATH)], source=HOSTILE_TEXT),
        "tests": own_tests(command=HOSTILE_TEXT),
        "security": security(findings=[security_finding(**hostile_finding)], files_failed=[HOSTILE_PATH]),
        "complexity": complexity(functions_over_10=[function(path=HOSTILE_PATH, name=HOSTILE_NAME)]),
        "commits": commits(
            items=[
                commit_item(
                    subject=HOSTILE_TEXT,
                    parts={"what": model.RubricPart(points=1, max=35, why=[HOSTILE_TEXT])},
                    dropped=[HOSTILE_TEXT],
                ),
                model.CommitItem(sha="c" * 40, subject=HOSTILE_TEXT, skipped_reason=HOSTILE_TEXT),
            ]
        ),
        "attribution": attribution(changed=attribution_view(**view), surviving=surviving_view(**view)),
        "gates": [
            model.GateResult(
                expression=HOSTILE_TEXT,
                metric=HOSTILE_NAME,
                required=HOSTILE_TEXT,
                result="failed",
                actual=1.0,
                reason=HOSTILE_TEXT,
            )
        ],
        "warnings": [model.MeasurementWarning(code=HOSTILE_NAME, message=HOSTILE_TEXT)],
    }
    return summary(**values | overrides)


def unavailable_summary(**overrides: Any) -> model.Summary:
    """A valid summary in which no part could be measured."""
    parts = ("quality", "lint", "coverage", "tests", "security", "complexity", "commits", "attribution")
    values: dict[str, Any] = {part: model.Unavailable(reason=f"{part}: {WHY}") for part in parts}
    values |= {
        "source": source(files=0, lines={}, test_files=0),
        "gates": [
            model.GateResult(
                expression="coverage.percent >= 80",
                metric="coverage.percent",
                required=">= 80",
                result="not evaluated",
                reason=f"coverage: {WHY}",
            )
        ],
        "phases": [model.Phase(name="pylint", seconds=900.0, peak_memory_bytes=None, status="failed")],
        "warnings": [],
    }
    return summary(**values | overrides)
