"""The format of ``git log --raw --patch``, without git."""

from __future__ import annotations

import io

import pytest

from ai_code_metrics.collect.patch_log import Change, LoggedCommit, UnreadableLog, read_log, skim
from ai_code_metrics.records import Edit

SHA = "a1" * 20
PARENT = "b2" * 20
ONE = b"1" * 40
TWO = b"2" * 40
ZERO = b"0" * 40


def raw(status: bytes, *paths: bytes, old: bytes = ONE, new: bytes = TWO) -> bytes:
    return b"\t".join([b":100644 100644 %b %b %b" % (old, new, status), *paths]) + b"\n"


def commits(*parts: bytes, wanted: bytes | None = None) -> list[LoggedCommit[Edit]]:
    """Read a log of one commit, or more where the parts say so."""
    log = b"".join([f">{SHA} {PARENT}\n\n".encode(), *parts])
    return list(read_log(io.BytesIO(log), lambda path: wanted in {None, path}, skim))


def changes(*parts: bytes, wanted: bytes | None = None) -> list[Change[Edit]]:
    (commit,) = commits(*parts, wanted=wanted)
    return commit.changes


class TestReadLog:
    def test_commits_have_parents_and_changes(self) -> None:
        """A merge, a commit without changes and a root are told apart by their parents."""
        found = commits(raw(b"M", b"a"), b"\ndiff --git a/a b/a\n", b"\n>c3 d4 e5\n>f6\n")
        assert [(commit.sha, commit.parents, len(commit.changes)) for commit in found] == [
            (SHA, (PARENT,), 1),
            ("c3", ("d4", "e5"), 0),
            ("f6", (), 0),
        ]

    def test_raw_entries_name_the_paths(self) -> None:
        """Status, both paths of a renamed file, and whether the content changed; quoted names are unquoted."""
        entries = (
            raw(b"A", b"new", old=ZERO)
            + raw(b"R087", b"old", b'"n\\new\\303\\274"')
            + raw(b"R100", b"x", b"y", new=ONE)
        )
        found = changes(entries, b"\n", b"diff --git x\n" * 3)
        assert [(change.status, change.old_path, change.path, change.is_same) for change in found] == [
            (b"A", b"new", b"new", False),
            (b"R", b"old", "n\newü".encode(), False),
            (b"R", b"x", b"y", True),
        ]

    @pytest.mark.parametrize(
        ("header", "edit"),
        [
            (b"@@ -1,2 +1,3 @@", Edit(1, 4, -1)),
            (b"@@ -7 +9 @@ def f():", Edit(9, 10, 0)),
            (b"@@ -0,0 +1,3 @@", Edit(1, 4, -3)),
            (b"@@ -5,2 +4,0 @@", Edit(5, 5, 2)),
            (b"@@ -1 +0,0 @@", Edit(1, 1, 1)),
        ],
    )
    def test_hunks_become_edits(self, header: bytes, edit: Edit) -> None:
        """A missing count is 1, and where nothing was added the lines below the named one move."""
        found = changes(raw(b"M", b"a"), b"\ndiff --git a/a b/a\n--- a/a\n+++ b/a\n", header, b"\n")
        assert found[0].edits == [edit]

    def test_lines_are_skipped_by_their_number(self) -> None:
        """Markers of a missing line feed don't count, and are no harm in front of the next header."""
        marker = b"\\ No newline at end of file\n"
        patch = b"@@ -1,2 +1 @@\n-a\n---- b\n" + marker + b"+diff\n" + marker + b"@@ -9 +8 @@\n-@@ -1 +1 @@\n+++ x\n"
        other = b"diff --git a/b b/b\n@@ -1 +1 @@\n-x\n" + marker + b"+>y\n" + marker
        found = changes(raw(b"M", b"a") + raw(b"M", b"b"), b"\ndiff --git a/a b/a\n", patch, other)
        assert [change.edits for change in found] == [[Edit(1, 2, 1), Edit(8, 9, 0)], [Edit(1, 2, 0)]]

    def test_edits_of_other_paths_are_not_kept(self) -> None:
        """Only what is asked for costs memory."""
        patches = b"diff --git a\n@@ -1 +1 @@\n-x\n+y\ndiff --git b\n@@ -2 +2 @@\n-x\n+y\n"
        found = changes(raw(b"M", b"a") + raw(b"M", b"b"), b"\n", patches, wanted=b"b")
        assert [change.edits for change in found] == [[], [Edit(2, 3, 0)]]

    def test_a_path_is_asked_for_when_the_commits_before_were_used(self) -> None:
        """Which paths matter in a commit depends on the renames in those before it."""
        patch = b"\ndiff --git x\n@@ -1 +1 @@\n-x\n+y\n"
        log = b"".join(
            f">{number} 1\n\n".encode() + raw(b"M", name) + patch for number, name in enumerate((b"b", b"a"))
        )
        wanted = {b"b"}
        found = []
        for commit in read_log(io.BytesIO(log), wanted.__contains__, skim):
            found.append(commit.changes[0].edits)
            wanted.add(b"a")
        assert found == [[Edit(1, 2, 0)]] * 2

    def test_a_change_of_type_has_two_patches(self) -> None:
        """The old file's deletion and the new file's lines; the next patch is the next path's."""
        patches = b"diff --git t\ndeleted file\ndiff --git t\n@@ -0,0 +1 @@\n+x\ndiff --git u\n@@ -1 +0,0 @@\n-x\n"
        found = changes(raw(b"T", b"t") + raw(b"M", b"u"), b"\n", patches)
        assert [change.edits for change in found] == [[Edit(1, 2, -1)], [Edit(1, 1, 1)]]

    def test_binary_files_are_marked(self) -> None:
        """Git says of them only that they differ."""
        patches = b"diff --git a\nBinary files a/a and b/a differ\ndiff --git b\nindex 1..2\n"
        found = changes(raw(b"M", b"a") + raw(b"M", b"b"), b"\n", patches)
        assert [change.is_binary for change in found] == [True, False]

    @pytest.mark.parametrize("patches", [b"", b"diff --git a\n" * 2, b"diff --git a\n@@ rubbish @@\n"])
    def test_what_does_not_fit_together_is_given_up(self, patches: bytes) -> None:
        """A patch too few or too many, or a hunk without numbers, gives no result instead of a wrong one."""
        with pytest.raises(UnreadableLog):
            changes(raw(b"M", b"a"), b"\n", patches)
