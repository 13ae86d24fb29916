"""What the dashboards are made of: queries over pushed gauges, panels of three kinds, and the variables they share.

Every gauge is read by ``last_over_time(…[$lookback])``: a Pushgateway is scraped again and again, so that 5 minutes are
enough, but VictoriaMetrics has a sample only when a run pushed one, and there the variable is set to 30 days.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

from grafana_foundation_sdk.builders import common, dashboard, prometheus, stat, table, timeseries
from grafana_foundation_sdk.models import common as common_models
from grafana_foundation_sdk.models import dashboard as models
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

if TYPE_CHECKING:
    from collections.abc import Sequence

DATASOURCE: Final = models.DataSourceRef(type_val="prometheus", uid="${datasource}")
NO_PULL_REQUESTS: Final = 'branch!~"pr-[0-9]+"'
FLEET: Final = f'{NO_PULL_REQUESTS}, repository=~"$repository"'
ONE: Final = 'repository="$repository", branch="$branch", project=~"$project"'
GROUP: Final = "repository, branch, project"
DAY_SECONDS: Final = 86_400
WIDTH: Final = 24

PERCENT: Final = "percentunit"
COUNT: Final = "short"
SECONDS: Final = "s"
BYTES: Final = "bytes"

WHOLE: Final = "locale"
ORIGIN_COLORS: Final = {"ai": "blue", "human": "green", "untagged": "#8e8e8e", "suggestion": "purple", "bot": "orange"}

GREEN, YELLOW, RED = "green", "yellow", "red"
Steps = tuple[tuple[float | None, str], ...]
SCORE_STEPS: Final[Steps] = ((None, RED), (60, YELLOW), (80, GREEN))
ZERO_IS_GOOD: Final[Steps] = ((None, GREEN), (1, RED))
ONE_IS_GOOD: Final[Steps] = ((None, RED), (1, GREEN))
AGE_STEPS: Final[Steps] = ((None, GREEN), (7 * DAY_SECONDS, YELLOW), (14 * DAY_SECONDS, RED))
PUSH_STEPS: Final[Steps] = ((None, GREEN), (1, YELLOW), (2, RED))
GROUP_STEPS: Final[Steps] = ((None, GREEN), (250, YELLOW), (500, RED))


_Mapping: TypeAlias = models.ValueMap | models.RangeMap | models.RegexMap | models.SpecialValueMap
PanelT = TypeVar("PanelT", stat.Panel, timeseries.Panel)


@dataclass(frozen=True, slots=True)
class Query:
    """One PromQL expression and how its series are called."""

    expr: str
    legend: str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """How the values of a panel look.

    ``scale`` is the least and the greatest value of the axis; ``words`` are shown in the place of values.
    """

    unit: str = COUNT
    decimals: int | None = None
    scale: tuple[float | None, float | None] = (None, None)
    steps: Steps = ()
    stacked: bool = False
    words: tuple[tuple[str, str], ...] = ()


def last(metric: str, selector: str) -> str:
    """Return the expression of a gauge's last value; ``metric`` without the prefix ``ai_coding_``."""
    return f"last_over_time(ai_coding_{metric}{{{selector}}}[$lookback])"


def big_number(title: str, query: str, description: str, look: Look, *, span: int, legend: str = "") -> stat.Panel:
    """Return a panel with one number and its trend."""
    panel = (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .unit(look.unit)
        .no_value("no data")
        .height(4)
        .span(span)
        .graph_mode(common_models.BigValueGraphMode.AREA)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]).values(False))
        .thresholds(_thresholds(look.steps))
        .mappings(_mappings(look))
        .with_target(_target(Query(query, legend), "A"))
    )
    return _scaled(panel, look)


def trend(
    title: str, queries: Sequence[Query], description: str, look: Look, *, span: int = 12, height: int = 8
) -> timeseries.Panel:
    """Return a panel with lines over time."""
    panel = (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .unit(look.unit)
        .no_value("no data")
        .height(height)
        .span(span)
        .line_width(2 if not look.stacked else 1)
        .fill_opacity(60 if look.stacked else 0)
        .show_points(common_models.VisibilityMode.NEVER)
        .span_nulls(False)
        .thresholds(_thresholds(look.steps))
        .legend(
            common.VizLegendOptions()
            .show_legend(True)
            .display_mode(common_models.LegendDisplayMode.LIST)
            .placement(common_models.LegendPlacement.BOTTOM)
        )
        .tooltip(common.VizTooltipOptions().mode(common_models.TooltipDisplayMode.MULTI))
    )
    if look.stacked:
        panel = panel.stacking(common.StackingConfig().mode(common_models.StackingMode.NORMAL).group("A"))
    for query, ref_id in zip(queries, "ABCDEFGH", strict=False):
        panel = panel.with_target(_target(query, ref_id))
    for name, color in ORIGIN_COLORS.items():
        if any(query.legend.startswith("{{origin}}") for query in queries):
            fixed = {"mode": "fixed", "fixedColor": color}
            panel = panel.override_by_name(name, [models.DynamicConfigValue(id_val="color", value=fixed)])
    return _scaled(panel, look)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its title, the query of its values, and how they look."""

    title: str
    expr: str
    look: Look


def grid(
    title: str, columns: Sequence[Column], description: str, *, labels: Sequence[str], height: int, link: str = ""
) -> table.Panel:
    """Return a table with a row for each set of ``labels`` and a column for each query.

    ``link`` is the URL to which the first label leads.
    """
    panel = (
        table.Panel()
        .title(title)
        .description(description)
        .datasource(DATASOURCE)
        .unit(COUNT)
        .no_value("none")
        .height(height)
        .span(WIDTH)
    )
    names = {label: label.capitalize() for label in labels}
    names |= {f"Value #{ref_id}": column.title for ref_id, column in zip("ABCDEFGH", columns, strict=False)}
    for ref_id, column in zip("ABCDEFGH", columns, strict=False):
        panel = panel.with_target(
            _target(Query(column.expr), ref_id).instant().format(PromQueryFormat.TABLE)
        ).override_by_name(column.title, _overrides(column.look))
    panel = panel.with_transformation(models.DataTransformerConfig(id_val="merge", options={}))
    panel = panel.with_transformation(
        models.DataTransformerConfig(
            id_val="organize",
            options={
                "excludeByName": {"Time": True, "job": True, "gateway": True, "instance": True},
                "indexByName": {name: index for index, name in enumerate(names)},
                "renameByName": names,
            },
        )
    )
    if link:
        links = [{"title": "Open", "url": link}]
        panel = panel.override_by_name(labels[0].capitalize(), [models.DynamicConfigValue(id_val="links", value=links)])
    return panel


@dataclass(frozen=True, slots=True)
class Section:
    """Panels that stand together, under a heading where they have one."""

    panels: Sequence[stat.Panel | timeseries.Panel | table.Panel]
    heading: str = ""


def assemble(board: dashboard.Dashboard, *sections: Section) -> dashboard.Dashboard:
    """Return the dashboard with the panels of the sections, from left to right and from top to bottom."""
    numbers = count(1)
    for section in sections:
        if section.heading:
            board = board.with_row(dashboard.Row(section.heading).id(next(numbers)))
        for panel in section.panels:
            # what Grafana would number anew at each import could not be linked to
            panel.id(next(numbers))
            board = board.with_panel(panel)
    return board


def label_variable(name: str, query: str, *, all_of_them: bool, description: str) -> dashboard.QueryVariable:
    """Return a variable with the values of a label, of several or of one."""
    variable = (
        dashboard.QueryVariable(name)
        .label(name.capitalize())
        .description(description)
        .datasource(DATASOURCE)
        .query(query)
        .refresh(models.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(models.VariableSort.ALPHABETICAL_ASC)
    )
    if all_of_them:
        # what has no such label has an empty one, which only this matches
        variable = (
            variable.multi(True)
            .include_all(True)
            .all_value(".*")
            .current(models.VariableOption(selected=True, text="All", value="$__all"))
        )
    return variable


def new_dashboard(name: str, title: str, description: str) -> dashboard.Dashboard:
    """Return a dashboard with the variables ``datasource`` and ``lookback`` and links to its sisters."""
    return (
        dashboard.Dashboard(title)
        .uid(f"ai-code-metrics-{name}")
        .description(description)
        .tags(["ai-code-metrics"])
        .editable()
        .refresh("5m")
        .time("now-14d", "now")
        .timezone("browser")
        .tooltip(models.DashboardCursorSync.CROSSHAIR)
        .link(
            dashboard.DashboardLink("ai-code-metrics")
            .type(models.DashboardLinkType.DASHBOARDS)
            .tags(["ai-code-metrics"])
            .as_dropdown(True)
            .keep_time(True)
        )
        .with_variable(dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus"))
        .with_variable(
            dashboard.CustomVariable("lookback")
            .label("Look back")
            .description("How old a pushed value may be: 5m for a Pushgateway, 30d for VictoriaMetrics.")
            .values("5m,1d,30d")
            .current(models.VariableOption(selected=True, text="5m", value="5m"))
        )
    )


def _target(query: Query, ref_id: str) -> prometheus.Dataquery:
    target = prometheus.Dataquery().expr(query.expr).ref_id(ref_id).datasource(DATASOURCE)
    return target.legend_format(query.legend) if query.legend else target


def _mappings(look: Look) -> list[_Mapping]:
    if not look.words:
        return []
    options = {value: models.ValueMappingResult(text=text) for value, text in look.words}
    return [models.ValueMap(options=options)]


def _thresholds(steps: Steps) -> dashboard.ThresholdsConfig:
    marks = [models.Threshold(value=value, color=color) for value, color in steps or ((None, "text"),)]
    return dashboard.ThresholdsConfig().mode(models.ThresholdsMode.ABSOLUTE).steps(marks)


def _scaled(panel: PanelT, look: Look) -> PanelT:
    least, greatest = look.scale
    if least is not None:
        panel.min(least)
    if greatest is not None:
        panel.max(greatest)
    if look.decimals is not None:
        panel.decimals(look.decimals)
    return panel


def _overrides(look: Look) -> list[models.DynamicConfigValue]:
    values = [models.DynamicConfigValue(id_val="unit", value=look.unit)]
    if look.decimals is not None:
        values.append(models.DynamicConfigValue(id_val="decimals", value=look.decimals))
    if look.words:
        values.append(models.DynamicConfigValue(id_val="mappings", value=_mappings(look)))
    if look.steps:
        steps = [{"value": value, "color": color} for value, color in look.steps]
        values.append(models.DynamicConfigValue(id_val="thresholds", value={"mode": "absolute", "steps": steps}))
        values.append(models.DynamicConfigValue(id_val="custom.cellOptions", value={"type": "color-text"}))
    return values
