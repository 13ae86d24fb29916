"""Measure pushes to a real Pushgateway, side by side with a bare ``push_to_gateway`` of the same registry.

Shared machines are noisy, so the runs alternate and the ratios are those of the medians. Needs a Pushgateway
and a VictoriaMetrics on PATH, or below ``build/services``, where the test command puts them.

Example:
    python3 scripts/bench_gateway.py --groups 10 250 1000 --runs 15
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import build_opener

import development
import test as test_command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PUSHERS = 64
MANY = 2_000
_ALONE = "the API's answer alone"


def main() -> int:
    """Print the comparison, by the environment of the tests, which is made where it is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", type=int, nargs="+", default=[10, 250, 1000], help="groups that are there")
    parser.add_argument("--runs", type=int, default=15, help="pushes of each kind, in turn (default: 15)")
    options = parser.parse_args()
    python = development.environment()
    if Path(sys.prefix) != Path(python).parents[1]:
        return subprocess.run([str(python), __file__, *sys.argv[1:]], check=False).returncode
    with _victoria_metrics() as url:
        there = 0
        for count in sorted(options.groups):
            there = _fill(url, there, count)
            _pushes_to_import(url, count, options.runs)
    with _pushgateway() as url:
        there = 0
        for count in sorted(options.groups):
            there = _fill(url, there, count)
            _pushes(url, count, options.runs)
        _concurrent(url, there)
        _reads(url, _fill(url, there, MANY), options.runs)
    return 0


@contextlib.contextmanager
def _pushgateway() -> Iterator[str]:
    with _running("prometheus-pushgateway", "--web.listen-address={address}", "--persistence.file=") as url:
        yield url


@contextlib.contextmanager
def _victoria_metrics() -> Iterator[str]:
    options = ("-httpListenAddr={address}", "-storageDataPath={directory}/data")
    with _running("victoria-metrics", *options) as url:
        yield f"{url}/api/v1/import/prometheus"


@contextlib.contextmanager
def _running(name: str, *options: str) -> Iterator[str]:
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from support import services  # noqa: PLC0415 - only in its environment

    program = next(test_command.SERVICES.glob(f"usr/bin/{name}"), Path(name))
    address = f"127.0.0.1:{services.free_port()}"
    with tempfile.TemporaryDirectory() as directory:
        argv = [str(program), *(option.format(address=address, directory=directory) for option in options)]
        with services.running(argv, f"http://{address}/metrics", Path(directory, "log")):
            yield f"http://{address}"


def _key(number: int) -> dict[str, str]:
    return {"repository": f"octo/repository-{number}", "branch": "main"}


def _summary() -> Any:  # noqa: ANN401 - the package is only in its environment
    from support.origin_comparisons import comparison  # noqa: PLC0415
    from support.summaries import push_context, summary  # noqa: PLC0415

    return summary(context=push_context(head_committed_at=1), comparison=comparison())


def _fill(url: str, start: int, end: int) -> int:
    from ai_code_metrics.publish.push_target import PushTarget  # noqa: PLC0415
    from ai_code_metrics.publish.pushgateway import push  # noqa: PLC0415

    for number in range(start, end):
        push(_summary(), PushTarget(url, "ai-code-metrics"), _key(number))
    return end


def _pushes(url: str, count: int, runs: int) -> None:
    from prometheus_client import push_to_gateway  # noqa: PLC0415

    from ai_code_metrics.publish.admission import admit  # noqa: PLC0415
    from ai_code_metrics.publish.gateway_query import read_groups  # noqa: PLC0415
    from ai_code_metrics.publish.push_target import PushTarget  # noqa: PLC0415
    from ai_code_metrics.publish.pushgateway import push  # noqa: PLC0415
    from ai_code_metrics.report.prometheus_text import registry  # noqa: PLC0415

    target, of, key = PushTarget(url, "ai-code-metrics"), _summary(), _key(1)

    def looked() -> None:
        admit(read_groups(target), {"job": target.job, **key}, of)
        push(of, target, key)

    times = _alternate(
        {
            "bare": lambda: push_to_gateway(url, target.job, registry(of), key),
            "push": lambda: push(of, target, key),
            "look and push": looked,
        },
        runs,
    )
    print(f"\n{count} groups, median of {runs} pushes of each in turn")
    print(f"  bare push_to_gateway {1000 * times['bare']:8.1f} ms")
    for name in ("push", "look and push"):
        print(f"  {name:<20} {1000 * times[name]:8.1f} ms  {times[name] / times['bare']:.2f} x bare")


def _pushes_to_import(url: str, count: int, runs: int) -> None:
    from ai_code_metrics.publish.push_target import PushTarget  # noqa: PLC0415
    from ai_code_metrics.publish.pushgateway import push  # noqa: PLC0415

    target, of = PushTarget(url, "ai-code-metrics"), _summary()
    times = _alternate({"push": lambda: push(of, target, _key(1))}, runs)
    print(f"VictoriaMetrics with the series of {count} groups: {1000 * times['push']:.1f} ms a push, median of {runs}")


def _concurrent(url: str, there: int) -> None:
    from ai_code_metrics.publish.gateway_query import read_groups  # noqa: PLC0415
    from ai_code_metrics.publish.push_target import PushTarget  # noqa: PLC0415
    from ai_code_metrics.publish.pushgateway import push  # noqa: PLC0415

    target, of = PushTarget(url, "concurrent"), _summary()
    start, seconds = threading.Barrier(PUSHERS), list[float]()

    def pusher(number: int) -> None:
        start.wait()
        started = time.monotonic()
        push(of, target, _key(number), deadline=300)
        seconds.append(time.monotonic() - started)

    threads = [threading.Thread(target=pusher, args=(number,)) for number in range(PUSHERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stored = sum(group.labels["job"] == target.job for group in read_groups(target))
    print(f"\n{PUSHERS} pushers at once beside {there} groups: {stored} groups stored, {PUSHERS - stored} lost")
    print(f"  median {statistics.median(seconds):.2f} s, slowest {max(seconds):.2f} s")


def _reads(url: str, count: int, runs: int) -> None:
    from ai_code_metrics.publish.gateway_query import read_groups  # noqa: PLC0415
    from ai_code_metrics.publish.push_target import PushTarget  # noqa: PLC0415

    target = PushTarget(url, "ai-code-metrics")
    command = [sys.executable, "-I", "-X", "utf8", "-m", "ai_code_metrics"]

    def run(*arguments: str) -> None:
        subprocess.run([*command, *arguments, "--pushgateway-url", url], stdout=subprocess.PIPE, check=True)

    def bare() -> None:
        with build_opener().open(f"{url}/api/v1/metrics") as answer:  # the answer alone, not understood
            answer.read()

    times = _alternate(
        {
            _ALONE: bare,
            "read_groups": lambda: read_groups(target),
            "query": lambda: run("query", "--json"),
            "prune, dry run": lambda: run("prune", "--older-than", "30"),
        },
        min(runs, 5),
    )
    print(f"\nover {count + PUSHERS} groups, median of {min(runs, 5)} in turn")
    for name, seconds in times.items():
        print(f"  {name:<24} {seconds:6.2f} s  {seconds / times[_ALONE]:.2f} x the answer alone")


def _alternate(actions: dict[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """Run all actions in turn, so that a slow moment of the machine hits all of them; return the medians."""
    seconds: dict[str, list[float]] = {name: [] for name in actions}
    for _ in range(runs):
        for name, action in actions.items():
            started = time.monotonic()
            action()
            seconds[name].append(time.monotonic() - started)
    return {name: statistics.median(values) for name, values in seconds.items()}


if __name__ == "__main__":
    sys.exit(main())
