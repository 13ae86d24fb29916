"""The command line in process: formats, destinations, gates, ranges, errors and their exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import jsonschema
import msgspec
import pytest

from ai_code_metrics import model
from ai_code_metrics.report import summary_json
from support import summaries
from support.fake_github import WORKFLOW, Failure, FakeGithub, fake_github
from support.git_project import GitProject
from support.hostile_server import Answer, hostile_server
from support.services import Pushgateway, find_program, free_port, pushgateway
from support.shell import TOKEN, Shell
from support.step_log import Command, lines_of, read_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pushgateway]:
    with pushgateway(tmp_path_factory.mktemp("pushgateway")) as running:
        yield running


def group_names(gateway: Pushgateway) -> set[tuple[tuple[str, str], ...]]:
    """The grouping keys that a gateway holds."""
    return {tuple(sorted(group["labels"].items())) for group in gateway.groups()}


@pytest.fixture
def github() -> Iterator[FakeGithub]:
    with fake_github(FakeGithub(tokens={TOKEN: WORKFLOW})) as running:
        yield running


@pytest.fixture
def step(shell: Shell, github: FakeGithub) -> Shell:
    """A step of a workflow: command files, the token, GitHub's API."""
    shell.happens("pull_request")
    values = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_REPOSITORY": "octo/shop",
        "GITHUB_OUTPUT": str(shell.directory / "outputs"),
        "GITHUB_STEP_SUMMARY": str(shell.directory / "job-summary.md"),
        "GITHUB_API_URL": github.url,
        "AI_CODE_METRICS_GITHUB_TOKEN": TOKEN,
    }
    for name, value in values.items():
        shell.environment.setenv(name, value)
    return shell


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("markdown", "## ai-code-metrics"),
        ("json", '"schema_version": 1'),
        ("prometheus", "ai_coding_quality_score"),
        ("sarif", '"version": "2.1.0"'),
        ("annotations", "6 findings are not annotated"),
        ("terminal", "Quality score"),
    ],
)
def test_every_format_is_printed(shell: Shell, name: str, words: str) -> None:
    """`report` prints one format to standard output and nothing to standard error."""
    assert shell.run("report", shell.save(summaries.summary()), "--format", name) == 0
    assert words in shell.out
    assert shell.err == ""


def test_json_comes_out_as_it_went_in(shell: Shell) -> None:
    """Reading and printing a summary loses nothing."""
    path = shell.save(summaries.hostile_summary())
    assert shell.run("report", path, "--format", "json") == 0
    assert summary_json.decode(shell.out.encode()) == summaries.hostile_summary()


def test_a_quality_score_is_explained(shell: Shell) -> None:
    """`report --explain` prints the formulas with the summary's numbers, and nothing of the report."""
    assert shell.run("report", shell.save(summaries.summary()), "--explain") == 0
    assert "coverage = 100 · (812 + 210) / (950 + 260) = 84.46\n" in shell.out
    assert "Tests failed" not in shell.out
    assert shell.err == ""


def test_an_explanation_has_no_other_format(shell: Shell) -> None:
    """Who asks for JSON and for words gets an error, not one of the two."""
    assert shell.run("report", shell.save(summaries.summary()), "--explain", "--format", "json") == 2
    assert "--explain" in shell.err


def test_publishing_a_pull_request_writes_everything(step: Shell, github: FakeGithub) -> None:
    """Comment, outputs and job summary are there; nothing is pushed, because no gateway is named."""
    assert step.run("publish", step.save(summaries.summary())) == 0
    assert len(github.bodies()) == 1
    outputs = step.outputs()
    assert outputs["comment-url"].startswith("https://github.com/octo/shop/pull/42#issuecomment-")
    assert outputs["pushed"] == "false"
    assert outputs["grade"] == "A"
    assert outputs["summary-path"] == str(step.directory / "metrics-summary.json")
    assert outputs["sarif-path"] == str(step.directory / "findings.sarif")
    assert "coverage.percent" in (step.directory / "job-summary.md").read_text(encoding="utf-8")


def test_publishing_again_updates_the_comment(step: Shell, github: FakeGithub) -> None:
    """A second run leaves one comment, with the newer text."""
    assert step.run("publish", step.save(summaries.summary())) == 0
    assert step.run("publish", step.save(summaries.summary(gates=[]))) == 0
    (body,) = github.bodies()
    assert "grade A" in body.split("\n")[0]


def test_each_destination_has_a_switch(step: Shell, github: FakeGithub) -> None:
    """A step that only reports neither comments nor writes the outputs of publishing."""
    assert step.run("publish", step.save(summaries.summary()), "--no-comment", "--no-push") == 0
    assert github.requests() == []
    assert not {"comment-url", "pushed"} & set(step.outputs())


def findings_said(log: str) -> list[Command]:
    """The annotations of files in a step's log."""
    return [command for command in map(read_line, lines_of(log)) if command and "file" in command.properties]


@pytest.mark.parametrize(
    ("arguments", "variables", "names"),
    [
        ((), {}, ["warning", "warning", "warning", "notice", "notice"]),
        (("--no-annotations",), {}, []),
        ((), {"AI_CODE_METRICS_ANNOTATIONS": "false"}, []),
        ((), {"GITHUB_ACTIONS": "false"}, []),
    ],
)
def test_new_findings_are_annotated_in_a_step(
    step: Shell, arguments: tuple[str, ...], variables: dict[str, str], names: list[str]
) -> None:
    """`publish` says them to the runner, unless the switch or the setting turns it off, or there is no runner."""
    for name, value in variables.items():
        step.environment.setenv(name, value)
    path = step.save(summaries.compared_summary())
    assert step.run("publish", path, "--no-comment", "--no-push", *arguments) == 0
    assert [command.name for command in findings_said(step.out)] == names


def test_annotations_leave_room_for_the_gates(step: Shell) -> None:
    """The runner takes ten of a level from the whole action, and those of the gates come last."""
    errors = [summaries.finding(line=line, severity="error", is_new=True) for line in range(1, 31)]
    path = step.save(summaries.summary(lint=summaries.lint(findings=errors)))
    assert step.run("publish", path, "--no-comment", "--no-push") == 0
    assert len(findings_said(step.out)) == 7
    assert "23 more errors are in the job summary and the artifact" in step.out


def test_a_push_event_is_pushed_with_the_values_of_the_summary(step: Shell, gateway: Pushgateway) -> None:
    """The group is named after repository and branch, and the output says that it was pushed."""
    step.happens("push")
    step.environment.setenv("AI_CODE_METRICS_PUSHGATEWAY_URL", gateway.url)
    summary = summaries.summary(context=summaries.push_context())
    assert step.run("publish", step.save(summary)) == 0
    assert step.outputs()["pushed"] == "true"
    group = gateway.group(job="ai-code-metrics", repository="octo/shop", branch="main")
    assert isinstance(summary.quality, model.Quality)
    assert group["ai_coding_quality_score", (("component", "overall"),)] == pytest.approx(summary.quality.score)


def test_a_gateway_that_is_down_is_a_warning(step: Shell, github: FakeGithub) -> None:
    """One destination that fails leaves the others, and the exit code, alone."""
    step.environment.setenv("AI_CODE_METRICS_PUSHGATEWAY_URL", f"http://127.0.0.1:{free_port()}")
    step.environment.setenv("AI_CODE_METRICS_PUSH_PULL_REQUESTS", "true")
    assert step.run("publish", step.save(summaries.summary())) == 0
    assert "::warning::" in step.out
    assert len(github.bodies()) == 1
    assert step.outputs()["pushed"] == "false"


def test_a_failed_destination_fails_the_run_where_asked(step: Shell) -> None:
    """With fail-on-publish-error it is exit code 4, and the server's reason is printed."""
    step.happens("push")
    with hostile_server(Answer(status=401, body=b"who are you?")) as server:
        step.environment.setenv("AI_CODE_METRICS_PUSHGATEWAY_URL", server.url)
        step.environment.setenv("AI_CODE_METRICS_PUSHGATEWAY_USERNAME", "pusher")
        step.environment.setenv("AI_CODE_METRICS_PUSHGATEWAY_PASSWORD", "s3cret-of-the-gateway")
        summary = step.save(summaries.summary(context=summaries.push_context()))
        assert step.run("publish", summary, "--fail-on-publish-error") == 4
    assert "who are you?" in step.out + step.err


def test_the_pull_request_of_a_fork_is_no_failure(step: Shell, github: FakeGithub) -> None:
    """A fork's token may not comment: that is a notice, also where a failed destination fails the run."""
    github.failures.append(Failure(403, method="POST"))
    fork = step.save(summaries.summary(context=summaries.context(is_fork=True)))
    assert step.run("publish", fork, "--fail-on-publish-error") == 0
    assert "::notice::no comment was written" in step.out
    assert "::warning::" not in step.out
    assert step.outputs()["comment-url"] == ""


def test_a_token_without_the_permission_is_a_failure(step: Shell, github: FakeGithub) -> None:
    """In the repository itself the same answer means a missing permission, which is named."""
    github.failures.append(Failure(403, method="POST"))
    assert step.run("publish", step.save(summaries.summary()), "--fail-on-publish-error") == 4
    assert "pull-requests: write" in step.out


def test_a_locked_conversation_says_where_the_text_still_is(step: Shell, github: FakeGithub) -> None:
    """Whoever locked the conversation reads what to do, and which file holds the comment."""
    github.failures.append(Failure(403, method="POST", message="Unable to create comment because issue is locked."))
    assert step.run("publish", step.save(summaries.summary()), "--fail-on-publish-error") == 4
    (warning,) = [line for line in step.out.split("\n") if line.startswith("::warning::")]
    assert "issue is locked" in warning
    assert "unlock the conversation" in warning
    assert f"Its text is in {step.directory / 'comment.md'}" in warning
    assert step.outputs()["comment-url"] == ""


def test_a_comment_is_written_anew_where_asked(step: Shell, github: FakeGithub) -> None:
    """With `comment: recreate` the second report stands at the end, and the first is gone."""
    step.environment.setenv("AI_CODE_METRICS_COMMENT", "recreate")
    assert step.run("publish", step.save(summaries.summary())) == 0
    assert step.run("publish", step.save(summaries.summary(gates=[]))) == 0
    assert list(github.comments) == [1002]
    assert step.outputs()["comment-url"].endswith("1002")
    assert "comment recreated: https://" in step.out


def test_a_twin_that_can_not_be_deleted_is_told(step: Shell, github: FakeGithub) -> None:
    """The comment is there, so that is no warning, but the log says that another is left."""
    github.add_comment("one\n\n<!-- ai-code-metrics:comment-key=default -->")
    github.add_comment("two\n\n<!-- ai-code-metrics:comment-key=default -->")
    github.failures.append(Failure(403, method="DELETE", message="Must have admin rights to Repository."))
    assert step.run("publish", step.save(summaries.summary()), "--fail-on-publish-error") == 0
    assert "further comments of this key could not be deleted: 1; the next run tries again" in step.out
    assert "::warning::" not in step.out


def test_a_setting_that_can_not_be_used_leaves_the_other_destinations(step: Shell, github: FakeGithub) -> None:
    """A wrong URL is a usage error, told after the comment was written."""
    step.environment.setenv("AI_CODE_METRICS_PUSHGATEWAY_URL", "ftp://gateway.example")
    step.environment.setenv("AI_CODE_METRICS_PUSH_PULL_REQUESTS", "true")
    assert step.run("publish", step.save(summaries.summary())) == 2
    assert "pushgateway-url" in step.out + step.err
    assert len(github.bodies()) == 1


def test_without_a_token_the_comment_stays_a_file(step: Shell, github: FakeGithub) -> None:
    """A missing token is said, and is no failure."""
    step.environment.delenv("AI_CODE_METRICS_GITHUB_TOKEN")
    assert step.run("publish", step.save(summaries.summary())) == 0
    assert github.requests() == []
    assert "github-token is empty" in step.out


def test_push_by_hand(shell: Shell, gateway: Pushgateway) -> None:
    """`push` needs no workflow around it."""
    path = shell.save(summaries.summary(context=summaries.push_context(branch="topic")))
    assert shell.run("push", path, "--pushgateway-url", gateway.url, "--push-branches", "topic") == 0
    assert gateway.group(job="ai-code-metrics", repository="octo/shop", branch="topic")


@pytest.mark.parametrize(
    "forged",
    [
        {"repository": "victim/shop"},
        {"pull_request": 7777},
        {"default_branch": "feature"},
        {"branch": "somebody-elses"},
        {"pull_request": None},
    ],
)
def test_a_summary_of_another_place_is_not_published(
    step: Shell, github: FakeGithub, gateway: Pushgateway, forged: dict[str, object]
) -> None:
    """The code that was analysed could have written the summary: the credentials only go where the event says."""
    step.environment.setenv("AI_CODE_METRICS_PUSHGATEWAY_URL", gateway.url)
    step.environment.setenv("AI_CODE_METRICS_PUSH_PULL_REQUESTS", "true")
    before = group_names(gateway)
    fields: dict[str, Any] = {"branch": "main", "default_branch": "main"} if "pull_request" in forged else {}
    path = step.save(summaries.summary(context=summaries.context(**fields | forged)))
    assert step.run("publish", path, "--fail-on-publish-error") == 4
    assert github.requests() == []
    assert group_names(gateway) == before
    assert "not published: the summary's" in step.out


def test_a_tag_is_not_pushed_under_a_branch_that_the_summary_names(step: Shell, gateway: Pushgateway) -> None:
    """An event without a branch has none, whatever the summary says."""
    step.environment.setenv("AI_CODE_METRICS_PUSHGATEWAY_URL", gateway.url)
    step.happens("push", GITHUB_REF_TYPE="tag", GITHUB_REF_NAME="v1.0")
    path = step.save(summaries.summary(context=summaries.push_context()))
    assert step.run("publish", path, "--fail-on-publish-error") == 4
    assert "not published: the summary's branch is 'main'" in step.out


def test_a_push_that_belongs_to_no_group_fails(shell: Shell, gateway: Pushgateway) -> None:
    """Who asks for a push and nothing else is told when there was none."""
    path = shell.save(summaries.summary(context=summaries.push_context(branch="unlisted")))
    assert shell.run("push", path, "--pushgateway-url", gateway.url) == 4
    assert "unlisted" in shell.err


@pytest.mark.parametrize(
    ("gates", "code", "words"),
    [
        (["quality.score >= 80"], 0, "passed"),
        (["quality.score >= 80", "coverage.percent >= 90"], 10, "1 of 2 gates failed"),
        (["charm >= 1"], 2, "Known:"),
    ],
)
def test_gates_decide_the_exit_code(shell: Shell, gates: list[str], code: int, words: str) -> None:
    """0 when all pass, 10 when one fails, 2 when one can't be read."""
    options = [part for gate in gates for part in ("--gates", gate)]
    assert shell.run("gate", shell.save(summaries.summary()), *options) == code
    assert words in shell.out + shell.err


def test_gates_of_the_measurement_are_used_where_none_are_given(step: Shell) -> None:
    """The gate step judges by what the comment showed; a failed gate is an error of the job."""
    assert step.run("gate", step.save(summaries.summary())) == 10
    assert "::error::gate coverage.percent >= 90: failed" in step.out


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "JSON"),
        (b'{"schema_version": 2}', "schema version 2"),
        (b'{"schema_version": 1}', "tool"),
        (b"\xff\xfe", "JSON"),
    ],
)
@pytest.mark.parametrize("command", ["report", "publish", "gate"])
def test_a_file_that_is_no_summary_is_refused(shell: Shell, command: str, content: bytes, words: str) -> None:
    """Exit code 2 and the reason, whichever command reads it."""
    path = shell.directory / "broken.json"
    path.write_bytes(content)
    assert shell.run(command, str(path)) == 2
    assert words in shell.err


def test_a_summary_that_is_missing_is_named(shell: Shell) -> None:
    """Exit code 2, with the path."""
    assert shell.run("report", "nowhere.json") == 2
    assert "nowhere.json" in shell.err


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    """Three commits, the last by a person with an assistant."""
    made = GitProject(tmp_path / "project")
    made.commit("feat: begin", files={"a.py": "a = 1\n"})
    made.commit("feat: go on with the work", files={"b.py": "b = 1\nc = 2\n"})
    made.commit(
        "feat: let the assistant finish\n\nCo-authored-by: Cursor <cursoragent@cursor.com>",
        files={"c.py": "c = 1\n\nd = 2\n"},
    )
    return made


def test_commits_of_a_range_as_json(shell: Shell, project: GitProject) -> None:
    """Standard output is JSON and nothing else, of the commits of the range."""
    assert shell.run("commits", str(project.path), "--range", "HEAD~2..HEAD", "--json") == 0
    part = msgspec.json.decode(shell.out, type=model.Commits)
    assert [item.subject for item in part.items] == ["feat: let the assistant finish", "feat: go on with the work"]


def test_a_commit_is_explained(shell: Shell, project: GitProject) -> None:
    """Any name that git knows is explained in words, or given as the item of the listing."""
    project.git("tag", "v1", "HEAD~1")
    assert shell.run("commits", str(project.path), "--explain", "v1") == 0
    assert "feat: go on with the work" in shell.out
    assert re.search(r"score [\d.]+ = 0.85 x message", shell.out)
    assert "2 changed lines in 1 file" in shell.out
    assert "D convention: not counted, the history has 3 commits to tell customs by, and it takes 10" in shell.out
    assert shell.run("commits", str(project.path), "--explain", "HEAD~1", "--json") == 0
    explained = msgspec.json.decode(shell.out, type=model.CommitItem)
    assert shell.run("commits", str(project.path), "--json") == 0
    assert explained == msgspec.json.decode(shell.out, type=model.Commits).items[1]


def test_a_commit_of_a_range_is_explained_as_the_range_scores_it(shell: Shell, project: GitProject) -> None:
    """The customs are those before the range; a commit outside of it is none of its business."""
    for number in range(12):
        project.commit(f"fix: mend part {number}", files={"a.py": f"a = {number}\n"})
    base = project.head
    for number in range(60):
        project.commit(f"Mend part {number}", files={"a.py": f"b = {number}\n"})
    named = (str(project.path), "--range", f"{base}..HEAD")
    assert shell.run("commits", *named, "--explain", "HEAD", "--json") == 0
    explained = msgspec.json.decode(shell.out, type=model.CommitItem)
    assert "convention" in explained.parts
    assert shell.run("commits", *named, "--json") == 0
    assert explained == msgspec.json.decode(shell.out, type=model.Commits).items[0]
    assert shell.run("commits", *named, "--explain", base) == 2
    assert "is not in the range" in shell.err


def test_an_old_commit_is_judged_by_the_customs_of_its_time(shell: Shell, project: GitProject) -> None:
    """Beyond the listed commits the history before a commit tells the customs; a first commit has none."""
    for number in range(12):
        project.commit(f"fix: mend part {number}", files={"a.py": f"a = {number}\n"})
    old = project.head
    for number in range(60):
        project.commit(f"Mend part {number}", files={"a.py": f"b = {number}\n"})
    assert shell.run("commits", str(project.path), "--explain", old, "--json") == 0
    assert "convention" in msgspec.json.decode(shell.out, type=model.CommitItem).parts
    assert shell.run("commits", str(project.path), "--explain", f"{old}~14", "--json") == 0
    assert "C link: the history shows no custom" in msgspec.json.decode(shell.out, type=model.CommitItem).dropped


def test_files_that_nobody_writes_are_no_part_of_a_size(shell: Shell, project: GitProject) -> None:
    """Lock files, vendored, generated, excluded and renamed files are named, each with the reason."""
    files = {
        "uv.lock": "1\n",
        "vendor/x.py": "1\n",
        "gen.txt": "1\n",
        "doc.txt": "1\n",
        "d.py": "1\n2\n",
        "a_pb2.py": "1\n",
    }
    project.git("mv", "b.py", "renamed.py")
    project.write(".gitattributes", "gen.txt linguist-generated\n")
    project.commit("Add what nobody writes", files=dict(files))
    assert shell.run("commits", str(project.path), "--exclude", "doc.txt", "--explain", "HEAD", "--json") == 0
    size = msgspec.json.decode(shell.out, type=model.CommitItem).size
    assert size is not None
    assert (size.lines, size.files, size.left_out_files) == (3, 2, 6)
    assert {file.path: file.reason for file in size.left_out} == {
        "uv.lock": "lock file",
        "vendor/x.py": "vendored",
        "gen.txt": "generated or vendored by .gitattributes",
        "doc.txt": "excluded in the configuration",
        "a_pb2.py": "generated",
        "renamed.py": "only renamed",
    }


@pytest.mark.parametrize(
    "message",
    [
        b"", b"caf\xe9 \xff", b"\x1b[2J\x07 red \xe2\x80\xae", b"subject\r\n\r\nbody\r\n", b"x" * 1_000_000,
        b"# On branch main\n# Changes:", "修正金額計算".encode(), "ضبط السعر قبل الجمع".encode(), "🎉".encode(),
    ],
    ids=range(9),
)  # fmt: skip
def test_any_commit_is_explained(shell: Shell, project: GitProject, message: bytes) -> None:
    """Whatever a message holds, the explanation is lines of visible text and the exit code 0."""
    project.git("config", "i18n.commitEncoding", "ISO-8859-1" if b"\xff" in message else "UTF-8")
    project.commit(message, files={"d.py": "d = 1\n"})
    assert shell.run("commits", str(project.path), "--explain", "HEAD") == 0
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shell.out)
    assert "E form: " in shell.out
    assert max(map(len, shell.out.splitlines())) < 700


def test_attribution_of_a_range_and_of_the_tree(shell: Shell, project: GitProject) -> None:
    """With a range it is the view of the changed lines, else that of the surviving ones."""
    assert shell.run("attribution", str(project.path), "--range", "HEAD~1..HEAD", "--json") == 0
    changed = msgspec.json.decode(shell.out, type=model.AttributionView)
    assert (changed.view, changed.ai_lines, changed.counted_lines) == ("changed", 2, 2)
    assert shell.run("attribution", str(project.path), "--json") == 0
    surviving = msgspec.json.decode(shell.out, type=model.AttributionView)
    assert (surviving.view, surviving.ai_lines, surviving.counted_lines) == ("surviving", 2, 5)
    assert set(surviving.by_agent) == {"cursor"}


def test_a_file_is_told_line_by_line(shell: Shell, project: GitProject) -> None:
    """Each line with its evidence, for people and for machines; in an action no line is a command of its runner."""
    sha = project.commit(
        "feat: say it", author="Cursor Agent <cursoragent@cursor.com>", files={"b.py": "::error::x = 1\n\n"}
    )
    assert shell.run("attribution", str(project.path), "--lines", "b.py", "--json") == 0
    first, second = json.loads(shell.out)["lines"]
    assert (first["origin"], first["agent"], first["source"], first["commit"]) == ("ai", "cursor", "author", sha)
    assert (second["line"], second["origin"], second["committed_at"]) == (2, None, None)
    assert shell.run("attribution", str(project.path), "--lines", "b.py") == 0
    assert shell.out.split("\n")[0] == f"1  {sha[:12]}  ai, authored by author, cursor  ::error::x = 1"
    shell.environment.setenv("GITHUB_ACTIONS", "true")
    assert shell.run("attribution", str(project.path), "--lines", "b.py") == 0
    assert not re.search(r"^\s*::", shell.out, re.MULTILINE)


def test_a_preset_counts_by_another_rule(shell: Shell, project: GitProject) -> None:
    """The rule of a project that publishes figures: other agents are nobody, blank lines count."""
    assert shell.run("attribution", str(project.path), "--preset", "aider", "--json") == 0
    view = msgspec.json.decode(shell.out, type=model.AttributionView)
    assert (view.ai_lines, view.counted_lines > 0) == (0, True)
    assert shell.run("attribution", str(project.path), "--preset", "aider", "--lines", "a.py") == 2
    assert "leave out --lines" in shell.err
    assert shell.run("attribution", str(project.path), "--preset", "aider", "--no-notes") == 2


def test_blamed_files_are_kept_where_told(shell: Shell, project: GitProject) -> None:
    """At a terminal in the user's cache, in an action only where an input names a directory, nowhere by ``off``."""
    cache = shell.directory / "cache" / "ai-code-metrics"
    assert shell.run("attribution", str(project.path), "--blame-cache", "off") == 0
    assert not cache.exists()
    shell.environment.setenv("GITHUB_ACTIONS", "true")
    assert shell.run("attribution", str(project.path)) == 0
    assert not cache.exists()
    assert shell.run("attribution", str(project.path), "--blame-cache", str(shell.directory / "given")) == 0
    assert len(list((shell.directory / "given").iterdir())) == 1
    shell.environment.delenv("GITHUB_ACTIONS")
    assert shell.run("attribution", str(project.path)) == 0
    assert len(list(cache.iterdir())) == 1


def test_fetching_completes_a_clone_and_never_fails(shell: Shell, project: GitProject) -> None:
    """A shallow clone is completed by the command and by ``--fetch``; what can't be had is a warning."""
    clone = project.clone(shell.directory / "clone", "--depth=1")
    assert shell.run("attribution", str(clone.path)) == 3
    assert "this clone is shallow" in shell.err
    assert shell.run("fetch", str(clone.path)) == 0
    assert (shell.out, shell.err) == ("", "")
    assert shell.run("attribution", str(clone.path)) == 0
    other = project.clone(shell.directory / "other", "--depth=1")
    assert shell.run("attribution", str(other.path), "--fetch") == 0
    gone = project.clone(shell.directory / "gone", "--depth=1")
    gone.git("remote", "set-url", "origin", str(shell.directory / "nowhere"))
    assert shell.run("fetch", str(gone.path)) == 0
    assert "ai-code-metrics: history-not-fetched: " in shell.err
    shell.environment.setenv("GITHUB_ACTIONS", "true")
    assert shell.run("fetch", str(gone.path), "--no-deepen") == 0
    assert shell.err.startswith("::warning::notes-not-fetched: ")
    shell.environment.setenv("GIT_CEILING_DIRECTORIES", str(shell.directory))
    (shell.directory / "none").mkdir()
    assert shell.run("fetch", str(shell.directory / "none")) == 0
    assert "no-repository" in shell.err


def test_people_get_tables(shell: Shell, project: GitProject) -> None:
    """Without --json both commands print text."""
    assert shell.run("commits", str(project.path)) == 0
    assert "the last 3 commits: median" in shell.out
    assert shell.run("attribution", str(project.path)) == 0
    assert "AI share of surviving lines: 40 %" in shell.out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["commits", ".", "--range", "HEAD"], "A..B"),
        (["commits", ".", "--range", "a...b"], "A..B"),
        (["commits", ".", "--range", "nowhere..HEAD"], "nowhere"),
        (["commits", ".", "--range", "HEAD..nowhere"], "nowhere"),
        (["commits", ".", "--range", "--output=x..HEAD"], "--output=x"),
        (["commits", ".", "--explain", "nowhere"], "nowhere"),
        (["commits", ".", "--explain", ""], "names no commit"),
        (["commits", ".", "--explain", "--output=x"], "--output=x"),
        (["attribution", "missing"], "missing"),
        (["charm"], "charm"),
        (["report", "--format", "pdf", "x"], "pdf"),
    ],
)
def test_a_wrong_call_is_exit_code_2(shell: Shell, project: GitProject, arguments: list[str], words: str) -> None:
    """The message names what is wrong."""
    shell.environment.chdir(project.path)
    assert shell.run(*arguments) == 2
    assert words in shell.err


def test_no_repository_is_exit_code_3(shell: Shell, tmp_path: Path) -> None:
    """A command about commits has nothing to say where there is no repository."""
    shell.environment.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert shell.run("commits", str(tmp_path)) == 3
    assert "not in a git repository" in shell.err


def test_the_schemas_are_printed(shell: Shell) -> None:
    """`schema` prints the JSON Schema that summaries, or tables of pyproject.toml, fit."""
    assert shell.run("schema", "summary") == 0
    assert json.loads(shell.out) == summary_json.json_schema()
    assert shell.run("schema", "config") == 0
    schema = json.loads(shell.out)
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid({"source": ["src"], "test-timeout": 60, "weights": {"lint": 0.5}, "summary": False})
    for wrong in ({"sauce": 1}, {"gate-on-missing": "maybe"}, {"pushgateway-url": "http://x"}, {"test-timeout": 0}):
        assert not validator.is_valid(wrong), wrong


def test_text_that_looks_like_a_command_of_the_runner_is_defused(step: Shell) -> None:
    """Neither form of a workflow command in a subject, a path or a reason reaches the log of a step."""
    hostile = summaries.hostile_summary()
    for arguments in (["report", step.save(hostile)], ["gate", step.save(hostile), "--gate-on-missing", "pass"]):
        step.run(*arguments)
        lines = (step.out + step.err).splitlines()
        printed = [line for line in lines if not line.startswith("::error::gate")]  # our own, escaped
        assert not [line for line in printed if line.lstrip().startswith("::") or "##[" in line]


def test_an_answer_that_repeats_the_token_is_redacted(step: Shell, github: FakeGithub) -> None:
    """What a server says is quoted in the warning, but never with the secret that it was sent."""
    github.failures.append(Failure(422, method="POST", message=f"bad credentials: {TOKEN}"))
    assert step.run("publish", step.save(summaries.summary())) == 0
    assert "bad credentials: ***" in step.out


def test_a_closed_pipe_ends_quietly(shell: Shell) -> None:
    """`report | head -1` prints no traceback and isn't a bug of ours."""
    path = shell.save(summaries.summary())
    command = f"{sys.executable} -I -m ai_code_metrics report {path} 2>err | head -1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        [find_program("bash"), "-c", command], capture_output=True, text=True, check=True, cwd=shell.directory
    )
    assert done.stdout.splitlines()[-1] in {"0", "141"}
    assert (shell.directory / "err").read_text(encoding="utf-8") == ""
