"""``metrics-summary.json``: written, read back as untrusted input, and described by its JSON Schema."""

from __future__ import annotations

import math
from inspect import cleandoc
from typing import Any, Final

import msgspec

from ai_code_metrics.errors import InvalidSummary
from ai_code_metrics.model import SCHEMA_VERSION, Summary

MAX_BYTES: Final = 64 * 1024 * 1024
SCHEMA_ID: Final = f"urn:ai-code-metrics:summary:{SCHEMA_VERSION}"


class _Envelope(msgspec.Struct):
    """The one key that every schema version has."""

    schema_version: Any = None


def encode(summary: Summary) -> bytes:
    """Return the summary as JSON: UTF-8, indented by 2, always in the same order, with a final newline.

    Raises:
        ValueError: a number is NaN or infinite, which JSON has no word for and which a measure must never hand out.
    """
    _check_finite(msgspec.to_builtins(summary), "$")
    return msgspec.json.format(msgspec.json.encode(summary, order="deterministic"), indent=2) + b"\n"


def decode(data: bytes) -> Summary:
    """Read a summary that anybody may have written.

    Raises:
        InvalidSummary: ``data`` is over 64 MiB, no JSON, of another schema version, or doesn't fit the schema; the text
            says which, where, and what to do.
    """
    if len(data) > MAX_BYTES:
        raise InvalidSummary(
            f"the summary has {len(data):,} bytes, more than the {MAX_BYTES:,} that are read; "
            "measure fewer files (inputs source and exclude)"
        )
    try:
        version = msgspec.json.decode(data, type=_Envelope).schema_version
        _check_version(version)
        return msgspec.json.decode(data, type=Summary)
    except msgspec.ValidationError as error:
        raise InvalidSummary(f"the summary doesn't fit schema version {SCHEMA_VERSION}: {error}") from None
    except msgspec.DecodeError as error:
        raise InvalidSummary(f"the summary is not JSON, or was cut off while it was written: {error}") from None
    except UnicodeDecodeError as error:
        raise InvalidSummary(f"the summary is not UTF-8: {error.reason} at byte {error.start}") from None
    except RecursionError:
        raise InvalidSummary("the summary is nested too deeply to be one") from None


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of the summary."""
    schema = msgspec.json.schema(Summary)
    for definition in schema["$defs"].values():
        if "description" in definition:  # a docstring, whose indentation Python keeps up to 3.12
            definition["description"] = cleandoc(definition["description"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": f"ai-code-metrics summary, schema version {SCHEMA_VERSION}",
        **schema,
    }


def _check_version(version: object) -> None:
    if version == SCHEMA_VERSION and type(version) is int:
        return
    if version is None:
        raise InvalidSummary("the file has no schema_version, so it is no summary of ai-code-metrics")
    if type(version) is int and version > SCHEMA_VERSION:
        way_out = "read it with the newer ai-code-metrics that wrote it"
    else:
        way_out = "measure again with this version of ai-code-metrics"
    raise InvalidSummary(
        f"the summary has schema version {str(version)[:40]}, this ai-code-metrics reads version {SCHEMA_VERSION}: "
        + way_out
    )


def _check_finite(value: object, path: str) -> None:
    """Msgspec would write NaN as null, which some keys allow: a wrong number must not turn into a missing one."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{path} is {value}, and a summary holds finite numbers only")
    if isinstance(value, dict):
        for key, item in value.items():
            _check_finite(item, f"{path}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check_finite(item, f"{path}[{index}]")
