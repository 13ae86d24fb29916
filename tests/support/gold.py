"""Texts that a person has looked at and found good, kept in files to compare with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Gold:
    """The gold files of one directory; with ``update`` they are written instead of compared."""

    directory: Path
    update: bool

    def check(self, name: str, text: str) -> None:
        """Assert that the file holds exactly ``text``."""
        path = self.directory / name
        if self.update:
            path.write_bytes(text.encode("utf-8"))
        assert path.is_file(), f"{path} is missing: run pytest --update-gold and look at it"
        assert text == path.read_bytes().decode("utf-8"), f"{name} changed: look, then run pytest --update-gold"
