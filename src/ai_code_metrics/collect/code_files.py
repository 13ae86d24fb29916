"""Which files hold source code, and which of it is test code, in any language, decided by the path alone."""

from __future__ import annotations

import re
from typing import Final

from ai_code_metrics.collect import exclusions

# What linguist calls programming languages, without those that are mostly data, prose or one project's own
_SUFFIXES: Final = frozenset({
    "asm", "bash", "bat", "c", "cc", "cjs", "clj", "cljs", "cpp", "cs", "cu", "cxx", "dart", "el", "elm", "erl", "ex",
    "exs", "f", "f90", "fish", "fs", "go", "gradle", "groovy", "h", "hcl", "hh", "hpp", "hrl", "hs", "hxx", "java",
    "jl", "js", "jsx", "kt", "kts", "lisp", "lua", "m", "mjs", "ml", "mli", "mm", "mts", "nim", "nix", "php", "pl",
    "pm", "ps1", "py", "pyi", "pyx", "r", "rb", "rs", "s", "scala", "scm", "sh", "sol", "sql", "svelte", "swift", "tcl",
    "tf", "ts", "tsx", "v", "vb", "vue", "zig", "zsh",
})  # fmt: skip
_TEST_FILE: Final = re.compile(r".+[._](?:test|tests|spec)\.\w+")
_TEST_DIRECTORIES: Final = frozenset({"__tests__", "__mocks__", "spec", "specs", "e2e", "testdata"})


PATHSPECS: Final = tuple(f":(top,icase)*.{suffix}" for suffix in sorted(_SUFFIXES))
"""The files of code as git's commands are given them, so that data is not compared line by line."""


def is_code(path: str) -> bool:
    """Tell whether a file holds source code, by the end of its name."""
    _, dot, suffix = path.rpartition("/")[2].rpartition(".")
    return bool(dot) and suffix.lower() in _SUFFIXES


def is_test_code(path: str) -> bool:
    """Tell whether a file of code is a test: as Python's are named, ``x.test.ts``, ``x_spec.rb``, below ``__tests__``.

    Args:
        path: relative, with ``/``.
    """
    *directories, name = path.split("/")
    if exclusions.is_test_path(path) or not _TEST_DIRECTORIES.isdisjoint(directories):
        return True
    return _TEST_FILE.fullmatch(name) is not None
