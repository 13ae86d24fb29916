"""The command that deletes groups of Pushgateways which nobody needs any more."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from ai_code_metrics.cli_gateway import group_keepers, read_all
from ai_code_metrics.cli_options import GATEWAY_SETTINGS, JSON, configure, settings
from ai_code_metrics.cli_output import show, warn
from ai_code_metrics.config import load_secrets
from ai_code_metrics.errors import AiCodeMetricsError, PublishFailed, UsageError
from ai_code_metrics.measure.gateway_prune import Criteria, Live, plan, questions
from ai_code_metrics.publish.gateway_cleaning import delete_groups
from ai_code_metrics.report.prune_report import plan_rows, print_plan, untold_lines
from ai_code_metrics.report.wording import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ai_code_metrics.config import Secrets
    from ai_code_metrics.measure.gateway_prune import Plan
    from ai_code_metrics.publish.push_target import PushTarget

_MIN_DAYS: Final = 1


@click.command(
    epilog="Example: ai-code-metrics prune --repository octo/shop --closed-pull-requests --deleted-branches "
    "--pushgateway-url http://localhost:9091"
)
@click.option("--older-than", "days", type=float, metavar="DAYS", help="Groups last pushed longer ago; at least 1.")
@click.option("--closed-pull-requests", is_flag=True, help="Groups of pull requests that are closed or merged.")
@click.option("--deleted-branches", is_flag=True, help="Groups of branches that are no more.")
@click.option("--repository", metavar="OWNER/NAME", help="Only this repository's; alone: all of them.")
@click.option("--branch", metavar="NAME", help="Only this branch's of the repository; alone: them.")
@click.option("--project", metavar="NAME", help="Only this part's of a monorepo, as its comment-key names it.")
@click.option("--pull-request", type=click.IntRange(min=1), metavar="N", help="The same as --branch pr-N.")
@click.option("--delete", "wants_deletion", is_flag=True, help="Delete them; else they are only shown.")
@JSON
@settings(*GATEWAY_SETTINGS)
def prune(  # noqa: PLR0913 - an option each
    days: float | None,
    repository: str | None,
    branch: str | None,
    project: str | None,
    pull_request: int | None,
    config_file: str,
    *,
    closed_pull_requests: bool,
    deleted_branches: bool,
    wants_deletion: bool,
    as_json: bool,
    **values: object,
) -> None:
    """Delete groups that nobody needs any more, by age, closed pull request, deleted branch, or name.

    Without --delete it only shows which, and why. Only groups that this program pushes, of --pushgateway-job, are
    touched, and none of which it can't be told for sure. A gateway or a deletion that fails is exit code 4.

    GitHub is asked with the token of AI_CODE_METRICS_GITHUB_TOKEN, else GITHUB_TOKEN. User, password and token of the
    gateway come from AI_CODE_METRICS_PUSHGATEWAY_USERNAME, …_PASSWORD and …_TOKEN.
    """
    config, secrets = configure(Path(), config_file, values, os.environ), load_secrets(os.environ)
    criteria = Criteria(
        job=config.pushgateway_job,
        older_than_days=days,
        closed_pull_requests=closed_pull_requests,
        deleted_branches=deleted_branches,
        repository=repository,
        branch=_branch(branch, pull_request),
        project=project,
    )
    _check(criteria)
    targets = group_keepers(config, "prune")
    asking = _Asking(secrets) if criteria.asks_github else None
    # what GitHub is asked after the groups were read can't miss a pull request whose group is there
    holdings, now = read_all(targets), time.time()
    answers = asking.answers(questions(holdings.held, criteria)) if asking else {}
    decided = plan(holdings.held, criteria, answers, now)
    _show(decided, now, as_json=as_json, is_dry_run=not wants_deletion)
    failures = [*holdings.failures, *(_delete(decided, targets) if wants_deletion else ())]
    if failures:
        raise PublishFailed("; ".join(failures))


def _branch(branch: str | None, pull_request: int | None) -> str | None:
    if branch is not None and pull_request is not None:
        raise UsageError("prune: give --branch or --pull-request, not both")
    return branch if pull_request is None else f"pr-{pull_request}"


def _check(criteria: Criteria) -> None:
    """Refuse what chooses nothing, or more than anybody can mean."""
    if criteria.branch is not None and criteria.repository is None:
        raise UsageError("prune: --branch and --pull-request are of a repository: give --repository too")
    if criteria.repository is not None and "/" not in criteria.repository:
        raise UsageError(f"--repository: {criteria.repository[:100]!r} is not of the form OWNER/NAME")
    if criteria.names_only and criteria.repository is None:
        raise UsageError(
            "prune: say which groups are to go: --older-than DAYS, --closed-pull-requests, --deleted-branches or "
            "--repository OWNER/NAME"
        )
    if criteria.older_than_days is not None and not criteria.older_than_days >= _MIN_DAYS:  # NaN is neither
        raise UsageError("prune: --older-than is at least 1 day, so that no group goes that is still pushed to")


class _Asking:
    """Asks GitHub what a repository has; made before anything else, because it needs a token."""

    def __init__(self, secrets: Secrets) -> None:
        if not secrets.github_token:
            raise UsageError(
                "prune: there is no token to ask GitHub with: set AI_CODE_METRICS_GITHUB_TOKEN or GITHUB_TOKEN"
            )
        # PyGithub takes as long to import as all of ours, and few commands need it
        from ai_code_metrics import github_client  # noqa: PLC0415

        self._client = github_client.client_of(secrets.github_token, os.environ)
        self._redact: Callable[[str], str] = secrets.redact

    def answers(self, asked: Mapping[str, tuple[bool, bool]]) -> dict[str, Live | str]:
        """Return what each repository has, or in words why that can't be told."""
        return {name: self._answer(name, pulls=pulls, names=names) for name, (pulls, names) in asked.items()}

    def _answer(self, repository: str, *, pulls: bool, names: bool) -> Live | str:
        from ai_code_metrics.collect import live_branches  # noqa: PLC0415 - as above

        try:
            return Live(
                live_branches.open_pull_requests(self._client, repository) if pulls else None,
                live_branches.branches(self._client, repository) if names else None,
            )
        except AiCodeMetricsError as error:
            return self._redact(str(error))


def _show(decided: Plan, now: float, *, as_json: bool, is_dry_run: bool) -> None:
    part = plan_rows(decided) if as_json else decided
    show(
        part,
        lambda part, console: print_plan(part, console, now, is_dry_run=is_dry_run),
        os.environ,
        as_json=as_json,
    )
    for line in untold_lines(decided):
        warn(f"kept, because it can't be told: {line}", os.environ)


def _delete(decided: Plan, targets: Sequence[PushTarget]) -> list[str]:
    """Delete what was decided, gateway by gateway; return what failed."""
    failures: list[str] = []
    for target in targets:
        groups = [choice.held.group for choice in decided.choices if choice.held.gateway == target.url]
        cleaning = delete_groups(target, groups)
        failures += cleaning.failures
        if groups:
            click.echo(f"{target.url}: {plural(len(cleaning.deleted), 'group')} deleted", err=True)
    return failures
