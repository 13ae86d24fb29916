from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.gateway_groups import parse_groups

KEY = {"job": "ai-code-metrics", "repository": "octo/shop", "branch": "main"}


def entry(
    labels: dict[str, str] | None = None, pushed: str = "1.7e+09", failed: str = "0", **more: Any
) -> dict[str, Any]:
    """One group as the API lists it; ``more`` is further families by name."""
    return {
        "labels": KEY if labels is None else labels,
        "last_push_successful": True,
        "push_time_seconds": {"type": "GAUGE", "metrics": [{"labels": {}, "value": pushed}]},
        "push_failure_time_seconds": {"type": "GAUGE", "metrics": [{"labels": {}, "value": failed}]},
        **more,
    }


def family(*samples: dict[str, Any]) -> dict[str, Any]:
    return {"type": "GAUGE", "help": "Tests.", "metrics": list(samples)}


def parsed(*entries: Any) -> Any:
    return parse_groups(json.dumps({"status": "success", "data": entries}).encode())


def test_samples_lose_the_labels_of_the_key() -> None:
    """A value is found by the labels that it has beside the key and the instance that the gateway adds."""
    labels = {**KEY, "instance": "", "kind": "line"}
    (group,) = parsed(entry(ai_coding_x=family({"labels": labels, "value": "3.5"})))
    assert group.labels == KEY
    assert group.value("ai_coding_x", kind="line") == 3.5
    assert group.value("ai_coding_x") is None
    assert group.value("ai_coding_y") is None
    assert (group.series, group.families["ai_coding_x"].help) == (1, "Tests.")


def test_what_is_no_single_value_is_left_out() -> None:
    """A summary of somebody else's has no value of its own, and no effect."""
    quantiles = {"labels": {**KEY}, "quantiles": {"0.5": "1"}, "count": "2", "sum": "3"}
    (group,) = parsed(entry(theirs=family(quantiles)))
    assert group.families["theirs"].samples == ()


@pytest.mark.parametrize(
    ("times", "zombie", "rejected"),
    [(("1.7e+09", "0"), False, False), (("0", "1.7e+09"), True, True), (("1.7e+09", "1.8e+09"), False, True)],
)
def test_times_tell_what_became_of_the_pushes(times: tuple[str, str], *, zombie: bool, rejected: bool) -> None:
    """A group without a push that was taken is a zombie; one whose last push was rejected is told."""
    (group,) = parsed(entry(None, *times))
    assert (group.is_zombie, group.is_rejected) == (zombie, rejected)


@pytest.mark.parametrize(
    ("labels", "poisonous", "ours"),
    [
        (KEY, False, True),
        ({**KEY, "project": "api"}, False, True),
        ({**KEY, "instance": ""}, True, False),
        ({**KEY, "branch": ""}, True, True),
        ({"job": "backup"}, False, False),
        ({**KEY, "shard": "1"}, False, False),
    ],
)
def test_keys_are_told_apart(labels: dict[str, str], *, poisonous: bool, ours: bool) -> None:
    """A key with an empty value or an instance is poisonous; ours has repository and branch, and maybe a project."""
    (group,) = parsed(entry(labels))
    assert (group.is_poisonous, group.is_ours) == (poisonous, ours)


@given(
    st.binary(max_size=200)
    | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(lambda v: json.dumps(v).encode())
)
def test_any_other_answer_is_a_value_error(content: bytes) -> None:
    """Whatever a server answers that is no list of groups, it is told and nothing crashes."""
    with pytest.raises(ValueError, match="no answer of a Pushgateway"):
        parse_groups(content)
