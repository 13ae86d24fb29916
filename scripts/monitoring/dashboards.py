"""Build the Grafana dashboards and write their JSON to ``grafana/dashboards``, from where Grafana provisions them.

Needs the development environment.

Example:
    .venv/bin/python scripts/monitoring/dashboards.py
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboard_ai import ai_tagged_code
from dashboard_fleet import fleet
from dashboard_repository import repository

if TYPE_CHECKING:
    from collections.abc import Callable

    from grafana_foundation_sdk.builders import dashboard

DIRECTORY: Final = Path(__file__).parent / "grafana" / "dashboards"
DASHBOARDS: Final[dict[str, Callable[[], dashboard.Dashboard]]] = {
    "fleet": fleet,
    "repository": repository,
    "ai-tagged-code": ai_tagged_code,
}


def render(name: str) -> str:
    """Return the JSON of a dashboard, the same for the same code: sorted keys, final newline."""
    return json.dumps(DASHBOARDS[name]().build(), cls=JSONEncoder, sort_keys=True, indent=2) + "\n"


def main() -> int:
    """Write all dashboards."""
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    for name in DASHBOARDS:
        (DIRECTORY / f"{name}.json").write_text(render(name), encoding="utf-8")
        print(DIRECTORY / f"{name}.json")
    return 0


if __name__ == "__main__":
    sys.exit(main())
