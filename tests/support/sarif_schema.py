"""The JSON Schema of SARIF 2.1.0, as its makers hand it out in the npm package ``@microsoft/jest-sarif``.

It is fetched by the test that needs it, see ``npm_packages``.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from support.npm_packages import cache_directory, install

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE: Final = Path("node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json")


def load(environ: Mapping[str, str]) -> Any:
    """Return the schema (draft 4), fetched where it isn't in the cache yet.

    Raises:
        ServiceMissing: npm is not installed.
        AssertionError: npm could not fetch the package.
    """
    return json.loads((install(cache_directory(environ)) / FILE).read_text(encoding="utf-8"))
