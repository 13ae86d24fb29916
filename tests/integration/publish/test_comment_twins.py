"""Of several comments of one key one stays; comments that are written anew; what changes between two requests."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from ai_code_metrics.errors import PublishFailed, PublishForbidden
from support.commenting import PERSON, marked, publish
from support.fake_github import Account, Failure, FakeGithub

if TYPE_CHECKING:
    from collections.abc import Callable

LISTING = "GET /repos/octo/shop/issues/42/comments?per_page=100"
APP = Account("some-app[bot]", "Bot")


def steps(github: FakeGithub) -> list[str]:
    """The requests about comments so far, each as its method and, but for listings, the last part of its path."""
    return [
        request.split()[0] if request == LISTING else re.sub(r" .*/", " ", request)
        for request in github.requests()
        if "/comments" in request
    ]


def at_first(github: FakeGithub, method: str, act: Callable[[], object]) -> None:
    """Let something happen just before the first request of a method is acted on."""

    def before(now: str, _target: str, _token: str) -> None:
        if now == method:
            github.before = None
            act()

    github.before = before


@pytest.mark.parametrize("mode", ["update", "recreate"])
@pytest.mark.parametrize("texts", [("a", "b"), ("a", "a"), ("b", "b", "a"), ("b", "a"), ("b", "c", "d", "b")])
def test_of_twins_one_stays(github: FakeGithub, mode: str, texts: tuple[str, ...]) -> None:
    """However many own comments stand there, with whatever text, after a run there is one with the run's text."""
    for text in texts:
        github.add_comment(marked(text))
    result = publish(github, "a", mode=mode)
    ((number, comment),) = github.comments.items()
    assert comment.body == marked("a")
    assert result.url.endswith(f"#issuecomment-{number}")
    assert result.left == 0


def test_the_oldest_of_twins_stays(github: FakeGithub) -> None:
    """An update keeps the place in the conversation: what is younger is deleted, after a second look."""
    for text in ("first", "second", "third"):
        github.add_comment(marked(text))
    assert publish(github).action == "updated"
    assert list(github.comments) == [1001]
    assert steps(github) == ["GET", "PATCH 1001", "GET", "DELETE 1002", "DELETE 1003"]


def test_twins_go_without_a_second_look_where_nothing_is_written(github: FakeGithub) -> None:
    """An unchanged comment is no reason to keep its twins, nor to ask for them again."""
    github.add_comment(marked("## Report"))
    github.add_comment(marked("old"))
    assert publish(github).action == "unchanged"
    assert list(github.comments) == [1001]
    assert steps(github) == ["GET", "DELETE 1002"]


def test_twins_are_found_on_all_pages(github: FakeGithub) -> None:
    """A twin on the third page is deleted, also by the first listing alone."""
    github.add_comment(marked("## Report"))
    for number in range(210):
        github.add_comment(f"comment {number}", PERSON)
    github.add_comment(marked("## Report"))
    assert publish(github).action == "unchanged"
    assert len(github.bodies()) == 211
    assert list(github.comments)[-1] == 1211


def test_a_created_comment_that_is_not_the_oldest_gives_way(github: FakeGithub) -> None:
    """Whoever created a younger twin writes its text into the older one and deletes its own."""
    at_first(github, "POST", lambda: github.add_comment(marked("quicker")))
    result = publish(github)
    assert github.bodies() == [marked("## Report")]
    assert (list(github.comments), result.action) == ([1001], "created")
    assert result.url.endswith("#issuecomment-1001")
    assert steps(github) == ["GET", "POST comments", "GET", "PATCH 1001", "DELETE 1002"]


def test_an_older_twin_with_the_same_text_is_not_written(github: FakeGithub) -> None:
    """Where the older twin says the same already, the younger is deleted and nothing is written."""
    at_first(github, "POST", lambda: github.add_comment(marked("## Report")))
    publish(github)
    assert steps(github) == ["GET", "POST comments", "GET", "DELETE 1002"]


def test_an_older_twin_that_goes_away_leaves_the_created_one(github: FakeGithub) -> None:
    """If somebody deletes the older twin before the text is in it, the created comment stays."""
    at_first(github, "POST", lambda: github.add_comment(marked("quicker")))
    github.failures.append(Failure(404, "PATCH", message="Not Found"))
    assert publish(github).url.endswith("#issuecomment-1002")
    assert steps(github) == ["GET", "POST comments", "GET", "PATCH 1001"]


@pytest.mark.parametrize(("mode", "kept"), [("update", 1002), ("recreate", 1003)])
def test_a_listing_that_does_not_show_the_created_comment_yet(github: FakeGithub, mode: str, kept: int) -> None:
    """What was just written counts as there, by the same rule, though the second look doesn't show it."""
    github.add_comment("hello", PERSON)
    github.unlisted = {kept}
    at_first(github, "POST", lambda: github.add_comment(marked("quicker")) if mode == "recreate" else None)
    assert publish(github, mode=mode).url.endswith(str(kept))
    assert github.bodies() == ["hello", marked("## Report")]


@pytest.mark.parametrize("mode", ["update", "recreate"])
@pytest.mark.parametrize(
    ("status", "left"),
    [(404, 0), (403, 2), (500, 2)],
)
def test_a_deletion_that_fails_does_not_fail_the_publication(
    github: FakeGithub, mode: str, status: int, left: int
) -> None:
    """Gone is as good as deleted; what GitHub refuses to delete is counted, and tried for each."""
    for text in ("one", "two", "three"):
        github.add_comment(marked(text))
    github.failures.append(Failure(status, "DELETE", message="Must have admin rights to Repository."))
    result = publish(github, mode=mode)
    assert result.left == (left + (mode == "recreate") if left else 0)
    assert marked("## Report") in github.bodies()


def test_a_rate_limit_ends_the_deletions(github: FakeGithub) -> None:
    """After a rate limit nothing more is deleted: the rest is left to the next run."""
    for text in ("## Report", "two", "three"):
        github.add_comment(marked(text))
    message = "You have exceeded a secondary rate limit."
    github.failures.append(Failure(403, "DELETE", message=message, headers={"Retry-After": "3600"}))
    result = publish(github)
    assert (result.action, result.left) == ("unchanged", 2)
    assert steps(github) == ["GET", "DELETE 1002"]


@pytest.mark.parametrize("mode", ["update", "recreate"])
def test_keys_never_delete_each_others_comments(github: FakeGithub, mode: str) -> None:
    """Whatever happens to the comments of one key, also to its twins, those of the others are left alone."""
    others = [github.add_comment(marked(f"text {number}", key)) for number, key in enumerate(("web", "default2", "d"))]
    github.add_comment(marked("one"))
    github.add_comment(marked("two"))
    for text in ("three", "three", "four"):
        publish(github, text, mode=mode)
    assert github.bodies() == [*(other.body for other in others), marked("four")]


@pytest.mark.parametrize("mode", ["update", "recreate"])
@pytest.mark.parametrize("author", [Account("mallory"), None, APP])
def test_comments_of_others_are_never_deleted(github: FakeGithub, mode: str, author: Account | None) -> None:
    """Who only copies the marker keeps the comment: deleted is what the author of the kept comment wrote."""
    github.add_comment(marked("one"))
    github.add_comment(marked("copied"), author)
    github.add_comment(marked("two"))
    for text in ("three", "three", "four"):
        publish(github, text, mode=mode)
    assert github.bodies().count(marked("four")) == 1
    assert sorted(github.bodies()) == sorted([marked("copied"), marked("four")])


def test_a_comment_is_recreated_at_the_end(github: FakeGithub) -> None:
    """A changed text becomes a new comment, and only when that is there the old one is deleted."""
    github.add_comment(marked("old"))
    github.add_comment("what about the tests?", PERSON)
    result = publish(github, mode="recreate")
    assert github.bodies() == ["what about the tests?", marked("## Report")]
    assert (result.action, result.url[-4:]) == ("recreated", "1003")
    assert steps(github) == ["GET", "POST comments", "GET", "DELETE 1001"]


def test_the_first_comment_of_recreate_mode_is_created(github: FakeGithub) -> None:
    """Where there was none, nothing was recreated."""
    assert publish(github, mode="recreate").action == "created"


def test_an_unchanged_comment_at_the_end_is_left_alone(github: FakeGithub) -> None:
    """The same text, with nobody's comment after it, is not sent again to all who follow the conversation."""
    github.add_comment("what about the tests?", PERSON)
    github.add_comment(marked("## Report"))
    assert publish(github, mode="recreate").action == "unchanged"
    assert steps(github) == ["GET"]


@pytest.mark.parametrize("author", [PERSON, APP, None])
def test_an_unchanged_comment_moves_behind_what_was_said_since(github: FakeGithub, author: Account | None) -> None:
    """A comment after it, on a later page too, brings the same text to the end again."""
    github.add_comment(marked("## Report"))
    for number in range(120):
        github.add_comment(f"remark {number}", author)
    assert publish(github, mode="recreate").action == "recreated"
    assert github.bodies()[-1] == marked("## Report")
    assert len(github.bodies()) == 121


def test_a_copied_marker_counts_as_somebody_s_comment(github: FakeGithub) -> None:
    """Only the token's owner has comments of other keys: the same text by a person is a comment like any other."""
    github.add_comment(marked("## Report"))
    github.add_comment(marked("copied", "api"), PERSON)
    assert publish(github, mode="recreate").action == "recreated"


def test_comments_of_other_keys_don_t_take_turns(github: FakeGithub) -> None:
    """Of two keys whose texts don't change neither is written again only because the other stands after it."""
    results = [publish(github, key=key, mode="recreate").action for key in ("web", "api", "web", "api")]
    assert results == ["created", "created", "unchanged", "unchanged"]


@pytest.mark.parametrize(
    "failure",
    [
        Failure(403, "POST", message="Unable to create comment because issue is locked."),
        Failure(410, "POST", message="Gone"),
        Failure(502, "POST"),
        Failure(502, "DELETE"),
        Failure(502, "POST", hangs_up=True),
    ],
)
def test_a_failure_in_between_leaves_a_comment(github: FakeGithub, failure: Failure) -> None:
    """Recreating deletes only what is replaced already: whatever fails, a comment stays."""
    github.add_comment(marked("old"))
    github.failures.append(failure)
    if failure.method == "POST":
        with pytest.raises(PublishFailed):
            publish(github, mode="recreate")
        assert github.bodies() == [marked("old")]
    else:
        assert publish(github, mode="recreate").left == 1
        assert github.bodies() == [marked("old"), marked("## Report")]


@pytest.mark.parametrize("acts_first", [True, False])
def test_a_half_failed_recreation_is_not_mistaken_for_the_old_comment(github: FakeGithub, *, acts_first: bool) -> None:
    """After a 502 the old comment with the same text doesn't count as the new one."""
    github.add_comment(marked("## Report"))
    github.add_comment("what about the tests?", PERSON)
    github.failures.append(Failure(502, "POST", times=1, acts_first=acts_first))
    assert publish(github, mode="recreate").action == "recreated"
    assert github.bodies() == ["what about the tests?", marked("## Report")]


def test_a_half_failed_creation_is_not_mistaken_for_another_jobs_comment(github: FakeGithub) -> None:
    """After a 502 a comment that another job created in between doesn't count as ours: our text is in the end there."""
    at_first(github, "POST", lambda: github.add_comment(marked("another job's")))
    github.failures.append(Failure(502, "POST", times=1))
    publish(github)
    assert github.bodies() == [marked("## Report")]


@pytest.mark.parametrize("others", [0, 1])
def test_a_comment_deleted_before_the_update(github: FakeGithub, others: int) -> None:
    """A comment that is gone when it is to be updated is looked for again: another is taken, else one is created."""
    for number in range(1 + others):
        github.add_comment(marked(f"old {number}"))
    at_first(github, "PATCH", lambda: github.comments.pop(1001))
    assert publish(github).action == ("updated" if others else "created")
    assert github.bodies() == [marked("## Report")]
    assert steps(github)[:4] == ["GET", "PATCH 1001", "GET", "PATCH 1002" if others else "POST comments"]


def test_a_listing_that_still_shows_a_deleted_comment(github: FakeGithub) -> None:
    """A comment that can't be found though it is listed is left out, and another created."""
    github.add_comment(marked("a ghost"))
    github.failures.append(Failure(404, "PATCH", "1001", message="Not Found"))
    result = publish(github)
    assert (result.action, result.url[-4:]) == ("created", "1002")
    assert steps(github) == ["GET", "PATCH 1001", "GET", "POST comments", "GET"]


@pytest.mark.parametrize(("mode", "method"), [("update", "PATCH"), ("recreate", "POST"), ("update", "POST")])
def test_a_conversation_locked_in_between(github: FakeGithub, mode: str, method: str) -> None:
    """A lock that comes between listing and writing is a refusal that says what to do, asked once."""
    if (mode, method) != ("update", "POST"):
        github.add_comment(marked("old"))
    locked = Failure(403, message="Unable to create comment because issue is locked.")
    at_first(github, method, lambda: github.failures.append(locked))
    with pytest.raises(PublishForbidden, match=r"octo/shop#42 .*issue is locked.*unlock the conversation"):
        publish(github, mode=mode)
    assert [step.split()[0] for step in steps(github)] == ["GET", method]


@pytest.mark.parametrize("fails", [{"status": 502}, {"status": 0, "hangs_up": True, "seconds": 1.5}])
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", r"comments\?per"), ("GET", r"comments\?page=2"), ("PATCH", "comments/1001"), ("DELETE", "comments/1152")],
)
def test_an_api_that_fails_twice(
    github: FakeGithub, monkeypatch: pytest.MonkeyPatch, method: str, path: str, fails: dict[str, Any]
) -> None:
    """Listing, its second page, updating and deleting are tried again when GitHub fails or is silent, to the end."""
    monkeypatch.setattr("ai_code_metrics.github_client.TIMEOUT_SECONDS", 1)
    monkeypatch.setattr("urllib3.util.retry.Retry.get_backoff_time", lambda _: 0.0)
    github.add_comment(marked("old"))
    for number in range(150):
        github.add_comment(f"comment {number}", PERSON)
    github.add_comment(marked("a twin"))
    github.failures.append(Failure(method=method, path=path, times=2, **fails))
    result = publish(github)
    assert (result.action, result.left) == ("updated", 0)
    assert (len(github.bodies()), github.comments[1001].body) == (151, marked("## Report"))
    assert github.failures[0].times == 0


@pytest.mark.parametrize("failing", [{"status": 502}, {"status": 502, "hangs_up": True}])
def test_a_deletion_of_which_the_answer_was_lost(
    github: FakeGithub, monkeypatch: pytest.MonkeyPatch, failing: dict[str, Any]
) -> None:
    """A deletion that was done but not answered is tried again, and what is gone then is no failure."""
    monkeypatch.setattr("urllib3.util.retry.Retry.get_backoff_time", lambda _: 0.0)
    github.add_comment(marked("## Report"))
    github.add_comment(marked("a twin"))
    github.failures.append(Failure(method="DELETE", times=1, acts_first=True, **failing))
    assert publish(github).left == 0
    assert list(github.comments) == [1001]
