"""The command that finds out what is wrong with Pushgateways, and heals what can be healed without losing figures."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ai_code_metrics.cli_gateway import gateways
from ai_code_metrics.cli_options import GATEWAY_SETTINGS, JSON, configure, settings
from ai_code_metrics.cli_output import show
from ai_code_metrics.errors import PublishFailed
from ai_code_metrics.gateway_targets import target_of
from ai_code_metrics.measure.gateway_checks import CHECKS
from ai_code_metrics.measure.gateway_diagnosis import View, diagnose
from ai_code_metrics.publish.gateway_cleaning import delete_groups
from ai_code_metrics.publish.gateway_healing import push_again
from ai_code_metrics.publish.gateway_probe import probe
from ai_code_metrics.report.gateway_health import Healing, Health, health_rows, print_health
from ai_code_metrics.report.wording import plural

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ai_code_metrics.gateway_groups import Group
    from ai_code_metrics.measure.gateway_diagnosis import Diagnosis
    from ai_code_metrics.publish.push_target import PushTarget

_POISON: Final = "poisonous"


@click.command(epilog="Example: ai-code-metrics doctor --fix --pushgateway-url http://localhost:9091")
@click.option("--fix", "wants_fix", is_flag=True, help="Heal what can be healed, then look again.")
@JSON
@settings(*GATEWAY_SETTINGS)
def doctor(config_file: str, *, wants_fix: bool, as_json: bool, **values: object) -> None:
    """Find out what is wrong with the Pushgateways, and what to do about it.

    It looks for gateways that are down, refuse, are too old or open to all; for groups that break a gateway for
    everybody, were rejected, contradict each other, are stale or lie on the wrong gateway. --fix deletes the groups
    whose empty label breaks a gateway, whoever pushed them; of ours also those that never took a push and those that
    the right gateway has too; and pushes again, with the same values, what has another HELP than this version's.

    An error that remains is exit code 4. User, password and token come from
    AI_CODE_METRICS_PUSHGATEWAY_USERNAME, …_PASSWORD and …_TOKEN.
    """
    config = configure(Path(), config_file, values, os.environ)
    targets = gateways(config, "doctor")
    diagnoses, healings = _look(targets), list[Healing]()
    if wants_fix:
        healings = [_heal(diagnosis, targets) for diagnosis in _in_order_of_healing(diagnoses)]
        healed = (healing.diagnosis for healing in healings if not healing.failures)
        cured = frozenset(diagnosis.gateway for diagnosis in healed if diagnosis.code == _POISON)
        diagnoses = _look(targets, cured) if healings else diagnoses
    health = Health(tuple(healings), tuple(diagnoses))
    show(health_rows(health) if as_json else health, print_health, os.environ, as_json=as_json)
    errors = health.count("error") + sum(len(healing.failures) for healing in healings)
    if errors:
        can_heal = any(diagnosis.remedy is not None for diagnosis in health.diagnoses)
        hint = "; --fix heals what can be healed" if can_heal and not wants_fix else ""
        raise PublishFailed(f"doctor: {plural(errors, 'error')} of the Pushgateways{hint}")


def _look(targets: Sequence[PushTarget], healed: frozenset[str] = frozenset()) -> list[Diagnosis]:
    states = {target.url: probe(target) for target in targets}

    def home(group: Group) -> str:
        grouping = {label: value for label, value in group.labels.items() if label != "job"}
        return target_of(targets, grouping).url

    view = View(targets[0].job, time.time(), home, states, healed)
    return diagnose(view, CHECKS)


def _in_order_of_healing(diagnoses: Iterable[Diagnosis]) -> list[Diagnosis]:
    """Return what can be healed: poison first, because nothing can be pushed before, then deletions, then pushes."""
    order = [_POISON, "zombie", "duplicate", "help-conflict"]
    fixable = (diagnosis for diagnosis in diagnoses if diagnosis.remedy is not None)
    return sorted(fixable, key=lambda diagnosis: order.index(diagnosis.code))


def _heal(diagnosis: Diagnosis, targets: Sequence[PushTarget]) -> Healing:
    target = next(target for target in targets if target.url == diagnosis.gateway)
    if diagnosis.remedy == "delete":
        cleaning = delete_groups(target, diagnosis.groups)
        return Healing(diagnosis, len(cleaning.deleted), cleaning.failures)
    try:
        return Healing(diagnosis, len(push_again(target, diagnosis.groups)))
    except PublishFailed as error:
        return Healing(diagnosis, 0, (str(error),))
