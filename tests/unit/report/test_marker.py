from __future__ import annotations

import pytest

from ai_code_metrics.errors import UsageError
from ai_code_metrics.report.marker import is_marker, marker


@pytest.mark.parametrize("key", ["default", "a", "packages.api-v2_x", "k" * 100])
def test_a_marker_is_one_html_comment_that_holds_the_key(key: str) -> None:
    """The marker is invisible in Markdown and differs from key to key."""
    assert marker(key) == f"<!-- ai-code-metrics:comment-key={key} -->"


@pytest.mark.parametrize("key", ["", "k" * 101, "a b", "a\n", "-->", "a>b", "ключ", "a/b", "a|b"])
def test_a_key_that_could_end_the_comment_or_hide_is_refused(key: str) -> None:
    """Only a short set of letters may stand in a marker, and the error names the input."""
    with pytest.raises(UsageError, match=r"comment-key .* can't be used: give 1 to 100 letters"):
        marker(key)


@pytest.mark.parametrize("key", ["default", "packages.api-v2_x", "k" * 100])
def test_the_marker_of_any_key_is_known_for_one(key: str) -> None:
    """A line that is a marker is told from others without its key."""
    assert is_marker(marker(key))


@pytest.mark.parametrize("line", ["", "> {}", "{} ", "{}{}", "<!-- -->", "<!-- ai-code-metrics:comment-key= -->"])
def test_a_line_that_only_holds_a_marker_is_none(line: str) -> None:
    """A quoted, doubled or empty marker is no marker."""
    assert not is_marker(line.format(*[marker("default")] * 2))
