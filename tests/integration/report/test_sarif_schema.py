"""Rendered logs against the schema of SARIF 2.1.0, which names every property that may be there."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft4Validator

from ai_code_metrics.report import sarif
from support import sarif_schema, summaries

if TYPE_CHECKING:
    from ai_code_metrics import model


@pytest.fixture(scope="module")
def validator() -> Draft4Validator:
    schema = sarif_schema.load(os.environ)
    Draft4Validator.check_schema(schema)
    return Draft4Validator(schema)


def _many() -> model.Summary:
    found = [
        summaries.finding(path=f"src/m{number % 200}.py", line=number, fingerprint=f"{number:016x}", is_new=True)
        for number in range(10_000)
    ]
    return summaries.compared_summary(lint=summaries.lint(findings=found))


@pytest.mark.parametrize(
    "of",
    [
        pytest.param(summaries.compared_summary(), id="ordinary"),
        pytest.param(summaries.hostile_summary(), id="hostile"),
        pytest.param(_many(), id="10,000 findings"),
        pytest.param(summaries.summary(), id="no base"),
        pytest.param(summaries.compared_summary(security=summaries.unavailable_summary().security), id="one failed"),
        pytest.param(summaries.unavailable_summary(), id="both failed"),
        pytest.param(summaries.compared_summary(context=summaries.context(repository=None, head_sha=None)), id="local"),
    ],
)
def test_a_log_fits_the_schema(of: model.Summary, validator: Draft4Validator) -> None:
    """Whatever was measured, the log is valid, and nothing in it is of our own making."""
    log = json.loads(sarif.render(of, key="default"))
    assert [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(log)] == []
    assert len(log["runs"]) >= 1


def test_the_schema_refuses_what_is_no_property(validator: Draft4Validator) -> None:
    """A slip in a name would be found."""
    log = json.loads(sarif.render(summaries.compared_summary(), key="default"))
    log["runs"][0]["results"][0]["rule_id"] = "B608"
    assert not validator.is_valid(log)
