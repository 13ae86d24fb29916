from __future__ import annotations

import pytest

from ai_code_metrics.errors import UsageError
from ai_code_metrics.report.marker import marker


@pytest.mark.parametrize("key", ["default", "a", "packages.api-v2_x", "k" * 100])
def test_a_marker_is_one_html_comment_that_holds_the_key(key: str) -> None:
    """The marker is invisible in Markdown and differs from key to key."""
    assert marker(key) == f"<!-- ai-code-metrics:comment-key={key} -->"


@pytest.mark.parametrize("key", ["", "k" * 101, "a b", "a\n", "-->", "a>b", "ключ", "a/b", "a|b"])
def test_a_key_that_could_end_the_comment_or_hide_is_refused(key: str) -> None:
    """Only a short set of letters may stand in a marker, and the error names the input."""
    with pytest.raises(UsageError, match=r"comment-key .* can't be used: give 1 to 100 letters"):
        marker(key)
