from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.errors import PublishFailed
from ai_code_metrics.publish import workflow
from support import comparisons
from support.summaries import (
    HOSTILE_TEXT,
    attribution,
    attribution_view,
    commits,
    push_context,
    quality,
    summary,
    unavailable_summary,
)

if TYPE_CHECKING:
    from pathlib import Path

    from ai_code_metrics import model


def read_outputs(text: str) -> dict[str, str]:
    """Read a ``GITHUB_OUTPUT`` file as a runner does: a delimiter counts only alone on its line."""
    values: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        if not line:
            continue
        name, delimiter = line.split("<<", 1)
        value: list[str] = []
        while (part := next(lines)) != delimiter:
            value.append(part)
        values[name] = "\n".join(value)
    return values


CHANGE_OUTPUTS = (
    "patch-coverage", "new-findings", "base-score", "base-grade", "base-coverage", "base-lint-score",
    "base-security-score", "base-complexity-score", "delta-score", "delta-coverage", "delta-lint-score",
    "delta-security-score", "delta-complexity-score",
)  # fmt: skip


def test_outputs_of_a_pull_request() -> None:
    """Every output of the summary is there, numbers plain, the share that of the changed lines."""
    assert workflow.outputs(summary(), on_missing="fail") == {
        "score": "91.73",
        "grade": "A",
        "coverage": "84.46",
        "lint-score": "99.15",
        "security-score": "93.98",
        "complexity-score": "92.6",
        "commit-score": "64.2",
        "commit-score-worst": "33.5",
        "ai-share": "0.4",
        "ai-lines": "48",
        "gate": "failed",
    } | dict.fromkeys(CHANGE_OUTPUTS, "")


def test_outputs_of_a_comparison() -> None:
    """Where the base is known, its figures and the differences are outputs too, in points."""
    values = workflow.outputs(comparisons.compared_summary(), on_missing="fail")
    assert {name: values[name] for name in CHANGE_OUTPUTS} == {
        "patch-coverage": "66.67",
        "new-findings": "3",
        "base-score": "92.61",
        "base-grade": "A",
        "base-coverage": "85.98",
        "base-lint-score": "99.67",
        "base-security-score": "99.56",
        "base-complexity-score": "92.6",
        "delta-score": "-0.88",
        "delta-coverage": "-1.52",
        "delta-lint-score": "-0.52",
        "delta-security-score": "-5.58",
        "delta-complexity-score": "0",
    }


def test_outputs_of_a_push() -> None:
    """Without a pull request the share is that of the whole tree."""
    values = workflow.outputs(summary(context=push_context()), on_missing="fail")
    assert (values["ai-share"], values["ai-lines"]) == ("0.24", "480")


def test_unavailable_outputs_are_empty() -> None:
    """What could not be measured is an empty text, not 0, and every name is there all the same."""
    values = workflow.outputs(unavailable_summary(), on_missing="fail")
    assert set(values) == set(workflow.outputs(summary(), on_missing="fail"))
    assert {name for name, value in values.items() if value} == {"gate"}


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"quality": quality(components={"coverage": 80.0, "lint": None})}, "lint-score"),
        ({"commits": commits(scored=0, median=None, worst=None, items=[])}, "commit-score"),
        (
            {"attribution": attribution(changed=attribution_view(ai_share=None, ai_lines=0, counted_lines=0))},
            "ai-share",
        ),
    ],
)
def test_a_null_is_empty(fields: dict[str, Any], name: str) -> None:
    """A number that is null inside a part that was measured is empty too."""
    assert workflow.outputs(summary(**fields), on_missing="fail")[name] == ""


@pytest.mark.parametrize(
    ("of", "on_missing", "gate"),
    [
        (summary(), "pass", "failed"),
        (summary(gates=[]), "fail", "not-configured"),
        (summary(gates=summary().gates[:1]), "fail", "passed"),
        (unavailable_summary(), "fail", "failed"),
        (unavailable_summary(), "pass", "passed"),
    ],
)
def test_the_gate_output(of: model.Summary, on_missing: Any, gate: str) -> None:
    """The gate output is the verdict over all gates; a missing metric counts as the configuration says."""
    assert workflow.outputs(of, on_missing=on_missing)["gate"] == gate


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (100.0, "100"), (66.6666, "66.67"), (1200.0, "1200"), (0.004, "0")]
)
def test_numbers_are_plain(value: float, text: str) -> None:
    """Numbers have at most two decimals, no trailing zeros, and keep the zeros of whole numbers."""
    of = summary(commits=commits(median=value))
    assert workflow.outputs(of, on_missing="fail")["commit-score"] == text


def test_outputs_are_appended(tmp_path: Path) -> None:
    """Outputs of earlier steps stay."""
    file = tmp_path / "output"
    workflow.write_outputs(file, {"score": "91.73"})
    workflow.write_outputs(file, {"grade": "A", "empty": ""})
    assert read_outputs(file.read_text(encoding="utf-8")) == {"score": "91.73", "grade": "A", "empty": ""}


@given(st.dictionaries(st.from_regex(r"[a-z][a-z0-9-]{0,10}", fullmatch=True), st.text(max_size=200), max_size=4))
def test_any_value_comes_back(tmp_path_factory: pytest.TempPathFactory, values: dict[str, str]) -> None:
    """Whatever a value holds, a runner reads the same names and values back."""
    file = tmp_path_factory.mktemp("outputs") / "output"
    workflow.write_outputs(file, values)
    assert read_outputs(file.read_bytes().decode("utf-8")) == values


def test_a_delimiter_cannot_be_guessed(tmp_path: Path) -> None:
    """A value that imitates an earlier delimiter sets no output: each value has a random one of its own."""
    file = tmp_path / "output"
    workflow.write_outputs(file, {"title": "x"})
    (delimiter,) = re.findall(r"<<(\S+)", file.read_text(encoding="utf-8"))
    workflow.write_outputs(file, {"branch": f"x\n{delimiter}\ngate<<y\npassed\ny", "other": HOSTILE_TEXT})
    text = file.read_bytes().decode("utf-8")
    assert len(set(re.findall(r"<<(end-[0-9a-f]{32})\n", text))) == 3
    assert set(read_outputs(text)) == {"title", "branch", "other"}


def test_a_text_that_is_no_unicode_is_written(tmp_path: Path) -> None:
    """A lone surrogate, from a path in an odd encoding, is replaced and stops nothing."""
    file = tmp_path / "output"
    workflow.write_outputs(file, {"path": "a\udcffb"})
    assert read_outputs(file.read_text(encoding="utf-8")) == {"path": "a?b"}


@pytest.mark.parametrize("name", ["", "a b", "a\nb", "a<<b", "A", "1"])
def test_a_wrong_name_is_refused(tmp_path: Path, name: str) -> None:
    """Only names of outputs can be set."""
    with pytest.raises(ValueError, match="no name of an output"):
        workflow.write_outputs(tmp_path / "output", {name: "x"})
    assert not (tmp_path / "output").exists()


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    """A directory in the place of the file is told by its name."""
    with pytest.raises(PublishFailed, match=tmp_path.name):
        workflow.write_outputs(tmp_path, {"a": "b"})
    with pytest.raises(PublishFailed, match=tmp_path.name):
        workflow.write_summary(tmp_path, "x")


def test_the_summary_is_appended(tmp_path: Path) -> None:
    """The job summary keeps what earlier commands of the step wrote, and ends with a line feed."""
    file = tmp_path / "summary"
    workflow.write_summary(file, "# One")
    workflow.write_summary(file, "# Two\n\n")
    assert file.read_bytes() == b"# One\n# Two\n"


@pytest.mark.parametrize("before", [0, 1_000_000])
def test_a_long_summary_is_cut_with_a_note(tmp_path: Path, before: int) -> None:
    """Beyond 1 MiB, with what is there already, the report ends at a line's end with a note, all of it UTF-8."""
    file = tmp_path / "summary"
    file.write_bytes(b"x" * before)
    workflow.write_summary(file, "| é | ünï |\n" * 200_000)
    content = file.read_bytes()
    assert workflow.MAX_SUMMARY_BYTES - 100 < len(content) <= workflow.MAX_SUMMARY_BYTES
    text = content.decode("utf-8")
    assert text.endswith(workflow.CUT_NOTE)
    assert text.removesuffix(workflow.CUT_NOTE).endswith("| é | ünï |")


def test_a_full_summary_stays_as_it_is(tmp_path: Path) -> None:
    """Where there is no room left, not even for the note, nothing is written, so that GitHub keeps the rest."""
    file = tmp_path / "summary"
    file.write_bytes(b"x" * (workflow.MAX_SUMMARY_BYTES - 10))
    workflow.write_summary(file, "# A report of some length")
    assert len(file.read_bytes()) == workflow.MAX_SUMMARY_BYTES - 10
