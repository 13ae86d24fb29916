from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Final

import pytest

from ai_code_metrics.measure.catalog import CATALOG
from support import monitoring_history

if TYPE_CHECKING:
    from collections.abc import Iterator

END: Final = 1_767_225_600.0
DAY: Final = 86_400
SAMPLE: Final = re.compile(r"(?P<name>[a-z:_]+)\{(?P<labels>[^}]*)\} (?P<value>\S+) (?P<at>\d+)")


@pytest.fixture(scope="module")
def history() -> str:
    return monitoring_history.text(END)


@pytest.fixture(scope="module")
def samples(history: str) -> list[re.Match[str]]:
    return list(SAMPLE.finditer(history))


def values(samples: list[re.Match[str]], name: str, *labels: str) -> Iterator[tuple[int, float]]:
    """Yield time and value of the samples of a metric that have all the labels."""
    for sample in samples:
        if sample["name"] == name and all(label in sample["labels"].split(",") for label in labels):
            yield int(sample["at"]), float(sample["value"])


def test_the_same_end_gives_the_same_text(history: str) -> None:
    """The history is drawn by lot, but always in the same way."""
    assert monitoring_history.text(END) == history


def test_it_is_openmetrics(history: str) -> None:
    """Every line is a sample or the type of a family, no family comes twice, and the end is marked."""
    lines = history.splitlines()
    types = [line for line in lines if line.startswith("# TYPE ")]
    assert len(set(types)) == len(types)
    assert history.endswith("\n# EOF\n")
    assert len(lines) == len(types) + sum(1 for _ in SAMPLE.finditer(history)) + 1
    assert all(sample.split("{")[0] in types_before for sample, types_before in _families(lines))


def _families(lines: list[str]) -> Iterator[tuple[str, str]]:
    declared = ""
    for line in lines[:-1]:
        if line.startswith("#"):
            declared = line.split()[2]
        else:
            yield line, declared


def test_it_lasts_two_weeks(samples: list[re.Match[str]]) -> None:
    """The samples end where the history ends, and begin two weeks before."""
    times = [int(sample["at"]) for sample in samples]
    assert max(times) == END
    assert END - 14 * DAY <= min(times) < END - 14 * DAY + 600


def test_every_metric_of_the_catalog_is_there(samples: list[re.Match[str]]) -> None:
    """No dashboard query stays empty because the history has nothing to show."""
    assert {metric.name for metric in CATALOG} <= {sample["name"] for sample in samples}


def test_a_run_is_recorded_once(samples: list[re.Match[str]]) -> None:
    """There is one recorded success a run, and one of the failed run, whose lines don't count again."""
    worker = 'project="worker"'
    completed = {value for _, value in values(samples, "ai_coding_run_completed_timestamp_seconds", worker)}
    successes = [value for _, value in values(samples, "group:ai_coding_run_success:once", worker)]
    lines = list(values(samples, "group:ai_coding_changed_lines:once", worker, 'origin="ai"'))
    assert len(successes) == len(completed) == len(lines) + 1
    assert successes == [1.0] * (len(completed) - 1) + [0.0]


def test_a_stale_group_is_still_scraped(samples: list[re.Match[str]]) -> None:
    """The repository that stopped pushing keeps its last values until the end, like on a gateway."""
    pushed = list(values(samples, "push_time_seconds", 'repository="lab/notebooks"'))
    assert pushed[-1][0] == END
    assert pushed[-1][1] < END - 5 * DAY


def test_fleet_figures_leave_the_pull_request_out(samples: list[re.Match[str]]) -> None:
    """The pull request has nearly nothing covered, and the coverage of the fleet doesn't fall by it."""
    assert max(value for _, value in values(samples, "ai_coding_coverage_ratio", 'branch="pr-7"')) < 0.35
    fleet = [value for _, value in values(samples, "fleet:ai_coding_coverage:ratio", 'kind="line"')]
    assert all(abs(after - before) < 0.05 for before, after in itertools.pairwise(fleet[300:]))
    assert {value for _, value in values(samples, "fleet:ai_coding_repositories:count")} <= {1, 2, 3}


def test_scores_and_gates_change(samples: list[re.Match[str]]) -> None:
    """One gate passes at first and fails in the end, and the other way round elsewhere."""
    gate = 'gate="coverage.percent >= 80"'
    api = [value for _, value in values(samples, "ai_coding_gate_passed", 'project="api"', gate)]
    main_of_shop = ('repository="octo/shop"', 'branch="main"', gate)
    shop = [value for _, value in values(samples, "ai_coding_gate_passed", *main_of_shop)]
    assert (api[0], api[-1]) == (1, 0)
    assert 0 in shop[:1000]
    assert shop[-1] == 1
