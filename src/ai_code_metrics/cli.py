"""The command line: parses, builds the real clients, maps errors to exit codes, and nothing else."""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
import msgspec
from rich.console import Console

from ai_code_metrics import __version__, measurement
from ai_code_metrics.collect import blame, revisions, sources
from ai_code_metrics.collect.context import EventContext
from ai_code_metrics.collect.repository import Repository
from ai_code_metrics.collect.workspace import Workspace
from ai_code_metrics.config import SETTINGS, Config, in_action, load, load_secrets
from ai_code_metrics.config import json_schema as config_schema
from ai_code_metrics.errors import AiCodeMetricsError, GateFailed, InvalidSummary, NothingMeasured, UsageError
from ai_code_metrics.files import read_regular
from ai_code_metrics.measure import gate as gates
from ai_code_metrics.measure.catalog import run_succeeded
from ai_code_metrics.publish import directory as output_directory
from ai_code_metrics.publish import workflow
from ai_code_metrics.publishing import Destinations, Publication
from ai_code_metrics.report import escape, markdown, prometheus_text, summary_json, terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ai_code_metrics.model import Summary

CommandT = TypeVar("CommandT", bound="Callable[..., Any]")
_SIGNAL_EXIT_CODE = 128  # and the signal's number
_LINE = 2_000  # characters of an error that may hold foreign text
_SUMMARY = click.argument("summary_path", metavar="SUMMARY", type=click.Path(path_type=Path))
_PROJECT = click.argument("path", type=click.Path(file_okay=False, path_type=Path), default=".")
_MEASURE_SETTINGS = (
    "source", "exclude", "python", "test-command", "coverage-file", "base", "gates", "gate-on-missing", "comment-key",
    "tool-timeout", "test-timeout",
)  # fmt: skip


def settings(*names: str) -> Callable[[CommandT], CommandT]:
    """Add an option for each named setting, and ``--config``; values arrive as the keyword ``options``."""

    def decorate(command: CommandT) -> CommandT:
        for name in reversed(names):
            setting = next(setting for setting in SETTINGS if setting.name == name)
            flags = f"--{name}/--no-{name}" if isinstance(setting.default, bool) else f"--{name}"
            multiple = isinstance(setting.default, tuple)
            # None tells "not given", so that inputs and the configuration file have their say
            option = click.option(flags, setting.attribute, multiple=multiple, default=None, help=setting.help)
            command = option(command)
        help_text = "TOML file with a table [tool.ai-code-metrics]; default: pyproject.toml."
        return click.option("--config", "config_file", default="", help=help_text)(command)

    return decorate


def _config(root: Path, config_file: str, values: Mapping[str, Any]) -> Config:
    if not root.is_dir():
        raise UsageError(f"{root} is not a directory")
    options = {setting.name: values.get(setting.attribute) for setting in SETTINGS}
    return load(root, environ=os.environ, options=options, config_file=config_file)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="ai-code-metrics")
def cli() -> None:
    """Lint, coverage, security, complexity, commit scores and the share of AI-tagged lines.

    Exit codes: 0 ok, 1 a bug in this program, 2 usage or configuration, 3 nothing could be measured,
    4 publishing failed (only where asked to fail), 10 a gate failed.
    """


@cli.command(epilog="Example: ai-code-metrics run . --base main")
@_PROJECT
@click.option("--output", type=click.Path(path_type=Path), help="Where files go; default: PATH/.ai-code-metrics.")
@settings(*_MEASURE_SETTINGS)
def run(path: Path, output: Path | None, config_file: str, **values: object) -> None:
    """Measure PATH, print the report, and keep summary, comment, exposition and raw reports."""
    config = _config(path, config_file, values)
    where = output or path / ".ai-code-metrics"
    summary = _measure(config, where)
    _print(lambda console: terminal.print_report(summary, console, on_missing=config.gate_on_missing))
    texts = f"{output_directory.SUMMARY_FILE}, {output_directory.COMMENT_FILE}, {output_directory.EXPOSITION_FILE}"
    click.echo(f"\nWritten to {where}: {texts}, {output_directory.RAW_DIRECTORY}/")
    _fail_on(summary, config)


@cli.command(epilog="Example: ai-code-metrics measure . --output metrics")
@_PROJECT
@click.option("--output", required=True, type=click.Path(path_type=Path), help="Where files go.")
@settings(*_MEASURE_SETTINGS)
def measure(path: Path, output: Path, config_file: str, **values: object) -> None:
    """Measure PATH and write metrics-summary.json, comment.md, metrics.prom and raw/; needs no secret."""
    summary = _measure(_config(path, config_file, values), output)
    if not run_succeeded(summary):
        raise NothingMeasured(f"nothing could be measured in {path}; {output} says why for each part")


def _measure(config: Config, output: Path) -> Summary:
    output_directory.prepare(output)
    with tempfile.TemporaryDirectory(prefix="ai-code-metrics-", ignore_cleanup_errors=True) as scratch:
        workspace = Workspace(config.root, Path(scratch), Path(scratch, "raw"), os.environ)
        workspace.raw.mkdir()
        with terminal.Progress(_progress_console()) as progress:
            summary = measurement.measure_project(config, workspace, progress)
        texts = {
            output_directory.COMMENT_FILE: markdown.render_comment(
                summary, key=config.comment_key, on_missing=config.gate_on_missing
            ).encode(),
            output_directory.EXPOSITION_FILE: prometheus_text.render(summary).encode(),
            output_directory.SUMMARY_FILE: summary_json.encode(summary),
        }
        output_directory.write(output, texts, workspace.raw)
    return summary


class _Output(Console):
    """Standard output; where it is no terminal, lines are as long as they are, for grep and for links to stay whole."""

    def __init__(self) -> None:
        super().__init__(width=None if sys.stdout.isatty() else _LINE)

    def on_broken_pipe(self) -> None:
        """Let :func:`main` end quietly, where rich would exit with the code of a bug."""
        raise BrokenPipeError


def _print(printer: Callable[[Console], None]) -> None:
    """Print to standard output; in an action without anything that its runner would take for a command."""
    console = _Output()
    if not in_action(os.environ):
        printer(console)
        return
    with console.capture() as captured:
        printer(console)
    click.echo(workflow.harmless(captured.get()), nl=False)


def _progress_console() -> Console:
    """Standard error; plain under CI, whose logs keep every frame of an animation, even where there is a terminal."""
    return Console(stderr=True, force_terminal=False if os.environ.get("CI") else None)


def _fail_on(summary: Summary, config: Config) -> None:
    if not run_succeeded(summary):
        raise NothingMeasured(f"nothing could be measured in {config.root}")
    failed = gates.failures(summary.gates, config.gate_on_missing)
    if failed:
        raise GateFailed(f"{len(failed)} of {len(summary.gates)} gates failed")


@cli.command(epilog="Example: ai-code-metrics report metrics-summary.json --format prometheus")
@_SUMMARY
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["markdown", "json", "prometheus", "terminal"]),
    default="terminal",
    show_default=True,
)
@settings("gate-on-missing", "comment-key")
def report(summary_path: Path, format_name: str, config_file: str, **values: object) -> None:
    """Print SUMMARY in one format to standard output."""
    summary, config = _read(summary_path), _config(Path(), config_file, values)
    if format_name == "terminal":
        _print(lambda console: terminal.print_report(summary, console, on_missing=config.gate_on_missing))
        return
    renderers: dict[str, Callable[[], str]] = {
        "markdown": lambda: markdown.render_comment(summary, key=config.comment_key, on_missing=config.gate_on_missing),
        "json": lambda: summary_json.encode(summary).decode(),
        "prometheus": lambda: prometheus_text.render(summary),
    }
    click.echo(renderers[format_name](), nl=False)


def _read(path: Path) -> Summary:
    try:
        return summary_json.decode(read_regular(path, summary_json.MAX_BYTES))
    except OSError as error:
        raise UsageError(f"SUMMARY: {path} can't be read: {error.strerror or error}") from None
    except ValueError as error:
        raise UsageError(f"SUMMARY: {path} can't be read: {error}") from None
    except InvalidSummary as error:
        raise InvalidSummary(f"{path}: {error}") from None


@cli.command(epilog="Example: ai-code-metrics publish metrics-summary.json --no-push")
@_SUMMARY
@click.option("--comment/--no-comment", "wants_comment", default=True, help="Write the pull request comment.")
@click.option("--push/--no-push", "wants_push", default=True, help="Push to the Pushgateway.")
@click.option("--outputs/--no-outputs", "wants_outputs", default=True, help="Write the measured step outputs.")
@click.option("--job-summary/--no-job-summary", "wants_summary", default=True, help="Write the job summary.")
@settings(
    "gate-on-missing", "comment-key", "pushgateway-url", "pushgateway-job", "push-branches", "push-pull-requests",
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
    **values: object,
) -> None:
    """Publish SUMMARY: pull request comment, Pushgateway, step outputs, job summary.

    The token, user and password come from AI_CODE_METRICS_GITHUB_TOKEN and AI_CODE_METRICS_PUSHGATEWAY_USERNAME,
    …_PASSWORD and …_TOKEN (or files that …_PASSWORD_FILE and …_TOKEN_FILE name), never from options.
    """
    publication = Publication(
        summary=_read(summary_path),
        directory=summary_path.resolve().parent,
        config=_config(Path(), config_file, values),
        secrets=load_secrets(os.environ),
        environ=os.environ,
        say=click.echo,
    )
    publication.publish(
        Destinations(comment=wants_comment, push=wants_push, outputs=wants_outputs, job_summary=wants_summary)
    )


@cli.command(epilog="Example: ai-code-metrics push metrics-summary.json --pushgateway-url http://localhost:9091")
@_SUMMARY
@settings("pushgateway-url", "pushgateway-job", "push-branches", "push-pull-requests")
def push(summary_path: Path, config_file: str, **values: object) -> None:
    """Push SUMMARY to a Pushgateway; a failure is exit code 4.

    User, password and token come from AI_CODE_METRICS_PUSHGATEWAY_USERNAME, …_PASSWORD and …_TOKEN.
    """
    config = _config(Path(), config_file, values)
    if not config.pushgateway_url:
        raise UsageError("push: give --pushgateway-url, for example http://localhost:9091")
    publication = Publication(
        summary=_read(summary_path),
        directory=summary_path.resolve().parent,
        config=config,
        secrets=load_secrets(os.environ),
        environ={},
        say=click.echo,
    )
    publication.push()


@cli.command(epilog="Example: ai-code-metrics gate metrics-summary.json --gates 'quality.score >= 80'")
@_SUMMARY
@settings("gates", "gate-on-missing")
def gate(summary_path: Path, config_file: str, **values: object) -> None:
    """Hold SUMMARY against the gates: those given, else those it was measured with. Exit code 10 when one fails."""
    summary, config = _read(summary_path), _config(Path(), config_file, values)
    expressions = config.gates or tuple(result.expression for result in summary.gates)
    results = gates.evaluate(gates.parse_gates(expressions), summary, config.gate_on_missing)
    failed = gates.failures(results, config.gate_on_missing)
    for result in results:
        mark = "failed" if result in failed else "passed"
        text = escape.plain(f"{result.expression}: {mark}: {result.reason}", _LINE)
        is_error = in_action(os.environ) and result in failed
        click.echo(workflow.error(f"gate {text}") if is_error else workflow.harmless(f"gate {text}"))
    if not results:
        click.echo("no gates are configured")
    if failed:
        raise GateFailed(f"{len(failed)} of {len(results)} gates failed")


_RANGE = click.option("--range", "commit_range", metavar="A..B", default="", help="Commits, as git spells a range.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print only JSON on standard output.")


@cli.command(epilog="Example: ai-code-metrics commits . --range v1.0..HEAD")
@_PROJECT
@_RANGE
@_JSON
@settings("exclude")
def commits(path: Path, commit_range: str, config_file: str, *, as_json: bool, **values: object) -> None:
    """Score the commits of a range; default: the last 50 at HEAD."""
    config = _config(path, config_file, values)
    repository, found = _open(config, commit_range)
    scored = measurement.score_commits(sources.read_range(repository, found), config)
    _show(scored, as_json=as_json, printer=terminal.print_commits)


@cli.command(epilog="Example: ai-code-metrics attribution . --range main..HEAD --json")
@_PROJECT
@_RANGE
@_JSON
@settings("exclude")
def attribution(path: Path, commit_range: str, config_file: str, *, as_json: bool, **values: object) -> None:
    """Say who wrote the lines: those that a range added, or all that survive at HEAD."""
    config = _config(path, config_file, values)
    repository, found = _open(config, commit_range)
    if found.base is None:
        lines = blame.surviving_lines(repository, found.head, exclude=config.exclude)
        view = measurement.attribution_view("surviving", lines, config)
    else:
        lines = blame.changed_lines(repository, found.base, found.head, exclude=config.exclude)
        view = measurement.attribution_view("changed", lines, config)
    _show(view, as_json=as_json, printer=terminal.print_attribution)


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


def _show(part: Any, *, as_json: bool, printer: Callable[[Any, Console], None]) -> None:  # noqa: ANN401
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(part), indent=2))
    else:
        _print(lambda console: printer(part, console))


@cli.command(epilog="Example: ai-code-metrics schema summary > summary.schema.json")
@click.argument("name", type=click.Choice(["summary", "config"]))
def schema(name: str) -> None:
    """Print the JSON Schema of metrics-summary.json, or of the table in pyproject.toml."""
    document = summary_json.json_schema() if name == "summary" else config_schema()
    click.echo(json.dumps(document, indent=2))


def _exit_on_signals() -> None:
    """End by an exception at the signals that would end the process at once, so that what it started ends with it."""

    def leave(number: int, _: object) -> None:
        for other in numbers:
            signal.signal(other, signal.SIG_IGN)  # a second one would end the clearing up
        sys.exit(_SIGNAL_EXIT_CODE + number)

    named = (getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP"))  # Windows has no SIGHUP
    # what is ignored stays so: `nohup` is meant to outlive its terminal
    numbers = [number for number in named if number is not None and signal.getsignal(number) is signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, leave)


def main() -> None:
    """Run the command line and exit with the code of the outcome.

    A signal that ends the program is 128 and its number, as is the shell's convention: 130 for Ctrl-C, 143 for SIGTERM.
    """
    _exit_on_signals()
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(UsageError.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        sys.exit(_SIGNAL_EXIT_CODE + signal.SIGINT)
    except BrokenPipeError:
        # the reader of our output has gone; nothing is left to tell anybody
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except AiCodeMetricsError as error:
        text = escape.plain(str(error), _LINE)
        click.echo(workflow.error(text) if in_action(os.environ) else f"ai-code-metrics: {text}", err=True)
        sys.exit(error.exit_code)
