from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.errors import UsageError
from ai_code_metrics.report import sarif
from support import summaries

if TYPE_CHECKING:
    from ai_code_metrics import model
    from support.gold import Gold


def new(**fields: Any) -> model.Finding:
    return summaries.finding(is_new=True, **fields)


def with_lint(*findings: model.Finding, **fields: Any) -> model.Summary:
    """A summary with these findings of lint and none of security."""
    return summaries.summary(
        lint=summaries.lint(findings=list(findings)), security=summaries.security(findings=[]), **fields
    )


def with_security(*findings: model.Finding) -> model.Summary:
    """A summary with these findings of security and none of lint."""
    return summaries.summary(lint=summaries.lint(findings=[]), security=summaries.security(findings=list(findings)))


def runs(of: model.Summary) -> dict[str, Any]:
    """The runs of the log by their tools."""
    return {run["tool"]["driver"]["name"]: run for run in json.loads(sarif.render(of, key="default"))["runs"]}


def only_result(of: model.Summary, tool: str = "pylint") -> Any:
    (result,) = runs(of)[tool]["results"]
    return result


def place(of: model.Summary) -> Any:
    return only_result(of)["locations"][0]["physicalLocation"]


def notifications(run: Any) -> list[str]:
    """What the run tells of itself."""
    (invocation,) = run["invocations"]
    return [f"{notice['level']}: {notice['message']['text']}" for notice in invocation["toolExecutionNotifications"]]


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("findings.sarif", summaries.compared_summary()),
        ("findings-hostile.sarif", summaries.hostile_summary()),
        ("findings-unavailable.sarif", summaries.unavailable_summary()),
    ],
)
def test_the_log_of_a_summary(name: str, of: model.Summary, gold: Gold) -> None:
    """The log has a run for each tool with its new findings, and is the same every time."""
    gold.check(name, sarif.render(of, key="default"))
    assert sarif.render(of, key="default") == sarif.render(of, key="default")


@pytest.mark.parametrize(
    ("severity", "level", "problem"),
    [
        ("fatal", "error", "error"), ("error", "error", "error"), ("warning", "warning", "warning"),
        ("refactor", "note", "recommendation"), ("info", "note", "recommendation"),
    ],
)  # fmt: skip
def test_the_level_of_a_lint_finding(severity: str, level: str, problem: str) -> None:
    """Result and rule have the level of SARIF's, and the rule GitHub's severity of a problem."""
    of = with_lint(new(severity=severity))
    (rule,) = runs(of)["pylint"]["tool"]["driver"]["rules"]
    assert (only_result(of)["level"], rule["defaultConfiguration"]["level"]) == (level, level)
    assert rule["properties"] == {"tags": ["lint"], "problem.severity": problem}


@pytest.mark.parametrize(
    ("severity", "properties"),
    [
        ("high", {"security-severity": "8.0"}), ("medium", {"security-severity": "5.0"}),
        ("low", {"security-severity": "2.0"}), ("undefined", {}),
    ],
)  # fmt: skip
def test_the_severity_of_a_security_finding(severity: str, properties: dict[str, str]) -> None:
    """Its number falls into GitHub's band of the same name; what bandit has no severity for gets none."""
    of = with_security(summaries.security_finding(severity=severity, is_new=True))
    (rule,) = runs(of)["bandit"]["tool"]["driver"]["rules"]
    assert rule["properties"] == {"tags": ["security"], **properties}


def test_a_rule_has_the_severity_of_its_worst_finding() -> None:
    """One rule of bandit's has findings of several severities; GitHub reads the number off the rule."""
    found = [
        summaries.security_finding(severity=severity, line=line, is_new=True)
        for line, severity in enumerate(("low", "high", "medium"), 1)
    ]
    run = runs(with_security(*found))["bandit"]
    (rule,) = run["tool"]["driver"]["rules"]
    assert rule["properties"]["security-severity"] == "8.0"
    assert [result["level"] for result in run["results"]] == ["error", "warning", "note"]


def test_every_result_points_at_its_rule() -> None:
    """The index of a result is that of the rule with its id."""
    run = runs(with_lint(*(new(rule=f"W{line % 3:04}", line=line) for line in range(1, 8))))["pylint"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert sorted(rules) == ["W0000", "W0001", "W0002"]
    assert [rules[result["ruleIndex"]] for result in run["results"]] == [result["ruleId"] for result in run["results"]]


@pytest.mark.parametrize(
    ("fields", "region"),
    [
        ({"line": 5, "end_line": 9}, {"startLine": 5, "endLine": 9}),
        ({"line": 5, "end_line": 5}, {"startLine": 5}),
        ({"line": 5, "end_line": 3}, {"startLine": 5}),
        ({"line": 5, "end_line": None}, {"startLine": 5}),
        ({"line": 0, "end_line": None}, {"startLine": 1}),
    ],
)
def test_the_region_of_a_finding(fields: dict[str, int | None], region: dict[str, int]) -> None:
    """It has lines and no columns; what is about the whole file stands at its first line, since GitHub needs one."""
    assert place(with_lint(new(**fields)))["region"] == region


def test_a_path_is_told_from_the_top_of_the_repository() -> None:
    """It is percent-encoded, and the measured directory stands before it."""
    of = with_lint(new(path="a b/ü:%.py"), context=summaries.context(directory="services/shop"))
    assert place(of)["artifactLocation"] == {"uri": "services/shop/a%20b/%C3%BC%3A%25.py", "uriBaseId": "%SRCROOT%"}


@pytest.mark.parametrize("path", ["../x.py", "/etc/passwd", "", "a//b.py"])
def test_a_path_that_is_none_of_the_repository_s_is_left_out(path: str) -> None:
    """GitHub refuses a log with a result that has no place, so a notification tells of it."""
    run = runs(with_lint(new(path=path), new()))["pylint"]
    assert len(run["results"]) == 1
    assert notifications(run) == ["warning: 1 new finding left out: their paths are none of the repository's"]


def test_a_fingerprint_is_that_of_the_finding() -> None:
    """It stays the same when the line moves, and it isn't in the place that upload-sarif fills itself."""
    assert only_result(with_lint(new()))["partialFingerprints"] == {"aiCodeMetricsFingerprint/v1": "6b0d3c2f19aa4e71"}


def test_the_category_tells_key_and_tool() -> None:
    """Uploads of a monorepo's projects, and of the two tools, don't replace each other."""
    log = json.loads(sarif.render(summaries.summary(), key="shop"))
    ids = [run["automationDetails"]["id"] for run in log["runs"]]
    assert ids == ["ai-code-metrics/shop/bandit/", "ai-code-metrics/shop/pylint/"]


@pytest.mark.parametrize("key", ["", "a b", "a/b"])
def test_a_key_that_can_not_be_used_is_a_usage_error(key: str) -> None:
    """A slash would end the category early."""
    with pytest.raises(UsageError, match="comment-key"):
        sarif.render(summaries.summary(), key=key)


@pytest.mark.parametrize(
    ("fields", "provenance"),
    [
        (
            {},
            [
                {
                    "repositoryUri": "https://github.com/octo/shop",
                    "revisionId": summaries.HEAD_SHA,
                    "mappedTo": {"uriBaseId": "%SRCROOT%"},
                }
            ],
        ),
        (
            {"head_sha": None},
            [{"repositoryUri": "https://github.com/octo/shop", "mappedTo": {"uriBaseId": "%SRCROOT%"}}],
        ),
        ({"repository": None}, None),
    ],
)
def test_the_measured_commit_is_named_where_it_is_known(fields: dict[str, None], provenance: Any) -> None:
    """SARIF wants an address of a repository, which a run at a terminal doesn't have."""
    run = runs(with_lint(context=summaries.context(**fields)))["pylint"]
    assert run.get("versionControlProvenance") == provenance


def test_without_a_base_there_are_no_results() -> None:
    """Nobody can tell which findings are new, and the log says so."""
    by_tool = runs(summaries.summary())
    assert [run["results"] for run in by_tool.values()] == [[], []]
    reason = "left out: without a base nobody can tell whether they are new"
    assert notifications(by_tool["pylint"]) == [f"warning: 4 findings {reason}"]
    assert notifications(by_tool["bandit"]) == [f"warning: 2 findings {reason}"]


def test_a_tool_that_failed_has_no_run_beside_one_that_worked() -> None:
    """GitHub would call its alerts fixed; the run of the other says why there is one only."""
    failed = summaries.unavailable_summary().security
    by_tool = runs(summaries.compared_summary(security=failed))
    assert list(by_tool) == ["pylint"]
    assert len(by_tool["pylint"]["results"]) == 3
    (said,) = notifications(by_tool["pylint"])
    assert said.startswith("warning: bandit has no run here, since it has no findings: security: pytest was not found")


def test_where_both_tools_failed_the_log_says_so() -> None:
    """A log without any run would be taken for a clean one."""
    by_tool = runs(summaries.unavailable_summary())
    assert list(by_tool) == ["bandit", "pylint"]
    assert not any(run["invocations"][0]["executionSuccessful"] for run in by_tool.values())


def test_the_worst_are_kept_and_the_rest_is_counted() -> None:
    """Of more findings than GitHub shows the most severe ones are there."""
    findings = [new(severity="convention", rule="C0116", line=line) for line in range(1, sarif.MAX_RESULTS + 2)]
    run = runs(with_lint(*findings, new(severity="error", rule="E1101", line=9)))["pylint"]
    assert len(run["results"]) == sarif.MAX_RESULTS
    assert run["results"][0]["ruleId"] == "E1101"
    (said,) = notifications(run)
    assert said.startswith("warning: 2 new findings left out, the least severe: code scanning takes no more")


def test_long_texts_don_t_make_a_log_that_github_refuses() -> None:
    """However long the paths are, a run stays below its half of the 10 MB, and says what it left out."""
    findings = [new(path="ü/" * 2_000 + f"{line}.py", line=line) for line in range(1, 1_000)]
    run = runs(with_lint(*findings))["pylint"]
    assert len(json.dumps(run, separators=(",", ":"))) < 5_000_000
    left_out = len(findings) - len(run["results"])
    assert notifications(run)[0].startswith(f"warning: {left_out} new findings left out, the least severe")


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("see [docs](https://x.invalid)", "see [docs]\u200b(https://x.invalid)"),
        ("see [docs](1)", "see [docs]\u200b(1)"),
        ("a {0} b", "a {\u200b0} b"),
        ("f'{x}' x[0] (a)", "f'{x}' x[0] (a)"),
        ("two\n\nlines \u202e\x1b[31m", "two lines [U+202E]"),
        ("x" * 2_000, "x" * 999 + "…"),
        ("", "Unused argument (W0613)"),
    ],
)
def test_a_message_is_plain_text(message: str, shown: str) -> None:
    """SARIF has links and placeholders in plain texts too: none is left, and an empty one has a stand-in."""
    assert only_result(with_lint(new(message=message)))["message"] == {"text": shown}


def test_a_rule_without_id_and_name_has_a_stand_in() -> None:
    """GitHub refuses empty texts where it requires one."""
    of = with_lint(new(rule="\u200b", name="\n"))
    (rule,) = runs(of)["pylint"]["tool"]["driver"]["rules"]
    assert (rule["id"], rule["shortDescription"]["text"], "name" in rule) == ("unknown", "unknown", False)


@given(st.lists(st.builds(new, message=st.text(), path=st.text(), rule=st.text(), name=st.text()), max_size=4))
def test_any_text_gives_a_log_that_is_read_back(findings: list[model.Finding]) -> None:
    """Whatever the texts hold, the log is JSON with a result for each place, and no link in any text."""
    log = sarif.render(with_lint(*findings), key="default")
    run = {run["tool"]["driver"]["name"]: run for run in json.loads(log)["runs"]}["pylint"]
    texts = [result["message"]["text"] for result in run["results"]]
    assert all(text and not re.search(r"\]\(|\{\d+\}|[\x00-\x1f\x7f-\x9f\u202e]", text) for text in texts)
    assert '"markdown"' not in log
    assert len(texts) <= len(findings)
