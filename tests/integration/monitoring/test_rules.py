"""The shipped configuration and rules, read by the programs that they are for."""

from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Final

import pytest

from support import yaml_files
from support.services import find_program

MONITORING: Final = yaml_files.ROOT / "scripts" / "monitoring"
RULES: Final = sorted((MONITORING / "rules").glob("*.yml"))
TESTS: Final = sorted((MONITORING / "rules" / "tests").glob("*.yml"))
ALERTMANAGER: Final = MONITORING / "alertmanager.yml"
RENDER_DATA: Final = {
    "receiver": "tickets",
    "status": "firing",
    "groupLabels": {"alertname": "CoverageDropped"},
}


def succeed(*argv: str | Path, directory: Path = MONITORING) -> str:
    """Return what a program prints; it must succeed and say nothing of a failure or a warning."""
    done = subprocess.run(argv, cwd=directory, capture_output=True, text=True, timeout=120, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "FAILED" not in said
    return done.stdout


@pytest.mark.promtool
def test_prometheus_accepts_its_configuration(tmp_path: Path) -> None:
    """The configuration finds its rules and its password beside it, and promtool has nothing against it."""
    shutil.copy(MONITORING / "prometheus.yml", tmp_path)
    shutil.copytree(MONITORING / "rules", tmp_path / "rules")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "pushgateway_password").write_text("planted", encoding="utf-8")
    said = succeed(find_program("promtool"), "check", "config", "prometheus.yml", directory=tmp_path)
    assert f"{len(RULES)} rule files found" in said


@pytest.mark.promtool
def test_promtool_finds_nothing_wrong_in_the_rules() -> None:
    """Lint faults of the rules, duplicates among them, are errors."""
    assert succeed(find_program("promtool"), "check", "rules", "--lint=all", "--lint-fatal", *RULES)


@pytest.mark.promtool
@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.stem)
def test_the_rules_pass_their_own_tests(path: Path) -> None:
    """Every recorded series and every alert is what its unit test says."""
    assert "SUCCESS" in succeed(find_program("promtool"), "test", "rules", path)


@pytest.mark.promtool
def test_the_alertmanager_accepts_its_configuration() -> None:
    """The example is one that Alertmanager starts with."""
    assert "SUCCESS" in succeed(find_program("amtool"), "check-config", ALERTMANAGER)


@pytest.mark.promtool
@pytest.mark.parametrize(
    ("severity", "receiver"), [("page", "pager"), ("ticket", "tickets"), ("info", "information"), ("other", "tickets")]
)
def test_only_pages_reach_the_pager(severity: str, receiver: str) -> None:
    """An alert goes where its severity says; what has another one is read on a working day."""
    routed = succeed(
        find_program("amtool"), "config", "routes", "test", f"--config.file={ALERTMANAGER}", f"severity={severity}"
    )
    assert routed.strip() == receiver


@pytest.mark.promtool
def test_a_message_is_short_and_mentions_nobody(tmp_path: Path) -> None:
    """Of 500 alerts a message lists twenty, and a branch that is named like a mention of everybody stays a name."""
    alerts = [{"status": "firing", "annotations": {"summary": f"<!channel> & octo/{n} (main)"}} for n in range(500)]
    data = tmp_path / "data.json"
    data.write_text(json.dumps({**RENDER_DATA, "alerts": alerts}), encoding="utf-8")
    [message] = yaml_files.load("scripts/monitoring/alertmanager.yml")["receivers"][1]["slack_configs"]
    glob = f"--template.glob={tmp_path}/*.tmpl"
    (tmp_path / "none.tmpl").touch()
    title, text = (
        succeed(
            find_program("amtool"), "template", "render", glob, f"--template.text={part}", f"--template.data={data}"
        )
        for part in (message["title"], message["text"])
    )
    assert title.strip() == "500 x CoverageDropped"
    assert [line.strip() for line in text.splitlines() if line.strip()] == [
        f"- _!channel_ _ octo/{n} (main)" for n in range(20)
    ]


def test_compose_yaml_fits_the_compose_specification() -> None:
    """The file is valid by the schema of the Compose Specification."""
    checker = Path(sysconfig.get_path("scripts")) / "check-jsonschema"
    assert succeed(checker, "--builtin-schema", "vendor.compose-spec", MONITORING / "compose.yaml")
