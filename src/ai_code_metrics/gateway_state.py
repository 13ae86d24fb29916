"""What a look at a Pushgateway found: how its endpoints answered, and its groups."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ai_code_metrics.gateway_groups import Group

OK: Final = 200
POISONED_SIGN: Final = "was collected before with the same name and label values"
"""What a Pushgateway says of two groups whose series are the same but for an empty label."""


@dataclass(frozen=True, slots=True)
class Seen:
    """How one endpoint answered.

    Attributes:
        status: of HTTP; 0 where there was no answer.
        reason: why it is not :data:`OK`, for people; empty where it is.
        size: bytes of the answer.
    """

    status: int = OK
    reason: str = ""
    size: int = 0

    @property
    def is_ok(self) -> bool:
        """Whether it answered as it should."""
        return self.status == OK and not self.reason


@dataclass(frozen=True, slots=True)
class GatewayState:
    """One gateway.

    Attributes:
        url: of the gateway.
        keeps_groups: False for VictoriaMetrics' import endpoint, of which nothing else is asked.
        healthy: ``/-/healthy``; where it gave no answer, nothing else was asked.
        ready: ``/-/ready``.
        api: ``/api/v1/status`` and ``/api/v1/metrics``, the first of them that failed.
        metrics: ``/metrics``, as Prometheus scrapes it.
        version: of the gateway; empty where it isn't known.
        is_open: whether it answers without credentials.
        groups: all of them.
    """

    url: str
    keeps_groups: bool = True
    healthy: Seen = field(default_factory=Seen)
    ready: Seen = field(default_factory=Seen)
    api: Seen = field(default_factory=Seen)
    metrics: Seen = field(default_factory=Seen)
    version: str = ""
    is_open: bool = False
    groups: tuple[Group, ...] = ()
