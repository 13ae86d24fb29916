"""Scores of the commits of a range: how well each message tells what and why, and how reviewable its size is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import TYPE_CHECKING, Final, Literal

from ai_code_metrics.errors import UsageError
from ai_code_metrics.measure import commit_message, commit_rubric, conventional
from ai_code_metrics.model import CommitItem, Commits, RubricPart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ai_code_metrics.records import Commit

Choice = Literal["auto", "on", "off"]

MESSAGE_WEIGHT: Final = Fraction(85, 100)
HISTORY_LENGTH: Final = 50
LINK_CUSTOM: Final = Fraction(20, 100)
CONVENTION_CUSTOM: Final = Fraction(50, 100)
MAX_SUBJECT: Final = 300
_MAX_REASON: Final = 1_000

_VERSION: Final = r"(?:v?\d{1,9}(?:\.\w{1,20}){1,5}(?:[-+.]\w{1,20}){0,4}|v\d{1,9})"
_RELEASE_WORDS: Final = r"bump|bumped|cut|for|from|new|prepare|release|released|releasing|set|tag|the|to|version"
_BARE_VERSION: Final = re.compile(
    rf"""(?:\w{{1,20}}(?:\([\w.,/-]{{1,40}}\))?!?:\ )?      # chore(release):
         \W{{0,3}}(?:(?:{_RELEASE_WORDS})\b\W{{1,3}}){{0,6}}
         {_VERSION}(?:\W{{1,4}}(?:to\ )?{_VERSION})?          # 1.2.3 -> 1.2.4
         \W{{0,3}}(?:\[(?:skip\ ci|ci\ skip)\])?(?:\ ?\(\#\d{{1,9}}\))?""",
    re.IGNORECASE | re.VERBOSE,
)
_GIT_REVERT: Final = re.compile(r'(?:Revert|Reapply) ".*"(?: \(#\d{1,9}\))?')
_AUTOSQUASH: Final = ("fixup! ", "squash! ", "amend! ")


@dataclass(frozen=True, slots=True)
class RubricOptions:
    """Which parts apply (``auto``: where the project's history has the custom), and a further kind of issue link."""

    conventional: Choice = "auto"
    links: Choice = "auto"
    link_pattern: str = ""


@dataclass(frozen=True, slots=True)
class _Rubric:
    """The rubric for one project: the parts that apply, and why the others don't."""

    link: re.Pattern[str] | None
    has_links: bool
    is_conventional: bool
    dropped: tuple[str, ...]


def has_bot_mark(commit: Commit) -> bool:
    """Whether the author's name or address says ``[bot]``; whether that is a coding agent, it doesn't say."""
    return "[bot]" in commit.author_name or "[bot]" in commit.author_email


def score_commits(
    commits: Iterable[Commit],
    *,
    history: Sequence[Commit],
    options: RubricOptions,
    range_name: str,
    is_generated: Callable[[str], bool],
    is_bot: Callable[[Commit], bool] = has_bot_mark,
) -> Commits:
    """Score every commit of a range; median and worst are None where none was scored.

    A message scores 100 times its points over the points of the parts that apply; a commit 0.85 times its message and
    0.15 times its change shape, or its message alone where its changes are not known. Scores are
    rounded to two decimals, so that what is printed is what a gate compares.

    Args:
        commits: the commits, in the order in which they shall be listed.
        history: the latest commits of the base, newest first; of the first 50, those that would be scored show the
            project's customs for the parts C and D.
        options: see :class:`RubricOptions`.
        range_name: the range in words, for the report.
        is_generated: whether a path is nobody's own writing (a lock file, generated), so that its lines don't count.
        is_bot: whether a commit is an automation's, which is not scored; a coding agent's is.

    Raises:
        UsageError: ``options.link_pattern`` is no usable regular expression.
    """
    own = [commit for commit in history[:HISTORY_LENGTH] if skip_reason(commit, is_bot) is None]
    rubric = _rubric(own, options)
    items = [_score(commit, skip_reason(commit, is_bot), rubric, is_generated) for commit in commits]
    scores = [item.score for item in items if item.score is not None]
    return Commits(
        scored=len(scores),
        skipped=len(items) - len(scores),
        median=round(median(scores), 2) if scores else None,
        worst=min(scores, default=None),
        items=items,
        range=range_name,
    )


def skip_reason(commit: Commit, is_bot: Callable[[Commit], bool] = has_bot_mark) -> str | None:
    """Say why a commit is listed but not scored: nobody wrote its message as one of their own."""
    subject = commit.subject[: commit_message.MAX_HEADER]
    if commit.is_merge:
        return "a merge"
    if is_bot(commit):
        return "by a bot"
    if _GIT_REVERT.fullmatch(subject):
        return "a revert in git's own words"
    if subject.startswith(_AUTOSQUASH):
        return "to be squashed (fixup!, squash! or amend!)"
    if _BARE_VERSION.fullmatch(subject):
        return "only a version"
    return None


def changed_lines(commit: Commit, is_generated: Callable[[str], bool]) -> int:
    """Added and deleted lines of files that people write; binary files and pure renames have none."""
    return sum(
        (change.added or 0) + (change.deleted or 0) for change in commit.changes if not is_generated(change.path)
    )


def _score(commit: Commit, reason: str | None, rubric: _Rubric, is_generated: Callable[[str], bool]) -> CommitItem:
    subject = commit.subject[:MAX_SUBJECT]
    if reason is not None:
        return CommitItem(sha=commit.sha, subject=subject, skipped_reason=reason)
    lines = None if commit.unknown_changes else changed_lines(commit, is_generated)
    parts = _parts(commit, rubric, lines)
    message = _message_score(parts)
    shape = None if lines is None else commit_rubric.score_shape(lines)
    score = message if shape is None else MESSAGE_WEIGHT * message + (1 - MESSAGE_WEIGHT) * shape
    no_shape = [f"shape: {commit.unknown_changes}"[:_MAX_REASON]] if shape is None else []
    return CommitItem(
        sha=commit.sha,
        subject=subject,
        score=_rounded(score),
        message_score=_rounded(message),
        shape_score=None if shape is None else _rounded(shape),
        parts=parts,
        dropped=[*rubric.dropped, *no_shape],
    )


def _message_score(parts: Mapping[str, RubricPart]) -> Fraction:
    reached = sum((Fraction(part.points) for part in parts.values()), Fraction(0))
    possible = sum((Fraction(part.max) for part in parts.values()), Fraction(0))
    return 100 * reached / possible


def _parts(commit: Commit, rubric: _Rubric, lines: int | None) -> dict[str, RubricPart]:
    message = commit_message.read(commit.message)
    is_linked = commit_message.has_link(commit.message, rubric.link)
    parts = {
        "what": commit_rubric.score_what(message),
        "why": commit_rubric.score_why(message, changed_lines=lines, is_linked=is_linked),
    }
    if rubric.has_links:
        parts["link"] = commit_rubric.score_link(is_linked=is_linked)
    if rubric.is_conventional:
        parts["convention"] = commit_rubric.score_convention(message)
    parts["form"] = commit_rubric.score_form(message)
    return parts


def _rubric(authored: Sequence[Commit], options: RubricOptions) -> _Rubric:
    pattern = _compile(options.link_pattern)
    linked = sum(commit_message.has_link(commit.message, pattern) for commit in authored)
    following = sum(conventional.is_conventional(commit.message) for commit in authored)
    no_links = _why_dropped(options.links, linked, len(authored), LINK_CUSTOM, "link an issue")
    no_convention = _why_dropped(
        options.conventional, following, len(authored), CONVENTION_CUSTOM, "follow Conventional Commits"
    )
    dropped = [f"C link: {no_links}"] if no_links else []
    dropped += [f"D convention: {no_convention}"] if no_convention else []
    return _Rubric(pattern, not no_links, not no_convention, tuple(dropped))


def _why_dropped(choice: Choice, count: int, total: int, custom: Fraction, what: str) -> str | None:
    if choice == "on":
        return None
    if choice == "off":
        return "switched off in the configuration"
    if not total:
        return "the history before the range shows no custom"
    if Fraction(count, total) >= custom:
        return None
    return f"only {count} of the last {total} commits {what}"


def _compile(pattern: str) -> re.Pattern[str] | None:
    if not pattern:
        return None
    try:
        compiled = re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as error:
        raise UsageError(f"link-pattern: {pattern[:100]!r} is no regular expression: {error}") from None
    if compiled.search(""):
        raise UsageError(
            f"link-pattern: {pattern[:100]!r} matches the empty text, so that every commit would have a link"
        )
    return compiled


def _rounded(score: Fraction) -> float:
    return float(round(score, 2))
