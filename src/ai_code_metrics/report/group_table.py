"""The groups of Pushgateways as a table for a terminal, and exactly, for JSON; anybody may have pushed them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from rich.text import Text

from ai_code_metrics.gateway_groups import OWN_LABELS
from ai_code_metrics.measure.catalog import PREFIX
from ai_code_metrics.report.console import literal, plain_table, print_line
from ai_code_metrics.report.wording import NOT_AVAILABLE, number, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from ai_code_metrics.gateway_groups import Group, Held

NEVER: Final = "never"
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_STYLES: Final = {"ok": "green", "rejected": "red", "zombie": "red", "poisonous": "bold red"}
_FIGURES: Final = ("Pushed", "Success", "Score", "Coverage", "AI share", "Gates failed", "High findings", "Series")


def print_groups(held: Sequence[Held], console: Console, now: float) -> None:
    """Print a row a group: its key, how old its last push and its last success are, and its main figures.

    Args:
        held: the groups; their labels are foreign.
        console: where to print; its colour and width are respected.
        now: seconds since 1970.
    """
    held = in_order(held)
    print_line(console, plural(len(held), "group"), "bold")
    if not held:
        return
    gateways, jobs = len({each.gateway for each in held}) > 1, len({_job(each) for each in held}) > 1
    others = any(set(each.group.labels) - OWN_LABELS for each in held)
    table = plain_table(console)
    for is_shown, heading in ((gateways, "Gateway"), (jobs, "Job")):
        if is_shown:
            table.add_column(heading, overflow="fold")
    for heading in ("Repository", "Branch", "Project", *(["Other labels"] if others else [])):
        table.add_column(heading, overflow="fold")
    for heading in _FIGURES:
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("State", no_wrap=True)
    for each in held:
        key = [*([each.gateway] if gateways else []), *([_job(each)] if jobs else []), *_key(each.group)]
        cells = [*key, *([_others(each.group)] if others else []), *_figures(each.group, now)]
        state = Text(each.group.state, _STYLES[each.group.state])
        table.add_row(*(literal(cell, console) for cell in cells), state)
    console.print(table)


def group_rows(held: Sequence[Held]) -> list[dict[str, Any]]:
    """Return the groups for JSON: labels and values exactly as they are stored, times in seconds since 1970.

    What JSON has no number for is the text that Prometheus writes: ``NaN``, ``+Inf``, ``-Inf``.
    """
    return [
        {
            "gateway": each.gateway,
            "labels": dict(each.group.labels),
            "pushed_at": exact(each.group.pushed_at),
            "failed_at": exact(each.group.failed_at),
            "state": each.group.state,
            "metrics": {
                name: [{"labels": dict(sample.labels), "value": exact(sample.value)} for sample in family.samples]
                for name, family in each.group.families.items()
            },
        }
        for each in in_order(held)
    ]


def in_order(held: Sequence[Held]) -> list[Held]:
    """Return the groups by repository, branch and project, then by everything else that tells them apart."""
    return sorted(held, key=lambda each: (*_key(each.group), sorted(each.group.labels.items()), each.gateway))


def exact(value: float) -> float | str:
    """Return a value for JSON."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"


def age(moment: float | None, now: float) -> str:
    """Return how long ago a moment (seconds since 1970) is, in its largest unit: ``12 s``, ``3 h``, ``40 d``."""
    if not moment or not math.isfinite(moment):
        return NEVER
    seconds = int(max(0.0, now - moment))
    for unit, size in (("d", _DAY), ("h", _HOUR), ("min", _MINUTE)):
        if seconds >= size:
            return f"{seconds // size:,} {unit}"
    return f"{seconds} s"


def named(group: Group) -> str:
    """Return a group's key in one line: repository, branch and project of ours, all labels of another."""
    if not group.is_ours:
        return ", ".join(f"{label}={group.labels[label]!r}" for label in sorted(group.labels))
    repository, branch, project = _key(group)
    return " ".join([repository, branch or "''", *([f"({project})"] if project else [])])


def _job(held: Held) -> str:
    return held.group.labels.get("job", "")


def _key(group: Group) -> tuple[str, str, str]:
    return (
        group.labels.get("repository", ""),
        group.labels.get("branch", ""),
        group.labels.get("project", ""),
    )


def _others(group: Group) -> str:
    return ", ".join(f"{label}={group.labels[label]}" for label in sorted(set(group.labels) - OWN_LABELS))


def _figures(group: Group, now: float) -> list[str]:
    return [
        age(group.pushed_at, now),
        age(group.value(f"{PREFIX}run_last_success_timestamp_seconds"), now),
        _number(group.value(f"{PREFIX}quality_score", component="overall")),
        _percent(group.value(f"{PREFIX}coverage_ratio", kind="line")),
        _percent(group.value(f"{PREFIX}ai_share_ratio", view="surviving")),
        _failed_gates(group),
        _number(group.value(f"{PREFIX}security_findings", severity="high")),
        f"{group.series:,}",
    ]


def _failed_gates(group: Group) -> str:
    family = group.families.get(f"{PREFIX}gate_passed")
    if family is None:
        return NOT_AVAILABLE
    return f"{sum(sample.value == 0 for sample in family.samples)} of {len(family.samples)}"


def _number(value: float | None) -> str:
    return NOT_AVAILABLE if value is None else number(value) if math.isfinite(value) else str(exact(value))


def _percent(ratio: float | None) -> str:
    # rounded, because 100 times a ratio need not be what the ratio was made of
    return NOT_AVAILABLE if ratio is None else f"{_number(round(100 * ratio, 6))} %"
