"""Counting lines by their declared origin."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.measure import attribution
from ai_code_metrics.measure.identities import IdentityTable
from ai_code_metrics.measure.line_origins import Evidence, attribute
from ai_code_metrics.model import AgentLines, AttributionView, FileAttribution
from ai_code_metrics.records import BlamedLines, Commit, NotedRange
from support import blamed_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

TABLE = IdentityTable.load()
NO_REPLY = "users.noreply.github.com"
AI, ASSISTED, PERSON, BOT, SUGGESTION = (letter * 40 for letter in "abcde")


def commit(sha: str, author: str = "ann@example.com", line: str = "") -> Commit:
    return Commit(sha, (), "Ann", author, 0, f"subject\n\n{line}")


COMMITS = {
    item.sha: item
    for item in (
        commit(AI, "noreply@anthropic.com"),
        commit(ASSISTED, line="Co-authored-by: aider (gpt-5) <noreply@aider.chat>"),
        commit(PERSON),
        commit(BOT, f"1+renovate[bot]@{NO_REPLY}"),
        commit(SUGGESTION, line=f"Co-authored-by: Copilot <175728472+Copilot@{NO_REPLY}>"),
    )
}


def blamed(*files: tuple[str, Sequence[str | None]], commits: dict[str, Commit] | None = None) -> BlamedLines:
    return blamed_lines.blamed(*files, commits=commits or COMMITS)


def view(
    name: Literal["changed", "surviving"], lines: BlamedLines, *, count_suggestions: bool = False
) -> AttributionView:
    origins, warnings = attribute(lines, TABLE, Evidence(count_suggestions=count_suggestions))
    return attribution.view(name, lines, origins, warnings=warnings)


MIXED = blamed(
    ("person.py", [PERSON, PERSON, None, PERSON]),
    ("mixed.py", [AI, None, AI, AI, PERSON, BOT, SUGGESTION]),
    ("assisted.py", [ASSISTED, ASSISTED, BOT]),
)


def test_lines_are_counted_by_origin_source_kind_agent_and_commit() -> None:
    """Each line is counted once in each division; bots and suggestions are outside the share."""
    counted = view("surviving", MIXED)
    assert (counted.ai_lines, counted.untagged_lines, counted.bot_lines, counted.suggestion_lines) == (5, 4, 2, 1)
    assert (counted.counted_lines, counted.ai_share, counted.human_lines) == (9, 5 / 9, 0)
    assert counted.by_source == {"note": 0, "author": 3, "trailer": 2, "marker": 0}
    assert counted.by_kind == {"authored": 3, "assisted": 2}
    assert counted.by_agent == {"claude-code": AgentLines(lines=3), "aider": AgentLines(lines=2, models={"gpt-5": 2})}
    assert (counted.commits.total, counted.commits.tagged, counted.commits.with_note) == (5, 2, 0)
    assert counted.commits.by_origin == {"ai": 2, "human": 0, "untagged": 1, "suggestion": 1, "bot": 1}


def test_files_with_most_ai_lines_come_first() -> None:
    """Files are sorted by AI lines, then by path."""
    files = view("changed", MIXED).by_file
    assert [file.path for file in files] == ["mixed.py", "assisted.py", "person.py"]
    assert files[0] == FileAttribution(
        path="mixed.py", ai_lines=3, human_lines=0, untagged_lines=1, suggestion_lines=1, bot_lines=1
    )


def test_suggestions_count_as_ai_where_asked_for() -> None:
    """By option accepted suggestions are AI lines in every division."""
    counted = view("surviving", MIXED, count_suggestions=True)
    assert (counted.ai_lines, counted.suggestion_lines, counted.ai_share) == (6, 0, 0.6)
    assert counted.by_agent["copilot-review"] == AgentLines(lines=1)
    assert counted.by_source["trailer"] == counted.by_kind["assisted"] == 3


@pytest.mark.parametrize("files", [[], [("bot.py", [BOT, None])]])
def test_without_counted_lines_there_is_no_share(files: list[tuple[str, list[str | None]]]) -> None:
    """A share of nothing is null, not 0; all keys are there."""
    counted = view("changed", blamed(*files))
    assert (counted.ai_share, counted.counted_lines) == (None, 0)
    assert set(counted.by_source) == {"note", "author", "trailer", "marker"}
    assert set(counted.by_kind) == {"authored", "assisted"}


def test_a_commit_that_owns_no_line_is_not_counted() -> None:
    """Metadata alone is no commit of the view."""
    assert view("changed", blamed(("a.py", [PERSON]))).commits.total == 1


def test_foreign_text_is_bounded_and_the_view_fits_its_schema() -> None:
    """Endless paths, reasons and warnings are cut, models beyond the first 20 are joined, so that readers accept it."""
    shas = [f"{number:040x}" for number in range(30)]
    commits = {sha: commit(sha, line=f"Assisted-by: Claude:m{sha}") for sha in shas}
    lines = replace(
        blamed(("p" * 9_000, shas), commits=commits),
        excluded_lines=7, skipped=(("s" * 9_000, "r" * 9_000),), warnings=("w" * 9_000,),
    )  # fmt: skip
    counted = view("changed", lines)
    models = counted.by_agent["claude-code"].models
    assert (len(models), models["other"], sum(models.values()), counted.excluded_lines) == (21, 10, 30, 7)
    assert msgspec.json.decode(msgspec.json.encode(counted), type=AttributionView) == counted


LINES = st.lists(st.sampled_from([AI, ASSISTED, PERSON, BOT, SUGGESTION, None]), max_size=30)


@given(st.lists(LINES, max_size=5), st.booleans())
def test_origins_add_up(files: list[list[str | None]], count_suggestions: bool) -> None:  # noqa: FBT001 - generated
    """Lines of all origins add up to the lines given, in total, by file, by source, by kind and by agent."""
    lines = blamed(*((f"{number}.py", commits) for number, commits in enumerate(files)))
    counted = view("surviving", lines, count_suggestions=count_suggestions)
    assert counted.counted_lines == counted.ai_lines + counted.human_lines + counted.untagged_lines
    given_lines = sum(sha is not None for commits in files for sha in commits)
    assert counted.counted_lines + counted.suggestion_lines + counted.bot_lines == given_lines
    assert sum(counted.by_source.values()) == sum(counted.by_kind.values()) == counted.ai_lines
    assert sum(agent.lines for agent in counted.by_agent.values()) == counted.ai_lines
    assert sum(file.ai_lines for file in counted.by_file) == counted.ai_lines
    assert sum(counted.commits.by_origin.values()) == counted.commits.total


@given(LINES, st.integers(0, 20))
def test_untagged_lines_never_raise_the_share(lines: list[str | None], more: int) -> None:
    """Adding a person's lines adds no AI line and never raises the share."""
    before = view("changed", blamed(("a.py", lines)))
    after = view("changed", blamed(("a.py", lines + [PERSON] * more)))
    assert after.ai_lines == before.ai_lines
    assert (after.ai_share or 0) <= (before.ai_share or 0)


@given(st.lists(LINES, min_size=2, max_size=5), st.integers(1, 4))
def test_a_partition_of_the_files_adds_up_to_the_whole(files: list[list[str | None]], cut: int) -> None:
    """Counting two halves of the files and adding gives the whole."""
    named = [(f"{number}.py", lines) for number, lines in enumerate(files)]
    whole, one, other = (view("changed", blamed(*part)) for part in (named, named[:cut], named[cut:]))
    for field in ("ai_lines", "untagged_lines", "bot_lines", "suggestion_lines", "counted_lines"):
        assert getattr(one, field) + getattr(other, field) == getattr(whole, field)


def test_notes_are_counted_by_source_kind_and_commit() -> None:
    """Lines that a note attests are counted as such; a commit with AI lines by its note alone is tagged."""
    claims = [NotedRange(1, 2, "ai", "cursor", "gpt-5"), NotedRange(3, 3, "human")]
    told = blamed_lines.notes("a.py", {PERSON: claims})
    counted = view("changed", replace(blamed(("a.py", [PERSON] * 4 + [BOT])), notes=told))
    assert (counted.ai_lines, counted.human_lines, counted.untagged_lines, counted.bot_lines) == (2, 1, 1, 1)
    assert counted.by_source == {"note": 2, "author": 0, "trailer": 0, "marker": 0}
    assert counted.by_agent == {"cursor": AgentLines(lines=2, models={"gpt-5": 2})}
    assert (counted.commits.total, counted.commits.tagged, counted.commits.with_note) == (2, 1, 1)
    assert counted.ai_share == 0.5


def test_a_commit_has_the_strongest_origin_of_its_lines() -> None:
    """A commit whose note attests human lines, and no AI line, counts as human."""
    told = blamed_lines.notes("a.py", {PERSON: [NotedRange(1, 1, "human")]})
    counted = view("changed", replace(blamed(("a.py", [PERSON] * 2)), notes=told))
    assert counted.commits.by_origin["human"] == 1
