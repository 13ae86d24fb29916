"""What the answers of the fake GitHub are made of: accounts, repositories, pages, errors, in GitHub's own shapes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, urlencode, urlsplit

DOCUMENTATION: Final = "https://docs.github.com/rest"
NOW: Final = "2026-01-01T12:00:00Z"

Reply: TypeAlias = tuple[int, Any, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Account:
    """Who a token belongs to; the token of a workflow or an app may not ask who it is."""

    login: str
    type: str = "User"
    may_ask_who_it_is: bool = True
    may_read_actions: bool = True


def error(status: int, message: str) -> Reply:
    """An answer that refuses."""
    return status, {"message": message, "documentation_url": DOCUMENTATION, "status": str(status)}, {}


def paged(items: list[Any], url: str, target: str) -> tuple[list[Any], dict[str, str]]:
    """Return the page of ``items`` that a request's path and query ask for, and the headers that lead to the others."""
    parts = urlsplit(target)
    query = dict(parse_qsl(parts.query))
    size, page = min(int(query.get("per_page", "30")), 100), int(query.get("page", "1"))
    last = max(1, -(-len(items) // size))
    links = {"prev": page - 1, "first": 1} if page > 1 else {}
    links |= {"next": page + 1, "last": last} if page < last else {}
    link = ", ".join(
        f'<{url}{parts.path}?{urlencode({**query, "per_page": size, "page": n})}>; rel="{rel}"'
        for rel, n in links.items()
    )
    return items[(page - 1) * size : page * size], {"Link": link} if link else {}


def user(url: str, account: Account) -> dict[str, Any]:
    """A simple user."""
    place = f"{url}/users/{account.login}"
    links = (
        "followers", "following", "gists", "starred", "subscriptions", "organizations", "repos", "events",
        "received_events",
    )  # fmt: skip
    return {
        "login": account.login,
        "id": 7,
        "node_id": "U_7",
        "avatar_url": f"{place}/avatar",
        "gravatar_id": "",
        "url": place,
        "html_url": f"https://github.com/{account.login}",
        "type": account.type,
        "site_admin": False,
    } | {f"{link}_url": f"{place}/{link}" for link in links}


_REPOSITORY_LINKS: Final = (
    "archive", "assignees", "blobs", "branches", "clone", "collaborators", "comments", "commits", "compare", "contents",
    "contributors", "deployments", "downloads", "events", "forks", "git_commits", "git_refs", "git_tags", "git",
    "hooks", "issue_comment", "issue_events", "issues", "keys", "labels", "languages", "merges", "milestones",
    "notifications", "pulls", "releases", "ssh", "stargazers", "statuses", "subscribers", "subscription", "svn", "tags",
    "teams", "trees",
)  # fmt: skip
_REPOSITORY_COUNTS: Final = (
    "forks", "forks_count", "open_issues", "open_issues_count", "size", "stargazers_count", "watchers",
    "watchers_count",
)  # fmt: skip
_REPOSITORY_FLAGS: Final = (
    "archived", "disabled", "has_downloads", "has_issues", "has_pages", "has_projects", "has_wiki", "private",
)  # fmt: skip


def repository_id(full_name: str) -> int:
    """The id of a repository: the same for the same name."""
    return int.from_bytes(full_name.encode()[-6:], "big")


def repository(url: str, full_name: str, *, is_fork: bool = False) -> dict[str, Any]:
    """A repository."""
    place, (owner, _, name) = f"{url}/repos/{full_name}", full_name.partition("/")
    unset = ("description", "homepage", "language", "license", "mirror_url")
    return {
        "id": repository_id(full_name),
        "node_id": f"R_{repository_id(full_name)}",
        "name": name,
        "full_name": full_name,
        "owner": user(url, Account(owner)),
        "fork": is_fork,
        "url": place,
        "html_url": f"https://github.com/{full_name}",
        "default_branch": "main",
        **dict.fromkeys(("created_at", "updated_at", "pushed_at"), NOW),
        **dict.fromkeys(unset),
        **dict.fromkeys(_REPOSITORY_COUNTS, 0),
        **dict.fromkeys(_REPOSITORY_FLAGS, False),
        **{f"{link}_url": f"{place}/{link}" for link in _REPOSITORY_LINKS},
    }
