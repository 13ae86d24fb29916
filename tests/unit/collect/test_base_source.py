"""Which files of the base are analysed, and which of the head are taken over."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.collect import project_files
from ai_code_metrics.collect.base_source import choose
from ai_code_metrics.collect.exclusions import BUILT_IN
from ai_code_metrics.collect.patch import Difference
from ai_code_metrics.config import Config

if TYPE_CHECKING:
    from ai_code_metrics.collect.base_source import BaseFiles
    from ai_code_metrics.collect.project_files import ProjectFiles

BLOB: Final = "1" * 40
SHA: Final = "a" * 40
Paths = AbstractSet[str]


def config(*source: str) -> Config:
    return Config(root=Path("nowhere"), source=source)


def selected(paths: Paths, settings: Config) -> ProjectFiles:
    """What a run on these files measures."""
    return project_files.select(paths, source=settings.source, exclude=(*BUILT_IN, *settings.exclude))


def chosen(base: Paths, head: Paths, changed: Paths, *source: str) -> BaseFiles:
    """What is chosen where files were deleted, added, and ``changed``."""
    differences = [
        *(Difference(path, None, BLOB) for path in sorted(base - head)),
        *(Difference(None, path, "0" * 40) for path in sorted(head - base)),
        *(Difference(path, path, BLOB) for path in sorted(base & head & changed)),
    ]
    return choose(SHA, differences, selected(head, config(*source)), config(*source))


def test_only_what_differs_is_analysed() -> None:
    """Changed and deleted files of the base; of the head nothing is taken over that was changed or added."""
    same, head = {"shop/__init__.py", "shop/a.py"}, {"shop/b.py", "shop/new.py", "shop/test_b.py"}
    found = chosen(same | {"shop/b.py", "shop/gone.py", "README.md"}, same | head, {"shop/b.py", "README.md"})
    assert found.measured == ("shop/b.py", "shop/gone.py")
    assert found.replaced == found.differing == {"shop/b.py", "shop/new.py"}
    assert (found.import_path, found.renamed) == ((".",), {})


def test_a_renamed_file_goes_by_its_name_at_head() -> None:
    """Unless it isn't measured there."""
    differences = [
        Difference("shop/a.py", "shop/b.py", BLOB), Difference("shop/c.py", "shop/c.txt", BLOB),
        Difference("shop/d.py", "shop/d.py", BLOB),
    ]  # fmt: skip
    head = selected({"shop/__init__.py", "shop/b.py", "shop/d.py"}, config())
    found = choose(SHA, differences, head, config())
    assert found.measured == ("shop/a.py", "shop/c.py", "shop/d.py")
    assert found.renamed == {"shop/a.py": "shop/b.py", "shop/c.py": "shop/c.txt"}


def test_a_package_that_the_change_made_was_not_measured_before() -> None:
    """Its other files are the same, and yet not taken over; they don't differ, so that nothing in them is new."""
    base = {"shop/__init__.py", "shop/a.py", "scripts/run.py"}
    found = chosen(base, base | {"scripts/__init__.py"}, set())
    assert found.measured == ()
    assert found.replaced == {"scripts/__init__.py", "scripts/run.py"}
    assert found.differing == {"scripts/__init__.py"}


def test_a_package_that_the_change_ended_was_measured_before() -> None:
    """Its other files are the same, and yet analysed."""
    head = {"shop/__init__.py", "shop/a.py", "scripts/run.py"}
    found = chosen(head | {"scripts/__init__.py"}, head, set())
    assert found.measured == ("scripts/__init__.py", "scripts/run.py")
    assert found.replaced == frozenset()


def test_a_source_that_the_base_did_not_have() -> None:
    """It is no mistake of the user's there."""
    found = chosen({"old/a.py"}, {"old/a.py", "new/b.py"}, set(), "new")
    assert found.measured == ()
    assert found.replaced == {"new/b.py"}


@pytest.mark.parametrize("name", ["shop/\udcff.py", "\udcff/a.py"])
def test_names_that_are_no_utf_8_are_not_measured(name: str) -> None:
    """Nor are they at head."""
    head = selected({"shop/__init__.py"}, config())
    assert choose(SHA, [Difference(name, None, BLOB)], head, config()).measured == ()


NAMES: Final = [
    f"{directory}{name}"
    for directory in ("", "shop/", "shop/deep/", "src/", "tests/", "build/")
    for name in ("__init__.py", "a.py", "test_a.py")
]
TREE: Final = st.frozensets(st.sampled_from(NAMES))


@given(TREE, TREE, TREE, st.sampled_from([(), (".",), ("shop",), ("shop", "src")]))
def test_both_together_are_the_files_of_a_run_at_the_base(
    base: Paths, head: Paths, changed: Paths, source: tuple[str, ...]
) -> None:
    """What is analysed and what is taken over: no file is missing, none is there twice, none is one of the head's."""
    settings = config(*(root for root in source if any(path.startswith(root.strip(".")) for path in head)))
    found = chosen(base, head, changed, *settings.source)
    there = config(*(root for root in settings.source if any(path.startswith(root.strip(".")) for path in base)))
    expected = selected(base, there) if there.source or not settings.source else selected(set(), config())
    at_head = selected(head, settings)
    for analysed, of_head, whole in (
        (found.measured, at_head.measured, expected.measured),
        (found.security, at_head.security, expected.security),
    ):
        taken_over = set(of_head) - found.replaced
        assert taken_over.isdisjoint(analysed)
        assert sorted([*taken_over, *analysed]) == sorted(whole)
        assert not taken_over & changed & base
    assert found.differing <= found.replaced
