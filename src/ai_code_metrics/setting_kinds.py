"""The kinds of values that settings have: how each is read from an option, an input or TOML, and its JSON Schema."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

DEFAULT_WEIGHTS: Final[Mapping[str, float]] = {"coverage": 0.30, "security": 0.30, "lint": 0.20, "complexity": 0.20}
DEFAULT_THRESHOLDS: Final[Mapping[str, float]] = {"A": 90.0, "B": 80.0, "C": 70.0, "D": 60.0}
_DAY_SECONDS: Final = 86_400


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind: ``parse`` takes a raw value (ValueError says what was expected), ``schema`` is its form in TOML."""

    parse: Callable[[object], Any]
    schema: Mapping[str, Any]


def choice(*allowed: str) -> Kind:
    """Return the kind of a word out of a few."""

    def parse(value: object) -> str:
        if value not in allowed:
            raise ValueError(f"expected one of {', '.join(allowed)}")
        return str(value)

    return Kind(parse, {"enum": list(allowed)})


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("expected a text")  # noqa: TRY004 - a value of the wrong type is a wrong value here
    return value


def _list(value: object) -> tuple[str, ...]:
    """A TOML array of texts, or one text with an item a line or between commas; a line that starts with # is none."""
    if isinstance(value, str):
        lines = [line for line in value.split("\n") if not line.lstrip().startswith("#")]
        return tuple(item for line in lines for item in map(str.strip, line.split(",")) if item)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(item for item in value if item.strip())
    raise ValueError("expected a list of texts")


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in {"true", "false"}:
        return value.strip().lower() == "true"
    raise ValueError("expected true or false")


def _date(value: object) -> int | None:
    """A day as seconds since 1970 (its begin in UTC); an empty text is none."""
    if value in {"", None}:
        return None
    try:
        day = value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        raise ValueError("expected a date of the form YYYY-MM-DD") from None
    seconds = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    if seconds < 0:
        raise ValueError("expected a date from 1970-01-01 on")
    return seconds


def _seconds(value: object) -> float:
    try:
        seconds = float(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else 0.0
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= _DAY_SECONDS:
        raise ValueError("expected a number of seconds above 0, at most 86400")
    return seconds


def _weights(value: object) -> dict[str, float]:
    known = DEFAULT_WEIGHTS
    if not isinstance(value, dict) or not set(value) <= set(known):
        raise ValueError(f"expected a table with some of {', '.join(known)}")
    weights = {**known, **value}
    if not all(isinstance(w, (int, float)) and not isinstance(w, bool) and 0 <= w <= 1 for w in weights.values()):
        raise ValueError("expected weights between 0 and 1")
    total = sum(weights.values())
    if total <= 0:
        raise ValueError("expected at least one weight above 0")
    return {name: weight / total for name, weight in weights.items()}


def _thresholds(value: object) -> dict[str, float]:
    known = DEFAULT_THRESHOLDS
    if not isinstance(value, dict) or not set(value) <= set(known):
        raise ValueError(f"expected a table with some of {', '.join(known)}")
    bounds = {**known, **value}
    if not all(isinstance(b, (int, float)) and not isinstance(b, bool) and 0 <= b <= 100 for b in bounds.values()):  # noqa: PLR2004 - scores
        raise ValueError("expected scores between 0 and 100")
    if not all(better > worse for better, worse in pairwise(bounds.values())):
        listed = ", ".join(f"{letter} {bound}" for letter, bound in bounds.items())
        raise ValueError(f"expected scores that fall from A to D, but with the defaults they are {listed}")
    return {letter: float(bound) for letter, bound in bounds.items()}


def _agents(value: object) -> dict[str, dict[str, list[str]]]:
    """Check the shape only; :mod:`ai_code_metrics.measure.identities` knows the keys."""
    if not isinstance(value, dict) or not all(isinstance(entry, dict) for entry in value.values()):
        raise ValueError("expected a table of agents, each a table of lists")
    return value


_SHARE: Final = {"type": "number", "minimum": 0, "maximum": 1}
_SCORE: Final = {"type": "number", "minimum": 0, "maximum": 100}
TEXT: Final = Kind(_text, {"type": "string"})
LIST: Final = Kind(_list, {"type": ["array", "string"], "items": {"type": "string"}})
FLAG: Final = Kind(_flag, {"type": "boolean"})
DATE: Final = Kind(_date, {"type": ["string", "null"], "format": "date"})
SECONDS: Final = Kind(_seconds, {"type": "number", "exclusiveMinimum": 0, "maximum": _DAY_SECONDS})
WEIGHTS: Final = Kind(
    _weights,
    {"type": "object", "properties": dict.fromkeys(DEFAULT_WEIGHTS, _SHARE), "additionalProperties": False},
)
THRESHOLDS: Final = Kind(
    _thresholds,
    {"type": "object", "properties": dict.fromkeys(DEFAULT_THRESHOLDS, _SCORE), "additionalProperties": False},
)
AGENTS: Final = Kind(_agents, {"type": "object", "additionalProperties": {"type": "object"}})
