"""The dashboard *Repository*: one branch of one repository over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboard_parts import (
    AGE_STEPS,
    BYTES,
    ONE,
    ONE_IS_GOOD,
    PERCENT,
    SCORE_STEPS,
    SECONDS,
    ZERO_IS_GOOD,
    Look,
    Query,
    Section,
    assemble,
    big_number,
    label_variable,
    last,
    new_dashboard,
    trend,
)

if TYPE_CHECKING:
    from grafana_foundation_sdk.builders import dashboard

_POSITIVE: Final = (0, None)
_SHARE: Final = Look(PERCENT, 1, scale=(0, 1))
_COUNT: Final = Look(decimals=0, scale=_POSITIVE)


def repository() -> dashboard.Dashboard:
    """Return the dashboard."""
    board = new_dashboard(
        "repository",
        "ai-code-metrics / Repository",
        "Trends of one branch of a repository: quality, tests, findings, commits, AI share and the runs themselves.",
    )
    for name, query, all_of_them, description in (
        ("repository", "label_values(ai_coding_run_info, repository)", False, "Repository to show."),
        ("branch", 'label_values(ai_coding_run_info{repository="$repository"}, branch)', False, "Branch to show."),
        ("project", 'label_values(ai_coding_run_info{repository="$repository", branch="$branch"}, project)', True,
         "Parts of a monorepo, which the comment-key keeps apart."),
    ):  # fmt: skip
        board = board.with_variable(label_variable(name, query, all_of_them=all_of_them, description=description))
    return assemble(board, _numbers(), _quality(), _findings(), _commits(), _ai(), _runs())


def _numbers() -> Section:
    panels = (
        big_number("Score", last("quality_score", f'component="overall", {ONE}'), "Quality score, 0 to 100.",
                   Look(decimals=1, scale=(0, 100), steps=SCORE_STEPS), span=4, legend="{{project}}"),
        big_number("Line coverage", last("coverage_ratio", f'kind="line", {ONE}'), "Covered by coverable statements.",
                   _SHARE, span=4, legend="{{project}}"),
        big_number("AI share", last("ai_share_ratio", f'view="surviving", {ONE}'),
                   "Surviving AI-tagged by counted lines: a floor.", _SHARE, span=4, legend="{{project}}"),
        big_number("Gates failing", f'sum by (project) (1 - {last("gate_passed", ONE)})',
                   "Gates whose last verdict is failed.", Look(decimals=0, steps=ZERO_IS_GOOD), span=4,
                   legend="{{project}}"),
        big_number("Last run", last("run_success", ONE), "Whether the last run could measure anything.",
                   Look(decimals=0, scale=(0, 1), steps=ONE_IS_GOOD, words=(("0", "failed"), ("1", "ok"))),
                   span=4, legend="{{project}}"),
        big_number("Last success", f'time() - {last("run_last_success_timestamp_seconds", ONE)}',
                   "Time since the last successful measurement.", Look(SECONDS, 0, steps=AGE_STEPS), span=4,
                   legend="{{project}}"),
    )  # fmt: skip
    return Section(panels)


def _quality() -> Section:
    panels = (
        trend("Quality score and components", [Query(last("quality_score", ONE), "{{component}} {{project}}")],
              "The quality score and the component scores that it is made of, 0 to 100.",
              Look(decimals=1, scale=(0, 100))),
        trend("Coverage", [Query(last("coverage_ratio", ONE), "{{kind}} {{project}}")],
              "Covered by coverable statements (line) and branches (branch).", _SHARE),
        trend("Tests", [Query(last("tests", ONE), "{{result}} {{project}}")], "Tests of the last run by result.",
              _COUNT, span=8),
        trend("Duration of the tests", [Query(last("tests_duration_seconds", ONE), "tests {{project}}")],
              "Wall time of the tests.", Look(SECONDS, scale=_POSITIVE), span=8),
        trend("Gates", [Query(last("gate_passed", ONE), "{{gate}} {{project}}")],
              "1 where the gate passed, 0 where it failed.", Look(decimals=0, scale=(0, 1)), span=8),
    )  # fmt: skip
    return Section(panels, "Quality")


def _findings() -> Section:
    panels = (
        trend("Lint messages", [Query(last("lint_messages", ONE), "{{category}} {{project}}")],
              "Messages of pylint by category.", _COUNT, span=6),
        trend("Security findings", [Query(last("security_findings", ONE), "{{severity}} {{project}}")],
              "Findings of bandit by severity.", _COUNT, span=6),
        trend("Functions over 10",
              [Query(last("functions", f'complexity!="low", {ONE}'), "{{complexity}} {{project}}")],
              "Functions by cyclomatic complexity: moderate to 20, high to 50, very high beyond.", _COUNT, span=6),
        trend("Most complex function", [Query(last("function_complexity_max", ONE), "max {{project}}")],
              "Cyclomatic complexity of the most complex function.", _COUNT, span=6),
    )  # fmt: skip
    return Section(panels, "Findings and complexity")


def _commits() -> Section:
    panels = (
        trend("Commit scores",
              [Query(last("commit_score_median", ONE), "median {{project}}"),
               Query(last("commit_score_worst", ONE), "worst {{project}}")],
              "Median and lowest score of the commits of the last run's range, 0 to 100.",
              Look(decimals=1, scale=(0, 100))),
        trend("Source lines", [Query(last("source_lines", ONE), "{{language}} {{project}}")],
              "Lines that are not blank in the measured source files, by language.", _COUNT),
    )  # fmt: skip
    return Section(panels, "Commits")


def _ai() -> Section:
    panels = (
        trend("AI share of tree and change", [Query(last("ai_share_ratio", ONE), "{{view}} {{project}}")],
              "AI-tagged by counted lines, of the tree (surviving) and of the last change (changed): a floor.", _SHARE),
        trend("AI-tagged lines by agent", [Query(last("ai_lines", ONE), "{{agent}} {{project}}")],
              "Surviving AI-tagged lines by the agent that wrote them.",
              Look(decimals=0, scale=_POSITIVE, stacked=True)),
    )  # fmt: skip
    return Section(panels, "AI-tagged code")


def _runs() -> Section:
    panels = (
        trend("Duration of a run",
              [Query(last("run_duration_seconds", ONE), "whole {{project}}"),
               Query(last("run_phase_duration_seconds", ONE), "{{phase}} {{project}}")],
              "Wall time of the whole measurement and of its phases, which overlap.",
              Look(SECONDS, scale=_POSITIVE), span=8),
        trend("Peak memory", [Query(last("run_phase_peak_memory_bytes", ONE), "{{phase}} {{project}}")],
              "Largest resident set of each phase's process.", Look(BYTES, scale=_POSITIVE), span=8),
        trend("Unavailable parts", [Query(last("run_tool_failures", ONE), "{{tool}} {{project}}")],
              "1 where what the tool measures is unavailable in the last run.", Look(decimals=0, scale=(0, 1)), span=8),
    )  # fmt: skip
    return Section(panels, "Runs of ai-code-metrics")
