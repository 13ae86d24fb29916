"""Coverage read back from a Pushgateway: a real one, and answers of all kinds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ai_code_metrics import model
from ai_code_metrics.errors import PublishFailed
from ai_code_metrics.publish.gateway_query import GroupCoverage, read_coverage
from ai_code_metrics.publish.push_target import PushTarget
from ai_code_metrics.publish.pushgateway import push
from support.hostile_server import Answer, hostile_server
from support.services import free_port, pushgateway
from support.summaries import context, push_context, summary

if TYPE_CHECKING:
    from pathlib import Path

JOB = "ai-code-metrics"
KEY = {"repository": "octo/shop", "branch": "main"}


@pytest.mark.pushgateway
def test_what_was_pushed_is_read_back(tmp_path: Path) -> None:
    """The counts of the group that is asked for and the time of its commit; another branch's group is another."""
    with pushgateway(tmp_path) as gateway:
        target = PushTarget(gateway.url, JOB)
        assert read_coverage(target, KEY) is None
        push(summary(context=push_context(head_committed_at=1_700_000_000)), target, KEY)
        other = summary(context=context(), coverage=model.Unavailable(reason="no tests"))
        push(other, target, {**KEY, "branch": "a/b"})
        assert read_coverage(target, KEY) == GroupCoverage(812, 950, 210, 260, 1_700_000_000)
        assert read_coverage(target, {**KEY, "branch": "a/b"}) is None
        assert read_coverage(PushTarget(gateway.url, "other"), KEY) is None


def group(**samples: Any) -> dict[str, Any]:
    return {"labels": {"job": JOB, **KEY}, **samples}


def kinds(**values: Any) -> dict[str, Any]:
    return {"metrics": [{"labels": {"kind": kind}, "value": value} for kind, value in values.items()]}


COVERED, COVERABLE = "ai_coding_coverage_covered", "ai_coding_coverage_coverable"


@pytest.mark.parametrize(
    "body",
    [
        b"<html>Please log in</html>",
        b"[]",
        b"{}",
        b'{"data": [7]}',
        b"[" * 100_000,
        json.dumps({"data": [group(**{COVERED: kinds(line="9"), COVERABLE: kinds(line="8")})]}).encode(),
        json.dumps({"data": [group(**{COVERED: kinds(line="NaN"), COVERABLE: kinds(line="8")})]}).encode(),
        json.dumps({"data": [group(**{COVERED: kinds(line="+Inf"), COVERABLE: kinds(line="8")})]}).encode(),
        json.dumps({"data": [group(**{COVERED: 7, COVERABLE: kinds(line="8")})]}).encode(),
    ],
)
def test_another_answer_is_told_as_such(body: bytes) -> None:
    """A proxy's page, or figures that can't be, are no coverage and no crash."""
    with hostile_server(Answer(200, body)) as server, pytest.raises(PublishFailed, match="check pushgateway-url"):
        read_coverage(PushTarget(server.url, JOB), KEY)


def test_nobody_listens() -> None:
    """The reason is the system's, before the deadline."""
    with pytest.raises(PublishFailed, match="could not be reached"):
        read_coverage(PushTarget(f"http://127.0.0.1:{free_port()}", JOB), KEY, deadline=1.0)
