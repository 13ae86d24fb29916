"""How a panel's values are written and coloured: Grafana's units, its thresholds, and where an axis has its marks."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

INK: Final = "#24292e"
COLOURS: Final = {"green": "#2f8132", "yellow": "#b07d00", "orange": "#c4511d", "red": "#c4162a", "text": INK}
# like Grafana's classic palette, dark enough for a white ground
PALETTE: Final = ("#3274d9", "#37872d", "#e0752d", "#a352cc", "#e02f44", "#0a8f8f", "#8a6d3b", "#7c8797")

_SECONDS: Final = ((86_400, "day"), (3_600, "hour"), (60, "min"), (1, "s"), (0.001, "ms"))
_BYTES: Final = ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB"), (1, "B"))
_COUNTS: Final = ((10**9, "Bil"), (10**6, "Mil"), (10**3, "K"))
_SPELT: Final = {"day": "days", "hour": "hours", "min": "mins"}
_STEPS: Final = (1, 2, 2.5, 5, 10, 20)
_DISTANCES: Final[dict[str, tuple[float, ...]]] = {
    "s": tuple(
        times * size
        for size, often in ((1, (1, 2, 5, 10, 15, 30)), (60, (1, 2, 5, 10, 15, 30)), (3_600, (1, 2, 3, 6, 12)))
        for times in often
    )
    + tuple(times * 86_400 for times in (1, 2, 5, 10, 20, 50, 100)),
    "bytes": tuple(times * 1024**power for power in range(4) for times in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
}


def written(value: float, unit: str, decimals: int | None = None) -> str:
    """Return a value in one of Grafana's units: percentunit, percent, s, bytes, dateTimeAsIso, else short."""
    if unit == "percentunit":
        return f"{_rounded(100 * value, decimals, 1)}%"
    if unit == "percent":
        return f"{_rounded(value, decimals, 1)}%"
    if unit == "dateTimeAsIso":
        return datetime.fromtimestamp(value / 1000, UTC).strftime("%Y-%m-%d %H:%M")
    if unit == "s":
        return _scaled(value, _SECONDS, decimals)
    if unit == "bytes":
        return _scaled(value, _BYTES, decimals)
    return _short(value, decimals)


def word(value: float, mappings: Sequence[Mapping[str, Any]]) -> str | None:
    """Return what Grafana's value mappings show in the place of a value; None where they leave it."""
    for mapping in mappings:
        if mapping["type"] == "value" and f"{value:g}" in mapping["options"]:
            return str(mapping["options"][f"{value:g}"]["text"])
    return None


def colour(value: float, thresholds: Mapping[str, Any] | None) -> str:
    """Return the colour of the highest threshold that the value reaches, ink where there are none."""
    name = "text"
    for step in (thresholds or {}).get("steps", ()):
        if step["value"] is None or value >= step["value"]:
            name = step["color"]
    return COLOURS.get(name, INK)


def tick_distance(span: float, unit: str, *, whole: bool = False) -> float:
    """Return the distance of about four marks on an axis of that span, round in its unit, and whole on demand."""
    # an axis is a little longer than its values
    wanted = max(span / 4.4, 1 if whole else 0)
    for distance in _DISTANCES.get(unit, ()):
        if distance >= wanted >= 1:
            return distance
    power = 10.0 ** math.floor(math.log10(wanted))
    return next(step * power for step in _STEPS if step * power >= wanted and (not whole or step * power % 1 == 0))


def _rounded(value: float, decimals: int | None, most: int) -> str:
    if decimals is not None:
        return f"{value:.{decimals}f}"
    text = f"{value:.{most}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _scaled(value: float, scales: Sequence[tuple[float, str]], decimals: int | None) -> str:
    size, name = next(((size, name) for size, name in scales if abs(value) >= size), scales[-1])
    if not value:
        return f"0 {scales[-2][1] if scales is _SECONDS else scales[-1][1]}"
    number = _rounded(value / size, decimals, 1)
    return f"{number} {name if number == '1' else _SPELT.get(name, name)}"


def _short(value: float, decimals: int | None) -> str:
    for size, name in _COUNTS:
        if abs(value) >= size:
            return f"{_rounded(value / size, decimals, 1)} {name}"
    return _rounded(value, decimals, 2)
