"""npm packages that tests are held against, at the versions that ``tests/support/npm/package-lock.json`` pins by hash.

They are too large for the repository: the first test that needs one fetches all of them, into a cache beside the
environment.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from support.services import find_program

if TYPE_CHECKING:
    from collections.abc import Mapping

REPOSITORY_ROOT: Final = Path(__file__).parents[2]
NPM_PROJECT: Final = Path(__file__).parent / "npm"
CACHE_VARIABLE: Final = "AI_CODE_METRICS_TEST_CACHE"
FETCH_SECONDS: Final = 300

_COMPLETE: Final = "complete"
_DESCRIPTIONS: Final = Path("node_modules/@octokit/openapi/generated")
_USED_DESCRIPTION: Final = "api.github.com.json"


def cache_directory(environ: Mapping[str, str]) -> Path:
    """Return where tests keep what they fetched: ``AI_CODE_METRICS_TEST_CACHE``, else inside the environment."""
    return Path(environ.get(CACHE_VARIABLE) or REPOSITORY_ROOT / ".venv" / "test-cache").resolve()


def install(cache: Path) -> Path:
    """Return the directory that holds ``node_modules``, made by ``npm ci`` where this lock isn't in the cache yet.

    Several test processes may call this at once: each works in a directory of its own, and the first that is done
    gives its directory the final name.

    Raises:
        ServiceMissing: npm is not installed.
        AssertionError: npm could not fetch the packages.
    """
    # a checkout may have other line ends, the versions are the same
    lock = (NPM_PROJECT / "package-lock.json").read_text(encoding="utf-8")
    final = cache / f"npm-{hashlib.sha256(lock.encode()).hexdigest()[:16]}"
    if not (final / _COMPLETE).is_file():
        _install(cache, final)
    return final


def _install(cache: Path, final: Path) -> None:
    npm = find_program("npm.cmd", "npm") if os.name == "nt" else find_program("npm")
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache, prefix="fetching-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        for file in ("package.json", "package-lock.json"):
            shutil.copy(NPM_PROJECT / file, directory)
        finished = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=directory, capture_output=True, text=True, timeout=FETCH_SECONDS, check=False,
        )  # fmt: skip
        assert finished.returncode == 0, f"npm ci could not fetch what tests need: {finished.stderr[-2000:]}"
        for description in (directory / _DESCRIPTIONS).glob("*.json"):
            if description.name != _USED_DESCRIPTION:  # 400 MB of variants
                description.unlink()
        (directory / _COMPLETE).touch()
        try:
            directory.rename(final)
        except OSError:  # another process was faster
            assert (final / _COMPLETE).is_file(), f"{final} is there but incomplete: delete it"
