"""The format of ``git log -z --numstat``, without git."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.collect import history
from ai_code_metrics.records import FileChange

SHA = "a1" * 20
OTHER = "b2" * 20


def entry(sha: str, message: str, changes: bytes = b"", parents: str = "") -> bytes:
    fields = (sha, parents, "Ann", "ann@example.com", "1700000000", f"{message}\n")
    return "\0".join(fields).encode() + b"\0\0" + (b"\n" + changes if changes else b"")


def chunked(content: bytes, size: int) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]


@pytest.mark.parametrize("size", [1, 2, 7, 64, 10_000])
def test_the_stream_may_be_cut_anywhere(size: int) -> None:
    """Chunks of any size give the same commits: with changes, without, a rename, a binary."""
    changes = b"3\t1\ta\tb.py\0" + b"0\t0\t\0old.py\0new.py\0" + b"-\t-\tx.bin\0"
    log = entry(SHA, "one", changes, parents=f"{OTHER} {SHA}") + entry(OTHER, "two") + entry(SHA, "three", b"1\t0\ty\0")
    commits = list(history._parse(chunked(log, size)))
    assert [(commit.sha, commit.subject) for commit in commits] == [(SHA, "one"), (OTHER, "two"), (SHA, "three")]
    assert commits[0].parents == (OTHER, SHA)
    assert commits[0].changes == (
        FileChange("a\tb.py", 3, 1),
        FileChange("new.py", 0, 0, "old.py"),
        FileChange("x.bin", None, None),
    )
    assert [len(commit.changes) for commit in commits] == [3, 0, 1]


def test_no_output_is_no_commit() -> None:
    """An empty range has no commits."""
    assert list(history._parse([])) == []


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=200), st.integers(1, 50))
def test_no_message_can_forge_a_field(message: str, size: int) -> None:
    """Whatever a message holds, the commits around it and its changes stay what they are."""
    log = entry(SHA, message, b"1\t0\ta.py\0") + entry(OTHER, "end")
    commits = list(history._parse(chunked(log, size)))
    assert [commit.sha for commit in commits] == [SHA, OTHER]
    assert commits[0].changes == (FileChange("a.py", 1, 0),)
    assert commits[0].message.split() == message.split()


def test_a_monstrous_message_keeps_both_ends() -> None:
    """What is cut is the middle, and the stream goes on behind it."""
    log = entry(SHA, "head" + "x" * 500_000 + "tail") + entry(OTHER, "end")
    commits = list(history._parse(chunked(log, 4_096)))
    assert commits[0].message.startswith("headxxx")
    assert commits[0].message.endswith("xxxtail")
    assert commits[0].message.count("\n[...]\n") == 1
    assert len(commits[0].message) < 65_000
    assert commits[1].subject == "end"
