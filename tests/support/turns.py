"""Publishers that run at the same time, their requests let through one by one in an order that the test chooses."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from support.fake_github import FakeGithub

PATIENCE: Final = 30.0


@dataclass
class Turns:
    """Whose turn it is: each publisher, known by its token, waits with its request until it is let through.

    Only when all publishers wait, or have ended, one is let through: so the order of all requests is the one chosen,
    and between two of them nothing moves.
    """

    github: FakeGithub
    publishers: Mapping[str, Callable[[], object]]
    ended: set[str] = field(default_factory=set)
    waiting: set[str] = field(default_factory=set)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def run(self, choose: Callable[[Sequence[str]], str], between: Callable[[], object]) -> None:
        """Run all publishers to their end; ``between`` is called when nothing moves, before each request.

        Raises:
            AssertionError: some publisher neither asks nor ends.
        """
        self.github.before = self._wait
        threads = [threading.Thread(target=self._follow, args=item, daemon=True) for item in self.publishers.items()]
        for thread in threads:
            thread.start()
        try:
            while self._settled():
                between()
                self._let_through({choose(sorted(self.waiting))})
        finally:  # whatever ended it, nobody is left who could reach into the next test
            self.github.before = None
            self._let_through(set(self.waiting))
            for thread in threads:
                thread.join(PATIENCE)

    def _settled(self) -> bool:
        """Wait until nothing moves, and tell whether anybody waits."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.waiting | self.ended) == len(self.publishers), PATIENCE)
            return bool(self.waiting)

    def _let_through(self, tokens: set[str]) -> None:
        with self.changed:
            self.waiting -= tokens
            self.changed.notify_all()

    def _wait(self, _method: str, _target: str, token: str) -> None:
        with self.changed:
            self.waiting.add(token)
            self.changed.notify_all()
            self.changed.wait_for(lambda: token not in self.waiting, PATIENCE)

    def _follow(self, token: str, publisher: Callable[[], object]) -> None:
        try:
            publisher()
        finally:
            with self.changed:
                self.ended.add(token)
                self.changed.notify_all()
