"""A real git repository for a test: built step by step, with fixed dates, apart from the machine's configuration."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ANN: Final = "Ann Author <ann@example.com>"
CLAUDE: Final = "Co-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>"
_START: Final = 1_700_000_000
_MINUTE: Final = 60


class GitProject:
    """A repository in ``directory``, on branch ``main``; each commit is a minute later than the one before."""

    def __init__(self, directory: Path, *, init: bool = True, object_format: str = "sha1") -> None:
        self.path = directory
        self.time = _START
        directory.mkdir(parents=True, exist_ok=True)
        if init:
            self.git("init", "--quiet", "--initial-branch=main", f"--object-format={object_format}")

    @property
    def environ(self) -> dict[str, str]:
        """The environment that git and the code under test get: a search path, no configuration of the machine."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.path),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }

    def git(self, *arguments: str, stdin: bytes = b"", environ: Mapping[str, str] | None = None) -> str:
        """Run git and return what it printed, without the last line feed."""
        done = self._run(arguments, stdin, environ)
        assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stderr.decode()}"
        return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")

    def attempt(self, *arguments: str, environ: Mapping[str, str] | None = None) -> bool:
        """Run git and tell whether it succeeded."""
        return self._run(arguments, b"", environ).returncode == 0

    def _run(
        self, arguments: tuple[str, ...], stdin: bytes, environ: Mapping[str, str] | None
    ) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["git", *arguments],  # noqa: S607 - found on PATH
            cwd=self.path, env={**self.environ, **(environ or {})}, input=stdin, capture_output=True, check=False,
        )  # fmt: skip

    def write(self, path: str, content: str | bytes) -> None:
        """Write a file below the top, byte by byte as given."""
        target = self.path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())

    def commit(self, message: str | bytes, *, author: str = ANN, files: dict[str, str | bytes] | None = None) -> str:
        """Write ``files``, add all that changed, commit it with the message exactly as given; return the id."""
        for path, content in (files or {}).items():
            self.write(path, content)
        self.git("add", "--all")
        text = message if isinstance(message, bytes) else message.encode()
        options = ("--quiet", "--allow-empty", "--allow-empty-message", "--cleanup=verbatim", "--file=-")
        self.git("commit", *options, stdin=text, environ=self.identity(author))
        return self.head

    def merge(self, *branches: str, message: str = "merge") -> str:
        """Merge branches into the current one with a merge commit; return its id."""
        self.git("merge", "--quiet", "--no-ff", "-m", message, *branches, environ=self.identity(ANN))
        return self.head

    def branch(self, name: str, start: str = "HEAD") -> None:
        """Create a branch and switch to it."""
        self.git("switch", "--quiet", "--create", name, start)

    def switch(self, name: str) -> None:
        """Switch to a branch."""
        self.git("switch", "--quiet", name)

    @property
    def head(self) -> str:
        """The id of the checked-out commit."""
        return self.git("rev-parse", "HEAD")

    def clone(self, directory: Path, *options: str) -> GitProject:
        """Clone over the file transport, which honours ``--depth`` and ``--filter``."""
        self.git("config", "uploadpack.allowFilter", "true")
        self.git("clone", "--quiet", "--no-local", *options, self.path.as_uri(), str(directory))
        return GitProject(directory, init=False)

    def identity(self, author: str) -> dict[str, str]:
        """Variables that make the next commit: its author, another committer, and the next minute."""
        self.time += _MINUTE
        name, _, email = author.rstrip(">").rpartition(" <")
        date = f"{self.time} +0000"
        return {
            "GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": email, "GIT_AUTHOR_DATE": date,
            "GIT_COMMITTER_NAME": "Merge Button", "GIT_COMMITTER_EMAIL": "noreply@github.com",
            "GIT_COMMITTER_DATE": date,
        }  # fmt: skip
