"""A small Python project on disk, a workspace to measure it in, and an interpreter to run its tests."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ai_code_metrics.collect.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def write_files(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below ``root``, making directories on the way; return ``root``, resolved."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    root.mkdir(parents=True, exist_ok=True)
    return root.resolve()


def make_workspace(root: Path, **environ: str) -> Workspace:
    """Return a workspace beside ``root`` whose caller has a search path and ``environ``, and nothing else."""
    scratch, raw = root.parent / "scratch", root.parent / "raw"
    scratch.mkdir()
    raw.mkdir()
    return Workspace(root=root, scratch=scratch, raw=raw, environ={"PATH": os.environ["PATH"], **environ})


def make_environment(directory: Path, *distributions: str) -> str:
    """Make a virtual environment with nothing but ``distributions`` and what they need; return its interpreter.

    They are links to those of the running interpreter, so no network is needed and nothing is copied.
    """
    subprocess.run([sys.executable, "-I", "-m", "venv", "--without-pip", str(directory)], check=True)
    site = next(directory.glob("lib/python*/site-packages"))
    for name in _with_requirements(distributions):
        distribution = importlib.metadata.distribution(name)
        for top in {file.parts[0] for file in distribution.files or () if not file.is_absolute()}:
            source = Path(str(distribution.locate_file(top)))
            if top not in {"..", "__pycache__"} and source.exists():
                (site / top).symlink_to(source)
    return str(directory / "bin" / "python")


def _with_requirements(names: Iterable[str]) -> set[str]:
    known: set[str] = set()
    waiting = set(names)
    while waiting:
        name = waiting.pop()
        known.add(name)
        for requirement in importlib.metadata.requires(name) or ():
            match = re.match(r"[A-Za-z0-9._-]+", requirement)
            if match and ";" not in requirement:  # markers and extras ask for nothing on this interpreter
                waiting |= {match[0].lower()} - known
    return known
