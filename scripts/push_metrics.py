"""Push a summary to a Prometheus Pushgateway; a thin face of ``ai-code-metrics push``, with nothing installed by hand.

User, password and token are read from AI_CODE_METRICS_PUSHGATEWAY_USERNAME, …_PASSWORD and …_TOKEN.
Exit codes are those of ai-code-metrics: 0 ok, 2 usage, 3 it can't be installed, 4 not pushed.

Example:
    python3 scripts/push_metrics.py --metrics-file metrics-summary.json --push-url http://localhost:9091
"""

from __future__ import annotations

import argparse
import sys

import install
import tool


def command(arguments: list[str]) -> list[str]:
    """Translate the arguments of this script to those of ``ai-code-metrics``."""
    description, _, example = (__doc__ or "").partition("Example:")
    parser = argparse.ArgumentParser(
        description=description, epilog=f"Example:{example}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--metrics-file", default="metrics-summary.json", help="the summary (default: %(default)s)")
    parser.add_argument(
        "--push-url", "--pushgateway-url", dest="push_url", required=True, help="URL of the Pushgateway"
    )
    parser.add_argument(
        "--job-name",
        "--pushgateway-job",
        dest="job_name",
        default="ai-code-metrics",
        help="the job of the group (default: %(default)s)",
    )
    parser.add_argument("--branch", action="append", default=[], help="a branch to push; default: the default branch")
    given = parser.parse_args(arguments)
    branches = [part for branch in given.branch for part in ("--push-branches", branch)]
    options = ["--pushgateway-url", given.push_url, "--pushgateway-job", given.job_name, *branches]
    return ["push", *options, "--", given.metrics_file]


if __name__ == "__main__":
    install.require_python()
    sys.exit(tool.run(command(sys.argv[1:])).returncode)
