"""The metrics as a file for node_exporter's textfile collector: a group a file, with its key in every series.

https://github.com/prometheus/node_exporter#textfile-collector: files end in ``.prom``, are moved into place whole, and
hold no timestamps. As on a Pushgateway, a run that measured nothing leaves the last good values.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from typing import TYPE_CHECKING, Final

from prometheus_client import Metric, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from ai_code_metrics.errors import PublishFailed
from ai_code_metrics.files import read_regular
from ai_code_metrics.gateway_groups import Family, Group, Sample
from ai_code_metrics.measure.catalog import RUN_PREFIX, run_succeeded
from ai_code_metrics.report.prometheus_text import registry, registry_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ai_code_metrics.model import Summary

MAX_BYTES: Final = 1_000_000
_READABLE: Final = 0o644  # the collector runs as a user of its own


def file_of(directory: Path, grouping: Mapping[str, str]) -> Path:
    """Return the file of a group; its name tells nothing, since a key may hold any character."""
    key = "".join(f"{label}\0{grouping[label]}\0" for label in sorted(grouping))
    return directory / f"ai-code-metrics-{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:16]}.prom"


def read_group(directory: Path, grouping: Mapping[str, str]) -> Group | None:
    """Return what the file of a group holds; None without a file that can be read."""
    families = {
        family.name: Family(family.name, family.type, family.documentation, tuple(_samples(family, grouping)))
        for family in _read(file_of(directory, grouping))
    }
    return Group(dict(grouping), pushed_at=1, failed_at=0, families=families) if families else None


def write_group(summary: Summary, directory: Path, grouping: Mapping[str, str]) -> Path:
    """Write the file of a group, whole or not at all, and return its path.

    Args:
        summary: what was measured.
        directory: that of the textfile collector; it must be there.
        grouping: labels of every series, from :func:`~ai_code_metrics.publish.grouping.grouping_key`.

    Raises:
        PublishFailed: the file can't be written.
        InvalidSummary: the summary holds a date that doesn't exist.
    """
    succeeded = run_succeeded(summary)
    families = list(registry(summary, only_run=not succeeded, constant=grouping).collect())
    path = file_of(directory, grouping)
    if not succeeded:
        fresh = {family.name for family in families}
        families += [
            family
            for family in _read(path)
            if family.name not in fresh and (not family.name.startswith(RUN_PREFIX) or family.name in _LASTING)
        ]
    unfinished = directory / f".{path.name}.{os.getpid()}"
    try:
        unfinished.write_bytes(generate_latest(registry_of(families)))
        unfinished.chmod(_READABLE)
        unfinished.replace(path)
    except OSError as error:
        raise PublishFailed(f"textfile-directory: {directory} can't be written to: {error.strerror or error}") from None
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)
    return path


_LASTING: Final = frozenset({f"{RUN_PREFIX}last_success_timestamp_seconds"})


def _read(path: Path) -> list[Metric]:
    try:
        return list(text_string_to_metric_families(read_regular(path, MAX_BYTES).decode("utf-8")))
    except (OSError, ValueError, LookupError):  # none yet, or somebody else's: it is written anew
        return []


def _samples(family: Metric, grouping: Mapping[str, str]) -> Iterator[Sample]:
    for sample in family.samples:
        yield Sample({name: value for name, value in sample.labels.items() if name not in grouping}, sample.value)
