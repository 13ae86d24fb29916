"""A stateful GitHub on loopback: pull requests and their comments, artifacts, paging, authors, failures on demand.

It speaks the part of the REST API that this tool uses. Give it GitHub's own description as ``judge``, and every
exchange is held against it: what doesn't fit is in ``violations``.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import re
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from support.fake_github_actions import STORE, Actions
from support.fake_github_branches import Branches
from support.fake_github_pulls import Pulls
from support.fake_github_shapes import DOCUMENTATION, NOW, Account, Reply, error, paged, user
from support.github_openapi import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = ["WORKFLOW", "Account", "Comment", "Failure", "FakeGithub", "fake_github"]

MAX_BODY: Final = 65_536
WORKFLOW: Final = Account("github-actions[bot]", "Bot", may_ask_who_it_is=False)


@dataclass(slots=True)
class Failure:
    """Answers that replace the real ones: for this method and path, so many times, before or after acting.

    ``raw`` goes out instead of JSON; ``hangs_up`` closes the connection without an answer, after ``seconds``.
    """

    status: int
    method: str = ""
    path: str = ""
    message: str = "a failure on demand"
    headers: Mapping[str, str] = field(default_factory=dict)
    times: int = 1_000_000
    acts_first: bool = False
    raw: bytes | None = None
    hangs_up: bool = False
    seconds: float = 0.0

    def applies(self, method: str, path: str) -> bool:
        """Tell whether this failure answers the request, and count it."""
        if not self.times or self.method not in {"", method} or not re.search(self.path, path):
            return False
        self.times -= 1
        return True


@dataclass(slots=True)
class Comment:
    """One stored comment."""

    id: int
    repository: str
    number: int
    body: str
    author: Account | None


@dataclass
class FakeGithub:
    """The state: pull requests, comments by id, tokens, failures, and all exchanges so far.

    ``before`` is called with method, target and token before a request is acted on, outside the lock: it may wait for
    other requests, or change what the request will meet. ``unlisted`` are ids that a listing doesn't show yet; no
    token sees the ``hidden`` repositories.
    """

    url: str = ""
    prefix: str = ""
    pull_requests: set[tuple[str, int]] = field(default_factory=lambda: {("octo/shop", 42)})
    tokens: dict[str, Account] = field(default_factory=lambda: {"workflow-token": WORKFLOW})
    comments: dict[int, Comment] = field(default_factory=dict)
    pulls: Pulls = field(default_factory=Pulls)
    branches: Branches = field(default_factory=Branches)
    hidden: set[str] = field(default_factory=set)
    actions: Actions = field(default_factory=Actions)
    failures: list[Failure] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    judge: Callable[[Exchange], list[str]] | None = None
    violations: list[str] = field(default_factory=list)
    before: Callable[[str, str, str], None] | None = None
    unlisted: set[int] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1001))

    def add_comment(
        self, body: str, author: Account | None = WORKFLOW, repository: str = "octo/shop", number: int = 42
    ) -> Comment:
        """Store a comment, as if somebody had written it."""
        comment = Comment(next(self._ids), repository, number, body, author)
        self.comments[comment.id] = comment
        return comment

    def requests(self) -> list[str]:
        """Return method and path (with query) of all requests so far."""
        return [f"{exchange.method} {exchange.target}" for exchange in self.exchanges]

    def bodies(self, number: int = 42) -> list[str]:
        """Return the texts of a pull request's comments, oldest first."""
        return [comment.body for comment in self.comments.values() if comment.number == number]

    def answer(self, method: str, target: str, token: str, body: Any) -> Reply:
        """Act on a request; return status, JSON (None: no body) and headers."""
        parts = urlsplit(target)
        account = self.tokens.get(token)
        is_hidden = any(parts.path.startswith(f"/repos/{name}/") for name in self.hidden)
        if account is None or is_hidden:
            return error(401, "Bad credentials") if account is None else error(404, "Not Found")
        if parts.path == "/user":
            return self._who(account)
        if match := re.fullmatch(r"/repos/([^/]+/[^/]+)/issues/comments/(\d+)", parts.path):
            return self._one_comment(method, match[1], int(match[2]), body)
        if match := re.fullmatch(r"/repos/([^/]+/[^/]+)/issues/(\d+)/comments", parts.path):
            if (match[1], int(match[2])) in self.pull_requests and method == "POST":
                return self._create(match[1], int(match[2]), account, body)
            if (match[1], int(match[2])) in self.pull_requests:
                return self._list(match[1], int(match[2]), target)
        found = self.pulls.answer(self.url, target) or self.branches.answer(self.url, target)
        return found or self.actions.answer(self.url, target, account) or error(404, "Not Found")

    def _who(self, account: Account) -> Reply:
        if not account.may_ask_who_it_is:
            return error(403, "Resource not accessible by integration")
        return 200, self._profile(account), {}

    def _list(self, repository: str, number: int, target: str) -> Reply:
        found = [c for c in self.comments.values() if (c.repository, c.number) == (repository, number)]
        found = [comment for comment in found if comment.id not in self.unlisted]
        shown, links = paged(found, self.url, target)
        return 200, [self._comment(comment) for comment in shown], links

    def _create(self, repository: str, number: int, account: Account, body: Any) -> Reply:
        if problem := _text_problem(body):
            return problem
        comment = self.add_comment(body["body"], account, repository, number)
        shown = self._comment(comment)
        return 201, shown, {"Location": shown["url"]}

    def _one_comment(self, method: str, repository: str, number: int, body: Any) -> Reply:
        comment = self.comments.get(number)
        if comment is None or comment.repository != repository:
            return error(404, "Not Found")
        if method == "DELETE":
            del self.comments[number]
            return 204, None, {}
        if method == "PATCH":
            if problem := _text_problem(body):
                return problem
            comment.body = body["body"]
        return 200, self._comment(comment), {}

    def _comment(self, comment: Comment) -> dict[str, Any]:
        url = f"{self.url}/repos/{comment.repository}/issues"
        reactions = ("total_count", "+1", "-1", "laugh", "confused", "heart", "hooray", "eyes", "rocket")
        return {
            "id": comment.id,
            "node_id": f"IC_{comment.id}",
            "url": f"{url}/comments/{comment.id}",
            "html_url": f"https://github.com/{comment.repository}/pull/{comment.number}#issuecomment-{comment.id}",
            "issue_url": f"{url}/{comment.number}",
            "body": comment.body,
            "user": user(self.url, comment.author) if comment.author else None,
            "created_at": NOW,
            "updated_at": NOW,
            "author_association": "NONE",
            "performed_via_github_app": None,
            "reactions": {"url": f"{url}/comments/{comment.id}/reactions"} | dict.fromkeys(reactions, 0),
        }

    def _profile(self, account: Account) -> dict[str, Any]:
        unset = ("name", "company", "blog", "location", "email", "hireable", "bio")
        counts = ("public_repos", "public_gists", "followers", "following")
        profile = user(self.url, account) | dict.fromkeys(unset) | dict.fromkeys(counts, 0)
        return profile | {"created_at": NOW, "updated_at": NOW, "user_view_type": "public"}


def _text_problem(body: Any) -> Reply | None:
    text = body.get("body") if isinstance(body, dict) else None
    if not isinstance(text, str) or not text.strip():
        message = "Body cannot be blank"
    elif len(text) > MAX_BODY:
        message = "Body is too long (maximum is 65536 characters)"
    else:
        return None
    errors = [{"resource": "IssueComment", "code": "unprocessable", "field": "data", "message": message}]
    return 422, {"message": "Validation Failed", "errors": errors, "documentation_url": DOCUMENTATION}, {}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body go out apart, and the body shouldn't wait for an acknowledgement
    github: FakeGithub

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        target = self.path.removeprefix(self.github.prefix)
        if self.github.before:
            self.github.before(self.command, target, self._token())
        with self.github.lock:
            failure = next((f for f in self.github.failures if f.applies(self.command, target)), None)
        if target.startswith(STORE) and failure is None:
            self._send_blob(target)
            return
        if failure is not None:
            time.sleep(failure.seconds)
        with self.github.lock:
            status, answer, headers, raw = self._answer(target, body, failure)
        if not status:
            self.close_connection = True
            return
        self.send_response(status)
        content = raw if raw is not None else b"" if answer is None else json.dumps(answer).encode()
        for name, value in {"Content-Type": "application/json; charset=utf-8", **headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _token(self) -> str:
        return (self.headers.get("Authorization") or "").partition(" ")[2]

    def _send_blob(self, target: str) -> None:
        """Send what the store holds block by block, and close: its size is known to nobody."""
        self.close_connection = True
        blocks = self.github.actions.blocks(target, dict(self.headers))
        self.send_response(200 if blocks else 403)
        self.send_header("Content-Type", "application/zip")
        self.end_headers()
        for block in blocks or ():
            self.wfile.write(block)

    def _answer(
        self, target: str, body: Any, failure: Failure | None
    ) -> tuple[int, Any, Mapping[str, str], bytes | None]:
        github = self.github
        status, answer, headers = 0, None, {}  # type: int, Any, Mapping[str, str]
        if failure is None or failure.acts_first:
            status, answer, headers = github.answer(self.command, target, self._token(), body)
        if failure is not None and failure.hangs_up:
            return 0, None, {}, None
        if failure is not None:
            status, answer, headers = *error(failure.status, failure.message)[:2], failure.headers
        if target.startswith(STORE):
            return status, answer, headers, failure.raw if failure else None
        exchange = Exchange(self.command, target, body, status, answer, dict(self.headers))
        github.exchanges.append(exchange)
        if github.judge:
            github.violations += github.judge(exchange)
        return status, answer, headers, failure.raw if failure else None

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _handle  # noqa: N815 - named by http.server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by http.server
        """Stay silent."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64  # of many clients that connect at once none waits for a second attempt

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent: a client may hang up."""


@contextlib.contextmanager
def fake_github(github: FakeGithub | None = None) -> Iterator[FakeGithub]:
    """Run the fake on a free loopback port until the block ends; ``url`` is what ``GITHUB_API_URL`` would be."""
    github = github or FakeGithub()
    handler = type("Handler", (_Handler,), {"github": github})
    with _Server(("127.0.0.1", 0), handler) as server:
        github.url = f"http://127.0.0.1:{server.server_address[1]}{github.prefix}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield github
        finally:
            server.shutdown()
            thread.join()
