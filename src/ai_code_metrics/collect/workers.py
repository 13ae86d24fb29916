"""Threads that work beside each other while the main thread waits in a way that a signal can end."""

from __future__ import annotations

from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any, Final, ParamSpec, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from ai_code_metrics.interruption import Interruption

_TURN_SECONDS: Final = 0.1
ParametersT = ParamSpec("ParametersT")
ResultT = TypeVar("ResultT")


class Workers:
    """A pool of threads, as a context: at its end none of them works any more.

    An exception that leaves the context, wherever it comes from, sets ``interruption``, which the work has to heed;
    what hasn't begun doesn't begin.
    """

    def __init__(self, count: int, interruption: Interruption) -> None:
        self._pool = ThreadPoolExecutor(max_workers=count)
        self._interruption = interruption
        self._futures: list[Future[Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self._end(given_up=error is not None)
        except BaseException:  # a signal that came just now
            self._end(given_up=True)
            raise

    def start(
        self, work: Callable[ParametersT, ResultT], *args: ParametersT.args, **kwargs: ParametersT.kwargs
    ) -> Future[ResultT]:
        """Have ``work`` done as soon as a thread is free; what is started first begins first."""
        future = self._pool.submit(work, *args, **kwargs)
        self._futures.append(future)
        return future

    def wait(self) -> None:
        """Wait until all work is done, or one piece of it has failed.

        Raises:
            KeyboardInterrupt: SIGINT has come, even where its own exception was lost.
            SystemExit: another signal has come.
            Exception: what the work raised.
        """
        while True:
            self._interruption.raise_signal()
            ended, running = wait(self._futures, timeout=_TURN_SECONDS, return_when=FIRST_EXCEPTION)
            for future in ended:
                future.result()
            if not running:
                return

    def _end(self, *, given_up: bool) -> None:
        self._pool.shutdown(wait=False, cancel_futures=given_up)
        if given_up:
            self._interruption.set()
        # not by shutdown, which waits without a timeout: no handler would run meanwhile
        while running := [future for future in self._futures if not future.done()]:
            wait(running, timeout=_TURN_SECONDS)
        self._pool.shutdown()
