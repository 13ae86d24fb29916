"""One commit's score explained."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console

from ai_code_metrics import model
from ai_code_metrics.measure.commits import RubricOptions, score_commits
from ai_code_metrics.records import Commit, FileChange
from ai_code_metrics.report.commit_explanation import explain, print_commit

if TYPE_CHECKING:
    from support.gold import Gold

MESSAGE = "Added rounding of each line\n\nThe total was off by a cent.\n\nReviewed-by: Bob <bob@example.com>"


def commit(message: str = MESSAGE, **fields: Any) -> Commit:
    values: dict[str, Any] = {
        "sha": "a" * 40,
        "parents": ("b" * 40,),
        "author_name": "Ann",
        "author_email": "ann@example.com",
        "committed_at": 0,
        "message": message,
        "changes": (
            FileChange("shop/cart.py", 180, 40),
            FileChange("uv.lock", 300, 12),
            FileChange("shop/basket.py", 0, 0, "shop/bag.py"),
            FileChange("logo.png", None, None),
        ),
    }
    return Commit(**values | fields)


def item(scored: Commit, **options: Any) -> model.CommitItem:
    """Score a commit of a project that links issues and doesn't follow Conventional Commits."""
    history = [commit(f"Add thing, see #{number + 1}") for number in range(12)] + [commit("feat: add a thing")] * 8
    found = score_commits(
        [scored], history=history, options=RubricOptions(**options), range_name="x",
        is_generated=lambda path: "lock file" if path.endswith(".lock") else "",
    )  # fmt: skip
    return found.items[0]


def printed(scored: model.MessageItem, *, encoding: str = "utf-8", is_terminal: bool = False) -> str:
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding=encoding, newline="\n", write_through=True)
    print_commit(scored, Console(file=stream, width=60, force_terminal=is_terminal, _environ={"TERM": "xterm"}))
    return written.getvalue().decode(encoding)


def test_an_explanation_is_as_a_person_found_it_good(gold: Gold) -> None:
    """Formula, points of each part with what earned and cost them, parts that don't count, and the size."""
    gold.check("commit-explanation.txt", printed(item(commit())))


@pytest.mark.parametrize("message", [MESSAGE, "wip", "feat: add a cart\n\nBecause of #12.", "", "x" * 90])
@pytest.mark.parametrize("choice", ["auto", "on", "off"])
def test_the_printed_numbers_add_up(message: str, choice: str) -> None:
    """The rules' points are the parts', those are the message's, and the formula gives the score."""
    scored = item(commit(message), conventional=choice, links=choice)
    text = "\n".join(explain(scored))
    parts = [float(points) for points in re.findall(r"^  [A-E] \w+: ([\d.]+) of", text, re.MULTILINE)]
    rules = [float(points) for points in re.findall(r"^    \+ ([\d.]+) of", text, re.MULTILINE)]
    reached, possible = re.findall(r"100 x ([\d.]+) of ([\d.]+) points", text)[0]
    weight, message_score, rest, shape = map(
        float, re.findall(r"= ([\d.]+) x message ([\d.]+) \+ ([\d.]+) x shape ([\d.]+)", text)[0]
    )
    assert sum(parts) == pytest.approx(sum(rules), abs=0.02) == pytest.approx(float(reached), abs=0.02)
    assert 100 * float(reached) / float(possible) == pytest.approx(scored.message_score, abs=0.02)
    assert weight * message_score + rest * shape == pytest.approx(scored.score, abs=0.02)


def test_a_commit_that_is_not_scored_says_why() -> None:
    """Its kind is named, and that such commits are not judged."""
    lines = list(explain(item(commit("Merge cart", parents=("b" * 40, "c" * 40)))))
    assert lines[:2] == [f"{'a' * 12} Merge cart", "not scored: a merge"]


def test_a_size_that_is_not_known_says_why() -> None:
    """The score is then the message's alone."""
    text = "\n".join(explain(item(commit(changes=(), unknown_changes="history is cut off"))))
    assert "shape not known: history is cut off" in text
    assert re.search(r"^score ([\d.]+) = message \1$", text, re.MULTILINE)


def test_customs_say_why_they_count_or_not() -> None:
    """Each custom is told with its count and the share that makes one, or as the setting that it is."""
    lines = list(explain(item(commit())))
    assert "    applies: 12 of the last 20 commits link an issue; 20 % make it a custom" in lines
    no_custom = "only 8 of the last 20 commits follow Conventional Commits; 50 % make it a custom"
    assert f"  D convention: not counted, {no_custom}" in lines
    switched = list(explain(item(commit(), links="off", conventional="on")))
    assert "  C link: not counted, switched off in the configuration" in switched
    assert "    applies: switched on in the configuration" in switched


def test_many_files_left_out_are_counted() -> None:
    """The first are named, the rest is a number."""
    changes = tuple(FileChange(f"{number}.lock", 1, 0) for number in range(30))
    lines = list(explain(item(commit(changes=changes))))
    assert lines[-2:] == ["  left out: 19.lock (lock file, 1 line)", "  left out: 10 more files"]


def test_a_message_without_a_commit_is_a_pull_requests() -> None:
    """What has no id yet is named after what it is."""
    assert next(explain(model.MessageItem(subject="Add a cart", score=1.0, message_score=1.0))) == (
        "pull request Add a cart"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_hostile_text_does_not_drive_the_terminal(encoding: str) -> None:
    """Escape sequences, control characters and direction changes of subjects and paths are taken out."""
    evil = "\x1b[2J\x1b]0;title\x07[bold]x\u202ey\x00\u4fee"
    changes = (FileChange(f"{evil}.lock", 1, 0), FileChange("\n    + 5 of 5: forged.lock", 1, 0))
    scored = item(commit(evil, changes=changes))
    shown = re.sub(r"\x1b\[[0-9;]*m", "", printed(scored, encoding=encoding, is_terminal=True))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", shown)
    assert "[U+202E]" in shown
    assert "[bold]" in shown
    assert not re.search(r"^\s*\+ 5 of 5: forged", shown, re.MULTILINE)
