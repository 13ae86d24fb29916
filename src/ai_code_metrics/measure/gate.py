"""Gates: conditions such as ``coverage.percent >= 80`` on the metrics of a summary, compared exactly.

A condition is ``<metric> <operator> <value>``. A value of a score or a percent is 0-100 and may carry a ``%``; a share
is written as ``0.4`` or as ``40%``. What could not be measured is ``not evaluated``, and whether that fails the whole
is the caller's choice (:func:`overall`).
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from difflib import get_close_matches
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal

from ai_code_metrics.errors import UsageError
from ai_code_metrics.measure.gate_metrics import METRICS, Metric, Unit
from ai_code_metrics.model import GateResult

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ai_code_metrics.model import Summary

OnMissing = Literal["fail", "pass"]
Verdict = Literal["passed", "failed", "not-configured"]

MAX_EXPRESSION: Final = 200
MAX_DECIMALS: Final = 15
OPERATORS: Final[Mapping[str, Callable[[Fraction, Fraction], bool]]] = {
    ">=": operator.ge,
    ">": operator.gt,
    "<=": operator.le,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}
HIGHEST: Final[Mapping[Unit, int]] = {"score": 100, "percent": 100, "share": 1, "points": 100}

_EXPRESSION: Final = re.compile(r"([A-Za-z][\w.]*)\s*([<>=!]+)\s*(-?[0-9]{1,15}(?:\.[0-9]{1,15})?)\s*(%?)")


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition; ``value`` is in the unit of the metric (a share of ``40%`` is 2/5)."""

    expression: str
    metric: Metric
    operator: str
    value: Fraction

    @property
    def required(self) -> str:
        """The right side of the condition in words, for example ``>= 80 %``."""
        return f"{self.operator} {show(self.value, self.metric.unit, decimals=MAX_DECIMALS)}"


def parse_gates(expressions: Sequence[str]) -> tuple[Gate, ...]:
    """Read conditions; empty ones are left out.

    Raises:
        UsageError: a condition can't be read, names an unknown metric, or its value doesn't fit the metric's unit.
    """
    return tuple(_parse(expression.strip()) for expression in expressions if expression.strip())


def evaluate(gates: Iterable[Gate], summary: Summary, on_missing: OnMissing) -> list[GateResult]:
    """Hold a summary against gates, in their order; every result has a reason in words.

    ``on_missing`` doesn't change a result, only what the reason of one that is ``not evaluated`` says.
    """
    return [_evaluate(gate, summary, on_missing) for gate in gates]


def failures(results: Iterable[GateResult], on_missing: OnMissing) -> list[GateResult]:
    """The results that fail the whole: the failed ones, and with ``fail`` those that could not be evaluated."""
    failing = {"failed", "not evaluated"} if on_missing == "fail" else {"failed"}
    return [result for result in results if result.enforced and result.result in failing]


def overall(results: Sequence[GateResult], on_missing: OnMissing) -> Verdict:
    """The verdict over all gates."""
    if not results:
        return "not-configured"
    return "failed" if failures(results, on_missing) else "passed"


def show(value: Fraction, unit: Unit, other: Fraction | None = None, *, decimals: int = 2) -> str:
    """Write a value for people, with so many decimals at most, or with as many as it takes to tell it from ``other``.

    Shares are written in percent, as ``40 %``, differences with their sign, as ``-0.5``.
    """
    if value < 0:
        size = show(-value, unit, None if other is None else -other, decimals=decimals)
        return size if size.split()[0] == "0" else f"-{size}"
    suffix = " %" if unit in {"share", "percent"} else ""
    scale = 100 if unit == "share" else 1
    for places in range(decimals, MAX_DECIMALS):
        text = _decimals(value * scale, places)
        if other is None or value == other or text != _decimals(other * scale, places):
            return text + suffix
    return _decimals(value * scale, MAX_DECIMALS) + suffix


def _decimals(value: Fraction, decimals: int) -> str:
    whole, rest = divmod(round(value * 10**decimals), 10**decimals)
    return f"{whole}.{rest:0{decimals}d}".rstrip("0").rstrip(".")


def _parse(expression: str) -> Gate:
    shown = expression[:MAX_EXPRESSION]
    match = _EXPRESSION.fullmatch(expression) if len(expression) <= MAX_EXPRESSION else None
    if match is None or match[2] not in OPERATORS:
        raise UsageError(
            f"gates: {shown!r} can't be read; write a metric, one of {' '.join(OPERATORS)}, and a number, "
            "for example `coverage.percent >= 80`"
        )
    metric = METRICS.get(match[1])
    if metric is None:
        close = get_close_matches(match[1], METRICS, n=1)
        hint = f"; did you mean {close[0]}?" if close else "."
        raise UsageError(f"gates: {shown!r} names an unknown metric{hint} Known: {', '.join(METRICS)}")
    return Gate(shown, metric, match[2], _value(shown, metric, match[3], is_percent=bool(match[4])))


def _value(expression: str, metric: Metric, number: str, *, is_percent: bool) -> Fraction:
    value = Fraction(number)
    if is_percent and metric.unit == "count":
        raise UsageError(f"gates: {expression!r}: {metric.key} is a count, which takes no %")
    if is_percent and metric.unit == "share":
        value /= 100
    highest = HIGHEST.get(metric.unit)
    lowest = -HIGHEST["points"] if metric.unit == "points" else 0
    if value < lowest or (highest is not None and value > highest):
        form = "a share is written between 0 and 1, or with %, as in `40%`" if metric.unit == "share" else "0 to 100"
        allowed = "-100 to 100" if lowest else form if highest is not None else "0 or more"
        raise UsageError(f"gates: {expression!r}: the value {number} does not fit {metric.key}: {allowed}")
    return value


def _evaluate(gate: Gate, summary: Summary, on_missing: OnMissing) -> GateResult:
    metric = gate.metric
    actual, not_enforced = metric.extract(summary), metric.not_enforced(summary)
    if isinstance(actual, str):
        consequence = "fails" if on_missing == "fail" else "passes"
        remark = f"; {not_enforced}" if not_enforced else f" (which {consequence} by gate-on-missing: {on_missing})"
        return GateResult(
            expression=gate.expression,
            metric=metric.key,
            required=gate.required,
            result="not evaluated",
            reason=f"{actual[:3_000]}{remark}",
            enforced=not not_enforced,
        )
    holds = OPERATORS[gate.operator](actual, gate.value)
    tolerated = "" if holds else metric.tolerated(summary)
    shown = show(actual, metric.unit, gate.value)
    reason = f"{metric.key} is {shown}, {'as required' if holds else 'but required is'} {gate.required}"
    return GateResult(
        expression=gate.expression,
        metric=metric.key,
        required=gate.required,
        result="not evaluated" if not_enforced else "passed" if holds or tolerated else "failed",
        actual=float(actual),
        reason="; ".join(filter(None, [reason, not_enforced or tolerated]))[:4_000],
        enforced=not not_enforced,
    )
