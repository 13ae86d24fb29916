"""What is wrong with Pushgateways, by what a look at them found, and what to do about it; decides, changes nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from ai_code_metrics.gateway_groups import MAX_GROUPS, WARN_GROUPS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ai_code_metrics.gateway_groups import Group
    from ai_code_metrics.gateway_state import GatewayState

Severity: TypeAlias = Literal["error", "warning", "info"]
Remedy: TypeAlias = Literal["delete", "push again"]
SEVERITIES: Final[tuple[Severity, ...]] = ("error", "warning", "info")
LARGE_EXPOSITION: Final = 10_000_000
_NOT_FOUND: Final = 404
_FORBIDDEN: Final = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was found.

    Attributes:
        severity: ``error`` where pushes or scrapes fail, ``warning`` where they may, or figures mislead.
        code: names the kind, for machines.
        gateway: URL of the gateway.
        text: what is so.
        advice: what to do; empty where there is nothing to do.
        groups: those that it is about.
        remedy: what ``doctor --fix`` does with these groups; None where people have to do it.
    """

    severity: Severity
    code: str
    gateway: str
    text: str
    advice: str = ""
    groups: tuple[Group, ...] = ()
    remedy: Remedy | None = None


@dataclass(frozen=True, slots=True)
class View:
    """What is known beside the gateway that is looked at.

    Attributes:
        job: the job of our groups.
        now: seconds since 1970.
        home: the URL of the gateway that a group of ours belongs to.
        states: all gateways by URL.
        healed: URLs of gateways that were poisoned a moment ago.
    """

    job: str
    now: float
    home: Callable[[Group], str]
    states: Mapping[str, GatewayState]
    healed: frozenset[str] = frozenset()

    def is_ours(self, group: Group) -> bool:
        """Whether we push such a group, and so may delete it."""
        return group.is_ours and group.labels["job"] == self.job


Check: TypeAlias = "Callable[[GatewayState, View], Iterator[Diagnosis]]"


def diagnose(view: View, checks: Sequence[Check]) -> list[Diagnosis]:
    """Return what is to be said of all gateways, gateway by gateway, errors first.

    Args:
        view: the gateways.
        checks: what to look for in the groups of a gateway that can be read,
            :data:`~ai_code_metrics.measure.gateway_checks.CHECKS`.
    """
    found: list[Diagnosis] = []
    for state in view.states.values():
        own = list(_reachable(state))
        if state.keeps_groups and state.healthy.status and state.api.is_ok:
            own += [diagnosis for check in (_served, _crowded, *checks) for diagnosis in check(state, view)]
        found += sorted(own, key=lambda diagnosis: SEVERITIES.index(diagnosis.severity))
    return found


def _reachable(state: GatewayState) -> Iterator[Diagnosis]:
    """Say whether it is there, and what it is."""
    if not state.keeps_groups:
        yield Diagnosis(
            "info", "import-endpoint", state.url,
            "VictoriaMetrics' import endpoint keeps no groups: none of these checks apply",
            "look at its own /health, and ask its query API (/api/v1/query) what arrived",
        )  # fmt: skip
        return
    if not state.healthy.status:
        advice = "check pushgateway-url, and that it runs"
        yield Diagnosis("error", "unreachable", state.url, state.healthy.reason, advice)
        return
    if not state.api.is_ok:
        yield _unreadable(state)
    if not state.healthy.is_ok and state.healthy.status != state.api.status:
        yield Diagnosis("error", "unhealthy", state.url, state.healthy.reason, "look at its log")
    elif not state.ready.is_ok and state.healthy.is_ok:
        yield Diagnosis("warning", "not-ready", state.url, state.ready.reason, "it may be starting; look at its log")


def _unreadable(state: GatewayState) -> Diagnosis:
    status, reason = state.api.status, state.api.reason
    if status in _FORBIDDEN:
        advice = "set AI_CODE_METRICS_PUSHGATEWAY_USERNAME and …_PASSWORD, or …_TOKEN"
        return Diagnosis("error", "refused", state.url, reason, advice)
    if status == _NOT_FOUND and state.healthy.is_ok:
        text = "it has no API (/api/v1/status answers 404), so it is older than 1.0.0"
        return Diagnosis("error", "too-old", state.url, text, "run Pushgateway 1.4 or newer, and keep its data")
    return Diagnosis("error", "not-a-pushgateway", state.url, reason, "check pushgateway-url")


def _served(state: GatewayState, view: View) -> Iterator[Diagnosis]:
    """Say what Prometheus gets of it, who else may use it, and what it holds."""
    if not state.metrics.is_ok and not any(group.is_poisonous for group in state.groups):
        yield Diagnosis(
            "error", "broken-metrics", state.url,
            f"Prometheus can't scrape it, though no group has an empty label: {state.metrics.reason}",
            "delete the group that is named there (ai-code-metrics prune, or DELETE by its URL), or look at its log",
        )  # fmt: skip
    if state.metrics.size > LARGE_EXPOSITION:
        yield Diagnosis(
            "warning", "large-exposition", state.url,
            f"/metrics has {state.metrics.size:,} bytes, which every scrape has to get within its timeout",
            "remove groups that nobody needs (ai-code-metrics prune), or spread them over several gateways",
        )  # fmt: skip
    if state.is_open:
        yield Diagnosis(
            "warning", "open-to-all", state.url,
            "it answers without credentials: whoever reaches it may push and delete",
            "give it basic authentication (--web.config.file), or let only the jobs and Prometheus reach it",
        )  # fmt: skip
    ours = sum(view.is_ours(group) for group in state.groups)
    series = sum(group.series for group in state.groups)
    yield Diagnosis(
        "info", "holds", state.url,
        f"Pushgateway {state.version or 'of an unknown version'}: {ours:,} of {len(state.groups):,} groups are ours, "
        f"{series:,} series, /metrics has {state.metrics.size:,} bytes",
    )  # fmt: skip


def _crowded(state: GatewayState, view: View) -> Iterator[Diagnosis]:
    """Say that there are too many groups."""
    count = len(state.groups)
    if count < WARN_GROUPS:
        return
    refused = f"; from {MAX_GROUPS} on no new pull request is pushed" if count >= MAX_GROUPS else ""
    repositories = Counter(group.labels["repository"] for group in state.groups if view.is_ours(group))
    most = "".join(f"; most are of {name} ({n:,})" for name, n in repositories.most_common(1))
    yield Diagnosis(
        "warning", "many-groups", state.url,
        f"{count:,} groups, and each makes every push slower{refused}{most}",
        "remove those that nobody needs (ai-code-metrics prune), or spread them over several gateways",
    )  # fmt: skip
