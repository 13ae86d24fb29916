"""The project's coverage.py: started with the target interpreter, brought along where that has none."""

from __future__ import annotations

import configparser
import importlib.metadata
import json
import os
import re
import shutil
from importlib import resources
from typing import TYPE_CHECKING

from ai_code_metrics import process
from ai_code_metrics.collect.project_files import MAX_CONFIG_BYTES, tool_table
from ai_code_metrics.errors import SourceUnavailable
from ai_code_metrics.files import read_regular

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ai_code_metrics.collect.interpreter import Interpreter
    from ai_code_metrics.collect.workspace import Workspace

_SHORT_SECONDS = 300
_OLDEST_COVERAGE = (6, 3)  # the first whose commands take --data-file
_OLDEST_WITH_TOML = (3, 11)  # before it, coverage.py needs tomli to read the project's pyproject.toml
# Not `-m coverage`, for which Python puts the working directory first on the import path: coverage.py would then import
# a json.py in the project's root. Last it may stand there, for coverage plugins of the project. The arguments are in a
# file: `--source` of a project with thousands of packages is longer than the system lets an argument be.
_STARTER = """
import json, os, sys
from coverage.cmdline import main
with open(sys.argv[1], encoding="utf-8") as file:
    arguments = json.load(file)
sys.path.append(os.getcwd())
sys.exit(main(arguments))
"""
_PIP_OF_THE_INDEX = re.compile(
    r"PIP_(?:INDEX_URL|EXTRA_INDEX_URL|NO_INDEX|FIND_LINKS|CERT|CLIENT_CERT|TRUSTED_HOST|PROXY|CONFIG_FILE)"
)


class Coverage:
    """Runs coverage.py with the target interpreter in the measured directory.

    Its processes execute the project's code, so they see :func:`process.caller_environment`.

    Raises:
        SourceUnavailable: the interpreter has no coverage.py and none can be brought along.
    """

    def __init__(self, target: Interpreter, workspace: Workspace) -> None:
        self._target, self._workspace = target, workspace
        self._starter = workspace.room("start-coverage") / "coverage-start.py"
        self._starter.write_text(_STARTER, encoding="utf-8")
        # bytecode of the measured directory would be a file written into it
        self._environment = {**process.caller_environment(workspace.environ), "PYTHONDONTWRITEBYTECODE": "1"}
        if lacks_coverage(target):
            path = (str(bring_coverage(target, workspace)), self._environment.get("PYTHONPATH"))
            self._environment["PYTHONPATH"] = os.pathsep.join(filter(None, path))

    def run(self, *arguments: str, timeout: float = _SHORT_SECONDS) -> process.Finished:
        """Run one coverage command, at most ``timeout`` seconds."""
        file = self._workspace.room("coverage-arguments") / "arguments.json"
        file.write_text(json.dumps(arguments), encoding="utf-8")
        argv = [self._target.executable, str(self._starter), str(file)]
        stop = self._workspace.stop
        return process.run(argv, cwd=self._workspace.root, env=self._environment, timeout=timeout, stop=stop)

    def write_json(self, data: Path) -> Path:
        """Write the JSON report of a data file into the raw reports and return its path.

        Exit codes don't tell: with ``fail_under`` in the configuration coverage exits 2 and still writes the file.

        Raises:
            SourceUnavailable: there is no report afterwards; the text holds coverage's own words.
        """
        report = self._workspace.raw / "coverage.json"
        finished = self.run("json", f"--data-file={data}", "-o", str(report), "--ignore-errors", "--fail-under=0", "-q")
        if not report.is_file():
            raise SourceUnavailable(f"coverage.py made no report of {data.name}: {finished.last_words}")
        return report


def run_settings(root: Path) -> frozenset[str]:
    """Return the names that the project sets in coverage.py's section ``run``, of the file that coverage.py would read.

    The first of ``.coveragerc``, ``setup.cfg``, ``tox.ini`` and ``pyproject.toml`` with a word on coverage counts.
    """
    for name, prefix in ((".coveragerc", ""), ("setup.cfg", "coverage:"), ("tox.ini", "coverage:")):
        parser = configparser.RawConfigParser(strict=False)
        try:
            parser.read_string(read_regular(root / name, MAX_CONFIG_BYTES).decode("utf-8", "replace"))
        except (OSError, ValueError, configparser.Error):
            continue
        if not prefix or any(section.startswith(prefix) for section in parser.sections()):
            section = f"{prefix}run"
            return frozenset(parser.options(section) if parser.has_section(section) else ())
    run = (tool_table(root, "coverage") or {}).get("run")
    return frozenset(run if isinstance(run, dict) else ())


def lacks_coverage(target: Interpreter) -> bool:
    """Whether the interpreter has no coverage.py, or one that is too old for the options used here."""
    if target.coverage is None:
        return True
    numbers = re.findall(r"\d+", target.coverage)[:2]
    return tuple(map(int, numbers)) < _OLDEST_COVERAGE


def bring_coverage(target: Interpreter, workspace: Workspace) -> Path:
    """Return a directory to put on ``PYTHONPATH`` that holds coverage.py and nothing else.

    Our own copy where it supports the target's version (its compiled tracer loads only where the versions agree, else
    it falls back to Python), otherwise the newest release for that version, installed by the target's own pip from
    hashes that ship with this package.

    Raises:
        SourceUnavailable: the release for an old interpreter can't be installed.
    """
    directory = workspace.room("coverage")
    if target.version[:2] >= _oldest_python_of_our_coverage():
        with resources.as_file(resources.files("coverage")) as package:
            shutil.copytree(package, directory / "coverage", ignore=shutil.ignore_patterns("__pycache__"))
        return directory
    lock = workspace.room("coverage-lock") / "coverage.txt"
    lock.write_bytes((resources.files("ai_code_metrics.collect") / "coverage-for-old-pythons.txt").read_bytes())
    installed = process.run(
        [target.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--no-deps",
         "--require-hashes", "--target", str(directory), "-r", str(lock)],
        cwd=workspace.scratch, env=_pip_environment(workspace.environ), timeout=_SHORT_SECONDS, stop=workspace.stop,
    )  # fmt: skip
    if installed.exit_code != 0:
        version = ".".join(map(str, target.version))
        raise SourceUnavailable(
            f"{target.executable} (Python {version}) has no coverage.py and none could be installed for it: "
            f"{installed.last_words}; add coverage to the project's test dependencies"
        )
    return directory


def _pip_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment without what sends an installation elsewhere (``PIP_TARGET``, ``PIP_CONSTRAINT``)."""
    return {
        name: value
        for name, value in process.caller_environment(environ).items()
        if not name.upper().startswith("PIP_") or _PIP_OF_THE_INDEX.fullmatch(name.upper())
    }


def _oldest_python_of_our_coverage() -> tuple[int, int]:
    requires = importlib.metadata.metadata("coverage")["Requires-Python"] or ""
    match = re.search(r">=\s*(\d+)\.(\d+)", requires)
    return max(_OLDEST_WITH_TOML, (int(match[1]), int(match[2])) if match else _OLDEST_WITH_TOML)
