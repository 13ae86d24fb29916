"""Scores of the commits of a range: how well each message tells what and why, and how reviewable its size is."""

from __future__ import annotations

import heapq
import re
from array import array
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from statistics import median
from typing import TYPE_CHECKING, Any, Final, Literal

from ai_code_metrics.bounds import MAX_PATH
from ai_code_metrics.errors import UsageError
from ai_code_metrics.measure import commit_message, commit_rubric, conventional
from ai_code_metrics.model import ChangeSize, CommitItem, Commits, LeftOutFile, MessageItem, RubricPart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ai_code_metrics.records import Commit, FileChange

    IsGenerated = Callable[[str], bool | str]

Choice = Literal["auto", "on", "off"]

MESSAGE_WEIGHT: Final = Fraction(85, 100)
HISTORY_LENGTH: Final = 50
LINK_CUSTOM: Final = Fraction(20, 100)
CONVENTION_CUSTOM: Final = Fraction(50, 100)
SQUASH_CUSTOM: Final = Fraction(50, 100)
MIN_HISTORY: Final = 10
"""Fewer commits show no custom: it would be the habit of one or two of them."""
MAX_SUBJECT: Final = 300
MAX_LEFT_OUT: Final = 20
MAX_ITEMS: Final = 10_000
_MAX_REASON: Final = 1_000

_VERSION: Final = r"(?:v?\d{1,9}(?:\.\w{1,20}){1,5}(?:[-+.]\w{1,20}){0,4}|v\d{1,9})"
_RELEASE_WORDS: Final = (
    r"bump|bumped|cut|for|from|new|prepare|prepared|preparing|release|released|releasing|set|tag|the|to"
    r"|update|updated|upgrade|upgraded|version"
)
_NEXT_VERSION: Final = r"next\ (?:development|dev|snapshot)\ (?:cycle|iteration|version)"
_BARE_VERSION: Final = re.compile(
    rf"""(?:\w{{1,20}}(?:\([\w.,/-]{{1,40}}\))?!?:\ )?      # chore(release):
         \W{{0,3}}(?:(?:{_RELEASE_WORDS})\b\W{{1,3}}){{0,6}}
         (?:{_NEXT_VERSION}
         |{_VERSION}(?:\W{{1,4}}(?:to\ )?{_VERSION})?)        # 1.2.3 -> 1.2.4
         \W{{0,3}}(?:\[(?:skip\ ci|ci\ skip)\])?(?:\ ?\(\#\d{{1,9}}\))?""",
    re.IGNORECASE | re.VERBOSE,
)
_RELEASE_TOOLS: Final = ("[maven-release-plugin] ", "[Gradle Release Plugin] ")
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
    """The rubric for one project: the parts that apply and why, and why the others don't."""

    link: re.Pattern[str] | None
    has_links: bool
    is_conventional: bool
    applied: tuple[str, ...]
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
    is_generated: IsGenerated,
    is_bot: Callable[[Commit], bool] = has_bot_mark,
    squash: Commit | None = None,
) -> Commits:
    """Score every commit of a range; median and worst are None where none was scored.

    A message scores 100 times its points over the points of the parts that apply; a commit 0.85 times its message and
    0.15 times its change shape, or its message alone where its changes are not known. Scores are
    rounded to two decimals, so that what is printed is what a gate compares.

    Args:
        commits: the commits, in the order in which they shall be listed; gone through once. Of more than 10,000 the
            items of the worst are kept, so that memory doesn't grow with the history.
        history: the latest commits of the base, newest first; of the first 50, those that would be scored show the
            project's customs for the parts C and D.
        options: see :class:`RubricOptions`.
        range_name: the range in words, for the report.
        is_generated: whether a path is nobody's own writing (a lock file, generated), so that its lines don't count; a
            text says what it is.
        is_bot: whether a commit is an automation's, which is not scored; a coding agent's is.
        squash: the commit that a squash merge would make of the pull request, scored beside the others where
            :func:`squash_merges`; median and worst don't hold it, since it isn't there yet.

    Raises:
        UsageError: ``options.link_pattern`` is no usable regular expression.
    """
    own = [commit for commit in history[:HISTORY_LENGTH] if skip_reason(commit, is_bot) is None]
    rubric = _rubric(own, options)

    def scored(commit: Commit) -> dict[str, Any]:
        return _scored(commit, skip_reason(commit, is_bot), rubric, is_generated)

    kept = _Kept()
    scores = array("d")
    count = 0
    for count, commit in enumerate(commits, start=1):  # noqa: B007 - it is the number of commits in the end
        item = CommitItem(sha=commit.sha, **scored(commit))
        kept.add(item)
        if item.score is not None:
            scores.append(item.score)
    return Commits(
        scored=len(scores),
        skipped=count - len(scores),
        median=round(median(scores), 2) if scores else None,
        worst=min(scores, default=None),
        items=kept.items(),
        items_left_out=count - len(kept),
        range=range_name,
        pull_request=MessageItem(**scored(squash)) if squash is not None and squash_merges(history) else None,
    )


class _Kept:
    """The items of a range, of a very long one those with the lowest scores: a summary is no place for a history."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, CommitItem]] = []  # the one to go next is on top
        self._count = 0

    def __len__(self) -> int:
        return len(self._heap)

    def add(self, item: CommitItem) -> None:
        """Keep an item, in place of the best one where there are too many; one that isn't scored goes first."""
        self._count += 1
        entry = (-inf if item.score is None else -item.score, -self._count, item)
        if len(self._heap) < MAX_ITEMS:
            heapq.heappush(self._heap, entry)
        else:
            heapq.heappushpop(self._heap, entry)

    def items(self) -> list[CommitItem]:
        """Return what was kept, in the order of the commits."""
        return [item for _, _, item in sorted(self._heap, key=lambda entry: -entry[1])]


def squash_merges(history: Sequence[Commit]) -> bool:
    """Whether half of the latest commits end in `` (#12)``, as GitHub ends those of squash merges."""
    headers = [commit.subject for commit in history[:HISTORY_LENGTH] if not commit.is_merge]
    squashed = sum(commit_message.as_written(header) != header for header in headers)
    return len(headers) >= MIN_HISTORY and Fraction(squashed, len(headers)) >= SQUASH_CUSTOM


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
    if subject.startswith(_RELEASE_TOOLS) or _BARE_VERSION.fullmatch(subject):
        return "only a version"
    return None


def change_size(changes: Iterable[FileChange], is_generated: IsGenerated) -> ChangeSize:
    """Count added and deleted lines of files that people write; binary files and pure renames have none."""
    lines = files = 0
    left_out = []
    for change in changes:
        count = (change.added or 0) + (change.deleted or 0)
        reason = _why_left_out(change, is_generated)
        if reason is None:
            files += 1
            lines += count
        else:
            left_out.append((change.path, count, reason))
    named = [
        LeftOutFile(path=path[:MAX_PATH], lines=count, reason=reason) for path, count, reason in left_out[:MAX_LEFT_OUT]
    ]
    return ChangeSize(lines=lines, files=files, left_out_files=len(left_out), left_out=named)


def _why_left_out(change: FileChange, is_generated: IsGenerated) -> str | None:
    kind = is_generated(change.path)
    if kind:
        return kind if isinstance(kind, str) else "generated"
    if change.added is None:
        return "binary file"
    return "only renamed" if change.old_path is not None and not change.added and not change.deleted else None


def _scored(commit: Commit, reason: str | None, rubric: _Rubric, is_generated: IsGenerated) -> dict[str, Any]:
    """The fields of a message's item."""
    subject = commit.subject[:MAX_SUBJECT]
    if reason is not None:
        return {"subject": subject, "skipped_reason": reason}
    size = None if commit.unknown_changes else change_size(commit.changes, is_generated)
    parts = _parts(commit, rubric, None if size is None else size.lines)
    message = _message_score(parts)
    shape = None if size is None else commit_rubric.score_shape(size.lines)
    score = message if shape is None else MESSAGE_WEIGHT * message + (1 - MESSAGE_WEIGHT) * shape
    no_shape = [f"shape: {commit.unknown_changes}"[:_MAX_REASON]] if shape is None else []
    return {
        "subject": subject,
        "score": _rounded(score),
        "message_score": _rounded(message),
        "shape_score": None if shape is None else _rounded(shape),
        "parts": parts,
        "applied": list(rubric.applied),
        "dropped": [*rubric.dropped, *no_shape],
        "size": size,
    }


def _message_score(parts: Mapping[str, RubricPart]) -> Fraction:
    reached = sum(part.points for part in parts.values())  # quarters of a point mostly, so that floats are exact
    return 100 * Fraction(reached) / Fraction(sum(part.max for part in parts.values()))


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
    links = _custom(options.links, linked, len(authored), LINK_CUSTOM, "link an issue")
    convention = _custom(
        options.conventional, following, len(authored), CONVENTION_CUSTOM, "follow Conventional Commits"
    )
    parts = (("C link", *links), ("D convention", *convention))
    return _Rubric(
        link=pattern,
        has_links=links[0],
        is_conventional=convention[0],
        applied=tuple(f"{name}: {reason}" for name, applies, reason in parts if applies),
        dropped=tuple(f"{name}: {reason}" for name, applies, reason in parts if not applies),
    )


def _custom(choice: Choice, count: int, total: int, custom: Fraction, what: str) -> tuple[bool, str]:
    """Whether a part applies, and why or why not."""
    if choice != "auto":
        return choice == "on", f"switched {choice} in the configuration"
    if not total:
        return False, "the history shows no custom"
    if total < MIN_HISTORY:
        noun = "commit" if total == 1 else "commits"
        return False, f"the history has {total} {noun} to tell customs by, and it takes {MIN_HISTORY}"
    has_custom = Fraction(count, total) >= custom
    few = "" if has_custom else "only "
    return has_custom, f"{few}{count} of the last {total} commits {what}; {100 * custom} % make it a custom"


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
