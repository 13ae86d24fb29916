"""The findings that are new against the base, by tool and the worst first: what code scanning and annotations show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from ai_code_metrics.measure import change
from ai_code_metrics.measure.lint import SEVERITIES as LINT_SEVERITIES
from ai_code_metrics.measure.security import SEVERITIES as SECURITY_SEVERITIES
from ai_code_metrics.model import Unavailable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ai_code_metrics import model
    from ai_code_metrics.report.workflow_commands import Level

_LINT_LEVELS: Final[Mapping[str, Level]] = {"fatal": "error", "error": "error", "warning": "warning"}
_SECURITY_LEVELS: Final[Mapping[str, Level]] = {"high": "error", "medium": "warning"}


@dataclass(frozen=True, slots=True)
class NewFindings:
    """The new findings of one tool.

    Attributes:
        tool: its name.
        is_security: whether it looks for vulnerabilities.
        ranked: the new findings with their levels, the worst first.
        untold: how many findings may be new or old, since no base was there to tell.
        failure: why the tool has no findings at all, in foreign words; None where it ran.
    """

    tool: Literal["pylint", "bandit"]
    is_security: bool
    ranked: tuple[tuple[Level, model.Finding], ...] = ()
    untold: int = 0
    failure: str | None = None


def new_findings(summary: model.Summary) -> tuple[NewFindings, NewFindings]:
    """Return the new findings of a summary: of security, which are the more urgent ones, then of lint."""
    security = NewFindings("bandit", is_security=True)
    lint = NewFindings("pylint", is_security=False)
    return (
        _of_part(security, summary.security, SECURITY_SEVERITIES, _SECURITY_LEVELS),
        _of_part(lint, summary.lint, LINT_SEVERITIES, _LINT_LEVELS),
    )


def _of_part(
    none: NewFindings,
    part: model.Lint | model.Security | Unavailable,
    severities: Sequence[str],
    levels: Mapping[str, Level],
) -> NewFindings:
    if isinstance(part, Unavailable):
        return NewFindings(none.tool, none.is_security, failure=part.reason)
    rank = {severity: index for index, severity in enumerate(severities)}
    new = sorted(
        change.new_findings(part),
        key=lambda f: (rank.get(f.severity, len(rank)), f.path, f.line, f.rule, f.fingerprint),
    )
    ranked = tuple((levels.get(finding.severity, "notice"), finding) for finding in new)
    untold = sum(finding.is_new is None for finding in part.findings)
    return NewFindings(none.tool, none.is_security, ranked, untold)
