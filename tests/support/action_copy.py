"""The action as a runner downloads it: no tests, no environment, no caches, and nothing that changes meanwhile."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PARTS: Final = ("action.yml", "LICENSE", "README.md", "pyproject.toml", "scripts", "src")


def copy_action(directory: Path) -> Path:
    """Copy the action to ``directory``; return it."""
    directory.mkdir(parents=True)
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, directory / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, directory / part)
    return directory
