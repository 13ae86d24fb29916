from __future__ import annotations

import threading
import time
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from ai_code_metrics.collect import run_artifacts
from ai_code_metrics.collect.run_artifacts import MAX_BYTES, StoredArtifact, download, of_repository, of_run
from ai_code_metrics.errors import ReportRefused, SourceUnavailable, UsageError
from ai_code_metrics.github_client import WaitBudget, build_client
from support.fake_github import WORKFLOW, Account, Failure, FakeGithub, fake_github
from support.fake_github_actions import STORE, Artifact, zipped
from support.hostile_server import Answer, hostile_server
from support.services import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from github import Github

    from support.github_openapi import GithubDescription

NAME = "ai-code-metrics-quality-0"
RUN = 123456
TOKEN = "token"
CONTENT = zipped(("metrics-summary.json", b"{}"))
BLIND = Account("github-actions[bot]", "Bot", may_ask_who_it_is=False, may_read_actions=False)


@pytest.fixture
def github(github_description: GithubDescription) -> Iterator[FakeGithub]:
    tokens = {TOKEN: WORKFLOW, "blind": BLIND}
    with fake_github(FakeGithub(tokens=tokens, judge=github_description.violations)) as running:
        yield running
    assert running.violations == []


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib3.util.retry.Retry.get_backoff_time", lambda _: 0.0)


def client(github: FakeGithub, token: str = TOKEN) -> Github:
    return build_client(token, github.url, budget=WaitBudget(5.0))


def stored(github: FakeGithub) -> StoredArtifact:
    """The newest artifact of the run."""
    return of_run(client(github), "octo/shop", RUN)[0]


def test_a_run_s_artifacts_come_newest_first(github: FakeGithub) -> None:
    """Through all pages, those of other runs and repositories left out."""
    for number in range(250):
        github.actions.add(Artifact(CONTENT, f"other-{number}", created_at=f"2026-01-01T00:{number // 60:02}:00Z"))
    github.actions.add(Artifact(CONTENT, "elsewhere", run_id=1))
    github.actions.add(Artifact(CONTENT, "foreign", repository="mallory/shop"))
    found = of_run(client(github), "octo/shop", RUN)
    assert [artifact.name for artifact in found] == [f"other-{number}" for number in reversed(range(250))]
    assert len(github.requests()) == 3


def test_of_several_attempts_the_newest_counts(github: FakeGithub) -> None:
    """A run that was started again has artifacts of one name twice; the later one is meant."""
    github.actions.add(Artifact(b"2", created_at="2026-01-02T00:00:00Z"))
    github.actions.add(Artifact(b"1", created_at="2026-01-01T00:00:00Z"))
    (found,) = of_run(client(github), "octo/shop", RUN)
    assert (found.id, found.created_at) == (9001, "2026-01-02T00:00:00Z")


def test_an_exact_name_is_asked_for(github: FakeGithub) -> None:
    """A name leaves the others out, longer ones too."""
    github.actions.add(Artifact(CONTENT, NAME))
    github.actions.add(Artifact(CONTENT, f"{NAME}-web"))
    assert [artifact.name for artifact in of_run(client(github), "octo/shop", RUN, NAME)] == [NAME]


def test_a_repository_s_artifacts_say_whose_commit_they_are_of(github: FakeGithub) -> None:
    """A run for the pull request of a fork is listed with the base repository, but its commit is none of its own."""
    github.actions.add(Artifact(CONTENT, head_sha="1" * 40))
    github.actions.add(Artifact(CONTENT, head_sha="2" * 40, head_repository="mallory/shop", run_id=7))
    found = of_repository(client(github), "octo/shop", NAME)
    assert [(artifact.head_sha, artifact.is_own) for artifact in found] == [("2" * 40, False), ("1" * 40, True)]


def test_a_listing_without_an_end_ends(github: FakeGithub) -> None:
    """Of very many artifacts the 1,000 newest are looked at."""
    for _ in range(1_200):
        github.actions.add(Artifact(CONTENT))
    assert len(of_repository(client(github), "octo/shop", NAME)) == 1_000
    assert len(github.requests()) == 10


def test_an_artifact_is_downloaded_without_the_token(github: FakeGithub) -> None:
    """The store gets no credentials, although it is the same host here."""
    github.actions.add(Artifact(CONTENT))
    assert download(client(github), "octo/shop", stored(github)).getvalue() == CONTENT
    (headers,) = github.actions.downloads
    assert "token" not in str(headers)


def test_no_password_of_the_user_s_goes_to_the_store(
    github: FakeGithub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What ~/.netrc has for the host is left there."""
    path = tmp_path / "netrc"
    path.write_text("machine 127.0.0.1 login me password hush\n", encoding="utf-8")
    path.chmod(0o600)
    monkeypatch.setenv("NETRC", str(path))
    github.actions.add(Artifact(CONTENT))
    download(client(github), "octo/shop", stored(github))
    assert "Authorization" not in github.actions.downloads[0]


def test_an_artifact_that_is_said_to_be_too_large_is_not_asked_for(github: FakeGithub) -> None:
    """200 MB by GitHub's own word: refused before anything is sent."""
    github.actions.add(Artifact(CONTENT, listed_bytes=200_000_000))
    found = stored(github)
    with pytest.raises(ReportRefused, match=r"200,000,000 bytes, and at most 134,217,728 are read"):
        download(client(github), "octo/shop", found)
    assert len(github.requests()) == 1


def test_an_artifact_that_turns_out_too_large_is_given_up(github: FakeGithub) -> None:
    """A store that sends 200 MB of what was said to be 100 bytes is left at the limit."""
    github.actions.add(Artifact(CONTENT, listed_bytes=100, sent_bytes=200_000_000))
    found = stored(github)
    tracemalloc.start()
    try:
        with pytest.raises(ReportRefused, match=r"more than the 100 bytes that GitHub lists"):
            download(client(github), "octo/shop", found)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2.5 * MAX_BYTES  # the buffer, and once more while it grows


@pytest.mark.parametrize(("is_expired", "requests"), [(True, 1), (False, 2)])
def test_an_expired_artifact_says_so(github: FakeGithub, is_expired: bool, requests: int) -> None:  # noqa: FBT001
    """Whether the list tells, or only the download: run the measurement again, or keep artifacts for longer."""
    github.actions.add(Artifact(CONTENT, is_expired=is_expired))
    if not is_expired:
        github.failures.append(Failure(410, path=r"/zip$", message="Artifact has expired"))
    found = stored(github)
    with pytest.raises(SourceUnavailable, match=r"has expired.*retention-days"):
        download(client(github), "octo/shop", found)
    assert len(github.requests()) == requests


def test_a_token_without_the_permission_says_which(github: FakeGithub) -> None:
    """403 names the permission to give."""
    with pytest.raises(SourceUnavailable, match="permissions: actions: read"):
        of_run(client(github, "blind"), "octo/shop", RUN)
    github.actions.add(Artifact(CONTENT))
    found = stored(github)
    with pytest.raises(SourceUnavailable, match="permissions: actions: read"):
        download(client(github, "blind"), "octo/shop", found)


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (Failure(404, message="Not Found"), "nobody deleted it"),
        (Failure(401, message="Bad credentials"), "check github-token"),
        (Failure(429, message="slow down", times=9), "rate limit"),
        (Failure(503, message="maintenance"), "503 maintenance"),
        (Failure(200, raw=b"<html>a proxy's page</html>"), "not one of GitHub's API"),
        (Failure(200, raw=b'{"total_count": 1, "artifacts": [{"id": "x"}]}'), "not one of GitHub's API"),
        (Failure(0, hangs_up=True), "could not be reached"),
    ],
)
def test_a_listing_that_fails_says_why(github: FakeGithub, failure: Failure, words: str) -> None:
    """Every way to fail is a reason in words."""
    github.judge = None
    github.failures.append(failure)
    with pytest.raises(SourceUnavailable, match=words):
        of_run(client(github), "octo/shop", RUN)


@pytest.mark.parametrize("path", [r"/artifacts\?", r"/zip$", STORE])
def test_what_fails_twice_is_asked_again(github: FakeGithub, path: str) -> None:
    """Two answers 502 at any of the three requests change nothing."""
    github.actions.add(Artifact(CONTENT))
    github.failures.append(Failure(502, path=path, times=2))
    assert download(client(github), "octo/shop", stored(github)).getvalue() == CONTENT


def test_a_store_that_refuses_is_named(github: FakeGithub) -> None:
    """A signed address that is refused is none of the token's permissions."""
    github.actions.add(Artifact(CONTENT))
    found = stored(github)
    github.failures.append(Failure(403, path=STORE))
    with pytest.raises(SourceUnavailable, match="its store answered 403"):
        download(client(github), "octo/shop", found)


@pytest.mark.parametrize("path", [r"/artifacts\?", STORE])
def test_a_server_that_says_nothing_is_given_up(github: FakeGithub, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A request has an end, and the reason says that it timed out."""
    monkeypatch.setattr("ai_code_metrics.github_client.TIMEOUT_SECONDS", 1)
    monkeypatch.setattr(run_artifacts, "_ASKED", {**run_artifacts._ASKED, "timeout": 0.2})
    github.actions.add(Artifact(CONTENT))
    found = stored(github)
    github.failures.append(Failure(0, path=path, hangs_up=True, seconds=1.5))
    with pytest.raises(SourceUnavailable, match="timed out"):
        download(client(github), "octo/shop", found if path == STORE else stored(github))


def redirect(github: FakeGithub, address: str) -> StoredArtifact:
    """Let an artifact's content be at another address."""
    github.judge = None  # the answer has a body, which GitHub's has not
    github.actions.add(Artifact(CONTENT))
    github.failures.append(Failure(302, path=r"/zip$", headers={"Location": address}))
    return stored(github)


def test_a_store_that_drips_is_given_up(github: FakeGithub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A download has a deadline beside the limit of each read, and a byte now and then doesn't put it off."""
    monkeypatch.setattr(run_artifacts, "DOWNLOAD_SECONDS", 0.3)
    with hostile_server(Answer(body=b"x" * 10_000, drip_seconds=0.02)) as store:
        found, started = redirect(github, store.url), time.monotonic()
        with pytest.raises(SourceUnavailable, match="did not arrive within"):
            download(client(github), "octo/shop", found)
    assert time.monotonic() - started < 20


def test_a_store_that_breaks_off_is_named(github: FakeGithub) -> None:
    """Half of a zip is not taken for all of it."""
    with hostile_server(Answer(body=b"x" * 10_000, drip_seconds=0.02)) as store:
        found = redirect(github, store.url)
        threading.Timer(0.2, store.closing.set).start()
        with pytest.raises(SourceUnavailable, match=r"its store could not be read .*more expected"):
            download(client(github), "octo/shop", found)


@pytest.mark.parametrize("host", ["http://127.0.0.1:{port}", "http://127.0.0.1:x", "ftp://127.0.0.1", "http://"])
def test_a_signed_address_is_not_told(github: FakeGithub, host: str) -> None:
    """Whoever reads the log of a store that can't be reached could ask it with the signature."""
    found = redirect(github, f"{host.format(port=free_port())}/c/b.zip?se=2026&sig=s3cret%2Bsignature")
    with pytest.raises(SourceUnavailable, match=r"its store could not be read|not one of GitHub's API") as caught:
        download(client(github), "octo/shop", found)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("name", ["octo/shop/../x", "octo", "../..", "octo/shop?x", ""])
def test_a_name_that_is_no_repository_s_asks_nothing(github: FakeGithub, name: str) -> None:
    """A name can't lead a request elsewhere."""
    with pytest.raises(UsageError, match="no owner/name"):
        of_run(client(github), name, RUN)
    assert github.requests() == []
