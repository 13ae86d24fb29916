"""The summary in Prometheus's text format: what is pushed, and the file ``metrics.prom``."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ai_code_metrics.measure.catalog import families

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from prometheus_client import Metric

    from ai_code_metrics.model import Summary


_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class _SummaryCollector(Collector):
    """Gives the families of one summary in the order of the catalog; read once, so that errors come out early."""

    def __init__(self, summary: Summary, constant: Mapping[str, str], *, only_run: bool) -> None:
        self._families = families(summary, only_run=only_run)
        self._constant = constant

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for metric, samples in self._families:
            family = GaugeMetricFamily(metric.name, metric.help, labels=[*self._constant, *metric.labels])
            for labels, value in samples:
                family.add_metric([*self._constant.values(), *labels], value)
            yield family


def registry(summary: Summary, *, only_run: bool = False, constant: Mapping[str, str] = _NOTHING) -> CollectorRegistry:
    """Return a registry with the gauges that the summary can serve, no ``_created`` series among them.

    Args:
        summary: what was measured.
        only_run: only the metrics of the run itself (``ai_coding_run_*``).
        constant: labels of every series, where no grouping key gives them.

    Raises:
        InvalidSummary: ``measured_at`` is no date.
    """
    collected = CollectorRegistry(auto_describe=False)
    collected.register(_SummaryCollector(summary, constant, only_run=only_run))
    return collected


def registry_of(metrics: Iterable[Metric]) -> CollectorRegistry:
    """Return a registry with exactly these metrics, in their order."""
    collected = CollectorRegistry(auto_describe=False)
    collected.register(_Metrics(metrics))
    return collected


class _Metrics(Collector):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = tuple(metrics)

    def collect(self) -> Iterator[Metric]:
        yield from self._metrics


def render(summary: Summary) -> str:
    """Return the exposition of a summary: final newline, no timestamps, catalog order.

    Raises:
        InvalidSummary: ``measured_at`` is no date.
    """
    return generate_latest(registry(summary)).decode("utf-8")
