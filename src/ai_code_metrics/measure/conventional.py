"""Conventional Commits 1.0.0: what a commit message says by that specification.

Rule numbers are those of https://www.conventionalcommits.org/en/v1.0.0/#specification. Each line is looked at once by
an anchored pattern, so the time grows linearly with the length of the message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

TYPES: Final = frozenset(
    {"build", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test"},
)
BREAKING_TOKENS: Final = frozenset({"BREAKING CHANGE", "BREAKING-CHANGE"})

# a noun of any script, such as `2fa` and `исправление` but not `1.2`
_HEADER: Final = re.compile(r"(\d*[^\W\d_][\w-]*)(?:\(([^()\n]+)\))?(!)?: (.*)")
# a word of any script: git, whose convention is the model, knows only ASCII
_FOOTER: Final = re.compile(r"(BREAKING CHANGE|[^\W_](?:[^\W_]|-)*)(: | #)(.*)")
_MEANT_AS_BREAKING: Final = re.compile(r"BREAKING[ -]CHANGES?\b|(?i:breaking[ -]changes?)(?=\s*[:#]|\s*$)")
_SPACED_TOKEN: Final = re.compile(
    r"(?:signed off|reviewed|co authored|acked|approved|tested|reported|suggested) by: \S", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Footer:
    """One footer (rules 8-10): the token as written, the separator ``": "`` or ``" #"``, the value with newlines."""

    token: str
    separator: str
    value: str

    @property
    def is_breaking(self) -> bool:
        """Whether the footer announces a breaking change: upper case, colon, space and a description (12, 16)."""
        return self.token in BREAKING_TOKENS and self.separator == ": " and bool(self.value)


@dataclass(frozen=True, slots=True)
class ConventionalCommit:
    """A message whose header follows the specification.

    ``type`` is in lower case (15), ``scope`` as written (4), ``has_mark`` says that ``!`` stands before the colon (13).
    ``problems`` are sentences on what follows the header but breaks a rule.
    """

    type: str
    scope: str | None
    has_mark: bool
    description: str
    body: str
    footers: tuple[Footer, ...]
    problems: tuple[str, ...]

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes of a list such as ``api,cli``."""
        return tuple(name.strip() for name in (self.scope or "").split(",") if name.strip())

    @property
    def is_breaking(self) -> bool:
        """Whether a breaking change is announced, by the mark or by a footer (11)."""
        return self.has_mark or any(footer.is_breaking for footer in self.footers)

    @property
    def breaking_description(self) -> str | None:
        """What breaks: the first footer's value, else the description where there is only the mark (13)."""
        values = [footer.value for footer in self.footers if footer.is_breaking]
        if values:
            return values[0]
        return self.description if self.has_mark else None


def parse(message: str) -> ConventionalCommit | None:
    """Parse a whole message with line feeds only; None when its header is no Conventional Commits header (1, 5)."""
    header, _, rest = message.partition("\n")
    match = _HEADER.fullmatch(header)
    if match is None or not match[4].strip() or (match[2] is not None and not match[2].strip()):
        return None
    lines = rest.rstrip().split("\n") if rest.strip() else []
    attached = bool(lines) and bool(lines[0].strip())
    first_footer = len(lines) if attached else _first_footer(lines)
    footers = _footers(lines[first_footer:])
    return ConventionalCommit(
        type=match[1].lower(),
        scope=match[2],
        has_mark=match[3] is not None,
        description=match[4].strip(),
        body="" if attached else "\n".join(lines[:first_footer]).strip(),
        footers=footers,
        problems=tuple(_problems(lines, first_footer, footers)),
    )


def is_conventional(message: str) -> bool:
    """Whether the header follows the specification and its type is one of :data:`TYPES`."""
    parsed = parse(message.partition("\n")[0])
    return parsed is not None and parsed.type in TYPES


def _first_footer(lines: Sequence[str]) -> int:
    """The index of the first footer: a token and separator at the start of a paragraph (8)."""
    for index in range(1, len(lines)):
        if not lines[index - 1].strip() and _FOOTER.match(lines[index]):
            return index
    return len(lines)


def _footers(lines: Sequence[str]) -> tuple[Footer, ...]:
    """Read footers up to the end; a value goes on until the next token and separator (10)."""
    found: list[tuple[str, str, list[str]]] = []
    for line in lines:
        match = _FOOTER.match(line)
        if match:
            found.append((match[1], match[2], [match[3]]))
        else:
            found[-1][2].append(line)
    return tuple(Footer(token, separator, "\n".join(value).strip()) for token, separator, value in found)


def _problems(lines: Sequence[str], first_footer: int, footers: Sequence[Footer]) -> list[str]:
    """What breaks a rule after the header, a sentence a rule."""
    problems = []
    if lines and lines[0].strip():
        problems.append("the body must begin one empty line after the header (rule 6)")
    if not all(footer.value for footer in footers):
        problems.append("a footer has no value (rule 8)")
    if any(_SPACED_TOKEN.match(line) for line in lines):
        problems.append("a footer's token has `-` in place of spaces (rule 9)")
    strays = [line for line in lines[:first_footer] if _MEANT_AS_BREAKING.match(line)]
    if any(_FOOTER.match(line) for line in strays):
        problems.append("BREAKING CHANGE must follow an empty line to be a footer (rule 8)")
    strays += [line for line in lines[first_footer:] if _MEANT_AS_BREAKING.match(line)]
    if any(not _announces(line) for line in strays):
        problems.append("a breaking change is written `BREAKING CHANGE: ` and what breaks, in upper case (rule 12)")
    return problems


def _announces(line: str) -> bool:
    """Whether a line has the form of a footer that announces a breaking change."""
    match = _FOOTER.match(line)
    return match is not None and Footer(match[1], match[2], match[3].strip()).is_breaking
