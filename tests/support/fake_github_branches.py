"""The branches of the fake GitHub's repositories."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from support.fake_github_shapes import Reply, paged


@dataclass(slots=True)
class Branches:
    """Names of branches by repository; a repository that isn't here has only ``main``."""

    stored: dict[str, list[str]] = field(default_factory=dict)

    def answer(self, url: str, target: str) -> Reply | None:
        """Answer a GET; None where the path is none of branches."""
        match = re.fullmatch(r"/repos/([^/]+/[^/]+)/branches", urlsplit(target).path)
        if match is None:
            return None
        shown, links = paged(sorted(self.stored.get(match[1], ["main"])), url, target)
        return 200, [_shape(url, match[1], name) for name in shown], links


def _shape(url: str, repository: str, name: str) -> dict[str, Any]:
    sha = "c" * 40
    return {
        "name": name,
        "commit": {"sha": sha, "url": f"{url}/repos/{repository}/commits/{sha}"},
        "protected": False,
    }
