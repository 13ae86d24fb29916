"""The base branch's own report, which tells the coverage that no tool can measure without running its tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from ai_code_metrics.errors import SourceUnavailable, UsageError
from ai_code_metrics.files import read_regular

if TYPE_CHECKING:
    from ai_code_metrics.collect.repository import Repository
    from ai_code_metrics.config import Config

MAX_BYTES: Final = 64 * 1024 * 1024


def given_report(config: Config) -> bytes | None:
    """Return the content of the file that ``base-report`` names; None where the setting is empty.

    Raises:
        UsageError: it names no file that can be read.
    """
    if not config.base_report:
        return None
    path = Path(config.base_report)
    try:
        return read_regular(path, MAX_BYTES)
    except (OSError, ValueError) as error:
        raise UsageError(f"base-report: {path} can't be read: {error}") from None


def commits_behind(repository: Repository, sha: str, base: str) -> int | None:
    """Return how many commits ``base`` has that ``sha`` has not; None where ``sha`` is no ancestor of it.

    Raises:
        SourceUnavailable: git can't tell.
    """
    try:
        if repository.merge_base(sha, base) != sha:
            return None
    except SourceUnavailable:  # a commit that this clone doesn't have
        return None
    return int(repository.run("rev-list", "--count", f"{sha}..{base}"))
