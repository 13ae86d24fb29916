"""The headers of hunks in git's diffs without context."""

from __future__ import annotations

import re
from typing import Final

from ai_code_metrics.records import Edit

_HUNK: Final = re.compile(rb"@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


def read_edit(header: bytes) -> tuple[Edit, int] | None:
    """Read the header of a hunk; also return the number of lines that follow it. None where it is no such header."""
    found = _HUNK.match(header)
    if found is None:
        return None
    removed, added = (1 if count is None else int(count) for count in found.group(1, 3))
    start = int(found[2]) + (not added)  # of a hunk without new lines, git tells the line in front of it
    return Edit(start, start + added, removed - added), removed + added
