"""The commands that ask something of GitHub or of a remote before or after a measurement: ``fetch`` and ``receive``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ai_code_metrics import base_group, joining, receiving
from ai_code_metrics.cli_merge import write
from ai_code_metrics.cli_options import GATEWAY_SETTINGS, PROJECT, configure, settings
from ai_code_metrics.cli_output import tell, warn
from ai_code_metrics.collect import remote
from ai_code_metrics.collect.context import EventContext, local_context, read_context
from ai_code_metrics.collect.repository import Repository
from ai_code_metrics.config import load_secrets
from ai_code_metrics.errors import (
    AiCodeMetricsError,
    InvalidSummary,
    PublishFailed,
    PullRequestGone,
    ReportRefused,
    SourceUnavailable,
    UsageError,
)
from ai_code_metrics.report import summary_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from github import Github

    from ai_code_metrics.config import Config, Secrets
    from ai_code_metrics.model import Summary

_ARTIFACT_NAME = click.option("--artifact-name", default="", help="Exact name of the artifact; else by its default.")


def complete(config: Config) -> None:
    """Fetch what the clone lacks; what can't be had is a warning."""
    secrets = load_secrets(os.environ)
    try:
        repository = Repository.open(config.root, os.environ)
        said = remote.complete(
            repository,
            read_context(os.environ),
            os.environ,
            notes=config.fetch_notes and config.notes,
            deepen=config.deepen,
            token=secrets.github_token,
        )
    except SourceUnavailable as error:
        said = (("no-repository", str(error)),)
    for code, message in said:
        warn(secrets.redact(f"{code}: {message}"), os.environ)


@click.command(epilog="Example: ai-code-metrics fetch . --no-deepen")
@PROJECT
@click.option(
    "--base-report", "base_report", type=click.Path(path_type=Path), help="Where the base's latest report goes."
)
@_ARTIFACT_NAME
@settings("fetch-notes", "deepen", "base", "comment-key", *GATEWAY_SETTINGS)
def fetch(path: Path, base_report: Path | None, artifact_name: str, config_file: str, **values: object) -> None:
    """Fetch from origin what the clone of PATH lacks: authorship notes, history, files and the base branch.

    Nothing is pushed, and no ref of your own is changed; what can't be had is a warning. No other command but those
    with --fetch asks anything of a remote. The token comes from AI_CODE_METRICS_GITHUB_TOKEN, else GITHUB_TOKEN.

    With --base-report, the latest report of the base is looked for among the repository's artifacts, else its coverage
    in the group of the base branch on a Pushgateway, where there is a --pushgateway-url.
    """
    config = configure(path, config_file, values, os.environ)
    complete(config)
    if base_report is not None:
        _fetch_base_report(config, base_report, artifact_name)


def _fetch_base_report(config: Config, file: Path, artifact_name: str) -> None:
    secrets, name = load_secrets(os.environ), artifact_name or _own_artifact_name()
    try:
        # what is there is of an earlier run, or came with the analysed code and would be taken for the base's
        file.unlink(missing_ok=True)
        found = _base_report(config, secrets, name)
        if found is not None:
            with file.open("xb") as new:  # never through a link
                new.write(summary_json.encode(found))
    except AiCodeMetricsError as error:
        warn(secrets.redact(f"no-base-report: {error}"), os.environ)
    except OSError as error:
        raise UsageError(f"--base-report: {file} can't be written: {error.strerror or error}") from None


def _base_report(config: Config, secrets: Secrets, artifact_name: str) -> Summary | None:
    """The artifact of the base, else what a Pushgateway holds of its branch."""
    repository = Repository.open(config.root, os.environ)
    context = _context(repository)
    try:
        return receiving.latest_base_report(
            _client(secrets), repository, context, base=config.base, artifact_name=artifact_name
        )
    except AiCodeMetricsError as error:
        if not config.pushgateway_url:
            raise
        try:
            return base_group.latest(repository, context, config, secrets)
        except (PublishFailed, SourceUnavailable) as other:
            raise SourceUnavailable(f"{error}; {other}") from None


def _context(repository: Repository) -> EventContext:
    context = read_context(os.environ)
    return local_context(repository.remote_url()) if context.event == "local" else context


def _own_artifact_name() -> str:
    job = os.environ.get("GITHUB_JOB", "")
    if not job:
        raise UsageError("outside of a job, --artifact-name has to say what the base's report is called")
    return f"{receiving.ARTIFACT_PREFIX}{job}-0"


@click.command(epilog="Example: ai-code-metrics receive --output metrics")
@click.option("--output", required=True, type=click.Path(path_type=Path), help="Where files go.")
@_ARTIFACT_NAME
@settings("gates", "gate-on-missing", "comment-key")
def receive(output: Path, artifact_name: str, config_file: str, **values: object) -> None:
    """Receive the reports of another run as untrusted input, and write what can be published of them.

    In a workflow_run event that is the run that triggered it, else this run. Each report must say of itself what the
    event and GitHub say. Several, of shards and of a matrix, are merged; gates are evaluated anew and texts rendered
    anew. Where the pull request has moved on or was closed, nothing is written. The token comes from
    AI_CODE_METRICS_GITHUB_TOKEN, else GITHUB_TOKEN.
    """
    config = configure(Path(), config_file, values, os.environ)
    secrets = load_secrets(os.environ)
    try:
        received = receiving.receive(
            _client(secrets), read_context(os.environ), os.environ, config, artifact_name=artifact_name
        )
    except PullRequestGone as error:
        tell(f"nothing to publish: {error}", os.environ)
        return
    except AiCodeMetricsError as error:
        raise type(error)(secrets.redact(str(error))) from None
    write(_join(received, config), config, output)


def _join(received: Sequence[receiving.Received], config: Config) -> Summary:
    """Merge the reports of shards and of a matrix; a single one is what it is."""
    if len(received) == 1:
        return received[0].summary
    try:
        return joining.join({report.name: report.summary for report in received}, config)
    except (InvalidSummary, UsageError) as error:
        raise ReportRefused(f"{error}; or set artifact-name to the one report that is to be published") from None


def _client(secrets: Secrets) -> Github:
    if not secrets.github_token:
        raise UsageError(
            "there is no token to read artifacts with: set github-token, with `permissions: actions: read`"
        )
    # PyGithub takes as long to import as all of ours, and few commands need it
    from ai_code_metrics import github_client  # noqa: PLC0415

    return github_client.client_of(secrets.github_token, os.environ)
