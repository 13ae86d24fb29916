"""Builders of the parts of a summary: each takes fields by name and fills the rest with realistic ones."""

from __future__ import annotations

from typing import Any, Final

from ai_code_metrics import model

HEAD_SHA: Final = "4f0c2e9a7d1b35866e0fa4c1d2b38e7790a1c5d6"
BASE_SHA: Final = "91b7e64d08a2c3f55d7e1b90462fa8c3e7d5b012"


def finding(**fields: Any) -> model.Finding:
    """One pylint finding at ``src/shop/cart.py:17``."""
    values: dict[str, Any] = {
        "tool": "pylint",
        "rule": "W0613",
        "name": "unused-argument",
        "message": "Unused argument 'currency'",
        "path": "src/shop/cart.py",
        "line": 17,
        "end_line": 17,
        "severity": "warning",
        "symbol": "Cart.total",
        "fingerprint": "6b0d3c2f19aa4e71",
    }
    return model.Finding(**values | fields)


def security_finding(**fields: Any) -> model.Finding:
    """One bandit finding of medium severity and high confidence at ``src/shop/store.py:42``."""
    values: dict[str, Any] = {
        "tool": "bandit",
        "rule": "B608",
        "name": "hardcoded_sql_expressions",
        "message": "Possible SQL injection vector through string-based query construction.",
        "path": "src/shop/store.py",
        "line": 42,
        "end_line": 44,
        "severity": "medium",
        "confidence": "high",
        "symbol": None,
        "fingerprint": "0d9be6714f5c2a83",
    }
    return model.Finding(**values | fields)


def lint(**fields: Any) -> model.Lint:
    """Four findings over 940 statements: one error, two warnings, one convention; score 99.15."""
    values: dict[str, Any] = {
        "score": 100 - 100 * (5 + 2 + 1) / 940,
        "messages": {"fatal": 0, "error": 1, "warning": 2, "refactor": 0, "convention": 1, "info": 0},
        "statements": 940,
        "files": 14,
        "files_failed": [],
        "findings": [
            finding(
                rule="E1101",
                name="no-member",
                message="Instance of 'Store' has no 'flush' member",
                path="src/shop/store.py",
                line=88,
                end_line=88,
                severity="error",
                fingerprint="f1c09a7755d2e364",
            ),
            finding(),
            finding(line=61, end_line=61, symbol="Cart.merge", fingerprint="a4410be92c7d5f38"),
            finding(
                rule="C0116",
                name="missing-function-docstring",
                message="Missing function or method docstring",
                path="src/shop/api/routes.py",
                line=5,
                end_line=9,
                severity="convention",
                symbol="list_orders",
                fingerprint="88e3f0d2b1a4c695",
            ),
        ],
    }
    return model.Lint(**values | fields)


def file_coverage(**fields: Any) -> model.FileCoverage:
    """``src/shop/cart.py`` with 3 of 120 statements missing."""
    values: dict[str, Any] = {
        "path": "src/shop/cart.py",
        "covered_lines": 117,
        "num_statements": 120,
        "covered_branches": 30,
        "num_branches": 34,
        "missing": [61, 62, 90],
    }
    return model.FileCoverage(**values | fields)


def coverage(**fields: Any) -> model.Coverage:
    """812 of 950 statements and 210 of 260 branches: 84.46 percent."""
    values: dict[str, Any] = {
        "percent": 100 * (812 + 210) / (950 + 260),
        "covered_lines": 812,
        "num_statements": 950,
        "covered_branches": 210,
        "num_branches": 260,
        "files": [
            file_coverage(),
            file_coverage(
                path="src/shop/store.py",
                covered_lines=695,
                num_statements=830,
                covered_branches=180,
                num_branches=226,
                missing=[*range(40, 48), 88, *range(200, 326)],
            ),
        ],
        "source": "pytest under coverage.py",
    }
    return model.Coverage(**values | fields)


def own_tests(**fields: Any) -> model.Tests:
    """A run of 131 tests: 128 passed, 1 failed, 2 skipped."""
    values: dict[str, Any] = {
        "command": "pytest",
        "exit_code": 1,
        "passed": 128,
        "failed": 1,
        "errors": 0,
        "skipped": 2,
        "seconds": 12.75,
    }
    return model.Tests(**values | fields)


def security(**fields: Any) -> model.Security:
    """One medium and one low finding in 2,400 lines of code: score 93.98."""
    values: dict[str, Any] = {
        "score": 100 * 2 ** (-(2 * 1 + 0.5 * 0.3) / 2.4 / 10),
        "findings_by_severity": {"high": 0, "medium": 1, "low": 1},
        "source_lines": 2400,
        "files": 14,
        "files_failed": [],
        "findings": [
            security_finding(),
            security_finding(
                rule="B101",
                name="assert_used",
                message="Use of assert detected.",
                path="src/shop/cart.py",
                line=30,
                end_line=30,
                severity="low",
                confidence="low",
                fingerprint="57a1e9c0bb42d6f3",
            ),
        ],
    }
    return model.Security(**values | fields)


def function(**fields: Any) -> model.Function:
    """``Store.import_orders`` with complexity 23."""
    values: dict[str, Any] = {
        "path": "src/shop/store.py",
        "name": "Store.import_orders",
        "line": 200,
        "end_line": 325,
        "complexity": 23,
    }
    return model.Function(**values | fields)


def complexity(**fields: Any) -> model.Complexity:
    """96 functions, two of them over 10."""
    values: dict[str, Any] = {
        "score": 92.6,
        "functions": 96,
        "max": 23,
        "bands": {"low": 94, "moderate": 1, "high": 1, "very_high": 0},
        "files": 14,
        "files_failed": [],
        "functions_over_10": [
            function(),
            function(path="src/shop/api/routes.py", name="create_order", line=12, end_line=60, complexity=13),
        ],
    }
    return model.Complexity(**values | fields)


def quality(**fields: Any) -> model.Quality:
    """The quality score of the parts above: 91.73, grade A."""
    values: dict[str, Any] = {
        "score": 91.73,
        "grade": "A",
        "partial": False,
        "missing": [],
        "components": {
            "coverage": coverage().percent,
            "lint": lint().score,
            "security": security().score,
            "complexity": complexity().score,
        },
        "weights": {"coverage": 0.3, "security": 0.3, "lint": 0.2, "complexity": 0.2},
        "grade_range": ["A"],
        "caps": [],
    }
    return model.Quality(**values | fields)


def commit_item(**fields: Any) -> model.CommitItem:
    """A well written commit of 336 changed lines: message 100, shape 66."""
    values: dict[str, Any] = {
        "sha": HEAD_SHA,
        "subject": "fix(cart): round each line before summing the total",
        "score": 94.9,
        "message_score": 100.0,
        "shape_score": 66.0,
        "parts": {
            "what": model.RubricPart(points=35, max=35, why=[]),
            "why": model.RubricPart(points=30, max=30, why=[]),
            "convention": model.RubricPart(points=15, max=15, why=[]),
            "form": model.RubricPart(points=10, max=10, why=[]),
        },
        "dropped": ["C link: only 3 of the last 50 commits link an issue"],
    }
    return model.CommitItem(**values | fields)


def _poor_parts() -> dict[str, model.RubricPart]:
    few_words = "the header has 1 word that tells what changed; three or more make it clear"
    no_body = "the body has no prose; a sentence on why the change was needed helps its readers"
    no_reason = "no reason is given (because, so that, to avoid, instead of, …)"
    no_type = "the header is no Conventional Commits header: `type(scope): description`, with a colon and a space"
    return {
        "what": model.RubricPart(points=20, max=35, why=[few_words]),
        "why": model.RubricPart(
            points=0, max=30, why=[no_body, no_reason, "a link to an issue or pull request would say more"]
        ),
        "convention": model.RubricPart(points=0, max=15, why=[no_type]),
        "form": model.RubricPart(points=10, max=10, why=[]),
    }


def commits(**fields: Any) -> model.Commits:
    """Two scored commits and a merge: median 64.2, worst 33.5."""
    values: dict[str, Any] = {
        "scored": 2,
        "skipped": 1,
        "median": 64.2,
        "worst": 33.5,
        "items": [
            commit_item(),
            commit_item(
                sha="b" * 40,
                subject="Update cart",
                score=33.5,
                message_score=33.33,
                shape_score=34.42,
                parts=_poor_parts(),
            ),
            model.CommitItem(sha="c" * 40, subject="Merge branch 'main' into cart", skipped_reason="a merge"),
        ],
        "range": f"{BASE_SHA[:12]}..{HEAD_SHA[:12]}",
    }
    return model.Commits(**values | fields)


def attribution_view(**fields: Any) -> model.AttributionView:
    """The ``changed`` view of a pull request: 48 AI lines of 120 counted ones, a share of exactly 0.4."""
    values: dict[str, Any] = {
        "view": "changed",
        "ai_share": 0.4,
        "ai_lines": 48,
        "human_lines": 0,
        "untagged_lines": 72,
        "suggestion_lines": 3,
        "bot_lines": 5,
        "counted_lines": 120,
        "excluded_lines": 210,
        "by_source": {"note": 0, "author": 18, "trailer": 30, "marker": 0},
        "by_kind": {"authored": 18, "assisted": 30},
        "by_agent": {
            "claude-code": model.AgentLines(lines=30, models={"Claude Opus 4.6": 30}),
            "aider": model.AgentLines(lines=18),
        },
        "by_file": [
            model.FileAttribution(
                path="src/shop/cart.py",
                ai_lines=48,
                human_lines=0,
                untagged_lines=12,
                suggestion_lines=3,
                bot_lines=0,
            ),
            model.FileAttribution(
                path="src/shop/store.py",
                ai_lines=0,
                human_lines=0,
                untagged_lines=60,
                suggestion_lines=0,
                bot_lines=5,
            ),
        ],
        "commits": model.AttributedCommits(
            total=6, tagged=2, with_note=0, by_origin={"ai": 2, "untagged": 2, "bot": 1, "suggestion": 1}
        ),
        "skipped_files": [
            model.SkippedFile(path="docs/api.md", reason="the content is not in this clone; check out without `filter`")
        ],
        "warnings": [],
    }
    return model.AttributionView(**values | fields)


def surviving_view(**fields: Any) -> model.AttributionView:
    """The ``surviving`` view of the whole tree: 480 AI lines of 2,000 counted ones, a share of exactly 0.24."""
    values: dict[str, Any] = {
        "view": "surviving",
        "ai_share": 0.24,
        "ai_lines": 480,
        "untagged_lines": 1520,
        "counted_lines": 2000,
        "by_source": {"note": 0, "author": 180, "trailer": 300, "marker": 0},
        "by_kind": {"authored": 180, "assisted": 300},
        "by_agent": {
            "claude-code": model.AgentLines(lines=300, models={"Claude Opus 4.6": 300}),
            "aider": model.AgentLines(lines=180),
        },
        "by_file": [],
        "skipped_files": [],
    }
    return attribution_view(**values | fields)


def attribution(**fields: Any) -> model.Attribution:
    """Both views."""
    values: dict[str, Any] = {"changed": attribution_view(), "surviving": surviving_view()}
    return model.Attribution(**values | fields)


def context(**fields: Any) -> model.Context:
    """Pull request 42 of octo/shop, from a branch of the same repository."""
    values: dict[str, Any] = {
        "repository": "octo/shop",
        "branch": "feature/cart",
        "default_branch": "main",
        "event": "pull_request",
        "head_sha": HEAD_SHA,
        "head_committed_at": 1_767_225_600,
        "base_sha": BASE_SHA,
        "pull_request": 42,
        "run_url": "https://github.com/octo/shop/actions/runs/123456",
    }
    return model.Context(**values | fields)


def push_context(**fields: Any) -> model.Context:
    """A push to main of octo/shop."""
    return context(**{"event": "push", "branch": "main", "pull_request": None} | fields)


def source(**fields: Any) -> model.Source:
    """14 files and 2,400 lines below ``src``."""
    values: dict[str, Any] = {
        "roots": ["src"],
        "files": 14,
        "lines": {"python": 2400},
        "test_files": 9,
        "other_files": 6,
    }
    return model.Source(**values | fields)
