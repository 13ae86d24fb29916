"""The texts that a summary is rendered to: one for ``report``, the files of the output directory for ``measure``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ai_code_metrics.publish.directory import COMMENT_FILE, EXPOSITION_FILE, SARIF_FILE, SUMMARY_FILE
from ai_code_metrics.report import markdown, prometheus_text, sarif, summary_json
from ai_code_metrics.report.annotations import render_annotations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ai_code_metrics.config import Config
    from ai_code_metrics.model import Summary


def _comment(summary: Summary, config: Config) -> str:
    return markdown.render_comment(summary, key=config.comment_key, on_missing=config.gate_on_missing)


FORMATS: Final[Mapping[str, Callable[[Summary, Config], str]]] = {
    "markdown": _comment,
    "json": lambda summary, _: summary_json.encode(summary).decode(),
    "prometheus": lambda summary, _: prometheus_text.render(summary),
    "sarif": lambda summary, config: sarif.render(summary, key=config.comment_key),
    "annotations": lambda summary, _: render_annotations(summary),
}
"""Every format that is text alone, by its name on the command line."""

_FILES: Final = {COMMENT_FILE: "markdown", SARIF_FILE: "sarif", EXPOSITION_FILE: "prometheus", SUMMARY_FILE: "json"}
FILE_NAMES: Final = (SUMMARY_FILE, COMMENT_FILE, SARIF_FILE, EXPOSITION_FILE)


def files(summary: Summary, config: Config) -> dict[str, bytes]:
    """Return the content of the files that are rendered from a summary, by their names.

    Raises:
        UsageError: ``comment-key`` can't be used.
        InvalidSummary: ``measured_at`` is no date.
    """
    return {name: FORMATS[format_name](summary, config).encode() for name, format_name in _FILES.items()}
