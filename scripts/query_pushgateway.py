"""Show what Prometheus Pushgateways hold; a thin face of ``ai-code-metrics query``, with nothing installed by hand.

User, password and token are read from AI_CODE_METRICS_PUSHGATEWAY_USERNAME, …_PASSWORD and …_TOKEN.
Exit codes are those of ai-code-metrics: 0 ok, 2 usage, 3 it can't be installed, 4 a gateway can't be read.

Example:
    python3 scripts/query_pushgateway.py --push-url http://localhost:9091 --repository octo/shop
    python3 scripts/query_pushgateway.py --push-url http://localhost:9091 --all-jobs --json
"""

from __future__ import annotations

import sys

import install
import tool


def command(arguments: list[str]) -> list[str]:
    """Translate the arguments of this script to those of ``ai-code-metrics``."""
    parser = tool.gateway_parser(__doc__ or "")
    parser.add_argument("--repository", help="only groups of this owner/name")
    parser.add_argument("--branch", help="only groups of this branch; pr-N for a pull request")
    parser.add_argument("--all-jobs", action="store_true", help="also groups of other jobs, whoever pushed them")
    return ["query", *tool.options(parser.parse_args(arguments))]


if __name__ == "__main__":
    install.require_python()
    sys.exit(tool.run(command(sys.argv[1:])).returncode)
