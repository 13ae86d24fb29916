"""The summary in Prometheus's text format: what is pushed, and the file ``metrics.prom``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ai_code_metrics.measure.catalog import families

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_code_metrics.model import Summary


class _SummaryCollector(Collector):
    """Gives the families of one summary in the order of the catalog; read once, so that errors come out early."""

    def __init__(self, summary: Summary, *, only_run: bool) -> None:
        self._families = families(summary, only_run=only_run)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for metric, samples in self._families:
            family = GaugeMetricFamily(metric.name, metric.help, labels=metric.labels)
            for labels, value in samples:
                family.add_metric(labels, value)
            yield family


def registry(summary: Summary, *, only_run: bool = False) -> CollectorRegistry:
    """Return a registry with the gauges that the summary can serve, no ``_created`` series among them.

    Args:
        summary: what was measured.
        only_run: only the metrics of the run itself (``ai_coding_run_*``).

    Raises:
        InvalidSummary: ``measured_at`` is no date.
    """
    collected = CollectorRegistry(auto_describe=False)
    collected.register(_SummaryCollector(summary, only_run=only_run))
    return collected


def render(summary: Summary) -> str:
    """Return the exposition of a summary: final newline, no timestamps, catalog order.

    Raises:
        InvalidSummary: ``measured_at`` is no date.
    """
    return generate_latest(registry(summary)).decode("utf-8")
