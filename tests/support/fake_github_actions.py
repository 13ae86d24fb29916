"""The artifacts of the fake GitHub: listed by run and by repository, and downloaded from a store on the same address.

The store stands for another host: it answers no request that carries a token, as Azure's doesn't.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, urlsplit

from support.fake_github_shapes import NOW, Account, Reply, error, paged, repository_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

STORE: Final = "/the-store/"
_BLOCK: Final = b"\0" * 65_536


@dataclass(frozen=True, slots=True)
class Artifact:
    """An artifact of a run; ``listed_bytes`` and ``sent_bytes`` are what is said of its size, and what is sent."""

    content: bytes = b""
    name: str = "ai-code-metrics-quality-0"
    run_id: int = 123456
    head_sha: str = "1" * 40
    head_branch: str = "feature/cart"
    repository: str = "octo/shop"
    head_repository: str = "octo/shop"
    created_at: str = NOW
    is_expired: bool = False
    listed_bytes: int | None = None
    sent_bytes: int | None = None

    def blocks(self) -> Iterator[bytes]:
        """What the store sends: the content, followed by zeros up to ``sent_bytes``."""
        yield self.content
        for _ in range(((self.sent_bytes or 0) - len(self.content)) // len(_BLOCK)):
            yield _BLOCK


@dataclass(slots=True)
class Actions:
    """All artifacts by id, and the headers of the requests for their contents."""

    artifacts: dict[int, Artifact] = field(default_factory=dict)
    downloads: list[Mapping[str, str]] = field(default_factory=list)

    def add(self, artifact: Artifact) -> int:
        """Store an artifact; return its id."""
        number = 9001 + len(self.artifacts)
        self.artifacts[number] = artifact
        return number

    def answer(self, url: str, target: str, account: Account) -> Reply | None:
        """Answer a GET; None where the path is none of artifacts."""
        path = urlsplit(target).path
        query = dict(parse_qsl(urlsplit(target).query))
        match = re.fullmatch(r"/repos/([^/]+/[^/]+)/actions/(?:runs/(\d+)/)?artifacts(?:/(\d+)/zip)?", path)
        if match is None:
            return None
        if not account.may_read_actions:
            return error(403, "Resource not accessible by integration")
        if match[3]:
            return self._redirect(url, match[1], int(match[3]))
        found = [
            (number, artifact)
            for number, artifact in reversed(self.artifacts.items())
            if artifact.repository == match[1]
            and (not match[2] or artifact.run_id == int(match[2]))
            and query.get("name", artifact.name) == artifact.name
        ]
        shown, links = paged(found, url, target)
        listed = [_shape(url, number, artifact) for number, artifact in shown]
        return 200, {"total_count": len(found), "artifacts": listed}, links

    def _redirect(self, url: str, name: str, number: int) -> Reply:
        artifact = self.artifacts.get(number)
        if artifact is None or artifact.repository != name:
            return error(404, "Not Found")
        if artifact.is_expired:
            return error(410, "Artifact has expired")
        return 302, None, {"Location": f"{url}{STORE}{number}?sig=signed"}

    def blocks(self, target: str, headers: Mapping[str, str]) -> Iterator[bytes] | None:
        """Return what the store sends; None where it refuses."""
        self.downloads.append(headers)
        artifact = self.artifacts.get(int(urlsplit(target).path.removeprefix(STORE)))
        if artifact is None or "Authorization" in headers or not target.endswith("?sig=signed"):
            return None
        return artifact.blocks()


def _shape(url: str, number: int, artifact: Artifact) -> dict[str, Any]:
    place = f"{url}/repos/{artifact.repository}/actions/artifacts/{number}"
    size = len(artifact.content) if artifact.listed_bytes is None else artifact.listed_bytes
    return {
        "id": number,
        "node_id": f"A_{number}",
        "name": artifact.name,
        "size_in_bytes": size,
        "url": place,
        "archive_download_url": f"{place}/zip",
        "expired": artifact.is_expired,
        "created_at": artifact.created_at,
        "expires_at": NOW,
        "updated_at": NOW,
        "digest": None,
        "workflow_run": {
            "id": artifact.run_id,
            "repository_id": repository_id(artifact.repository),
            "head_repository_id": repository_id(artifact.head_repository),
            "head_branch": artifact.head_branch,
            "head_sha": artifact.head_sha,
        },
    }


def zipped(*files: tuple[str, bytes], links: tuple[str, ...] = ()) -> bytes:
    """A zip of these files in this order, some of them symbolic links; names are kept as they are."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            entry = zipfile.ZipInfo(name)
            entry.filename = name  # the constructor makes it one of this system
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = ((stat.S_IFLNK if name in links else stat.S_IFREG) | 0o644) << 16
            archive.writestr(entry, content)
    return buffer.getvalue()
