"""Two weeks of what a Prometheus would have scraped from a Pushgateway, as OpenMetrics text with timestamps.

Three repositories push: ``octo/shop`` (which also has pull request 7 on the gateway), ``acme/platform`` with the
projects ``api`` and ``worker``, and ``lab/notebooks``, which stopped eight days before the end. The figures are those
of summaries, read by the catalog. A pushed value stays on the gateway: between two runs it is scraped again and again.

``promtool tsdb create-blocks-from openmetrics`` makes a Prometheus's blocks of the text.
"""

from __future__ import annotations

import random
import statistics
import subprocess
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from ai_code_metrics.measure import catalog
from support.monitored_summaries import DAYS, GROUPS, SECONDS_A_DAY, Group, summary_of
from support.services import find_program

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

STEP: Final = 300
GATEWAY: Final = "a"
PROMTOOL_SECONDS: Final = 300
_PUSH_SECONDS: Final = 0.0025
_HOUR: Final = 3600
_MINUTE: Final = 60
_OFFICE_HOURS: Final = (7.5, 18.5)
_WEEKEND: Final = 5

Labels: TypeAlias = tuple[tuple[str, str], ...]
Key: TypeAlias = tuple[str, Labels]
State: TypeAlias = dict[Key, float]
# first and last second (exclusive) of a value that is scraped each STEP seconds
Span: TypeAlias = tuple[int, int, float]
Families: TypeAlias = defaultdict[str, defaultdict[Labels, list[Span]]]


@dataclass(frozen=True, slots=True)
class Timeline:
    """One group of the gateway: when runs pushed (seconds since 1970), and what the group held from then on."""

    group: Group
    pushes: list[tuple[int, State]]


def text(end: float) -> str:
    """Return the two weeks before ``end`` (seconds since 1970) as OpenMetrics text; the same end, the same text."""
    last = int(end) // STEP * STEP
    timelines = [_timeline(group, last) for group in GROUPS]
    families: Families = defaultdict(lambda: defaultdict(list))
    for timeline in timelines:
        _add_scraped(families, timeline, last)
        _add_once_a_run(families, timeline)
    _add_fleet(families, timelines, last)
    _add_gateway(families, timelines, last)
    return "\n".join([*_lines(families), "# EOF\n"])


def write_blocks(end: float, directory: Path) -> None:
    """Write the two weeks before ``end`` into ``directory / "data"``, where a Prometheus finds them when it starts.

    Raises:
        ServiceMissing: promtool is not installed.
        subprocess.CalledProcessError: promtool refuses the text.
    """
    source = directory / "history.openmetrics"
    source.write_text(text(end), encoding="utf-8")
    # promtool reads the whole text once a block: by its default of two hours that is 168 times
    options = [f"--max-block-duration={DAYS * 24}h", "--quiet", str(source), str(directory / "data")]
    argv = [find_program("promtool"), "tsdb", "create-blocks-from", "openmetrics", *options]
    subprocess.run(argv, check=True, capture_output=True, timeout=PROMTOOL_SECONDS)
    source.unlink()


def _timeline(group: Group, last: int) -> Timeline:
    chance = random.Random(f"{group.repository} {group.branch} {group.project}")  # noqa: S311 - no secret
    times = list(_run_times(group, last, chance))
    state: State = {}
    pushes = []
    for number, at in enumerate(times):
        failed = group.last_run_fails and number == len(times) - 1
        progress = 1 - (last - at) / (DAYS * SECONDS_A_DAY)
        served = catalog.families(summary_of(group, at, progress, chance, failed=failed), only_run=failed)
        replaced = {metric.name for metric, _ in served}
        kept = {key: value for key, value in state.items() if failed and key[0] not in replaced}
        state = kept | {
            (metric.name, (*group.labels, ("gateway", GATEWAY), *zip(metric.labels, values, strict=True))): value
            for metric, samples in served
            for values, value in samples
        }
        pushes.append((at, state))
    return Timeline(group, pushes)


def _run_times(group: Group, last: int, chance: random.Random) -> Iterator[int]:
    """Yield the times of a group's runs: a few on a working day, hardly any at a weekend; each is scraped."""
    start = last - DAYS * SECONDS_A_DAY
    begin, stop = (round(start + day * SECONDS_A_DAY) for day in (group.first_day, group.last_day))
    before = begin + chance.randint(0, STEP)
    yield before
    for midnight in range(start // SECONDS_A_DAY * SECONDS_A_DAY, last, SECONDS_A_DAY):
        # 1970-01-01 was a Thursday
        weekday = (midnight // SECONDS_A_DAY + 3) % 7
        runs = chance.randint(0, 1) if weekday >= _WEEKEND else chance.randint(2, 5)
        for at in sorted(round(midnight + _HOUR * chance.uniform(*_OFFICE_HOURS)) for _ in range(runs)):
            if before + 2 * STEP < at < min(stop, last - _HOUR):
                before = at
                yield at


def _scrape_after(at: int, step: int = STEP) -> int:
    return -(-at // step) * step


def _add_scraped(families: Families, timeline: Timeline, last: int) -> None:
    ends = [_scrape_after(at) for at, _ in timeline.pushes[1:]] + [last + STEP]
    own = (*timeline.group.labels, ("gateway", GATEWAY))
    for (at, state), end in zip(timeline.pushes, ends, strict=True):
        times = {("push_time_seconds", own): at + 2.0, ("push_failure_time_seconds", own): 0.0}
        for (name, labels), value in (state | times).items():
            families[name][labels].append((_scrape_after(at), end, value))


def _add_once_a_run(families: Families, timeline: Timeline) -> None:
    """Add the series that recording rules give once a run, at the first evaluation after it."""
    recorded = {
        "ai_coding_run_duration_seconds": "ai_coding_run_completed_timestamp_seconds",
        "ai_coding_run_success": "ai_coding_run_completed_timestamp_seconds",
        "ai_coding_changed_lines": "ai_coding_run_last_success_timestamp_seconds",
    }
    before: State = {}
    own = (*timeline.group.labels, ("gateway", GATEWAY))
    for at, state in timeline.pushes:
        evaluated = _scrape_after(at, _MINUTE)
        for (name, labels), value in state.items():
            identity = (recorded.get(name, ""), own)
            if identity in state and state[identity] != before.get(identity):
                families[f"group:{name}:once"][labels].append((evaluated, evaluated + 1, value))
        before = state


def _add_fleet(families: Families, timelines: Iterable[Timeline], last: int) -> None:
    """Add the series of all repositories together, without pull requests, wherever one of them changes."""
    pushes = [
        (_scrape_after(at), place, state)
        for place, timeline in enumerate(timelines)
        if not timeline.group.is_pull_request
        for at, state in timeline.pushes
    ]
    starts = sorted({at for at, _, _ in pushes})
    held: dict[int, State] = {}
    for start, end in zip(starts, [*starts[1:], last + STEP], strict=True):
        held |= {place: state for at, place, state in pushes if at == start}
        for (name, labels), value in _fleet(held.values()).items():
            families[name][labels].append((start, end, value))


def _fleet(states: Iterable[State]) -> State:
    samples = [(name, dict(labels), value) for state in states for (name, labels), value in state.items()]

    def values(metric: str, **wanted: str) -> list[float]:
        return [
            value
            for name, labels, value in samples
            if name == f"ai_coding_{metric}" and wanted.items() <= labels.items()
        ]

    lines = {origin: sum(values("lines", origin=origin)) for origin in ("ai", "human", "untagged")}
    repositories = {labels["repository"] for _, labels, _ in samples}
    coverage: State = {
        ("fleet:ai_coding_coverage:ratio", (("kind", kind),)): sum(values("coverage_covered", kind=kind)) / coverable
        for kind in ("line", "branch")
        if (coverable := sum(values("coverage_coverable", kind=kind)))
    }
    return coverage | {
        ("fleet:ai_coding_ai_share:ratio", ()): lines["ai"] / sum(lines.values()),
        ("fleet:ai_coding_quality_score:median", ()): statistics.median(values("quality_score", component="overall")),
        ("fleet:ai_coding_repositories:count", ()): len(repositories),
    }


def _add_gateway(families: Families, timelines: Iterable[Timeline], last: int) -> None:
    """Add what the gateway tells of itself: that it is up, how long pushes took, how many groups it holds."""
    start = last - DAYS * SECONDS_A_DAY
    target = (("instance", "pushgateway:9091"), ("job", "pushgateway"), ("gateway", GATEWAY))
    families["up"][target].append((start, last + STEP, 1))
    chance = random.Random(GATEWAY)  # noqa: S311 - no secret
    firsts = [_scrape_after(timeline.pushes[0][0]) for timeline in timelines]
    typical = dict.fromkeys(("post", "put"), _PUSH_SECONDS)
    for hour in range(start, last + STEP, _HOUR):
        end = min(hour + _HOUR, last + STEP)
        groups = sum(first <= hour for first in firsts)
        if groups:
            families["gateway:push_groups:count"][("gateway", GATEWAY),].append((hour, end, groups))
        for method in typical:
            typical[method] = 0.9 * typical[method] + 0.1 * chance.uniform(0.5, 2) * _PUSH_SECONDS
            for quantile, factor in {"0.1": 0.5, "0.5": 1.0, "0.9": 1.9, "0.99": 2.6}.items():
                labels = (*target, ("method", method), ("quantile", quantile))
                families["pushgateway_http_push_duration_seconds"][labels].append((hour, end, typical[method] * factor))


def _lines(families: Families) -> Iterator[str]:
    """Yield the lines of the text: all samples of a family together, as OpenMetrics wants it."""
    for name, series in families.items():
        # what a value is called matters to nobody here; as unknown it may have any label
        yield f"# TYPE {name} unknown"
        for labels, spans in series.items():
            inside = ",".join(f'{label}="{_escaped(value)}"' for label, value in labels)
            for start, end, value in spans:
                sample = f"{name}{{{inside}}} {float(value)!r} "
                yield from (f"{sample}{at}" for at in range(start, end, STEP))


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
