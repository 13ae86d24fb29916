"""The receive stage: the reports of other runs, held against what the event vouches for.

An artifact is the work of the code that was measured. Of its summary, the figures are taken as they are, which nobody
else knows; what it says of itself must be what the event says, and whatever is published is made anew from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec

from ai_code_metrics.bounds import MAX_NAME
from ai_code_metrics.collect import base_reports, revisions
from ai_code_metrics.collect.git_paths import printable
from ai_code_metrics.errors import InvalidSummary, ReportRefused, SourceUnavailable, UsageError
from ai_code_metrics.measure import gate
from ai_code_metrics.model import Context
from ai_code_metrics.publish.directory import SUMMARY_FILE
from ai_code_metrics.report import summary_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from github import Github

    from ai_code_metrics.collect.context import EventContext
    from ai_code_metrics.collect.repository import Repository
    from ai_code_metrics.collect.run_artifacts import StoredArtifact
    from ai_code_metrics.config import Config
    from ai_code_metrics.model import Summary

ARTIFACT_PREFIX: Final = "ai-code-metrics-"
MAX_REPORTS: Final = 256
MAX_TOTAL_BYTES: Final = 256 * 1024 * 1024
"""Of all reports of one run together: a stranger's run must not exhaust the memory of the job that reads them."""
"""Reports of one run that are read: as many as a matrix has jobs."""
_MAX_BASES: Final = 3
_HELD: Final = ("repository", "event", "head_sha", "branch", "pull_request", "is_fork")


@dataclass(frozen=True, slots=True)
class Received:
    """A report that was held against the event, and the name of the artifact that it came in."""

    name: str
    summary: Summary


def receive(
    client: Github, event: EventContext, environ: Mapping[str, str], config: Config, *, artifact_name: str = ""
) -> list[Received]:
    """Return all reports of the triggering run, or of this one where no other triggered it.

    Args:
        client: from :func:`ai_code_metrics.github_client.build_client`, with ``actions: read``.
        event: what the event vouches for.
        environ: names the run and its commit where the event is of this run.
        config: its gates are evaluated anew; without any, those that the report names.
        artifact_name: the exact name; default: all whose names start with ``ai-code-metrics-``.

    Raises:
        UsageError: this is no run of a workflow, or a gate of the configuration can't be read.
        ReportRefused: an artifact was tampered with, or a report isn't of what the event says.
        InvalidSummary: a report is no summary of this schema version.
        PullRequestGone: the measured commit is no longer the head of an open pull request.
        SourceUnavailable: there is no report, it has expired, or GitHub refused or could not be reached.
    """
    from ai_code_metrics.collect import run_artifacts  # noqa: PLC0415 - takes as long to import as all of ours

    vouched, run_id = _vouched(client, event, environ), _run_id(event, environ)
    repository = event.repository or ""
    found = run_artifacts.of_run(client, repository, run_id, artifact_name)
    matching = [artifact for artifact in found if artifact_name or artifact.name.startswith(ARTIFACT_PREFIX)]
    if not matching:
        wanted = f"the name {artifact_name!r}" if artifact_name else f"a name that starts with {ARTIFACT_PREFIX}"
        ended = f", which ended with {event.trigger.conclusion!r}" if event.trigger else ""
        raise SourceUnavailable(f"run {run_id}{ended} has no artifact with {wanted}: did its measurement end?")
    if len(matching) > MAX_REPORTS:
        raise ReportRefused(f"run {run_id} has {len(matching)} reports, and at most {MAX_REPORTS} are read")
    received, size = [], 0
    for artifact in matching:
        content = _content(client, repository, artifact)
        size += len(content)
        if size > MAX_TOTAL_BYTES:
            raise ReportRefused(
                f"the reports of run {run_id} have over {MAX_TOTAL_BYTES:,} bytes together; name one by artifact-name"
            )
        received.append(Received(artifact.name, adopt(_decoded(artifact, content), vouched, config)))
    return received


def _vouched(client: Github, event: EventContext, environ: Mapping[str, str]) -> Context:
    """Return what a report must say of itself, the pull request of another run looked up at GitHub."""
    if event.event == "local" or event.repository is None:
        raise UsageError("receive: this is no run of a workflow, which has artifacts to receive")
    kind, head_sha, number = event.event, event.head_sha or environ.get("GITHUB_SHA") or None, event.pull_request
    if event.event == "workflow_run":
        from ai_code_metrics.collect.pull_request_lookup import pull_request_of  # noqa: PLC0415 - as above

        number = pull_request_of(client, event)
        kind = event.trigger.event if event.trigger else kind
    return Context(
        repository=event.repository,
        branch=_name(event.branch),
        default_branch=_name(event.default_branch),
        event=kind,
        head_sha=head_sha,
        pull_request=number,
        is_fork=event.is_fork,
        run_url=event.run_url,
        server_url=event.server_url,
    )


def _name(text: str | None) -> str | None:
    return None if text is None else printable(text)[:MAX_NAME]


def _run_id(event: EventContext, environ: Mapping[str, str]) -> int:
    if event.trigger is not None:
        return event.trigger.id
    own = environ.get("GITHUB_RUN_ID", "")
    if not (own.isascii() and own.isdecimal()):
        raise UsageError("receive: GITHUB_RUN_ID is not set, so there is no run whose artifacts could be received")
    return int(own)


def _content(client: Github, repository: str, artifact: StoredArtifact) -> bytes:
    from ai_code_metrics.collect import artifact_zip, run_artifacts  # noqa: PLC0415 - as above

    archive = run_artifacts.download(client, repository, artifact)
    try:
        return artifact_zip.read_entry(archive, SUMMARY_FILE, summary_json.MAX_BYTES)
    except ReportRefused as error:
        raise ReportRefused(f"artifact {artifact.name[:200]!r}: {error}") from None


def _decoded(artifact: StoredArtifact, content: bytes) -> Summary:
    try:
        return summary_json.decode(content)
    except InvalidSummary as error:
        raise InvalidSummary(f"artifact {artifact.name[:200]!r}: {error}") from None


def adopt(summary: Summary, vouched: Context, config: Config) -> Summary:
    """Return a summary with the context that the event vouches for and with gates that are evaluated here.

    Raises:
        ReportRefused: it says of itself what the event doesn't, or names gates that are none.
        UsageError: a gate of the configuration can't be read.
    """
    for key in _HELD:
        ours, theirs = getattr(vouched, key), getattr(summary.context, key)
        if ours != theirs:
            raise ReportRefused(
                f"the report says that its {key.replace('_', ' ')} is {theirs!r}, but that of the measured run is "
                f"{ours!r}: it is not of this run, or was tampered with"
            )
    known = {key: getattr(vouched, key) for key in (*_HELD, "default_branch", "run_url", "server_url")}
    adopted = msgspec.structs.replace(summary, context=msgspec.structs.replace(summary.context, **known))
    return msgspec.structs.replace(
        adopted, gates=gate.evaluate(_gates(summary, config), adopted, config.gate_on_missing)
    )


def _gates(summary: Summary, config: Config) -> tuple[gate.Gate, ...]:
    if config.gates:
        return gate.parse_gates(config.gates)
    try:
        return gate.parse_gates([result.expression for result in summary.gates])
    except UsageError as error:
        raise ReportRefused(f"the report was evaluated with what is no gate ({error}); give the input gates") from None


def latest_base_report(
    client: Github, repository: Repository, event: EventContext, *, base: str, artifact_name: str
) -> Summary | None:
    """Return the latest report of the base that a run is compared with, or of the nearest commit before it.

    None where the run is compared with nothing, of which the measurement tells where that is amiss.

    Args:
        client: from :func:`ai_code_metrics.github_client.build_client`, with ``actions: read``.
        repository: the clone.
        event: what the event says, the repository's name above all.
        base: the setting of that name.
        artifact_name: the exact name of the artifacts to look among.

    Raises:
        UsageError: ``base`` names no commit.
        SourceUnavailable: there is no usable report of it, or GitHub refused; the text is the reason.
    """
    from ai_code_metrics.collect import run_artifacts  # noqa: PLC0415 - as above

    head = repository.head_sha()
    found = revisions.resolve(repository, head, event, base=base) if head else None
    if found is None or found.base is None:
        return None
    if event.repository is None:
        raise SourceUnavailable("the repository's name (owner/name) is not known: the clone has no remote `origin`")
    commits = base_reports.walk(repository, found.compared or found.base)
    artifacts = run_artifacts.of_repository(client, event.repository, artifact_name)
    reasons = []
    for artifact in base_reports.candidates(artifacts, commits)[:_MAX_BASES]:
        try:
            summary = _decoded(artifact, _content(client, event.repository, artifact))
            return _check_base(summary, artifact, event.repository)
        except (ReportRefused, InvalidSummary, SourceUnavailable) as error:
            reasons.append(str(error))
    raise SourceUnavailable(
        "; ".join(reasons)
        or f"none of the {len(artifacts)} artifacts named {artifact_name!r} is of {found.base[:12]} or of the commits "
        "before it; the base branch has to be measured by the same job"
    )


def _check_base(summary: Summary, artifact: StoredArtifact, repository: str) -> Summary:
    context = summary.context
    if (context.repository, context.head_sha, context.is_fork) != (repository, artifact.head_sha, False):
        raise ReportRefused(
            f"artifact {artifact.name[:200]!r} of {str(artifact.head_sha)[:12]} says that it is of "
            f"{str(context.head_sha)[:12]} of {str(context.repository)[:200]!r}"
        )
    return summary
