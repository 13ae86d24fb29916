"""What `prune` would delete or has deleted, and why, for a terminal and for JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ai_code_metrics.report.console import literal, plain_table, print_line
from ai_code_metrics.report.group_table import age, exact, in_order, named
from ai_code_metrics.report.wording import plural

if TYPE_CHECKING:
    from rich.console import Console

    from ai_code_metrics.measure.gateway_prune import Choice, Plan


def print_plan(plan: Plan, console: Console, now: float, *, is_dry_run: bool) -> None:
    """Print the groups that are to go, each with its reason.

    Args:
        plan: the decision; labels are foreign.
        console: where to print; its colour and width are respected.
        now: seconds since 1970.
        is_dry_run: whether nothing is deleted.
    """
    count = plural(len(plan.choices), "group")
    print_line(console, f"{count} would be deleted" if is_dry_run else f"{count} to delete", "bold")
    if plan.choices:
        table = plain_table(console)
        for heading in ("Gateway", "Group"):
            table.add_column(heading, overflow="fold")
        table.add_column("Pushed", justify="right", no_wrap=True)
        table.add_column("Why", overflow="fold")
        for choice in _in_order(plan):
            group = choice.held.group
            cells = (choice.held.gateway, named(group), age(group.pushed_at, now), choice.reason)
            table.add_row(*(literal(cell, console) for cell in cells))
        console.print(table)
    if plan.choices and is_dry_run:
        print_line(console, "nothing was deleted: give --delete to do it", "dim")


def plan_rows(plan: Plan) -> dict[str, Any]:
    """Return the plan for JSON, with exact labels."""
    return {
        "groups": [
            {
                "gateway": choice.held.gateway,
                "labels": dict(choice.held.group.labels),
                "pushed_at": exact(choice.held.group.pushed_at),
                "reason": choice.reason,
            }
            for choice in _in_order(plan)
        ],
        "untold": [
            {"repository": repository, "groups": count, "reason": reason}
            for repository, (count, reason) in plan.untold.items()
        ],
    }


def untold_lines(plan: Plan) -> list[str]:
    """Return a line for each repository of which GitHub doesn't tell what is needed."""
    return [
        f"{plural(count, 'group')} of {repository}: {reason}" for repository, (count, reason) in plan.untold.items()
    ]


def _in_order(plan: Plan) -> list[Choice]:
    places = {id(choice.held): choice for choice in plan.choices}
    return [places[id(held)] for held in in_order([choice.held for choice in plan.choices])]
