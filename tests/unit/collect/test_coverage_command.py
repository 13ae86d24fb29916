from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from ai_code_metrics.collect.coverage_command import lacks_coverage, run_settings
from ai_code_metrics.collect.interpreter import Interpreter
from ai_code_metrics.collect.project_files import tool_table

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("version", "expected"),
    [(None, True), ("5.5", True), ("6.2", True), ("6.3", False), ("7.10.7", False), ("10.0a1", False), ("x", True)],
)
def test_lacks_coverage(version: str | None, expected: bool) -> None:  # noqa: FBT001 - a table
    """A coverage.py whose commands don't take ``--data-file`` is as good as none."""
    target = Interpreter(executable="python", version=(3, 12, 0), import_path=(), coverage=version, plugins=frozenset())

    assert lacks_coverage(target) is expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, set()),
        ({".coveragerc": "[run]\nbranch = true\nsource = pkg\n"}, {"branch", "source"}),
        ({".coveragerc": "[report]\nomit = x\n"}, set()),
        ({"setup.cfg": "[coverage:run]\nBranch = 1\n"}, {"branch"}),
        ({"tox.ini": "[tox]\n[coverage:run]\nparallel = true\n"}, {"parallel"}),
        ({"pyproject.toml": "[tool.coverage.run]\nbranch = true\n"}, {"branch"}),
        ({"pyproject.toml": "[tool.coverage]\nrun = {source_pkgs = ['a']}\n"}, {"source_pkgs"}),
        ({"pyproject.toml": "[tool.coverage.report]\nfail_under = 90\n"}, set()),
        ({"pyproject.toml": "tool = 3\n"}, set()),
        ({"pyproject.toml": "[tool]\ncoverage = 3\n"}, set()),
        ({"pyproject.toml": "[tool.coverage]\nrun = 3\n"}, set()),
        ({"pyproject.toml": "no toml"}, set()),
        ({"pyproject.toml": "a = " + "[" * 5000}, set()),
        ({"setup.cfg": "[metadata]\nname = %(x)s\n", "tox.ini": "[coverage:run]\nbranch = 1\n"}, {"branch"}),
        ({"setup.cfg": "no section", "tox.ini": "[coverage:run]\nbranch = 1\n"}, {"branch"}),
        ({".coveragerc": "", "pyproject.toml": "[tool.coverage.run]\nbranch = true\n"}, set()),
        ({"setup.cfg": "[coverage:report]\n", "pyproject.toml": "[tool.coverage.run]\nbranch = true\n"}, set()),
    ],
)
def test_run_settings(tmp_path: Path, files: dict[str, str], expected: set[str]) -> None:
    """The names in the ``run`` section of the one file that coverage.py would read; unreadable ones don't count."""
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")

    assert run_settings(tmp_path) == expected


@pytest.mark.timeout(10)
@pytest.mark.skipif(os.name == "nt", reason="there are no FIFOs and devices in Windows' file system")
def test_configuration_without_an_end_is_none(tmp_path: Path) -> None:
    """A FIFO or a device in the place of a configuration holds nothing up and is passed over."""
    os.mkfifo(tmp_path / ".coveragerc")
    (tmp_path / "setup.cfg").symlink_to("/dev/zero")
    (tmp_path / "pyproject.toml").symlink_to("/dev/zero")
    (tmp_path / "tox.ini").write_text("[coverage:run]\nbranch = 1\n", encoding="utf-8")

    assert run_settings(tmp_path) == {"branch"}
    assert tool_table(tmp_path, "coverage") is None
