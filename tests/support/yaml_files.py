"""Reads the YAML files of this repository by YAML 1.2, in which ``on`` is a text, as GitHub does."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

ROOT: Final = Path(__file__).resolve().parents[2]


def load(path: str) -> dict[str, Any]:
    """Return the document at ``path``, relative to the repository."""
    return parse((ROOT / path).read_text(encoding="utf-8"))


def parse(text: str) -> dict[str, Any]:
    """Return the document that ``text`` holds."""
    document: dict[str, Any] = YAML(typ="safe", pure=True).load(text)
    return document
