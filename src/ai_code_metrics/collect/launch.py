"""Start a Python tool with arguments read from a file: ``python -I -X utf8 -m ai_code_metrics.collect.launch FILE``.

The file holds a JSON array, the tool's module first. Thousands of paths don't fit on a Windows command line (32,767
characters), and isolated mode keeps a ``yaml.py`` in the analysed repository from being imported in the tool's place.
"""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path


def main() -> None:
    """Run the module that the file names as ``__main__`` with the rest of the array as its arguments."""
    module, *arguments = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
