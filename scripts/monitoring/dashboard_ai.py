"""The dashboard *AI-tagged code*: how much of the code is tagged as AI-written, by whom, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dashboard_parts import (
    FLEET,
    PERCENT,
    WHOLE,
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

_AI: Final = 'origin="ai"'
_COUNTED: Final = 'origin=~"ai|human|untagged"'
_SHARE: Final = Look(PERCENT, 1, scale=(0, 1))
_STACK: Final = Look(decimals=0, scale=(0, None), stacked=True)
_FLOOR: Final = "A floor: untagged lines may be AI-written too, and are not called human."


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
    return assemble(board, _numbers(), _share(), _origin(), _landed())


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
