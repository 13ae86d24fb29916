"""The merge stage: several summaries joined to one that is held against the gates, as if one run had measured it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ai_code_metrics.measure import gate, merging
from ai_code_metrics.report import summary_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_code_metrics.config import Config
    from ai_code_metrics.model import Summary


def join(summaries: Mapping[str, Summary], config: Config) -> Summary:
    """Return the merged summary of shards and matrix jobs, with the gates evaluated anew.

    Args:
        summaries: by the names of their files or artifacts, at least one.
        config: its gates; without any, those that the summaries were measured with.

    Raises:
        UsageError: the summaries don't belong together, or a gate can't be read.
        InvalidSummary: together they are more than a summary may hold.
    """
    merged = merging.merge(summaries)
    measured_with = (result.expression for summary in summaries.values() for result in summary.gates)
    gates = gate.parse_gates(config.gates or list(dict.fromkeys(measured_with)))
    results = gate.evaluate(gates, merged, config.gate_on_missing)
    # sums of what strangers wrote may go beyond the bounds that readers rely on
    return summary_json.decode(summary_json.encode(msgspec.structs.replace(merged, gates=results)))
