"""The context of a run: GitHub's variables and the event's payload, as one record."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ai_code_metrics.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_TITLE = 1_000
MAX_BODY = 20_000
MAX_EVENT_BYTES = 25 * 1024 * 1024  # GitHub's own limit of a payload
_PULL_REQUEST_EVENTS = frozenset({"pull_request", "pull_request_target"})
_ZERO = "0"
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_REPOSITORY = re.compile(r"[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}")
# https://host/owner/name.git, ssh://git@host/owner/name, git@host:owner/name.git; user and password are left out
_REMOTE = re.compile(
    r"(?:https?://(?:[^@/]{1,200}@)?|ssh://(?:[^@/]{1,100}@)?|[^@/:]{1,100}@)(?P<host>[A-Za-z0-9.-]{1,200})(?::\d{1,5})?"
    r"[/:](?P<repository>[A-Za-z0-9._-]{1,100}/[A-Za-z0-9._-]{1,100}?)(?:\.git)?/?"
)


@dataclass(frozen=True, slots=True)
class TriggeringRun:
    """The run whose end is a ``workflow_run`` event: one for a pull request, or for a push to the repository itself.

    Attributes:
        event: ``pull_request`` or ``push``.
        head_repository: ``owner/name`` of the repository that the measured commit is in; a fork's for a fork.
        conclusion: how the run ended, None where the event doesn't say.
    """

    id: int
    event: str
    head_repository: str
    conclusion: str | None = None


@dataclass(frozen=True, slots=True)
class EventContext:
    """What the event says; every text of it may come from a stranger.

    Of a ``workflow_run``, branch, head and address are those of the run that triggered it.

    Attributes:
        head_sha: the pull request's own head (not the merge commit), or that of the triggering run; else None.
        base_ref: the branch that a pull request goes to.
        base_sha: the base branch as the event knew it (may be stale).
        before: the commit that a push replaced, None for a new branch.
        title: the pull request's title on one line, at most 1,000 characters.
        body: the pull request's description with line feeds only, at most 20,000 characters.
        author: the account that opened the pull request.
        trigger: the run that triggered this one; None for other events, and where nothing can be made of it.
        trigger_problem: why nothing can be made of it, else empty.
    """

    event: str = "local"
    repository: str | None = None
    branch: str | None = None
    default_branch: str | None = None
    head_sha: str | None = None
    base_ref: str | None = None
    base_sha: str | None = None
    before: str | None = None
    pull_request: int | None = None
    title: str | None = None
    body: str | None = None
    author: str | None = None
    is_fork: bool = False
    run_url: str | None = None
    server_url: str = "https://github.com"
    trigger: TriggeringRun | None = None
    trigger_problem: str = ""


def read_context(environ: Mapping[str, str]) -> EventContext:
    """Read the context from ``GITHUB_*`` variables and the file that ``GITHUB_EVENT_PATH`` names.

    Outside of GitHub Actions the context is ``local`` and empty.

    Raises:
        UsageError: the payload is unreadable, too large, or no JSON object.
    """
    event = environ.get("GITHUB_EVENT_NAME", "")
    if not event:
        return EventContext()
    payload = _read_payload(environ.get("GITHUB_EVENT_PATH", ""))
    return from_payload(event, payload, environ)


def from_payload(event: str, payload: Mapping[str, Any], environ: Mapping[str, str]) -> EventContext:
    """Make the context of an event's payload; absent or oddly typed fields count as unknown."""
    if event == "workflow_run":
        return _from_workflow_run(payload, environ)
    server_url = environ.get("GITHUB_SERVER_URL", "") or "https://github.com"
    repository = _text(environ, "GITHUB_REPOSITORY")
    pull = _table(payload, "pull_request") if event in _PULL_REQUEST_EVENTS else {}
    head, base = _table(pull, "head"), _table(pull, "base")
    head_repository, base_repository = _table(head, "repo"), _table(base, "repo")
    number = pull.get("number")
    is_branch = environ.get("GITHUB_REF_TYPE", "branch") == "branch"
    before = _text(payload, "before") if event == "push" else None
    return EventContext(
        event=event[:100],
        repository=repository,
        branch=_text(head, "ref") if pull else (_text(environ, "GITHUB_REF_NAME") if is_branch else None),
        default_branch=_text(_table(payload, "repository"), "default_branch"),
        head_sha=_text(head, "sha"),
        base_ref=_text(base, "ref"),
        base_sha=_text(base, "sha"),
        before=before if before and before.strip(_ZERO) else None,
        pull_request=number if isinstance(number, int) and not isinstance(number, bool) and number > 0 else None,
        title=" ".join((_text(pull, "title", MAX_TITLE) or "").split()) or None,
        body=_text(pull, "body", MAX_BODY),
        author=_text(_table(pull, "user"), "login"),
        is_fork=bool(pull) and head_repository.get("full_name") != base_repository.get("full_name"),
        run_url=_run_url(server_url, repository, environ.get("GITHUB_RUN_ID", "")),
        server_url=server_url,
    )


def _from_workflow_run(payload: Mapping[str, Any], environ: Mapping[str, str]) -> EventContext:
    """Make the context of the run that triggered this one.

    ``workflow_run.pull_requests`` is not read: it is empty for forks (github.com/actions/runner/issues/3444).
    """
    server_url = environ.get("GITHUB_SERVER_URL", "") or "https://github.com"
    repository = _text(environ, "GITHUB_REPOSITORY")
    run = _table(payload, "workflow_run")
    head_repository = _text(_table(run, "head_repository"), "full_name")
    run_id = run.get("id")
    trigger = _trigger(run, repository)
    return EventContext(
        event="workflow_run",
        repository=repository,
        branch=_text(run, "head_branch"),
        default_branch=_text(_table(payload, "repository"), "default_branch"),
        head_sha=_text(run, "head_sha"),
        is_fork=head_repository != repository,
        run_url=_run_url(server_url, repository, str(run_id) if type(run_id) is int else ""),
        server_url=server_url,
        trigger=None if isinstance(trigger, str) else trigger,
        trigger_problem=trigger if isinstance(trigger, str) else "",
    )


def _trigger(run: Mapping[str, Any], repository: str | None) -> TriggeringRun | str:
    """Return the triggering run, or in words why nothing can be made of it."""
    number, event = run.get("id"), _text(run, "event")
    base, head = (_text(_table(run, key), "full_name") for key in ("repository", "head_repository"))
    if type(number) is not int or number <= 0:
        return "the event names no triggering run"
    if event not in ("pull_request", "push"):
        return f"the triggering run was started by {event!r}, and only pull_request and push are read"
    if repository is None or base != repository:
        return f"the triggering run is of the repository {base!r}, this one of {repository!r}"
    problem = _head_problem(run, head)
    if problem or head is None:
        return problem
    if event == "push" and head != repository:
        return f"the triggering run was started by a push to {head!r}, which is not this repository"
    return TriggeringRun(number, event, head, _text(run, "conclusion"))


def _head_problem(run: Mapping[str, Any], repository: str | None) -> str:
    if repository is None or _REPOSITORY.fullmatch(repository) is None:
        return "the event doesn't say in which repository the measured commit is: the fork may have been deleted"
    if _SHA.fullmatch(_text(run, "head_sha") or "") is None or _text(run, "head_branch") is None:
        return "the event doesn't say which commit of which branch was measured"
    return ""


def _run_url(server_url: str, repository: str | None, run_id: str) -> str | None:
    return f"{server_url}/{repository}/actions/runs/{run_id}" if repository and run_id.isdecimal() else None


def local_context(remote_url: str | None) -> EventContext:
    """Make the context of a run outside of GitHub Actions: the repository is named after its remote, if that tells."""
    match = _REMOTE.fullmatch(remote_url or "")
    if match is None:
        return EventContext()
    return EventContext(repository=match["repository"], server_url=f"https://{match['host']}")


def _read_payload(path: str) -> dict[str, Any]:
    if not path:
        return {}
    try:
        with Path(path).open("rb") as file:
            content = file.read(MAX_EVENT_BYTES + 1)
        payload = json.loads(content) if len(content) <= MAX_EVENT_BYTES else None
    except (OSError, ValueError, RecursionError) as error:
        raise UsageError(f"GITHUB_EVENT_PATH: the event's payload {path} can't be read: {error}") from None
    if not isinstance(payload, dict):
        raise UsageError(f"GITHUB_EVENT_PATH: {path} holds no JSON object of at most {MAX_EVENT_BYTES} bytes")
    return payload


def _table(payload: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = payload.get(key)
    return value if isinstance(value, dict) else {}


def _text(payload: Mapping[str, Any], key: str, limit: int = 300) -> str | None:
    value = payload.get(key)
    if not isinstance(value, str) or not value:
        return None
    # GitHub keeps the line ends of the browser
    return value[:limit].replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode("utf-8")
