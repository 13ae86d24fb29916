from __future__ import annotations

import io

import pytest

from ai_code_metrics.collect.merge_diffs import MixedFile, raw_questions, read_differing, read_mixed
from ai_code_metrics.collect.patch_log import UnreadableLog
from ai_code_metrics.collect.written_hunks import WrittenHunk

ONE, TWO = "1" * 40, "2" * 40
P, Q, R = "a" * 40, "b" * 40, "c" * 40
RAW = "::100644 100644 100644 111 222 333 MM\t{}\n\n"


def mixed(*parts: str, shas: tuple[str, ...] = (ONE,)) -> list[dict[bytes, MixedFile]]:
    return list(read_mixed(io.BytesIO("".join(parts).encode()), shas))


def test_paths_differ_from_the_parents() -> None:
    """From each but the last; a merge that differs in nothing has its line too."""
    merges = [(ONE, (P, Q, R)), (TWO, (P, Q))]
    assert raw_questions(merges) == f"{ONE} {P}\n{ONE} {Q}\n{TWO} {P}\n".encode()
    entry = ":100644 100644 1 2 M\t"
    text = f'{ONE}\n{entry}a\n{entry}"b\\tc"\n{ONE}\n{entry}a\n{TWO}\n'
    found = list(read_differing(io.BytesIO(text.encode()), merges))
    assert [diff.differing for diff in found] == [
        (frozenset({b"a", b"b\tc"}), frozenset({b"a"})),
        (frozenset(),),
    ]


def test_columns_become_edits_of_each_parent() -> None:
    """A line that is new in one parent is another's, a removed one is taken away from those that have it."""
    text = (
        "diff --combined a\nindex 1,2..3\n--- a/a\n--- a/a\n+++ b/a\n"
        "@@@ -2,1 -2,1 +2,1 @@@\n- 2\n+ two\n@@@ -5,1 -5,1 +5,1 @@@\n -5\n +five\n@@@ -11,0 -11,0 +11,1 @@@\n++extra\n"
    )
    (found,) = mixed(f"{ONE}\n", RAW.format("a\ta\ta"), text)
    assert found[b"a"].paths == (b"a", b"a")
    first, second = found[b"a"].hunks
    assert first == [WrittenHunk(2, 3, 1, b"\1"), WrittenHunk(11, 12, 0, b"\1")]
    assert second == [WrittenHunk(5, 6, 1, b"\1"), WrittenHunk(11, 12, 0, b"\1")]


def test_removed_by_the_merge() -> None:
    """A line of both parents that the merge has not; the count of its hunk is one too low, as git has it sometimes."""
    (found,) = mixed(f"{ONE}\n", RAW.format("a\told\ta"), "diff --combined a\n@@@ -3,0 -3,0 +3,0 @@@\n--gone\n")
    assert found[b"a"].paths == (b"a", b"old")
    assert found[b"a"].hunks == ([WrittenHunk(3, 3, 1)], [WrittenHunk(3, 3, 1)])


def test_binary_files_are_not_mixed_by_lines() -> None:
    """Git says of them only that they differ."""
    (found,) = mixed(f"{ONE}\n", RAW.format("a\ta\ta"), "diff --combined a\nBinary files differ\n")
    assert found[b"a"].hunks == ()


def test_links_have_no_lines() -> None:
    """Git prints what one points to; the file behind it is read as ever."""
    link = RAW.replace("100644 111", "120000 111", 1).format("a\ta\ta").rstrip("\n") + "\n" + RAW.format("b\tb\tb")
    text = "diff --combined a\n@@@ -1,1 -1,1 +1,1 @@@\n- x\n -y\n++z\ndiff --combined b\n@@@ -1,0 -1,0 +1,1 @@@\n++q\n"
    (found,) = mixed(f"{ONE}\n", link, text)
    assert found[b"a"].hunks == ()
    assert found[b"b"].hunks[0] == [WrittenHunk(1, 2, 0, b"\1")]


def test_merges_follow_each_other() -> None:
    """One without mixed files has only its id."""
    text = "diff --combined a\n@@@@ -1,0 -1,0 -1,0 +1,1 @@@@\n+++x\n"
    raw = RAW.replace("::", ":::").replace("MM", "MMM").format("a\ta\ta\ta")
    found = mixed(f"{ONE}\n{TWO}\n", raw, text, shas=(ONE, TWO))
    assert found[0] == {}
    assert len(found[1][b"a"].hunks) == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{TWO}\n",
        f"{ONE}\n::1 2 3 MM\ta\n",
        f"{ONE}\n" + RAW.format("a\ta\ta") + "diff --combined a\n@@@ rubbish @@@\n",
        f"{ONE}\n" + RAW.format("a\ta\ta") + "diff --combined a\n@@@@ -1 -1 -1 +1 @@@@\n",
    ],
)
def test_what_does_not_fit_together_is_refused(text: str) -> None:
    """No wrong history instead of none."""
    with pytest.raises(UnreadableLog):
        mixed(text)
