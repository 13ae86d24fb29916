"""The command line in process, as a test calls it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from ai_code_metrics import cli, model
from ai_code_metrics.report import summary_json
from support import summaries

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

TOKEN = "workflow-token"
SECRETS = (TOKEN, "s3cret-of-the-gateway")


class Shell:
    """Runs the command line in a directory of its own and keeps what it printed."""

    def __init__(self, directory: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
        self.directory, self.environment, self._capfd = directory, monkeypatch, capfd
        self.out = self.err = ""

    def run(self, *arguments: str) -> int:
        """Run one command and return its exit code."""
        self.environment.setattr("sys.argv", ["ai-code-metrics", *arguments])
        code: int | str | None = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = ended.code
        self.out, self.err = self._capfd.readouterr()
        assert "Traceback" not in self.out + self.err, self.err
        assert not any(secret in self.out + self.err for secret in SECRETS)
        return code if isinstance(code, int) else 1

    def save(self, summary: model.Summary) -> str:
        """Write a summary and return its path."""
        path = self.directory / "metrics-summary.json"
        path.write_bytes(summary_json.encode(summary))
        return str(path)

    def happens(self, event: str, **variables: str) -> None:
        """Set what GitHub says of the event that the summaries of the tests are about."""
        context = summaries.context() if event == "pull_request" else summaries.push_context()
        payload: dict[str, object] = {"repository": {"default_branch": context.default_branch}}
        if event == "pull_request":
            payload["pull_request"] = {"number": 42, "head": {"ref": context.branch, "sha": context.head_sha}}
        path = self.directory / "event.json"
        path.write_text(json.dumps(payload), encoding="utf-8")
        names = {"GITHUB_EVENT_NAME": event, "GITHUB_EVENT_PATH": str(path), "GITHUB_REF_NAME": context.branch or ""}
        for name, value in (names | variables).items():
            self.environment.setenv(name, value)

    def outputs(self) -> dict[str, str]:
        """The step outputs that were written."""
        text = (self.directory / "outputs").read_text(encoding="utf-8")
        return {name: value for name, _, value in re.findall(r"(\S+)<<(\S+)\n(.*?)\n\2\n", text, re.DOTALL)}
