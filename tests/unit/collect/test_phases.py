from __future__ import annotations

import threading

import pytest

from ai_code_metrics.collect.phases import Phases
from ai_code_metrics.errors import SourceUnavailable, UsageError
from ai_code_metrics.model import Unavailable
from ai_code_metrics.process import Finished


class Log:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def started(self, phase: str) -> None:
        """Take note of a beginning."""
        self.lines.append(f"{phase} started")

    def finished(self, phase: str, seconds: float, status: str) -> None:
        """Take note of an end."""
        self.lines.append(f"{phase} {status}")


def finished(peak: int | None) -> Finished:
    return Finished(
        argv=("tool",), exit_code=0, seconds=1, peak_memory_bytes=peak, timed_out=False, stdout="", stderr=""
    )


def fail() -> tuple[str, None]:
    raise SourceUnavailable("pylint was not found")


def misuse() -> tuple[str, None]:
    raise UsageError("python: no such interpreter")


def test_a_phase_gives_its_record_and_keeps_its_cost() -> None:
    """A phase returns what its action made; the process's peak memory stands in the summary."""
    log = Log()
    phases = Phases(log)

    assert phases.run("lint", lambda: ("record", finished(4096))) == "record"

    (phase,) = phases.phases
    assert (phase.name, phase.status, phase.peak_memory_bytes) == ("lint", "ok", 4096)
    assert log.lines == ["lint started", "lint ok"]


def test_a_failed_source_is_a_reason_and_a_warning() -> None:
    """A source that can't be read becomes its reason; the run goes on."""
    log = Log()
    phases = Phases(log)

    assert phases.run("lint", fail) == Unavailable(reason="pylint was not found")

    assert [(warning.code, warning.message) for warning in phases.warnings] == [
        ("lint-unavailable", "lint: pylint was not found")
    ]
    assert [phase.status for phase in phases.phases] == ["failed"]
    assert log.lines == ["lint started", "lint failed"]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError(28, "No space left on device", "/scratch/x"), "No space left on device: '/scratch/x'"),
        (OSError("lone \udcff surrogate"), "lone ? surrogate"),
    ],
)
def test_a_refusing_system_is_a_reason_and_a_warning(error: OSError, expected: str) -> None:
    """A full disk costs one source, not the run; the reason names what was refused and fits into JSON."""

    def refuse() -> tuple[str, None]:
        raise error

    phases = Phases(Log())

    part = phases.run("lint", refuse)

    assert isinstance(part, Unavailable)
    assert part.reason.startswith("the operating system refused what lint needs to work: ")
    assert expected in part.reason
    assert [warning.code for warning in phases.warnings] == ["lint-unavailable"]
    assert [phase.status for phase in phases.phases] == ["failed"]


def test_a_wrong_setting_is_no_failed_source() -> None:
    """A usage error ends the run, and its phase is counted all the same."""
    phases = Phases(Log())

    with pytest.raises(UsageError):
        phases.run("coverage", misuse)

    assert [phase.status for phase in phases.phases] == ["failed"]


def test_phases_and_warnings_come_sorted_and_once() -> None:
    """Threads end in no order: phases come by name, a warning that is said twice comes once."""
    phases = Phases(Log())
    threads = [
        threading.Thread(target=phases.run, args=(name, lambda: (None, None))) for name in ("security", "lint", "tests")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    phases.total("measure", 1.23456, None)
    for code in ("b", "a", "b"):
        phases.warn(code, "message")

    assert [phase.name for phase in phases.phases] == ["lint", "measure", "security", "tests"]
    assert [warning.code for warning in phases.warnings] == ["a", "b"]
    assert phases.phases[1].seconds == 1.235


def test_warnings_are_bounded() -> None:
    """Neither their number nor their length can blow up the summary."""
    phases = Phases(Log())
    for number in range(500):
        phases.warn("c" * 400, f"{number}" + "x" * 9000)

    assert len(phases.warnings) == 200
    assert all(len(warning.code) == 300 and len(warning.message) == 4000 for warning in phases.warnings)
