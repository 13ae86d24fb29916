"""The pull requests of the fake GitHub: listed by head, and by a commit."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from support.fake_github_shapes import NOW, Account, Reply, paged, repository, user

AUTHOR: Final = Account("mallory")


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request from ``head_repository`` (None: it was deleted) at ``head_sha`` to ``base_ref``."""

    number: int = 42
    head_sha: str = "1" * 40
    head_ref: str = "feature/cart"
    head_repository: str | None = "octo/shop"
    repository: str = "octo/shop"
    base_ref: str = "main"
    state: str = "open"


@dataclass(slots=True)
class Pulls:
    """All pull requests; ``by_commit_only`` are those that a listing by head doesn't find (a renamed fork, say)."""

    stored: list[PullRequest] = field(default_factory=list)
    by_commit_only: set[int] = field(default_factory=set)

    def answer(self, url: str, target: str) -> Reply | None:
        """Answer a GET; None where the path is none of pull requests."""
        path, query = urlsplit(target).path, dict(parse_qsl(urlsplit(target).query))
        if match := re.fullmatch(r"/repos/([^/]+/[^/]+)/pulls", path):
            found = self._listed(match[1], query)
        elif match := re.fullmatch(r"/repos/([^/]+/[^/]+)/commits/([0-9a-f]+)/pulls", path):
            found = [pull for pull in self.stored if (pull.repository, pull.head_sha) == (match[1], match[2])]
        else:
            return None
        shown, links = paged(found, url, target)
        return 200, [_shape(url, pull) for pull in shown], links

    def _listed(self, name: str, query: dict[str, str]) -> list[PullRequest]:
        state, head = query.get("state", "open"), query.get("head", "")
        return [
            pull
            for pull in self.stored
            if pull.repository == name
            and state in {"all", pull.state}
            and pull.number not in self.by_commit_only
            # as GitHub does, where the head isn't owner:branch all pull requests are listed
            and (":" not in head or head == f"{_owner(pull)}:{pull.head_ref}")
        ]


def _owner(pull: PullRequest) -> str:
    return (pull.head_repository or "ghost/gone").partition("/")[0]


def _shape(url: str, pull: PullRequest) -> dict[str, Any]:
    place = f"{url}/repos/{pull.repository}/pulls/{pull.number}"
    links = ("comments", "commits", "statuses", "html", "issue", "review_comments", "review_comment", "self")
    urls = (
        "html", "diff", "patch", "issue", "commits", "review_comments", "review_comment", "comments", "statuses",
    )  # fmt: skip
    unset = ("body", "milestone", "closed_at", "merged_at", "assignee", "auto_merge", "active_lock_reason")
    head = repository(url, pull.head_repository, is_fork=True) if pull.head_repository else None
    base, owner = repository(url, pull.repository), pull.repository.partition("/")[0]
    return {
        "url": place,
        "id": pull.number + 1_000_000,
        "node_id": f"PR_{pull.number}",
        "number": pull.number,
        "state": pull.state,
        "locked": False,
        "title": "Add a cart",
        "user": user(url, AUTHOR),
        "labels": [],
        "created_at": NOW,
        "updated_at": NOW,
        "merge_commit_sha": None,
        "head": _side(url, pull.head_ref, pull.head_sha, head, _owner(pull)),
        "base": _side(url, pull.base_ref, "b" * 40, base, owner),
        "author_association": "NONE",
        "_links": {link: {"href": f"{place}/{link}"} for link in links},
        **dict.fromkeys(unset),
        **{f"{name}_url": f"{place}/{name}" for name in urls},
    }


def _side(url: str, ref: str, sha: str, repo: dict[str, Any] | None, owner: str) -> dict[str, Any]:
    return {"label": f"{owner}:{ref}", "ref": ref, "sha": sha, "repo": repo, "user": user(url, Account(owner))}
