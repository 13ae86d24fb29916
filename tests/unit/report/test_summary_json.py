from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from ai_code_metrics import model
from ai_code_metrics.errors import InvalidSummary
from ai_code_metrics.report import summary_json
from support import summaries

if TYPE_CHECKING:
    from support.gold import Gold

SUMMARIES = [summaries.summary(), summaries.hostile_summary(), summaries.unavailable_summary()]


def changed(path: str, value: Any) -> bytes:
    """The complete summary with one key set: ``path`` is its keys, joined by dots."""
    document = json.loads(summary_json.encode(summaries.summary()))
    *parents, last = path.split(".")
    target = document
    for key in parents:
        target = target[int(key)] if isinstance(target, list) else target[key]
    target[last] = value
    return json.dumps(document).encode()


@pytest.mark.parametrize("summary", SUMMARIES)
def test_a_summary_survives_writing_and_reading(summary: model.Summary) -> None:
    """What was encoded decodes to the same records, hostile text included."""
    assert summary_json.decode(summary_json.encode(summary)) == summary


@pytest.mark.parametrize("summary", SUMMARIES)
def test_a_summary_fits_its_published_schema(summary: model.Summary) -> None:
    """The JSON Schema describes what is really written."""
    schema = summary_json.json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(json.loads(summary_json.encode(summary)))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("quality.score", 100.5),
        ("lint.status", "broken"),
        ("context.head_sha", "main"),
        ("attribution.changed.ai_share", -0.1),
        ("gates.0.result", "maybe"),
    ],
)
def test_the_schema_and_the_reader_refuse_the_same(path: str, value: Any) -> None:
    """A value out of bounds is an error for both, and the reader names its place."""
    data = changed(path, value)
    assert not jsonschema.Draft202012Validator(summary_json.json_schema()).is_valid(json.loads(data))
    with pytest.raises(InvalidSummary, match=r"doesn't fit schema version 1: .*`\$\."):
        summary_json.decode(data)


def test_the_schema_is_the_published_one(gold: Gold) -> None:
    """A changed schema is seen: it is an interface of others."""
    gold.check("summary.schema.json", json.dumps(summary_json.json_schema(), indent=2) + "\n")


def test_the_text_is_stable_and_indented() -> None:
    """Equal summaries give equal bytes whatever the order of their tables, with two blanks and a final newline."""
    ordered = summaries.summary(source=summaries.source(lines={"python": 1, "c": 2}))
    other = summaries.summary(source=summaries.source(lines={"c": 2, "python": 1}))
    assert summary_json.encode(ordered) == summary_json.encode(other)
    text = summary_json.encode(ordered).decode()
    assert text.startswith('{\n  "schema_version": 1,\n  "tool": {\n    "name"')
    assert text.endswith("}\n")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_json_has_no_word_for_is_never_written(value: float) -> None:
    """It would become null, a missing value, without anybody noticing."""
    gate = model.GateResult(expression="x > 1", metric="x", required="> 1", result="failed", actual=value)
    with pytest.raises(ValueError, match=r"\$\.gates\[0\]\.actual is -?(nan|inf)"):
        summary_json.encode(summaries.summary(gates=[gate]))


def test_keys_of_later_versions_are_ignored() -> None:
    """A summary may hold more than this version knows."""
    assert summary_json.decode(changed("lint.tomorrow", [1])) == summaries.summary()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not JSON, or was cut off"),
        (b'{"schema_version": 1', "not JSON, or was cut off"),
        (b'{"schema_version": NaN}', "not JSON"),
        (b"<html>", "not JSON"),
        (b'{"a": "\xff"}', "no schema_version"),
        (b'{"schema_version": 1, "measured_at": "\xff"}', "is not"),
        (b"[]", r"Expected `object`, got `array`"),
        (b"{}", "has no schema_version, so it is no summary"),
        (b'{"schema_version": 1}', r"missing required field `tool`"),
        (b'{"schema_version": 2}', "version 2, this ai-code-metrics reads version 1: read it with the newer"),
        (b'{"schema_version": 0}', "version 0, .*: measure again"),
        (b'{"schema_version": true}', "version True, .*: measure again"),
        (b'{"schema_version": "1"}', "version 1, .*: measure again"),
        (b'{"schema_version": 1e999}', "doesn't fit"),
        (b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply"),
        (changed("lint.findings.0.path", 7), r"Expected `str`, got `int` - at `\$\.lint\.findings\[0\]\.path`"),
        (changed("lint.findings.0.path", "p" * 4_097), r"length <= 4096 - at `\$\.lint\.findings\[0\]\.path`"),
        (changed("measured_at", "yesterday"), r"matching regex .* - at `\$\.measured_at`"),
    ],
)
def test_a_file_that_is_no_summary_is_refused_with_the_reason(data: bytes, message: str) -> None:
    """The error says what is wrong, at which key, and for another version what to do."""
    with pytest.raises(InvalidSummary, match=message):
        summary_json.decode(data)


def test_a_file_that_is_too_large_is_not_even_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is checked first, and the text says how to get below it."""
    monkeypatch.setattr(summary_json, "MAX_BYTES", 10)
    with pytest.raises(InvalidSummary, match=r"11 bytes, more than the 10 .*inputs source and exclude"):
        summary_json.decode(b"not json at"[:11])
