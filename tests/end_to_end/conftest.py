from __future__ import annotations

import pytest

from support.act import Act


@pytest.fixture(scope="session")
def act(tmp_path_factory: pytest.TempPathFactory) -> Act:
    """Act, with the action as a runner would download it; what it installs is reused from run to run."""
    return Act.in_directory(tmp_path_factory.mktemp("act"))
