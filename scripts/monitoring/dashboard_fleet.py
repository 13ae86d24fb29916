"""The dashboard *Fleet*: all repositories beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboard_parts import (
    AGE_STEPS,
    DAY_SECONDS,
    FLEET,
    GROUP,
    GROUP_STEPS,
    PERCENT,
    PUSH_STEPS,
    SCORE_STEPS,
    SECONDS,
    ZERO_IS_GOOD,
    Column,
    Look,
    Query,
    Section,
    assemble,
    big_number,
    grid,
    label_variable,
    last,
    new_dashboard,
    trend,
)

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import dashboard

_LEGEND: Final = "{{repository}} {{branch}} {{project}}"
_SCORE: Final = last("quality_score", f'component="overall", {FLEET}')
_GATES: Final = last("gate_passed", FLEET)
_SEVERE: Final = last("security_findings", f'severity=~"high|medium", {FLEET}')
_PUSH_SECONDS: Final = 'max by (gateway, method) (pushgateway_http_push_duration_seconds{quantile="0.9"})'
_LAST_SUCCESS: Final = last("run_last_success_timestamp_seconds", FLEET)
_REPOSITORY: Final = (
    "/d/ai-code-metrics-repository?var-datasource=${datasource}"
    "&var-repository=${__data.fields.repository}&var-branch=${__data.fields.branch}"
)


def fleet() -> dashboard.Dashboard:
    """Return the dashboard."""
    board = new_dashboard(
        "fleet",
        "ai-code-metrics / Fleet",
        "Score, coverage, AI share, gates and freshness of all repositories; pull requests are left out.",
    ).with_variable(
        label_variable(
            "repository",
            "label_values(ai_coding_run_info, repository)",
            all_of_them=True,
            description="Repositories to show.",
        )
    )
    return assemble(board, _numbers(), _repositories(), _trends(), _gates(), _runs(), _gateways())


def _numbers() -> Section:
    line = f'kind="line", {FLEET}'
    covered, coverable = last("coverage_covered", line), last("coverage_coverable", line)
    tagged, counted = (last("lines", f'origin=~"{origins}", {FLEET}') for origins in ("ai", "ai|human|untagged"))
    panels = (
        big_number("Repositories", f"count(count by (repository) ({_LAST_SUCCESS}))",
                   "Repositories with at least one successful run.", Look(), span=4),
        big_number("Median score", f"quantile(0.5, {_SCORE})",
                   "Median of the quality scores, 0 to 100.",
                   Look(decimals=1, scale=(0, 100), steps=SCORE_STEPS), span=4),
        big_number("Line coverage", f"sum({covered}) / sum({coverable})",
                   "Covered by coverable statements of all repositories together.",
                   Look(PERCENT, 1, scale=(0, 1)), span=4),
        big_number("AI share", f"sum({tagged}) / sum({counted})",
                   "AI-tagged by counted lines of all trees: a floor, untagged lines may be AI-written too.",
                   Look(PERCENT, 1, scale=(0, 1)), span=4),
        big_number("Gates failing", f"count({_GATES} == 0) or vector(0)",
                   "Gates whose last verdict is failed.", Look(steps=ZERO_IS_GOOD), span=4),
        big_number("Stale for 14 days", f"count(time() - {_LAST_SUCCESS} > {14 * DAY_SECONDS}) or vector(0)",
                   "Branches without a successful run for 14 days.", Look(steps=ZERO_IS_GOOD), span=4),
    )  # fmt: skip
    return Section(panels)


def _repositories() -> Section:
    def each(metric: str, selector: str = "") -> str:
        return f"max by ({GROUP}) ({last(metric, ', '.join(filter(None, (selector, FLEET))))})"

    columns = (
        Column("Score", each("quality_score", 'component="overall"'), Look(decimals=1, steps=SCORE_STEPS)),
        Column("Line coverage", each("coverage_ratio", 'kind="line"'), Look(PERCENT, 1)),
        Column("AI share", each("ai_share_ratio", 'view="surviving"'), Look(PERCENT, 1)),
        Column("Gates failing", f"sum by ({GROUP}) (1 - {_GATES})", Look(decimals=0, steps=ZERO_IS_GOOD)),
        Column("High findings", each("security_findings", 'severity="high"'), Look(decimals=0, steps=ZERO_IS_GOOD)),
        Column("Last success", f"max by ({GROUP}) (time() - {_LAST_SUCCESS})", Look(SECONDS, 0, steps=AGE_STEPS)),
    )
    table = grid(
        "Repository by repository", columns,
        "A row a branch that is pushed, and a part of a monorepo. The name leads to the repository's own dashboard.",
        labels=("repository", "branch", "project"), height=9, link=_REPOSITORY,
    )  # fmt: skip
    return Section([table])


def _trends() -> Section:
    panels = (
        trend("Quality score", [Query(_SCORE, _LEGEND)], "Quality score of each repository, 0 to 100.",
              Look(decimals=1, scale=(0, 100)), span=8),
        trend("Line coverage by repository", [Query(last("coverage_ratio", f'kind="line", {FLEET}'), _LEGEND)],
              "Covered by coverable statements.", Look(PERCENT, scale=(0, 1)), span=8),
        trend("AI share by repository", [Query(last("ai_share_ratio", f'view="surviving", {FLEET}'), _LEGEND)],
              "Surviving AI-tagged by counted lines: a floor.", Look(PERCENT, scale=(0, None)), span=8),
    )  # fmt: skip
    return Section(panels, "Trends")


def _gates() -> Section:
    panels = (
        trend("Failing gates", [Query(f"sum by ({GROUP}) (1 - {_GATES})", _LEGEND)],
              "Gates of each branch whose last verdict is failed.", Look(decimals=0, scale=(0, None))),
        trend("High and medium security findings",
              [Query(f"sum by ({GROUP}) ({_SEVERE})", _LEGEND)],
              "Findings of bandit of high and medium severity.", Look(decimals=0, scale=(0, None))),
    )  # fmt: skip
    return Section(panels, "Gates and findings")


def _runs() -> Section:
    once = f"group:ai_coding_run_success:once{{{FLEET}}}"
    runs = f"count_over_time({once}[1d])"
    none = f"0 * {_LAST_SUCCESS}"
    panels = (
        trend("Runs a day",
              [Query(f"sum by (repository) ({runs} or {none})", "{{repository}}")],
              "Runs of the last 24 hours, each counted once by the recording rules.",
              Look(decimals=0, scale=(0, None)), span=8),
        trend("Failed runs a day",
              [Query(f"sum by (repository) ({runs} - sum_over_time({once}[1d]) or {none})", "{{repository}}")],
              "Runs of the last 24 hours that could measure nothing.", Look(decimals=0, scale=(0, None)), span=8),
        trend("Age of the last success", [Query(f"time() - {_LAST_SUCCESS}", _LEGEND)],
              "Seconds since the last successful measurement.",
              Look(SECONDS, scale=(0, None), steps=AGE_STEPS), span=8),
    )  # fmt: skip
    return Section(panels, "Runs")


def _gateways() -> Section:
    panels = (
        trend("Groups", [Query("gateway:push_groups:count", "{{gateway}}")],
              "Groups of each Pushgateway: from 250 on pushes get slow, from 500 on pull requests start no new ones.",
              Look(decimals=0, scale=(0, None), steps=GROUP_STEPS)),
        trend("Duration of pushes",
              [Query(_PUSH_SECONDS, "{{gateway}} {{method}}")],
              "90th percentile of the time that the gateway takes to answer a push.",
              Look(SECONDS, scale=(0, None), steps=PUSH_STEPS)),
    )  # fmt: skip
    return Section(panels, "Pushgateways")
