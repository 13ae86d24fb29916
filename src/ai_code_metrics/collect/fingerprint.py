"""Fingerprints of findings: the same finding keeps its fingerprint when its line merely moves."""

from __future__ import annotations

import hashlib

_LENGTH = 16


def content_print(*, tool: str, rule: str, line_text: str) -> str:
    """Return what a finding is about, wherever it stands; empty for a line without text, which says nothing."""
    text = "".join(line_text.split())
    return _digest(tool, rule, text) if text else ""


def fingerprint(*, tool: str, rule: str, path: str, symbol: str | None, line_text: str) -> str:
    """Return a stable id of a finding, 16 hexadecimal digits.

    Made of tool, rule, path, the enclosing symbol and the text of its line without white space; not of the line number
    and not of the message, which may quote other lines.
    """
    return _digest(tool, rule, path, symbol or "", "".join(line_text.split()))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]
