"""Measure how often the comparison finds a difference that isn't there, and how often one that is.

A real repository's tables are taken, and every line gets its arm by chance: by function, by file, or by commit. No arm
differs from the other then, so that a test at 5 % should find a difference in 5 % of the trials. After that the AI arm
of each labelling loses 20 points of coverage, and the share of trials that find it is the power.

Not part of the test suite: it needs a repository, with a coverage report, and takes minutes. Exits with 1 where a
metric is found to differ in more than 7 % of the trials.

Example:
    python tests/oracles/calibrate_comparison.py ../aider --coverage-file coverage.json --trials 1000
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Final

from rich.console import Console

from ai_code_metrics import measurement
from ai_code_metrics.cli_options import configure
from ai_code_metrics.collect.workspace import Workspace
from ai_code_metrics.measure import origin_estimates, origin_lifetimes
from ai_code_metrics.model import Unavailable
from ai_code_metrics.report.terminal import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

    from ai_code_metrics.comparison_model import Arm
    from ai_code_metrics.measure.origin_cells import Cell
    from ai_code_metrics.measure.origin_lifetimes import LifeCell
    from ai_code_metrics.origins import Tables

LEVEL: Final = 0.05
HIGHEST: Final = 0.07
EFFECT: Final = 0.20
NOUN: Final = "lines"


@dataclass(frozen=True)
class Labelling:
    """By what lines get their arm: a key of cells, and one of the lines of history, where functions aren't known."""

    name: str
    cell: Callable[[Cell], Hashable]
    life: Callable[[LifeCell], Hashable]


LABELLINGS: Final = (
    Labelling("function", lambda cell: (cell.path, cell.unit), lambda cell: (cell.path, cell.commit, cell.hunk)),
    Labelling("file", lambda cell: cell.path, lambda cell: cell.path),
    Labelling("commit", lambda cell: cell.commit, lambda cell: cell.commit),
)


@dataclass
class Count:
    """Trials in which a test could be made, and those that found a difference."""

    tested: int = 0
    found: int = 0

    def add(self, p: float | None) -> None:
        """Count a trial; None: no test could be made."""
        if p is not None:
            self.tested += 1
            self.found += p <= LEVEL

    def __str__(self) -> str:
        return f"{100 * self.found / self.tested:5.1f} % of {self.tested:,}" if self.tested else "not enough data"


def read_tables(path: Path, coverage_file: str) -> Tables:
    """Measure a repository, and return the cells of its lines."""
    values = {"test_command": "off", "coverage_file": coverage_file}
    config = configure(path, "", values, os.environ)
    with tempfile.TemporaryDirectory() as scratch, Progress(Console(stderr=True)) as progress:
        workspace = Workspace(config.root, Path(scratch), Path(scratch, "raw"), os.environ)
        workspace.raw.mkdir()
        tables = measurement.measure_tables(config, workspace, progress)
    if isinstance(tables, Unavailable):
        sys.exit(tables.reason)
    return tables


class Coin:
    """Gives each key an arm, by chance and once."""

    def __init__(self, random: Random, share: float) -> None:
        self._random, self._share = random, share
        self._arms: dict[Hashable, Arm] = {}

    def arm(self, key: Hashable) -> Arm:
        """Return the arm of a key."""
        if key not in self._arms:
            self._arms[key] = "ai" if self._random.random() < self._share else "untagged"
        return self._arms[key]


def labelled(cells: Sequence[Cell], key: Callable[[Cell], Hashable], coin: Coin) -> list[Cell]:
    """Give each cell the arm of its key."""
    return [cell._replace(arm=coin.arm(key(cell))) for cell in cells]


def planted(cells: Sequence[Cell], random: Random, effect: float) -> list[Cell]:
    """Take so much of the coverage of the AI arm, line by line."""
    own = [cell for cell in cells if cell.arm == "ai"]
    covered = sum(cell.events for cell in own) / max(1, sum(cell.total for cell in own))
    lost = min(1.0, effect / covered) if covered else 0.0
    return [
        cell._replace(events=sum(random.random() >= lost for _ in range(cell.events))) if cell.arm == "ai" else cell
        for cell in cells
    ]


def p_values(
    tables: Tables, labelling: Labelling, random: Random, share: float, permutations: int
) -> Iterator[tuple[str, float | None]]:
    """Yield the p of each metric under one labelling, and of coverage with the planted effect."""
    coin, seed = Coin(random, share), random.getrandbits(32)
    tree = tables.tree
    coverage = labelled(tree.coverage, labelling.cell, coin)
    yield "coverage", origin_estimates.proportion(coverage, NOUN, seed=seed, permutations=permutations).p
    effect = planted(coverage, random, EFFECT)
    yield "power", origin_estimates.proportion(effect, NOUN, seed=seed, permutations=permutations).p
    for name, cells in (("lint", tree.lint), ("security", tree.security)):
        found = labelled(cells, labelling.cell, coin)
        yield name, origin_estimates.rate(found, NOUN, seed=seed, permutations=permutations).p
    complexity = labelled(tree.complexity, labelling.cell, coin)
    yield "complexity", origin_estimates.proportion(complexity, NOUN, seed=seed, permutations=permutations).p
    if not isinstance(tables.written, Unavailable):
        lives = [cell._replace(arm=coin.arm(labelling.life(cell))) for cell in tables.written.cells]
        yield "survival", origin_lifetimes.survival(lives, seed=seed, permutations=permutations)[0].p


def calibrate(tables: Tables, trials: int, permutations: int, seed: int) -> dict[tuple[str, str], Count]:
    """Return, by labelling and metric, how often a difference was found."""
    counts: dict[tuple[str, str], Count] = {}
    share = _share(tables)
    for labelling in LABELLINGS:
        started = time.monotonic()
        random = Random(f"{seed} {labelling.name}")  # noqa: S311 - no secret
        for _ in range(trials):
            for name, p in p_values(tables, labelling, random, share, permutations):
                counts.setdefault((labelling.name, name), Count()).add(p)
        print(f"by {labelling.name}: {trials:,} trials in {time.monotonic() - started:.0f} s", flush=True)
        for name in ("coverage", "lint", "security", "complexity", "survival"):
            print(f"  false positives, {name:<10} {counts.get((labelling.name, name), Count())}", flush=True)
        print(f"  power, coverage -20 points  {counts[labelling.name, 'power']}", flush=True)
    return counts


def _share(tables: Tables) -> float:
    """The share of lines that are tagged, within what leaves both arms something."""
    arms = tables.tree.arms
    lines = arms["ai"].lines + arms["untagged"].lines
    return min(0.8, max(0.2, arms["ai"].lines / lines if lines else 0.5))


def main() -> int:
    """Print the rates; return 1 where one is too high."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--coverage-file", default="")
    parser.add_argument("--trials", type=int, default=1_000)
    parser.add_argument("--permutations", type=int, default=199)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    tables = read_tables(arguments.path, arguments.coverage_file)
    counts = calibrate(tables, arguments.trials, arguments.permutations, arguments.seed)
    rates = {key: count.found / count.tested for key, count in counts.items() if count.tested and key[1] != "power"}
    worst = max(rates, key=rates.__getitem__)
    print(f"highest: {worst[1]} by {worst[0]}, {100 * rates[worst]:.1f} %")
    return int(rates[worst] > HIGHEST)


if __name__ == "__main__":
    sys.exit(main())
