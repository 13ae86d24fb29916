"""Looks at a Pushgateway as a job, as Prometheus, and as a stranger would; changes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ai_code_metrics.errors import GatewayRefused, PublishFailed
from ai_code_metrics.gateway_state import GatewayState, Seen
from ai_code_metrics.publish.gateway_http import fetch
from ai_code_metrics.publish.gateway_query import MAX_BYTES, read_groups

if TYPE_CHECKING:
    from ai_code_metrics.publish.push_target import PushTarget

PROBE_SECONDS: Final = 15.0
_ATTEMPTS: Final = 2
_MAX_STATUS_BYTES: Final = 1_000_000


def probe(target: PushTarget, *, deadline: float = PROBE_SECONDS) -> GatewayState:
    """Return what a look at a gateway finds; what goes wrong is part of it.

    Args:
        target: the gateway.
        deadline: seconds for each of the six requests.

    Raises:
        UsageError: the target's ``ca_file`` can't be used.
    """
    if not target.keeps_groups:
        return GatewayState(target.url, keeps_groups=False)
    healthy, _ = _look(target, "/-/healthy", deadline)
    if not healthy.status:
        return GatewayState(target.url, healthy=healthy)
    ready, _ = _look(target, "/-/ready", deadline)
    api, content = _look(target, "/api/v1/status", deadline)
    state = GatewayState(target.url, healthy=healthy, ready=ready, api=api)
    if not api.is_ok:
        return state
    version = _version(content)
    if version is None:
        return replace(state, api=Seen(reason="it answers with something else than a Pushgateway's API does"))
    try:
        groups = tuple(read_groups(target, deadline=deadline))
    except PublishFailed as error:
        return replace(state, api=_failed(error), version=version)
    metrics, _ = _look(target, "/metrics", deadline)
    return replace(state, version=version, groups=groups, metrics=metrics, is_open=_is_open(target, deadline))


def _look(target: PushTarget, path: str, deadline: float) -> tuple[Seen, bytes]:
    limit = MAX_BYTES if path == "/metrics" else _MAX_STATUS_BYTES
    try:
        content = fetch(target, path, limit=limit, deadline=deadline, attempts=_ATTEMPTS)
    except PublishFailed as error:
        return _failed(error), b""
    return Seen(size=len(content)), content


def _failed(error: PublishFailed) -> Seen:
    return Seen(error.status if isinstance(error, GatewayRefused) else 0, str(error))


def _is_open(target: PushTarget, deadline: float) -> bool:
    stranger = replace(target, username="", password="", token="")
    seen, content = _look(stranger, "/api/v1/status", deadline)
    return seen.is_ok and _version(content) is not None


def _version(content: bytes) -> str | None:
    """Return the version that ``/api/v1/status`` tells, empty where it tells none; None where it's another answer."""
    try:
        data: Any = msgspec.json.decode(content)["data"]
        return str(data["build_information"].get("version", ""))
    except (LookupError, TypeError, AttributeError, RecursionError, msgspec.DecodeError):
        return None
