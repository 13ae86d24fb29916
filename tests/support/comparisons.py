"""Builders of summaries of a change: head beside base, findings that are new, and what the change adds."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from ai_code_metrics import model
from ai_code_metrics.measure import complexity, gate, merging
from ai_code_metrics.report import summary_json
from support import summaries

GATES: Final = ("quality.score >= 80", "coverage.patch >= 80", "coverage.delta >= -0.5", "security.new_high == 0")
NO_REPORT: Final = model.Unavailable(reason="no report of the base branch is there")


def patch_coverage(**fields: Any) -> model.PatchCoverage:
    """23 of 34 new statements and 5 of 8 branches covered: 66.67 percent."""
    values: dict[str, Any] = {
        "percent": 100 * (23 + 5) / (34 + 8),
        "covered_lines": 23,
        "num_statements": 34,
        "covered_branches": 5,
        "num_branches": 8,
        "files": [
            summaries.file_coverage(
                covered_lines=18, num_statements=20, covered_branches=5, num_branches=6, missing=[61, 62]
            ),
            summaries.file_coverage(
                path="src/shop/store.py",
                covered_lines=5,
                num_statements=14,
                covered_branches=0,
                num_branches=2,
                missing=[*range(40, 48), 88],
            ),
        ],
    }
    return model.PatchCoverage(**values | fields)


def patch_quality(**fields: Any) -> model.PatchQuality:
    """The quality of the same change."""
    values: dict[str, Any] = {
        "score": 81.5,
        "grade": "B",
        "components": {"coverage": 100 * 28 / 42, "lint": 82.35, "security": 87.06, "complexity": 90.0},
        "reasons": {},
        "caps": [],
        "files": 3,
        "lines": 58,
        "statements": 34,
        "statements_estimated": 0,
        "covered_lines": 23,
        "executable_lines": 34,
        "messages": {"fatal": 0, "error": 1, "warning": 1, "refactor": 0, "convention": 0, "info": 0},
        "findings_by_severity": {"high": 0, "medium": 1, "low": 0},
        "functions": 4,
        "notes": [],
    }
    return model.PatchQuality(**values | fields)


def base_coverage(**fields: Any) -> model.BaseCoverage:
    """Coverage of the base, measured two commits before it."""
    values: dict[str, Any] = {
        "percent": 100 * (800 + 206) / (918 + 252),
        "covered_lines": 800,
        "num_statements": 918,
        "covered_branches": 206,
        "num_branches": 252,
        "source": "pytest under coverage.py",
        "sha": "d" * 40,
        "commits_back": 2,
    }
    return model.BaseCoverage(**values | fields)


def base(**fields: Any) -> model.Base:
    """A base that was a little better at lint and security, and worse at nothing."""
    values: dict[str, Any] = {
        "sha": summaries.BASE_SHA,
        "source": "3 files that differ were analysed at this commit with the configuration of the head",
        "quality": summaries.quality(score=92.61),
        "lint": summaries.lint(
            score=99.67, messages={"fatal": 0, "error": 0, "warning": 2, "refactor": 0, "convention": 1, "info": 0},
            statements=918, findings=[],
        ),
        "coverage": base_coverage(),
        "security": summaries.security(score=99.56, findings_by_severity={"high": 0, "medium": 0, "low": 1}),
        "complexity": summaries.complexity(functions_over_10=[]),
    }  # fmt: skip
    return model.Base(**values | fields)


def marked(part: Any, *new: int) -> Any:
    """A part whose findings at these positions are new and on the patch, the others neither."""
    findings = [
        msgspec.structs.replace(finding, is_new=number in new, on_patch=number in new)
        for number, finding in enumerate(part.findings)
    ]
    return msgspec.structs.replace(part, findings=findings)


def compared_summary(gates: tuple[str, ...] = GATES, **overrides: Any) -> model.Summary:
    """A pull request that is compared with its base; the gates are evaluated on what it holds."""
    function = summaries.function()
    grown = model.GrownFunction(
        path=function.path, name=function.name, line=function.line, end_line=function.end_line, complexity=23, before=19
    )
    values: dict[str, Any] = {
        "quality": summaries.quality(patch=patch_quality()),
        "lint": marked(summaries.lint(), 0, 2),
        "security": marked(summaries.security(), 0),
        "complexity": summaries.complexity(grown=[grown]),
        "coverage": summaries.coverage(patch=patch_coverage()),
        "tests": summaries.own_tests(exit_code=0, failed=0, passed=129),
        "base": base(),
        "warnings": [],
        "gates": [],
    }
    made = summaries.summary(**values | overrides)
    return msgspec.structs.replace(made, gates=gate.evaluate(gate.parse_gates(gates), made, "fail"))


def clean_summary() -> model.Summary:
    """A pull request that adds well tested code and no finding, and passes its gates."""
    covered = patch_coverage(percent=100.0, covered_lines=34, covered_branches=8, files=[])
    return compared_summary(
        quality=summaries.quality(patch=patch_quality(score=97.2, grade="A")),
        lint=marked(summaries.lint()),
        security=marked(summaries.security()),
        complexity=summaries.complexity(grown=[]),
        coverage=summaries.coverage(patch=covered),
        base=base(
            quality=summaries.quality(score=91.5),
            coverage=base_coverage(
                percent=100 * 980 / 1170,
                covered_lines=780,
                covered_branches=200,
                sha=summaries.BASE_SHA,
                commits_back=0,
            ),
        ),
    )


def first_run() -> model.Summary:
    """The first run ever: no report of the base, no gate."""
    reason = "the base has no coverage, so that its score would mean something else"
    older = base(coverage=NO_REPORT, quality=model.Unavailable(reason=reason))
    return compared_summary(gates=(), base=older)


def small_change() -> model.Summary:
    """A change of five statements: the condition on its coverage is shown and not enforced."""
    few = patch_coverage(
        percent=40.0, covered_lines=2, num_statements=5, covered_branches=0, num_branches=0,
        files=[summaries.file_coverage(covered_lines=2, num_statements=5, missing=[61, 62, 63])],
    )  # fmt: skip
    reasons = {"score": "the change adds 5 statements, and a score needs 20"}
    patch = patch_quality(score=None, grade=None, reasons=reasons, statements=5, lines=9)
    whole = summaries.coverage(patch=few)
    older = base(
        coverage=base_coverage(
            percent=whole.percent, num_statements=950, covered_lines=812, num_branches=260, covered_branches=210
        )
    )
    return compared_summary(coverage=whole, quality=summaries.quality(patch=patch), base=older)


def without_coverage() -> model.Summary:
    """A change whose tests could not be run."""
    gone = model.Unavailable(reason="pytest was not found in the project's interpreter; set the input test-command")
    patch = patch_quality(grade="B", components=patch_quality().components | {"coverage": None})
    partial = summaries.quality(
        grade="B", partial=True, missing=["coverage"], caps=["at best B: coverage not measured"], patch=patch
    )
    return compared_summary(coverage=gone, tests=gone, quality=partial)


def fork() -> model.Summary:
    """A pull request from a fork."""
    return compared_summary(context=summaries.context(is_fork=True))


def hostile() -> model.Summary:
    """A comparison in which every foreign text tries to break out of its place."""
    made = summaries.hostile_summary()
    path, text, name = summaries.HOSTILE_PATH, summaries.HOSTILE_TEXT, summaries.HOSTILE_NAME
    covered = patch_coverage(
        files=[summaries.file_coverage(path=path, missing=[61, 62])], unknown_files=[path, "\u202e.py"]
    )
    grown = model.GrownFunction(path=path, name=name, line=1, end_line=9, complexity=12, before=None)
    gone = model.Unavailable(reason=text)
    return msgspec.structs.replace(
        made,
        lint=marked(made.lint, 0),
        security=marked(made.security, 0),
        complexity=summaries.complexity(grown=[grown]),
        coverage=summaries.coverage(patch=covered, source=text),
        base=base(coverage=gone, lint=gone, quality=gone),
    )


def merged() -> model.Summary:
    """Two shards of one change, merged: the second is about other files."""
    lines = {"low": 1_900, "moderate": 49, "high": 126, "very_high": 0}
    parts = {"lines_by_band": lines, "score": complexity.score(lines)}
    older = base(complexity=summaries.complexity(**parts, functions_over_10=[]))
    first = compared_summary(
        gates=(),
        source=summaries.source(roots=["src/shop"]),
        complexity=summaries.complexity(**parts, grown=[]),
        base=older,
    )
    second = summary_json.decode(summary_json.encode(first).replace(b"src/shop", b"src/billing"))
    joined = merging.merge({"shop": first, "billing": second})
    return msgspec.structs.replace(joined, gates=gate.evaluate(gate.parse_gates(GATES), joined, "fail"))
