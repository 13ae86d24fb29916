from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import msgspec
from rich.console import Console

from ai_code_metrics.gateway_state import GatewayState, Seen
from ai_code_metrics.measure.gateway_checks import CHECKS
from ai_code_metrics.measure.gateway_diagnosis import View, diagnose
from ai_code_metrics.report.gateway_health import Healing, Health, health_rows, print_health
from support.groups import GATEWAY, JOB, NOW, family, group, key

if TYPE_CHECKING:
    from support.gold import Gold


def health() -> Health:
    groups = (
        group({"job": "ok2", "instance": ""}, days=0),
        group(key(branch="\x1b[31m[red]\u202eevil"), days=90),
        *(group(key(f"octo/r{n}"), days=0, failed_days=1) for n in range(7)),
        group(key("octo/old"), days=90, metrics=[family("ai_coding_lint_score", ({}, 1), text="Old.")]),
    )
    states = {
        GATEWAY: GatewayState(GATEWAY, version="1.5.1", is_open=True, groups=groups, metrics=Seen(500, "answered 500")),
        "http://b:9091": GatewayState("http://b:9091", healthy=Seen(0, "Pushgateway http://b:9091 did not answer")),
    }
    diagnoses = diagnose(View(JOB, NOW, lambda _: GATEWAY, states), CHECKS)
    fixable = [diagnosis for diagnosis in diagnoses if diagnosis.remedy]
    healings = Healing(fixable[0], 1), Healing(fixable[-1], 0, ("Pushgateway http://a answered 400: \n::error::no",))
    return Health(healings, tuple(diagnoses))


def test_the_report(gold: Gold) -> None:
    """What was done, then what was found by gateway, errors first, each with what to do.

    Foreign text drives no terminal and starts no line.
    """
    stream = io.StringIO()
    print_health(health(), Console(file=stream, width=2_000))
    gold.check("doctor.txt", stream.getvalue())


def test_json_has_exact_labels() -> None:
    """Machines get the same with exact labels."""
    rows = json.loads(msgspec.json.encode(health_rows(health())))
    assert [(entry["code"], entry["remedy"]) for entry in rows["healed"]] == [
        ("poisonous", "delete"), ("help-conflict", "push again")
    ]  # fmt: skip
    (zombies,) = [finding for finding in rows["findings"] if finding["code"] == "zombie"]
    assert zombies["groups"] == [key(f"octo/r{n}") for n in range(7)]
    assert zombies["fixable"]
