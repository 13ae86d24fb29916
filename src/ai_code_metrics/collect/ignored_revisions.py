"""The project's ``.git-blame-ignore-revs``: reformatting commits that ``git blame`` looks through."""

from __future__ import annotations

import contextlib
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ai_code_metrics.collect.git_paths import is_regular

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ai_code_metrics.collect.repository import Repository

FILE: Final = ".git-blame-ignore-revs"
_MAX_BYTES: Final = 1_000_000
_OBJECT_ID: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class IgnoredRevisions:
    """Options of ``git blame``, the commits that they name, and warnings about what the file holds besides."""

    options: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@contextlib.contextmanager
def ignored_revisions(repository: Repository, head: str | None) -> Iterator[IgnoredRevisions]:
    """Give the commits that the file at ``head`` names, for ``git blame`` to look through.

    Git blame fails at one id that it doesn't know, so a copy with the known ones is made for the time of the context.

    Args:
        repository: where to read.
        head: the commit whose file is used, from the top of the work tree; None: nothing is ignored.

    Yields:
        What the file gives; nothing without the file.
    """
    known, warnings = _known_ids(repository, head) if head is not None else ([], ())
    if not known:
        yield IgnoredRevisions(warnings=warnings)
        return
    with tempfile.TemporaryDirectory(prefix="ai-code-metrics-") as directory:
        copy = Path(directory) / "ignore-revs"
        copy.write_text("".join(f"{sha}\n" for sha in known), encoding="ascii")
        yield IgnoredRevisions(("--ignore-revs-file", str(copy)), tuple(known), warnings)


def _known_ids(repository: Repository, head: str) -> tuple[list[str], tuple[str, ...]]:
    entry = repository.run("ls-tree", "--full-tree", "-z", head, "--", FILE)
    if not is_regular(entry):
        return [], ()
    with repository.reading("cat-file", "blob", entry.split()[2].decode("ascii")) as output:
        content = output.read(_MAX_BYTES + 1)
    if len(content) > _MAX_BYTES:
        return [], (f"{FILE} is over {_MAX_BYTES} bytes and was not used",)
    entries = [line.partition("#")[0].strip().lower() for line in content.decode("utf-8", "replace").split("\n")]
    wanted = [(number, text) for number, text in enumerate(entries, start=1) if text]
    found = _existing(repository, [text for _, text in wanted if _OBJECT_ID.fullmatch(text)])
    unknown = [number for number, text in wanted if text not in found]
    if not unknown:
        return sorted(found), ()
    warning = (
        f"{FILE}: {len(unknown)} of {len(wanted)} entries are no full id of a commit in this clone and were left out, "
        f"the first in line {unknown[0]}"
    )
    return sorted(found), (warning,)


def _existing(repository: Repository, ids: list[str]) -> set[str]:
    if not ids:
        return set()
    questions = "".join(f"{sha}\n" for sha in ids).encode("ascii")
    listed = repository.run("rev-list", "--no-walk=unsorted", "--ignore-missing", "--stdin", stdin=questions)
    return set(listed.decode("ascii").split())
