"""Hold the commit score against people's judgement: how well it tells messages that they call good from the others.

The labels are those of Tian et al., "What makes a good commit message?" (ICSE 2022): 1,597 messages of atomic commits
of five projects; 0 means that a message says both what changed and why. The data has no sizes of changes, so that no
message is excused by a small one. With ``--clones`` the commits themselves are scored, with their sizes, each by the
customs of the 50 before it, as a user meets them. What gets no score (a version commit, a revert) is in no area.
The area under the ROC curve is the share of pairs of a good and another message that the score puts in the right order,
ties counting half.

Not part of the test suite: the data is fetched from https://github.com/WhatMakesAGoodCM/What-Makes-a-Good-Commit-Message
(`Dataset/sampled messages.csv`), the clones from where its URLs say. Exits with 1 below the figures that the rubric was
built with.

Example:
    python tests/oracles/commit_labels.py "sampled messages.csv" --clones DIRECTORY
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import statistics
import sys
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ai_code_metrics.collect import attributes, history
from ai_code_metrics.collect.commit_range import read_habit
from ai_code_metrics.collect.repository import Repository
from ai_code_metrics.measure.commits import RubricOptions, score_commits
from ai_code_metrics.records import Commit

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Sequence

    Scorer = Callable[[Sequence["Labelled"]], Sequence[float | None]]

POOLED: Final = 0.748
MACRO: Final = 0.69
RESAMPLES: Final = 2_000
GOOD: Final = "0"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message with its project and whether people call it good."""

    project: str
    sha: str
    message: str
    is_good: bool


def read(path: Path) -> list[Labelled]:
    """Read the messages of atomic commits; line ends are written as ``<enter>`` in the data."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["if_mulit_commit"] != "1"]
    return [_labelled(row) for row in rows]


def _labelled(row: dict[str, str]) -> Labelled:
    project, _, sha = row["url"].split("/")[-3:]
    return Labelled(project, sha, _lines(row["message"]), row["label"] == GOOD)


def _lines(text: str) -> str:
    return "\n".join(line.strip() for line in text.split("<enter>"))


def message_scores(messages: Sequence[Labelled]) -> list[float | None]:
    """Score the messages of one project; its own messages tell the customs of links and of types."""
    commits = [
        Commit(f"{number:040x}", (), "Ann", "ann@example.com", 0, labelled.message, (), "sizes are not in the data")
        for number, labelled in enumerate(messages)
    ]
    by_sha = _scores(commits, commits[:50], frozenset())
    return [by_sha[commit.sha] for commit in commits]


def commit_scores(clone: Path, labels: Sequence[Labelled], *, with_sizes: bool) -> list[float | None]:
    """Score the commits of one project, each by the customs of those before it; None: not scored, or not there."""
    repository = Repository.open(clone, os.environ)
    known = [label.sha for label in labels if repository.resolve(label.sha)]
    commits = [commit for sha in known for commit in history.read_commits(repository, sha, limit=1)]
    if not with_sizes:
        commits = [replace(commit, changes=(), unknown_changes="left out") for commit in commits]
    generated = attributes.generated_paths(repository, {change.path for commit in commits for change in commit.changes})
    by_sha: dict[str, float | None] = {}
    for commit in commits:
        habit = read_habit(repository, commit.parents[0]) if commit.parents else ()
        by_sha |= _scores([commit], habit, generated)
    return [by_sha.get(label.sha) for label in labels]


def _scores(commits: Sequence[Commit], habit: Sequence[Commit], generated: Container[str]) -> dict[str, float | None]:
    scored = score_commits(
        commits,
        history=habit,
        options=RubricOptions(),
        range_name="labelled",
        is_generated=lambda path: path in generated,
        is_bot=lambda _: False,
    )
    return {item.sha: item.message_score for item in scored.items}


def naive_score(message: str) -> float:
    """The rule that the rubric replaced: a prefix, a length between 10 and 72 characters, an issue number."""
    points = 100
    points -= 20 * (not message.startswith(("feat", "fix", "docs", "style", "refactor", "test", "chore")))
    points -= 30 * (len(message) < 10) + 10 * (len(message) > 72)
    return points - 10 * ("#" not in message)


def area(scores: Iterable[tuple[float, bool]]) -> float:
    """The area under the ROC curve, by ranks (Mann and Whitney 1947); 0.5 where one of the two kinds is missing."""
    ranked = sorted(scores)
    good = sum(is_good for _, is_good in ranked)
    others = len(ranked) - good
    rank_sum, start = 0.0, 0
    while start < len(ranked):
        end = start
        while end < len(ranked) and ranked[end][0] == ranked[start][0]:
            end += 1
        rank_sum += (start + 1 + end) / 2 * sum(is_good for _, is_good in ranked[start:end])
        start = end
    return (rank_sum - good * (good + 1) / 2) / (good * others) if good and others else 0.5


def interval(scores: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """The 95 % percentile interval of the area over resamples, with a fixed seed."""
    draw = random.Random(1)  # noqa: S311 - statistics, no secret
    areas = sorted(area(draw.choices(scores, k=len(scores))) for _ in range(RESAMPLES))
    return areas[int(0.025 * RESAMPLES)], areas[int(0.975 * RESAMPLES) - 1]


def report(name: str, labelled: Sequence[Labelled], score: Scorer) -> list[float]:
    """Print a score's areas, over the messages that it scores; return the pooled one and the mean of the projects'."""
    by_project: dict[str, list[Labelled]] = defaultdict(list)
    for one in labelled:
        by_project[one.project].append(one)
    ranked = {
        project: [
            (value, one.is_good) for value, one in zip(score(messages), messages, strict=True) if value is not None
        ]
        for project, messages in by_project.items()
    }
    pooled = [pair for pairs in ranked.values() for pair in pairs]
    areas = {project: area(pairs) for project, pairs in ranked.items()}
    low, high = interval(pooled)
    found = [area(pooled), statistics.mean(areas.values())]
    each = ", ".join(f"{project}: {value:.3f} of {len(ranked[project])}" for project, value in sorted(areas.items()))
    print(f"{name}: pooled {found[0]:.3f} [{low:.3f}, {high:.3f}], mean of projects {found[1]:.3f} ({each})")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Print the areas of the score and of the naive rule."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path, help="the file `sampled messages.csv`")
    parser.add_argument("--clones", type=Path, help="the directory with clones of the five projects, by their names")
    chosen = parser.parse_args(arguments)
    labelled, clones = read(chosen.labels), chosen.clones
    print(f"{len(labelled)} messages, {sum(one.is_good for one in labelled)} of them good")
    report("naive rule", labelled, lambda messages: [naive_score(one.message) for one in messages])
    pooled, macro = report("message score", labelled, message_scores)
    if clones:
        report("commits, no sizes", labelled, lambda one: commit_scores(clones / one[0].project, one, with_sizes=False))
        report("commits", labelled, lambda one: commit_scores(clones / one[0].project, one, with_sizes=True))
    return 0 if pooled >= POOLED and macro >= MACRO else 1


if __name__ == "__main__":
    sys.exit(main())
