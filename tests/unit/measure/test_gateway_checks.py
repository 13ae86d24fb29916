from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.gateway_state import GatewayState, Seen
from ai_code_metrics.measure.gateway_checks import CHECKS
from ai_code_metrics.measure.gateway_diagnosis import Diagnosis, View, diagnose
from support.groups import GATEWAY, JOB, NOW, family, group, key

if TYPE_CHECKING:
    from ai_code_metrics.gateway_groups import Family, Group

OTHER_JOB = {"job": "backup", "instance": "db-1"}
BROKEN = Seen(500, "answered 500: was collected before with the same name and label values")
ELSEWHERE = "http://b:9091"


def examine(*groups: Group, others: tuple[Group, ...] = (), healed: bool = False, **state: Any) -> list[Diagnosis]:
    """What is found at a gateway with these groups, beside a second one to which all of octo/moved belongs."""
    states = {
        GATEWAY: GatewayState(GATEWAY, version="1.5.1", groups=groups, **state),
        ELSEWHERE: GatewayState(ELSEWHERE, version="1.5.1", groups=others),
    }

    def home(of: Group) -> str:
        return ELSEWHERE if of.labels["repository"] == "octo/moved" else GATEWAY

    view = View(JOB, NOW, home, states, frozenset({GATEWAY} if healed else ()))
    return [found for found in diagnose(view, CHECKS) if found.gateway == GATEWAY]


def found(*groups: Group, **state: Any) -> dict[str, tuple[str, str | None, int]]:
    """By code severity, remedy and number of groups, without what is only worth knowing."""
    return {
        diagnosis.code: (diagnosis.severity, diagnosis.remedy, len(diagnosis.groups))
        for diagnosis in examine(*groups, **state)
        if diagnosis.severity != "info"
    }


def info(schema: str = "1", tool: str = "0.1.0") -> Family:
    labels = {"tool_version": tool, "schema_version": schema, "event": "push"}
    return family("ai_coding_run_info", (labels, 1))


@pytest.mark.parametrize(
    ("state", "code", "severity"),
    [
        ({"healthy": Seen(0, "could not be reached")}, "unreachable", "error"),
        ({"api": Seen(401, "answered 401"), "healthy": Seen(401, "answered 401")}, "refused", "error"),
        ({"api": Seen(404, "answered 404")}, "too-old", "error"),
        ({"api": Seen(404, "answered 404"), "healthy": Seen(404, "answered 404")}, "not-a-pushgateway", "error"),
        ({"api": Seen(reason="something else")}, "not-a-pushgateway", "error"),
        ({"healthy": Seen(500, "answered 500")}, "unhealthy", "error"),
        ({"ready": Seen(503, "answered 503")}, "not-ready", "warning"),
        ({"metrics": BROKEN}, "broken-metrics", "error"),
        ({"metrics": Seen(size=10_000_001)}, "large-exposition", "warning"),
        ({"is_open": True}, "open-to-all", "warning"),
        ({"keeps_groups": False}, "import-endpoint", "info"),
    ],
)
def test_the_gateway_itself(state: dict[str, Any], code: str, severity: str) -> None:
    """How its endpoints answer is one finding, which says what to do."""
    (diagnosis,) = [each for each in examine(**state) if each.code != "holds"]
    assert (diagnosis.code, diagnosis.severity, diagnosis.remedy) == (code, severity, None)
    assert diagnosis.advice


def test_a_gateway_that_is_well() -> None:
    """Nothing is amiss, and what it holds is told."""
    (diagnosis,) = examine(group(), group(OTHER_JOB, metrics=[family("backup_seconds", ({}, 1))]))
    assert diagnosis.code == "holds"
    assert diagnosis.text == "Pushgateway 1.5.1: 1 of 2 groups are ours, 75 series, /metrics has 0 bytes"


EMPTY = {"job": "ok2", "instance": ""}


@pytest.mark.parametrize(
    ("groups", "metrics", "expected"),
    [
        ([group(EMPTY, days=0)], BROKEN, {"poisonous": ("error", "delete", 1)}),
        ([group(EMPTY, days=0)], Seen(), {"poisonous": ("warning", "delete", 1)}),
        ([group(EMPTY)], BROKEN, {"poisonous": ("error", "delete", 1)}),
        ([group(EMPTY)], Seen(), {"empty-label": ("warning", None, 1)}),
        (
            [group(EMPTY, days=0), group(key(branch=""))],
            BROKEN,
            {"poisonous": ("error", "delete", 1), "empty-label": ("warning", None, 1)},
        ),
        ([group(OTHER_JOB, metrics=[])], Seen(), {}),
    ],
)
def test_poison(groups: list[Group], metrics: Seen, expected: dict[str, Any]) -> None:
    """What breaks the gateway goes, whoever pushed it; a group with figures only where it must be the cause."""
    assert found(*groups, metrics=metrics) == expected


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (group(days=0, failed_days=1), {"zombie": ("error", "delete", 1)}),
        (group(OTHER_JOB, days=0, failed_days=1), {"zombie-of-others": ("warning", None, 1)}),
        (group(key() | {"job": "other"}, days=0), {"zombie-of-others": ("warning", None, 1)}),
        (group(failed_days=0.5), {"rejected": ("warning", None, 1)}),
        (group(failed_days=2), {}),
        (group(OTHER_JOB, failed_days=0.5, metrics=[]), {"rejected-of-others": ("warning", None, 1)}),
        (group(days=31), {"stale": ("warning", None, 1)}),
        (group(days=29), {}),
        (group(OTHER_JOB, days=99, metrics=[]), {}),
        (group(metrics=[info("2")]), {"other-schema": ("warning", None, 1)}),
        (
            group(metrics=[family("x", *(({"n": str(n)}, 1.0) for n in range(128)))]),
            {"many-series": ("warning", None, 1)},
        ),
        (group(metrics=[family("x", *(({"n": str(n)}, 1.0) for n in range(127)))]), {}),
    ],
)
def test_groups(of: Group, expected: dict[str, Any]) -> None:
    """Each trouble of a group has its own name, and only those of ours that hold nothing are deleted."""
    assert found(of) == expected


def test_what_was_rejected_while_poisoned_is_no_error_any_more() -> None:
    """After the poison is gone, the next run pushes again."""
    assert found(group(failed_days=0.5), healed=True) == {"rejected": ("warning", None, 1)}


@pytest.mark.parametrize(
    ("labels", "metrics", "expected"),
    [
        (key(), [family("ai_coding_lint_score", ({}, 1), text="Old.")], ("help-conflict", "push again")),
        (key(), [family("ai_coding_lint_score", ({}, 1), kind="UNTYPED")], ("help-conflict", "push again")),
        (key(), [info("2"), family("ai_coding_lint_score", ({}, 1), text="New.")], ("help-conflict-of-others", None)),
        (OTHER_JOB, [family("ai_coding_lint_score", ({}, 1), text="Old.")], ("help-conflict-of-others", None)),
    ],
)
def test_help_that_is_another(labels: dict[str, str], metrics: list[Family], expected: tuple[str, str | None]) -> None:
    """Ours of this schema are pushed again; those of a newer schema and of others are only told."""
    diagnosis = next(each for each in examine(group(), group(labels, metrics=metrics)) if "help" in each.code)
    assert (diagnosis.code, diagnosis.remedy) == expected
    assert diagnosis.text.endswith(": lint_score")
    assert [each.labels for each in diagnosis.groups] == [labels]


def test_help_of_others_that_contradict_each_other() -> None:
    """Metrics of no catalog are compared with each other."""
    one, two = (group({"job": job}, metrics=[family("y", ({}, 1), text=job)]) for job in "ab")
    assert found(one, two) == {"foreign-help-conflict": ("warning", None, 2)}
    assert found(one, group({"job": "c"}, metrics=[family("y", ({}, 1), text="a")])) == {}


def test_many_groups() -> None:
    """From 250 groups on it is told, and from 500 on that no new pull request is pushed."""
    (crowd,) = [each for each in examine(*[group(metrics=[])] * 250) if each.code == "many-groups"]
    assert crowd.text == "250 groups, and each makes every push slower; most are of octo/shop (250)"
    (crowd,) = [each for each in examine(*[group(metrics=[])] * 500) if each.code == "many-groups"]
    assert "from 500 on no new pull request is pushed" in crowd.text
    assert found(*[group(metrics=[])] * 249) == {}


def test_several_versions_of_the_tool() -> None:
    """They are told with how many groups each has."""
    groups = [group(metrics=[info(tool=tool)]) for tool in ("0.2.0", "0.1.0", "0.1.0")]
    assert [each.text for each in examine(*groups) if each.code == "tool-versions"] == [
        "several versions of the tool push: 0.1.0 (2), 0.2.0 (1)"
    ]


MOVED = key("octo/moved")


@pytest.mark.parametrize(
    ("others", "code", "remedy"),
    [
        ((), "misplaced", None),
        ((group(MOVED, days=2),), "misplaced", None),
        ((group(MOVED, days=0.5),), "duplicate", "delete"),
        ((group(MOVED),), "misplaced", None),  # one group, if a gateway has two names
        ((group(key("octo/moved", "other"), days=0.5),), "misplaced", None),
    ],
)
def test_a_group_on_the_wrong_gateway(others: tuple[Group, ...], code: str, remedy: str | None) -> None:
    """It goes only where its own gateway has the same group with a push that is not older."""
    assert found(group(MOVED), others=others) == {code: ("warning", remedy, 1)}


def test_a_gateway_that_cannot_be_read_has_nothing() -> None:
    """What belongs to a gateway that is down stays where it is."""
    states = {
        GATEWAY: GatewayState(GATEWAY, groups=(group(MOVED),)),
        ELSEWHERE: GatewayState(ELSEWHERE, healthy=Seen(0, "down")),
    }
    view = View(JOB, NOW, lambda _: ELSEWHERE, states)
    assert [(each.gateway, each.code) for each in diagnose(view, CHECKS) if each.severity != "info"] == [
        (GATEWAY, "misplaced"), (ELSEWHERE, "unreachable")
    ]  # fmt: skip


LABELS = st.dictionaries(
    st.sampled_from(["job", "repository", "branch", "project", "instance"]),
    st.sampled_from([JOB, "octo/shop", "octo/moved", "main", "", "x"]),
)
GROUPS = st.builds(
    group,
    LABELS | st.sampled_from([key(), MOVED]),
    days=st.sampled_from([0, 1, 40]),
    failed_days=st.none() | st.just(0.5),
)


@given(st.lists(GROUPS), st.lists(GROUPS), st.sampled_from([Seen(), BROKEN]))
def test_nothing_of_others_is_ever_touched(groups: list[Group], others: list[Group], metrics: Seen) -> None:
    """What is healed is ours or has an empty label; what is deleted holds nothing, breaks all, or is there twice."""
    for diagnosis in examine(*groups, others=tuple(others), metrics=metrics):
        for of in diagnosis.groups if diagnosis.remedy else ():
            assert of.is_poisonous or (of.is_ours and of.labels["job"] == JOB)
            if diagnosis.remedy == "delete":
                twice = any(each.labels == of.labels and each.pushed_at >= of.pushed_at for each in others)
                assert of.is_zombie or twice or (of.is_poisonous and not metrics.is_ok)


def test_errors_come_first() -> None:
    """Of one gateway errors are told before warnings, and what is only worth knowing comes last."""
    severities = [each.severity for each in examine(group(days=40), group(failed_days=0), is_open=True)]
    assert severities == sorted(severities, key=["error", "warning", "info"].index)
    assert replace(examine()[0], text="").severity == "info"
