"""The files by which a step tells a GitHub workflow something: its outputs and the job summary."""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Final

from ai_code_metrics import model
from ai_code_metrics.errors import PublishFailed
from ai_code_metrics.measure.gate import overall
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
        "gate": overall(summary.gates, on_missing),
    }


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
    return text.rstrip("0").rstrip(".")


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
