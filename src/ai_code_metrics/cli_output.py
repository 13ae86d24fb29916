"""What commands print: reports on standard output, progress and trouble on standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec
from rich.console import Console

from ai_code_metrics.config import in_action
from ai_code_metrics.report import escape, workflow_commands

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_LINE: Final = 2_000
"""Characters of an error that may hold foreign text."""


class Output(Console):
    """Standard output; where it is no terminal, lines are as long as they are, for grep and for links to stay whole."""

    def __init__(self) -> None:
        super().__init__(width=None if sys.stdout.isatty() else MAX_LINE)

    def on_broken_pipe(self) -> None:
        """Let the command line end quietly, where rich would exit with the code of a bug."""
        raise BrokenPipeError


def print_report(printer: Callable[[Console], None], environ: Mapping[str, str]) -> None:
    """Print to standard output; in an action without anything that its runner would take for a command."""
    console = Output()
    if not in_action(environ):
        printer(console)
        return
    with console.capture() as captured:
        printer(console)
    click.echo(workflow_commands.harmless(captured.get()), nl=False)


def progress_console(environ: Mapping[str, str]) -> Console:
    """Standard error; plain under CI, whose logs keep every frame of an animation, even where there is a terminal."""
    return Console(stderr=True, force_terminal=False if environ.get("CI") else None)


def show(
    part: Any,  # noqa: ANN401 - whatever the printer prints
    printer: Callable[[Any, Console], None],
    environ: Mapping[str, str],
    *,
    as_json: bool,
) -> None:
    """Print a part of the summary, as JSON or for people."""
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(part), indent=2))
    else:
        print_report(lambda console: printer(part, console), environ)


def warn(text: str, environ: Mapping[str, str]) -> None:
    """Say on standard error what is amiss; in an action as a warning on the run's page."""
    line = escape.plain(text, MAX_LINE)
    click.echo(workflow_commands.warning(line) if in_action(environ) else f"ai-code-metrics: {line}", err=True)


def tell(text: str, environ: Mapping[str, str]) -> None:
    """Say on standard output what is good to know; in an action as a notice on the run's page."""
    line = escape.plain(text, MAX_LINE)
    click.echo(workflow_commands.notice(line) if in_action(environ) else line)
