"""The command line: builds the real clients, maps errors to exit codes, and nothing else."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ai_code_metrics import __version__, attributing, formats, measurement
from ai_code_metrics.cli_gateway import push, query
from ai_code_metrics.cli_gateway_doctor import doctor
from ai_code_metrics.cli_gateway_prune import prune
from ai_code_metrics.cli_github import complete, fetch, receive
from ai_code_metrics.cli_merge import merge, read_summary
from ai_code_metrics.cli_options import (
    FETCH,
    GATEWAY_SETTINGS,
    JSON,
    MEASURE_SETTINGS,
    PROJECT,
    RANGE,
    SUMMARY,
    configure,
    settings,
)
from ai_code_metrics.cli_output import MAX_LINE, print_report, progress_console, show
from ai_code_metrics.collect import revisions
from ai_code_metrics.collect.commit_range import read_one, read_range
from ai_code_metrics.collect.commit_stream import stream_range
from ai_code_metrics.collect.context import EventContext
from ai_code_metrics.collect.repository import GitFailed, Repository
from ai_code_metrics.collect.workspace import Workspace
from ai_code_metrics.config import Config, in_action, load_secrets
from ai_code_metrics.config import json_schema as config_schema
from ai_code_metrics.errors import (
    AiCodeMetricsError,
    GateFailed,
    NothingMeasured,
    UsageError,
)
from ai_code_metrics.interruption import Interruption, exit_code, handle_signals
from ai_code_metrics.measure import gate as gates
from ai_code_metrics.measure.catalog import run_succeeded
from ai_code_metrics.model import Unavailable
from ai_code_metrics.publish import directory as output_directory
from ai_code_metrics.publishing import Destinations, Publication
from ai_code_metrics.report import escape, line_listing, summary_json, terminal, workflow_commands
from ai_code_metrics.report.commit_explanation import print_commit
from ai_code_metrics.report.comparison_terminal import print_comparison
from ai_code_metrics.report.quality_explanation import print_explanation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_code_metrics.model import Summary

_INTERRUPTION = click.make_pass_decorator(Interruption, ensure=True)


def _config(root: Path, config_file: str, values: Mapping[str, Any]) -> Config:
    return configure(root, config_file, values, os.environ)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="ai-code-metrics")
def cli() -> None:
    """Lint, coverage, security, complexity, commit scores and the share of AI-tagged lines.

    Exit codes: 0 ok, 1 a bug in this program, 2 usage or configuration or a report that is refused, 3 nothing could be
    measured or received, 4 publishing failed (only where asked to fail), 10 a gate failed.
    """


@cli.command(epilog="Example: ai-code-metrics run . --base main")
@PROJECT
@click.option("--output", type=click.Path(path_type=Path), help="Where files go; default: PATH/.ai-code-metrics.")
@FETCH
@settings(*MEASURE_SETTINGS)
@_INTERRUPTION
def run(
    interruption: Interruption,
    /,
    path: Path,
    output: Path | None,
    config_file: str,
    *,
    wants_fetch: bool,
    **values: object,
) -> None:
    """Measure PATH, print the report, and keep summary, comment, findings, exposition and raw reports."""
    config = _config(path, config_file, values)
    if wants_fetch:
        complete(config)
    where = output or path / ".ai-code-metrics"
    summary = _measure(config, where, interruption)
    _report(summary, config)
    click.echo(f"\nWritten to {where}: {', '.join(formats.FILE_NAMES)}, {output_directory.RAW_DIRECTORY}/")
    _fail_on(summary, config)


@cli.command(epilog="Example: ai-code-metrics measure . --output metrics")
@PROJECT
@click.option("--output", required=True, type=click.Path(path_type=Path), help="Where files go.")
@settings(*MEASURE_SETTINGS)
@_INTERRUPTION
def measure(interruption: Interruption, /, path: Path, output: Path, config_file: str, **values: object) -> None:
    """Measure PATH: metrics-summary.json, comment.md, findings.sarif, metrics.prom and raw/; needs no secret."""
    summary = _measure(_config(path, config_file, values), output, interruption)
    if not run_succeeded(summary):
        raise NothingMeasured(f"nothing could be measured in {path}; {output} says why for each part")


def _measure(config: Config, output: Path, interruption: Interruption) -> Summary:
    output_directory.prepare(output)
    with tempfile.TemporaryDirectory(prefix="ai-code-metrics-", ignore_cleanup_errors=True) as scratch:
        summary = _measured(config, Path(scratch), interruption)
        output_directory.write(output, formats.files(summary, config), Path(scratch, output_directory.RAW_DIRECTORY))
    return summary


def _measured(config: Config, scratch: Path, interruption: Interruption) -> Summary:
    """Measure with the tools' files below ``scratch``; their reports are in the folder ``raw`` of it."""
    workspace = Workspace(config.root, scratch, scratch / output_directory.RAW_DIRECTORY, os.environ, interruption)
    workspace.raw.mkdir()
    with terminal.Progress(progress_console(os.environ)) as progress:
        summary = measurement.measure_project(config, workspace, progress)
    interruption.raise_signal()  # parts that it ended are no measurement
    return summary


def _report(summary: Summary, config: Config) -> None:
    print_report(lambda console: terminal.print_report(summary, console, on_missing=config.gate_on_missing), os.environ)


def _fail_on(summary: Summary, config: Config) -> None:
    if not run_succeeded(summary):
        raise NothingMeasured(f"nothing could be measured in {config.root}")
    failed = gates.failures(summary.gates, config.gate_on_missing)
    if failed:
        raise GateFailed(f"{len(failed)} of {len(summary.gates)} gates failed")


@cli.command(epilog="Example: ai-code-metrics report metrics-summary.json --format prometheus")
@SUMMARY
@click.option(
    "--format", "format_name", type=click.Choice([*formats.FORMATS, "terminal"]), default="terminal", show_default=True
)
@click.option("--explain", is_flag=True, help="Print how the quality score came about instead.")
@settings("gate-on-missing", "comment-key")
def report(summary_path: Path, format_name: str, config_file: str, *, explain: bool, **values: object) -> None:
    """Print SUMMARY in one format to standard output."""
    summary, config = read_summary(summary_path), _config(Path(), config_file, values)
    if explain:
        if format_name != "terminal":
            raise UsageError(f"--explain: the explanation is text for a terminal; leave out --format {format_name}")
        print_report(lambda console: print_explanation(summary, console), os.environ)
        return
    if format_name == "terminal":
        _report(summary, config)
        return
    click.echo(formats.FORMATS[format_name](summary, config), nl=False)


@cli.command(epilog="Example: ai-code-metrics publish metrics-summary.json --no-push")
@SUMMARY
@click.option("--comment/--no-comment", "wants_comment", default=True, help="Write the pull request comment.")
@click.option("--push/--no-push", "wants_push", default=True, help="Push to the Pushgateway.")
@click.option("--outputs/--no-outputs", "wants_outputs", default=True, help="Write the measured step outputs.")
@click.option("--job-summary/--no-job-summary", "wants_summary", default=True, help="Write the job summary.")
@click.option("--annotations/--no-annotations", "wants_annotations", default=True, help="Annotate new findings.")
@settings(
    "gate-on-missing", "comment-key", *GATEWAY_SETTINGS, "push-branches", "push-pull-requests", "textfile-directory",
    "fail-on-publish-error",
)  # fmt: skip
def publish(
    summary_path: Path,
    config_file: str,
    *,
    wants_comment: bool,
    wants_push: bool,
    wants_outputs: bool,
    wants_summary: bool,
    wants_annotations: bool,
    **values: object,
) -> None:
    """Publish SUMMARY: pull request comment, Pushgateway, step outputs, job summary, annotations of new findings.

    The token, user and password come from AI_CODE_METRICS_GITHUB_TOKEN and AI_CODE_METRICS_PUSHGATEWAY_USERNAME,
    …_PASSWORD and …_TOKEN (or files that …_PASSWORD_FILE and …_TOKEN_FILE name), never from options.
    """
    publication = Publication(
        summary=read_summary(summary_path),
        directory=summary_path.resolve().parent,
        config=_config(Path(), config_file, values),
        secrets=load_secrets(os.environ),
        environ=os.environ,
        say=click.echo,
    )
    destinations = Destinations(
        comment=wants_comment,
        push=wants_push,
        outputs=wants_outputs,
        job_summary=wants_summary,
        annotations=wants_annotations,
    )
    publication.publish(destinations)


@cli.command(epilog="Example: ai-code-metrics gate metrics-summary.json --gates 'quality.score >= 80'")
@SUMMARY
@settings("gates", "gate-on-missing")
def gate(summary_path: Path, config_file: str, **values: object) -> None:
    """Hold SUMMARY against the gates: those given, else those it was measured with. Exit code 10 when one fails."""
    summary, config = read_summary(summary_path), _config(Path(), config_file, values)
    expressions = config.gates or tuple(result.expression for result in summary.gates)
    results = gates.evaluate(gates.parse_gates(expressions), summary, config.gate_on_missing)
    failed = gates.failures(results, config.gate_on_missing)
    for result in results:
        mark = "failed" if result in failed else "passed"
        text = escape.plain(f"{result.expression}: {mark}: {result.reason}", MAX_LINE)
        is_error = in_action(os.environ) and result in failed
        click.echo(workflow_commands.error(f"gate {text}") if is_error else workflow_commands.harmless(f"gate {text}"))
    if not results:
        click.echo("no gates are configured")
    if failed:
        raise GateFailed(f"{len(failed)} of {len(results)} gates failed")


@cli.command(epilog="Example: ai-code-metrics commits . --range v1.0..HEAD")
@PROJECT
@RANGE
@JSON
@click.option("--explain", "revision", metavar="SHA", help="Tell of one commit what earned and what cost its points.")
@settings("exclude")
def commits(
    path: Path, commit_range: str, revision: str | None, config_file: str, *, as_json: bool, **values: object
) -> None:
    """Score the commits of a range; default: the last 50 at HEAD."""
    config = _config(path, config_file, values)
    repository, found = _open(config, commit_range)
    if revision is not None:
        (item,) = measurement.score_commits(read_one(repository, found, revision), config).items
        show(item, print_commit, os.environ, as_json=as_json)
        return
    try:
        scored = measurement.score_commits(stream_range(repository, found), config)
    except GitFailed:  # contents are missing: the commits are scored without their sizes
        scored = measurement.score_commits(read_range(repository, found), config)
    show(scored, terminal.print_commits, os.environ, as_json=as_json)


@cli.command(epilog="Example: ai-code-metrics attribution . --range main..HEAD --json")
@PROJECT
@RANGE
@JSON
@click.option("--lines", "file", metavar="FILE", help="Print FILE (relative to PATH) line by line with its evidence.")
@click.option("--preset", type=click.Choice(sorted(attributing.PRESETS)), help="Count by the rule of that project.")
@FETCH
@settings("exclude", "notes", "markers", "detect-moves", "blame-cache")
def attribution(
    path: Path,
    commit_range: str,
    file: str | None,
    preset: str | None,
    config_file: str,
    *,
    as_json: bool,
    wants_fetch: bool,
    **values: object,
) -> None:
    """Say who wrote the lines: those that a range added, or all that survive at HEAD."""
    config = _config(path, config_file, values)
    others = [name for name in ("notes", "markers", "detect_moves") if values[name] not in {None, ()}]
    if preset is not None and (others or file is not None):
        raise UsageError(
            "--preset: a preset has its own rule; leave out --lines, --notes, --markers and --detect-moves"
        )
    if wants_fetch:
        complete(config)
    repository, found = _open(config, commit_range)
    options = attributing.view_options(config, os.environ, workers=os.cpu_count() or 1)
    if file is not None:
        listing = attributing.list_lines(repository, found, file, config, options)
        part = line_listing.rows(listing) if as_json else listing
        show(part, line_listing.print_lines, os.environ, as_json=as_json)
        return
    chosen = attributing.PRESETS[preset] if preset else None
    name, lines = attributing.read_view(repository, found, attributing.options_for(chosen, options))
    _, view = attributing.measure(name, lines, config, chosen)
    show(view, terminal.print_attribution, os.environ, as_json=as_json)


@cli.command(epilog="Example: ai-code-metrics compare . --since 2025-01-01 --coverage-file coverage.xml")
@PROJECT
@JSON
@FETCH
@settings(
    "since", "source", "exclude", "python", "coverage-file", "tool-timeout", "blame-cache", "notes", "markers",
    "detect-moves",
)  # fmt: skip
@_INTERRUPTION
def compare(
    interruption: Interruption,
    /,
    path: Path,
    config_file: str,
    *,
    as_json: bool,
    wants_fetch: bool,
    **values: object,
) -> None:
    """Compare AI-tagged with untagged code of the whole tree.

    Coverage, lint, security, complexity, and how long lines last. No tests are run: coverage comes from
    --coverage-file, else from the fresh report that is found.
    """
    config = replace(_config(path, config_file, values), test_command="off")
    if wants_fetch:
        complete(config)
    with tempfile.TemporaryDirectory(prefix="ai-code-metrics-", ignore_cleanup_errors=True) as scratch:
        comparison = _measured(config, Path(scratch), interruption).comparison
    if comparison is None or isinstance(comparison, Unavailable):
        raise NothingMeasured(comparison.reason if comparison else f"nothing could be compared in {path}")
    show(comparison, print_comparison, os.environ, as_json=as_json)


def _open(config: Config, commit_range: str) -> tuple[Repository, revisions.Revisions]:
    """Open the repository and resolve ``A..B`` (an empty side is HEAD, as git reads it)."""
    repository = Repository.open(config.root, os.environ)
    base, dots, head = commit_range.partition("..")
    if commit_range and (not dots or head.startswith(".")):
        raise UsageError(f"--range: {commit_range[:100]!r} is not of the form A..B")
    tip = repository.resolve((head if dots else "") or "HEAD")
    if tip is None:
        raise UsageError(f"--range: {(head or 'HEAD')[:100]!r} names no commit of {repository.root}")
    return repository, revisions.resolve(repository, tip, EventContext(), base=(base or "HEAD") if dots else "")


@cli.command(epilog="Example: ai-code-metrics schema summary > summary.schema.json")
@click.argument("name", type=click.Choice(["summary", "config"]))
def schema(name: str) -> None:
    """Print the JSON Schema of metrics-summary.json, or of the table in pyproject.toml."""
    document = summary_json.json_schema() if name == "summary" else config_schema()
    click.echo(json.dumps(document, indent=2))


cli.add_command(doctor)
cli.add_command(fetch)
cli.add_command(merge)
cli.add_command(prune)
cli.add_command(push)
cli.add_command(query)
cli.add_command(receive)


def main() -> None:
    """Run the command line and exit with the code of the outcome.

    A signal that ends the program is 128 and its number, as is the shell's convention: 130 for Ctrl-C, 143 for SIGTERM.
    """
    interruption = Interruption()
    handle_signals(interruption)
    try:
        cli.main(standalone_mode=False, obj=interruption)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(UsageError.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(exit_code(signal.SIGINT))
    except BrokenPipeError:
        # the reader of our output has gone; nothing is left to tell anybody
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except AiCodeMetricsError as error:
        text = escape.plain(str(error), MAX_LINE)
        click.echo(workflow_commands.error(text) if in_action(os.environ) else f"ai-code-metrics: {text}", err=True)
        sys.exit(error.exit_code)
