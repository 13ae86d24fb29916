from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from ai_code_metrics.collect.context import EventContext, TriggeringRun, from_payload, local_context, read_context
from ai_code_metrics.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

ENVIRON = {
    "GITHUB_REPOSITORY": "owner/name",
    "GITHUB_REF_NAME": "feature/a",
    "GITHUB_REF_TYPE": "branch",
    "GITHUB_RUN_ID": "42",
    "GITHUB_SERVER_URL": "https://ghes.example",
}
SHA = "a" * 40


def pull(**changes: Any) -> dict[str, Any]:
    repo = {"full_name": "owner/name"}
    request = {
        "number": 7,
        "head": {"ref": "topic", "sha": SHA, "repo": repo},
        "base": {"ref": "main", "sha": "b" * 40, "repo": repo},
    }
    return {"pull_request": {**request, **changes}, "repository": {"default_branch": "main"}}


def test_pull_request() -> None:
    """A pull request's own head and branch count, not the merge ref that is checked out."""
    context = from_payload("pull_request", pull(), {**ENVIRON, "GITHUB_REF_NAME": "7/merge"})

    assert context == EventContext(
        event="pull_request",
        repository="owner/name",
        branch="topic",
        default_branch="main",
        head_sha=SHA,
        base_ref="main",
        base_sha="b" * 40,
        pull_request=7,
        run_url="https://ghes.example/owner/name/actions/runs/42",
        server_url="https://ghes.example",
    )


@pytest.mark.parametrize(
    ("head", "is_fork"),
    [
        ({"ref": "topic", "repo": {"full_name": "owner/name"}}, False),
        ({"ref": "topic", "repo": {"full_name": "stranger/name"}}, True),
        ({"ref": "topic", "repo": None}, True),
        ({"ref": "topic"}, True),
        (None, True),
    ],
)
def test_fork(head: object, is_fork: bool) -> None:  # noqa: FBT001 - a table
    """A head in another repository is a fork, and so is one whose repository was deleted."""
    assert from_payload("pull_request_target", pull(head=head), ENVIRON).is_fork is is_fork


@pytest.mark.parametrize(
    ("before", "expected"), [(SHA, SHA), ("0" * 40, None), ("0" * 64, None), ("", None), (None, None), (3, None)]
)
def test_push(before: object, expected: str | None) -> None:
    """A push knows what it replaced; the zeros of a new branch are no commit."""
    context = from_payload("push", {"before": before}, ENVIRON)

    assert context.before == expected
    assert (context.branch, context.pull_request, context.head_sha, context.is_fork) == ("feature/a", None, None, False)


def test_tag_has_no_branch() -> None:
    """The name of a tag is no branch's name."""
    assert from_payload("push", {}, {**ENVIRON, "GITHUB_REF_TYPE": "tag", "GITHUB_REF_NAME": "v1"}).branch is None


@pytest.mark.parametrize("event", ["schedule", "workflow_dispatch", "merge_group"])
def test_other_events_have_no_pull_request(event: str) -> None:
    """Only pull request events are believed to be about one."""
    context = from_payload(event, pull(), ENVIRON)

    assert (context.pull_request, context.head_sha, context.branch) == (None, None, "feature/a")


@pytest.mark.parametrize("number", ["7", True, 0, -1, 7.0, None, [7]])
def test_oddly_typed_number_is_unknown(number: object) -> None:
    """A pull request's number is a positive whole number or nothing."""
    assert from_payload("pull_request", pull(number=number), ENVIRON).pull_request is None


def test_title_body_and_author_come_bounded_and_with_line_feeds() -> None:
    """A title is one line of 1,000 characters, a body 20,000 with line feeds only; half a surrogate is replaced."""
    request = pull(
        title="Add \r\n a cart " + "x" * 2_000, body="Why.\r\n\r\nSo.\r\ud800" + "x" * 50_000, user={"login": "ann"}
    )
    context = from_payload("pull_request", request, ENVIRON)

    assert context.title is not None
    assert context.body is not None
    assert context.title.startswith("Add a cart xxx")
    assert context.body.startswith("Why.\n\nSo.\n?xxx")
    assert (len(context.title) <= 1_000, len(context.body) <= 20_000, context.author) == (True, True, "ann")


@pytest.mark.parametrize(
    "fields", [{}, {"title": None, "body": None, "user": None}, {"title": 3, "body": [], "user": "x"}]
)
def test_a_pull_request_may_lack_its_texts(fields: dict[str, Any]) -> None:
    """GitHub sends null for an empty body; other types count as unknown, and other events have no texts."""
    context = from_payload("pull_request", pull(**fields), ENVIRON)

    assert (context.title, context.body, context.author) == (None, None, None)
    assert from_payload("push", pull(title="Add a cart"), ENVIRON).title is None


@pytest.mark.parametrize("value", [None, 3, [], "text", {"ref": 3, "sha": ["x"], "repo": "y"}])
def test_oddly_typed_tables_are_unknown(value: object) -> None:
    """A payload of any shape gives a context; what doesn't fit is left out."""
    context = from_payload("pull_request", {"pull_request": {"head": value, "base": value}, "repository": value}, {})

    assert (context.branch, context.head_sha, context.base_ref, context.default_branch) == (None, None, None, None)


def test_texts_are_bounded_and_fit_for_json() -> None:
    """A branch name of any length and a lone surrogate can't break the summary."""
    context = from_payload("pull_request", pull(head={"ref": "\ud800" + "x" * 999}), ENVIRON)

    assert context.branch == "?" + "x" * 299


@pytest.mark.parametrize("run_id", ["", "42/../../x", "-1"])
def test_run_url_needs_a_number(run_id: str) -> None:
    """No run, no link."""
    assert from_payload("push", {}, {**ENVIRON, "GITHUB_RUN_ID": run_id}).run_url is None


def run(**changes: Any) -> dict[str, Any]:
    """The payload of a workflow_run event, after a run for the pull request of a fork."""
    triggering = {
        "id": 99,
        "event": "pull_request",
        "conclusion": "success",
        "head_branch": "topic",
        "head_sha": SHA,
        "head_repository": {"full_name": "stranger/name"},
        "repository": {"full_name": "owner/name"},
        "pull_requests": [{"number": 666}],
    }
    return {"workflow_run": {**triggering, **changes}, "repository": {"default_branch": "main"}}


def test_workflow_run() -> None:
    """Branch, head and address are those of the run that triggered this one, and no pull request is believed."""
    context = from_payload("workflow_run", run(), ENVIRON)

    assert context == EventContext(
        event="workflow_run",
        repository="owner/name",
        branch="topic",
        default_branch="main",
        head_sha=SHA,
        is_fork=True,
        run_url="https://ghes.example/owner/name/actions/runs/99",
        server_url="https://ghes.example",
        trigger=TriggeringRun(99, "pull_request", "stranger/name", "success"),
    )


def test_workflow_run_after_a_push() -> None:
    """A run of the repository's own branch is no fork's."""
    context = from_payload("workflow_run", run(event="push", head_repository={"full_name": "owner/name"}), ENVIRON)

    assert context.trigger == TriggeringRun(99, "push", "owner/name", "success")
    assert (context.is_fork, context.trigger_problem) == (False, "")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"id": "99"}, "no triggering run"),
        ({"id": True}, "no triggering run"),
        ({"id": -1}, "no triggering run"),
        ({"event": "pull_request_target"}, "'pull_request_target', and only"),
        ({"event": "schedule"}, "'schedule', and only"),
        ({"event": None}, "and only pull_request and push"),
        ({"event": ["push"]}, "and only pull_request and push"),
        ({"event": "push"}, "push to 'stranger/name'"),
        ({"repository": {"full_name": "other/name"}}, "'other/name', this one of 'owner/name'"),
        ({"repository": None}, "of the repository None"),
        ({"head_repository": None}, "may have been deleted"),
        ({"head_repository": {"full_name": "stranger"}}, "may have been deleted"),
        ({"head_repository": {"full_name": "stranger/name/../x"}}, "may have been deleted"),
        ({"head_branch": None}, "which commit"),
        ({"head_sha": "main"}, "which commit"),
        ({"head_sha": None}, "which commit"),
    ],
)
def test_a_workflow_run_of_which_nothing_can_be_made(changes: dict[str, Any], words: str) -> None:
    """What is not a run for a pull request or an own push is no trigger, and the reason says what it is."""
    context = from_payload("workflow_run", run(**changes), ENVIRON)

    assert context.trigger is None
    assert words in context.trigger_problem


@pytest.mark.parametrize("payload", [{}, {"workflow_run": None}, {"workflow_run": []}, {"workflow_run": {"id": []}}])
def test_a_workflow_run_of_any_shape_is_a_context(payload: dict[str, Any]) -> None:
    """Nothing in it is taken for known."""
    context = from_payload("workflow_run", payload, {})

    assert (context.branch, context.head_sha, context.run_url, context.trigger) == (None, None, None, None)
    assert context.trigger_problem


def test_outside_of_actions_it_is_local() -> None:
    """Without an event the context is local and empty, whatever else is set."""
    assert read_context({"GITHUB_REPOSITORY": "owner/name"}) == EventContext()


def test_payload_is_read_from_its_file(tmp_path: Path) -> None:
    """The payload is the file that the runner names."""
    path = tmp_path / "event.json"
    path.write_text(json.dumps(pull()), encoding="utf-8")

    context = read_context({**ENVIRON, "GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(path)})

    assert context.pull_request == 7


def test_event_without_a_payload() -> None:
    """An event without a file is known by its variables alone."""
    assert read_context({**ENVIRON, "GITHUB_EVENT_NAME": "push"}).branch == "feature/a"


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{", b"\xff\xfe{", b"[" * 100_000], ids=[*"abcdef"])
def test_unreadable_payload_is_named(tmp_path: Path, content: bytes) -> None:
    """A payload that is no JSON object is a usage error that names variable and file."""
    path = tmp_path / "event.json"
    path.write_bytes(content)

    with pytest.raises(UsageError, match=r"GITHUB_EVENT_PATH: .*event\.json"):
        read_context({"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(path)})


def test_missing_payload_is_named(tmp_path: Path) -> None:
    """A payload that isn't there is a usage error too."""
    with pytest.raises(UsageError, match="GITHUB_EVENT_PATH"):
        read_context({"GITHUB_EVENT_NAME": "push", "GITHUB_EVENT_PATH": str(tmp_path / "gone.json")})


@pytest.mark.parametrize(
    ("url", "repository", "server"),
    [
        ("https://github.com/octo/shop.git", "octo/shop", "https://github.com"),
        ("git@github.com:octo/shop.git", "octo/shop", "https://github.com"),
        ("ssh://git@ghes.example:2222/octo/shop", "octo/shop", "https://ghes.example"),
        ("https://user:t0ken@ghes.example/octo/shop/", "octo/shop", "https://ghes.example"),
        ("https://gitlab.example/group/sub/shop.git", None, "https://github.com"),
        ("/srv/git/shop.git", None, "https://github.com"),
        ("../shop", None, "https://github.com"),
        (None, None, "https://github.com"),
    ],
)
def test_a_local_run_is_named_after_its_remote(url: str | None, repository: str | None, server: str) -> None:
    """Outside of Actions the repository's name is that of the remote, without credentials; else it is unknown."""
    found = local_context(url)
    assert (found.repository, found.server_url, found.event) == (repository, server, "local")


@pytest.mark.parametrize(
    ("url", "repository", "server"),
    [
        ("https://github.com/owner/name.git", "owner/name", "https://github.com"),
        ("git@ghes.example:owner/name.git", "owner/name", "https://ghes.example"),
        ("/srv/git/name", None, "https://github.com"),
        ("javascript:alert(1)//x/y", None, "https://github.com"),
        (None, None, "https://github.com"),
    ],
)
def test_local_context(url: str | None, repository: str | None, server: str) -> None:
    """At a terminal the repository is named after its remote, where that is an address of a forge."""
    context = local_context(url)

    assert (context.event, context.repository, context.server_url) == ("local", repository, server)
