"""Addresses of lines, commits and runs on the forge, built from a context that anybody may have written."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ai_code_metrics.report.escape import url_path

if TYPE_CHECKING:
    from ai_code_metrics.model import Context

_SERVER: Final = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?")
_REPOSITORY: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*/[A-Za-z0-9_-][A-Za-z0-9._-]*")
_SHA: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_URL: Final = re.compile(r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?(?:/[A-Za-z0-9._~/?=&#%-]*)?")


@dataclass(frozen=True, slots=True)
class Links:
    """Where a repository's lines and commits can be looked at; every method gives None where that isn't known."""

    repository_url: str | None
    head_sha: str | None
    directory: str = ""
    pull_request: int | None = None

    @classmethod
    def of(cls, context: Context) -> Links:
        """Build the links of a context; a server, repository or commit of another form gives none."""
        server = context.server_url.rstrip("/")
        repository = context.repository or ""
        known = _SERVER.fullmatch(server) and _REPOSITORY.fullmatch(repository)
        sha = context.head_sha or ""
        url = f"{server}/{repository}" if known else None
        return cls(url, sha if _SHA.fullmatch(sha) else None, context.directory, context.pull_request)

    def path(self, path: str) -> str:
        """Return a path of the summary, which is relative to the measured directory, from the repository's top."""
        return f"{self.directory}/{path}" if self.directory else path

    def line(self, path: str, first: int = 0, last: int | None = None) -> str | None:
        """Return the address of a file at head, or of its lines ``first`` to ``last`` (1-based; 0: the file)."""
        quoted = url_path(self.path(path))
        if self.repository_url is None or self.head_sha is None or quoted is None:
            return None
        anchor = f"#L{first}" if first else ""
        if first and last is not None and last > first:
            anchor += f"-L{last}"
        return f"{self.repository_url}/blob/{self.head_sha}/{quoted}{anchor}"

    def diff_line(self, path: str, first: int, last: int | None = None) -> str | None:
        """Return the address of added lines in the diff of the pull request; None outside of one.

        GitHub names a file's diff after the SHA-256 of its path, and the right side's lines ``R1`` and so on.
        """
        if self.repository_url is None or self.pull_request is None or not first:
            return None
        whole = f"{self.directory}/{path}" if self.directory else path
        name = hashlib.sha256(whole.encode("utf-8", "surrogateescape")).hexdigest()
        anchor = f"R{first}" + (f"-R{last}" if last is not None and last > first else "")
        return f"{self.repository_url}/pull/{self.pull_request}/files#diff-{name}{anchor}"

    def commit(self, sha: str) -> str | None:
        """Return the address of a commit."""
        if self.repository_url is None or not _SHA.fullmatch(sha):
            return None
        return f"{self.repository_url}/commit/{sha}"

    def within(self, url: str | None) -> str | None:
        """Return ``url`` where it is a plain address below the repository's own, else None."""
        if url is None or self.repository_url is None or not url.startswith(self.repository_url + "/"):
            return None
        return safe_url(url)


def safe_url(url: str | None) -> str | None:
    """Return ``url`` where it is http(s) and holds nothing that could end a Markdown link, else None."""
    return url if url is not None and len(url) <= 1_000 and _URL.fullmatch(url) else None  # noqa: PLR2004
