"""The commit rubric: parts A to E of a message, each with its points and the sentences that explain them.

Where a part loses points, ``why`` says what a reader misses, so that its author can accept it. On commit messages that
people labelled (Tian et al., "What makes a good commit message?", ICSE 2022) a plain check for prefix, length and issue
number tells good from bad no better than chance.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from ai_code_metrics.measure import commit_message, conventional
from ai_code_metrics.measure.commit_words import IMPERATIVE_OF, REASON
from ai_code_metrics.model import RubricPart

if TYPE_CHECKING:
    from ai_code_metrics.measure.commit_message import Message

WHAT_MAX: Final = 35
WHY_MAX: Final = 30
LINK_MAX: Final = 10
CONVENTION_MAX: Final = 15
FORM_MAX: Final = 10

HEADER_LENGTH: Final = 72
HEADER_LIMIT: Final = 100
WORD_POINTS: Final = (0, 5, 12, 20)
FULL_BODY_WORDS: Final = 12
BODY_LINE_LENGTH: Final = 100
SMALL_CHANGE_LINES: Final = 10
SMALL_SIDE_CHANGE_LINES: Final = 30
SMALL_CHANGE_POINTS: Final = 20
SIDE_TYPES: Final = frozenset({"docs", "style", "chore", "ci", "build", "test"})

SHAPE_POINTS: Final = ((200, 100), (400, 50), (1000, 0))

_PREFIX: Final = re.compile(r"(?:\[[^\]\n]{1,40}\]\s*|[^\s:]{1,40}:\s+)+")
_WIP: Final = re.compile(r"\W*wip\b", re.IGNORECASE)


def score_what(message: Message) -> RubricPart:
    """Part A, at most 35: the header says what changed, is short enough, imperative and tidy."""
    if not message.header.strip():
        return RubricPart(points=0, max=WHAT_MAX, why=["the message has no header"])
    words = commit_message.count_content_words(message.description)
    why = []
    if words < len(WORD_POINTS) - 1:
        why.append(f"the header has {_counted(words, 'word')} that tell what changed; three or more make it clear")
    length = len(commit_message.as_written(message.header))
    if length > HEADER_LENGTH:
        why.append(f"the header has {length} characters; lists cut it after {HEADER_LENGTH}")
    mood = _mood_problem(message.description)
    tidiness = _tidiness_problem(message)
    points = WORD_POINTS[min(words, len(WORD_POINTS) - 1)] + _header_points(length)
    points += (0 if mood else 4) + (0 if tidiness else 3)
    return RubricPart(points=float(points), max=WHAT_MAX, why=[*why, *filter(None, (mood, tidiness))])


def score_why(message: Message, *, changed_lines: int | None, is_linked: bool) -> RubricPart:
    """Part B, at most 30: the body says why; a small change needs none.

    Args:
        message: the message.
        changed_lines: added and deleted lines that are not generated; None: not known, so not known to be small.
        is_linked: whether the message links an issue.
    """
    words = commit_message.count_words(message.prose)
    has_reason = bool(REASON.search(f"{message.description} {message.prose}"))
    points = 15 * min(Fraction(1), Fraction(words, FULL_BODY_WORDS)) + (5 if has_reason else 0)
    points += 10 if is_linked else 0
    why = []
    if words < FULL_BODY_WORDS:
        body = f"only {_counted(words, 'word')} of prose" if words else "no prose"
        why.append(f"the body has {body}; a sentence on why the change was needed helps its readers")
    if not has_reason:
        why.append("no reason is given (because, so that, to avoid, instead of, …)")
    if not is_linked:
        why.append("a link to an issue or pull request would say more")
    if points < SMALL_CHANGE_POINTS and changed_lines is not None and _is_small(message, changed_lines):
        points = Fraction(SMALL_CHANGE_POINTS)
        why = [f"20 of 30 points, as a small change ({_counted(changed_lines, 'line')}) needs little explanation"]
    return RubricPart(points=float(points), max=WHY_MAX, why=why)


def score_link(*, is_linked: bool) -> RubricPart:
    """Part C, 10: the message links an issue or pull request, in a project that does so."""
    why = [] if is_linked else ["no issue or pull request is linked, as is the custom of this project"]
    return RubricPart(points=LINK_MAX if is_linked else 0, max=LINK_MAX, why=why)


def score_convention(message: Message) -> RubricPart:
    """Part D, at most 15: Conventional Commits 1.0.0, in a project that follows them."""
    parsed = message.parsed
    if parsed is None:
        expected = "`type(scope): description`, with a colon and a space"
        return RubricPart(
            points=0, max=CONVENTION_MAX, why=[f"the header is no Conventional Commits header: {expected}"]
        )
    why = list(parsed.problems)
    is_known = parsed.type in conventional.TYPES
    if not is_known:
        why.append(f"the type {parsed.type[:40]!r} is none of {', '.join(sorted(conventional.TYPES))}")
    points = 8 + (4 if is_known else 0) + (0 if parsed.problems else 3)
    return RubricPart(points=points, max=CONVENTION_MAX, why=why)


def score_form(message: Message) -> RubricPart:
    """Part E, at most 10: an empty second line, body lines that fit, trailers that git can read."""
    why = []
    points = FORM_MAX
    if message.body and message.body[0].strip():
        points -= 5
        why.append("the second line is not empty, so git takes it for a part of the header")
    too_long = sum(1 for line in message.body if _is_too_long(line))
    if too_long:
        points -= 3
        why.append(f"{_counted(too_long, 'body line')} over {BODY_LINE_LENGTH} characters")
    trailers = commit_message.trailer_problem(message.body)
    if trailers:
        points -= 2
        why.append(trailers)
    return RubricPart(points=points, max=FORM_MAX, why=why)


def score_shape(changed_lines: int) -> Fraction:
    """Score the size of a change: 100 up to 200 changed lines, 50 at 400, 0 from 1,000 on, linear between."""
    lower_lines, lower_points = SHAPE_POINTS[0]
    if changed_lines <= lower_lines:
        return Fraction(lower_points)
    for lines, points in SHAPE_POINTS[1:]:
        if changed_lines <= lines:
            share = Fraction(changed_lines - lower_lines, lines - lower_lines)
            return lower_points + share * (points - lower_points)
        lower_lines, lower_points = lines, points
    return Fraction(0)


def _header_points(length: int) -> Fraction:
    """8 points up to 72 characters, falling linearly to 0 at 100."""
    over = Fraction(length - HEADER_LENGTH, HEADER_LIMIT - HEADER_LENGTH)
    return 8 * (1 - min(max(over, Fraction(0)), Fraction(1)))


def _mood_problem(description: str) -> str | None:
    prefix = _PREFIX.match(description)
    rest = description[prefix.end() :] if prefix else description
    first = rest.split(maxsplit=1)[0] if rest.strip() else ""
    imperative = IMPERATIVE_OF.get(first.casefold())
    if imperative is None:
        return None
    return f"the header begins with {first!r}; the imperative is shorter: {imperative!r}"


def _tidiness_problem(message: Message) -> str | None:
    if message.header != message.header.strip():
        return "the header begins or ends with a space"
    if _WIP.match(message.header) or _WIP.match(message.description):
        return "the header says that the work is in progress"
    if commit_message.as_written(message.header).endswith((".", "。", "…")):
        return "the header ends with a period"
    return None


def _is_small(message: Message, changed_lines: int) -> bool:
    is_side = message.parsed is not None and message.parsed.type in SIDE_TYPES
    return changed_lines <= (SMALL_SIDE_CHANGE_LINES if is_side else SMALL_CHANGE_LINES)


def _is_too_long(line: str) -> bool:
    """Over the limit, and could be broken: a line with a URL or of a single word could not."""
    return len(line) > BODY_LINE_LENGTH and "://" not in line and " " in line.strip()


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
