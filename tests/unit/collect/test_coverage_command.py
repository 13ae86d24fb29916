from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ai_code_metrics.collect.coverage_command import lacks_coverage, run_settings
from ai_code_metrics.collect.interpreter import Interpreter

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
