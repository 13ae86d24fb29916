"""The README's command for the main job, as somebody runs it who has just cloned this repository."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import install
from support.action_copy import copy_action
from support.shop import Shop

if TYPE_CHECKING:
    from pathlib import Path


def test_a_fresh_clone_measures_a_repository(tmp_path: Path) -> None:
    """Everything is installed, the report is printed, and summary, comment and exposition are left behind."""
    clone = copy_action(tmp_path / "clone")
    shop = Shop.create(tmp_path / "shop", tmp_path / "spied")
    home = tmp_path / "home"
    home.mkdir()
    done = subprocess.run(
        [sys.executable, clone / "scripts" / "run.py", "shop", "--python", sys.executable],
        cwd=tmp_path, env={**install.installer_environment(dict(os.environ)), "HOME": str(home)},
        capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    written = shop.root / ".ai-code-metrics"
    summary = json.loads((written / "metrics-summary.json").read_text(encoding="utf-8"))
    assert summary["quality"]["status"] == "ok"
    assert summary["coverage"]["status"] == "ok", summary["coverage"]
    assert f"grade {summary['quality']['grade']} ({summary['quality']['score']:g})" in done.stdout
    assert {"comment.md", "findings.sarif", "metrics.prom", "raw"} <= {path.name for path in written.iterdir()}
    assert shop.git("status", "--porcelain") == ""
