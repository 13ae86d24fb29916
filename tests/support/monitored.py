"""The shipped configuration and rules of Prometheus for a Pushgateway of a test, at a pace that tests can wait for."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from support.yaml_files import ROOT

if TYPE_CHECKING:
    from pathlib import Path

MONITORING: Final = ROOT / "scripts" / "monitoring"
USER: Final = "ai-code-metrics"
PASSWORD: Final = "s3cret-pw"
BCRYPT_OF_PASSWORD: Final = "$2b$04$abcdefghijklmnopqrstuufbu7IbsAKnz0sK.RhkuQd5ApLvLcZVy"


def write_web_configuration(directory: Path) -> Path:
    """Write the file by which a Pushgateway asks for the password, and the one by which Prometheus gives it."""
    web = directory / "web.yml"
    web.write_text(f"basic_auth_users:\n  {USER}: {BCRYPT_OF_PASSWORD}\n", encoding="utf-8")
    (directory / "secrets").mkdir()
    (directory / "secrets" / "pushgateway_password").write_text(f"{PASSWORD}\n", encoding="utf-8")
    return web


def configuration(target: str) -> str:
    """Return the shipped configuration for the gateway at ``target``, with shorter intervals."""
    text = (MONITORING / "prometheus.yml").read_text(encoding="utf-8")
    for old, new in {
        "pushgateway:9091": target,
        "interval: 30s": "interval: 1s",
        "interval: 1m": "interval: 5s",
    }.items():
        assert old in text
        text = text.replace(old, new)
    return text


def copy_rules(directory: Path) -> None:
    """Copy the rules; those that count runs are evaluated every five seconds instead of every minute."""
    shutil.copytree(MONITORING / "rules", directory)
    recording = directory / "recording.yml"
    recording.write_text(recording.read_text(encoding="utf-8").replace("1m", "5s"), encoding="utf-8")
