"""Numbers and counts in words, the same in every report."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from ai_code_metrics.measure.gate import show
from ai_code_metrics.measure.gate_metrics import METRICS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ai_code_metrics.model import GateResult

NOT_AVAILABLE: Final = "n/a"
_KIBI: Final = 1024


def number(value: float) -> str:
    """Return a score or percent (0-100) as gates show it: two decimals, more where it would pass for a full 100."""
    return show(Fraction(str(value)), "score", Fraction(100))


def percent(value: float) -> str:
    """Return a percentage (0-100) with its sign."""
    return f"{number(value)} %"


def measured(gate: GateResult) -> str:
    """Return the value that a gate looked at, with as many decimals as tell it from the bound; ``n/a`` for none."""
    if gate.actual is None:
        return NOT_AVAILABLE
    metric = METRICS.get(gate.metric)
    unit = "score" if metric is None else metric.unit
    number = re.search(r"\d+(?:\.\d+)?", gate.required)
    bound = None if number is None else Fraction(number.group()) / (100 if unit == "share" else 1)
    return show(Fraction(str(gate.actual)), unit, bound)


def plural(count: int, singular: str, many: str | None = None) -> str:
    """Return ``1 file`` or ``2 files``, with thousands set off."""
    return f"{count:,} {singular if count == 1 else many or singular + 's'}"


def counted(counts: Mapping[str, int], order: Iterable[str]) -> str:
    """Return ``2 high, 1 low``: what is not zero, first in the given order, then by name."""
    order = dict.fromkeys(order)
    names = [*order, *sorted(set(counts) - set(order))]
    return ", ".join(f"{counts[name]:,} {name}" for name in names if counts.get(name))


def listed(items: list[str], limit: int = 5) -> str:
    """Return the first items and how many there are beyond."""
    rest = len(items) - limit
    return ", ".join(items[:limit]) + (f" and {rest:,} more" if rest > 0 else "")


def ranges(lines: Iterable[int]) -> list[tuple[int, int]]:
    """Join sorted line numbers to first-last pairs."""
    joined: list[tuple[int, int]] = []
    for line in lines:
        if joined and line == joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], line)
        else:
            joined.append((line, line))
    return joined


def mebibytes(count: int | None) -> str:
    """Return bytes as ``144 MiB``."""
    return NOT_AVAILABLE if count is None else f"{count / _KIBI / _KIBI:,.0f} MiB"
