"""The trusted half of the fork flow: what another run's artifact may say, and what is made of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pytest

from ai_code_metrics import receiving
from ai_code_metrics.report import summary_json
from support import summaries
from support.fake_github import WORKFLOW, Account, Failure, FakeGithub, fake_github
from support.fake_github_actions import Artifact, zipped
from support.fake_github_pulls import PullRequest
from support.shell import TOKEN, Shell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ai_code_metrics import model
    from support.github_openapi import GithubDescription

RUN: Final = 777
FORK: Final = "mallory/shop"
NAME: Final = "ai-code-metrics-quality-0"
PULL: Final = PullRequest(42, summaries.HEAD_SHA, "feature/cart", FORK)
FILES: Final = [".gitignore", "comment.md", "findings.sarif", "metrics-summary.json", "metrics.prom", "raw"]


@pytest.fixture
def github(github_description: GithubDescription) -> Iterator[FakeGithub]:
    """GitHub, with the pull request of a fork."""
    fake = FakeGithub(tokens={TOKEN: WORKFLOW}, judge=github_description.violations)
    fake.pulls.stored.append(PULL)
    with fake_github(fake) as running:
        yield running
    assert running.violations == []


@pytest.fixture
def step(shell: Shell, github: FakeGithub) -> Shell:
    """A step of a run that a run for the pull request of a fork has triggered."""
    triggered(shell)
    values = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_REPOSITORY": "octo/shop",
        "GITHUB_REF_NAME": "main",
        "GITHUB_RUN_ID": "888",
        "GITHUB_SHA": "9" * 40,
        "GITHUB_JOB": "quality",
        "GITHUB_OUTPUT": str(shell.directory / "outputs"),
        "GITHUB_API_URL": github.url,
        "AI_CODE_METRICS_GITHUB_TOKEN": TOKEN,
    }
    for name, value in values.items():
        shell.environment.setenv(name, value)
    return shell


def triggered(shell: Shell, **changes: Any) -> None:
    """Set the workflow_run event."""
    run = {
        "id": RUN,
        "event": "pull_request",
        "conclusion": "success",
        "head_branch": "feature/cart",
        "head_sha": summaries.HEAD_SHA,
        "head_repository": {"full_name": FORK},
        "repository": {"full_name": "octo/shop"},
        "pull_requests": [],
    }
    path = shell.directory / "event.json"
    path.write_text(
        json.dumps({"workflow_run": {**run, **changes}, "repository": {"default_branch": "main"}}), encoding="utf-8"
    )
    shell.environment.setenv("GITHUB_EVENT_NAME", "workflow_run")
    shell.environment.setenv("GITHUB_EVENT_PATH", str(path))


def report(**context: Any) -> model.Summary:
    """What the run for the fork's pull request measured."""
    return summaries.summary(context=summaries.context(is_fork=True, **context))


def upload(github: FakeGithub, content: model.Summary | bytes, name: str = NAME, **fields: Any) -> None:
    """Give the triggering run an artifact with this summary."""
    data = content if isinstance(content, bytes) else summary_json.encode(content)
    upload_zip(github, zipped(("metrics-summary.json", data), ("comment.md", b"@everyone")), name, **fields)


def upload_zip(github: FakeGithub, content: bytes, name: str = NAME, **fields: Any) -> None:
    artifact = Artifact(content, name, run_id=RUN, head_sha=summaries.HEAD_SHA, head_repository=FORK)
    github.actions.add(replace(artifact, **fields))


def receive(step: Shell, *arguments: str) -> int:
    return step.run("receive", "--output", str(step.directory / "received"), *arguments)


def received(step: Shell) -> model.Summary:
    return summary_json.decode((step.directory / "received" / "metrics-summary.json").read_bytes())


def assert_nothing_was_received(step: Shell) -> None:
    assert not (step.directory / "received" / "metrics-summary.json").exists()


def test_the_report_of_a_fork_is_received(step: Shell, github: FakeGithub) -> None:
    """Its figures are there; comment and exposition are made anew, and it links to the measuring run."""
    upload(github, report(run_url="https://evil.invalid/", server_url="https://evil.invalid", default_branch="evil"))
    assert receive(step) == 0, step.err
    assert sorted(path.name for path in (step.directory / "received").iterdir()) == FILES
    summary = received(step)
    assert summary.context == summaries.context(
        is_fork=True, run_url=f"https://github.com/octo/shop/actions/runs/{RUN}"
    )
    assert (summary.lint, summary.coverage) == (summaries.lint(), summaries.coverage())
    for name in ("comment.md", "metrics.prom"):
        assert "evil" not in (step.directory / "received" / name).read_text(encoding="utf-8")
    assert "@everyone" not in (step.directory / "received" / "comment.md").read_text(encoding="utf-8")


def test_it_can_be_published(step: Shell, github: FakeGithub) -> None:
    """The comment goes to the pull request that GitHub names for the head."""
    upload(github, report())
    assert receive(step) == 0, step.err
    assert step.run("publish", str(step.directory / "received" / "metrics-summary.json")) == 0
    assert len(github.bodies(42)) == 1
    assert step.outputs()["comment-url"].startswith("https://github.com/octo/shop/pull/42#")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"pull_request": 666}, "pull request is 666, that of this run is 42"),
        ({"pull_request": None}, "no comment was written"),
        ({"repository": "octo/other"}, "repository is 'octo/other'"),
        ({"branch": "main"}, "branch is 'main'"),
    ],
)
def test_publishing_asks_again(step: Shell, github: FakeGithub, changes: dict[str, Any], words: str) -> None:
    """A file that was changed after it was received leads nowhere else either."""
    assert step.run("publish", step.save(report(**changes))) == 0
    assert words in step.out
    assert github.bodies() == []


def test_publishing_without_a_token_says_so(step: Shell, github: FakeGithub) -> None:
    """Without a token the pull request can't be looked up, so nothing is pushed."""
    step.environment.setenv("AI_CODE_METRICS_GITHUB_TOKEN", "")
    step.environment.setenv("AI_CODE_METRICS_PUSHGATEWAY_URL", "http://127.0.0.1:9")
    step.environment.setenv("AI_CODE_METRICS_PUSH_PULL_REQUESTS", "true")
    assert step.run("publish", step.save(report())) == 0
    assert "it takes one to look up the pull request" in step.out


def test_a_job_that_may_not_comment_is_told_so(step: Shell, github: FakeGithub) -> None:
    """In a run of its own, a refused comment is not the normal end for a fork, but a missing permission."""
    github.failures.append(Failure(403, method="POST", message="Resource not accessible by integration"))
    assert step.run("publish", step.save(report())) == 0
    assert "::warning::" in step.out
    assert "permissions: pull-requests: write" in step.out


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"head_sha": "9" * 40}, f"head sha is '{'9' * 40}', but that of the measured run is '{summaries.HEAD_SHA}'"),
        ({"head_sha": None}, "head sha is None"),
        ({"pull_request": 666}, "pull request is 666, but that of the measured run is 42"),
        ({"pull_request": None}, "pull request is None"),
        ({"repository": "octo/other"}, "repository is 'octo/other', but that of the measured run is 'octo/shop'"),
        ({"repository": FORK}, f"repository is '{FORK}'"),
        ({"branch": "main"}, "branch is 'main', but that of the measured run is 'feature/cart'"),
        ({"event": "push"}, "event is 'push', but that of the measured run is 'pull_request'"),
        ({"event": "workflow_run"}, "event is 'workflow_run'"),
    ],
)
def test_a_report_of_something_else_is_refused(
    step: Shell, github: FakeGithub, changes: dict[str, Any], words: str
) -> None:
    """Exit code 2, both values are named, and nothing is written."""
    upload(github, report(**changes))
    assert receive(step) == 2
    assert words in step.err
    assert_nothing_was_received(step)


def test_a_report_that_denies_to_be_a_fork_s_is_refused(step: Shell, github: FakeGithub) -> None:
    """Whether it is a fork's is what the event says."""
    upload(github, summaries.summary())
    assert receive(step) == 2
    assert "is fork is False, but that of the measured run is True" in step.err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "not JSON"),
        (b"\xff", "not"),
        (b'{"schema_version": 2}', "schema version 2, this ai-code-metrics reads version 1"),
        (b'{"schema_version": 1}', "doesn't fit schema version 1"),
        (b"[]", "doesn't fit"),
    ],
)
def test_what_is_no_summary_is_refused(step: Shell, github: FakeGithub, content: bytes, words: str) -> None:
    """Exit code 2, with the artifact's name and what is wrong."""
    upload(github, content)
    assert receive(step) == 2
    assert words in step.err
    assert NAME in step.err
    assert_nothing_was_received(step)


def test_a_zip_bomb_is_refused(step: Shell, github: FakeGithub) -> None:
    """80 MB of spaces in 80 KB are left at the limit of a summary."""
    upload(github, b" " * 80_000_000)
    assert len(github.actions.artifacts[9001].content) < 100_000
    assert receive(step) == 2
    assert "more than the 67,108,864 bytes" in step.err


@pytest.mark.parametrize("name", ["../../.bashrc", "/etc/cron.d/x", "..\\x"])
def test_a_zip_that_leads_out_is_refused(step: Shell, github: FakeGithub, name: str) -> None:
    """A report in good order doesn't help an artifact with such an entry, and no file is made of it."""
    upload_zip(github, zipped(("metrics-summary.json", summary_json.encode(report())), (name, b"x")))
    assert receive(step) == 2
    assert "was tampered with" in step.err
    assert_nothing_was_received(step)


@pytest.mark.parametrize("fields", [{"listed_bytes": 200_000_000}, {"listed_bytes": 10, "sent_bytes": 200_000_000}])
def test_200_megabytes_are_refused(step: Shell, github: FakeGithub, fields: dict[str, Any]) -> None:
    """By what GitHub says of the artifact, or by what comes."""
    upload(github, report(), **fields)
    assert receive(step) == 2
    assert "at most 134,217,728 are read" in step.err


def test_gates_are_those_of_the_trusted_workflow(step: Shell, github: FakeGithub) -> None:
    """A report whose gates all passed is held against the gates given here, by its figures."""
    forged = msgspec.structs.replace(
        report(), gates=[msgspec.structs.replace(gate, result="passed") for gate in report().gates]
    )
    upload(github, forged)
    assert receive(step, "--gates", "coverage.percent >= 99") == 0, step.err
    assert [(gate.expression, gate.result) for gate in received(step).gates] == [("coverage.percent >= 99", "failed")]


def test_without_gates_the_report_s_are_evaluated_anew(step: Shell, github: FakeGithub) -> None:
    """A verdict that the report made up is replaced."""
    forged = [msgspec.structs.replace(gate, result="passed", reason="trust me") for gate in report().gates]
    upload(github, msgspec.structs.replace(report(), gates=forged))
    assert receive(step) == 0, step.err
    assert received(step).gates == summaries.summary().gates


def test_gates_that_are_none_are_refused(step: Shell, github: FakeGithub) -> None:
    """A report can't bring a condition that nobody could evaluate."""
    odd = msgspec.structs.replace(report().gates[0], expression="rm -rf /\n::error::x")
    upload(github, msgspec.structs.replace(report(), gates=[odd]))
    assert receive(step) == 2
    assert "evaluated with what is no gate" in step.err
    assert not re.search(r"^::error::x", step.err, re.MULTILINE)


def test_a_pull_request_that_moved_on_gets_nothing(step: Shell, github: FakeGithub) -> None:
    """A later push has its own run: a notice, nothing written, and the job stays green."""
    github.pulls.stored = [replace(PULL, head_sha="3" * 40)]
    upload(github, report())
    assert receive(step) == 0
    assert "::notice::nothing to publish: pull request #42 has moved on to another commit" in step.out
    assert_nothing_was_received(step)
    assert github.actions.downloads == []


def test_a_closed_pull_request_gets_nothing(step: Shell, github: FakeGithub) -> None:
    """Merged or closed while it was measured: a notice."""
    github.pulls.stored = [replace(PULL, state="closed")]
    assert receive(step) == 0
    assert "closed or merged by now?" in step.out


def test_two_pull_requests_of_one_head_are_refused(step: Shell, github: FakeGithub) -> None:
    """Nothing tells which one was measured."""
    github.pulls.stored.append(replace(PULL, number=43, base_ref="v1"))
    upload(github, report())
    assert receive(step) == 2
    assert "#43 to 'v1'" in step.err


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"event": "schedule"}, "only pull_request and push are read"),
        ({"event": "push"}, f"a push to '{FORK}'"),
        ({"head_repository": None}, "may have been deleted"),
        ({"repository": {"full_name": "octo/other"}}, "of the repository 'octo/other'"),
    ],
)
def test_another_trigger_is_refused(step: Shell, github: FakeGithub, changes: dict[str, Any], words: str) -> None:
    """What is neither a pull request nor an own push is not asked about."""
    triggered(step, **changes)
    assert receive(step) == 2
    assert words in step.err
    assert github.requests() == []


def test_the_report_of_a_push_is_received(step: Shell, github: FakeGithub) -> None:
    """After a push of an own branch there is no pull request to look up."""
    triggered(step, event="push", head_branch="main", head_repository={"full_name": "octo/shop"})
    upload(github, summaries.summary(context=summaries.push_context()), head_repository="octo/shop")
    assert receive(step) == 0, step.err
    assert received(step).context.pull_request is None
    assert not [request for request in github.requests() if "/pulls" in request]


def test_a_job_of_the_same_workflow_receives_its_own_run(step: Shell, github: FakeGithub) -> None:
    """In any other event it is this run's artifact, held against this run's event."""
    step.happens("pull_request", GITHUB_RUN_ID="888")
    upload(github, summaries.summary(), run_id=888)
    upload(github, summaries.summary(context=summaries.context(pull_request=666)), run_id=889)
    assert receive(step) == 0, step.err
    assert received(step).context.run_url == "https://github.com/octo/shop/actions/runs/888"
    step.happens("push")
    assert receive(step) == 2
    assert "event is 'pull_request', but that of the measured run is 'push'" in step.err


def test_a_push_is_held_against_the_commit_of_the_run(step: Shell, github: FakeGithub) -> None:
    """An event that names no head has one by the runner's variable."""
    step.happens("push", GITHUB_SHA=summaries.HEAD_SHA)
    upload(github, summaries.summary(context=summaries.push_context()), run_id=888)
    assert receive(step) == 0, step.err
    step.environment.setenv("GITHUB_SHA", "9" * 40)
    assert receive(step) == 2
    assert "head sha" in step.err


def shard(root: str, **fields: Any) -> model.Summary:
    """What one of several jobs measured: its own source."""
    return msgspec.structs.replace(report(), source=summaries.source(roots=[root]), **fields)


def test_several_reports_are_merged(step: Shell, github: FakeGithub) -> None:
    """Shards of one run become one report, whose gates are held against the sums; other artifacts are left alone."""
    tests = summaries.own_tests(passed=2, failed=0, exit_code=0)
    upload(github, shard("src/a", tests=tests))
    upload(github, shard("src/b", tests=tests), "ai-code-metrics-quality-1")
    upload(github, b"other things", "coverage-html")
    assert receive(step, "--gates", "tests.passed == 4") == 0, step.err
    summary = received(step)
    assert summary.source.roots == ["src/a", "src/b"]
    assert [gate.result for gate in summary.gates] == ["passed"]
    assert receive(step, "--artifact-name", "ai-code-metrics-quality-1") == 0, step.err
    assert received(step).source.roots == ["src/b"]


def test_a_matrix_is_merged(step: Shell, github: FakeGithub) -> None:
    """Jobs that measured the same files in other environments find each finding once, and each ran its tests."""
    upload(github, report())
    upload(github, report(), "ai-code-metrics-quality-1")
    assert receive(step) == 0, step.err
    merged = received(step)
    assert merged.lint == summaries.lint()
    assert isinstance(merged.tests, type(summaries.own_tests()))
    assert merged.tests.passed == 2 * summaries.own_tests().passed


def test_reports_that_do_not_belong_together_need_a_name(step: Shell, github: FakeGithub) -> None:
    """Sources that overlap are named with their artifacts, and the input says which report is meant."""
    upload(github, shard("src"))
    upload(github, shard("src/b"), "ai-code-metrics-quality-1")
    assert receive(step) == 2
    assert "ai-code-metrics-quality-0" in step.err
    assert "overlap: 'src/b' and 'src'" in step.err
    assert "or set artifact-name" in step.err
    assert_nothing_was_received(step)


def test_one_report_of_another_commit_spoils_all(step: Shell, github: FakeGithub) -> None:
    """A forged shard is refused before anything is merged."""
    upload(github, shard("src/a"))
    upload(github, shard("src/b", context=summaries.context(is_fork=True, head_sha="9" * 40)), "ai-code-metrics-b")
    assert receive(step) == 2
    assert "head sha" in step.err
    assert_nothing_was_received(step)


def test_very_many_reports_are_not_downloaded(step: Shell, github: FakeGithub) -> None:
    """A run of one matrix has at most 256 jobs."""
    for number in range(257):
        upload(github, b"", f"ai-code-metrics-quality-{number}")
    assert receive(step) == 2
    assert "has 257 reports, and at most 256 are read" in step.err
    assert github.actions.downloads == []


def test_reports_are_bounded_together(step: Shell, github: FakeGithub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stranger's run can't exhaust the memory of the job that reads it by many reports that each are allowed."""
    monkeypatch.setattr(receiving, "MAX_TOTAL_BYTES", 20_000)
    for number in range(3):
        upload(github, report(), f"ai-code-metrics-quality-{number}")
    assert receive(step) == 2
    assert "over 20,000 bytes together; name one by artifact-name" in step.err
    assert_nothing_was_received(step)


def test_no_report_says_how_the_run_ended(step: Shell, github: FakeGithub) -> None:
    """Exit code 3; a measurement that was cancelled left nothing."""
    triggered(step, conclusion="cancelled")
    assert receive(step) == 3
    assert "run 777, which ended with 'cancelled' has no artifact" in step.err
    upload(github, report(), "metrics")
    assert receive(step, "--artifact-name", "other") == 3
    assert "the name 'other'" in step.err
    assert receive(step, "--artifact-name", "metrics") == 0, step.err


def test_an_expired_report_is_exit_code_3(step: Shell, github: FakeGithub) -> None:
    """The way out is named."""
    upload(github, report(), is_expired=True)
    assert receive(step) == 3
    assert "has expired" in step.err


def test_through_pages_and_failures(step: Shell, github: FakeGithub, monkeypatch: pytest.MonkeyPatch) -> None:
    """The report is found behind 120 other artifacts, and two answers 502 change nothing."""
    monkeypatch.setattr("urllib3.util.retry.Retry.get_backoff_time", lambda _: 0.0)
    upload(github, report())
    for number in range(120):
        upload(github, b"", f"log-{number}")
    github.failures.append(Failure(502, path="/artifacts", times=2))
    assert receive(step) == 0, step.err


def test_a_token_without_permission_is_exit_code_3(step: Shell, github: FakeGithub) -> None:
    """The permission to give is named."""
    github.tokens[TOKEN] = Account("github-actions[bot]", "Bot", may_ask_who_it_is=False, may_read_actions=False)
    assert receive(step) == 3
    assert "permissions: actions: read" in step.err


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("AI_CODE_METRICS_GITHUB_TOKEN", "", "no token to read artifacts with"),
        ("GITHUB_EVENT_NAME", "", "no run of a workflow"),
        ("AI_CODE_METRICS_GATES", "nonsense", "gates"),
    ],
)
def test_a_wrong_call_is_exit_code_2(step: Shell, github: FakeGithub, name: str, value: str, words: str) -> None:
    """What is missing is named."""
    upload(github, report())
    step.environment.setenv(name, value)
    assert receive(step) == 2
    assert words in step.err


def test_an_answer_that_repeats_the_token_is_redacted(step: Shell, github: FakeGithub) -> None:
    """What GitHub says is quoted without the secret."""
    github.failures.append(Failure(403, path="/pulls", message=f"not for {TOKEN}"))
    assert receive(step) == 3
    assert "not for ***" in step.err


def test_the_token_is_sent_to_github_only(step: Shell, github: FakeGithub) -> None:
    """The store of the artifacts gets none."""
    upload(github, report())
    assert receive(step) == 0
    assert [headers for headers in github.actions.downloads if "Authorization" in headers] == []
    assert len(github.actions.downloads) == 1


def test_an_output_of_something_else_is_left_alone(step: Shell, github: FakeGithub, tmp_path: Path) -> None:
    """A directory with files of other origin is no place to write to."""
    upload(github, report())
    (tmp_path / "received").mkdir()
    (tmp_path / "received" / "comment.md").write_text("mine", encoding="utf-8")
    assert receive(step) == 2
    assert (tmp_path / "received" / "comment.md").read_text(encoding="utf-8") == "mine"
