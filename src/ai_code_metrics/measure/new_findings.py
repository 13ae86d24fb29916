"""Which findings a change brought: those that the base has not, wherever they stood there.

A finding that is on the base's list by its fingerprint is old, also on an added line: its code has merely moved. So is
one that says the same of the same text elsewhere, if it is gone from there: its code moved to another file, or into
another function.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from ai_code_metrics.model import Finding
    from ai_code_metrics.records import LintReport, Patch, SecurityReport

WHOLE_PROGRAM: Final = frozenset({"R0401", "R0801"})
"""Rules of pylint (cyclic-import, duplicate-code) that speak of all files at once and stand at none of their places."""


Report: TypeAlias = "LintReport | SecurityReport"


def mark(head: Report, base: Report | None, patch: Patch, replaced: Collection[str]) -> tuple[Finding, ...]:
    """Return the head's findings with ``on_patch`` and ``is_new`` set.

    Without a report of the base, and in a file that could not be read there, new is what stands on an added line. In
    files that don't differ nothing is new, and neither are findings about the whole program.

    Args:
        head: what a tool says of the head, with line numbers of the head.
        base: what it says of the base in files that differ, under the paths that they have at head; None: nothing.
        patch: the added lines.
        replaced: paths of files that differ.
    """
    placed = [(finding, patch.holds(finding.path, finding.line)) for finding in head.findings]
    comparable = [number for number, (finding, _) in enumerate(placed) if _is_comparable(finding, base, replaced)]
    new = set() if base is None else _unmatched(comparable, placed, head.contents, base)
    compared = set(comparable)
    return tuple(
        msgspec.structs.replace(
            finding,
            on_patch=on_patch,
            is_new=number in new
            if number in compared
            else on_patch and finding.path in replaced and finding.rule not in WHOLE_PROGRAM,
        )
        for number, (finding, on_patch) in enumerate(placed)
    )


def _is_comparable(finding: Finding, base: Report | None, replaced: Collection[str]) -> bool:
    if base is None or finding.rule in WHOLE_PROGRAM:
        return False
    return finding.path in replaced and finding.path not in base.files_failed


def _unmatched(
    numbers: Iterable[int],
    placed: Sequence[tuple[Finding, bool]],
    contents: Mapping[str, str],
    base: Report,
) -> set[int]:
    """Take away one finding of the base for each of the head; return the numbers of those for which there is none.

    Where the same was found twice and once before, the one on an added line is left over as the new one.
    """
    waiting = Counter(finding.fingerprint for finding in base.findings)
    left: list[int] = []
    for number in sorted(numbers, key=lambda number: placed[number][1]):
        fingerprint = placed[number][0].fingerprint
        if waiting[fingerprint]:
            waiting[fingerprint] -= 1
        else:
            left.append(number)
    gone: Counter[str] = Counter()
    for fingerprint, count in waiting.items():
        if fingerprint in base.contents:
            gone[base.contents[fingerprint]] += count
    new = set[int]()
    for number in left:
        content = contents.get(placed[number][0].fingerprint, "")
        if content and gone[content]:
            gone[content] -= 1
        else:
            new.add(number)
    return new
