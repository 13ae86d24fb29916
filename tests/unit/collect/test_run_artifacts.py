from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import pytest
from github.Requester import Requester

from ai_code_metrics.collect.run_artifacts import StoredArtifact, download
from ai_code_metrics.errors import SourceUnavailable

if TYPE_CHECKING:
    from github import Github

ARTIFACT = StoredArtifact(7, "report\n::error::x", 10, is_expired=False, created_at="", head_sha=None, is_own=True)


@dataclass(frozen=True)
class Api:
    """Stands for a client of an API by https that answers every request so."""

    status: int
    headers: dict[str, str]
    body: str = ""
    base_url: str = "https://api.github.com"

    @property
    def requester(self) -> Api:
        """What speaks HTTP, as PyGithub has it."""
        return self

    def requestJson(self, verb: str, url: str) -> tuple[int, dict[str, str], str]:  # noqa: N802 - PyGithub's name
        """Answer."""
        assert (verb, url) == ("GET", "/repos/octo/shop/actions/artifacts/7/zip")
        return self.status, self.headers, self.body

    createException = Requester.createException  # noqa: N815 - likewise


@pytest.mark.parametrize(
    ("api", "words"),
    [
        (Api(302, {"location": "http://store.invalid/x"}), "the artifact's address is not https"),
        (Api(302, {"location": "file:///etc/passwd"}), "the artifact's address is not https"),
        (Api(302, {}), "the artifact's address is not https"),
        (Api(200, {}, "PK"), r"GitHub refused artifact .* \(200"),
        (Api(500, {}, "<html>"), r"\(500 no reason given\)"),
        (Api(404, {}, '{"message": "Not Found"}'), "nobody deleted it"),
    ],
)
def test_an_answer_that_leads_nowhere_is_not_followed(api: Any, words: str) -> None:
    """Only a redirect to https is: what is said of another names the artifact on one line."""
    with pytest.raises(SourceUnavailable, match=words) as caught:
        download(cast("Github", api), "octo/shop", ARTIFACT)
    assert "\n" not in str(caught.value)
