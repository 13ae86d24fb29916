from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from ai_code_metrics.collect import coverage_source, interpreter, project_files
from ai_code_metrics.config import Config
from ai_code_metrics.errors import SourceUnavailable
from support.python_project import make_environment, make_workspace, write_files

if TYPE_CHECKING:
    from pathlib import Path

    from ai_code_metrics.collect.coverage_source import CollectedCoverage

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the environments are made of symbolic links")

CODE = "def sign(x):\n    if x < 0:\n        return -1\n    return 1\n"
PASSING = "from pkg.code import sign\n\n\ndef test_sign():\n    assert sign(2) == 1\n"
FILES: dict[str, str | bytes] = {"pkg/__init__.py": "", "pkg/code.py": CODE, "pkg/unused.py": "x = 1\n"}


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An interpreter with nothing installed."""
    return make_environment(tmp_path_factory.mktemp("bare") / "env")


@pytest.fixture(scope="module")
def with_pytest(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An interpreter with pytest, and no coverage.py."""
    return make_environment(tmp_path_factory.mktemp("pytest") / "env", "pytest")


@pytest.fixture(scope="module")
def with_pytest_cov(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An interpreter with pytest, coverage.py, and the plugins pytest-cov and pytest-xdist."""
    return make_environment(tmp_path_factory.mktemp("cov") / "env", "pytest", "pytest-cov", "pytest-xdist", "coverage")


def collect(
    python: str,
    test: str,
    tmp_path: Path,
    *,
    files: dict[str, str | bytes] | None = None,
    command: str = "auto",
    timeout: float = 60,
    environ: dict[str, str] | None = None,
) -> CollectedCoverage:
    """Collect the coverage of a small project whose tests are ``test``."""
    content = {**FILES, "tests/test_code.py": test, **(files or {})}
    root = write_files(tmp_path / "project", content)
    workspace = make_workspace(root, **(environ or {}))
    return coverage_source.collect(
        Config(root=root, test_command=command, test_timeout=timeout),
        workspace,
        files=project_files.select(content, source=[], exclude=[]),
        tracked=content,
        target=interpreter.probe(python, workspace),
    )


def covered(collected: CollectedCoverage) -> dict[str, tuple[list[int], list[int]]]:
    return {file.path: (sorted(file.covered_lines), sorted(file.missing_lines)) for file in collected.report.files}


def test_coverage_is_brought_along(with_pytest: str, tmp_path: Path) -> None:
    """Where the project's interpreter has no coverage.py ours is lent to it; branches and unused files count."""
    collected = collect(with_pytest, PASSING, tmp_path)

    assert covered(collected)["pkg/code.py"] == ([1, 2, 4], [3])
    assert covered(collected)["pkg/unused.py"] == ([], [1])
    assert "tests/test_code.py" not in covered(collected)
    assert sum(file.num_branches for file in collected.report.files) == 2
    assert collected.run is not None
    assert collected.run.tests is not None
    assert (collected.run.tests.passed, collected.run.tests.exit_code) == (1, 0)
    assert collected.warnings == ()
    assert (tmp_path / "raw" / "coverage.json").is_file()


def test_nothing_is_written_into_the_project(with_pytest: str, tmp_path: Path) -> None:
    """No cache, no bytecode and no data file is left beside the code."""
    collect(with_pytest, PASSING, tmp_path)

    left = sorted(path.name for path in (tmp_path / "project").rglob("*") if path.is_file())
    assert left == ["__init__.py", "code.py", "test_code.py", "unused.py"]


def test_failing_tests_keep_their_coverage(with_pytest: str, tmp_path: Path) -> None:
    """Tests that fail are counted and warned of, and their coverage is used."""
    collected = collect(with_pytest, PASSING + "\n\ndef test_wrong():\n    assert sign(1) == 2\n", tmp_path)

    assert [code for code, _ in collected.warnings] == ["tests-failed"]
    assert collected.run is not None
    assert collected.run.tests is not None
    assert (collected.run.tests.passed, collected.run.tests.failed) == (1, 1)
    assert collected.run.tests.failed_tests == ["tests.test_code::test_wrong"]
    assert b"test_wrong" in (tmp_path / "raw" / "junit.xml").read_bytes()
    assert covered(collected)["pkg/code.py"] == ([1, 2, 4], [3])


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        ("import time\n\n\ndef test_hang():\n    time.sleep(60)\n", r"took longer than 5 s .*raise test-timeout"),
        ("import os\n\n\ndef test_exit():\n    os._exit(0)\n", r"left no coverage data \(exit code 0\)"),
        ("import os\n\n\ndef test_exit():\n    os._exit(3)\n", r"exit code 3"),
        ("import os\n\n\ndef test_kill():\n    os.kill(os.getpid(), 9)\n", "killed by signal 9"),
        ("", "pytest found no tests"),
        ("import no_such_dependency\n", r"No module named 'no_such_dependency'.*dependencies installed"),
        ("def broken(:\n", "SyntaxError"),
    ],
    ids=["hang", "exit 0", "exit 3", "kill", "no tests", "import error", "syntax error"],
)
def test_runs_that_give_no_coverage(with_pytest: str, tmp_path: Path, test: str, reason: str) -> None:
    """A run that hangs, dies or can't start is unavailable, with a reason that says what to do."""
    with pytest.raises(SourceUnavailable, match=reason):
        collect(with_pytest, test, tmp_path, timeout=5)


def test_no_pytest(bare: str, tmp_path: Path) -> None:
    """An interpreter without pytest is unavailable, and the reason names it and the ways out."""
    with pytest.raises(SourceUnavailable, match=rf"{bare} has no pytest: install .*coverage-file"):
        collect(bare, PASSING, tmp_path)


def test_other_commands_need_no_pytest(bare: str, tmp_path: Path) -> None:
    """A command that starts with python is run under coverage too; its tests aren't counted."""
    test = (
        "import unittest\n"
        "from pkg.code import sign\n"
        "\n\n"
        "class TestSign(unittest.TestCase):\n"
        "    def test_sign(self):\n"
        "        sign(1)\n"
    )

    collected = collect(bare, test, tmp_path, command="python -m unittest tests/test_code.py")

    assert covered(collected)["pkg/code.py"] == ([1, 2, 4], [3])
    assert collected.run is not None
    assert collected.run.tests is None


def test_projects_own_coverage_options_do_no_harm(with_pytest_cov: str, tmp_path: Path) -> None:
    """A project that always runs with pytest-cov, workers and a cache gets one tracer and no workers."""
    options = "[pytest]\naddopts = --cov=pkg --cov-fail-under=99 --cov-report=xml -n 2 --ff\ncache_dir = .cache\n"

    collected = collect(with_pytest_cov, PASSING, tmp_path, files={"pytest.ini": options})

    assert covered(collected)["pkg/code.py"] == ([1, 2, 4], [3])
    assert collected.warnings == ()
    assert not (tmp_path / "project" / "coverage.xml").exists()
    assert not (tmp_path / "project" / ".cache").exists()


@pytest.mark.parametrize(
    ("files", "command", "environ"),
    [
        ({"pytest.ini": "[pytest]\naddopts = -p no:cacheprovider -p no:xdist --strict-config\n"}, "auto", {}),
        ({"pytest.ini": "[pytest]\naddopts = --strict-config\n"}, "pytest -p no:cacheprovider", {}),
        (
            {"pytest.ini": "[pytest]\naddopts = --strict-config\n"},
            "auto",
            {"PYTEST_ADDOPTS": "-p no:cacheprovider -p no:xdist"},
        ),
    ],
    ids=["project", "command", "environment"],
)
def test_plugins_that_are_switched_off(
    with_pytest_cov: str, tmp_path: Path, files: dict[str, str | bytes], command: str, environ: dict[str, str]
) -> None:
    """Where plugins are switched off, strictly, none of their options is given."""
    collected = collect(with_pytest_cov, PASSING, tmp_path, files=files, command=command, environ=environ)

    assert covered(collected)["pkg/code.py"] == ([1, 2, 4], [3])
    assert collected.warnings == ()


def test_thousands_of_packages(with_pytest: str, tmp_path: Path) -> None:
    """Packages whose names together are longer than an argument may be are measured, each as a source."""
    packages = {f"lib/part_{number}/{'x' * 120}_{number}/__init__.py": "" for number in range(1200)}

    collected = collect(with_pytest, PASSING, tmp_path, files=dict(packages))

    assert len(",".join(packages)) > 131_072
    assert covered(collected)["pkg/code.py"] == ([1, 2, 4], [3])
    assert set(covered(collected)) == {*FILES, *packages}


@pytest.mark.parametrize(
    ("configuration", "expected"),
    [
        ("[run]\nsource = pkg, tests\n", {"pkg/__init__.py", "pkg/code.py", "pkg/unused.py", "tests/test_code.py"}),
        ("[run]\ninclude = pkg/code.py\n", {"pkg/code.py"}),
        ("[run]\nomit = pkg/unused.py\nparallel = true\n", {"pkg/__init__.py", "pkg/code.py"}),
        ("[report]\nfail_under = 100\n", {"pkg/__init__.py", "pkg/code.py", "pkg/unused.py"}),
    ],
    ids=["source", "include", "omit and parallel", "report only"],
)
def test_projects_configuration_decides_what_is_measured(
    with_pytest_cov: str, tmp_path: Path, configuration: str, expected: set[str]
) -> None:
    """The project's own sources and omissions apply, and what they leave open is the measured files."""
    collected = collect(with_pytest_cov, PASSING, tmp_path, files={".coveragerc": configuration})

    assert set(covered(collected)) == expected


def test_a_module_is_a_source(with_pytest: str, tmp_path: Path) -> None:
    """A module directly below ``src`` is measured, and its neighbours that aren't chosen are not."""
    content: dict[str, str | bytes] = {"src/tool.py": CODE, "conftest.py": "import sys\nsys.path.insert(0, 'src')\n"}
    root = write_files(
        tmp_path / "project", {**content, "test_tool.py": "import tool\n\n\ndef test():\n    tool.sign(1)\n"}
    )
    workspace = make_workspace(root)

    collected = coverage_source.collect(
        Config(root=root),
        workspace,
        files=project_files.select(content, source=["src/tool.py"], exclude=[]),
        tracked=(),
        target=interpreter.probe(with_pytest, workspace),
    )

    assert covered(collected) == {"src/tool.py": ([1, 2, 4], [3])}


def test_garbage_on_the_streams_does_no_harm(with_pytest: str, tmp_path: Path) -> None:
    """What tests print, in any encoding and amount, is no part of a report."""
    test = (
        PASSING
        + "    import os\n    os.write(1, b'\\xff{\"files\": {}}\\n' * 100000)\n    os.write(2, b'\\x00\\xfe')\n"
    )

    assert covered(collect(with_pytest, test, tmp_path, command="pytest -s"))["pkg/code.py"] == ([1, 2, 4], [3])


def test_shadowing_modules_do_no_harm(with_pytest: str, tmp_path: Path) -> None:
    """A ``json.py`` and a ``click.py`` in the project's root are not imported by coverage.py."""
    trap = "raise ImportError('trap')\n"

    collected = collect(
        with_pytest, PASSING, tmp_path, files={"sqlite3.py": trap, "click.py": trap, "tomllib.py": trap}
    )

    assert covered(collected)["pkg/code.py"] == ([1, 2, 4], [3])


def test_a_daemon_does_not_hold_up_the_run(with_pytest: str, tmp_path: Path) -> None:
    """A server that a test leaves running, with our streams open, is ended with the run."""
    test = PASSING + (
        "    import subprocess, sys\n"
        "    subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], start_new_session=True)\n"
    )

    collected = collect(with_pytest, test, tmp_path, command="pytest -s -W ignore")

    assert collected.run is not None
    assert collected.run.finished.seconds < 30


def test_environment_of_the_tests(with_pytest: str, tmp_path: Path) -> None:
    """Tests see the caller's own variables, no token of the runner or of ours, and no file to forge outputs by."""
    outputs = tmp_path / "github_output"
    outputs.touch()
    caller = {"DATABASE_URL": "postgres://", "GITHUB_REPOSITORY": "owner/name"}
    planted = {
        "AI_CODE_METRICS_GITHUB_TOKEN": "planted-secret",
        "AI_CODE_METRICS_PUSHGATEWAY_PASSWORD": "planted-secret",
        "GITHUB_TOKEN": "planted-secret",
        "ACTIONS_RUNTIME_TOKEN": "planted-secret",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "planted-secret",
        "GITHUB_OUTPUT": str(outputs),
        "GITHUB_ENV": str(outputs),
        "GITHUB_PATH": str(outputs),
    }
    test = PASSING + (
        "    import json, os\n"
        "    open('seen.json', 'w').write(json.dumps(dict(os.environ)))\n"
        "    for name in ('GITHUB_OUTPUT', 'GITHUB_ENV', 'GITHUB_PATH'):\n"
        "        if name in os.environ:\n"
        "            open(os.environ[name], 'a').write('score=100')\n"
    )

    collect(with_pytest, test, tmp_path, environ={**caller, **planted})

    seen = json.loads((tmp_path / "project" / "seen.json").read_text(encoding="utf-8"))
    assert seen.items() >= caller.items()
    assert not planted.keys() & seen.keys()
    assert "planted-secret" not in seen.values()
    assert outputs.read_bytes() == b""
