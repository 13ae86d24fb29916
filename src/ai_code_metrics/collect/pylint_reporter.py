"""The reporter that pylint runs with: its own ``json2`` plus the statement count, which its score is made of.

Loaded inside pylint's process by ``--output-format``; nothing else imports it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pylint.reporters.json_reporter import JSON2Reporter


class StatementsReporter(JSON2Reporter):
    """``json2`` with ``statistics.statements``, all that could be parsed, and ``statistics.statements_by_file``."""

    name = "json2-statements"

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - pylint's own
        super().__init__(*arguments, **options)
        self._module, self._file = "", ""
        self._statements: dict[str, int] = {}

    def on_set_current_module(self, module: str, filepath: str | None) -> None:
        """Take down the statements of the module before: by name alone, two scripts of one name would be one."""
        self._take_down()
        self._module, self._file = module, filepath or ""

    def _take_down(self) -> None:
        if self._file:
            statistics: Any = self.linter.stats.by_module.get(self._module, {})
            self._statements[str(Path(self._file).absolute())] = statistics.get("statement", 0)

    def serialize_stats(self) -> dict[str, Any]:
        """Return pylint's own statistics and the number of statements, in all and by absolute path."""
        self._take_down()
        return {
            **super().serialize_stats(),
            "statements": self.linter.stats.statement,
            "statements_by_file": self._statements,
        }
