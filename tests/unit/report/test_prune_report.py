from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.console import Console

from ai_code_metrics.measure.gateway_prune import Criteria, Live, plan
from ai_code_metrics.report.prune_report import plan_rows, print_plan
from support.groups import JOB, NOW, held, key

if TYPE_CHECKING:
    from support.gold import Gold

LIVE = Live(frozenset({7}), frozenset({"main"}))


def test_the_report(gold: Gold) -> None:
    """What would go is listed with its reason, in order, and JSON has the exact labels."""
    groups = [held(days=40), held(key(branch="pr-8", project="api")), held(key("a[b]/\x1b[31mc", "x"), days=99)]
    criteria = Criteria(JOB, older_than_days=30, closed_pull_requests=True)
    decided = plan(groups, criteria, {"octo/shop": LIVE}, NOW)
    stream = io.StringIO()
    for is_dry_run in (True, False):
        print_plan(decided, Console(file=stream, width=500), NOW, is_dry_run=is_dry_run)
    gold.check("prune.txt", stream.getvalue())
    rows = plan_rows(decided)["groups"]
    assert [row["labels"] for row in rows] == [key("a[b]/\x1b[31mc", "x"), key(), key(branch="pr-8", project="api")]
