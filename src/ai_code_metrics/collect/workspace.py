"""Where one measurement works: measured directory, scratch directory, raw reports, the caller's environment."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ai_code_metrics.interruption import Interruption

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Workspace:
    """What every collector needs to know.

    Attributes:
        root: absolute path of the measured directory; nothing is written below it.
        scratch: an empty directory of this measurement, removed afterwards.
        raw: where the tools' own reports are kept for the artifact.
        environ: the caller's environment, unfiltered; process.py filters it for each kind of child.
        stop: set when the run is given up; every process that was started for it is killed then.
    """

    root: Path
    scratch: Path
    raw: Path
    environ: Mapping[str, str]
    stop: Interruption = field(default_factory=Interruption, repr=False, compare=False)

    def room(self, name: str) -> Path:
        """Make and return a new, empty directory below ``scratch`` for one collector.

        Its full name can't be foreseen: the analysed code runs as the same user, and could make it first.
        """
        return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=self.scratch))
