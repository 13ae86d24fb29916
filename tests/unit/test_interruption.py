from __future__ import annotations

import signal

import pytest

from ai_code_metrics.interruption import CLEARING_UP_SECONDS, Interruption, exit_code, handler


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        """Return its time in seconds."""
        return self.now


def test_a_new_note_says_nothing() -> None:
    """A run that nobody gave up goes on."""
    interruption = Interruption()

    interruption.raise_signal()

    assert not interruption.is_set()


def test_an_error_sets_the_note_and_raises_nothing() -> None:
    """Whoever gives the run up for an error has that error to raise."""
    interruption = Interruption()
    interruption.set()

    interruption.raise_signal()

    assert interruption.is_set()


def test_an_interrupt_is_raised_as_often_as_it_is_asked_for() -> None:
    """Where the handler's own exception is lost, the next look at the note raises it anew."""
    interruption = Interruption()
    leave = handler(interruption)

    with pytest.raises(KeyboardInterrupt):
        leave(signal.SIGINT, None)
    for _ in range(2):
        with pytest.raises(KeyboardInterrupt):
            interruption.raise_signal()
    assert interruption.is_set()


def test_another_signal_exits_with_its_number() -> None:
    """The exit code tells which signal came, by the shell's convention."""
    interruption = Interruption()
    leave = handler(interruption)

    with pytest.raises(SystemExit) as raised:
        leave(signal.SIGTERM, None)

    assert raised.value.code == exit_code(signal.SIGTERM) == 143


def test_a_signal_after_an_error_counts() -> None:
    """An error sets the note first; Ctrl-C during its clearing up is told nevertheless."""
    interruption = Interruption()
    interruption.set()

    with pytest.raises(KeyboardInterrupt):
        handler(interruption)(signal.SIGINT, None)


def test_the_first_signal_is_the_one_that_is_told() -> None:
    """A runner that sends SIGINT, then SIGTERM, learns of the first."""
    interruption = Interruption()
    interruption.set(signal.SIGINT)
    interruption.set(signal.SIGTERM)

    with pytest.raises(KeyboardInterrupt):
        interruption.raise_signal()


def test_a_second_signal_waits_for_the_clearing_up_and_then_ends_the_process() -> None:
    """It breaks nothing off while that may still go on, and isn't held up by one that hangs."""
    clock, ended = Clock(), list[int]()
    leave = handler(Interruption(), clock=clock, end=ended.append)
    with pytest.raises(KeyboardInterrupt):
        leave(signal.SIGINT, None)

    clock.now += CLEARING_UP_SECONDS
    leave(signal.SIGINT, None)
    assert not ended

    clock.now += 0.01
    leave(signal.SIGTERM, None)
    assert ended == [143]
