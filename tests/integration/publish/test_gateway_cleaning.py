"""Deleting groups of gateways that refuse, forget, or take their time."""

from __future__ import annotations

import json

from ai_code_metrics.publish.gateway_cleaning import delete_groups
from ai_code_metrics.publish.push_target import PushTarget
from support.groups import JOB, group, key
from support.hostile_server import Answer, hostile_server

OURS = group(key(), days=0)


def listing(*labels: dict[str, str], pushed: str = "0") -> Answer:
    time = {"metrics": [{"value": pushed}]}
    return Answer(200, json.dumps({"data": [{"labels": each, "push_time_seconds": time} for each in labels]}).encode())


def test_it_waits_until_the_group_is_gone() -> None:
    """A deletion is only queued: the gateway is looked at again and again until it is done."""
    with hostile_server(Answer(202), listing(key()), listing(key()), listing()) as server:
        cleaning = delete_groups(PushTarget(server.url, JOB), [OURS], sleep=lambda _: None)
        assert len(server.received) == 4
    assert (cleaning.deleted, cleaning.failures) == ((OURS,), ())


def test_a_group_that_was_pushed_anew_is_another() -> None:
    """A job may push again right after the deletion."""
    with hostile_server(Answer(202), listing(key(), pushed="7")) as server:
        cleaning = delete_groups(PushTarget(server.url, JOB), [OURS])
    assert (cleaning.deleted, cleaning.failures) == ((OURS,), ())


def test_a_group_that_stays_is_told() -> None:
    """At the deadline a group that is still there is a failure."""
    now = iter(range(100))
    with hostile_server(Answer(202), listing(key())) as server:
        target = PushTarget(server.url, JOB)
        cleaning = delete_groups(target, [OURS], deadline=5, clock=lambda: float(next(now)), sleep=lambda _: None)
    assert (cleaning.deleted, cleaning.failures) == ((), (f"Pushgateway {server.url} still has 1 of them",))


def test_a_gateway_that_refuses_is_not_asked_for_all() -> None:
    """After three refusals the rest is not tried, and told."""
    with hostile_server(Answer(403, b"no")) as server:
        cleaning = delete_groups(PushTarget(server.url, JOB), [OURS] * 10)
        assert len(server.received) == 3
    assert cleaning.deleted == ()
    assert [text.rpartition(" ")[2] for text in cleaning.failures[:3]] == ["push)"] * 3
    assert cleaning.failures[3] == "7 more were not tried"


def test_a_gateway_that_cannot_be_read_afterwards() -> None:
    """Where nobody can say whether the groups are gone, none counts as deleted."""
    with hostile_server(Answer(202), Answer(200, b"<html>")) as server:
        cleaning = delete_groups(PushTarget(server.url, JOB), [OURS])
    assert cleaning.deleted == ()
    assert cleaning.failures[0].startswith("it can't be told whether they are gone: ")
