"""What a repository on GitHub has: its open pull requests and its branches, listed once for all of its groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from ai_code_metrics.errors import SourceUnavailable
from ai_code_metrics.github_client import check_repository, explained

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from github import Github

ItemT = TypeVar("ItemT", int, str)
_PAGE: Final = 100
_NO_ACCESS: Final = (
    "GitHub shows the token no {where} ({said}): it is gone, renamed, or the token may not read it "
    "(permissions: contents: read and pull-requests: read)"
)
_HINTS: Final[Mapping[int, str]] = {
    401: "GitHub doesn't know the token ({said}): check AI_CODE_METRICS_GITHUB_TOKEN",
    403: _NO_ACCESS,
    404: _NO_ACCESS,
}


def open_pull_requests(client: Github, repository: str) -> frozenset[int]:
    """Return the numbers of a repository's open pull requests.

    Raises:
        UsageError: the name of the repository is none.
        SourceUnavailable: GitHub doesn't show it, or can't be reached.
    """

    def listed(direction: str) -> Iterable[int]:
        pulls: Any = client.get_repo(repository).get_pulls(state="open", sort="created", direction=direction)
        return (pull.number for pull in pulls)

    return _read(repository, "pull requests of", lambda: _steady(lambda: listed("asc"), lambda: listed("desc")))


def branches(client: Github, repository: str) -> frozenset[str]:
    """Return the names of a repository's branches.

    Raises:
        UsageError: the name of the repository is none.
        SourceUnavailable: GitHub doesn't show it, or can't be reached.
    """

    def listed() -> Iterable[str]:
        found: Any = client.get_repo(repository).get_branches()
        return (branch.name for branch in found)

    return _read(repository, "branches of", lambda: _steady(listed, listed))


def _steady(first: Callable[[], Iterable[ItemT]], second: Callable[[], Iterable[ItemT]]) -> frozenset[ItemT]:
    """List once, and again where there is more than a page.

    What is closed while pages are turned makes another move up a page and be overlooked; it is in the other listing.
    """
    items = frozenset(first())
    return items if len(items) < _PAGE else items | frozenset(second())


def _read(repository: str, what: str, read: Callable[[], frozenset[ItemT]]) -> frozenset[ItemT]:
    check_repository(repository)
    with explained(lambda _: SourceUnavailable, _HINTS, f"{what} {repository}"):
        return read()
