"""Reading commits from real repositories."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import pytest

from ai_code_metrics.collect.history import read_commits, read_named_commits
from ai_code_metrics.collect.repository import Repository
from ai_code_metrics.errors import SourceUnavailable
from ai_code_metrics.records import Commit, FileChange
from support.git_project import GitProject

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    return GitProject(tmp_path / "project")


def read(project: GitProject, revisions: str | Sequence[str] = "HEAD", **options: bool | int) -> list[Commit]:
    repository = Repository.open(project.path, project.environ)
    return list(read_commits(repository, revisions, **options))  # type: ignore[arg-type]


def message_of(project: GitProject, message: str | bytes) -> str:
    project.commit(message)
    return read(project)[0].message


class TestCommits:
    def test_a_commit_comes_whole(self, project: GitProject) -> None:
        """Id, parents, author (not committer), committer date, message and changes are git's."""
        first = project.commit("one", files={"a.py": "1\n2\n"})
        second = project.commit(
            "feat: two\n\nwhy\n", author="Zoë <zoe@example.com>", files={"a.py": "1\n3\n", "b": "x\n"}
        )
        commits = read(project)
        assert commits[0] == Commit(
            sha=second,
            parents=(first,),
            author_name="Zoë",
            author_email="zoe@example.com",
            committed_at=project.time,
            message="feat: two\n\nwhy",
            changes=(FileChange("a.py", 1, 1), FileChange("b", 1, 0)),
        )
        assert commits[1].changes == (FileChange("a.py", 2, 0),)

    def test_ranges_lists_and_limits_are_understood(self, project: GitProject) -> None:
        """A..B, several revisions with exclusions, and a limit give what git log gives, newest first."""
        shas = [project.commit(f"c{number}") for number in range(4)]
        assert [commit.sha for commit in read(project, f"{shas[0]}..{shas[2]}")] == [shas[2], shas[1]]
        assert [commit.sha for commit in read(project, [shas[3], f"^{shas[1]}"])] == [shas[3], shas[2]]
        assert [commit.sha for commit in read(project, limit=1)] == [shas[3]]
        assert read(project, "HEAD..HEAD") == []

    def test_renames_binaries_and_empty_commits(self, project: GitProject) -> None:
        """A rename names both paths, a binary file has no counts, an empty commit has no changes."""
        project.commit("one", files={"old\nname.py": "1\n2\n3\n4\n5\n", "x.bin": b"\0\1"})
        project.git("mv", "old\nname.py", "tab\tname.py")
        project.commit("two", files={"x.bin": b"\0\2"})
        project.commit("three")
        assert [commit.changes for commit in read(project)[:2]] == [
            (),
            (FileChange("tab\tname.py", 0, 0, "old\nname.py"), FileChange("x.bin", None, None)),
        ]

    def test_merges_have_parents_and_no_changes(self, project: GitProject) -> None:
        """A merge, also of many branches, has all its parents and no changes of its own."""
        base = project.commit("base", files={"a": "1\n"})
        tips = []
        for name in ("one", "two", "three"):
            project.branch(name, base)
            tips.append(project.commit(name, files={name: "x\n"}))
        project.switch("main")
        project.git("config", "log.diffMerges", "on")
        project.merge("one", "two", "three")
        merge = read(project)[0]
        assert (merge.parents, merge.changes, merge.is_merge) == ((base, *tips), (), True)

    def test_named_commits_come_in_one_pass(self, project: GitProject) -> None:
        """Commits are found by id, whatever branch they are on; no id, no git."""
        shas = [project.commit(f"c{number}") for number in range(3)]
        repository = Repository.open(project.path, project.environ)
        found = read_named_commits(repository, [shas[2], shas[0]])
        assert {sha: commit.subject for sha, commit in found.items()} == {shas[0]: "c0", shas[2]: "c2"}
        assert read_named_commits(repository, []) == {}


class TestMessages:
    @pytest.mark.parametrize(
        "message",
        [
            "a | b `c` @names <script>alert(1)</script> $(id) \u202e bidi \u2028 separator",
            "%x00%H%n%B --format=%an\n\n1\t2\tforged.py\n-\t-\tforged.bin",
            "subject\n\n" + "0" * 40 + "\n\ntree " + "1" * 40,
            "\x0c form feed\x0b\x1b[31m red",
            " leading and trailing blanks  ",
            "",
        ],
    )
    def test_hostile_messages_come_as_they_are(self, project: GitProject, message: str) -> None:
        """Nothing in a message can end it, forge a field, or forge a change."""
        project.commit(message, files={"a": "1\n"})
        assert [(commit.message, commit.changes) for commit in read(project)] == [(message, (FileChange("a", 1, 0),))]

    def test_line_ends_and_outer_blank_lines_are_normalised(self, project: GitProject) -> None:
        """CRLF and CR become line feeds; blank lines around the message are dropped, as git drops them."""
        assert message_of(project, "\n \n\r\nsubject \r\n\r\nbody\rmore\n\n\n") == "subject \n\nbody\nmore"

    def test_bytes_that_are_no_utf8_are_replaced(self, project: GitProject) -> None:
        """An invalid byte costs one character, not the commit."""
        project.commit("one")
        content = project.git("cat-file", "commit", "HEAD").encode().replace(b"one", b"caf\xe9 \xff")
        sha = project.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=content)
        assert read(project, sha)[0].message == "caf\ufffd \ufffd"

    def test_a_declared_encoding_is_converted(self, project: GitProject) -> None:
        """A commit that says it is Latin-1 is read as that."""
        project.git("config", "i18n.commitEncoding", "ISO-8859-1")
        assert message_of(project, b"caf\xe9") == "café"

    def test_a_huge_message_is_cut_in_its_middle(self, project: GitProject) -> None:
        """Of 1 MB the subject and the trailers stay, and memory stays bounded."""
        project.commit("subject\n\n" + "x" * 1_000_000 + "\n\nCo-authored-by: A <a@b.c>", files={"a": "1\n"})
        tracemalloc.start()
        commit = read(project)[0]
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert commit.subject == "subject"
        assert "\n[...]\n" in commit.message
        assert commit.message.endswith("\nCo-authored-by: A <a@b.c>")
        assert len(commit.message) < 65_000
        assert commit.changes == (FileChange("a", 1, 0),)
        assert peak < 2_000_000


class TestTrouble:
    def test_an_empty_repository_says_so(self, project: GitProject) -> None:
        """No commit at all is git's error, not an empty history."""
        with pytest.raises(SourceUnavailable, match="HEAD"):
            read(project)

    @pytest.mark.parametrize("revision", ["nowhere", "--all", "--output=x", "a\0b"])
    def test_an_unknown_revision_is_an_error(self, project: GitProject, revision: str) -> None:
        """A revision that is none, or looks like an option, is refused."""
        project.commit("one")
        with pytest.raises(SourceUnavailable):
            read(project, revision)
        assert not (project.path / "x").exists()

    def test_a_clone_without_blobs_still_gives_commits(self, project: GitProject, tmp_path: Path) -> None:
        """In a partial clone whose remote is gone, changes are an error in git's words, commits alone work."""
        project.commit("one", files={"a": "1\n"})
        clone = project.clone(tmp_path / "clone", "--filter=blob:none", "--no-checkout")
        with pytest.raises(SourceUnavailable, match="promisor remote"):
            read(clone)
        assert [commit.subject for commit in read(clone, with_changes=False)] == ["one"]

    def test_the_commit_at_which_a_clone_is_cut_does_not_add_the_whole_tree(
        self, project: GitProject, tmp_path: Path
    ) -> None:
        """Git shows it without parents and with all files; it has its parents, and its changes are not known."""
        parent = project.commit("one", files={"a.py": "1\n" * 2_000})
        project.commit("two", files={"a.py": "1\n" * 2_001})
        project.commit("three", files={"b.py": "1\n"})
        three, two = read(project.clone(tmp_path / "clone", "--depth=2"))
        assert (three.changes, three.unknown_changes) == ((FileChange("b.py", 1, 0),), "")
        assert (two.parents, two.changes) == ((parent,), ())
        assert "set fetch-depth: 0" in two.unknown_changes

    def test_a_merge_at_which_a_clone_is_cut_stays_a_merge(self, project: GitProject, tmp_path: Path) -> None:
        """What actions/checkout fetches of a pull request by default is a merge commit alone."""
        project.commit("base", files={"a.py": "1\n"})
        project.branch("feature")
        project.commit("one", files={"b.py": "1\n"})
        project.switch("main")
        project.merge("feature")
        assert [commit.is_merge for commit in read(project.clone(tmp_path / "clone", "--depth=1"))] == [True]

    def test_a_clone_as_deep_as_its_history_knows_all_changes(self, project: GitProject, tmp_path: Path) -> None:
        """A first commit really adds the whole tree, in a shallow clone as well."""
        project.commit("one", files={"a.py": "1\n"})
        project.branch("long")
        project.commit("two", files={"a.py": "2\n"})
        project.commit("three", files={"a.py": "3\n"})
        project.switch("main")
        clone = project.clone(tmp_path / "clone", "--depth=1", "--no-single-branch")
        (commit,) = read(clone, "origin/main")
        assert clone.git("rev-parse", "--is-shallow-repository") == "true"
        assert (commit.changes, commit.unknown_changes) == ((FileChange("a.py", 1, 0),), "")

    def test_configuration_of_the_repository_changes_nothing(self, project: GitProject) -> None:
        """Settings that reorder, decorate, sign, colour or rewrite git's log have no effect, and run nothing."""
        project.commit("one", files={"a.py": "1\n", "b.py": "1\n", ".gitattributes": "*.py diff=trap\n"})
        project.git("mv", "a.py", "sub.py")
        project.commit("two", files={"b.py": "2\n"})
        expected = read(project)
        settings = {
            "color.ui": "always", "log.showSignature": "true", "log.decorate": "full", "log.follow": "true",
            "log.showRoot": "false", "log.mailmap": "true", "diff.renames": "false", "diff.relative": "true",
            "diff.external": "false", "diff.trap.textconv": "false", "diff.trap.command": "false",
            "diff.noprefix": "true", "diff.statNameWidth": "1", "format.pretty": "raw", "core.abbrev": "4",
            "notes.displayRef": "refs/notes/*", "i18n.logOutputEncoding": "UTF-16", "core.bigFileThreshold": "1",
        }  # fmt: skip
        for key, value in settings.items():
            project.git("config", key, value)
        assert read(project) == expected
