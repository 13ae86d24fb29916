"""`fetch --base-report`: the latest report of the base, found among the artifacts of the repository itself."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from ai_code_metrics import model
from ai_code_metrics.publish.push_target import PushTarget
from ai_code_metrics.publish.pushgateway import push
from ai_code_metrics.report import summary_json
from support import summaries
from support.fake_github import WORKFLOW, Account, Failure, FakeGithub, fake_github
from support.fake_github_actions import Artifact, zipped
from support.git_project import GitProject
from support.services import pushgateway
from support.shell import TOKEN, Shell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.github_openapi import GithubDescription

NAME: Final = "ai-code-metrics-quality-0"


@pytest.fixture
def github(github_description: GithubDescription) -> Iterator[FakeGithub]:
    fake = FakeGithub(tokens={TOKEN: WORKFLOW}, judge=github_description.violations)
    with fake_github(fake) as running:
        yield running
    assert running.violations == []


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    """Main with four commits, the second of them by a merged branch; then a branch with one commit."""
    made = GitProject(tmp_path / "project")
    made.commit("feat: begin", files={"a.py": "a = 1\n"})
    made.branch("side")
    made.commit("feat: be beside", files={"b.py": "b = 1\n"})
    made.git("tag", "beside")
    made.git("switch", "--quiet", "main")
    made.merge("side")
    made.commit("feat: go on", files={"a.py": "a = 2\n"})
    made.branch("topic")
    made.commit("feat: add more", files={"c.py": "c = 1\n"})
    return made


@pytest.fixture
def step(shell: Shell, github: FakeGithub, project: GitProject) -> Shell:
    """The step of a push of the branch."""
    path = shell.directory / "event.json"
    payload = {"before": project.git("rev-parse", "main"), "repository": {"default_branch": "main"}}
    path.write_text(json.dumps(payload), encoding="utf-8")
    values = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_EVENT_PATH": str(path),
        "GITHUB_REPOSITORY": "octo/shop",
        "GITHUB_REF_NAME": "topic",
        "GITHUB_JOB": "quality",
        "GITHUB_API_URL": github.url,
        "AI_CODE_METRICS_GITHUB_TOKEN": TOKEN,
        "AI_CODE_METRICS_DEEPEN": "false",
        "AI_CODE_METRICS_FETCH_NOTES": "false",
    }
    for name, value in values.items():
        shell.environment.setenv(name, value)
    return shell


def upload(github: FakeGithub, sha: str, measured: model.Summary | bytes | None = None, **fields: Any) -> None:
    """Store a report of a commit; by default one that says so itself."""
    if measured is None:
        measured = summaries.summary(context=summaries.push_context(head_sha=sha))
    content = measured if isinstance(measured, bytes) else summary_json.encode(measured)
    values: dict[str, Any] = {"name": NAME, "head_sha": sha, "head_branch": "main"}
    github.actions.add(Artifact(zipped(("metrics-summary.json", content)), **values | fields))


def fetch(step: Shell, project: GitProject, *arguments: str) -> str | None:
    """Fetch; return the commit that the report found is of, None without one."""
    file = step.directory / "base.json"
    assert step.run("fetch", str(project.path), "--base-report", str(file), *arguments) == 0, step.err
    return summary_json.decode(file.read_bytes()).context.head_sha if file.exists() else None


def test_the_report_of_the_merge_base_is_found(step: Shell, github: FakeGithub, project: GitProject) -> None:
    """It is preferred to those of earlier commits, and nothing is said."""
    base = project.git("rev-parse", "main")
    for revision in ("main~1", "main", "main~2", "HEAD"):
        upload(github, project.git("rev-parse", revision))
    assert fetch(step, project) == base
    assert (step.out, step.err) == ("", "")


def test_else_that_of_the_nearest_commit_before_it(step: Shell, github: FakeGithub, project: GitProject) -> None:
    """Along the base branch itself: the commits of branches that were merged into it don't count."""
    upload(github, project.git("rev-parse", "main~2"))
    upload(github, project.git("rev-parse", "beside"))
    assert fetch(step, project) == project.git("rev-parse", "main~2")


def test_a_fork_s_report_is_never_the_base(step: Shell, github: FakeGithub, project: GitProject) -> None:
    """A run for a fork whose branch is at the base's commit is listed here too, and could hold any figures."""
    upload(github, project.git("rev-parse", "main"), head_repository="mallory/shop")
    assert fetch(step, project) is None
    assert github.actions.downloads == []
    upload(github, project.git("rev-parse", "main~1"))
    assert fetch(step, project) == project.git("rev-parse", "main~1")


def test_a_report_of_another_commit_than_its_run_s_is_passed_over(
    step: Shell, github: FakeGithub, project: GitProject
) -> None:
    """Broken ones and those that say something else give way to the next, three at most."""
    base, before = project.git("rev-parse", "main"), project.git("rev-parse", "main~1")
    upload(github, before)
    upload(github, base, summaries.summary(context=summaries.push_context(head_sha="9" * 40)))
    upload(github, base, b"{")
    assert fetch(step, project) == before
    assert len(github.actions.downloads) == 3
    upload(github, base, summaries.summary(context=summaries.push_context(head_sha=base, repository="x/y")))
    assert fetch(step, project) is None
    assert len(github.actions.downloads) == 6
    assert step.err.startswith("::warning::no-base-report: artifact ")
    assert "not JSON" in step.err


def test_another_job_s_reports_do_not_count(step: Shell, github: FakeGithub, project: GitProject) -> None:
    """The name is that of this job's artifact, or the one that is given."""
    upload(github, project.git("rev-parse", "main"), name="ai-code-metrics-other-0")
    assert fetch(step, project) is None
    assert f"named '{NAME}' is of" in step.err
    assert fetch(step, project, "--artifact-name", "ai-code-metrics-other-0") == project.git("rev-parse", "main")


def test_the_setting_base_is_the_base(step: Shell, github: FakeGithub, project: GitProject) -> None:
    """What the measurement compares with is looked for."""
    upload(github, project.git("rev-parse", "main"))
    upload(github, project.git("rev-parse", "main~1"))
    assert fetch(step, project, "--base", "main~1") == project.git("rev-parse", "main~1")


def test_a_run_without_a_base_asks_nothing(step: Shell, github: FakeGithub, project: GitProject) -> None:
    """On a schedule nothing is compared, and nothing is missing."""
    step.environment.setenv("GITHUB_EVENT_NAME", "schedule")
    assert fetch(step, project) is None
    assert (step.out, step.err, github.requests()) == ("", "", [])


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("AI_CODE_METRICS_GITHUB_TOKEN", "", "there is no token"),
        ("GITHUB_API_URL", "file:///etc", "GITHUB_API_URL"),
        ("GITHUB_REPOSITORY", "", "the repository's name"),
        ("AI_CODE_METRICS_BASE", "nowhere", "names no commit"),
    ],
)
def test_what_is_missing_is_a_warning(
    step: Shell, github: FakeGithub, project: GitProject, name: str, value: str, words: str
) -> None:
    """The step goes on, without a file."""
    step.environment.setenv(name, value)
    assert fetch(step, project) is None
    assert words in step.err


def test_a_token_without_permission_is_a_warning(step: Shell, github: FakeGithub, project: GitProject) -> None:
    """It names the permission, and an answer that repeats the token is redacted."""
    github.tokens[TOKEN] = Account("github-actions[bot]", "Bot", may_ask_who_it_is=False, may_read_actions=False)
    assert fetch(step, project) is None
    assert "permissions: actions: read" in step.err
    github.failures.append(Failure(403, message=f"not for {TOKEN}"))
    assert fetch(step, project) is None
    assert "not for ***" in step.err


def test_a_terminal_has_to_name_the_artifact(shell: Shell, project: GitProject) -> None:
    """Outside of a job no name can be told."""
    assert shell.run("fetch", str(project.path), "--no-deepen", "--no-fetch-notes", "--base-report", "x") == 2
    assert "--artifact-name" in shell.err


def test_a_file_that_can_not_be_written_is_named(step: Shell, github: FakeGithub, project: GitProject) -> None:
    """Exit code 2."""
    upload(github, project.git("rev-parse", "main"))
    assert step.run("fetch", str(project.path), "--base-report", str(step.directory / "no" / "base.json")) == 2
    assert "base.json can't be written" in step.err


@pytest.mark.parametrize("is_found", [True, False])
def test_a_file_that_is_there_is_none_of_ours(
    step: Shell, github: FakeGithub, project: GitProject, *, is_found: bool
) -> None:
    """What the analysed code put there is neither taken for the base's report nor, where it is a link, followed."""
    base, elsewhere = project.git("rev-parse", "main"), step.directory / "elsewhere.json"
    elsewhere.write_bytes(summary_json.encode(summaries.summary()))
    (step.directory / "base.json").symlink_to(elsewhere)
    if is_found:
        upload(github, base)
    assert fetch(step, project) == (base if is_found else None)
    assert summary_json.decode(elsewhere.read_bytes()) == summaries.summary()


@pytest.mark.pushgateway
def test_without_an_artifact_a_pushgateway_is_asked(step: Shell, project: GitProject, tmp_path: Path) -> None:
    """Its group of the base branch tells coverage, and by the time of its commit which one that was."""
    sha = project.git("rev-parse", "main~1")
    committed = int(project.git("show", "-s", "--format=%ct", sha))
    with pushgateway(tmp_path) as gateway:
        step.environment.setenv("AI_CODE_METRICS_PUSHGATEWAY_URL", gateway.url)
        assert fetch(step, project) is None
        assert "none of the 0 artifacts" in step.err
        assert "the Pushgateway has no coverage of branch 'main'" in step.err
        of = summaries.summary(context=summaries.push_context(head_committed_at=committed))
        push(of, PushTarget(gateway.url, "ai-code-metrics"), {"repository": "octo/shop", "branch": "main"})
        assert fetch(step, project) == sha
        report = summary_json.decode((step.directory / "base.json").read_bytes())
        assert isinstance(report.coverage, model.Coverage)
        assert (report.coverage.covered_lines, report.coverage.num_branches) == (812, 260)
        assert report.coverage.source == "the Pushgateway's group of branch main"


def test_a_pushgateway_that_is_away_is_a_warning(step: Shell, project: GitProject) -> None:
    """Both reasons are told, and the measurement goes on."""
    step.environment.setenv("AI_CODE_METRICS_PUSHGATEWAY_URL", "http://127.0.0.1:1")
    assert fetch(step, project) is None
    assert "none of the 0 artifacts" in step.err
    assert "could not be reached" in step.err
