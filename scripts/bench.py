"""Measure the tool itself on a repository, side by side in one run: what it costs beside the tools that it runs.

Shared machines are noisy, so the runs alternate and the ratios are those of the medians.

Example:
    python3 scripts/bench.py ../some-project --runs 5 --commits 1000
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import development
import install

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


_PARTS = ("tools", "base", "commits", "attribution", "install")


def main() -> int:
    """Print the comparison; the environment of the tests is used, and made where it is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path, help="the repository to measure")
    parser.add_argument("--runs", type=int, default=3, help="runs of each, in turn (default: 3)")
    parser.add_argument("--commits", type=int, default=1000, help="commits to score and attribute (default: 1000)")
    parser.add_argument("--merges", type=int, default=50, help="last merges whose changes are attributed (default: 50)")
    parser.add_argument("--only", choices=_PARTS, action="append", help="only this part; may be given several times")
    parser.add_argument("--no-install", action="store_true", help="leave out the time from nothing to installed")
    options = parser.parse_args()
    python = development.environment()
    if Path(sys.prefix) != Path(python).parents[1]:
        return subprocess.run([str(python), __file__, *sys.argv[1:]], check=False).returncode
    path = options.path.resolve()
    parts = options.only or [part for part in _PARTS if part != "install" or not options.no_install]
    if "tools" in parts:
        _tools(path, options.runs)
    if "base" in parts:
        _base(path, options.runs)
    if "commits" in parts:
        _commits(path, options.commits, options.runs)
    if "attribution" in parts:
        with tempfile.TemporaryDirectory() as scratch:
            _attribution(path, options.merges, options.runs, Path(scratch))
    if "install" in parts:
        _installation(options.runs)
    return 0


def _tools(path: Path, runs: int) -> None:
    from ai_code_metrics.collect import analyser, interpreter, subject  # noqa: PLC0415 - only in its environment
    from ai_code_metrics.collect.complexity_radon import RADON  # noqa: PLC0415
    from ai_code_metrics.collect.lint_pylint import PYLINT  # noqa: PLC0415
    from ai_code_metrics.collect.phases import Phases  # noqa: PLC0415
    from ai_code_metrics.collect.security_bandit import BANDIT  # noqa: PLC0415
    from ai_code_metrics.collect.workspace import Workspace  # noqa: PLC0415
    from ai_code_metrics.config import load  # noqa: PLC0415

    config = load(path, environ={})
    found = subject.find_subject(config, {}, Phases(_Silent()))

    def alone(tool: analyser.Analyser[Any]) -> float:
        with tempfile.TemporaryDirectory() as scratch:
            workspace = Workspace(path, Path(scratch), Path(scratch), os.environ)
            target = interpreter.probe(interpreter.find("", root=path, environ=os.environ), workspace)
            files = found.files.security if tool is BANDIT else found.files.measured
            job = analyser.Job(path, files, Path(scratch, "report.json"), target.import_path)
            return analyser.run_analyser(tool, job, workspace, timeout=3600)[1].seconds

    own: list[float] = []

    def measure() -> float:
        with tempfile.TemporaryDirectory() as output:
            seconds, _ = _timed([*_command("measure"), "--output", output, "--test-command", "off", str(path)])
            phases = json.loads(Path(output, "metrics-summary.json").read_bytes())["phases"]
        own.extend(phase["peak_memory_bytes"] or 0 for phase in phases if phase["name"] == "measure")
        return seconds

    tools = {tool.name: tool for tool in (PYLINT, BANDIT, RADON)}
    times = _alternate({"measure": measure, **{name: partial(alone, tool) for name, tool in tools.items()}}, runs)
    slowest = max(tools, key=times.__getitem__)
    print(f"\n{path.name}: {len(found.files.measured)} files, tests off, median of {runs} runs in turn")
    _row("measure", times["measure"])
    for name in tools:
        _row(f"{name} alone", times[name])
    _row("measure / slowest tool alone", times["measure"] / times[slowest], "x", f"aim <= 1.15; slowest: {slowest}")
    _row("measure / all tools in sequence", times["measure"] / sum(times[name] for name in tools), "x")
    _row("peak memory, our own process", statistics.median(own) / 2**20, "MiB", "aim <= 200")


def _base(path: Path, runs: int) -> None:
    """Compare with the first parent of HEAD, which is what the last pull request was merged into."""

    def measure(*options: str) -> float:
        with tempfile.TemporaryDirectory() as output:
            command = (*_command("measure"), "--output", output, "--test-command", "off", *options)
            return _timed([*command, str(path)])[0]

    actions: dict[str, Callable[[], float]] = {
        "head and base": partial(measure, "--base", "HEAD^1"),
        "head alone": measure,
    }
    times = _alternate(actions, runs)
    print(f"\nthe last change of {path.name}, tests off, median of {runs} runs in turn")
    for name, seconds in times.items():
        _row(name, seconds)
    _row("head and base / head alone", times["head and base"] / times["head alone"], "x", "aim <= 1.3")


def _commits(path: Path, count: int, runs: int) -> None:
    def git(*arguments: str) -> str:
        asked = subprocess.run(["git", "-C", str(path), *arguments], capture_output=True, text=True, check=True)  # noqa: S607
        return asked.stdout.strip()

    known = int(git("rev-list", "--count", "--first-parent", "HEAD"))
    base = f"HEAD~{min(count, known - 1)}"
    total = int(git("rev-list", "--count", f"{base}..HEAD"))
    peaks: dict[str, float] = {}

    def timed(name: str, *arguments: str) -> Callable[[], float]:
        def run() -> float:
            seconds, peaks[name] = _timed(arguments)
            return seconds

        return run

    commands = {
        "commits": timed("commits", *_command("commits"), "--json", "--range", f"{base}..HEAD", str(path)),
        "attribution": timed("attribution", *_command("attribution"), "--json", "--range", f"{base}..HEAD", str(path)),
        "git log --numstat": timed("git", "git", "-C", str(path), "log", "-M", "--numstat", f"{base}..HEAD"),
    }
    times = _alternate(commands, runs)
    print(f"\n{total} commits ({base}..HEAD), median of {runs} runs in turn")
    for name, seconds in times.items():
        _row(name, seconds)
    _row("commits / git log --numstat", times["commits"] / times["git log --numstat"], "x", "aim <= 1.5 at 10,000")
    _row("peak memory, commits", peaks["commits"] / 2**20, "MiB", "aim <= 200")
    _row("peak memory, attribution", peaks["attribution"] / 2**20, "MiB", "aim <= 200")


def _attribution(path: Path, merges: int, runs: int, scratch: Path) -> None:
    import bench_attribution  # noqa: PLC0415 - only in its environment

    groups = (
        (bench_attribution.surviving(path, scratch), ("aim <= 1.15", "aim <= 0.1", "aim <= 0.1")),
        (bench_attribution.changed(path, merges), ("aim <= 2",)),
        (bench_attribution.commits(path, 300), ("aim <= 0.1",)),
    )
    print(f"\nattribution, median of {runs} runs in turn; each against bare git, or GitPython")
    for actions, aims in groups:
        times = _alternate({name: partial(_seconds, action) for name, action in actions.items()}, runs)
        *ours, baseline = times
        for name in times:
            _row(name, times[name])
        for name, aim in zip(ours, aims, strict=True):
            _row(f"{name} / {baseline}", times[name] / times[baseline], "x", aim)
    seconds, peak = _timed([*_command("attribution"), "--json", "--blame-cache", "off", str(path)])
    _row("the whole command", seconds)
    _row("its peak memory", peak / 2**20, "MiB", "the larger of it and its children")


def _seconds(action: Callable[[], object]) -> float:
    started = time.monotonic()
    action()
    return time.monotonic() - started


def _installation(runs: int) -> None:
    def fresh() -> float:
        with tempfile.TemporaryDirectory() as directory:
            started = time.monotonic()
            install.provide(Path(directory))
            return time.monotonic() - started

    print("\nfrom nothing to installed (downloads are cached after the first time)")
    _row("median", statistics.median(fresh() for _ in range(runs)))


def _alternate(actions: dict[str, Callable[[], float]], runs: int) -> dict[str, float]:
    """Run all actions in turn, so that a slow moment of the machine hits all of them; return the medians."""
    seconds: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(runs):
        for name, action in actions.items():
            seconds[name].append(action())
    return {name: statistics.median(values) for name, values in seconds.items()}


def _command(name: str) -> list[str]:
    return [sys.executable, "-I", "-X", "utf8", "-m", "ai_code_metrics", name]


def _timed(arguments: Sequence[str]) -> tuple[float, float]:
    """Return wall seconds and the peak memory in bytes of a command, the larger of it and its children."""
    from ai_code_metrics import process  # noqa: PLC0415 - only in its environment

    finished = process.run(arguments, cwd=Path.cwd(), env=os.environ, timeout=3600)
    if finished.exit_code not in {0, 3}:
        sys.exit(f"{' '.join(arguments[:6])} … failed: {finished.last_words}")
    return finished.seconds, float(finished.peak_memory_bytes or 0)


def _row(name: str, value: float, unit: str = "s", remark: str = "") -> None:
    print(f"  {name:<58}{value:>9.2f} {unit:<4}{remark}".rstrip())


class _Silent:
    def started(self, phase: str) -> None:
        """Say nothing."""

    def finished(self, phase: str, seconds: float, status: str) -> None:
        """Say nothing."""


if __name__ == "__main__":
    sys.exit(main())
