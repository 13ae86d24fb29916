from __future__ import annotations

import io
import json
import math
from typing import TYPE_CHECKING

import msgspec
import pytest
from rich.console import Console

from ai_code_metrics.report.group_table import age, group_rows, named, print_groups
from support.groups import DAY, JOB, NOW, family, group, held, key
from support.summaries import HOSTILE_NAME, hostile_summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_code_metrics.gateway_groups import Held
    from support.gold import Gold

OTHER = {"job": "backup", "instance": "db-1"}


def printed(groups: Sequence[Held], width: int = 2_000) -> str:
    stream = io.StringIO()
    print_groups(groups, Console(file=stream, width=width), NOW)
    return stream.getvalue()


def test_the_table(gold: Gold) -> None:
    """Groups are in order, whatever became of them; what they don't have is told as not available."""
    groups = [
        held(key(branch="pr-7"), days=40, failed_days=39),
        held(),
        held(key("octo/cart", project="api"), days=0.1, metrics=[family("ai_coding_lint_score", ({}, 9))]),
        held(key(branch="gone"), days=0, failed_days=2),
        held(key(branch=""), days=0),
    ]
    gold.check("groups.txt", printed(groups))


def test_a_column_only_where_it_tells_something(gold: Gold) -> None:
    """Gateways, jobs and labels of others have columns where there are several or any."""
    quantile = family("backup_seconds", ({"kind": "full"}, 3.5))
    gold.check("groups-of-all.txt", printed([held(gateway="http://b:9091"), held(OTHER, metrics=[quantile])]))


def test_hostile_text_drives_no_terminal() -> None:
    """Names that anybody may push stay on their line, without control characters and markup."""
    text = printed([held(key("octo/[red]shop", HOSTILE_NAME), of=hostile_summary()), held(key("x" * 5_000))])
    assert len(text.splitlines()) == 4
    assert "octo/[red]shop" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "x" * 201 not in text


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 1e308, -1.0])
def test_impossible_figures_are_shown(value: float) -> None:
    """A figure that can't be is no crash, in the table and in JSON."""
    names = ("ai_coding_run_last_success_timestamp_seconds", "ai_coding_lint_score")
    metrics = [family(name, ({}, value)) for name in names]
    metrics.append(family("ai_coding_coverage_ratio", ({"kind": "line"}, value)))
    groups = [held(metrics=metrics)]
    assert printed(groups)
    json.loads(msgspec.json.encode(group_rows(groups)), parse_constant=pytest.fail)


def test_json_is_exact() -> None:
    """Labels, times and values are those of the gateway; what is no number in JSON is a text."""
    name = "ai_coding_ai_share_ratio"
    of = family(name, ({"view": "changed"}, 0.1), ({"view": HOSTILE_NAME}, math.inf))
    (row,) = group_rows([held(key(branch=".."), failed_days=0.5, metrics=[of])])
    assert row == {
        "gateway": "http://localhost:9091",
        "labels": {"job": JOB, "repository": "octo/shop", "branch": ".."},
        "pushed_at": NOW - DAY,
        "failed_at": NOW - DAY / 2,
        "state": "rejected",
        "metrics": {
            name: [
                {"labels": {"view": "changed"}, "value": 0.1},
                {"labels": {"view": HOSTILE_NAME}, "value": "+Inf"},
            ]
        },
    }


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3_600, "1 h"),
        (86_399, "23 h"),
        (86_400 * 2_000, "2,000 d"),
        (-9, "0 s"),
    ],
)
def test_an_age_is_in_its_largest_unit(seconds: float, text: str) -> None:
    """Ages are whole numbers of one unit; what lies in the future has just been."""
    assert age(NOW - seconds, NOW) == text


@pytest.mark.parametrize("moment", [None, 0.0, math.nan, math.inf])
def test_what_never_was(moment: float | None) -> None:
    """No moment has no age."""
    assert age(moment, NOW) == "never"


def test_a_group_is_named_by_what_tells_it_apart() -> None:
    """Ours by repository, branch and project; another by all its labels."""
    assert named(group(key(project="api"))) == "octo/shop main (api)"
    assert named(group(key(branch=""))) == "octo/shop ''"
    assert named(group(OTHER)) == "instance='db-1', job='backup'"
