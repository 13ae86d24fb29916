"""The artifacts of workflow runs: listed through GitHub's REST API, downloaded with a limit on size and time.

A download is two requests: the API answers with a redirect to a signed address of a blob store, which is asked without
the token. It is no host of GitHub's API, and the address alone lets in whoever has it.
"""

from __future__ import annotations

import io
import re
import time
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

import msgspec
import requests
from github.Artifact import Artifact
from github.GithubException import GithubException
from github.PaginatedList import PaginatedList
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from ai_code_metrics.errors import ReportRefused, SourceUnavailable
from ai_code_metrics.github_client import RETRIES, TIMEOUT_SECONDS, check_repository, explained, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

    from github import Github

MAX_BYTES: Final = 128 * 1024 * 1024
"""Zipped size of an artifact that is downloaded."""
MAX_LISTED: Final = 1_000
"""Artifacts of one listing that are looked at, newest first."""
DOWNLOAD_SECONDS: Final = 300.0
_CHUNK_BYTES: Final = 1 << 16
_REDIRECTS: Final = frozenset({302, 307})
_OK: Final = 200
_QUERY: Final = re.compile(r"\?[^\s'\"]*")
_HINTS: Final[Mapping[int, str]] = {
    401: "GitHub doesn't know the token ({said}): check github-token",
    403: "GitHub doesn't let the token read {where} ({said}): give the job `permissions: actions: read`",
    404: "GitHub shows the token no {where} ({said}): check that the job has `permissions: actions: read`, and that "
    "nobody deleted it",
    410: "{where} has expired ({said}): run the measuring workflow again, or set retention-days for its artifacts",
}


class _Run(msgspec.Struct, frozen=True):
    id: int
    repository_id: int | None = None
    head_repository_id: int | None = None
    head_sha: str | None = None


class _Listed(msgspec.Struct, frozen=True):
    id: int
    name: str
    size_in_bytes: int
    expired: bool
    created_at: str | None = None
    workflow_run: _Run | None = None


@dataclass(frozen=True, slots=True)
class StoredArtifact:
    """An artifact as GitHub lists it.

    Attributes:
        size_bytes: of the zip.
        created_at: RFC 3339, empty where unknown.
        head_sha: the commit that its run was about; for a pull request, the head of its branch.
        is_own: whether that commit was one of the repository's own branches, none of a fork's.
    """

    id: int
    name: str
    size_bytes: int
    is_expired: bool
    created_at: str
    head_sha: str | None
    is_own: bool


def of_run(client: Github, repository: str, run_id: int, name: str = "") -> list[StoredArtifact]:
    """List the artifacts of a run, newest first; of several attempts' artifacts of one name the newest.

    Args:
        client: from :func:`ai_code_metrics.github_client.build_client`.
        repository: ``owner/name``.
        run_id: the run's id.
        name: the exact name; default: all.

    Raises:
        UsageError: ``repository`` is no name of one.
        SourceUnavailable: GitHub refused or could not be reached; the text says what to do.
    """
    found = _list(client, repository, f"actions/runs/{run_id}/artifacts", name, f"run {run_id} of {repository}")
    return list({artifact.name: artifact for artifact in reversed(found)}.values())[::-1]


def of_repository(client: Github, repository: str, name: str) -> list[StoredArtifact]:
    """List the artifacts of all runs that have exactly this name, newest first, at most 1,000.

    Raises:
        UsageError: ``repository`` is no name of one.
        SourceUnavailable: GitHub refused or could not be reached; the text says what to do.
    """
    return _list(client, repository, "actions/artifacts", name, f"the artifacts of {repository}")


def _list(client: Github, repository: str, path: str, name: str, where: str) -> list[StoredArtifact]:
    check_repository(repository)
    with explained(_failure, _HINTS, where):
        pages = PaginatedList(
            Artifact,
            client.requester,
            f"/repos/{repository}/{path}",
            firstParams={"name": name} if name else {},
            list_item="artifacts",
        )
        found = [_stored(artifact.raw_data) for artifact in islice(pages, MAX_LISTED)]
    return sorted(found, key=lambda artifact: (artifact.created_at, artifact.id), reverse=True)


def _stored(raw: Mapping[str, Any]) -> StoredArtifact:
    listed = msgspec.convert(raw, _Listed)
    run = listed.workflow_run
    return StoredArtifact(
        id=listed.id,
        name=listed.name,
        size_bytes=listed.size_in_bytes,
        is_expired=listed.expired,
        created_at=listed.created_at or "",
        head_sha=run.head_sha if run else None,
        is_own=run is not None and run.repository_id is not None and run.repository_id == run.head_repository_id,
    )


def download(client: Github, repository: str, artifact: StoredArtifact) -> io.BytesIO:
    """Download an artifact's zip into memory.

    Raises:
        ReportRefused: it is larger than 128 MiB, by what GitHub says of it or by what came.
        SourceUnavailable: it has expired, or GitHub or its store refused or could not be reached.
    """
    check_repository(repository)
    if artifact.is_expired:
        raise SourceUnavailable(_HINTS[410].format(where=_named(artifact), said="GitHub lists it as expired"))
    if artifact.size_bytes > MAX_BYTES:
        raise _too_large(artifact, f"{artifact.size_bytes:,} bytes")
    with explained(_failure, _HINTS, _named(artifact)):
        return _read_blob(_blob_address(client, repository, artifact), artifact)


def _blob_address(client: Github, repository: str, artifact: StoredArtifact) -> str:
    path = f"/repos/{repository}/actions/artifacts/{artifact.id}/zip"
    status, headers, body = client.requester.requestJson("GET", path)
    if status not in _REDIRECTS:
        raise client.requester.createException(status, headers, _message(body))
    address = str(headers.get("location", ""))
    if urlsplit(address).scheme != "https" and urlsplit(client.requester.base_url).scheme == "https":
        raise GithubException(status, {"message": "the artifact's address is not https"})
    return address


def _message(body: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except msgspec.MsgspecError:  # a proxy's page
        return {}


def _read_blob(address: str, artifact: StoredArtifact) -> io.BytesIO:
    try:
        with _session() as session, session.get(address, **_ASKED) as response:
            if response.status_code != _OK:
                said = f"its store answered {response.status_code}"
                raise SourceUnavailable(f"{_named(artifact)}: {said}; run the job again")
            return _read_body(response, artifact)
    except (OSError, HTTPError) as error:  # of requests, and of urllib3 while the body comes
        # the signature of the address lets in whoever reads the log
        reason = one_line(_QUERY.sub("?***", str(error)))
        raise SourceUnavailable(f"{_named(artifact)}: its store could not be read ({reason})") from None


def _read_body(response: requests.Response, artifact: StoredArtifact) -> io.BytesIO:
    deadline = time.monotonic() + DOWNLOAD_SECONDS
    content = io.BytesIO()
    # read1 returns with what has come: while a whole chunk drips in, nobody would look at the clock
    while chunk := response.raw.read1(_CHUNK_BYTES):
        content.write(chunk)
        if content.tell() > MAX_BYTES:
            raise _too_large(artifact, f"more than the {artifact.size_bytes:,} bytes that GitHub lists")
        if time.monotonic() > deadline:
            raise SourceUnavailable(f"{_named(artifact)} did not arrive within {DOWNLOAD_SECONDS:.0f} seconds")
    return content


def _without_credentials(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keep requests from looking for a password of the host in ~/.netrc, which it does where nothing else is set."""
    return request


_ASKED: Final[Mapping[str, Any]] = {
    "stream": True,
    "timeout": TIMEOUT_SECONDS,
    "allow_redirects": False,
    "auth": _without_credentials,
    "headers": {"Accept-Encoding": "identity", "User-Agent": "ai-code-metrics"},
}


def _session() -> requests.Session:
    session = requests.Session()
    retry = Retry(
        total=RETRIES,
        backoff_factor=0.5,
        status_forcelist=[429, *range(500, 600)],
        allowed_methods={"GET"},
        respect_retry_after_header=False,
        raise_on_status=False,
    )
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    return session


def _too_large(artifact: StoredArtifact, size: str) -> ReportRefused:
    return ReportRefused(
        f"{_named(artifact)} has {size}, and at most {MAX_BYTES:,} are read: measure fewer files (inputs source and "
        "exclude)"
    )


def _named(artifact: StoredArtifact) -> str:
    return f"artifact {_printable(artifact.name)!r} ({artifact.id})"


def _printable(name: str) -> str:
    return re.sub(r"[^ -~]", "?", name)[:200]


def _failure(_: GithubException) -> type[SourceUnavailable]:
    return SourceUnavailable
