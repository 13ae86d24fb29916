"""A push to the default branch, and a push of what can't be measured, by action.yml under act."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

from support.services import pushgateway
from support.shop import REPOSITORY, Shop

if TYPE_CHECKING:
    from support.act import Act, Finished

pytestmark = [pytest.mark.act, pytest.mark.pushgateway]

NOWHERE: Final = "http://127.0.0.1:9"
Group = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@dataclass(frozen=True)
class Story:
    """What the run left behind."""

    run: Finished
    group: Group

    @property
    def summary(self) -> dict[str, Any]:
        """The summary in the artifact."""
        summary: dict[str, Any] = json.loads(self.run.artifacts["mine - ours"]["metrics-summary.json"])
        return summary

    def value(self, series: str) -> float:
        """Return a pushed value by its metric's name without prefix, and its labels as the text format writes them."""
        found = re.fullmatch(r"(\w+)(?:\{(\w+)=(\w+)\})?", series)
        assert found
        labels = ((found[2], found[3]),) if found[2] else ()
        return self.group["ai_coding_" + found[1], labels]


@pytest.fixture(scope="module")
def story(act: Act, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Run the action on a push, with a gate that passes and a Pushgateway."""
    directory = tmp_path_factory.mktemp("push")
    shop = Shop.create(directory / "shop", directory / "spied")
    with pushgateway(directory) as gateway:
        inputs = {
            "python": sys.executable,
            "pushgateway-url": gateway.url,
            "pushgateway-job": "shop metrics",
            "gates": "quality.score >= 1",
            "artifact-name": "mine / ours",
        }
        shop.use_action(inputs)
        secrets = {"GITHUB_TOKEN": "workflow-token"}
        run = act.run(shop.root, "push", shop.push_payload(), secrets=secrets, api_url=NOWHERE)
        yield Story(run, gateway.group(job="shop metrics", repository=REPOSITORY, branch="main"))


def test_the_job_succeeds_and_says_that_it_pushed(story: Story) -> None:
    """The gate passed, the push arrived, and a push has no comment."""
    outputs = story.run.outputs("metrics")
    assert story.run.succeeded, story.run.printed()
    assert (outputs["pushed"], outputs["gate"], outputs["comment-url"]) == ("true", "passed", "")


def test_the_group_s_values_are_the_summary_s(story: Story) -> None:
    """What the Pushgateway holds under the branch is what the artifact's summary says, ratios for percents."""
    summary = story.summary
    expected = {
        "quality_score{component=overall}": summary["quality"]["score"],
        "quality_score{component=coverage}": summary["quality"]["components"]["coverage"],
        "lint_score": summary["lint"]["score"],
        "coverage_covered{kind=line}": summary["coverage"]["covered_lines"],
        "coverage_coverable{kind=line}": summary["coverage"]["num_statements"],
        "security_findings{severity=high}": summary["security"]["findings_by_severity"]["high"],
        "function_complexity_max": summary["complexity"]["max"],
        "commit_score_median": summary["commits"]["median"],
        "ai_share_ratio{view=surviving}": summary["attribution"]["surviving"]["ai_share"],
        "run_success": 1,
    }
    assert {series: story.value(series) for series in expected} == pytest.approx(expected)


def test_the_artifact_s_exposition_is_what_was_pushed(story: Story) -> None:
    """``metrics.prom`` in the artifact holds as many series as the group, beside the gateway's own two."""
    exposition = story.run.artifacts["mine - ours"]["metrics.prom"].decode("utf-8")
    series = [line for line in exposition.split("\n") if line and not line.startswith("#")]
    own = [name for name, _ in story.group if name.startswith("ai_coding_")]
    assert len(own) == len(series) > 20


def test_an_artifact_name_is_made_safe(story: Story) -> None:
    """A name with a slash, of a matrix of paths say, would be refused by GitHub."""
    assert list(story.run.artifacts) == ["mine - ours"]


def test_what_cannot_be_measured_is_reported_and_fails(act: Act, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where nothing can be measured the job fails, but summary, artifact and reasons are there."""
    directory = tmp_path_factory.mktemp("nothing")
    shop = Shop.create(directory / "shop", directory / "spied")
    (directory / "empty").mkdir()
    shop.use_action({"working-directory": str(directory / "empty")})
    run = act.run(shop.root, "push", shop.push_payload(), secrets={"GITHUB_TOKEN": "workflow-token"}, api_url=NOWHERE)
    results = run.results()
    assert not run.succeeded
    assert {name: results[name] for name in ("Measure", "Report", "Upload artifact")} == {
        "Measure": "failure",
        "Report": "success",
        "Upload artifact": "success",
    }
    summary = json.loads(run.artifacts["ai-code-metrics-quality-0"]["metrics-summary.json"])
    assert {summary[part]["status"] for part in ("lint", "coverage", "security", "complexity")} == {"unavailable"}
    assert "nothing could be measured" in run.log  # an error command, which act takes out of what was printed
    assert summary["lint"]["reason"] in run.job_summary()
