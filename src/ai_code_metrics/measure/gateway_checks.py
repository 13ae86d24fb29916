"""What is looked for in the groups of a Pushgateway: those that break it, and those whose figures mislead."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from ai_code_metrics.gateway_state import POISONED_SIGN
from ai_code_metrics.measure.catalog import CATALOG, MAX_SERIES, PREFIX, RUN_PREFIX
from ai_code_metrics.measure.gateway_diagnosis import Diagnosis
from ai_code_metrics.measure.gateway_prune import SECONDS_OF_A_DAY
from ai_code_metrics.model import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ai_code_metrics.gateway_groups import Family, Group
    from ai_code_metrics.gateway_state import GatewayState
    from ai_code_metrics.measure.gateway_diagnosis import Check, View

STALE_DAYS: Final = 30
GAUGE: Final = "GAUGE"
HELP: Final = {metric.name: metric.help for metric in CATALOG}
_NAMES: Final = 3
_AFTER_HEALING: Final = "the next run pushes again"


def _poisonous(state: GatewayState, view: View) -> Iterator[Diagnosis]:
    """Find the groups that break the gateway for everybody, and no others where these alone can be the cause.

    A push with an empty label is answered 400, and leaves a group that holds nothing but breaks /metrics: 500 for
    Prometheus, and 400 for everybody's push (seen on Pushgateway 1.5.1).
    """
    del view  # whoever pushed it
    found = [group for group in state.groups if group.is_poisonous]
    empty = [group for group in found if group.is_zombie]
    if not found:
        return
    is_harmless = state.metrics.is_ok
    harm = "by which they can break the gateway for everybody"
    if not is_harmless:
        harm = f"which breaks the gateway for everybody: {state.metrics.reason}"
    collides = not is_harmless and POISONED_SIGN in state.metrics.reason
    culprits = empty or (found if collides else [])
    if culprits:
        yield Diagnosis(
            "warning" if is_harmless else "error", "poisonous", state.url, f"a label of the key is empty, {harm}",
            "delete: ai-code-metrics doctor --fix", tuple(culprits), "delete",
        )  # fmt: skip
    others = tuple(group for group in found if group not in culprits)
    if others:
        advice = "ask who pushed it to leave the empty label out"
        yield Diagnosis("warning", "empty-label", state.url, "a label of the key is empty", advice, others)


def _zombies(state: GatewayState, view: View) -> Iterator[Diagnosis]:
    """Find groups that never took a push."""
    found = [group for group in state.groups if group.is_zombie and not group.is_poisonous]
    ours = tuple(group for group in found if view.is_ours(group))
    others = tuple(group for group in found if not view.is_ours(group))
    text = "every push was rejected, so that there are no figures"
    if ours:
        advice = "look for the reason in the log of the job; delete: ai-code-metrics doctor --fix"
        yield Diagnosis("error", "zombie", state.url, text, advice, ours, "delete")
    if others:
        advice = "not ours, so it stays: tell whoever pushes"
        yield Diagnosis("warning", "zombie-of-others", state.url, text, advice, others)


def _rejected(state: GatewayState, view: View) -> Iterator[Diagnosis]:
    """Find groups whose last push was rejected, so that they show older figures."""
    found = [group for group in state.groups if group.is_rejected and not group.is_zombie and not group.is_poisonous]
    ours = tuple(group for group in found if view.is_ours(group))
    others = tuple(group for group in found if not view.is_ours(group))
    text = "the last push was rejected: the figures are of an earlier one"
    if ours and state.url in view.healed:
        yield Diagnosis("warning", "rejected", state.url, f"{text}; the gateway was poisoned", _AFTER_HEALING, ours)
    elif ours:
        advice = "look for the reason in the log of the job, and run it again"
        yield Diagnosis("warning", "rejected", state.url, text, advice, ours)
    if others:
        yield Diagnosis("warning", "rejected-of-others", state.url, text, "tell whoever pushes", others)


def _conflicts(state: GatewayState, view: View) -> Iterator[Diagnosis]:
    """Find groups that describe a metric in other words than the catalog, or than another group does.

    The gateway writes a line for each of them to its log at every scrape, and shows one of the texts.
    """
    differing = [group for group in state.groups if conflicting(group)]
    ours = tuple(group for group in differing if view.is_ours(group) and _schema(group) in {None, str(SCHEMA_VERSION)})
    others = tuple(group for group in differing if group not in ours)
    if ours:
        text = f"HELP or TYPE is another than this version's: {_names(ours)}"
        advice = "push again with the same values: ai-code-metrics doctor --fix"
        yield Diagnosis("warning", "help-conflict", state.url, text, advice, ours, "push again")
    if others:
        text = f"HELP or TYPE is another than this version's: {_names(others)}"
        advice = "let all jobs push with one version of ai-code-metrics"
        yield Diagnosis("warning", "help-conflict-of-others", state.url, text, advice, others)
    seen: dict[str, set[tuple[str, str]]] = {}
    for family in _families(state.groups):
        if family.name not in HELP:
            seen.setdefault(family.name, set()).add((family.help, family.type))
    names = {name for name, texts in seen.items() if len(texts) > 1}
    if names:
        found = tuple(group for group in state.groups if names & set(group.families))
        text = f"one metric is described in different words: {_listed(names)}"
        advice = "let all jobs that push it use the same HELP and TYPE"
        yield Diagnosis("warning", "foreign-help-conflict", state.url, text, advice, found)


def conflicting(group: Group) -> list[Family]:
    """Return the metrics of a group that the catalog describes otherwise."""
    return [
        family
        for name, family in group.families.items()
        if name in HELP and (family.help, family.type) != (HELP[name], GAUGE)
    ]


def _versions(state: GatewayState, view: View) -> Iterator[Diagnosis]:
    """Find groups of another schema, and tell which versions of the tool push."""
    ours = [group for group in state.groups if view.is_ours(group)]
    schemas = {_schema(group) for group in ours} - {None, str(SCHEMA_VERSION)}
    if schemas:
        found = tuple(group for group in ours if _schema(group) in schemas)
        text = f"of schema {_listed(filter(None, schemas))}, this version's is {SCHEMA_VERSION}"
        advice = "figures of two schemas don't compare: let all jobs push with one version"
        yield Diagnosis("warning", "other-schema", state.url, text, advice, found)
    tools = Counter(version for group in ours if (version := _info(group, "tool_version")) is not None)
    if len(tools) > 1:
        counts = ", ".join(f"{version} ({count:,})" for version, count in sorted(tools.items()))
        advice = "that is no harm within one schema"
        yield Diagnosis("info", "tool-versions", state.url, f"several versions of the tool push: {counts}", advice)


def _large(state: GatewayState, view: View) -> Iterator[Diagnosis]:
    """Find groups of ours that have more series than the catalog lets through."""
    found = tuple(group for group in state.groups if view.is_ours(group) and group.series > MAX_SERIES)
    if found:
        text = f"over {MAX_SERIES} series (up to {max(group.series for group in found):,})"
        advice = "another program pushes to the same key: ai-code-metrics prune by its name, and push again"
        yield Diagnosis("warning", "many-series", state.url, text, advice, found)


def _stale(state: GatewayState, view: View) -> Iterator[Diagnosis]:
    """Find groups of ours that nobody has pushed to for long."""
    end = view.now - STALE_DAYS * SECONDS_OF_A_DAY
    found = tuple(group for group in state.groups if view.is_ours(group) and 0 < group.pushed_at < end)
    if found:
        text = f"last pushed over {STALE_DAYS} days ago"
        advice = f"see what goes: ai-code-metrics prune --older-than {STALE_DAYS}"
        yield Diagnosis("warning", "stale", state.url, text, advice, found)


def _misplaced(state: GatewayState, view: View) -> Iterator[Diagnosis]:
    """Find groups of ours that belong to another gateway, as after one more was added."""
    moved = [group for group in state.groups if view.is_ours(group) and view.home(group) != state.url]
    duplicates = tuple(group for group in moved if _is_newer_at_home(group, view))
    if duplicates:
        text = "on the wrong gateway, and the right one has figures as new: Prometheus sees both"
        advice = "delete here: ai-code-metrics doctor --fix"
        yield Diagnosis("warning", "duplicate", state.url, text, advice, duplicates, "delete")
    others = tuple(group for group in moved if group not in duplicates)
    if others:
        text = "on the wrong gateway, and the right one doesn't have the latest push"
        advice = "let all jobs have the same list in pushgateway-url; after their next push, run doctor --fix"
        yield Diagnosis("warning", "misplaced", state.url, text, advice, others)


def _is_newer_at_home(group: Group, view: View) -> bool:
    # one pushed at the same moment would be the same group, seen by another spelling of its gateway's URL
    home = view.states.get(view.home(group))
    return home is not None and any(
        other.labels == group.labels and other.pushed_at > group.pushed_at > 0 for other in home.groups
    )


def _families(groups: Iterable[Group]) -> Iterator[Family]:
    for group in groups:
        yield from group.families.values()


def _schema(group: Group) -> str | None:
    return _info(group, "schema_version")


def _info(group: Group, label: str) -> str | None:
    family = group.families.get(f"{RUN_PREFIX}info")
    return family.samples[0].labels.get(label) if family and family.samples else None


def _names(groups: Iterable[Group]) -> str:
    return _listed({family.name.removeprefix(PREFIX) for group in groups for family in conflicting(group)})


def _listed(names: Iterable[str]) -> str:
    ordered = sorted(names)
    rest = len(ordered) - _NAMES
    return ", ".join(ordered[:_NAMES]) + (f" and {rest:,} more" if rest > 0 else "")


CHECKS: Final[tuple[Check, ...]] = (
    _poisonous, _zombies, _rejected, _conflicts, _versions, _large, _stale, _misplaced,
)  # fmt: skip
"""In the order in which their groups are healed: before the poison is gone, nothing else can be pushed."""
