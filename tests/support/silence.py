"""Somebody who listens to no phase."""

from __future__ import annotations


class Silence:
    """Listens to no phase."""

    def started(self, phase: str) -> None:
        """Take no note."""

    def finished(self, phase: str, seconds: float, status: str) -> None:
        """Take no note."""
