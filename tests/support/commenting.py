"""Publishing a comment to the fake GitHub, as the tests of the pull request comment do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ai_code_metrics.github_client import WaitBudget, build_client
from ai_code_metrics.publish.pull_request import CommentResult, publish_comment
from ai_code_metrics.report.marker import marker
from support.fake_github import WORKFLOW, Account

if TYPE_CHECKING:
    from support.fake_github import FakeGithub

MARK: Final = marker("default")
PERSON: Final = Account("octocat")
WORKFLOW_TOKEN: Final = "workflow-token"
TOKENS: Final = {WORKFLOW_TOKEN: WORKFLOW, "octocat-token": PERSON}


def publish(github: FakeGithub, body: str = "## Report", *, token: str = WORKFLOW_TOKEN, **other: Any) -> CommentResult:
    """Publish one comment, by default that of octo/shop#42, without pauses and with short waits."""
    arguments: dict[str, Any] = {"repository": "octo/shop", "pull_request": 42, "body": body, "key": "default"}
    client = build_client(token, github.url, budget=WaitBudget(1.0), write_pause=0.0)
    return publish_comment(client, **arguments | other)


def marked(text: str, key: str = "default") -> str:
    """Return the body of a comment with this text and the marker of the key."""
    return f"{text}\n\n{marker(key)}"
