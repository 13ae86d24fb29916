"""Groups of a Pushgateway as its API would list them, and real ones that are pushed to break it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from ai_code_metrics.gateway_groups import Family, Group, Held, Sample
from ai_code_metrics.measure.catalog import CATALOG, families
from support.summaries import summary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ai_code_metrics import model

JOB: Final = "ai-code-metrics"
GATEWAY: Final = "http://localhost:9091"
NOW: Final = 1_767_355_200.0  # a day after the summaries were measured
DAY: Final = 86_400.0
_LOOPBACK = build_opener(ProxyHandler({}))


def key(repository: str = "octo/shop", branch: str = "main", **more: str) -> dict[str, str]:
    """The labels of a group of ours."""
    return {"job": JOB, "repository": repository, "branch": branch, **more}


def group(
    labels: dict[str, str] | None = None,
    *,
    days: float = 1,
    failed_days: float | None = None,
    of: model.Summary | None = None,
    metrics: Sequence[Family] | None = None,
) -> Group:
    """A group that was pushed ``days`` before NOW, 0 for never: with the metrics of a summary, or with ``metrics``."""
    return Group(
        labels=key() if labels is None else labels,
        pushed_at=NOW - days * DAY if days else 0.0,
        failed_at=0.0 if failed_days is None else NOW - failed_days * DAY,
        families={each.name: each for each in (summary_metrics(of or summary()) if metrics is None else metrics)}
        if days
        else {},
    )


def held(labels: dict[str, str] | None = None, *, gateway: str = GATEWAY, **fields: Any) -> Held:
    """The same, with the gateway that holds it."""
    return Held(gateway, group(labels, **fields))


def summary_metrics(of: model.Summary) -> list[Family]:
    """The metrics of a summary as a gateway lists them."""
    return [
        family(metric.name, *((dict(zip(metric.labels, at, strict=True)), value) for at, value in samples))
        for metric, samples in families(of)
    ]


def family(name: str, *samples: tuple[dict[str, str], float], text: str = "", kind: str = "GAUGE") -> Family:
    """One metric, by default with the help of the catalog."""
    help_text = text or next((metric.help for metric in CATALOG if metric.name == name), "Somebody's metric.")
    return Family(name, kind, help_text, tuple(Sample(labels, value) for labels, value in samples))


def push_raw(url: str, path: str, body: str) -> int:
    """PUT an exposition below ``/metrics/`` as anybody might, and return the status."""
    request = Request(f"{url}/metrics/{path}", data=body.encode("utf-8"), method="PUT")  # noqa: S310 - loopback
    try:
        with _LOOPBACK.open(request, timeout=10) as answer:
            status: int = answer.status
            return status
    except HTTPError as error:
        with error:
            return error.code


def poison(url: str) -> None:
    """Break a gateway for everybody, as a push with an empty label does."""
    assert push_raw(url, "job/ok2", "x 1\n") == 200
    assert push_raw(url, "job/ok2/instance@base64/=", "x 1\n") == 400
    assert push_raw(url, "job/other", "y 1\n") == 400
