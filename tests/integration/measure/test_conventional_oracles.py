"""The parser of Conventional Commits and the reading of trailers, held against other readers of the same messages.

No disagreement goes unexplained: each is in ``tests/support/commit_disagreements.toml`` with the sentence that decides.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

from support import commit_oracles, commit_shapes
from support.commit_oracles import Difference, Disagreement
from support.git_project import GitProject

if TYPE_CHECKING:
    from collections.abc import Iterable

    from support.commit_shapes import Shaped

PLAIN = [*commit_shapes.plain_messages(), *commit_shapes.corpus()]
VARIED = list(commit_shapes.varied_messages())
RULES = [f"Conventional Commits 1.0.0, rule {number}" for number in range(1, 17)]
SOURCES = {*RULES, "git-interpret-trailers(1)", "git's trailer.c"}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> GitProject:
    """A directory in which git runs apart from the machine's configuration."""
    return GitProject(tmp_path_factory.mktemp("trailers"))


def by_npm(messages: list[Shaped]) -> Iterable[tuple[Shaped, Difference]]:
    """Each message with each field that an npm package reads otherwise."""
    readings = commit_oracles.npm_readings([message.text for message in messages])
    for message, reading in zip(messages, readings, strict=True):
        for difference in commit_oracles.npm_differences(message.text, reading):
            yield message, difference


def by_git(project: GitProject, messages: list[Shaped]) -> Iterable[tuple[Shaped, Difference]]:
    """Each message with each field that git reads otherwise."""
    for message in messages:
        for difference in commit_oracles.git_differences(project, message.text):
            yield message, difference


def line(message: Shaped, difference: Difference) -> Disagreement:
    """The line of the table for a difference."""
    shape = message.shape(difference.part)
    return Disagreement(difference.oracle, difference.field, shape, difference.ours, difference.theirs)


def report(found: set[Disagreement], table: set[Disagreement]) -> str:
    """The lines that the table lacks, ready to be pasted, and those that no longer occur; empty when all is well."""
    sections = {"not in the table": sorted(found - table), "no longer so": sorted(table - found)}
    return "\n".join(f"{title}:\n" + "\n".join(map(str, lines)) for title, lines in sections.items() if lines)


def test_each_disagreement_with_npm_is_decided() -> None:
    """Of each shape and of each collected message, the table says what we read, what they read, and who is right."""
    table = {entry for entry in commit_oracles.decided() if entry.oracle != "git"}
    problems = report({line(*found) for found in by_npm(PLAIN)}, table)
    assert not problems, problems


def test_each_disagreement_with_git_is_decided(project: GitProject) -> None:
    """Likewise for the trailers that git reads: against the footers, and against what the rubric takes for trailers."""
    messages = [message for message in PLAIN if message.rest]
    table = {entry for entry in commit_oracles.decided() if entry.oracle == "git"}
    problems = report({line(*found) for found in by_git(project, messages)}, table)
    assert not problems, problems


def test_a_disagreement_is_of_a_shape_not_of_its_words(project: GitProject) -> None:
    """Every header before every rest, in words of many scripts, differs only as the table says of the two shapes."""
    known = {(entry.oracle, entry.field, entry.shape) for entry in commit_oracles.decided()}
    some = [message for message in VARIED if message.header in commit_shapes.HEADERS[:4]]
    unexpected = defaultdict(list)
    for message, found in [*by_npm(VARIED), *by_git(project, some)]:
        key = (found.oracle, found.field, message.shape(found.part))
        if key not in known:
            unexpected[key].append((message.text, found.ours, found.theirs))
    assert not unexpected, {key: examples[0] for key, examples in unexpected.items()}


def test_the_generated_messages_are_many() -> None:
    """The comparison is of thousands of messages, and always of the same ones."""
    assert len(VARIED) == len(commit_shapes.HEADERS) * len(commit_shapes.RESTS) > 10_000
    assert list(commit_shapes.varied_messages()) == VARIED


def test_the_table_cites_a_sentence_for_each_decision() -> None:
    """Every group of disagreements has a numbered rule, words of it and a reason, and nothing is listed twice."""
    for decision in commit_oracles.decisions():
        assert decision.source in SOURCES
        assert decision.sentence
        assert decision.right in {"ours", "theirs", "either"}
        assert decision.why
        assert decision.disagreements
    lines = commit_oracles.decided()
    assert len(lines) == len(set(lines))
