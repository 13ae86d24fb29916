"""Pushes a summary to its group on a Pushgateway: a success replaces the group, a failure only the run's metrics."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from urllib.request import OpenerDirector, Request

from prometheus_client import push_to_gateway, pushadd_to_gateway

from ai_code_metrics.measure.catalog import run_succeeded
from ai_code_metrics.publish.gateway_http import DEADLINE_SECONDS, Exchange
from ai_code_metrics.publish.grouping import group_url
from ai_code_metrics.report.prometheus_text import registry

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ai_code_metrics.model import Summary
    from ai_code_metrics.publish.push_target import PushTarget


def push(
    summary: Summary,
    target: PushTarget,
    grouping: Mapping[str, str],
    *,
    opener: OpenerDirector | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    deadline: float = DEADLINE_SECONDS,
) -> None:
    """Push the summary's metrics to its group.

    A run that measured something replaces the group (PUT). A run that measured nothing replaces only the metrics of
    the run (POST), so that the last good values stay. Connection errors, 429 and 5xx are tried again, up to
    five attempts in all and not beyond the deadline; whatever else the server says is final.

    Args:
        summary: what was measured.
        target: the Pushgateway.
        grouping: the labels of the group beside ``job``, from
            :func:`~ai_code_metrics.publish.grouping.grouping_key`.
        opener: opens the requests; default :func:`~ai_code_metrics.publish.gateway_http.direct_opener`.
        clock: monotonic seconds.
        sleep: waits that many seconds.
        deadline: seconds for everything together: name look-up, all attempts, all pauses.

    Raises:
        PublishFailed: the server refused or could not be reached; the text holds its reason.
        UsageError: the grouping key can't be used.
        InvalidSummary: the summary holds a date that doesn't exist.
    """
    group = group_url(target.url, target.job, grouping)
    exchange = Exchange.within(deadline, target, opener=opener, clock=clock, sleep=sleep)

    def handler(
        url: str,  # noqa: ARG001 - prometheus_client's URL has the values as plain path segments
        method: str,
        timeout: float | None,  # noqa: ARG001 - per socket operation, where the deadline is for all
        headers: list[tuple[str, str]],
        data: bytes,
    ) -> Callable[[], None]:
        # VictoriaMetrics adds to what it has whatever the method is
        method = method if target.keeps_groups else "POST"
        request = Request(group, data=data, headers=dict(headers), method=method)  # noqa: S310 - the scheme is checked
        return lambda: exchange.run(request)

    if run_succeeded(summary):
        push_to_gateway(target.url, target.job, registry(summary), handler=handler)
    else:
        pushadd_to_gateway(target.url, target.job, registry(summary, only_run=True), handler=handler)
