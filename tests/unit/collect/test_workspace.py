from __future__ import annotations

from typing import TYPE_CHECKING

from ai_code_metrics.collect.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path


def test_a_room_is_new_whatever_stands_there(tmp_path: Path) -> None:
    """Analysed code that makes a directory or a file of a room's name takes no room away, nor gets its own used."""
    workspace = Workspace(root=tmp_path, scratch=tmp_path, raw=tmp_path, environ={})
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "planted").touch()
    (tmp_path / "pylint").touch()

    rooms = [workspace.room(name) for name in ("tests", "tests", "pylint")]

    assert len(set(rooms)) == 3
    assert all(room.parent == tmp_path and list(room.iterdir()) == [] for room in rooms)
