"""A pull request, measured twice by action.yml under act: all went well, then a gate failed."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

from support import github_openapi
from support.fake_github import WORKFLOW, FakeGithub, fake_github
from support.services import pushgateway
from support.shop import NUMBER, REPOSITORY, Shop

if TYPE_CHECKING:
    from support.act import Act, Finished
    from support.services import Pushgateway

pytestmark = [pytest.mark.act, pytest.mark.pushgateway]

TOKEN: Final = "ghs_planted-token"
PASSWORD: Final = "planted-password"
BEARER: Final = "planted-bearer"
SECRETS: Final = (TOKEN, PASSWORD, BEARER)
DATABASE_URL: Final = "postgresql://test@localhost/shop"


@dataclass(frozen=True)
class Story:
    """What two runs on one pull request left behind."""

    first: Finished
    second: Finished
    bodies_after_first: list[str]
    github: FakeGithub
    groups_after_first: list[dict[str, Any]]
    gateway: Pushgateway
    shop: Shop

    @property
    def summary(self) -> dict[str, Any]:
        """The summary in the first run's artifact."""
        summary: dict[str, Any] = json.loads(self.first.artifacts["ai-code-metrics-quality-0"]["metrics-summary.json"])
        return summary


@pytest.fixture(scope="module")
def story(act: Act, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Run the action on a pull request, then again with a gate that fails and pushes of pull requests allowed."""
    directory = tmp_path_factory.mktemp("pull-request")
    description = github_openapi.GithubDescription.load(
        github_openapi.fetch(github_openapi.cache_directory(os.environ))
    )
    github = FakeGithub(tokens={TOKEN: WORKFLOW}, judge=description.violations)
    shop = Shop.create(directory / "shop", directory / "spied", "my project")
    payload = shop.open_pull_request()
    with pushgateway(directory) as gateway, fake_github(github):
        inputs = {
            "working-directory": "my project",
            "python": sys.executable,
            "pushgateway-url": gateway.url,
            "pushgateway-username": "shop",
            "pushgateway-password": "${{ secrets.PUSHGATEWAY_PASSWORD }}",
        }
        secrets = {"GITHUB_TOKEN": TOKEN, "PUSHGATEWAY_PASSWORD": PASSWORD, "PUSHGATEWAY_TOKEN": BEARER}
        shop.use_action(inputs, {"DATABASE_URL": DATABASE_URL})
        first = act.run(shop.root, "pull_request", payload, secrets=secrets, api_url=github.url)
        bodies, groups = github.bodies(), gateway.groups()
        token = {
            "pushgateway-token": "${{ secrets.PUSHGATEWAY_TOKEN }}",
            "pushgateway-username": "",
            "comment": "update",
        }
        gate = {"gates": "quality.score >= 1\nquality.score >= 99", "push-pull-requests": "true", "summary": "false"}
        shop.use_action({**inputs, **token, **gate, "pushgateway-password": ""}, {"DATABASE_URL": DATABASE_URL})
        second = act.run(shop.root, "pull_request", payload, secrets=secrets, api_url=github.url)
        yield Story(first, second, bodies, github, groups, gateway, shop)


def test_the_first_run_succeeds_step_by_step(story: Story) -> None:
    """Without gates, a measured pull request is a green job."""
    steps = ["Find Python", "Install", "Fetch", "Measure", "Report", "Publish", "Upload artifact", "Gate"]
    results = story.first.results()
    assert {name: results.get(name) for name in steps} == dict.fromkeys(steps, "success"), story.first.printed()
    assert story.first.succeeded


def test_notes_are_fetched_before_the_measurement(story: Story) -> None:
    """A line is attributed by the note that only the remote had; the other added lines by the commit's trailer."""
    changed = story.summary["attribution"]["changed"]
    assert (changed["by_source"]["note"], changed["by_source"]["trailer"], changed["ai_share"]) == (1, 4, 1)
    assert changed["by_agent"]["cursor"] == {"lines": 1, "models": {"gpt-5": 1}}
    assert story.summary["warnings"] == []


def test_the_first_run_writes_one_comment(story: Story) -> None:
    """The pull request has one comment, with the score of the summary."""
    (body,) = story.bodies_after_first
    assert f"({story.summary['quality']['score']:.2f})" in body


def test_the_second_run_updates_the_comment(story: Story) -> None:
    """There is still one comment, and it tells of the second run, in which a gate failed."""
    (body,) = story.github.bodies(NUMBER)
    assert "quality.score >= 99" in body
    assert "quality.score >= 99" not in story.bodies_after_first[0]


def test_what_was_said_to_github_is_what_github_describes(story: Story) -> None:
    """Each request and answer fits GitHub's OpenAPI description."""
    assert story.github.exchanges
    assert story.github.violations == []


def test_the_artifact_holds_summary_comment_exposition_and_raw_reports(story: Story) -> None:
    """Its files are those that the README promises, and its name says job and matrix index."""
    assert {name: sorted(files) for name, files in story.first.artifacts.items()} == {
        "ai-code-metrics-quality-0": [
            "comment.md", "findings.sarif", "metrics-summary.json", "metrics.prom",
            "raw/bandit.json", "raw/base-bandit.json", "raw/base-pylint.json", "raw/base-radon.json",
            "raw/coverage.json", "raw/junit.xml", "raw/pylint.json", "raw/radon.json",
        ]
    }  # fmt: skip


def test_the_summary_is_about_the_head_of_the_pull_request(story: Story) -> None:
    """Head is the pull request's commit, not the merge that is checked out; base is what it is compared with."""
    context = story.summary["context"]
    base, head = (story.shop.git("rev-parse", parent) for parent in ("HEAD^1", "HEAD^2"))
    assert {name: context[name] for name in ("repository", "event", "head_sha", "base_sha", "pull_request")} == {
        "repository": REPOSITORY,
        "event": "pull_request",
        "head_sha": head,
        "base_sha": base,
        "pull_request": NUMBER,
    }


def test_the_assistant_s_lines_are_counted(story: Story) -> None:
    """The one commit of the pull request carries an assistant's trailer: all of its five lines are AI lines."""
    assert story.summary["attribution"]["changed"]["ai_share"] == 1
    assert story.first.outputs("metrics")["ai-lines"] == "5"


def test_the_outputs_are_the_summary_s_values(story: Story) -> None:
    """A later step of the job gets all outputs by the names of action.yml."""
    outputs, summary = story.first.outputs("metrics"), story.summary
    values = {
        "score": summary["quality"]["score"],
        "coverage": summary["coverage"]["percent"],
        "lint-score": summary["lint"]["score"],
        "security-score": summary["security"]["score"],
        "complexity-score": summary["complexity"]["score"],
        "commit-score": summary["commits"]["median"],
        "commit-score-worst": summary["commits"]["worst"],
        "ai-share": summary["attribution"]["changed"]["ai_share"],
    }
    assert {name: float(outputs[name]) for name in values} == pytest.approx(values, abs=0.005)
    assert outputs["grade"] == summary["quality"]["grade"]
    assert (outputs["gate"], story.second.outputs("metrics")["gate"]) == ("not-configured", "failed")
    assert outputs["comment-url"].endswith(f"/{REPOSITORY}/pull/{NUMBER}#issuecomment-1001")
    assert outputs["summary-path"].endswith("/metrics-summary.json")
    assert outputs["comment-path"].endswith("/comment.md")


def test_the_job_summary_is_written_unless_it_is_switched_off(story: Story) -> None:
    """It holds the report in the first run; the second asked for none."""
    assert story.first.job_summary().startswith("## ai-code-metrics")
    assert story.second.job_summary() == ""


def test_pull_requests_are_pushed_only_where_that_is_asked_for(story: Story) -> None:
    """The first run pushed nothing; the second pushed to a group of its own and said so."""
    assert (story.groups_after_first, story.first.outputs("metrics")["pushed"]) == ([], "false")
    assert story.gateway.group(job="ai-code-metrics", repository=REPOSITORY, branch=f"pr-{NUMBER}")
    assert story.second.outputs("metrics")["pushed"] == "true"


def test_a_failed_gate_fails_the_job_after_everything_was_published(story: Story) -> None:
    """Comment, push and artifact are there; only then the gate ends the job."""
    results = story.second.results()
    assert not story.second.succeeded
    assert {name: results[name] for name in ("Measure", "Report", "Publish", "Upload artifact", "Gate")} == {
        "Measure": "success",
        "Report": "success",
        "Publish": "success",
        "Upload artifact": "success",
        "Gate": "failure",
    }
    (error,) = [text for kind, text in story.second.annotations() if kind == "error" and "99" in text]
    assert "quality.score is" in error
    assert story.second.artifacts


def test_no_secret_is_printed_or_kept_in_a_file(story: Story) -> None:
    """Token and passwords stand neither in what the runs printed nor in any file of the artifacts."""
    for run in (story.first, story.second):
        files = [content for files in run.artifacts.values() for content in files.values()]
        for secret in SECRETS:
            assert secret not in run.log
            assert not any(secret.encode() in content for content in files)
    assert not any(secret in body for secret in SECRETS for body in story.github.bodies())


@pytest.mark.parametrize("spy", ["tests", "pylint"])
def test_no_secret_reaches_the_project_s_code(story: Story, spy: str) -> None:
    """The project's tests and its pylint hook ran, and saw no secret, no token of the runner and no command file."""
    seen = story.shop.seen_by(spy)
    assert "PATH" in seen
    assert not [name for name, value in seen.items() if any(secret in value for secret in SECRETS)]
    hidden = {"GITHUB_TOKEN", "GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"}
    assert not hidden & set(seen)
    inputs = [name for name in seen if name.startswith(("AI_CODE_METRICS_", "INPUT_", "ACTIONS_RUNTIME_"))]
    assert set(inputs) <= {"AI_CODE_METRICS_PROCESS"}  # by which leftovers of a phase are found and ended


def test_the_tests_have_the_caller_s_environment_and_the_analysers_have_not(story: Story) -> None:
    """Tests may need the database that the workflow names; a linter has no use for it."""
    seen = {
        spy: json.loads((story.shop.spied / f"{spy}.json").read_text(encoding="utf-8")) for spy in ("tests", "pylint")
    }
    assert seen["tests"]["DATABASE_URL"] == DATABASE_URL
    assert "DATABASE_URL" not in seen["pylint"]
