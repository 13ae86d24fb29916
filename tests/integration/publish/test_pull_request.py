from __future__ import annotations

import time

import pytest

from ai_code_metrics.errors import PublishFailed, UsageError
from ai_code_metrics.github_client import WaitBudget, build_client
from ai_code_metrics.publish.pull_request import CommentResult, publish_comment
from ai_code_metrics.report.marker import marker
from support.commenting import MARK, PERSON, TOKENS, WORKFLOW_TOKEN, publish
from support.fake_github import WORKFLOW, Account, Failure, FakeGithub, fake_github
from support.github_openapi import Exchange, GithubDescription
from support.services import free_port


def test_the_first_comment_is_created(github: FakeGithub) -> None:
    """Without an own comment one is created, the marker after a blank line, by as few requests as can be."""
    result = publish(github)
    assert github.bodies() == [f"## Report\n\n{MARK}"]
    assert result == CommentResult("https://github.com/octo/shop/pull/42#issuecomment-1001", "created")
    assert github.requests() == [
        "GET /user",
        "GET /repos/octo/shop/issues/42/comments?per_page=100",
        "POST /repos/octo/shop/issues/42/comments",
        "GET /repos/octo/shop/issues/42/comments?per_page=100",
    ]


def test_nothing_is_printed(github: FakeGithub, capfd: pytest.CaptureFixture[str]) -> None:
    """That a workflow's token may not ask who it is prints nothing that would look like a failure."""
    publish(github)
    assert capfd.readouterr() == ("", "")


def test_the_second_report_updates_it(github: FakeGithub) -> None:
    """A changed report is written into the same comment."""
    first = publish(github, "## One")
    second = publish(github, "## Two")
    assert github.bodies() == [f"## Two\n\n{MARK}"]
    assert second == CommentResult(first.url, "updated")


def test_an_unchanged_report_is_not_written(github: FakeGithub) -> None:
    """The same report again writes nothing, even if GitHub gives line ends of its own."""
    publish(github, "## One\n\ntext")
    github.comments[1001].body = github.comments[1001].body.replace("\n", "\r\n") + "\r\n"
    writes = len([r for r in github.requests() if not r.startswith("GET")])
    assert publish(github, "## One\n\ntext").action == "unchanged"
    assert len([r for r in github.requests() if not r.startswith("GET")]) == writes


def test_a_marker_that_is_there_is_not_doubled(github: FakeGithub) -> None:
    """A body that ends in the marker, as the renderer gives it, keeps exactly one."""
    publish(github, f"## Report\n\n{MARK}\n")
    publish(github, f"| a |\n{MARK}")
    assert github.bodies() == [f"| a |\n\n{MARK}"]


def test_the_own_comment_is_found_on_a_later_page(github: FakeGithub) -> None:
    """With 250 comments before it, the own comment is found on the third page, before and after it is updated."""
    for number in range(250):
        github.add_comment(f"comment {number}", PERSON)
    github.add_comment(f"old\n\n{MARK}")
    github.add_comment("a later one", PERSON)
    assert publish(github).action == "updated"
    assert len(github.bodies()) == 252
    assert github.comments[1251].body == f"## Report\n\n{MARK}"
    assert len([r for r in github.requests() if "comments?" in r]) == 6


@pytest.mark.parametrize(
    ("token", "body", "author"),
    [
        ("workflow-token", f"forged\n\n{MARK}", Account("mallory")),
        ("workflow-token", f"forged\n\n{MARK}", None),
        ("workflow-token", f"> quoted {MARK}", WORKFLOW),
        ("workflow-token", f"> {MARK}", WORKFLOW),
        ("workflow-token", f"other key\n\n{marker('default2')}", WORKFLOW),
        ("workflow-token", "", WORKFLOW),
        ("octocat-token", f"a bot's\n\n{MARK}", WORKFLOW),
        ("octocat-token", f"forged\n\n{MARK}", Account("mallory")),
    ],
)
def test_comments_of_others_are_left_alone(github: FakeGithub, token: str, body: str, author: Account | None) -> None:
    """A marker alone is not enough, nor is the author: somebody else's comment is never written to."""
    github.add_comment(body, author)
    assert publish(github, token=token).action == "created"
    assert github.bodies() == [body, f"## Report\n\n{MARK}"]


@pytest.mark.parametrize("login", ["octocat", "OctoCat"])
def test_a_persons_token_finds_the_persons_comment(github: FakeGithub, login: str) -> None:
    """A personal token updates the comment that its owner wrote; logins have no case."""
    github.add_comment(f"old\n\n{MARK}", Account(login))
    assert publish(github, token="octocat-token").action == "updated"


def test_keys_keep_comments_apart(github: FakeGithub) -> None:
    """Each key has a comment of its own."""
    publish(github, "## Web", key="web")
    publish(github, "## API", key="api")
    publish(github, "## Web 2", key="web")
    assert github.bodies() == [f"## Web 2\n\n{marker('web')}", f"## API\n\n{marker('api')}"]


def test_other_pull_requests_are_left_alone(github: FakeGithub) -> None:
    """The comment of another pull request is not touched."""
    github.pull_requests.add(("octo/shop", 7))
    github.add_comment(f"seven\n\n{MARK}", number=7)
    assert publish(github).action == "created"
    assert github.bodies(7) == [f"seven\n\n{MARK}"]


@pytest.mark.parametrize(
    ("failure", "match"),
    [
        (Failure(403, "POST", message="Resource not accessible by integration"), r"pull-requests: write.*fork.*normal"),
        (Failure(403, "POST", message="Unable to create comment because issue is locked."), "issue is locked"),
        (Failure(403, "GET", "comments", message="Resource not accessible by integration"), "pull-requests: write"),
        (Failure(404, "GET", "comments", message="Not Found"), r"no octo/shop#42 \(404 Not Found\)"),
        (Failure(410, "POST", message="Gone"), "410 Gone"),
        (Failure(422, "POST", message="Validation Failed"), "refused the text"),
        (Failure(401, "GET", "user", message="Bad credentials"), r"doesn't know the token.*check github-token"),
        (Failure(403, "POST", message="line one\n::error::line two\x1b[31m"), "line one ::error::line two"),
    ],
)
def test_a_refusal_says_what_to_do(github_description: GithubDescription, failure: Failure, match: str) -> None:
    """Every refusal names the place, GitHub's reason and the way out, and is asked once."""
    with fake_github(
        FakeGithub(tokens=dict(TOKENS), failures=[failure], judge=github_description.violations)
    ) as github:
        with pytest.raises(PublishFailed, match=match) as caught:
            publish(github)
        refused = [exchange for exchange in github.exchanges if exchange.status == failure.status]
        assert str(caught.value).isprintable()
        assert "workflow-token" not in str(caught.value)
        assert len([e for e in refused if e.target != "/user" or failure.path == "user"]) == 1
        assert github.bodies() == []


def test_a_wrong_token(github: FakeGithub) -> None:
    """A token that GitHub doesn't know is told without printing it."""
    with pytest.raises(PublishFailed, match="check github-token") as caught:
        publish(github, token="unknown-s3cret")
    assert "s3cret" not in str(caught.value)


def test_a_text_that_is_too_long(github: FakeGithub) -> None:
    """GitHub's own limit comes back as a refusal of the text."""
    with pytest.raises(PublishFailed, match="refused the text"):
        publish(github, "x" * 70_000)


@pytest.mark.parametrize("status", [500, 502, 503])
@pytest.mark.parametrize("method", ["GET", "PATCH"])
def test_a_passing_failure_is_tried_again(github: FakeGithub, method: str, status: int) -> None:
    """Reading and updating are tried again after a failure of the service."""
    github.add_comment(f"old\n\n{MARK}")
    github.failures.append(Failure(status, method, "comments", headers={"Retry-After": "0"}, times=1))
    client = build_client("workflow-token", github.url, budget=WaitBudget(30.0))
    result = publish_comment(client, repository="octo/shop", pull_request=42, body="## New", key="default")
    assert result.action == "updated"


@pytest.mark.parametrize("acts_first", [True, False])
@pytest.mark.parametrize("hangs_up", [True, False])
def test_a_failed_creation_makes_no_twin(github: FakeGithub, *, acts_first: bool, hangs_up: bool) -> None:
    """After a 502 or a broken connection the comment is looked for first: whether it was made or not, there is one."""
    github.failures.append(Failure(502, "POST", times=1, acts_first=acts_first, hangs_up=hangs_up))
    assert publish(github).action == "created"
    assert github.bodies() == [f"## Report\n\n{MARK}"]


def test_a_rate_limit_that_asks_for_an_hour(github: FakeGithub) -> None:
    """A wait beyond the budget is not waited: the run goes on at once, with the reason."""
    message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    github.failures.append(Failure(403, "POST", message=message, headers={"Retry-After": "3600"}))
    started = time.monotonic()
    with pytest.raises(PublishFailed, match="rate limit"):
        publish(github)
    assert time.monotonic() - started < 60


def test_a_rate_limit_is_not_taken_for_a_token_of_a_bot(github: FakeGithub) -> None:
    """When the question who the token belongs to hits a rate limit, nobody is taken for the author."""
    message = "API rate limit exceeded for user ID 7."
    github.failures.append(Failure(403, "GET", "/user", message=message, headers={"X-RateLimit-Reset": "4102444800"}))
    with pytest.raises(PublishFailed, match="rate limit"):
        publish(github, token="octocat-token")
    assert github.bodies() == []


def test_a_short_rate_limit_is_waited_for(github: FakeGithub) -> None:
    """A Retry-After within the budget is respected, also for a creation, which GitHub then has not acted on."""
    message = "You have exceeded a secondary rate limit."
    github.failures.append(Failure(429, "POST", message=message, headers={"Retry-After": "1"}, times=1))
    started = time.monotonic()
    assert publish(github).action == "created"
    assert time.monotonic() - started >= 1
    assert len(github.bodies()) == 1


def test_writes_are_a_second_apart(github: FakeGithub) -> None:
    """GitHub asks for a second between two writes, or it takes them for abuse: a client keeps that by itself."""
    github.add_comment(f"old\n\n{MARK}")
    github.add_comment(f"a twin\n\n{MARK}")
    started = time.monotonic()
    client = build_client(WORKFLOW_TOKEN, github.url)
    publish_comment(client, repository="octo/shop", pull_request=42, body="## New", key="default")
    assert time.monotonic() - started >= 1
    assert len(github.bodies()) == 1


def test_a_service_that_stays_down_ends(github: FakeGithub) -> None:
    """A wait that the budget doesn't hold isn't waited: the retries that are left are not sent."""
    github.failures.append(Failure(503, message="Service Unavailable"))
    with pytest.raises(PublishFailed, match="503 Service Unavailable"):
        publish(github)
    assert github.requests() == ["GET /user"] * 2


def test_a_page_of_a_proxy_is_no_answer(github: FakeGithub) -> None:
    """HTML with status 200, from a proxy or a wrong URL, is told as such."""
    github.failures.append(Failure(200, "GET", "comments", raw=b"<html>Please log in</html>"))
    github.judge = None
    with pytest.raises(PublishFailed, match="check GITHUB_API_URL"):
        publish(github)


def test_nobody_listens() -> None:
    """A GitHub that can't be reached is told with the system's reason, soon."""
    client = build_client("workflow-token", f"http://127.0.0.1:{free_port()}", budget=WaitBudget(0.0))
    with pytest.raises(PublishFailed, match=r"could not be reached.*refused"):
        publish_comment(client, repository="octo/shop", pull_request=42, body="x", key="default")


def test_enterprise_server() -> None:
    """Below the path of a GitHub Enterprise Server the same comment is found and updated."""
    with fake_github(FakeGithub(prefix="/api/v3")) as github:
        assert github.url.endswith("/api/v3")
        publish(github, "## One")
        assert publish(github, "## Two").action == "updated"


@pytest.mark.parametrize("key", ["", "a b", "a-->b", "x" * 101, "ä"])
def test_a_key_that_would_break_the_marker(key: str) -> None:
    """A key that could end the hidden marker is a usage error, before any request."""
    with pytest.raises(UsageError, match="comment-key"):
        publish_comment(build_client("t"), repository="octo/shop", pull_request=42, body="x", key=key)


@pytest.mark.parametrize("repository", ["", "shop", "octo/..", "../..", "octo/shop/issues", "octo/sh?p", "octo/shop\n"])
def test_a_repository_that_is_none(repository: str) -> None:
    """A repository that isn't owner/name never gets into a URL."""
    with pytest.raises(UsageError, match="repository"):
        publish_comment(build_client("t"), repository=repository, pull_request=42, body="x", key="default")


@pytest.mark.parametrize(
    ("token", "url"), [("", "https://api.github.com"), ("a\nb", "https://api.github.com"), ("t", "ftp://x"), ("t", "x")]
)
def test_a_client_that_cannot_be_built(token: str, url: str) -> None:
    """An empty or broken token and a URL that is none are usage errors."""
    with pytest.raises(UsageError):
        build_client(token, url)


def test_the_description_accepts_its_own_examples(github_description: GithubDescription) -> None:
    """The judge is no stricter than GitHub: GitHub's own examples of the operations in use fit."""
    paths = github_description.document["paths"]
    list_comments = paths["/repos/{owner}/{repo}/issues/{issue_number}/comments"]["get"]
    answer = list_comments["responses"]["200"]["content"]["application/json"]
    example = github_description.document["components"]["examples"]["issue-comment-items"]["value"]
    assert github_description.schema_problems(answer["schema"], example) == []
    user = paths["/user"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    for kind in ("private-and-public", "public"):
        name = (
            f"private-user-response-with-{kind.replace('private-and-public', 'public-and-private')}-profile-information"
        )
        assert (
            github_description.schema_problems(
                user, github_description.document["components"]["examples"][name]["value"]
            )
            == []
        )


@pytest.mark.parametrize(
    ("exchange", "problem"),
    [
        (Exchange("GET", "/repos/o/r/issues/1/remarks", None, 200, []), "no such operation"),
        (Exchange("PUT", "/repos/o/r/issues/comments/1", None, 200, []), "no such operation"),
        (Exchange("GET", "/repos/o/r/issues/1/comments?size=3", None, 200, []), "query size is not described"),
        (Exchange("GET", "/repos/o/r/issues/1/comments?page=x", None, 200, []), "must be a number"),
        (Exchange("GET", "/repos/o/r/issues/1/comments?per_page=101", None, 200, []), "at most 100"),
        (Exchange("GET", "/repos/o/r/issues/x/comments", None, 200, []), "must be a number"),
        (Exchange("GET", "/repos/o/r/issues/1/comments", None, 200, [{"id": 1}]), "is a required property"),
        (Exchange("GET", "/repos/o/r/issues/1/comments", None, 200, {}), "is not of type 'array'"),
        (Exchange("GET", "/repos/o/r/issues/1/comments", None, 201, []), "the status is not described"),
        (Exchange("POST", "/repos/o/r/issues/1/comments", None, 404, {}), "has no body"),
        (Exchange("POST", "/repos/o/r/issues/1/comments", {"text": "x"}, 404, {}), "is a required property"),
        (Exchange("POST", "/repos/o/r/issues/1/comments", {"body": 1}, 404, {}), "is not of type 'string'"),
        (Exchange("POST", "/repos/o/r/issues/1/comments", {"body": "x", "y": 1}, 404, {}), "Additional properties"),
        (Exchange("DELETE", "/repos/o/r/issues/comments/1", None, 204, {}), "the operation gives none"),
        (Exchange("GET", "/user", {"x": 1}, 401, {}), "the operation takes none"),
    ],
)
def test_the_description_sees_what_is_wrong(
    github_description: GithubDescription, exchange: Exchange, problem: str
) -> None:
    """The judge finds unknown operations, parameters, properties, types and statuses."""
    assert problem in "\n".join(github_description.violations(exchange))
