"""The fake GitHub that the tests of the pull request comment share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.commenting import TOKENS
from support.fake_github import FakeGithub, fake_github

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.github_openapi import GithubDescription


@pytest.fixture
def github(github_description: GithubDescription) -> Iterator[FakeGithub]:
    """A fake GitHub whose every exchange fits GitHub's own description, or the test fails."""
    with fake_github(FakeGithub(tokens=dict(TOKENS), judge=github_description.violations)) as running:
        yield running
    assert running.violations == []
