r"""Draw a dashboard's panels into a picture, from a Prometheus, where there is no Grafana.

It shows what the dashboard's queries find, laid out as Grafana would, and needs matplotlib (in the development
environment: python3 scripts/test.py --setup-only). Variables without a value take their first one, as in Grafana.
Exit codes: 0 drawn, 1 a panel has no data (drawn as such), 2 usage, or Prometheus gives no answer.

The picture grafana/fleet.png was drawn by this script from a real Prometheus, which held two weeks of made-up history
of three repositories: python3 scripts/test.py tests/integration/monitoring/test_draw.py --update-gold

Examples:
    .venv/bin/python scripts/monitoring/draw.py --prometheus-url http://localhost:9090 --dashboard fleet -o fleet.png
    .venv/bin/python scripts/monitoring/draw.py --prometheus-url http://localhost:9090 --dashboard repository \
        --repository octo/shop --branch main --days 7 -o shop.png
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import panels
from prometheus_api import Api, PrometheusFailed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NO_DATA: Final = 1
USAGE: Final = 2
_DAY: Final = 86_400
_SAMPLES: Final = 336
_LEAST_DAYS: Final = 1 / 24
_MOST_DAYS: Final = 3_650
_KINDS: Final = {"row", "stat", "table", "timeseries"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw what the arguments ask for; return the exit code."""
    given = _parser().parse_args(arguments)
    try:
        empty = draw_dashboard(
            given.dashboard,
            Api(given.prometheus_url),
            panels.Window(given.end, round(given.days * _DAY), max(60, round(given.days * _DAY / _SAMPLES))),
            {
                name: value
                for name, value in vars(given).items()
                if name in {"repository", "branch", "lookback"} and value
            },
            given.output,
        )
    except ImportError as error:
        print(f"error: {error}; drawing needs matplotlib, which the development environment has", file=sys.stderr)
        return USAGE
    except (panels.UnreadableDashboard, PrometheusFailed, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return USAGE
    for title in empty:
        print(f"no data: {title}", file=sys.stderr)
    print(given.output)
    return NO_DATA if empty else 0


def draw_dashboard(name: str, api: Api, window: panels.Window, given: Mapping[str, str], output: Path) -> list[str]:
    """Draw a dashboard and return the titles of the panels that have no data.

    Raises:
        UnreadableDashboard: there is no such dashboard or variable, or a panel of a kind that can't be drawn.
        PrometheusFailed: Prometheus doesn't answer, or refuses a query.
        ImportError: matplotlib isn't installed.
        OSError: the picture can't be written.
    """
    from panel_drawing import draw  # noqa: PLC0415 - usage is told without matplotlib too

    board = panels.load(name)
    values = panels.values_of(board, given, lambda query: api.first_label_value(query, window)) | window.variables
    answered = [_answered(panel, api, window, values) for panel in panels.panels_of(board)]
    draw(board["title"], answered, window, output)
    return [each.panel.title for each in answered if each.is_empty]


def _answered(panel: panels.Panel, api: Api, window: panels.Window, values: Mapping[str, str]) -> panels.Answered:
    if panel.kind not in _KINDS:
        raise panels.UnreadableDashboard(f"{panel.title}: a panel of the kind {panel.kind} can't be drawn")
    answers = []
    for query in panel.queries:
        expression = panels.substituted(query.expression, values)
        answers.append(api.instant(expression, window.end) if query.instant else api.over(expression, window))
    return panels.Answered(panel, answers)


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = 0
    if not _LEAST_DAYS <= days <= _MOST_DAYS:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days between an hour and ten years")
    return days


def _parser() -> argparse.ArgumentParser:
    description, _, examples = (__doc__ or "").partition("Examples:")
    parser = argparse.ArgumentParser(
        description=description, epilog=f"Examples:{examples}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--prometheus-url", required=True, metavar="URL", help="for example http://localhost:9090")
    parser.add_argument("--dashboard", required=True, metavar="NAME", help=f"one of {', '.join(panels.names())}")
    parser.add_argument("-o", "--output", required=True, type=Path, metavar="FILE", help="the PNG to write")
    parser.add_argument(
        "--days", type=_days, default=14, help="how much time to show, an hour to ten years (default: 14)"
    )
    parser.add_argument("--end", type=float, default=time.time(), metavar="SECONDS", help="since 1970 (default: now)")
    parser.add_argument("--repository", metavar="OWNER/NAME", help="only this one (default: all, or the first)")
    parser.add_argument("--branch", help="of one repository (default: the first)")
    parser.add_argument("--lookback", help="how old a pushed value may be: 5m, or 30d for VictoriaMetrics")
    return parser


if __name__ == "__main__":
    sys.exit(main())
