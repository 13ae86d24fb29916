"""Make the development environment ``.venv`` of this repository: the locked tools, and the package from its source."""

from __future__ import annotations

import platform
import shutil
import sys
from typing import TYPE_CHECKING

import install

if TYPE_CHECKING:
    from pathlib import Path

ENVIRONMENT = install.ROOT / ".venv"


def environment(directory: Path = ENVIRONMENT) -> Path:
    """Return the interpreter of the development environment, which is made or brought up to date if need be.

    An environment that is there already is filled, not replaced; what else is installed in it stays.

    Raises:
        CannotInstall: building it failed.
    """
    lock = install.REQUIREMENTS / "development.txt"
    source = {"pyproject.toml": (install.ROOT / "pyproject.toml").read_bytes()}
    key = install.environment_key(lock.read_bytes(), source, f"{sys.version} {sys.base_prefix} {platform.machine()}")
    stamp = directory / "ai-code-metrics.key"
    python = install.python_of(directory)
    if python.is_file() and stamp.is_file() and stamp.read_text(encoding="utf-8") == key:
        return python
    print(f"Installing the development environment into {directory}", file=sys.stderr)
    if not python.is_file():
        shutil.rmtree(directory, ignore_errors=True)
        install.create(directory)
    install.fill(directory, lock, editable=True)
    stamp.write_text(key, encoding="utf-8")
    return python
