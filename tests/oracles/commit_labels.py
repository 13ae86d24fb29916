"""Hold the commit score against people's judgement: how well it tells messages that they call good from the others.

The labels are those of Tian et al., "What makes a good commit message?" (ICSE 2022): 1,597 messages of atomic commits
of five projects; 0 means that a message says both what changed and why. A message's rank is its message score, since
the data has no sizes of changes. The area under the ROC curve is the share of pairs of a good and another message that
the score puts in the right order, ties counting half.

Not part of the test suite: the data is fetched from https://github.com/WhatMakesAGoodCM/What-Makes-a-Good-Commit-Message
(`Dataset/sampled messages.csv`). Exits with 1 below the figures that the rubric was built with.

Example:
    python tests/oracles/commit_labels.py "sampled messages.csv"
"""

from __future__ import annotations

import argparse
import csv
import random
import statistics
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ai_code_metrics.measure.commits import RubricOptions, score_commits
from ai_code_metrics.records import Commit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

POOLED: Final = 0.748
MACRO: Final = 0.69
RESAMPLES: Final = 2_000
GOOD: Final = "0"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message with its project and whether people call it good."""

    project: str
    message: str
    is_good: bool


def read(path: Path) -> list[Labelled]:
    """Read the messages of atomic commits; line ends are written as ``<enter>`` in the data."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["if_mulit_commit"] != "1"]
    return [Labelled(row["repo_id"], _lines(row["message"]), row["label"] == GOOD) for row in rows]


def _lines(text: str) -> str:
    return "\n".join(line.strip() for line in text.split("<enter>"))


def message_scores(messages: Sequence[Labelled]) -> list[float]:
    """Score the messages of one project; its own messages tell the customs of links and of types."""
    commits = [
        Commit(f"{number:040x}", (), "Ann", "ann@example.com", 0, labelled.message, (), "sizes are not in the data")
        for number, labelled in enumerate(messages)
    ]
    scored = score_commits(
        commits,
        history=commits[:50],
        options=RubricOptions("auto", "auto", ""),
        range_name="labelled",
        is_generated=lambda _: False,
        is_bot=lambda _: False,
    )
    by_sha = {item.sha: item.message_score for item in scored.items}
    return [by_sha[commit.sha] or 0.0 for commit in commits]


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


def report(name: str, labelled: Sequence[Labelled], score: Callable[[Sequence[Labelled]], list[float]]) -> list[float]:
    """Print a score's areas; return the pooled one and the mean of the projects'."""
    by_project: dict[str, list[Labelled]] = defaultdict(list)
    for one in labelled:
        by_project[one.project].append(one)
    ranked = {
        project: list(zip(score(messages), (one.is_good for one in messages), strict=True))
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
    labelled = read(parser.parse_args(arguments).labels)
    print(f"{len(labelled)} messages, {sum(one.is_good for one in labelled)} of them good")
    report("naive rule", labelled, lambda messages: [naive_score(one.message) for one in messages])
    pooled, macro = report("message score", labelled, message_scores)
    return 0 if pooled >= POOLED and macro >= MACRO else 1


if __name__ == "__main__":
    sys.exit(main())
