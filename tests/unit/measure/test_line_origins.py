"""The origin of each line: which evidence wins."""

from __future__ import annotations

import tracemalloc
from array import array
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.measure.identities import IdentityTable
from ai_code_metrics.measure.line_origins import Evidence, _disjoint, attribute
from ai_code_metrics.records import (
    BlamedFile,
    BlamedLines,
    Commit,
    FileBlame,
    FileVersion,
    LineOrigin,
    NotedRange,
    Notes,
)
from support.blamed_lines import blamed_file, notes

TABLE = IdentityTable.load()
TAG = "\n\nCo-authored-by: Claude Opus 4.6 <noreply@anthropic.com>"
PERSON, TAGGED, BOT, SUGGESTION = (letter * 40 for letter in "abcd")
COMMITS = {
    PERSON: Commit(PERSON, (), "Ann", "ann@example.com", 7, "subject"),
    TAGGED: Commit(TAGGED, (), "Ann", "ann@example.com", 8, f"subject{TAG}"),
    BOT: Commit(BOT, (), "renovate[bot]", "bot@renovateapp.com", 9, "subject"),
    SUGGESTION: Commit(
        SUGGESTION, (), "Ann", "ann@example.com", 9,
        "s\n\nCo-authored-by: Copilot <175728472+Copilot@users.noreply.github.com>",
    ),
}  # fmt: skip
UNTAGGED = LineOrigin("untagged", None, None, None, None, PERSON, 7)
ASSISTED = LineOrigin("ai", "assisted", "claude-code", "Claude Opus 4.6", "trailer", TAGGED, 8)


def origins(
    file: BlamedFile, told: Notes | None = None, evidence: Evidence | None = None
) -> tuple[list[LineOrigin | None], tuple[str, ...]]:
    lines = BlamedLines((file,), COMMITS, notes=told or Notes())
    found, warnings = attribute(lines, TABLE, evidence)
    return [found.at(file.path, line) for line in range(1, len(file.counted) + 1)], warnings


def test_author_and_message_declare_all_lines_of_a_commit() -> None:
    """Blank lines have no origin; of untagged and bot lines only the commit is known."""
    found, _ = origins(blamed_file("a.py", [PERSON, TAGGED, None, BOT]))
    assert found == [UNTAGGED, ASSISTED, None, LineOrigin("bot", None, None, None, None, BOT, 9)]


def test_a_note_wins_for_the_lines_that_it_covers() -> None:
    """A session is AI, an attested person human; lines that the note leaves out fall through to the commit's tag."""
    claims = [NotedRange(1, 1, "ai", "cursor", "gpt-5"), NotedRange(2, 2, "human")]
    told = notes("a.py", {TAGGED: claims, PERSON: [NotedRange(4, 9, "ai", "mock_ai")]})
    found, _ = origins(blamed_file("a.py", [TAGGED, TAGGED, TAGGED, PERSON]), told)
    assert found == [
        LineOrigin("ai", "authored", "cursor", "gpt-5", "note", TAGGED, 8),
        LineOrigin("human", None, None, None, "note", TAGGED, 8),
        ASSISTED,
        LineOrigin("ai", "authored", "other", None, "note", PERSON, 7),
    ]


def test_ranges_are_those_of_the_commits_own_version() -> None:
    """A line is looked up under the number and the path that it had when the commit added it."""
    blame = FileBlame(
        (FileVersion(PERSON, "old.py"), FileVersion(PERSON, "new.py")), array("I", [1, 2, 0, 101, 3, 2, 1, 7])
    )
    file = BlamedFile("new.py", blame, b"\1" * 4)
    told = Notes({FileVersion(PERSON, "old.py"): (NotedRange(102, 500, "ai"),),
                  FileVersion(PERSON, "new.py"): (NotedRange(1, 7, "ai"),)})  # fmt: skip
    found, _ = origins(file, told)
    assert [origin and origin.origin for origin in found] == ["untagged", "ai", "ai", "untagged"]


def test_notes_on_other_commits_and_beyond_the_file_are_ignored() -> None:
    """A note that doesn't fit its file or names a commit outside of the view tags nothing."""
    told = notes("a.py", {"f" * 40: [NotedRange(1, 9, "ai")], PERSON: [NotedRange(5, 2**31 - 1, "ai")]})
    found, _ = origins(blamed_file("a.py", [PERSON, PERSON]), told)
    assert found == [UNTAGGED, UNTAGGED]


def test_a_note_may_speak_of_a_bots_commit() -> None:
    """What a note covers is no automation, whoever committed it."""
    found, _ = origins(blamed_file("a.py", [BOT, BOT]), notes("a.py", {BOT: [NotedRange(2, 2, "ai", "claude")]}))
    assert [origin and origin.origin for origin in found] == ["bot", "ai"]


def test_suggestions_count_as_ai_where_asked_for() -> None:
    """The evidence stays what it is."""
    for count, expected in ((False, "suggestion"), (True, "ai")):
        found, _ = origins(blamed_file("a.py", [SUGGESTION]), evidence=Evidence(count_suggestions=count))
        assert found[0] is not None
        assert (found[0].origin, found[0].source, found[0].agent) == (expected, "trailer", "copilot-review")


def test_markers_tag_lines_that_nothing_else_tags() -> None:
    """The weakest evidence: an attested, tagged, bot or suggested line stays what it is, a blank one isn't counted."""
    commits = [PERSON, PERSON, None, TAGGED, BOT, PERSON, PERSON]
    marked = {1: "# BEGIN AI-GENERATED", 6: "# END AI-GENERATED"}
    file, told = blamed_file("a.py", commits, marked), notes("a.py", {PERSON: [NotedRange(2, 2, "human")]})
    found, _ = origins(file, told, Evidence(markers=("default",)))
    by_marker = LineOrigin("ai", "assisted", "other", None, "marker", PERSON, 7)
    assert [origin and origin.source for origin in found] == ["marker", "note", None, "trailer", None, "marker", None]
    assert found[0] == found[5] == by_marker
    assert origins(file, told)[0][0] == UNTAGGED


def test_markers_that_make_no_sense_are_named() -> None:
    """The warning says which file and line."""
    _, warnings = origins(
        blamed_file("a.py", [PERSON], {1: "# END AI-GENERATED"}), evidence=Evidence(markers=("default",))
    )
    assert warnings == ("markers of a.py: line 1 ends a region that has not begun",)


def test_a_session_without_lines_is_reported_and_not_counted() -> None:
    """A checkpoint's trailer says that an agent was there; the lines stay untagged."""
    commit = Commit(PERSON, (), "Ann", "ann@example.com", 7, "subject\n\nEntire-Checkpoint: 0123456789ab")
    found, warnings = attribute(BlamedLines((blamed_file("a.py", [PERSON]),), {PERSON: commit}), TABLE)
    assert found.at("a.py", 1) == UNTAGGED
    assert warnings == ("Entire-Checkpoint: messages that name an agent's session, but not its lines, tag none: 1",)


def test_lines_that_are_not_there_have_no_origin() -> None:
    """Asking for another file, line 0 or a line behind the last is answered by None."""
    found, _ = attribute(BlamedLines((blamed_file("a.py", [PERSON]),), COMMITS), TABLE)
    assert [found.at("b.py", 1), found.at("a.py", 0), found.at("a.py", 2), found.at("a.py", -1)] == [None] * 4


def test_many_hunks_and_claims_are_matched() -> None:
    """A file of many hunks whose note has as many claims is no quadratic matter."""
    commits = [PERSON, TAGGED] * 100_000
    told = notes("a.py", {PERSON: [NotedRange(line, line, "ai") for line in range(1, 200_001, 2)]})
    found, _ = attribute(BlamedLines((blamed_file("a.py", commits),), COMMITS, notes=told), TABLE)
    assert [found.at("a.py", line).source for line in (1, 2, 199_999)] == ["note", "trailer", "note"]  # type: ignore[union-attr]


RANGES = st.lists(
    st.tuples(st.integers(1, 30), st.integers(0, 12), st.booleans()).map(
        lambda drawn: NotedRange(drawn[0], drawn[0] + drawn[1], "ai" if drawn[2] else "human", str(drawn))
    ),
    max_size=12,
)


@given(RANGES)
def test_of_overlapping_claims_the_first_counts(claims: list[NotedRange]) -> None:
    """Each claimed line goes to the first claim that covers it, and no line is claimed twice."""
    found = _disjoint(claims)
    expected = {}
    for claim in reversed(claims):
        expected.update(dict.fromkeys(range(claim.first, claim.last + 1), claim.agent))
    lines = [(line, claim.agent) for claim in found for line in range(claim.first, claim.last + 1)]
    assert len({line for line, _ in lines}) == len(lines)
    assert dict(lines) == expected


@given(st.lists(st.sampled_from([PERSON, TAGGED, BOT, SUGGESTION, None]), max_size=30), RANGES)
def test_notes_and_hunks_agree_line_by_line(commits: list[str | None], claims: list[NotedRange]) -> None:
    """However lines fall into hunks, each is looked up by its own number, and every counted line has an origin."""
    told = notes("a.py", {PERSON: claims})
    found, _ = origins(blamed_file("a.py", commits), told)
    for line, (sha, origin) in enumerate(zip(commits, found, strict=True), start=1):
        claim = next((claim for claim in claims if claim.first <= line <= claim.last), None)
        assert (origin is None) == (sha is None)
        if origin is not None and sha == PERSON:
            assert origin.origin == ("untagged" if claim is None else claim.origin)


@pytest.mark.parametrize("commits", [[PERSON] * 1_000_000, [PERSON, TAGGED] * 500_000])
def test_a_million_lines_fit_in_little_memory(commits: list[str]) -> None:
    """The record takes four bytes a line, whatever the hunks look like."""
    file = blamed_file("a.py", [PERSON])
    numbers = array("I", [1, 1_000_000, 0, 1]) if len(set(commits)) == 1 else array("I")
    if not numbers:
        for line in range(1, 1_000_001):
            numbers.extend((line, 1, line % 2, line))
    versions = (FileVersion(PERSON, "a.py"), FileVersion(TAGGED, "a.py"))
    file = replace(file, blame=FileBlame(versions, numbers), counted=b"\1" * 1_000_000)
    tracemalloc.start()
    try:
        found, _ = attribute(BlamedLines((file,), COMMITS), TABLE)
        size, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert found.at("a.py", 1_000_000) is not None
    assert (size < 8_000_000, peak < 20_000_000) == (True, True)
