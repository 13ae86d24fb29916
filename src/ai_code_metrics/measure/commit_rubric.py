"""The commit rubric: parts A to E of a message, each with its points and the sentences that explain them.

``earned`` says what brought its points. Where a part loses some, ``why`` says what a reader misses, so that its author
can accept it. On commit messages that people labelled (Tian et al., "What makes a good commit message?", ICSE 2022) a
plain check for prefix, length and issue number tells good from bad no better than chance.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

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


class _Criterion(NamedTuple):
    """One rule of a part: its points, what earned them, and what a reader misses (none where all are earned)."""

    points: float
    max: int
    met: str
    missed: tuple[str, ...]


def score_what(message: Message) -> RubricPart:
    """Part A, at most 35: the header says what changed, is short enough, imperative and tidy."""
    if not message.header.strip():
        return RubricPart(points=0, max=WHAT_MAX, why=["the message has no header"])
    mood, tidiness = _mood_problem(message.description), _tidiness_problem(message)
    return _part(
        WHAT_MAX,
        _words(message.content_words),
        _length(len(commit_message.as_written(message.header))),
        _all_or_nothing(4, "the header doesn't begin with a verb's -s, -ed or -ing form", mood),
        _all_or_nothing(3, "the header is tidy: no WIP, no stray space, no period at its end", tidiness),
    )


def score_why(message: Message, *, changed_lines: int | None, is_linked: bool) -> RubricPart:
    """Part B, at most 30: the body says why; a small change needs none, if its header says what it is.

    Args:
        message: the message.
        changed_lines: added and deleted lines that are not generated; None: not known, so not known to be small.
        is_linked: whether the message links an issue.
    """
    reason = REASON.search(f"{message.description} {message.prose}")
    no_reason = None if reason else "no reason is given (because, so that, to avoid, instead of, …)"
    no_link = None if is_linked else "a link to an issue or pull request would say more"
    criteria = (
        _explanation(commit_message.count_words(message.prose)),
        _all_or_nothing(5, f"a reason is given ({reason[0] if reason else ''})", no_reason),
        _all_or_nothing(10, "an issue or pull request is linked", no_link),
    )
    is_small = changed_lines is not None and _is_small(message, changed_lines)
    if is_small and message.content_words and sum(rule.points for rule in criteria) < SMALL_CHANGE_POINTS:
        return _small_change(changed_lines or 0)
    part = _part(WHY_MAX, *criteria)
    if is_small and not message.content_words and part.points < SMALL_CHANGE_POINTS:
        part.why.append("even a small change needs a header that tells what changed")
    return part


def score_link(*, is_linked: bool) -> RubricPart:
    """Part C, 10: the message links an issue or pull request, in a project that does so."""
    problem = None if is_linked else "no issue or pull request is linked, as is the custom of this project"
    return _part(LINK_MAX, _all_or_nothing(LINK_MAX, "an issue or pull request is linked", problem))


def score_convention(message: Message) -> RubricPart:
    """Part D, at most 15: Conventional Commits 1.0.0, in a project that follows them."""
    parsed = message.parsed
    if parsed is None:
        expected = "`type(scope): description`, with a colon and a space"
        return RubricPart(
            points=0, max=CONVENTION_MAX, why=[f"the header is no Conventional Commits header: {expected}"]
        )
    name = repr(parsed.type[:40])
    is_known = parsed.type in conventional.TYPES
    no_type = None if is_known else f"the type {name} is none of {', '.join(sorted(conventional.TYPES))}"
    return _part(
        CONVENTION_MAX,
        _Criterion(8, 8, "the header is a Conventional Commits header", ()),
        _Criterion(0 if parsed.problems else 3, 3, "footers and breaking changes are well formed", parsed.problems),
        _all_or_nothing(4, f"the type {name} is a usual one", no_type),
    )


def score_form(message: Message) -> RubricPart:
    """Part E, at most 10: an empty second line, body lines that fit, trailers that git can read."""
    if message.says_nothing:
        problem = "the header doesn't tell what changed, and there is no body whose form could count"
        return RubricPart(points=0, max=FORM_MAX, why=[problem])
    if not message.body:
        return _part(FORM_MAX, _Criterion(FORM_MAX, FORM_MAX, "there is no body that could be out of form", ()))
    is_attached = bool(message.body[0].strip())
    attached = "the second line is not empty, so git takes it for a part of the header" if is_attached else None
    too_long = sum(1 for line in message.body if _is_too_long(line))
    length = f"{_counted(too_long, 'body line')} over {BODY_LINE_LENGTH} characters" if too_long else None
    trailers = commit_message.trailer_problem(message.body)
    return _part(
        FORM_MAX,
        _all_or_nothing(5, "the second line is empty", attached),
        _all_or_nothing(3, f"no body line is over {BODY_LINE_LENGTH} characters", length),
        _all_or_nothing(2, "there is no trailer that git can't read", trailers),
    )


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


def _part(limit: int, *criteria: _Criterion) -> RubricPart:
    return RubricPart(
        points=float(sum(rule.points for rule in criteria)),
        max=limit,
        why=[sentence for rule in criteria for sentence in rule.missed],
        earned=[f"{round(rule.points, 2):g} of {rule.max}: {rule.met}" for rule in criteria if rule.points],
    )


def _all_or_nothing(points: int, met: str, problem: str | None) -> _Criterion:
    return _Criterion(points, points, met, ()) if problem is None else _Criterion(0, points, met, (problem,))


def _words(count: int) -> _Criterion:
    """20 points for three words or more, 12 for two, 5 for one."""
    met = f"the header has {_counted(count, 'word')} that {'tells' if count == 1 else 'tell'} what changed"
    limit = len(WORD_POINTS) - 1
    missed = () if count >= limit else (f"{met}; three or more make it clear",)
    return _Criterion(WORD_POINTS[min(count, limit)], WORD_POINTS[limit], met, missed)


def _length(length: int) -> _Criterion:
    """8 points up to 72 characters, falling linearly to 0 at 100."""
    met = f"the header has {_counted(length, 'character')}"
    if length <= HEADER_LENGTH:
        return _Criterion(8, 8, f"{met}, at most {HEADER_LENGTH} fit", ())
    left = max(0, HEADER_LIMIT - length) / (HEADER_LIMIT - HEADER_LENGTH)
    return _Criterion(8 * left, 8, met, (f"{met}; lists cut it after {HEADER_LENGTH}",))


def _explanation(words: int) -> _Criterion:
    """15 points for twelve words of prose, in proportion below."""
    points = 15 * min(1.0, words / FULL_BODY_WORDS)
    met = f"the body has {_counted(words, 'word')} of prose"
    if words >= FULL_BODY_WORDS:
        return _Criterion(points, 15, met, ())
    body = f"only {_counted(words, 'word')} of prose" if words else "no prose"
    missed = f"the body has {body}; a sentence on why the change was needed helps its readers"
    return _Criterion(points, 15, met, (missed,))


def _small_change(lines: int) -> RubricPart:
    size, rest = _counted(lines, "line"), WHY_MAX - SMALL_CHANGE_POINTS
    return RubricPart(
        points=SMALL_CHANGE_POINTS,
        max=WHY_MAX,
        why=[f"a small change ({size}) needs no more; a body, a reason or a link would bring the other {rest} points"],
        earned=[f"{SMALL_CHANGE_POINTS} of {WHY_MAX}: a small change ({size}) needs little explanation"],
    )


def _mood_problem(description: str) -> str | None:
    prefix = _PREFIX.match(description)
    rest = description[prefix.end() :] if prefix else description
    first = rest.split(maxsplit=1)[0] if rest.strip() else ""
    imperative = IMPERATIVE_OF.get(first.casefold())
    if imperative is None:
        return None
    return f"the header begins with {first!r}; the imperative is shorter: {imperative!r}"


def _tidiness_problem(message: Message) -> str | None:
    if message.is_trailer:
        return "the header is a trailer"
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
