"""The repository that the action measures in the end-to-end tests: octo/shop, with a pull request by an AI assistant.

Its tests and its pylint configuration write down the environment that they see.
"""

from __future__ import annotations

import json
import os
import subprocess
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from support.act import ACTION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

REPOSITORY: Final = "octo/shop"
NUMBER: Final = 42
CHECKOUT: Final = "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1"

PRICES = '''\
"""Prices of the shop."""


def total(prices):
    """Return the sum."""
    return sum(prices)
'''
DISCOUNT = '''

def discounted(price, percent):
    """Return the price less percent."""
    if percent > 100:
        raise ValueError("more than everything")
    return price * (100 - percent) / 100
'''
NOTED_LINE: Final = 9
NOTED_BY: Final = json.dumps({
    "schema_version": "authorship/3.0.0",
    "sessions": {"s_0123456789abcd": {"agent_id": {"tool": "cursor", "model": "gpt-5"}}},
})  # fmt: skip
SPYING_TEST = '''\
"""Tests of prices."""

import json
import os

from shop import prices

with open({spy!r}, "w", encoding="utf-8") as file:
    json.dump(dict(os.environ), file)


def test_total():
    """Sums are sums."""
    assert prices.total([1, 2]) == 3
'''


@dataclass(frozen=True, slots=True)
class Shop:
    """A git repository with the project in ``directory`` below ``root``, and what its code saw in ``spied``."""

    root: Path
    directory: str
    spied: Path

    @classmethod
    def create(cls, root: Path, spied: Path, directory: str = ".") -> Shop:
        """Make the repository with a first commit on ``main``."""
        shop = cls(root, directory, spied)
        root.mkdir(parents=True)
        spied.mkdir(parents=True)
        shop.git("init", "--quiet", "--initial-branch=main")
        shop.git("remote", "add", "origin", f"https://github.com/{REPOSITORY}.git")
        # The address names the repository for act, which reads no included file; git fetches from beside it.
        shop.git("init", "--quiet", "--bare", str(shop.remote / f"{REPOSITORY}.git"))
        (root / ".git" / "near").write_text(f'[url "{shop.remote.as_uri()}/"]\n\tinsteadOf = https://github.com/\n')
        shop.git("config", "include.path", "near")
        shop.write("shop/__init__.py", '"""A shop."""\n')
        shop.write("shop/prices.py", PRICES)
        shop.write("tests/test_prices.py", SPYING_TEST.format(spy=str(spied / "tests.json")))
        hook = f"import json, os; json.dump(dict(os.environ), open({str(spied / 'pylint.json')!r}, 'w'))"
        shop.write(".pylintrc", f"[MAIN]\ninit-hook={hook}\n")
        shop.commit("feat: sell things")
        return shop

    @property
    def remote(self) -> Path:
        """Where the remote is, beside the repository."""
        return self.root.with_name(f"{self.root.name}-remote")

    def note(self, commit: str, text: str) -> None:
        """Give a commit an authorship note, on the remote only."""
        self.git("push", "--quiet", "origin", f"{commit}:refs/heads/noted")
        bare = self.remote / f"{REPOSITORY}.git"
        self.git(f"--git-dir={bare}", "notes", "--ref=ai", "add", "--message", text, commit)

    def git(self, *arguments: str) -> str:
        """Run git in the repository, as nobody in particular and with nobody's settings."""
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.root), "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "Ann", "GIT_AUTHOR_EMAIL": "ann@example.com",
            "GIT_COMMITTER_NAME": "Ann", "GIT_COMMITTER_EMAIL": "ann@example.com",
        }  # fmt: skip
        done = subprocess.run(["git", *arguments], cwd=self.root, env=environment, capture_output=True, check=True)  # noqa: S607
        return done.stdout.decode("utf-8").strip()

    def write(self, path: str, text: str) -> None:
        """Write a file of the project."""
        file = self.root / self.directory / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def commit(self, message: str) -> str:
        """Commit everything; return the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def use_action(
        self,
        inputs: Mapping[str, str],
        environment: Mapping[str, str] | None = None,
        *,
        on: Sequence[str] = ("push", "pull_request"),
    ) -> None:
        """Write the workflow; it isn't committed, for a workflow of a run is of no interest to the measurement."""
        given = "".join(f"          {name}: {json.dumps(value)}\n" for name, value in inputs.items())
        workflow = textwrap.dedent(f"""\
            on: {json.dumps(list(on))}
            permissions: {{}}
            env: {json.dumps(dict(environment or {}))}
            jobs:
              quality:
                runs-on: ubuntu-latest
                steps:
                  - uses: {CHECKOUT}
                  - id: metrics
                    uses: {ACTION}
                    with:
            """)
        path = self.root / ".github" / "workflows" / "metrics.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(workflow + given, encoding="utf-8")

    def open_pull_request(self, head_repository: str = REPOSITORY) -> dict[str, Any]:
        """Have an assistant add a function on a branch, and check out its merge as GitHub does; return the payload.

        The remote has a note that one of its lines is by another agent.
        """
        base = self.git("rev-parse", "HEAD")
        self.git("switch", "--quiet", "--create", "feature/discount")
        self.write("shop/prices.py", PRICES + DISCOUNT)
        head = self.commit("feat: give discounts\n\nCo-Authored-By: Claude <noreply@anthropic.com>")
        place = (Path(self.directory) / "shop/prices.py").as_posix()
        self.note(head, f'"{place}"\n  s_0123456789abcd::t_0123456789abcd {NOTED_LINE}\n---\n{NOTED_BY}')
        self.git("switch", "--quiet", "--detach", "main")
        self.git("merge", "--quiet", "--no-ff", "--message", f"Merge {head} into {base}", head)
        repository = {"full_name": REPOSITORY, "default_branch": "main", "fork": False}
        return {
            "action": "synchronize",
            "number": NUMBER,
            "pull_request": {
                "number": NUMBER,
                "head": {"sha": head, "ref": "feature/discount", "repo": {"full_name": head_repository}},
                "base": {"sha": base, "ref": "main", "repo": repository},
            },
            "repository": repository,
        }

    def seen_by(self, spy: str) -> dict[str, str]:
        """Return the environment that the project's ``tests`` or its ``pylint`` hook saw."""
        environment: dict[str, str] = json.loads((self.spied / f"{spy}.json").read_text(encoding="utf-8"))
        return environment

    def push_payload(self) -> dict[str, Any]:
        """Return the payload of a push of ``main``."""
        repository = {"full_name": REPOSITORY, "default_branch": "main", "fork": False}
        after = self.git("rev-parse", "HEAD")
        return {"ref": "refs/heads/main", "before": "0" * 40, "after": after, "repository": repository}
