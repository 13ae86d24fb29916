"""The comparison of AI-tagged with untagged code at a terminal: two bars a metric, and what they mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ai_code_metrics.report.comparison_wording import (
    ARM_NAMES,
    FLOOR,
    NAMES,
    described,
    details,
    difference,
    figure,
    outcome,
    p_value,
    reading,
)
from ai_code_metrics.report.console import literal, plain_table, print_line
from ai_code_metrics.report.wording import NOT_AVAILABLE

if TYPE_CHECKING:
    from rich.console import Console

    from ai_code_metrics.comparison_model import Arm, Comparison, MetricComparison, OriginArm

TITLE: Final = "AI-tagged against untagged code"
_BAR: Final = 40
_STYLES: Final = {"higher": "bold", "lower": "bold", "not enough data": "yellow"}
_ROWS: Final = (
    ("Lines of code", "lines"),
    ("in tests, apart", "test_lines"),
    ("Files", "files"),
    ("Commits", "commits"),
    ("Functions", "functions"),
    ("Lines in functions", "function_lines"),
    ("Executable lines", "executable_lines"),
    ("Lint findings", "lint_findings"),
    ("Security findings", "security_findings"),
    ("Lines ever written", "written_lines"),
)


def print_comparison(comparison: Comparison, console: Console, *, with_details: bool = True) -> None:
    """Print both arms, each metric with its bars and its verdict, and how to read them.

    Args:
        comparison: untrusted.
        console: where to print; its colour and width are respected.
        with_details: also what each verdict rests on.
    """
    print_line(console, f"{TITLE}: {outcome(comparison)}", "bold")
    _print_arms(comparison, console)
    for name, title in NAMES.items():
        if name in comparison.metrics:
            _print_metric(name, title, comparison.metrics[name], console, with_details=with_details)
    console.print()
    for line in described(comparison.change or {}):
        print_line(console, line)
    for note in comparison.notes:
        print_line(console, f"note: {note}", "dim")
    print_line(console, FLOOR, "dim")


def _print_arms(comparison: Comparison, console: Console) -> None:
    arms = {arm: own for arm, own in comparison.arms.items() if arm != "human" or own.lines}
    table = plain_table(console)
    table.add_column("")
    for arm in arms:
        table.add_column(ARM_NAMES[arm], justify="right", no_wrap=True)
    for title, attribute in _ROWS:
        table.add_row(title, *(literal(f"{getattr(own, attribute):,}", console) for own in arms.values()))
    table.add_row("Median age, days", *(literal(_age(own), console) for own in arms.values()))
    console.print(table)


def _age(arm: OriginArm) -> str:
    return NOT_AVAILABLE if arm.median_age_days is None else f"{arm.median_age_days:,.0f}"


def _print_metric(name: str, title: str, metric: MetricComparison, console: Console, *, with_details: bool) -> None:
    console.print()
    shown = [text for text in (difference(metric), p_value(metric) and f"p {p_value(metric)}") if text]
    print_line(console, " · ".join((title, *shown)), "bold")
    highest = max(metric.ai or 0.0, metric.untagged or 0.0)
    scale = 1.0 if metric.unit == "share" else highest
    for arm, value in _figures(metric):
        events, total = getattr(metric.events, arm), getattr(metric.totals, arm)
        of = f"  ({events:,} of {total:,})" if metric.unit == "share" and not metric.horizons else ""
        print_line(console, f"  {ARM_NAMES[arm]:>9} {_bar(value, scale)} {figure(metric, value)}{of}")
    print_line(console, f"  {reading(name, metric)}", _STYLES.get(metric.verdict, ""))
    if with_details:
        for line in details(metric):
            print_line(console, f"  {line}", "dim")


def _figures(metric: MetricComparison) -> tuple[tuple[Arm, float | None], ...]:
    return ("ai", metric.ai), ("untagged", metric.untagged)


def _bar(value: float | None, scale: float) -> str:
    """A bar of 40 characters; what is not filled is dotted, so that it reads without colour."""
    if value is None or not scale:
        return "·" * _BAR
    filled = max(0, min(_BAR, round(_BAR * value / scale)))
    return "█" * filled + "·" * (_BAR - filled)
