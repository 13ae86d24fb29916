"""Lint, security and complexity of several summaries: of the same files united, of other files added up."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeVar

import msgspec

from ai_code_metrics.measure import complexity, lint, security
from ai_code_metrics.model import Complexity, Finding, Lint, Security, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_ItemT = TypeVar("_ItemT")


def unite_lint(parts: Sequence[Lint]) -> Lint:
    """Return the messages that any run has; those of the base, which are not listed, by the largest count of each."""
    findings = united(part.findings for part in parts)
    counted = lint.by_severity(findings)
    messages = counted if findings else _largest(part.messages for part in parts)
    return lint.assess(
        {severity: messages.get(severity, 0) for severity in lint.SEVERITIES},
        max(part.statements for part in parts),
        findings,
        files=max(part.files for part in parts),
        failed=_failed_everywhere(part.files_failed for part in parts),
    )


def add_lint(parts: Sequence[Lint]) -> Lint:
    """Return the messages of all parts; the score is that of a run over all their files."""
    messages = sums(part.messages for part in parts)
    return lint.assess(
        {severity: messages.get(severity, 0) for severity in lint.SEVERITIES},
        sum(part.statements for part in parts),
        joined(part.findings for part in parts),
        files=sum(part.files for part in parts),
        failed=sorted(joined(part.files_failed for part in parts)),
    )


def unite_security(parts: Sequence[Security]) -> Security:
    """Return the findings that any run has."""
    return security.assess(
        united(part.findings for part in parts),
        max(part.source_lines for part in parts),
        files=max(part.files for part in parts),
        failed=_failed_everywhere(part.files_failed for part in parts),
    )


def add_security(parts: Sequence[Security]) -> Security:
    """Return the findings of all parts; the score is that of a run over all their files."""
    return security.assess(
        joined(part.findings for part in parts),
        sum(part.source_lines for part in parts),
        files=sum(part.files for part in parts),
        failed=sorted(joined(part.files_failed for part in parts)),
    )


def unite_complexity(parts: Sequence[Complexity]) -> Complexity:
    """Return the part of the run that could read most: complexity doesn't depend on where it is measured."""
    return max(parts, key=lambda part: (part.functions, part.grown is not None))


def add_complexity(parts: Sequence[Complexity]) -> Complexity | Unavailable:
    """Return the functions of all parts; the score is that of all their lines."""
    lines = {name: sum(part.lines_by_band.get(name, 0) for part in parts) for name, _, _ in complexity.BANDS}
    if not all(sum(part.lines_by_band.values()) for part in parts) or not sum(lines.values()):
        return Unavailable(reason="a report is of an older version, which tells no lines by band: measure it again")
    bands = sums(part.bands for part in parts)
    grown = [part.grown for part in parts if part.grown is not None]
    return Complexity(
        score=complexity.score(lines),
        functions=sum(part.functions for part in parts),
        max=max(part.max for part in parts),
        bands={name: bands.get(name, 0) for name, _, _ in complexity.BANDS},
        files=sum(part.files for part in parts),
        files_failed=sorted(joined(part.files_failed for part in parts)),
        functions_over_10=complexity.worst_first(joined(part.functions_over_10 for part in parts)),
        lines_by_band=lines,
        grown=complexity.worst_first(joined(grown)) if len(grown) == len(parts) else None,
    )


def united(runs: Iterable[Iterable[Finding]]) -> list[Finding]:
    """Return the findings of several runs over the same files: each as often as the run that has it most often.

    One is new where no run found it at the base.
    """
    found: dict[tuple[object, ...], Finding] = {}
    for run in runs:
        for key, finding in _numbered(run):
            known = found.setdefault(key, finding)
            if finding.is_new is False and known.is_new:
                found[key] = msgspec.structs.replace(known, is_new=False)
    return list(found.values())


def _numbered(findings: Iterable[Finding]) -> Iterator[tuple[tuple[object, ...], Finding]]:
    """Tell what is the same finding in another run; of several alike, how manieth it is."""
    seen: Counter[tuple[object, ...]] = Counter()
    for finding in findings:
        key = (finding.tool, finding.rule, finding.path, finding.line, finding.fingerprint)
        yield (*key, seen[key]), finding
        seen[key] += 1


def sums(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Return the sums of counts by their keys, in the order in which keys come."""
    total: dict[str, int] = {}
    for each in counts:
        for key, count in each.items():
            total[key] = total.get(key, 0) + count
    return total


def joined(lists: Iterable[Iterable[_ItemT]]) -> list[_ItemT]:
    """Return the items of all lists."""
    return [item for items in lists for item in items]


def _largest(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    largest: dict[str, int] = {}
    for each in counts:
        largest |= {key: max(count, largest.get(key, 0)) for key, count in each.items()}
    return largest


def _failed_everywhere(runs: Iterable[Sequence[str]]) -> list[str]:
    first, *others = runs
    failed = set(first).intersection(*others)
    return [path for path in first if path in failed]
