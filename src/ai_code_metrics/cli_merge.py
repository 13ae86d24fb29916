"""The command ``merge``: the summaries of parallel jobs become one report."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ai_code_metrics import formats, joining
from ai_code_metrics.cli_options import configure, settings
from ai_code_metrics.cli_output import print_report
from ai_code_metrics.errors import InvalidSummary, UsageError
from ai_code_metrics.files import read_regular
from ai_code_metrics.publish import directory as output_directory
from ai_code_metrics.report import summary_json, terminal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ai_code_metrics.config import Config
    from ai_code_metrics.model import Summary


@click.command(epilog="Example: ai-code-metrics merge shard-*/metrics-summary.json --output metrics")
@click.argument("paths", metavar="SUMMARY…", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--output", required=True, type=click.Path(path_type=Path), help="Where files go.")
@settings("gates", "gate-on-missing", "comment-key")
def merge(paths: tuple[Path, ...], output: Path, config_file: str, **values: object) -> None:
    """Join the summaries of shards (other `source`) and matrix jobs (same `source`) of one commit to one report.

    Sums, scores and coverage are those of one run over all. Gates are evaluated anew: those given, else those that the
    summaries were measured with; whether one failed is for `gate` to say.
    """
    config = configure(Path(), config_file, values, os.environ)
    merged = joining.join(_read_all(paths), config)
    write(merged, config, output)
    print_report(lambda console: terminal.print_report(merged, console, on_missing=config.gate_on_missing), os.environ)


def read_summary(path: Path) -> Summary:
    """Read a summary that anybody may have written.

    Raises:
        UsageError: there is no such regular file, or it can't be read.
        InvalidSummary: it is none of this schema version.
    """
    try:
        return summary_json.decode(read_regular(path, summary_json.MAX_BYTES))
    except OSError as error:
        raise UsageError(f"SUMMARY: {path} can't be read: {error.strerror or error}") from None
    except ValueError as error:
        raise UsageError(f"SUMMARY: {path} can't be read: {error}") from None
    except InvalidSummary as error:
        raise InvalidSummary(f"{path}: {error}") from None


def write(summary: Summary, config: Config, output: Path) -> None:
    """Write what is rendered from a summary that was not measured here, so that there are no raw reports.

    Raises:
        UsageError: the output directory can't be used.
    """
    output_directory.prepare(output)
    with tempfile.TemporaryDirectory(prefix="ai-code-metrics-", ignore_cleanup_errors=True) as nothing_raw:
        output_directory.write(output, formats.files(summary, config), Path(nothing_raw))


def _read_all(paths: Iterable[Path]) -> dict[str, Summary]:
    summaries: dict[str, Summary] = {}
    known: dict[Path, Path] = {}
    for path in paths:
        same = known.setdefault(path.resolve(), path)
        if same is not path:
            raise UsageError(f"SUMMARY: {path} is given twice; name the summary of each job once")
        summaries[str(path)] = read_summary(path)
    return summaries
