"""The commands that push to Pushgateways and show what they hold."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ai_code_metrics.cli_merge import read_summary
from ai_code_metrics.cli_options import GATEWAY_SETTINGS, JSON, SUMMARY, configure, settings
from ai_code_metrics.cli_output import show, warn
from ai_code_metrics.config import load_secrets
from ai_code_metrics.errors import PublishFailed, UsageError
from ai_code_metrics.gateway_groups import Held
from ai_code_metrics.gateway_targets import push_targets
from ai_code_metrics.publish.gateway_query import read_groups
from ai_code_metrics.publishing import Publication
from ai_code_metrics.report.group_table import group_rows, print_groups

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        gateways(config, "push", "or --textfile-directory, ")
    publication = Publication(
        summary=read_summary(summary_path),
        directory=summary_path.resolve().parent,
        config=config,
        secrets=load_secrets(os.environ),
        environ={},
        say=click.echo,
    )
    publication.push()


@click.command(epilog="Example: ai-code-metrics query --repository octo/shop --pushgateway-url http://localhost:9091")
@click.option("--repository", metavar="OWNER/NAME", help="Only groups of this repository.")
@click.option("--branch", metavar="NAME", help="Only groups of this branch; pr-N for a pull request.")
@click.option("--all-jobs", is_flag=True, help="Also groups of other jobs, whoever pushed them.")
@JSON
@settings(*GATEWAY_SETTINGS)
def query(
    repository: str | None, branch: str | None, config_file: str, *, all_jobs: bool, as_json: bool, **values: object
) -> None:
    """Show the groups of the Pushgateways: age, score, coverage, AI share, gates, findings.

    A gateway that can't be read is exit code 4, after the groups of the others. Exact labels and values are in --json.
    User, password and token come from AI_CODE_METRICS_PUSHGATEWAY_USERNAME, …_PASSWORD and …_TOKEN.
    """
    config = configure(Path(), config_file, values, os.environ)
    if repository is not None and "/" not in repository:
        raise UsageError(f"--repository: {repository[:100]!r} is not of the form OWNER/NAME")
    holdings = read_all(group_keepers(config, "query"))
    wanted = {"repository": repository, "branch": branch, "job": None if all_jobs else config.pushgateway_job}
    held = [
        each
        for each in holdings.held
        if (all_jobs or each.group.is_ours)
        and all(value is None or each.group.labels.get(label) == value for label, value in wanted.items())
    ]
    if any(each.group.is_poisonous for each in holdings.held):
        warn("query: a group with an empty label is there, which can break its gateway: see doctor", os.environ)
    part = group_rows(held) if as_json else held
    show(part, lambda part, console: print_groups(part, console, time.time()), os.environ, as_json=as_json)
    holdings.conclude()


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the gateways hold, and why some couldn't be read."""

    held: tuple[Held, ...]
    failures: tuple[str, ...]

    def conclude(self) -> None:
        """Raise :class:`PublishFailed` where a gateway couldn't be read."""
        if self.failures:
            raise PublishFailed("; ".join(self.failures))


def read_all(targets: Sequence[PushTarget]) -> Holdings:
    """Read the groups of all gateways; one that can't be read doesn't keep the others from it."""
    held: list[Held] = []
    failures: list[str] = []
    for target in targets:
        try:
            held += [Held(target.url, group) for group in read_groups(target)]
        except PublishFailed as error:
            failures.append(str(error))
    return Holdings(tuple(held), tuple(failures))


def gateways(config: Config, command: str, alternative: str = "") -> tuple[PushTarget, ...]:
    """Return the Pushgateways that a command works on, at least one.

    Raises:
        UsageError: none is given, or a setting of theirs can't be used.
    """
    if not config.pushgateway_url:
        raise UsageError(f"{command}: give --pushgateway-url, {alternative}for example http://localhost:9091")
    return push_targets(config, load_secrets(os.environ))


def group_keepers(config: Config, command: str) -> list[PushTarget]:
    """Return those Pushgateways that keep groups, at least one; others are told.

    Raises:
        UsageError: none does, or a setting of theirs can't be used.
    """
    targets = gateways(config, command)
    texts = [
        f"{command}: {target.url} is VictoriaMetrics' import endpoint, which has no groups to {command}: ask "
        "its own query API (/api/v1/query) what it has, and let its retention (-retentionPeriod) delete"
        for target in targets
        if not target.keeps_groups
    ]
    if len(texts) == len(targets):
        raise UsageError(texts[0])
    for text in texts:
        warn(text, os.environ)
    return [target for target in targets if target.keeps_groups]
