"""Phases of a run: what they cost, and one failed source that leaves the rest intact."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Protocol, TypeVar

from ai_code_metrics.errors import SourceUnavailable
from ai_code_metrics.model import MeasurementWarning, Phase, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

ResultT = TypeVar("ResultT")
_MAX_WARNINGS = 200


class Progress(Protocol):
    """Somebody who is told of phases while they run, from several threads at once."""

    def started(self, phase: str) -> None:
        """Take note that a phase has begun."""

    def finished(self, phase: str, seconds: float, status: str) -> None:
        """Take note that a phase is over; ``status`` is one of :class:`ai_code_metrics.model.Phase`."""


class Process(Protocol):
    """What a phase ran, be it several processes: a :class:`~ai_code_metrics.process.Finished`, for one."""

    @property
    def peak_memory_bytes(self) -> int | None:
        """The largest resident set; None where the platform doesn't tell."""


class Phases:
    """Runs phases and keeps their time, memory and warnings; may be used by several threads at once."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._lock = threading.Lock()
        self._phases: list[Phase] = []
        self._warnings: list[MeasurementWarning] = []

    def run(self, name: str, action: Callable[[], tuple[ResultT, Process | None]]) -> ResultT | Unavailable:
        """Run one phase; a source that is unavailable becomes the reason in its place, and a warning.

        So does what the operating system refuses our own files: a full disk, a directory that went away.

        Args:
            name: the phase's name in the summary.
            action: does the work; returns its record, and the process that it ran (None: no process of its own).
        """
        self._progress.started(name)
        started = time.monotonic()
        peak, status = None, "failed"
        try:
            result, process = action()
            peak, status = process.peak_memory_bytes if process else None, "ok"
        except SourceUnavailable as error:
            return self._unavailable(name, str(error))
        except OSError as error:
            said = f"the operating system refused what {name} needs to work: {error}"
            return self._unavailable(name, said.encode("utf-8", "replace").decode("utf-8"))
        else:
            return result
        finally:
            self._add(name, time.monotonic() - started, peak, status)

    def warn(self, code: str, message: str) -> None:
        """Keep a warning for the summary, once."""
        warning = MeasurementWarning(code=code[:300], message=message[:4000])
        with self._lock:
            if warning not in self._warnings and len(self._warnings) < _MAX_WARNINGS:
                self._warnings.append(warning)

    def total(self, name: str, seconds: float, peak: int | None) -> None:
        """Add a phase that was measured elsewhere."""
        self._add(name, seconds, peak, "ok")

    @property
    def phases(self) -> list[Phase]:
        """The phases so far, in alphabetical order: they ran beside each other."""
        with self._lock:
            return sorted(self._phases, key=lambda phase: phase.name)

    @property
    def warnings(self) -> list[MeasurementWarning]:
        """The warnings so far, sorted: threads add them in no order."""
        with self._lock:
            return sorted(self._warnings, key=lambda warning: (warning.code, warning.message))

    def _unavailable(self, name: str, reason: str) -> Unavailable:
        self.warn(f"{name}-unavailable", f"{name}: {reason}")
        return Unavailable(reason=reason[:4000])

    def _add(self, name: str, seconds: float, peak: int | None, status: str) -> None:
        phase = Phase(
            name=name,
            seconds=round(seconds, 3),
            peak_memory_bytes=peak,
            status="ok" if status == "ok" else "failed",
        )
        with self._lock:
            self._phases.append(phase)
        self._progress.finished(name, seconds, phase.status)
