"""What `doctor` found and did, for a terminal and for JSON; what gateways say and what they hold is foreign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ai_code_metrics.measure.gateway_diagnosis import SEVERITIES
from ai_code_metrics.report.console import print_line
from ai_code_metrics.report.group_table import named
from ai_code_metrics.report.wording import listed, plural

if TYPE_CHECKING:
    from rich.console import Console

    from ai_code_metrics.measure.gateway_diagnosis import Diagnosis

_STYLES: Final = {"error": "bold red", "warning": "yellow", "info": ""}
_INDENT: Final = "    "
_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class Healing:
    """What was done about a finding: the groups that were deleted or pushed again, and what failed."""

    diagnosis: Diagnosis
    groups: int
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Health:
    """What was done, and what is so after it."""

    healings: tuple[Healing, ...]
    diagnoses: tuple[Diagnosis, ...]

    def count(self, severity: str) -> int:
        """Return how many findings have a severity."""
        return sum(diagnosis.severity == severity for diagnosis in self.diagnoses)


def print_health(health: Health, console: Console) -> None:
    """Print what was done, then the findings by gateway, each with what to do, and their number."""
    for healing in health.healings:
        print_line(console, _healed(healing), "green")
        for failure in healing.failures:
            print_line(console, f"failed: {failure}", "bold red")
    for url in dict.fromkeys(diagnosis.gateway for diagnosis in health.diagnoses):
        print_line(console, url, "bold")
        for diagnosis in health.diagnoses:
            if diagnosis.gateway == url:
                _print(diagnosis, console)
    counts = ", ".join(plural(health.count(severity), severity) for severity in SEVERITIES[:2])
    print_line(console, counts, "bold red" if health.count("error") else "bold")


def health_rows(health: Health) -> dict[str, Any]:
    """Return the same for JSON, with the exact labels of all groups."""
    return {
        "healed": [
            {
                "gateway": healing.diagnosis.gateway,
                "code": healing.diagnosis.code,
                "remedy": healing.diagnosis.remedy,
                "groups": healing.groups,
                "failures": list(healing.failures),
            }
            for healing in health.healings
        ],
        "findings": [
            {
                "severity": diagnosis.severity,
                "code": diagnosis.code,
                "gateway": diagnosis.gateway,
                "text": diagnosis.text,
                "advice": diagnosis.advice,
                "fixable": diagnosis.remedy is not None,
                "groups": [dict(group.labels) for group in diagnosis.groups],
            }
            for diagnosis in health.diagnoses
        ],
    }


def _print(diagnosis: Diagnosis, console: Console) -> None:
    count = f"{plural(len(diagnosis.groups), 'group')}: " if diagnosis.groups else ""
    style = _STYLES[diagnosis.severity]
    print_line(console, f"  {diagnosis.severity} {diagnosis.code}: {count}{diagnosis.text}", style)
    if diagnosis.groups:
        print_line(console, f"{_INDENT}groups: {listed(sorted(map(named, diagnosis.groups)), _NAMED)}")
    if diagnosis.advice:
        print_line(console, f"{_INDENT}do: {diagnosis.advice}", "dim")


def _healed(healing: Healing) -> str:
    diagnosis = healing.diagnosis
    done = "deleted" if diagnosis.remedy == "delete" else "pushed again"
    return f"{diagnosis.gateway}: {diagnosis.code}: {plural(healing.groups, 'group')} {done}"
