"""Start the command line from a script of this directory, by an interpreter that has the package."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import install

ENVIRONMENTS = install.ROOT / "build" / "environments"


def interpreter() -> Path:
    """Return this interpreter if it has ai-code-metrics, else that of an environment which is made if need be.

    Raises:
        CannotInstall: building the environment failed.
    """
    # asked in a process of its own, because isolated it has neither PYTHONPATH nor the directory of the script
    asked = [sys.executable, "-I", "-c", "import ai_code_metrics"]
    if subprocess.run(asked, stderr=subprocess.DEVNULL, check=False).returncode == 0:
        return Path(sys.executable)
    return install.provide(ENVIRONMENTS, editable=True)


def run(arguments: list[str], *, stdout: int | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run ``ai-code-metrics`` with these arguments; what can't be installed is told, with its exit code.

    Args:
        arguments: those of the command line, from the name of the command on.
        stdout: ``subprocess.PIPE`` to have its output in the result.
    """
    try:
        python = interpreter()
    except (install.CannotInstall, OSError) as error:
        print(f"error: ai-code-metrics can't be installed: {error}", file=sys.stderr)
        return subprocess.CompletedProcess(arguments, install.INSTALL_FAILED, b"")
    return subprocess.run(
        [str(python), "-I", "-X", "utf8", "-m", "ai_code_metrics", *arguments], stdout=stdout, check=False
    )


def gateway_parser(text: str) -> argparse.ArgumentParser:
    """Return a parser of the options that all scripts for Pushgateways have.

    Args:
        text: the docstring of the script; what stands behind ``Example:`` is shown last.
    """
    description, _, example = text.partition("Example:")
    parser = argparse.ArgumentParser(
        description=description,
        epilog=f"Example:{example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--push-url",
        "--pushgateway-url",
        action="append",
        required=True,
        dest="pushgateway_url",
        help="URL of a Pushgateway; one each",
    )
    parser.add_argument(
        "--job-name",
        "--pushgateway-job",
        default="ai-code-metrics",
        dest="pushgateway_job",
        help="the job of the groups (%(default)s)",
    )
    parser.add_argument("--json", action="store_true", help="print only JSON on standard output")
    return parser


def options(given: argparse.Namespace) -> list[str]:
    """Return options of ``ai-code-metrics`` for what was given; those of the parser have the same names."""
    found: list[str] = []
    for name, value in vars(given).items():
        option = f"--{name.replace('_', '-')}"
        if isinstance(value, bool):
            found += [option] * value
        elif value is not None:
            # joined, so that a value with a dash in front is no option
            found += [f"{option}={each}" for each in (value if isinstance(value, list) else [value])]
    return found
