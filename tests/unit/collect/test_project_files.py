from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.collect import project_files
from ai_code_metrics.collect.project_files import select
from ai_code_metrics.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

SRC = ["src/pkg/__init__.py", "src/pkg/a.py", "src/tool.py", "tests/test_a.py", "setup.py", "README.md"]
FLAT = ["pkg/__init__.py", "pkg/sub/__init__.py", "pkg/sub/b.py", "pkg/tests/test_b.py", "docs/conf.py"]
SCRIPTS = ["a.py", "tools/b.py", "test_a.py"]


@pytest.mark.parametrize(
    ("tracked", "source", "exclude", "roots", "measured", "tests", "others"),
    [
        (SRC, [], [], ["src/pkg", "src/tool.py"], SRC[:3], ["tests/test_a.py"], ["setup.py"]),
        (FLAT, [], [], ["pkg"], FLAT[:3], ["pkg/tests/test_b.py"], ["docs/conf.py"]),
        (SCRIPTS, [], [], ["."], ["a.py", "tools/b.py"], ["test_a.py"], []),
        (["__init__.py", "a.py"], [], [], ["."], ["__init__.py", "a.py"], [], []),
        (
            ["__init__.py", "pkg/__init__.py", "pkg/a.py"],
            [],
            [],
            ["pkg"],
            ["pkg/__init__.py", "pkg/a.py"],
            [],
            ["__init__.py"],
        ),
        (["pkg/__init__.py", "pkg/testing/x.py"], [], [], ["pkg"], ["pkg/__init__.py", "pkg/testing/x.py"], [], []),
        (["README.md"], [], [], [], [], [], []),
        (["tests/test_a.py"], [], [], [], [], ["tests/test_a.py"], []),
        (SRC, ["src/tool.py"], [], ["src/tool.py"], ["src/tool.py"], ["tests/test_a.py"], ["setup.py", *SRC[:2]]),
        (SRC, ["./src/", "tests"], [], ["src", "tests"], SRC[:4], [], ["setup.py"]),
        (SRC, ["."], [], ["."], sorted(SRC[:5]), [], []),
        (SRC, [], ["a.py"], ["src/pkg", "src/tool.py"], [SRC[0], SRC[2]], ["tests/test_a.py"], ["setup.py"]),
        (SRC, [], ["src/**"], ["."], ["setup.py"], ["tests/test_a.py"], []),
        (["pkgs/a.py", "pkg/b.py"], ["pkg"], [], ["pkg"], ["pkg/b.py"], [], ["pkgs/a.py"]),
        (["-p/__init__.py", "-p/ü b\n.py"], [], [], ["-p"], ["-p/__init__.py", "-p/ü b\n.py"], [], []),
    ],
)
def test_select(
    tracked: list[str],
    source: list[str],
    exclude: list[str],
    roots: list[str],
    measured: list[str],
    tests: list[str],
    others: list[str],
) -> None:
    """Which files of a layout are measured, which are tests, and which are left aside."""
    files = select(tracked, source=source, exclude=exclude)

    assert list(files.roots) == roots
    assert list(files.measured) == measured
    assert list(files.tests) == tests
    assert list(files.others) == sorted(others)


def test_tests_are_out_of_security() -> None:
    """Tests that a source names are linted, but their findings are no security findings."""
    files = select(SRC, source=["src", "tests"], exclude=[])

    assert "tests/test_a.py" in files.measured
    assert "tests/test_a.py" not in files.security


@pytest.mark.parametrize("source", ["lib", "README.md", "src/pk", "../src", "/src", "tests/test_b.py"])
def test_source_without_python(source: str) -> None:
    """A source with no Python file at or below it is a usage error that names it."""
    with pytest.raises(UsageError, match="source: there is no tracked Python file"):
        select(SRC, source=["src", source], exclude=[])


@given(
    st.lists(
        st.lists(
            st.sampled_from(["src", "pkg", "tests", "a", "__init__.py", "m.py", "test_m.py", "x.txt"]), min_size=1
        ).map("/".join)
    )
)
def test_every_python_file_is_in_one_place(tracked: list[str]) -> None:
    """Each Python file is measured, a test, or outside: never lost, never twice."""
    files = select(set(tracked), source=[], exclude=[])
    python = sorted({path for path in tracked if path.endswith(".py")})

    assert sorted((*files.measured, *files.tests, *files.others)) == python
    assert set(files.security) <= set(files.measured)


def test_walk(tmp_path: Path) -> None:
    """Outside of git, environments, caches, hidden folders, and links to folders, files and devices are no code."""
    for name in (
        "a.py",
        "pkg/b.py",
        ".git/c.py",
        "env/pyvenv.cfg",
        "env/d.py",
        "node_modules/e.py",
        "pkg/__pycache__/f",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("", encoding="utf-8")
    (tmp_path / "loop").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "linked.py").symlink_to("a.py")
    (tmp_path / "endless.py").symlink_to("/dev/zero")

    assert sorted(project_files.walk(tmp_path)) == ["a.py", "pkg/b.py"]


def test_describe_counts_lines_that_are_not_blank(tmp_path: Path) -> None:
    """Lines end at line feeds only, blank ones don't count, and a file that is gone has none."""
    (tmp_path / "a.py").write_bytes(b"one\n\n  \t\ntwo\x0cstill two\r\n\r\nthree")
    files = select(["a.py", "gone.py", "test_a.py"], source=[], exclude=[])

    source = project_files.describe(files, tmp_path)

    assert (source.files, source.lines, source.test_files, source.other_files) == (2, {"python": 3}, 1, 0)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("[tool.bandit]\nskips = ['B101']\n", {"skips": ["B101"]}),
        ("[tool.bandit]\n", {}),
        ("[tool.other]\n", None),
        ("tool = 'bandit'\n", None),
        ("[tool]\nbandit = true\n", None),
        ("nonsense", None),
        ("x = " + "[" * 5000, None),
        (None, None),
    ],
)
def test_tool_table(tmp_path: Path, content: str | None, expected: object) -> None:
    """A tool's table is found where ``pyproject.toml`` has one; anything else there is none."""
    if content is not None:
        (tmp_path / "pyproject.toml").write_text(content, encoding="utf-8")

    assert project_files.tool_table(tmp_path, "bandit") == expected
