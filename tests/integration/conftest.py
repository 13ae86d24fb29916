"""A GitHub whose every exchange is held against GitHub's own description."""

from __future__ import annotations

import os

import pytest

from support.github_openapi import GithubDescription, cache_directory, fetch


@pytest.fixture(scope="session")
def github_description() -> GithubDescription:
    """GitHub's own OpenAPI description."""
    return GithubDescription.load(fetch(cache_directory(os.environ)))
