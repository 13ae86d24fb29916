"""The architecture's laws, read off the imports: which way the arrows go, and where the world may be touched."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE: Final = Path(__file__).parents[2] / "src" / "ai_code_metrics"
MODULES: Final = sorted(SOURCE.rglob("*.py"))
# What each room may import of ours, beside itself and the records below all rooms
BELOW: Final = {
    "collect": set[str](),
    "inference": set[str](),
    "measure": {"inference"},
    "report": {"measure"},
    "publish": {"measure", "report"},
}
IMPURE: Final = {"subprocess", "os", "git", "socket", "http", "github", "tempfile", "time", "shutil"}


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def _room(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0] if path.parent != SOURCE else ""


def _named(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


@pytest.mark.parametrize("path", [path for path in MODULES if _room(path)], ids=_named)
def test_arrows_between_rooms_go_one_way(path: Path) -> None:
    """Nothing imports against the order collect, measure, report, publish; the first two don't know each other."""
    room = _room(path)
    ours = {name.split(".")[1] for name in _imports(path) if name.startswith("ai_code_metrics.")}
    rooms = ours & set(BELOW)
    assert rooms <= BELOW[room] | {room}
    assert not ours & {
        "cli",
        "cli_gateway",
        "cli_gateway_doctor",
        "cli_gateway_prune",
        "cli_github",
        "cli_merge",
        "gateway_targets",
        "joining",
        "measurement",
        "origins",
        "publishing",
        "receiving",
    }


@pytest.mark.parametrize(
    "path", [path for path in MODULES if _room(path) in {"inference", "measure", "report"}], ids=_named
)
def test_measures_and_reports_are_pure(path: Path) -> None:
    """They map records to records and text: no process, environment, network, clock or file."""
    tops = {name.split(".")[0] for name in _imports(path)}
    assert not tops & IMPURE
    assert not any(name.startswith(("urllib.request", "urllib.error")) for name in _imports(path))


@pytest.mark.parametrize("path", [path for path in MODULES if _room(path) == "inference"], ids=_named)
def test_statistics_need_the_standard_library_alone(path: Path) -> None:
    """What others built is their oracle, in tests; they know nothing of this project either."""
    others = {name for name in _imports(path) if not name.startswith("ai_code_metrics.inference")}
    assert {name.split(".")[0] for name in others} <= sys.stdlib_module_names
    assert not {name.split(".")[0] for name in others} & IMPURE


@pytest.mark.parametrize("path", MODULES, ids=_named)
def test_processes_start_in_two_places(path: Path) -> None:
    """Only the process gate and, for git through GitPython, the repository know how to start a process."""
    tops = {name.split(".")[0] for name in _imports(path)}
    if tops & {"subprocess", "git", "multiprocessing"}:
        assert _named(path) in {"process.py", "collect/repository.py"}


@pytest.mark.parametrize("path", MODULES, ids=_named)
def test_the_environment_is_a_parameter(path: Path) -> None:
    """Only the command line reads the real environment."""
    reads = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
        and isinstance(node.value, ast.Name) and node.value.id == "os"
    ]  # fmt: skip
    assert not reads or re.fullmatch(r"cli(_gateway(_prune|_doctor)?|_github|_merge)?\.py", _named(path))


@pytest.mark.parametrize("path", MODULES, ids=_named)
def test_no_module_is_named_after_what_it_wraps(path: Path) -> None:
    """A module called like a library would be imported in its place, or be taken for it."""
    assert path.stem not in {"git", "json", "coverage", "pylint", "bandit", "radon", "github", "prometheus_client"}
