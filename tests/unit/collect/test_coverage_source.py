from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ai_code_metrics.collect.coverage_source import REPORT_NAMES, find_fresh

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose code is of second 1,000."""
    touch(tmp_path / "a.py", 1_000)
    return tmp_path


def touch(path: Path, second: int) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text("", encoding="utf-8")
    os.utime(path, (second, second))


@pytest.mark.parametrize("name", REPORT_NAMES)
def test_fresh_report_is_found(project: Path, name: str) -> None:
    """A report under each of the usual names counts when it is as old as the code or younger."""
    touch(project / name, 1_000)

    assert find_fresh(project, tracked=["a.py"], measured=["a.py"]) == (project / name, [])


def test_first_name_wins(project: Path) -> None:
    """Of several fresh reports the one that tells most is taken."""
    for name in REPORT_NAMES:
        touch(project / name, 2_000)

    assert find_fresh(project, tracked=["a.py"], measured=["a.py"])[0] == project / REPORT_NAMES[0]


def test_stale_report_is_only_named(project: Path) -> None:
    """A report from before the last change is not used, and a fresh one behind it is."""
    touch(project / "coverage.json", 999)
    touch(project / "coverage.xml", 1_001)

    assert find_fresh(project, tracked=["a.py"], measured=["a.py"]) == (project / "coverage.xml", ["coverage.json"])
    assert find_fresh(project, tracked=["a.py", "coverage.xml"], measured=["a.py"]) == (None, ["coverage.json"])


def test_tracked_report_is_somebodys_file(project: Path) -> None:
    """A report that is committed is neither fresh nor stale."""
    touch(project / "coverage.xml", 2_000)

    assert find_fresh(project, tracked=["a.py", "coverage.xml"], measured=["a.py"]) == (None, [])


def test_directory_is_no_report(project: Path) -> None:
    """A directory under a report's name is passed over, and so is measured code that is gone."""
    (project / "coverage.xml").mkdir()

    assert find_fresh(project, tracked=[], measured=["gone.py"]) == (None, [])
