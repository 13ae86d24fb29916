"""Draws panels as Grafana lays them out, by matplotlib: numbers, lines over time, tables, headings."""

from __future__ import annotations

import math
import re
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch
from matplotlib.ticker import FuncFormatter, MultipleLocator
from PIL import Image

from panel_tables import Table, properties, table_of
from panel_values import INK, PALETTE, colour, tick_distance, word, written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from panels import Answered, Panel, Place, Window
    from prometheus_api import Series

WIDTH: Final = 1400
_COLUMNS: Final = 24
_ROW: Final = 36
_MARGIN: Final = 14
_GAP: Final = 8
_TOP: Final = 52
_TITLE: Final = 26
_LINE: Final = 15
_TABLE_LINE: Final = 24
_MOST_CHARACTERS: Final = 80
_CHARACTER: Final = 5.6
_FEW_POINTS: Final = 3
_LEGEND_LINES: Final = 3
_BIG: Final = 22
_LABEL: Final = re.compile(r"\{\{\s*(?P<label>\w+)\s*\}\}")
_EDGE: Final = 0.02
_HOUR: Final = 3_600
_DAY: Final = 86_400
_TIME_DISTANCES: Final = (
    *(_HOUR * hours for hours in (1, 3, 6, 12)),
    *(_DAY * days for days in (1, 2, 3, 7, 14, 28)),
)
_GROUND: Final = "#f4f5f7"
_FRAME: Final = "#dcdfe3"
_FAINT: Final = "#6b7280"
_GRID: Final = "#eceef1"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the picture in pixels, from its top left corner."""

    left: float
    top: float
    width: float
    height: float

    def within(self, left: float, top: float, right: float, bottom: float) -> Box:
        """Return the box that these margins leave."""
        return Box(self.left + left, self.top + top, self.width - left - right, self.height - top - bottom)


class Sheet:
    """The picture of a dashboard while it is drawn; places are pixels from the top left corner."""

    def __init__(self, title: str, note: str, height: int) -> None:
        """Begin a picture of that height with its title, and a note at the right."""
        self.height = height
        self.figure = Figure(figsize=(WIDTH / 100, height / 100), dpi=100, facecolor=_GROUND)
        FigureCanvasAgg(self.figure)
        self.text(_MARGIN + 2, 18, title, size=13, weight="bold")
        self.text(WIDTH - _MARGIN - 2, 21, note, size=8.5, color=_FAINT, align="right")

    def text(
        self, x: float, y: float, text: str, *, size: float, color: str = INK, weight: str = "normal",
        align: str = "left",
    ) -> None:  # fmt: skip
        """Write a line whose top is at ``y``."""
        self.figure.text(
            x / WIDTH, 1 - y / self.height, _clear(text), fontsize=size, color=color, fontweight=weight,
            ha=align, va="top", parse_math=False,
        )  # fmt: skip

    def frame(self, box: Box) -> None:
        """Draw the ground of a panel."""
        place = (box.left / WIDTH, 1 - (box.top + box.height) / self.height)
        shape = FancyBboxPatch(
            place, box.width / WIDTH, box.height / self.height, boxstyle="square,pad=0", facecolor="white",
            edgecolor=_FRAME, linewidth=0.8, transform=self.figure.transFigure, zorder=-1,
        )  # fmt: skip
        self.figure.add_artist(shape)

    def axes(self, box: Box) -> Axes:
        """Return axes that fill a box."""
        bottom = 1 - (box.top + box.height) / self.height
        return self.figure.add_axes(
            (box.left / WIDTH, bottom, box.width / WIDTH, box.height / self.height), facecolor="none"
        )

    def rule(self, left: float, right: float, y: float) -> None:
        """Draw a thin level line."""
        at = 1 - y / self.height
        ends = (left / WIDTH, right / WIDTH)
        self.figure.add_artist(Line2D(ends, (at, at), color=_GRID, linewidth=0.8, transform=self.figure.transFigure))

    def save(self, output: Path) -> None:
        """Write the picture as PNG, the same bytes for the same picture."""
        drawn = BytesIO()
        with warnings.catch_warnings():
            # a label may hold any character; what the font lacks is drawn as a box
            warnings.filterwarnings("ignore", message="Glyph .* missing from")
            self.figure.savefig(drawn, format="png")
        # few colours are used, and a palette makes the file half as large
        Image.open(drawn).convert("RGB").quantize(kmeans=1, dither=Image.Dither.NONE).save(
            output, format="PNG", optimize=True
        )


def draw(title: str, panels: Sequence[Answered], window: Window, output: Path) -> None:
    """Draw the panels of a dashboard into a PNG of :data:`WIDTH` pixels.

    Raises:
        OSError: it can't be written.
    """
    height = _TOP + _MARGIN + _ROW * max(each.panel.place.y + each.panel.place.h for each in panels)
    first, last = (datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M") for at in (window.start, window.end))
    with mpl.rc_context({"font.family": "DejaVu Sans", "text.parse_math": False, "path.simplify": True}):
        sheet = Sheet(title, f"{first} to {last} UTC", height)
        for each in panels:
            _draw_panel(sheet, each, window)
        sheet.save(output)


def legend_of(legend: str, labels: Mapping[str, str]) -> str:
    """Return what a series is called: the legend of its query with the labels put in, else its labels."""
    if not legend:
        return ", ".join(f"{label}={value}" for label, value in labels.items())
    return " ".join(_LABEL.sub(lambda found: labels.get(found["label"], ""), legend).split())


def _draw_panel(sheet: Sheet, answered: Answered, window: Window) -> None:
    box = _box(answered.panel.place)
    if answered.panel.kind == "row":
        sheet.text(box.left + 2, box.top + 8, answered.panel.title, size=11, weight="bold")
        return
    sheet.frame(box)
    sheet.text(box.left + 10, box.top + 8, answered.panel.title, size=9, weight="bold")
    if answered.is_empty:
        sheet.text(box.left + box.width / 2, box.top + box.height / 2, "no data", size=11, color=_FAINT, align="center")
    elif answered.panel.kind == "table":
        _draw_table(sheet, box, answered)
    elif answered.panel.kind == "stat":
        _draw_stat(sheet, box, answered, window)
    else:
        _draw_lines(sheet, box, answered, window)


def _box(place: Place) -> Box:
    column = (WIDTH - 2 * _MARGIN + _GAP) / _COLUMNS
    return Box(
        _MARGIN + place.x * column, _TOP + place.y * _ROW, place.w * column - _GAP, place.h * _ROW - _GAP
    )  # fmt: skip


def _named(answered: Answered) -> list[tuple[str, Series]]:
    """Return the series with their names; without a legend these are the labels in which the series differ."""
    series = [each for found in answered.answers for each in found]
    common = set.intersection(*(set(each.labels.items()) for each in series))
    named = [
        (_clear(legend_of(query.legend, each.labels if query.legend else dict(each.labels.items() - common))), each)
        for query, found in zip(answered.panel.queries, answered.answers, strict=True)
        for each in found
    ]
    return sorted(named, key=lambda pair: pair[0]) if len(answered.answers) == 1 else named


def _clear(text: str) -> str:
    """Return a text that can be drawn in a line of bounded length, whatever a label holds."""
    shown = text if len(text) <= _MOST_CHARACTERS else f"{text[:_MOST_CHARACTERS]}…"
    return "".join(character if character.isprintable() else "\ufffd" for character in shown)


def _draw_stat(sheet: Sheet, box: Box, answered: Answered, window: Window) -> None:
    """Draw the last value of each series beside each other, over its course."""
    shown, defaults = _named(answered), answered.panel.defaults
    for place, (name, series) in enumerate(shown):
        part = Box(box.left + place * box.width / len(shown), box.top, box.width / len(shown), box.height)
        last = series.points[-1][1]
        ink = colour(last, defaults.get("thresholds"))
        middle = part.left + part.width / 2
        text = _worded(last, defaults)
        size = min(_BIG, _fitting(text, part.width))
        sheet.text(middle, box.top + 50 - 0.8 * size, text, size=size, color=ink, weight="bold", align="center")
        if len(shown) > 1:
            sheet.text(
                middle, box.top + 70, name, size=min(8, _fitting(name, part.width)), color=_FAINT, align="center"
            )
        axes = sheet.axes(part.within(1, part.height - 46, 1, 1))
        axes.set_axis_off()
        times, values = _course(series, window)
        axes.plot(times, values, color=ink, linewidth=1.3)
        least, greatest = min(value for _, value in series.points), max(value for _, value in series.points)
        span = (greatest - least) or 1
        axes.fill_between(times, values, least - span, color=ink, alpha=0.12, linewidth=0)
        axes.set_xlim(window.start, window.end)
        axes.set_ylim(least - 0.3 * span, greatest + 0.15 * span)


def _worded(value: float, look: Mapping[str, Any]) -> str:
    """Return the word that a value mapping has for a value, else the value in its unit."""
    return word(value, look.get("mappings", ())) or written(value, look.get("unit", "short"), look.get("decimals"))


def _fitting(text: str, width: float) -> float:
    """Return the size of font at which a text is as wide as that, but for a margin."""
    return (width - 8) / max(1, len(text))


def _draw_lines(sheet: Sheet, box: Box, answered: Answered, window: Window) -> None:
    panel, shown = answered.panel, _named(answered)
    unit, decimals = panel.defaults.get("unit", "short"), panel.defaults.get("decimals")
    columns, lines = _legend_shape([name for name, _ in shown], box.width)
    axes = sheet.axes(box.within(58, _TITLE + 8, 26, 34 + lines * _LINE))
    handles = _stack(axes, shown, window) if _is_stacked(panel) else _plot(axes, shown, window)
    _scale(axes, panel)
    whole = decimals == 0 and unit == "short"
    least, greatest = axes.get_ylim()
    axes.yaxis.set_major_locator(MultipleLocator(tick_distance(greatest - least, unit, whole=whole)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: written(value, unit)))
    axes.set_xlim(window.start, window.end)
    axes.xaxis.set_major_locator(MultipleLocator(_time_distance(window, box.width)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda at, _: _time(at, window)))
    axes.tick_params(axis="x", pad=5)
    axes.tick_params(labelsize=7.5, colors=_FAINT, length=0)
    axes.grid(color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    for side in axes.spines.values():
        side.set_visible(False)
    room = columns * lines
    names = [name for name, _ in islice(shown, room)]
    if len(shown) > room:
        names[-1] = f"and {len(shown) - room + 1} more"
    axes.legend(
        handles[: len(names)], names, loc="upper left", ncols=columns, frameon=False, fontsize=7.5, labelcolor=INK,
        handlelength=1.2, handletextpad=0.5, columnspacing=1.4, borderaxespad=0, labelspacing=0.25, borderpad=0,
        bbox_to_anchor=((10 - 58) / (box.width - 84), -28 / (box.height - _TITLE - 42 - lines * _LINE)),
    )  # fmt: skip


def _legend_shape(names: Sequence[str], width: float) -> tuple[int, int]:
    """Return columns and lines of a legend: as many beside each other as the longest lets in."""
    each = max(map(len, names)) * _CHARACTER + 34
    columns = max(1, min(len(names), int((width - 20) // each)))
    return columns, min(_LEGEND_LINES, -(-len(names) // columns))


def _is_stacked(panel: Panel) -> bool:
    return bool(panel.defaults.get("custom", {}).get("stacking", {}).get("mode", "none") != "none")


def _plot(axes: Axes, shown: Sequence[tuple[str, Series]], window: Window) -> list[Artist]:
    return [
        axes.plot(
            *_course(series, window),
            color=PALETTE[place % len(PALETTE)],
            linewidth=1.5,
            marker="o" if len(series.points) <= _FEW_POINTS else None,  # a line needs two points to be seen
            markersize=3,
        )[0]
        for place, (_, series) in enumerate(shown)
    ]


def _stack(axes: Axes, shown: Sequence[tuple[str, Series]], window: Window) -> list[Artist]:
    times, _ = _course(shown[0][1], window)
    heights = [[0 if math.isnan(value) else value for value in _course(series, window)[1]] for _, series in shown]
    colours = [PALETTE[place % len(PALETTE)] for place in range(len(shown))]
    return [*axes.stackplot(times, heights, colors=colours, alpha=0.65, linewidth=0)]


def _scale(axes: Axes, panel: Panel) -> None:
    """Scale the axis as the panel says, else by its values with some air."""
    axes.margins(y=0.08)
    least, greatest = axes.get_ylim()
    least, greatest = panel.defaults.get("min", least), panel.defaults.get("max", greatest)
    greatest = greatest if greatest > least else least + 1
    # a line at the very end of the scale is to be seen too
    air = _EDGE * (greatest - least)
    axes.set_ylim(least - air, greatest + air)


def _course(series: Series, window: Window) -> tuple[list[float], list[float]]:
    """Return a value at each step of the window, NaN where there is none: so that a gap is drawn as one."""
    known = {round((at - window.start) / window.step): value for at, value in series.points}
    steps = range(window.seconds // window.step + 1)
    return [window.start + step * window.step for step in steps], [known.get(step, math.nan) for step in steps]


def _time_distance(window: Window, width: float) -> float:
    """Return the distance of the marks on the axis of time: days or hours, so that their texts don't touch."""
    least = window.seconds / max(2, width // 80)
    return next((distance for distance in _TIME_DISTANCES if distance >= least), _TIME_DISTANCES[-1])


def _time(at: float, window: Window) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%d %b" if window.seconds > 2 * _DAY else "%H:%M")


def _draw_table(sheet: Sheet, box: Box, answered: Answered) -> None:
    """Write a table, as many rows as there is room for, numbers at the right of their columns."""
    table = table_of(answered.panel, answered.answers)
    room = int((box.height - _TITLE - _TABLE_LINE - 8) // _TABLE_LINE)
    shown = table.rows if len(table.rows) <= room else table.rows[: room - 1]
    edges = _edges(answered.panel, Table(table.columns, shown), box)
    for line, row in enumerate((table.columns, *shown)):
        top = box.top + _TITLE + 6 + line * _TABLE_LINE
        for place, cell in enumerate(row):
            is_number = bool(shown) and not isinstance(shown[0][place], str)
            x = edges[place + 1] - 18 if is_number else edges[place] + 10
            text, ink = (cell, _FAINT) if line == 0 else _cell(answered.panel, table.columns[place], cell)
            sheet.text(
                x, top + 5, str(text), size=8.5, color=ink, weight="bold" if line == 0 else "normal",
                align="right" if is_number else "left",
            )  # fmt: skip
        if line:
            sheet.rule(box.left + 10, box.left + box.width - 10, top - 1)
    if len(shown) < len(table.rows):
        note = f"and {len(table.rows) - len(shown)} rows more"
        sheet.text(box.left + 10, box.top + box.height - 22, note, size=8.5, color=_FAINT)


def _cell(panel: Panel, column: str, cell: str | float | None) -> tuple[str, str]:
    if cell is None or isinstance(cell, str):
        return cell or "", INK
    look = properties(panel, column)
    ink = colour(cell, look.get("thresholds")) if "custom.cellOptions" in look else INK
    return _worded(cell, look), ink


def _edges(panel: Panel, table: Table, box: Box) -> list[float]:
    """Return where the columns begin, and the end: each as wide as its longest text asks for."""
    widths = [
        max(len(str(text)) for text in (column, *(_cell(panel, column, row[place])[0] for row in table.rows))) + 4
        for place, column in enumerate(table.columns)
    ]
    edges = [box.left]
    for width in widths:
        edges.append(edges[-1] + box.width * width / sum(widths))
    return edges
