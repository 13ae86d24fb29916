"""The panels of a Grafana dashboard, read from its JSON, and their queries with the variables put in."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from prometheus_api import Series

DIRECTORY: Final = Path(__file__).parent / "grafana" / "dashboards"
SCRAPE_SECONDS: Final = 30
_ALL: Final = "$__all"
_MATCHES_ALL: Final = ".*"
_VARIABLE: Final = re.compile(r"\$(?:\{(?P<braced>\w+)(?::(?P<format>\w+))?\}|(?P<bare>\w+))")


class UnreadableDashboard(Exception):
    """A dashboard that isn't there, or holds what can't be drawn; the message says which and what."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a panel stands, in Grafana's units: 24 columns, rows of 30 pixels and a gap of 8."""

    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True, slots=True)
class Query:
    """One expression with its variables still in it; ``instant`` asks for one time only."""

    ref_id: str
    expression: str
    legend: str = ""
    instant: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel; ``kind`` is stat, timeseries, table or row; ``defaults`` and ``overrides`` are its fieldConfig."""

    title: str
    kind: str
    place: Place
    queries: tuple[Query, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    overrides: tuple[Mapping[str, Any], ...] = ()
    transformations: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Answered:
    """A panel with the answers to its queries, in their order."""

    panel: Panel
    answers: Sequence[Sequence[Series]]

    @property
    def is_empty(self) -> bool:
        """Whether it should show something and has nothing."""
        return bool(self.panel.queries) and not any(self.answers)


@dataclass(frozen=True, slots=True)
class Window:
    """The time that a dashboard shows: the ``seconds`` before ``end`` (seconds since 1970), a value each ``step`` s."""

    end: float
    seconds: int
    step: int

    @property
    def start(self) -> float:
        """The first second."""
        return self.end - self.seconds

    @property
    def variables(self) -> dict[str, str]:
        """Grafana's own variables, as https://grafana.com/docs/grafana/latest/datasources/prometheus has them."""
        return {
            "__range": f"{self.seconds}s",
            "__range_s": f"{self.seconds}",
            "__range_ms": f"{self.seconds * 1000}",
            "__interval": f"{self.step}s",
            "__interval_ms": f"{self.step * 1000}",
            "__rate_interval": f"{max(self.step + SCRAPE_SECONDS, 4 * SCRAPE_SECONDS)}s",
        }


def names() -> list[str]:
    """Return the names of the dashboards that there are."""
    return sorted(file.stem for file in DIRECTORY.glob("*.json"))


def load(name: str) -> dict[str, Any]:
    """Return a dashboard's JSON.

    Raises:
        UnreadableDashboard: there is none of that name.
    """
    if name not in names():
        raise UnreadableDashboard(f"there is no dashboard {name!r}; there are {', '.join(names())}")
    board: dict[str, Any] = json.loads((DIRECTORY / f"{name}.json").read_text(encoding="utf-8"))
    return board


def panels_of(board: Mapping[str, Any]) -> list[Panel]:
    """Return the panels of a dashboard in the order of its JSON, those of collapsed rows too."""
    return [_panel(raw) for outer in board["panels"] for raw in (outer, *outer.get("panels", ()))]


def values_of(board: Mapping[str, Any], given: Mapping[str, str], first: Callable[[str], str | None]) -> dict[str, str]:
    """Return what stands for each variable of a dashboard in its expressions.

    Args:
        board: the dashboard's JSON.
        given: values of variables by name, in clear text.
        first: gives the first value of a variable's query, in which the variables before it are put in; asked where
            nothing is given and the dashboard has no current value.

    Raises:
        UnreadableDashboard: a variable has no value, or ``given`` names one that isn't there.
    """
    variables = {raw["name"]: raw for raw in board["templating"]["list"] if raw["type"] != "datasource"}
    if unknown := sorted(given.keys() - variables.keys()):
        raise UnreadableDashboard(f"{board['title']} has no variable {unknown[0]!r}; it has {', '.join(variables)}")
    values: dict[str, str] = {}
    for name, raw in variables.items():
        values[name] = _value(raw, given.get(name), lambda query: first(substituted(query, values)))
    return values


def substituted(expression: str, values: Mapping[str, str]) -> str:
    """Return an expression with its variables (``$x``, ``${x}``, ``${x:regex}``) put in.

    Raises:
        UnreadableDashboard: there is no value for a variable.
    """

    def value(found: re.Match[str]) -> str:
        name = found["braced"] or found["bare"]
        if name not in values:
            raise UnreadableDashboard(f"no value for ${name} in: {expression}")
        return values[name]

    return _VARIABLE.sub(value, expression)


def _panel(raw: Mapping[str, Any]) -> Panel:
    config = raw.get("fieldConfig", {})
    return Panel(
        title=raw["title"],
        kind=raw["type"],
        place=Place(**raw["gridPos"]),
        queries=tuple(
            Query(target["refId"], target["expr"], target.get("legendFormat", ""), target.get("instant", False))
            for target in raw.get("targets", ())
        ),
        defaults=config.get("defaults", {}),
        overrides=tuple(config.get("overrides", ())),
        transformations=tuple(raw.get("transformations", ())),
    )


def _value(raw: Mapping[str, Any], given: str | None, first: Callable[[str], str | None]) -> str:
    current = raw.get("current", {}).get("value")
    if given is None and current == _ALL:
        return str(raw.get("allValue") or _MATCHES_ALL)
    clear = given if given is not None else current or first(raw["query"])
    if clear is None:
        raise UnreadableDashboard(f"variable {raw['name']}: nothing is given, and {raw['query']} finds nothing")
    # what may stand for several is matched as a pattern; either way it stands between double quotes
    pattern = re.escape(clear) if raw.get("multi") else str(clear)
    return pattern.replace("\\", "\\\\").replace('"', '\\"')
