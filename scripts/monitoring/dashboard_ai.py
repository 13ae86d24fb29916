"""The dashboard *AI-tagged code*: how much of the code is tagged as AI-written, by whom, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboard_parts import (
    FLEET,
    GROUP,
    PERCENT,
    WHOLE,
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
    from grafana_foundation_sdk.builders import dashboard, table, timeseries

_AI: Final = 'origin="ai"'
_COUNTED: Final = 'origin=~"ai|human|untagged"'
_SHARE: Final = Look(PERCENT, 1, scale=(0, 1))
_STACK: Final = Look(decimals=0, scale=(0, None), stacked=True)
_FLOOR: Final = "A floor: untagged lines may be AI-written too, and are not called human."
_ASSOCIATED: Final = "What differs is an association, not an effect: the lines do not tell who is given which work."
_TOO_LITTLE: Final = 2
_SHOWN: Final = Look(
    decimals=0,
    words=(
        ("-1", "AI-tagged lower"),
        ("0", "none shown"),
        ("1", "AI-tagged higher"),
        (str(_TOO_LITTLE), "not enough data"),
    ),
)


def ai_tagged_code() -> dashboard.Dashboard:
    """Return the dashboard."""
    board = new_dashboard(
        "ai-tagged-code",
        "ai-code-metrics / AI-tagged code",
        f"Lines that are declared to be AI-written. {_FLOOR}",
    ).with_variable(
        label_variable(
            "repository", "label_values(ai_coding_run_info, repository)", all_of_them=True,
            description="Repositories to show.",
        )
    )  # fmt: skip
    return assemble(board, _numbers(), _share(), _origin(), _landed(), _compared())


def _lines(metric: str, origin: str) -> str:
    return f"sum({last(metric, f'{origin}, {FLEET}')})"


def _share_of(metric: str) -> str:
    return f"{_lines(metric, _AI)} / {_lines(metric, _COUNTED)}"


def _numbers() -> Section:
    panels = (
        big_number("AI share, surviving", _share_of("lines"),
                   f"AI-tagged by counted lines of all trees together. {_FLOOR}", _SHARE, span=6),
        big_number("AI share, last changes", _share_of("changed_lines"),
                   f"AI-tagged by counted lines that the last runs' changes added. {_FLOOR}", _SHARE, span=6),
        big_number("AI-tagged lines", _lines("lines", _AI), "Surviving lines that are tagged.",
                   Look(WHOLE, 0), span=6),
        big_number("Lines attested as human", _lines("lines", 'origin="human"'),
                   "Surviving lines that a note attests as human-written.", Look(WHOLE, 0), span=6),
    )  # fmt: skip
    return Section(panels)


def _share() -> Section:
    panels = (
        trend("AI share by repository",
              [Query(last("ai_share_ratio", f'view="surviving", {FLEET}'), "{{repository}} {{branch}} {{project}}")],
              f"Surviving AI-tagged by counted lines. {_FLOOR}", _SHARE),
        trend("Changed against surviving",
              [Query(_share_of("changed_lines"), "changed"), Query(_share_of("lines"), "surviving")],
              "AI share of what the last changes added, and of what is in the trees. "
              "A share of the changes that stays above that of the trees raises it.", _SHARE),
    )  # fmt: skip
    return Section(panels, "Share")


def _origin() -> Section:
    panels = (
        trend("AI-tagged lines by agent", [Query(f"sum by (agent) ({last('ai_lines', FLEET)})", "{{agent}}")],
              "Surviving AI-tagged lines by the agent that wrote them.", _STACK, span=8),
        trend("Lines by origin", [Query(f"sum by (origin) ({last('lines', FLEET)})", "{{origin}}")],
              f"Surviving lines by declared origin. {_FLOOR}", _STACK, span=8),
        trend("Commits by origin", [Query(f"sum by (origin) ({last('commits', FLEET)})", "{{origin}}")],
              "Commits that own at least one surviving line, by declared origin.", _STACK, span=8),
    )  # fmt: skip
    return Section(panels, "Agents and origins")


def _landed() -> Section:
    once = f"group:ai_coding_changed_lines:once{{{FLEET}}}"
    week = f"sum by (origin) (sum_over_time({once}[7d]))"
    ai = f"sum(sum_over_time(group:ai_coding_changed_lines:once{{{_AI}, {FLEET}}}[7d]))"
    counted = f"sum(sum_over_time(group:ai_coding_changed_lines:once{{{_COUNTED}, {FLEET}}}[7d]))"
    panels = (
        trend("Lines landed in 7 days", [Query(week, "{{origin}}")],
              "Lines that the runs of the last 7 days found added, each run counted once by the recording rules.",
              _STACK),
        trend("AI share of the lines landed in 7 days", [Query(f"{ai} / {counted}", "AI share")],
              f"AI-tagged by counted lines among them. {_FLOOR}", _SHARE),
    )  # fmt: skip
    return Section(panels, "Landed")


def _compared() -> Section:
    panels = (
        _both("Coverage of both origins", "coverage", "Share of the executable lines that are covered", span=8),
        _both("Lines in functions over 10", "complexity",
              "Share of the lines in functions that are in one with a cyclomatic complexity over 10", span=8),
        _both("Lines left after 30 days", "survival", "Share of lines that are left 30 days after they were written",
              span=8),
        _both("Lint findings per 1,000 lines", "lint", "Messages of pylint per 1,000 lines", span=12),
        _both("Security findings per 1,000 lines", "security", "Findings of bandit per 1,000 lines", span=12),
        _differences("Differences of shares", "coverage|complexity|survival", Look(PERCENT, 1),
                     _bounds("origin_difference", "Points from", "Points to", Look(decimals=1), times=100),
                     "bounds of the difference, AI-tagged less untagged"),
        _differences("Ratios of findings", "lint|security", Look(decimals=2),
                     _bounds("origin_rate_ratio", "Times from", "Times to", Look(decimals=2)),
                     "bounds of the ratio, AI-tagged by untagged findings per 1,000 lines", times=1_000),
    )  # fmt: skip
    return Section(panels, "AI-tagged against untagged")


def _both(title: str, metric: str, what: str, *, span: int) -> timeseries.Panel:
    """Return the figures of both origins over time; those of several repositories are never mixed."""
    is_rate = metric in {"lint", "security"}
    figures = last("origin_ratio", f'metric="{metric}", {FLEET}')
    query = Query(f"1000 * {figures}" if is_rate else figures, "{{repository}} {{branch}} {{project}} {{origin}}")
    look = Look(decimals=2, scale=(0, None)) if is_rate else _SHARE
    return trend(title, [query], f"{what}, AI-tagged and untagged. {_ASSOCIATED}", look, span=span)


def _differences(
    title: str, metrics: str, look: Look, bounds: tuple[Column, ...], what: str, *, times: int = 1
) -> table.Panel:
    """Return the verdict, both figures and the interval of each metric, in the units that reports have."""
    chosen = f'metric=~"{metrics}"'
    # a verdict that is absent is told too, by a value of its own: a table has no column for what nobody has
    shown = f"{_each('origin_difference_shown', chosen)} or 0 * {_each('origin_ratio', chosen)} + {_TOO_LITTLE}"
    columns = (
        Column("Difference", shown, _SHOWN),
        *(
            Column(name, _each("origin_ratio", f'{chosen}, origin="{origin}"', times=times), look)
            for name, origin in (("AI-tagged", "ai"), ("Untagged", "untagged"))
        ),
        *bounds,
    )
    description = (
        f"Whether a difference is shown, both figures, and the {what}, of the 95 % interval. "
        f"None shown is no proof of equality. {_ASSOCIATED}"
    )
    return grid(title, columns, description, labels=("repository", "branch", "project", "metric"), height=10)


def _bounds(metric: str, low: str, high: str, look: Look, *, times: int = 1) -> tuple[Column, ...]:
    bounds = ((low, "low"), (high, "high"))
    return tuple(Column(title, _each(metric, f'bound="{bound}"', times=times), look) for title, bound in bounds)


def _each(metric: str, selector: str, *, times: int = 1) -> str:
    expression = f"max by ({GROUP}, metric) ({last(metric, f'{selector}, {FLEET}')})"
    return expression if times == 1 else f"{times} * {expression}"
