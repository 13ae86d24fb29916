"""Pushes metrics of a group again under the catalog's HELP and TYPE, so that all groups of a gateway say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.request import Request

from prometheus_client import CONTENT_TYPE_LATEST, Metric, generate_latest

from ai_code_metrics.measure.gateway_checks import HELP, conflicting
from ai_code_metrics.publish.gateway_http import DEADLINE_SECONDS, Exchange, direct_opener
from ai_code_metrics.publish.gateway_query import read_groups
from ai_code_metrics.publish.grouping import group_url
from ai_code_metrics.report.prometheus_text import registry_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_code_metrics.gateway_groups import Group
    from ai_code_metrics.publish.push_target import PushTarget

_UNKNOWN: Final = frozenset({"SUMMARY", "HISTOGRAM", "GAUGE_HISTOGRAM"})


def push_again(target: PushTarget, groups: Sequence[Group], *, deadline: float = DEADLINE_SECONDS) -> tuple[Group, ...]:
    """Push what the catalog describes otherwise, with the values that are there now; everything else stays.

    The time of the last push becomes that of now. A metric that has no single values is left as it is.

    Args:
        target: the Pushgateway.
        groups: those with such metrics; what they hold is read again, because a job may have pushed since.
        deadline: seconds for the reading, and for each push.

    Returns:
        The groups that were pushed.

    Raises:
        PublishFailed: the gateway refused or could not be reached.
        UsageError: the target's ``ca_file`` can't be used.
    """
    opener = direct_opener(target.ca_file)
    keys = [group.labels for group in groups]
    current = [group for group in read_groups(target, opener=opener, deadline=deadline) if group.labels in keys]
    pushed = []
    for group in current:
        content = exposition(group)
        if content:
            grouping = {label: value for label, value in group.labels.items() if label != "job"}
            # POST replaces metrics of the same name, and no other
            url, headers = group_url(target.url, group.labels["job"], grouping), {"Content-Type": CONTENT_TYPE_LATEST}
            request = Request(url, data=content, headers=headers, method="POST")  # noqa: S310 - the target has checked it
            Exchange.within(deadline, target, opener=opener).run(request)
            pushed.append(group)
    return tuple(pushed)


def exposition(group: Group) -> bytes:
    """Return those metrics of a group that the catalog describes otherwise, as it does; empty where there are none."""
    metrics = []
    for family in conflicting(group):
        if family.type not in _UNKNOWN and family.samples:
            metric = Metric(family.name, HELP[family.name], "gauge")
            for sample in family.samples:
                metric.add_sample(family.name, dict(sample.labels), sample.value)
            metrics.append(metric)
    return generate_latest(registry_of(metrics)) if metrics else b""
