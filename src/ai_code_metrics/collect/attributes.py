"""Which paths ``.gitattributes`` calls generated or vendored, by the words of github-linguist."""

from __future__ import annotations

import tempfile
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from ai_code_metrics.collect.git_paths import decode_path, encode_path, is_regular

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from ai_code_metrics.collect.repository import Repository

_FILE: Final = ".gitattributes"
_WORDS: Final = ("linguist-generated", "linguist-vendored")
_MAX_ARGUMENTS: Final = 500


def generated_paths(repository: Repository, paths: Collection[str]) -> set[str]:
    """Return those of ``paths`` that are generated or vendored by the attributes of the work tree."""
    return _asked(repository, paths, ())


def generated_paths_at(repository: Repository, commit: str, paths: Collection[str]) -> set[str]:
    """Return those of ``paths`` that are generated or vendored by the attributes of a commit, at all levels.

    Those of ``info/attributes`` count too. Git before 2.41 reads the attributes of a commit from an index only, so one
    is made that holds nothing else.

    Args:
        repository: where to read.
        commit: a full id.
        paths: relative to the opened directory, as git has them.

    Raises:
        GitFailed: the commit's attributes can't be read.
    """
    if not paths:
        return set()
    files = b"".join(_attributes_files(repository, commit, paths))
    if not files and not repository.git_path("info/attributes").exists():
        return set()
    with tempfile.TemporaryDirectory(prefix="ai-code-metrics-") as directory:
        other = repository.with_index(Path(directory, "index"))
        other.run("update-index", "-z", "--index-info", stdin=files)
        return _asked(other, paths, ("--cached",))


def _attributes_files(repository: Repository, commit: str, paths: Collection[str]) -> Iterator[bytes]:
    """Yield the regular files that may say something of ``paths``, as git lists a tree."""
    top = PurePosixPath(repository.prefix)
    directories = {parent for path in paths for parent in (top / path).parents}
    wanted = sorted((directory / _FILE).as_posix() for directory in directories)
    few: Sequence[str] = wanted if len(wanted) <= _MAX_ARGUMENTS else ()
    for entry in repository.run("ls-tree", "-r", "-z", "--full-tree", commit, "--", *few).split(b"\0")[:-1]:
        if is_regular(entry) and entry.endswith(_FILE.encode()):
            yield entry + b"\0"


def _asked(repository: Repository, paths: Collection[str], options: tuple[str, ...]) -> set[str]:
    questions = b"".join(encode_path(path) + b"\0" for path in paths)
    if not questions:
        return set()
    fields = repository.run("check-attr", *options, "--stdin", "-z", *_WORDS, stdin=questions).split(b"\0")[:-1]
    answers = zip(fields[::3], fields[2::3], strict=True)
    return {decode_path(path) for path, value in answers if value in {b"set", b"true"}}
