"""Print the metrics of a summary; a thin face of ``ai-code-metrics report``.

Without names it prints the Prometheus exposition, with names of metrics only their samples.
Exit codes are those of ai-code-metrics: 0 ok, 2 usage or no valid summary.

Examples:
    python scripts/extract_metrics.py --metrics-file metrics-summary.json
    python scripts/extract_metrics.py --metrics-file metrics-summary.json quality_score ai_share_ratio
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys


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
    parser.add_argument("--metrics-file", default="metrics-summary.json", help="the summary (default: %(default)s)")
    parser.add_argument("names", nargs="*", metavar="NAME", help="a metric, for example quality_score")
    given = parser.parse_args(arguments)
    argv = [sys.executable, "-I", "-m", "ai_code_metrics", "report", "--format", "prometheus", "--", given.metrics_file]
    report = subprocess.run(argv, stdout=subprocess.PIPE, check=False)
    text = report.stdout.decode("utf-8")
    lines = selected(text, given.names) if given.names else text.splitlines()
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return report.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
