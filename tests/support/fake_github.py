"""A stateful GitHub on loopback: the comments of pull requests, with paging, authors, and failures on demand.

It speaks the part of the REST API that the publisher uses. Give it GitHub's own description as ``judge``, and every
exchange is held against it: what doesn't fit is in ``violations``.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from urllib.parse import parse_qs, urlencode, urlsplit

from support.github_openapi import Exchange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

MAX_BODY: Final = 65_536
DOCUMENTATION: Final = "https://docs.github.com/rest"
NOW: Final = "2026-01-01T12:00:00Z"

Reply: TypeAlias = tuple[int, Any, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Account:
    """Who a token belongs to; the token of a workflow or an app may not ask who it is."""

    login: str
    type: str = "User"
    may_ask_who_it_is: bool = True


WORKFLOW: Final = Account("github-actions[bot]", "Bot", may_ask_who_it_is=False)


@dataclass(slots=True)
class Failure:
    """Answers that replace the real ones: for this method and path, so many times, before or after acting.

    ``raw`` goes out instead of JSON; ``hangs_up`` closes the connection without an answer.
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
    """The state: pull requests, comments by id, tokens, failures, and all exchanges so far."""

    url: str = ""
    prefix: str = ""
    pull_requests: set[tuple[str, int]] = field(default_factory=lambda: {("octo/shop", 42)})
    tokens: dict[str, Account] = field(default_factory=lambda: {"workflow-token": WORKFLOW})
    comments: dict[int, Comment] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    judge: Callable[[Exchange], list[str]] | None = None
    violations: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add_comment(
        self, body: str, author: Account | None = WORKFLOW, repository: str = "octo/shop", number: int = 42
    ) -> Comment:
        """Store a comment, as if somebody had written it."""
        comment = Comment(1001 + len(self.comments), repository, number, body, author)
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
        if account is None:
            return _error(401, "Bad credentials")
        if parts.path == "/user":
            return self._who(account)
        if match := re.fullmatch(r"/repos/([^/]+/[^/]+)/issues/comments/(\d+)", parts.path):
            return self._one_comment(method, match[1], int(match[2]), body)
        if match := re.fullmatch(r"/repos/([^/]+/[^/]+)/issues/(\d+)/comments", parts.path):
            if (match[1], int(match[2])) in self.pull_requests and method == "POST":
                return self._create(match[1], int(match[2]), account, body)
            if (match[1], int(match[2])) in self.pull_requests:
                return self._list(match[1], int(match[2]), parts.path, parse_qs(parts.query))
        return _error(404, "Not Found")

    def _who(self, account: Account) -> Reply:
        if not account.may_ask_who_it_is:
            return _error(403, "Resource not accessible by integration")
        return 200, self._profile(account), {}

    def _list(self, repository: str, number: int, path: str, query: dict[str, list[str]]) -> Reply:
        size = min(int(query.get("per_page", ["30"])[0]), 100)
        page = int(query.get("page", ["1"])[0])
        found = [c for c in self.comments.values() if (c.repository, c.number) == (repository, number)]
        last = max(1, -(-len(found) // size))
        links = {"prev": page - 1, "first": 1} if page > 1 else {}
        links |= {"next": page + 1, "last": last} if page < last else {}
        link = ", ".join(
            f'<{self.url}{path}?{urlencode({"per_page": size, "page": n})}>; rel="{rel}"' for rel, n in links.items()
        )
        shown = found[(page - 1) * size : page * size]
        return 200, [self._comment(comment) for comment in shown], {"Link": link} if link else {}

    def _create(self, repository: str, number: int, account: Account, body: Any) -> Reply:
        if problem := _text_problem(body):
            return problem
        comment = self.add_comment(body["body"], account, repository, number)
        shown = self._comment(comment)
        return 201, shown, {"Location": shown["url"]}

    def _one_comment(self, method: str, repository: str, number: int, body: Any) -> Reply:
        comment = self.comments.get(number)
        if comment is None or comment.repository != repository:
            return _error(404, "Not Found")
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
            "user": self._user(comment.author) if comment.author else None,
            "created_at": NOW,
            "updated_at": NOW,
            "author_association": "NONE",
            "performed_via_github_app": None,
            "reactions": {"url": f"{url}/comments/{comment.id}/reactions"} | dict.fromkeys(reactions, 0),
        }

    def _user(self, account: Account) -> dict[str, Any]:
        url = f"{self.url}/users/{account.login}"
        links = (
            "followers", "following", "gists", "starred", "subscriptions", "organizations", "repos", "events",
            "received_events",
        )  # fmt: skip
        return {
            "login": account.login,
            "id": 7,
            "node_id": "U_7",
            "avatar_url": f"{url}/avatar",
            "gravatar_id": "",
            "url": url,
            "html_url": f"https://github.com/{account.login}",
            "type": account.type,
            "site_admin": False,
        } | {f"{link}_url": f"{url}/{link}" for link in links}

    def _profile(self, account: Account) -> dict[str, Any]:
        unset = ("name", "company", "blog", "location", "email", "hireable", "bio")
        counts = ("public_repos", "public_gists", "followers", "following")
        profile = self._user(account) | dict.fromkeys(unset) | dict.fromkeys(counts, 0)
        return profile | {"created_at": NOW, "updated_at": NOW, "user_view_type": "public"}


def _error(status: int, message: str) -> Reply:
    return status, {"message": message, "documentation_url": DOCUMENTATION, "status": str(status)}, {}


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
    github: FakeGithub

    def _handle(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        with self.github.lock:
            status, answer, headers, raw = self._answer(body)
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

    def _answer(self, body: Any) -> tuple[int, Any, Mapping[str, str], bytes | None]:
        github = self.github
        target = self.path.removeprefix(github.prefix)
        token = (self.headers.get("Authorization") or "").partition(" ")[2]
        failure = next((f for f in github.failures if f.applies(self.command, target)), None)
        status, answer, headers = 0, None, {}  # type: int, Any, Mapping[str, str]
        if failure is None or failure.acts_first:
            status, answer, headers = github.answer(self.command, target, token, body)
        if failure is not None and failure.hangs_up:
            return 0, None, {}, None
        if failure is not None:
            status, answer, headers = *_error(failure.status, failure.message)[:2], failure.headers
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
