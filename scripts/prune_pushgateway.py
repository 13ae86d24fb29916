"""Delete groups of Pushgateways that nobody needs any more; a thin face of ``ai-code-metrics prune``.

Without --delete it only shows which, and why. Nothing has to be installed by hand.

GitHub is asked with the token of AI_CODE_METRICS_GITHUB_TOKEN, else GITHUB_TOKEN.
User, password and token of the gateways are read from AI_CODE_METRICS_PUSHGATEWAY_USERNAME, …_PASSWORD and …_TOKEN.
Exit codes are those of ai-code-metrics: 0 ok, 2 usage, 3 it can't be installed, 4 a gateway or a deletion failed.

Example:
    python3 scripts/prune_pushgateway.py --push-url http://localhost:9091 --older-than 90
    python3 scripts/prune_pushgateway.py --push-url http://localhost:9091 --closed-pull-requests --delete
    python3 scripts/prune_pushgateway.py --push-url http://localhost:9091 --repository octo/shop --branch x --delete
"""

from __future__ import annotations

import sys

import install
import tool


def command(arguments: list[str]) -> list[str]:
    """Translate the arguments of this script to those of ``ai-code-metrics``."""
    parser = tool.gateway_parser(__doc__ or "")
    parser.add_argument("--older-than", metavar="DAYS", help="groups last pushed longer ago; at least 1")
    parser.add_argument("--closed-pull-requests", action="store_true", help="groups of pull requests that are closed")
    parser.add_argument("--deleted-branches", action="store_true", help="groups of branches that are no more")
    parser.add_argument("--repository", help="only this owner/name's; alone: all of them")
    parser.add_argument("--branch", help="only this branch's of the repository; alone: them")
    parser.add_argument("--project", help="only this part's of a monorepo")
    parser.add_argument("--pull-request", metavar="N", help="the same as --branch pr-N")
    parser.add_argument("--delete", action="store_true", help="delete them; else they are only shown")
    return ["prune", *tool.options(parser.parse_args(arguments))]


if __name__ == "__main__":
    install.require_python()
    sys.exit(tool.run(command(sys.argv[1:])).returncode)
