"""What an authorship note claims, while it is read: ranges of lines by path, bounded, and what was wrong with it.

Whoever can push can write a note, so notes are read as hostile: nothing in one raises, what can't be used is left out
and told as a :class:`Problem`, numbers and texts are bounded, and paths are only ever compared, never opened.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal, TypeVar

import msgspec

from ai_code_metrics.records import NotedRange

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MAX_RANGES: Final = 200_000
MAX_LINE: Final = 2**31 - 1
MAX_NAME: Final = 100
MAX_PATH: Final = 4_096  # longer than any that a file system takes
_NO_MODEL: Final = frozenset({"", "unknown", "default", "auto", "none"})
_OUTSIDE: Final = re.compile(r"[/\\]|[A-Za-z]:[/\\]|(?:.*[/\\])?\.\.(?:[/\\]|$)|.*\0", re.DOTALL)
_VALUES: Final = msgspec.json.Decoder(list[msgspec.Raw])

T = TypeVar("T")


class Problem(StrEnum):
    """What is wrong with a note, in words that follow a number of notes."""

    INVALID_JSON = "with invalid JSON"
    UNKNOWN_VERSION = "of an unknown version (skipped)"
    UNUSABLE_ENTRIES = "with entries that can't be read"
    UNUSABLE_RANGES = "with impossible line numbers"
    UNUSABLE_PATHS = "with paths outside the repository"
    TOO_MANY_RANGES = f"with over {MAX_RANGES:,} ranges (the others were left out)"
    CONTRADICTORY = "that call the same line AI-written and human"


@dataclass(frozen=True, slots=True)
class ParsedNote:
    """One note: its ranges by path, in the order of the note, in which the first claim for a line wins.

    Paths are relative to the top of the repository; what was no UTF-8 in them is replaced. ``readable`` is false where
    nothing could be made of the note, true where it just claims nothing.
    """

    ranges: Mapping[str, tuple[NotedRange, ...]]
    problems: tuple[Problem, ...] = ()
    readable: bool = True


def model_name(value: object) -> str | None:
    """Return a declared model, at most 100 printable characters; None for a placeholder such as ``<synthetic>``."""
    name = printable_name(value)
    is_placeholder = name.casefold() in _NO_MODEL or (name.startswith("<") and name.endswith(">"))
    return None if is_placeholder else name


def printable_name(value: object) -> str:
    """Return a name as one line of at most 100 printable characters; empty for what is no text."""
    text = value[: 10 * MAX_NAME] if isinstance(value, str) else ""
    return "".join(filter(str.isprintable, text)).strip()[:MAX_NAME].rstrip()


@dataclass(frozen=True, slots=True)
class Claimant:
    """Who a note says wrote lines; ``agent`` is empty where the note doesn't name one."""

    origin: Literal["ai", "human"]
    agent: str = ""
    model: str | None = None


@dataclass(slots=True)
class Claims:
    """The ranges and problems of the note that is being read."""

    ranges: dict[str, list[NotedRange]] = field(default_factory=dict)
    problems: dict[Problem, None] = field(default_factory=dict)
    seen: int = 0

    @property
    def is_full(self) -> bool:
        """Whether the note has had more ranges than are read; unusable ones count too."""
        return self.seen > MAX_RANGES

    def add(self, path: str, ranges: Iterable[tuple[int, int]], claimant: Claimant) -> None:
        """Claim ranges of lines, but for impossible ones; those behind the last possible line end there."""
        claims = self.ranges.setdefault(path, [])
        for first, last in ranges:
            self.seen += 1
            if self.seen > MAX_RANGES:
                self.report(Problem.TOO_MANY_RANGES)
                return
            if 1 <= first <= last and first <= MAX_LINE:
                claims.append(NotedRange(first, min(last, MAX_LINE), claimant.origin, claimant.agent, claimant.model))
            else:
                self.report(Problem.UNUSABLE_RANGES)

    def is_usable(self, path: str) -> bool:
        """Whether a path can be one of the repository; where it can't, that is reported."""
        if not path:
            self.report(Problem.UNUSABLE_ENTRIES)
        elif len(path) >= MAX_PATH or _OUTSIDE.match(path):
            self.report(Problem.UNUSABLE_PATHS)
        else:
            return True
        return False

    def pass_over(self) -> None:
        """Count an entry that isn't read: it costs time too."""
        self.seen += 1
        if self.is_full:
            self.report(Problem.TOO_MANY_RANGES)

    def report(self, problem: Problem) -> None:
        """Note a problem, once."""
        self.problems[problem] = None

    def load(self, content: bytes | msgspec.Raw, decoder: msgspec.json.Decoder[T], problem: Problem) -> T | None:
        """Decode JSON, with what is no UTF-8 replaced; report ``problem`` and return None where that fails."""
        try:
            try:
                return decoder.decode(content)
            except UnicodeDecodeError:
                return decoder.decode(bytes(content).decode("utf-8", "replace"))
        except (ValueError, msgspec.MsgspecError, RecursionError):
            self.report(problem)
            return None

    def values(self, raw: msgspec.Raw) -> list[msgspec.Raw]:
        """Decode an array, of too long a one the first values."""
        values = self.load(raw, _VALUES, Problem.UNUSABLE_ENTRIES) or []
        if len(values) > MAX_RANGES:
            self.report(Problem.TOO_MANY_RANGES)
        return values[:MAX_RANGES]

    def note(self, *, readable: bool = True) -> ParsedNote:
        """Return all that was claimed."""
        if any(map(_is_contradictory, self.ranges.values())):
            self.report(Problem.CONTRADICTORY)
        ranges = {path: tuple(claims) for path, claims in self.ranges.items() if claims}
        return ParsedNote(ranges, tuple(self.problems), readable)


def skipped(problem: Problem) -> ParsedNote:
    """Return a note of which nothing can be made."""
    return ParsedNote({}, (problem,), readable=False)


def _is_contradictory(claims: list[NotedRange]) -> bool:
    if len({claim.origin for claim in claims}) <= 1:
        return False
    ends = {"ai": 0, "human": 0}
    for claim in sorted(claims, key=lambda claim: claim.first):
        if claim.first <= ends["human" if claim.origin == "ai" else "ai"]:
            return True
        ends[claim.origin] = max(ends[claim.origin], claim.last)
    return False
