from __future__ import annotations

import signal
import threading
import time
from typing import TYPE_CHECKING, Final, NoReturn

import pytest

from ai_code_metrics.collect.workers import Workers
from ai_code_metrics.errors import UsageError
from ai_code_metrics.interruption import Interruption

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG: Final = 60.0
SOON: Final = 20.0


class Tests:
    """Tests of a project that run until the run is given up, or very long."""

    __test__ = False

    def __init__(self, interruption: Interruption) -> None:
        self._interruption = interruption
        self.have_begun = threading.Event()
        self.were_ended = False

    def run(self) -> None:
        """Look at the note every few milliseconds, as the process gate does."""
        self.have_begun.set()
        end = time.monotonic() + LONG
        while time.monotonic() < end:
            if self._interruption.is_set():
                self.were_ended = True
                return
            time.sleep(0.005)


@pytest.fixture
def interruption() -> Interruption:
    return Interruption()


@pytest.fixture
def tests(interruption: Interruption) -> Tests:
    return Tests(interruption)


@pytest.fixture(autouse=True)
def ends_soon() -> Iterator[None]:
    """Whatever is given up here is given up long before its work would end."""
    started = time.monotonic()
    yield
    assert time.monotonic() - started < SOON


def test_results_come_from_threads(interruption: Interruption) -> None:
    """Work gets its arguments and gives its result; the run is not given up."""
    with Workers(2, interruption) as workers:
        futures = [workers.start(divmod, number, 3) for number in range(5)]
        workers.wait()

    assert [future.result() for future in futures] == [divmod(number, 3) for number in range(5)]
    assert not interruption.is_set()


def test_nothing_to_wait_for_is_no_wait(interruption: Interruption) -> None:
    """A pool without work ends at once."""
    with Workers(2, interruption) as workers:
        workers.wait()


@pytest.mark.parametrize(
    ("number", "raised"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)], ids=["int", "term"]
)
def test_a_signal_whose_exception_was_lost_ends_the_wait(
    interruption: Interruption, tests: Tests, number: int, raised: type[BaseException]
) -> None:
    """The note is enough: it is read while the main thread waits, and the work ends."""

    def come() -> None:
        tests.have_begun.wait()
        interruption.set(number)

    def measure() -> None:
        with Workers(2, interruption) as workers:
            workers.start(tests.run)
            workers.start(come)
            workers.wait()

    with pytest.raises(raised):
        measure()
    assert tests.were_ended


def test_an_interrupt_before_the_wait_ends_what_was_started(interruption: Interruption, tests: Tests) -> None:
    """Ctrl-C between two starts isn't held up by the work that runs already."""

    def interrupted(workers: Workers) -> NoReturn:
        workers.start(tests.run)
        tests.have_begun.wait()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Workers(2, interruption) as workers:
        interrupted(workers)
    assert tests.were_ended


def test_a_failure_ends_the_others_and_what_has_not_begun_never_begins(
    interruption: Interruption, tests: Tests
) -> None:
    """A wrong setting is told at once, and nothing is started after it."""
    begun = list[str]()

    def refuse() -> NoReturn:
        tests.have_begun.wait()
        raise UsageError("a wrong setting")

    def measure() -> None:
        with Workers(2, interruption) as workers:
            workers.start(tests.run)
            workers.start(refuse)
            workers.start(tests.run)  # takes the thread that the refusal leaves
            workers.start(begun.append, "too late")
            workers.wait()

    with pytest.raises(UsageError, match="a wrong setting"):
        measure()
    assert tests.were_ended
    assert not begun


class InterruptedOnce(Workers):
    """Workers whose end a signal breaks into, once."""

    def __init__(self, interruption: Interruption) -> None:
        super().__init__(1, interruption)
        self._comes = True

    def _end(self, *, given_up: bool) -> None:
        if self._comes:
            self._comes = False
            raise KeyboardInterrupt
        super()._end(given_up=given_up)


def test_an_interrupt_of_the_end_itself_leaves_no_work_behind(interruption: Interruption, tests: Tests) -> None:
    """Whenever a signal comes, the threads have ended when the context has."""

    def measure() -> None:
        with InterruptedOnce(interruption) as workers:
            workers.start(tests.run)
            tests.have_begun.wait()

    with pytest.raises(KeyboardInterrupt):
        measure()
    assert tests.were_ended
