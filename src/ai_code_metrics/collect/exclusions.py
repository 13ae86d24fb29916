"""Which paths are left out of line counts, and which are tests, decided by the path alone."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

LOCK_FILES: Final = (
    "*.lock", "*.lockb", "*.lockfile", "*.lock.hcl", "*.lock.json", "*-lock.json", "*-lock.yaml", "*-lock.yml",
    "Cartfile.resolved", "Package.resolved", "go.sum", "go.work.sum", "npm-shrinkwrap.json", "packages.lock.json",
    "pylock.toml", "pylock.*.toml",
)  # fmt: skip
MINIFIED: Final = ("*.min.js", "*.min.mjs", "*.min.cjs", "*.min.css", "*.js.map", "*.css.map")
SNAPSHOTS: Final = ("__snapshots__", "*.snap", "*.ambr")
VENDORED: Final = (
    "_vendor", "_vendored", "bower_components", "node_modules", "site-packages", "third-party", "third_party", "vendor",
    "vendored",
)  # fmt: skip
GENERATED: Final = ("*_pb2*.py", "*_pb2*.pyi")

BUILT_IN: Final[tuple[str, ...]] = (*LOCK_FILES, *MINIFIED, *SNAPSHOTS, *VENDORED, *GENERATED)
"""Nobody's own writing: lock files, minified code, snapshots, vendored folders, generated protocol buffers."""

_TEST_FILE: Final = re.compile(r"(?:test_.*|.*_test|conftest)\.py")
_TEST_DIRECTORIES: Final = frozenset({"test", "tests"})


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Tell whether one of the globs matches ``path`` or a directory above it.

    As in a ``.gitignore``: a pattern without a slash matches a name at any depth, one with a slash is anchored at the
    top; ``**`` stands for any number of directories, ``*``, ``?`` and ``[…]`` never match a slash. A pattern can't be
    negated. Matching takes time linear in the length of the path.

    Args:
        path: relative, with ``/``.
        patterns: globs; blank ones match nothing.
    """
    names = path.split("/")
    any_name, anchored = _compiled(tuple(patterns))
    if any_name is not None and any(any_name.match(name) for name in names):
        return True
    return any(_matches_anchored(names, pattern) for pattern in anchored)


def is_test_path(path: str) -> bool:
    """Tell whether a file is test code: ``test_*.py``, ``*_test.py``, ``conftest.py``, anything below ``tests/``.

    Args:
        path: relative, with ``/``; a directory ``test`` counts like ``tests``, ``testing`` doesn't: packages call so
            what they offer for the tests of others.
    """
    *directories, name = path.split("/")
    return _TEST_FILE.fullmatch(name) is not None or not _TEST_DIRECTORIES.isdisjoint(directories)


_Anchored = tuple[re.Pattern[str] | None, ...]  # a pattern by name; None stands for **


@lru_cache(maxsize=64)
def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str] | None, tuple[_Anchored, ...]]:
    cleaned = [re.sub(r"^\./", "/", pattern.strip()).rstrip("/") for pattern in patterns]
    names = [translate(pattern) for pattern in cleaned if pattern and "/" not in pattern]
    anchored = [pattern.lstrip("/").split("/") for pattern in cleaned if "/" in pattern]
    return (
        re.compile("|".join(names)) if names else None,
        tuple(tuple(None if part == "**" else re.compile(translate(part)) for part in parts) for parts in anchored),
    )


def _matches_anchored(names: list[str], pattern: _Anchored) -> bool:
    """Walk all ways through the pattern at once, so that no number of ``**`` makes it slow."""
    places = _reachable({0}, pattern)
    for name in names:
        following = set()
        for place in places:
            if place == len(pattern):
                return True  # a directory above the path is matched
            part = pattern[place]
            if part is None and place == len(pattern) - 1:
                return True
            if part is None:
                following.add(place)
            elif part.match(name):
                following.add(place + 1)
        places = _reachable(following, pattern)
    return len(pattern) in places


def _reachable(places: set[int], pattern: _Anchored) -> set[int]:
    """Add the places behind each ``**``, which may stand for no directory; a last one needs a name below it."""
    reached = set(places)
    for place in sorted(places):
        following = place
        while following < len(pattern) - 1 and pattern[following] is None:
            following += 1
            reached.add(following)
    return reached
