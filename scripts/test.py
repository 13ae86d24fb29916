"""Run every test, from a fresh clone, with nothing installed by hand.

Makes the environment ``.venv`` and, on Debian and Ubuntu, fetches the Pushgateway, Prometheus, Alertmanager and
VictoriaMetrics that the tests use (unpacked below ``build/``; nothing is installed on the system and no root is
needed). Arguments go to pytest; without any, all tests run, in parallel, and branch coverage below the limit fails.
With ``--setup-only`` it makes the environment, without the services, and prints its interpreter.

Examples:
    python3 scripts/test.py
    python3 scripts/test.py tests/unit -k attribution
    python3 scripts/test.py --setup-only
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import development
import install

if TYPE_CHECKING:
    from pathlib import Path

SERVICES = install.ROOT / "build" / "services"
PROGRAMS = {
    "amtool": "prometheus-alertmanager",
    "prometheus": "prometheus",
    "prometheus-pushgateway": "prometheus-pushgateway",
    "promtool": "prometheus",
    "victoria-metrics": "victoria-metrics",
}
LEAST_COVERAGE = 90
ALL_TESTS = [
    "--numprocesses=auto",
    "--dist=loadfile",  # a file's tests share its fixtures, some of which are slow to make
    "--cov=ai_code_metrics",
    "--cov-branch",
    f"--cov-fail-under={LEAST_COVERAGE}",
]


def missing_packages(path: str) -> list[str]:
    """Return the Debian packages whose programs aren't on ``path``."""
    return sorted({package for program, package in PROGRAMS.items() if not shutil.which(program, path=path)})


def unpack_packages(packages: list[str], directory: Path) -> str | None:
    """Download Debian packages with apt and unpack them below ``directory``; return why not, if it can't be done.

    apt gets lists and caches of its own, so neither root nor the system's state is touched.
    """
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return "there is no apt-get here"
    for state in ("lists/partial", "cache/archives/partial", "packages"):
        (directory / state).mkdir(parents=True, exist_ok=True)
    options = ["Debug::NoLocking=1", f"Dir::State::lists={directory}/lists", f"Dir::Cache={directory}/cache"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("APT::Sandbox::User=root")
    apt = ["apt-get", "-qq", *(part for option in options for part in ("-o", option))]
    for command in ([*apt, "update"], [*apt, "download", *packages]):
        done = subprocess.run(command, cwd=directory / "packages", capture_output=True, text=True, check=False)
        if done.returncode:
            return f"{' '.join(command)}: {done.stderr.strip()[-500:]}"
    for file in (directory / "packages").glob("*.deb"):
        subprocess.run(["dpkg-deb", "--extract", str(file), str(directory)], check=True)  # noqa: S607
    for spent in ("lists", "cache", "packages"):
        shutil.rmtree(directory / spent)
    return None


def search_path(python: Path, path: str) -> str:
    """Return the PATH for the tests: environment, unpacked services, then ``path``; fetches missing services."""
    path = os.pathsep.join([str(python.parent), str(SERVICES / "usr" / "bin"), path])
    missing = missing_packages(path)
    if missing:
        print(f"Fetching {', '.join(missing)}", file=sys.stderr)
        reason = unpack_packages(missing, SERVICES)
        if reason:
            print(f"warning: tests that need {', '.join(missing)} can't run: {reason}", file=sys.stderr)
    return path


def main(arguments: list[str]) -> int:
    """Install what is missing, then run pytest; return its exit code."""
    install.require_python()
    if arguments[:1] in (["--help"], ["-h"]):
        print(__doc__)
        return 0
    try:
        python = development.environment()
    except (install.CannotInstall, OSError) as error:
        print(f"error: the development environment can't be installed: {error}", file=sys.stderr)
        return install.INSTALL_FAILED
    if arguments == ["--setup-only"]:
        print(python)
        return 0
    environment = {**os.environ, "PATH": search_path(python, os.environ.get("PATH", os.defpath))}
    command = [str(python), "-m", "pytest", *(arguments or ALL_TESTS)]
    return subprocess.run(command, cwd=install.ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
