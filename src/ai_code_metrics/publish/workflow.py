"""The files by which a step tells a GitHub workflow something: its outputs and the job summary."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Final

from ai_code_metrics import model
from ai_code_metrics.errors import PublishFailed
from ai_code_metrics.measure.gate import overall
from ai_code_metrics.measure.gate_metrics import METRICS
from ai_code_metrics.measure.headline import headline_view

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ai_code_metrics.measure.gate import OnMissing
    from ai_code_metrics.model import Summary

# GitHub drops a job summary whole that is larger: https://docs.github.com/actions/reference/workflows-and-actions
MAX_SUMMARY_BYTES: Final = 1024 * 1024
CUT_NOTE: Final = (
    "\n\n> The report is cut here: it is longer than a job summary may be. The whole is in the artifact.\n"
)

_TOOL_SCORES: Final = ("lint", "security", "complexity")
_NOTHING: Final = model.Unavailable(reason="there is no base")


def outputs(summary: Summary, *, on_missing: OnMissing) -> dict[str, str]:
    """Return the step's outputs that come from the summary, by name; what is unavailable is an empty text.

    Scores and percents are 0-100 and ``ai-share`` is 0-1, as the summary has them, with at most two decimals (the share
    four). The share and ``ai-lines`` are those of the lines added since the base on a pull request, else of the tree.
    """
    quality = None if isinstance(summary.quality, model.Unavailable) else summary.quality
    components = quality.components if quality else {}
    commits = None if isinstance(summary.commits, model.Unavailable) else summary.commits
    view = headline_view(summary)
    attribution = None if isinstance(view, model.Unavailable) else view
    return {
        "score": _number(quality.score if quality else None),
        "grade": quality.grade if quality else "",
        "coverage": "" if isinstance(summary.coverage, model.Unavailable) else _number(summary.coverage.percent),
        "lint-score": _number(components.get("lint")),
        "security-score": _number(components.get("security")),
        "complexity-score": _number(components.get("complexity")),
        "commit-score": _number(commits.median if commits else None),
        "commit-score-worst": _number(commits.worst if commits else None),
        "ai-share": _number(attribution.ai_share if attribution else None, digits=4),
        "ai-lines": _number(attribution.ai_lines if attribution else None),
        **_change_outputs(summary),
        "gate": overall(summary.gates, on_missing),
    }


def _change_outputs(summary: Summary) -> dict[str, str]:
    """The outputs of the patch, of the base, and of the difference, in points."""
    base = None if isinstance(summary.base, model.Unavailable) else summary.base
    quality = None if base is None or isinstance(base.quality, model.Unavailable) else base.quality
    coverage = None if base is None or isinstance(base.coverage, model.Unavailable) else base.coverage
    parts = {name: _NOTHING if base is None else getattr(base, name) for name in _TOOL_SCORES}
    new = [_exact(summary, f"{family}.new_findings") for family in ("lint", "security")]
    known = [count for count in new if count is not None]
    return {
        "patch-coverage": _number(_exact(summary, "coverage.patch")),
        "new-findings": _number(sum(known) if known else None),
        "base-score": _number(quality.score if quality else None),
        "base-grade": quality.grade if quality else "",
        "base-coverage": _number(coverage.percent if coverage else None),
        **{
            f"base-{name}-score": _number(None if isinstance(part, model.Unavailable) else part.score)
            for name, part in parts.items()
        },
        "delta-score": _number(_exact(summary, "quality.delta")),
        "delta-coverage": _number(_exact(summary, "coverage.delta")),
        **{f"delta-{name}-score": _number(_exact(summary, f"{name}.delta")) for name in _TOOL_SCORES},
    }


def _exact(summary: Summary, metric: str) -> float | None:
    value = METRICS[metric].extract(summary)
    return None if isinstance(value, str) else float(value)


def write_outputs(path: Path, values: Mapping[str, str]) -> None:
    """Append outputs to the file that ``GITHUB_OUTPUT`` names.

    Every value stands between lines with a random delimiter of its own, so that no value, whatever it holds, can end
    early and set another output.

    Raises:
        ValueError: a name is no name of an output.
        PublishFailed: the file can't be written.
    """
    text = "".join(_output(name, value) for name, value in values.items())
    _append(path, text.encode("utf-8", "replace"))


def write_summary(path: Path, markdown: str) -> None:
    """Append Markdown to the file that ``GITHUB_STEP_SUMMARY`` names, within what GitHub accepts for a step.

    What doesn't fit beside what is there already is cut at a line's end, with a note.

    Raises:
        PublishFailed: the file can't be written.
    """
    content = markdown.encode("utf-8", "replace").rstrip(b"\n") + b"\n"
    try:
        room = MAX_SUMMARY_BYTES - path.stat().st_size
    except OSError:  # not there yet, or not to be had at all, which appending then tells
        room = MAX_SUMMARY_BYTES
    if len(content) > room:
        content = _cut(content, room)
    _append(path, content)


def _number(value: float | None, *, digits: int = 2) -> str:
    """Write a number without trailing zeros, None as nothing."""
    if value is None:
        return ""
    text = f"{value:.{digits}f}"
    shown = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if shown == "-0" else shown


def _output(name: str, value: str) -> str:
    if re.fullmatch(r"[a-z][a-z0-9-]*", name) is None:
        raise ValueError(f"{name!r} is no name of an output")
    delimiter = f"end-{secrets.token_hex(16)}"
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def _cut(content: bytes, room: int) -> bytes:
    note = CUT_NOTE.encode("utf-8")
    if room < len(note):
        return b""
    kept, _, _ = content[: room - len(note)].rpartition(b"\n")
    return kept + note


def _append(path: Path, content: bytes) -> None:
    try:
        with path.open("ab") as file:
            file.write(content)
    except OSError as error:
        raise PublishFailed(f"{path.name} can't be written: {error.strerror}") from None
