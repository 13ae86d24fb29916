"""The kinds of numbers and texts that a summary holds, with the bounds that are checked when it is decoded."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

MAX_COUNT = 2**53  # what JSON readers in other languages hold exactly, and floats too
Count = Annotated[int, Meta(ge=0, le=MAX_COUNT)]
Score = Annotated[float, Meta(ge=0, le=100)]
Share = Annotated[float, Meta(ge=0, le=1)]
Seconds = Annotated[float, Meta(ge=0, le=1e9)]
MAX_TIMESTAMP = 253_402_300_799  # seconds since 1970, to the end of the year 9999
Timestamp = Annotated[int, Meta(ge=0, le=MAX_TIMESTAMP)]
MAX_NAME = 300
Name = Annotated[str, Meta(max_length=MAX_NAME)]
Text = Annotated[str, Meta(max_length=4_000)]
MAX_PATH = 4_096
Path = Annotated[str, Meta(max_length=MAX_PATH)]
Sha = Annotated[str, Meta(pattern=r"^(?:[0-9a-f]{40}|[0-9a-f]{64})$(?!\n)")]
