"""The commands that work on Pushgateways."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ai_code_metrics.cli_merge import read_summary
from ai_code_metrics.cli_options import GATEWAY_SETTINGS, SUMMARY, configure, settings
from ai_code_metrics.config import load_secrets
from ai_code_metrics.errors import UsageError
from ai_code_metrics.gateway_targets import push_targets
from ai_code_metrics.publishing import Publication

if TYPE_CHECKING:
    from ai_code_metrics.config import Config
    from ai_code_metrics.publish.push_target import PushTarget


@click.command(epilog="Example: ai-code-metrics push metrics-summary.json --pushgateway-url http://localhost:9091")
@SUMMARY
@settings(*GATEWAY_SETTINGS, "push-branches", "push-pull-requests", "comment-key", "textfile-directory")
def push(summary_path: Path, config_file: str, **values: object) -> None:
    """Push SUMMARY to a Pushgateway, or write it to a --textfile-directory; a failure is exit code 4.

    User, password and token come from AI_CODE_METRICS_PUSHGATEWAY_USERNAME, …_PASSWORD and …_TOKEN.
    """
    config = configure(Path(), config_file, values, os.environ)
    if not config.textfile_directory:
        gateways(config, "push")
    publication = Publication(
        summary=read_summary(summary_path),
        directory=summary_path.resolve().parent,
        config=config,
        secrets=load_secrets(os.environ),
        environ={},
        say=click.echo,
    )
    publication.push()


def gateways(config: Config, command: str) -> tuple[PushTarget, ...]:
    """Return the Pushgateways that a command works on, at least one.

    Raises:
        UsageError: none is given, or a setting of theirs can't be used.
    """
    if not config.pushgateway_url:
        raise UsageError(f"{command}: give --pushgateway-url, for example http://localhost:9091")
    return push_targets(config, load_secrets(os.environ))
