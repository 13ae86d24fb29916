"""The arguments and options that commands share, and the one way from settings to options."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from ai_code_metrics.config import SETTINGS, Config, load
from ai_code_metrics.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CommandT = TypeVar("CommandT", bound="Callable[..., Any]")

SUMMARY: Final = click.argument("summary_path", metavar="SUMMARY", type=click.Path(path_type=Path))
PROJECT: Final = click.argument("path", type=click.Path(file_okay=False, path_type=Path), default=".")
RANGE: Final = click.option(
    "--range", "commit_range", metavar="A..B", default="", help="Commits, as git spells a range."
)
JSON: Final = click.option("--json", "as_json", is_flag=True, help="Print only JSON on standard output.")
FETCH: Final = click.option("--fetch", "wants_fetch", is_flag=True, help="First complete the clone, as `fetch` does.")
GATEWAY_SETTINGS: Final = ("pushgateway-url", "pushgateway-ca-file", "pushgateway-job")
MEASURE_SETTINGS: Final = (
    "source", "exclude", "python", "test-command", "coverage-file", "base", "base-report", "gates", "gate-on-missing",
    "comment-key", "tool-timeout", "test-timeout", "blame-cache", "notes", "markers", "detect-moves",
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


def configure(root: Path, config_file: str, values: Mapping[str, Any], environ: Mapping[str, str]) -> Config:
    """Build the configuration of a command in ``root`` from its options.

    Raises:
        UsageError: there is no such directory, or a setting can't be used.
    """
    if not root.is_dir():
        raise UsageError(f"{root} is not a directory")
    options = {setting.name: values.get(setting.attribute) for setting in SETTINGS}
    return load(root, environ=environ, options=options, config_file=config_file)
