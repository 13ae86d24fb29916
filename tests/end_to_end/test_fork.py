"""A fork's pull request under act: measured by one workflow, published by another, which believes nothing of it."""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pytest

from support import github_openapi
from support.fake_github import WORKFLOW, FakeGithub, fake_github
from support.fake_github_actions import Artifact, zipped
from support.fake_github_pulls import PullRequest
from support.shop import NUMBER, REPOSITORY, Shop

if TYPE_CHECKING:
    from support.act import Act, Finished

pytestmark = pytest.mark.act

TOKEN: Final = "ghs_planted-token"
FORK: Final = "mallory/shop"
ARTIFACT: Final = "ai-code-metrics-quality-0"
RUN: Final = 4711
SECRETS: Final = {"GITHUB_TOKEN": TOKEN}
SUMMARY: Final = "metrics-summary.json"
CROWD: Final = 8
GATES: Final = "quality.score >= 1"


@dataclass(frozen=True)
class Story:
    """What the measuring run, publishing runs, and such that were given a tampered artifact left behind."""

    measured: Finished
    requests_of_measured: list[str]
    published: Finished
    bodies_after_published: list[str]
    crowd: list[Finished]
    bodies_after_crowd: list[str]
    tampered: dict[str, Finished]
    bodies_after_tampered: list[str]
    github: FakeGithub

    @property
    def summary(self) -> dict[str, Any]:
        """The summary in the measuring run's artifact."""
        summary: dict[str, Any] = json.loads(self.measured.artifacts[ARTIFACT]["metrics-summary.json"])
        return summary


def serve(github: FakeGithub, files: dict[str, bytes], head_sha: str) -> None:
    """Let GitHub have the artifact of the measuring run, and nothing else."""
    github.actions.artifacts.clear()
    github.actions.add(Artifact(zipped(*files.items()), ARTIFACT, run_id=RUN, head_sha=head_sha, head_repository=FORK))


def triggered_by(pull: dict[str, Any]) -> dict[str, Any]:
    """The payload of the workflow_run event after the run for this pull request."""
    return {
        "action": "completed",
        "workflow_run": {
            "id": RUN,
            "event": "pull_request",
            "conclusion": "success",
            "head_branch": pull["head"]["ref"],
            "head_sha": pull["head"]["sha"],
            "head_repository": {"full_name": FORK},
            "repository": {"full_name": REPOSITORY},
            "pull_requests": [],
        },
        "repository": {"full_name": REPOSITORY, "default_branch": "main", "fork": False},
    }


@pytest.fixture(scope="module")
def story(act: Act, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Measure the pull request of a fork, publish what came of it, then try it with another number in the report."""
    directory = tmp_path_factory.mktemp("fork")
    description = github_openapi.GithubDescription.load(
        github_openapi.fetch(github_openapi.cache_directory(os.environ))
    )
    github = FakeGithub(tokens={TOKEN: WORKFLOW}, judge=description.violations)
    github.pull_requests.add((REPOSITORY, NUMBER + 1))
    shop = Shop.create(directory / "shop", directory / "spied")
    payload = shop.open_pull_request(FORK)
    pull = payload["pull_request"]
    github.pulls.stored.append(PullRequest(NUMBER, pull["head"]["sha"], pull["head"]["ref"], FORK))
    with fake_github(github):
        shop.use_action({"mode": "measure", "python": sys.executable})
        measured = act.run(shop.root, "pull_request", payload, secrets=SECRETS, api_url=github.url)
        requests = github.requests()
        files = measured.artifacts[ARTIFACT]
        shop.use_action({"mode": "publish", "gates": GATES}, on=["workflow_run"])
        event = triggered_by(pull)
        serve(github, {**files, "comment.md": b"@everyone"}, pull["head"]["sha"])
        published = act.run(shop.root, "workflow_run", event, secrets=SECRETS, api_url=github.url)
        bodies = github.bodies()
        github.comments.clear()
        with ThreadPoolExecutor(CROWD) as pool:
            run = partial(act.run, shop.root, "workflow_run", event, secrets=SECRETS, api_url=github.url)
            crowd = [started.result() for started in [pool.submit(run) for _ in range(CROWD)]]
        bodies_after_crowd = github.bodies()
        github.comments.clear()
        tampered = {}
        for name, forged in forgeries(files).items():
            serve(github, forged, pull["head"]["sha"])
            tampered[name] = run()
        yield Story(measured, requests, published, bodies, crowd, bodies_after_crowd, tampered, github.bodies(), github)


def forgeries(files: dict[str, bytes]) -> dict[str, dict[str, bytes]]:
    """The artifact with something else in it each."""
    summary = json.loads(files["metrics-summary.json"])

    def having(**context: Any) -> dict[str, bytes]:
        return {**files, SUMMARY: json.dumps({**summary, "context": {**summary["context"], **context}}).encode()}

    return {
        "number": having(pull_request=NUMBER + 1),
        "sha": having(head_sha="e" * 40),
        "repository": having(repository="octo/other"),
        "schema": {**files, SUMMARY: json.dumps({**summary, "schema_version": 2}).encode()},
        "json": {**files, SUMMARY: files[SUMMARY][:-20]},
        "zip slip": {**files, "../../evil.py": b"import os"},
    }


def test_the_measuring_half_writes_nothing_to_github(story: Story) -> None:
    """It measures and uploads, and neither comments nor pushes; all it asks for is a report of the base."""
    results = story.measured.results()
    assert story.measured.succeeded, story.measured.printed()
    assert {"Measure", "Report", "Upload artifact", "Gate"} <= set(results)
    assert not {"Publish", "Receive"} & set(results)
    assert [request.partition("?")[0] for request in story.requests_of_measured] == [
        f"GET /repos/{REPOSITORY}/actions/artifacts"
    ]
    assert (story.summary["context"]["is_fork"], story.summary["context"]["pull_request"]) == (True, NUMBER)


def test_the_publishing_half_runs_nothing_of_the_project(story: Story) -> None:
    """It receives, reports, publishes and holds the gates; nothing is fetched, measured or uploaded again."""
    results = story.published.results()
    assert story.published.succeeded, story.published.printed()
    assert {"Receive", "Report", "Publish", "Gate"} <= set(results)
    assert not {"Fetch", "Measure", "Upload artifact"} & set(results)
    assert story.published.artifacts == {}


def test_the_publishing_half_writes_one_comment(story: Story) -> None:
    """It has the score of the report, is rendered anew, and is held against the gates of the trusted workflow."""
    (body,) = story.bodies_after_published
    score = f"{story.summary['quality']['score']:.2f}".rstrip("0").rstrip(".")
    assert f"| {score} |" in body
    assert "@everyone" not in body
    assert "passed" in body.split("\n")[0]
    assert story.summary["gates"] == []
    assert story.published.outputs("metrics")["gate"] == "passed"
    assert story.published.outputs("metrics")["comment-url"].endswith(f"/pull/{NUMBER}#issuecomment-1001")


def test_eight_publishers_at_once_leave_one_comment(story: Story) -> None:
    """Each job succeeds, and the comment that stays is what one alone would have written."""
    assert [run.succeeded for run in story.crowd] == [True] * CROWD, story.crowd[0].printed()
    assert story.bodies_after_crowd == story.bodies_after_published


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("number", f"pull request is {NUMBER + 1}, but that of the measured run is {NUMBER}"),
        ("sha", "head sha is 'eeee"),
        ("repository", "repository is 'octo/other'"),
        ("schema", "schema version 2"),
        ("json", "not JSON, or was cut off"),
        ("zip slip", "../../evil.py"),
    ],
)
def test_a_tampered_report_is_refused_and_posts_nothing(story: Story, name: str, words: str) -> None:
    """It ends the job with the reason, and no pull request hears of it."""
    run = story.tampered[name]
    assert not run.succeeded
    assert run.results()["Receive"] == "failure"
    assert not {"Report", "Publish", "Gate"} & set(run.results())
    assert any(words in text for kind, text in run.annotations() if kind == "error"), run.annotations()
    assert story.bodies_after_tampered == []
    assert story.github.bodies(NUMBER + 1) == []


def test_what_was_said_to_github_is_what_github_describes(story: Story) -> None:
    """Each request and answer fits GitHub's OpenAPI description, and the store got no token."""
    assert story.github.violations == []
    assert len(story.github.actions.downloads) == 1 + CROWD + len(story.tampered)
    assert not [headers for headers in story.github.actions.downloads if "Authorization" in headers]


def test_no_token_is_printed(story: Story) -> None:
    """Neither half prints the token."""
    for run in (story.measured, story.published, *story.crowd, *story.tampered.values()):
        assert TOKEN not in run.log
