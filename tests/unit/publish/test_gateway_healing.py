from __future__ import annotations

import math

from prometheus_client.parser import text_string_to_metric_families

from ai_code_metrics.measure.gateway_checks import HELP
from ai_code_metrics.publish.gateway_healing import exposition
from support.groups import family, group
from support.summaries import HOSTILE_NAME

LINT = "ai_coding_lint_messages"


def test_only_what_differs_is_pushed_again() -> None:
    """The exposition has the catalog's HELP and TYPE and exactly the values that were there."""
    samples = [({"category": "error"}, 0.1), ({"category": HOSTILE_NAME}, 1e300), ({"category": "x"}, math.inf)]
    metrics = [family(LINT, *samples, text="Old."), family("ai_coding_lint_score", ({}, 3)), family("theirs", ({}, 3))]
    (pushed,) = text_string_to_metric_families(exposition(group(metrics=metrics)).decode())
    assert (pushed.name, pushed.documentation, pushed.type) == (LINT, HELP[LINT], "gauge")
    assert [(sample.labels, sample.value) for sample in pushed.samples] == samples


def test_what_has_no_single_values_stays() -> None:
    """A histogram under one of our names can't be pushed again without losing what it holds."""
    assert exposition(group(metrics=[family(LINT, ({}, 3), kind="HISTOGRAM"), family(LINT + "x", text="Old.")])) == b""
    assert exposition(group()) == b""
