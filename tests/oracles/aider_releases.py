"""Compare the preset ``aider`` with the figures that Aider-AI/aider publishes about itself, release by release.

Not part of the test suite: it needs a clone with the whole history. Exits with 1 where a release differs.

Example:
    git clone https://github.com/Aider-AI/aider
    python tests/oracles/aider_releases.py aider
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ruamel.yaml import YAML

from ai_code_metrics import attributing
from ai_code_metrics.collect.repository import Repository
from ai_code_metrics.collect.revisions import Revisions
from ai_code_metrics.collect.view_files import ViewOptions
from ai_code_metrics.config import Config

if TYPE_CHECKING:
    from collections.abc import Iterator

FIGURES: Final = "aider/website/_data/blame.yml"


class Release(NamedTuple):
    """Published figures of one release: all lines of its range, and aider's."""

    start: str
    end: str
    total: int
    aider: int


def releases(clone: Path) -> Iterator[Release]:
    """Read the published figures, oldest first."""
    for entry in YAML(typ="safe").load((clone / FIGURES).read_text(encoding="utf-8")):
        yield Release(entry["start_tag"], entry["end_tag"], entry["total_lines"], entry["aider_total"])


def count(repository: Repository, release: Release, options: ViewOptions, config: Config) -> tuple[int, int]:
    """Count the lines of a release by the preset: all and aider's."""
    preset = attributing.PRESETS["aider"]
    found = Revisions(repository.commit_id(release.end), repository.commit_id(release.start))
    name, lines = attributing.read_view(repository, found, attributing.options_for(preset, options))
    _, view = attributing.measure(name, lines, config, preset)
    return view.counted_lines + view.bot_lines + view.suggestion_lines, view.ai_lines


def main(arguments: list[str] | None = None) -> int:
    """Print a line for each release that differs, and the sums."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clone", type=Path, help="a clone of Aider-AI/aider with tags and all history")
    parser.add_argument("--last", type=int, default=0, help="only the last N releases")
    options = parser.parse_args(arguments)
    repository = Repository.open(options.clone, os.environ)
    config, view = Config(root=options.clone.resolve()), ViewOptions(workers=os.cpu_count() or 1)
    started = time.monotonic()
    known = list(releases(options.clone))[-options.last :]
    sums: dict[str, int] = dict.fromkeys(("lines", "aider", "published lines", "published aider", "exact"), 0)
    for release in known:
        total, aider = count(repository, release, view, config)
        is_exact = (total, aider) == (release.total, release.aider)
        found: dict[str, Any] = {
            "lines": total, "aider": aider, "published lines": release.total, "published aider": release.aider,
            "exact": is_exact,
        }  # fmt: skip
        sums = {key: value + found[key] for key, value in sums.items()}
        if not is_exact:
            print(f"{release.start}..{release.end}: {found}")
    print(f"{sums['exact']} of {len(known)} releases exact; {sums} in {time.monotonic() - started:.0f} s")
    return 0 if sums["exact"] == len(known) else 1


if __name__ == "__main__":
    sys.exit(main())
