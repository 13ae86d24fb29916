"""What gives a run up: a signal, or an error that makes the rest of the work useless.

Python runs a signal's handler in the main thread, at its next bytecode. But the system may hand the signal to any
thread, and then nothing wakes a main thread that waits for a lock without a timeout; and what a handler raises is
dropped where it can't be passed on (in a destructor, in a callback of the garbage collector). So the handler leaves a
note as well; who waits in the main thread does so in short turns, and looks at the note in between.
"""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

CLEARING_UP_SECONDS: Final = 5.0
"""How long a signal's way out may take until another signal ends the process at once."""
_SIGNAL_EXIT_CODE: Final = 128  # and the signal's number


class Interruption:
    """The note that a run is given up, and by which signal, if it was one.

    Unlike :class:`threading.Event` it has no lock: a handler that came while the main thread holds it would wait for it
    for ever.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._signal: int | None = None

    def is_set(self) -> bool:
        """Whether the run is given up."""
        return self._is_set

    def set(self, number: int | None = None) -> None:
        """Give the run up, because of the signal ``number`` or an error; the first signal is the one that counts."""
        if self._signal is None:
            self._signal = number
        self._is_set = True

    def raise_signal(self) -> None:
        """Do nothing where no signal has come.

        Raises:
            KeyboardInterrupt: SIGINT has come.
            SystemExit: another signal has come; the code is the one of :func:`exit_code`.
        """
        if self._signal == signal.SIGINT:
            raise KeyboardInterrupt
        if self._signal is not None:
            raise SystemExit(exit_code(self._signal))


def exit_code(number: int) -> int:
    """Return the exit code that tells of the end by a signal, as is the shell's convention."""
    return _SIGNAL_EXIT_CODE + number


def handler(
    interruption: Interruption, *, clock: Callable[[], float] = time.monotonic, end: Callable[[int], object] = os._exit
) -> Callable[[int, object], None]:
    """Return a handler of signals whose first call sets ``interruption`` and raises what that says.

    Later calls would only break off the clearing up, and do nothing. Should it hang, they end the process.

    Args:
        interruption: what is set.
        clock: seconds.
        end: ends the process at once with an exit code.
    """
    deadline: list[float] = []

    def leave(number: int, _: object) -> None:
        if not deadline:
            deadline.append(clock() + CLEARING_UP_SECONDS)
            interruption.set(number)
            interruption.raise_signal()
        elif clock() > deadline[0]:
            end(exit_code(number))

    return leave


def handle_signals(interruption: Interruption) -> None:
    """Install the handler for Ctrl-C and for the signals that would end the process, but not what it started."""
    leave = handler(interruption)
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # Windows has no SIGHUP
        number = getattr(signal, name, None)
        # what is ignored stays so: `nohup` is meant to outlive its terminal
        if number is not None and signal.getsignal(number) in {signal.SIG_DFL, signal.default_int_handler}:
            signal.signal(number, leave)
