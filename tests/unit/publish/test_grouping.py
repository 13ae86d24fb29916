from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.config import Config
from ai_code_metrics.errors import UsageError
from ai_code_metrics.publish.grouping import group_url, grouping_key
from support.summaries import context, push_context, summary


def config(**fields: Any) -> Config:
    return Config(root=Path("/nowhere"), **fields)


@pytest.mark.parametrize(
    ("of", "settings", "branch"),
    [
        (push_context(), {}, "main"),
        (push_context(branch="trunk", default_branch="trunk"), {}, "trunk"),
        (push_context(branch="release/1.x"), {"push_branches": ("main", "release/1.x")}, "release/1.x"),
        (push_context(default_branch=None), {"push_branches": ("main",)}, "main"),
        (push_context(event="schedule"), {}, "main"),
        (context(), {"push_pull_requests": True}, "pr-42"),
        (context(branch=None), {"push_pull_requests": True}, "pr-42"),
        (context(branch="main"), {"push_pull_requests": True}, "pr-42"),
    ],
)
def test_what_is_pushed_where(of: Any, settings: dict[str, Any], branch: str) -> None:
    """Pushes to branches of the allow-list go under the branch, pull requests that were asked for under pr-N."""
    assert grouping_key(summary(context=of), config(**settings)) == {"repository": "octo/shop", "branch": branch}


def test_the_parts_of_a_monorepo_have_groups_of_their_own() -> None:
    """A comment-key of its own is the label project of the key; the default one is no label at all."""
    settings = {"comment_key": "api", "push_pull_requests": True}
    assert grouping_key(summary(context=push_context()), config(**settings)) == {
        "repository": "octo/shop", "branch": "main", "project": "api",
    }  # fmt: skip
    assert grouping_key(summary(context=context()), config(**settings)) == {
        "repository": "octo/shop", "branch": "pr-42", "project": "api",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("of", "settings", "reason"),
    [
        (push_context(branch="feature/cart"), {}, "'feature/cart' is none of those to push ('main'"),
        (push_context(), {"push_branches": ("release",)}, "'main' is none of those to push ('release'"),
        (push_context(branch="Main"), {}, "'Main'"),
        (push_context(branch="release/1"), {"push_branches": ("release/*",)}, "'release/1'"),
        (push_context(default_branch=None), {}, "default branch is not known"),
        (push_context(branch=None), {}, "no branch is checked out"),
        (push_context(branch=""), {"push_branches": ("",)}, "no branch is checked out"),
        (push_context(repository=None), {}, "repository's name"),
        (push_context(repository=""), {}, "repository's name"),
        (context(), {}, "push-pull-requests: true"),
        (context(branch="main"), {}, "push-pull-requests: true"),
        (context(branch="main"), {"push_branches": ("main",)}, "push-pull-requests: true"),
    ],
)
def test_what_is_not_pushed_and_why(of: Any, settings: dict[str, Any], reason: str) -> None:
    """Everything else is not pushed, with a reason in words; a pull request is never taken for its branch."""
    decision = grouping_key(summary(context=of), config(**settings))
    assert isinstance(decision, str)
    assert decision.startswith("not pushed: ")
    assert reason in decision


def decoded(url: str) -> dict[str, str]:
    segments = url.removeprefix("http://gateway:9091/metrics/").split("/")
    pairs = zip(segments[::2], segments[1::2], strict=True)
    return {label.removesuffix("@base64"): base64.urlsafe_b64decode(value).decode("utf-8") for label, value in pairs}


@pytest.mark.parametrize(
    "value", [".", "..", "a/b", "../../x", "a b", "ünï-cødé-分支", "x" * 300, "a?b#c%2F", "=", "/"]
)
def test_every_value_is_base64_encoded(value: str) -> None:
    """No value, the job's neither, can change the path of the URL."""
    url = group_url("http://gateway:9091/", value, {"repository": value, "branch": value})
    assert decoded(url) == {"job": value, "branch": value, "repository": value}
    assert url.isascii()


@given(st.text(min_size=1).filter(lambda text: text.isprintable()))
def test_any_text_comes_back(value: str) -> None:
    """Any printable text in the grouping key comes back from the URL as it was."""
    assert decoded(group_url("http://gateway:9091", "job", {"branch": value}))["branch"] == value


def test_a_path_of_the_gateway_is_kept() -> None:
    """A gateway behind a route prefix is reached below it."""
    assert group_url("https://example.org/gateway/", "j", {}) == "https://example.org/gateway/metrics/job@base64/ag=="


@pytest.mark.parametrize(
    ("job", "grouping"), [("", {}), ("j", {"branch": ""}), ("j", {"instance": "x"}), ("j", {"instance": ""})]
)
def test_what_poisons_a_gateway_is_never_sent(job: str, grouping: dict[str, str]) -> None:
    """Empty values and the label instance are refused before anything is sent."""
    with pytest.raises(UsageError, match="must not be sent"):
        group_url("http://gateway:9091", job, grouping)
