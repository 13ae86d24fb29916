"""Print the metrics of a summary; a thin face of ``ai-code-metrics report``, with nothing installed by hand.

Without names it prints the Prometheus exposition, with names of metrics only their samples.
Exit codes are those of ai-code-metrics: 0 ok, 2 usage or no valid summary, 3 it can't be installed.

Examples:
    python3 scripts/extract_metrics.py metrics-summary.json
    python3 scripts/extract_metrics.py metrics-summary.json --metric quality_score --metric ai_share_ratio
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys

import install
import tool


def selected(exposition: str, names: list[str]) -> list[str]:
    """Return the sample lines of the named metrics; names may leave the prefix ``ai_coding_`` out."""
    wanted = {name.removeprefix("ai_coding_") for name in names}
    samples = [line for line in exposition.splitlines() if not line.startswith("#")]
    return [line for line in samples if re.split(r"[{ ]", line)[0].removeprefix("ai_coding_") in wanted]


def main(arguments: list[str]) -> int:
    """Print what was asked for; return the exit code."""
    description, _, examples = (__doc__ or "").partition("Examples:")
    parser = argparse.ArgumentParser(
        description=description, epilog=f"Examples:{examples}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "summary", nargs="?", default="metrics-summary.json", metavar="SUMMARY", help="its file (default: %(default)s)"
    )
    parser.add_argument(
        "--metric", action="append", default=[], metavar="NAME", help="only this one, for example quality_score"
    )
    given = parser.parse_args(arguments)
    report = tool.run(["report", "--format", "prometheus", "--", given.summary], stdout=subprocess.PIPE)
    text = report.stdout.decode("utf-8")
    lines = selected(text, given.metric) if given.metric else text.splitlines()
    # as bytes: labels hold any character, whatever the terminal's encoding is
    sys.stdout.buffer.writelines(f"{line}\n".encode() for line in lines)
    return report.returncode


if __name__ == "__main__":
    install.require_python()
    sys.exit(main(sys.argv[1:]))
