"""The hidden marker by which the publisher finds its own comment again; the last line of every rendered comment."""

from __future__ import annotations

import re

from ai_code_metrics.errors import UsageError

KEY_PATTERN = r"[A-Za-z0-9._-]{1,100}"
_PREFIX = "<!-- ai-code-metrics:comment-key="
_SUFFIX = " -->"


def checked_key(key: str) -> str:
    """Return ``key``, which tells one report from the others of the same commit.

    Raises:
        UsageError: the key holds anything but letters, digits, ``.``, ``_`` and ``-``, or is empty or too long.
    """
    if re.fullmatch(KEY_PATTERN, key) is None:
        raise UsageError(f"comment-key {key[:120]!r} can't be used: give 1 to 100 letters, digits, '.', '_' or '-'")
    return key


def marker(key: str) -> str:
    """Return the HTML comment that marks the comment of ``key``.

    Args:
        key: names one comment among several of the same pull request (monorepos, matrix jobs).

    Raises:
        UsageError: the key can't be used.
    """
    return f"{_PREFIX}{checked_key(key)}{_SUFFIX}"


def is_marker(line: str) -> bool:
    """Tell whether a line is the marker of any key."""
    return re.fullmatch(re.escape(_PREFIX) + KEY_PATTERN + re.escape(_SUFFIX), line) is not None
