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


@pytest.mark.parametrize("name", ["coverage.json", "coverage/lcov.info"])
def test_symbolic_link_is_no_report(project: Path, name: str) -> None:
    """A link can be committed and what it leads to as well: neither it nor a linked directory is this run's report."""
    touch(project / "zz" / "lcov.info", 2_000)
    if "/" in name:
        (project / "coverage").symlink_to("zz", target_is_directory=True)
    else:
        (project / name).symlink_to("zz/lcov.info")

    assert (project / name).is_file()
    assert find_fresh(project, tracked=["a.py", "zz/lcov.info"], measured=["a.py"]) == (None, [])


def test_report_of_a_submodule_is_somebodys_file(project: Path) -> None:
    """What another repository's directory holds is committed there."""
    touch(project / "coverage" / "lcov.info", 2_000)
    touch(project / "coverage" / ".git", 2_000)

    assert find_fresh(project, tracked=["a.py"], measured=["a.py"]) == (None, [])


def test_link_above_the_project_does_no_harm(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The measured directory itself may be reached by a link."""
    touch(project / "lcov.info", 2_000)
    link = tmp_path_factory.mktemp("above") / "link"
    link.symlink_to(project, target_is_directory=True)

    assert find_fresh(link, tracked=["a.py"], measured=["a.py"]) == (link / "lcov.info", [])


def test_directory_is_no_report(project: Path) -> None:
    """A directory under a report's name is passed over, and so is measured code that is gone."""
    (project / "coverage.xml").mkdir()

    assert find_fresh(project, tracked=[], measured=["gone.py"]) == (None, [])
