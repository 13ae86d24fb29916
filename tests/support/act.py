"""Runs action.yml itself under act, in host mode, with nothing fetched from github.com.

Act takes the part of the runner: it evaluates the expressions, runs the steps with GitHub's variables and command
files, and has an artifact server. ``actions/checkout`` it does by itself; the two other actions that action.yml uses
are mapped to the stand-ins in ``tests/support/actions``.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sysconfig
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import install
from support.action_copy import copy_action
from support.services import free_port

if TYPE_CHECKING:
    from collections.abc import Mapping

ACTION: Final = "ai-code-metrics/ai-code-metrics@v0"
TIMEOUT_SECONDS: Final = 300
_STAND_INS: Final = Path(__file__).parent / "actions"


@dataclass(frozen=True, slots=True)
class Finished:
    """One run of a workflow.

    Attributes:
        succeeded: whether the job did.
        log: everything that act printed, secrets not masked.
        entries: the same as act's JSON records, in order.
        artifacts: the uploaded files by path, for each artifact by name.
    """

    succeeded: bool
    log: str
    entries: tuple[dict[str, Any], ...]
    artifacts: dict[str, dict[str, bytes]]

    def outputs(self, *step: str) -> dict[str, str]:
        """Return the outputs of a step; ids from the outermost on, such as ``"metrics", "report"``."""
        return {
            entry["name"]: entry["arg"]
            for entry in self.entries
            if entry.get("command") == "set-output" and entry.get("stepID") == list(step)
        }

    def results(self) -> dict[str, str]:
        """Return ``success`` or ``failure`` of the action's steps by name, in the order in which they ended."""
        ended = re.compile(r"(Success|Failure) - Main (?P<name>.+?)(?: \[|$)")
        return {
            found["name"]: entry["stepResult"]
            for entry in self.entries
            if "stepResult" in entry and len(entry.get("stepID", "")) > 1 and (found := ended.search(entry["msg"]))
        }

    def job_summary(self) -> str:
        """Return what was written to the job summary."""
        return "".join(entry["content"] for entry in self.entries if entry.get("command") == "summary")

    def annotations(self) -> list[tuple[str, str]]:
        """Return kind (``error``, ``warning``, ``notice``) and text of the annotations."""
        kinds = {"error", "warning", "notice"}
        return [(e["command"], e["arg"]) for e in self.entries if e.get("command") in kinds]

    def printed(self) -> str:
        """Return what the steps printed."""
        return "".join(entry["msg"] for entry in self.entries if entry.get("raw_output"))


@dataclass(frozen=True, slots=True)
class Act:
    """act, with a copy of the action and a directory for what it leaves behind."""

    action: Path
    directory: Path
    environments: Path

    @classmethod
    def in_directory(cls, directory: Path) -> Act:
        """Copy the action into ``directory``, where everything that runs leave behind stays, too."""
        action = copy_action(directory / "action")
        return cls(action, directory, directory / "environments")

    def run(
        self, project: Path, event: str, payload: Mapping[str, Any], *, secrets: Mapping[str, str], api_url: str
    ) -> Finished:
        """Run the workflows of ``project`` for an event.

        Args:
            project: a git repository whose ``origin`` names owner and repository.
            event: the event's name.
            payload: the event's payload.
            secrets: the secrets by name; ``GITHUB_TOKEN`` is the job's token.
            api_url: what ``GITHUB_API_URL`` is.
        """
        run_directory = Path(tempfile.mkdtemp(prefix="run-", dir=self.directory))  # runs may be beside each other
        event_file, secret_file = run_directory / "event.json", run_directory / "secrets"
        event_file.write_text(json.dumps(payload), encoding="utf-8")
        secret_file.write_text("".join(f"{name}={value}\n" for name, value in secrets.items()), encoding="utf-8")
        done = subprocess.run(
            [
                Path(sysconfig.get_path("scripts")) / "act", event, "--json", "--insecure-secrets",
                "--platform", "ubuntu-latest=-self-hosted", "--eventpath", event_file, "--secret-file", secret_file,
                "--env", f"GITHUB_API_URL={api_url}", "--env", f"AI_CODE_METRICS_ENVIRONMENTS={self.environments}",
                "--action-cache-path", run_directory / "cache", "--no-cache-server",
                "--artifact-server-path", run_directory / "artifacts",
                "--artifact-server-addr", "127.0.0.1", "--artifact-server-port", str(free_port()),
                *self._local_repositories(),
            ],
            cwd=project, env=install.installer_environment(dict(os.environ)), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=TIMEOUT_SECONDS, check=False,
        )  # fmt: skip
        log = done.stdout.decode("utf-8")
        entries = tuple(json.loads(line) for line in log.split("\n") if line.startswith("{"))
        return Finished(done.returncode == 0, log, entries, _artifacts(run_directory / "artifacts"))

    def _local_repositories(self) -> list[str]:
        used = re.findall(r"uses: (actions/([\w-]+)@\w+)", (self.action / "action.yml").read_text(encoding="utf-8"))
        mapped = {ACTION: self.action, **{uses: _STAND_INS / name for uses, name in used}}
        return [part for uses, path in mapped.items() for part in ("--local-repository", f"{uses}={path}")]


def _artifacts(directory: Path) -> dict[str, dict[str, bytes]]:
    found = {}
    for file in directory.rglob("*.zip"):
        with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as archive:
            found[file.stem] = {name: archive.read(name) for name in archive.namelist()}
    return found
