"""Find out what is wrong with Pushgateways, and heal it; a thin face of ``ai-code-metrics doctor``.

Nothing has to be installed by hand.

User, password and token are read from AI_CODE_METRICS_PUSHGATEWAY_USERNAME, …_PASSWORD and …_TOKEN.
Exit codes are those of ai-code-metrics: 0 no error is left, 2 usage, 3 it can't be installed, 4 an error is left.

Example:
    python3 scripts/doctor_pushgateway.py --push-url http://localhost:9091
    python3 scripts/doctor_pushgateway.py --push-url http://localhost:9091 --fix
"""

from __future__ import annotations

import sys

import install
import tool


def command(arguments: list[str]) -> list[str]:
    """Translate the arguments of this script to those of ``ai-code-metrics``."""
    parser = tool.gateway_parser(__doc__ or "")
    parser.add_argument("--fix", action="store_true", help="heal what can be healed, then look again")
    return ["doctor", *tool.options(parser.parse_args(arguments))]


if __name__ == "__main__":
    install.require_python()
    sys.exit(tool.run(command(sys.argv[1:])).returncode)
