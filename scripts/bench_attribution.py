"""Attribution beside bare git: the views against ``git blame`` and ``git log``, the commit scan against GitPython.

Part of ``bench.py``. All of it runs in this process, so that the start of Python is in none of the ratios; the time of
the whole command is printed beside them.
"""

from __future__ import annotations

import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from git import Repo

from ai_code_metrics.collect import blame, history
from ai_code_metrics.collect.repository import Repository
from ai_code_metrics.collect.view_files import ViewOptions, sort_out, tree_entries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    Measured = Callable[[], object]

WORKERS = os.cpu_count() or 1
_BEHIND = 20  # first-parent commits by which a cache is out of date in the usual run


def surviving(path: Path, scratch: Path) -> dict[str, Measured]:
    """Return the surviving view, cold, and with a cache of the same and of an older commit; and bare git blame."""
    repository = _open(path)
    head = repository.commit_id("HEAD")
    files = [file.path for file in sort_out(repository, head, tree_entries(repository, head), ViewOptions()).counted]
    older = repository.resolve(f"HEAD~{_BEHIND}") or head

    def warmed(at: str) -> Measured:
        directory = scratch / at
        kept = directory / "kept"
        blame.surviving_lines(repository, at, ViewOptions(workers=WORKERS, cache=directory))
        (content,) = (file.read_bytes() for file in directory.iterdir())
        name = next(directory.iterdir()).name

        def run() -> object:
            kept.mkdir(exist_ok=True)
            (kept / name).write_bytes(content)  # each run starts from the same cache
            return blame.surviving_lines(repository, head, ViewOptions(workers=WORKERS, cache=kept))

        return run

    return {
        "surviving view": lambda: blame.surviving_lines(repository, head, ViewOptions(workers=WORKERS)),
        "with the cache of this commit": warmed(head),
        f"with the cache of HEAD~{_BEHIND}": warmed(older),
        "git blame --porcelain": lambda: _bare_blame(path, files),
    }


def changed(path: Path, count: int) -> dict[str, Measured]:
    """Return the changed views of the last merges, and ``git log -p`` of the same ranges."""
    repository = _open(path)
    listed = _git(path, "rev-list", "--merges", "--first-parent", f"--max-count={count}", "--parents", "HEAD")
    merges = [line.split()[1:3] for line in listed.splitlines()]
    ranges = [(repository.merge_base(base, head) or base, head) for base, head in merges]
    options = ViewOptions(workers=WORKERS)
    return {
        f"changed views of {len(ranges)} merges": lambda: [
            blame.changed_lines(repository, base, head, options) for base, head in ranges
        ],
        "git log -p": lambda: [_git(path, "log", "-p", f"{base}..{head}") for base, head in ranges],
    }


def commits(path: Path, count: int) -> dict[str, Measured]:
    """Return the scan of commits with their changes, and GitPython's ``commit.stats``."""
    repository, other = _open(path), Repo(path)
    return {
        f"scan of {count} commits": lambda: list(history.read_commits(repository, "HEAD", limit=count)),
        "GitPython's commit.stats": lambda: [commit.stats.total for commit in other.iter_commits(max_count=count)],
    }


def _open(path: Path) -> Repository:
    return Repository.open(path, os.environ)


def _bare_blame(path: Path, files: Iterable[str]) -> None:
    """Blame the files by as many processes at a time as the view has; nothing reads what they print."""

    def run(file: str) -> None:
        command = ["git", "--no-pager", "blame", "--porcelain", "HEAD", "--", file]
        subprocess.run(command, cwd=path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(run, files))


def _git(path: Path, *arguments: str) -> str:
    asked = subprocess.run(["git", "-C", str(path), *arguments], capture_output=True, check=True)  # noqa: S607
    return asked.stdout.decode("utf-8", "replace")
