"""Measure a repository: the main job of ai-code-metrics, from a fresh clone, with nothing installed by hand.

Without a path it measures this repository, for which it first makes the environment that its tests need. Options after
the path go to ``ai-code-metrics run``.

Examples:
    python3 scripts/run.py
    python3 scripts/run.py ../some-project --base main
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import development
import install
import tool


def split_arguments(arguments: list[str]) -> tuple[Path, list[str]]:
    """Return the repository to measure, and the options of the tool; ``--`` between them is optional."""
    with_path = bool(arguments) and not arguments[0].startswith("-")
    path = Path(arguments[0]) if with_path else install.ROOT
    options = arguments[1:] if with_path else arguments
    return path.absolute(), options[1:] if options[:1] == ["--"] else options


def main(arguments: list[str]) -> int:
    """Install what is missing, then run the tool; return its exit code."""
    install.require_python()
    if arguments[:1] in (["--help"], ["-h"]):
        print(__doc__)
        return 0
    path, options = split_arguments(arguments)
    environment = dict(os.environ)
    try:
        if path.resolve() == install.ROOT:
            environment.setdefault("AI_CODE_METRICS_PYTHON", str(development.environment()))
        python = install.provide(tool.ENVIRONMENTS, editable=True)
    except (install.CannotInstall, OSError) as error:
        print(f"error: ai-code-metrics can't be installed: {error}", file=sys.stderr)
        return install.INSTALL_FAILED
    command = [str(python), "-I", "-X", "utf8", "-m", "ai_code_metrics", "run", *options, "--", str(path)]
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
