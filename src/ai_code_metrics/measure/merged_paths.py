"""Paths of a summary seen from the top of the repository, where several directories of it are put together."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from ai_code_metrics.model import Summary

_PATHS: Final = frozenset({"path", "roots", "files_failed", "unknown_files"})
"""The fields that hold paths below the measured directory, wherever in a summary they are."""


def at_top(summary: Summary) -> Summary:
    """Return a summary with its paths below ``context.directory``, which stays; those of commits are so already."""
    parts = {
        name: _placed(getattr(summary, name), summary.context.directory)
        for name in summary.__struct_fields__
        if name != "commits"
    }
    return msgspec.structs.replace(summary, **parts)


def _placed(value: Any, directory: str) -> Any:  # noqa: ANN401 - any part of a summary
    if isinstance(value, list):
        return [_placed(item, directory) for item in value]
    if not isinstance(value, msgspec.Struct):
        return value
    contents = {name: getattr(value, name) for name in value.__struct_fields__}
    changed = {
        name: _path(content, directory) if name in _PATHS else _placed(content, directory)
        for name, content in contents.items()
    }
    return msgspec.structs.replace(value, **changed)


def _path(content: Any, directory: str) -> Any:  # noqa: ANN401 - one path, or a list of them
    if isinstance(content, list):
        return [_path(path, directory) for path in content]
    return posixpath.normpath(posixpath.join(directory, content))
