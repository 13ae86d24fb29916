"""The reporter that pylint runs with: its own ``json2`` plus the statement count, which its score is made of.

Loaded inside pylint's process by ``--output-format``; nothing else imports it.
"""

from __future__ import annotations

from typing import Any

from pylint.reporters.json_reporter import JSON2Reporter


class StatementsReporter(JSON2Reporter):
    """``json2`` with ``statistics.statements``: the number of statements of all modules that could be parsed."""

    name = "json2-statements"

    def serialize_stats(self) -> dict[str, Any]:
        """Return pylint's own statistics and the number of statements."""
        return {**super().serialize_stats(), "statements": self.linter.stats.statement}
