"""Blaming lines in real repositories."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

from ai_code_metrics.collect.blame import changed_lines, surviving_lines
from ai_code_metrics.collect.repository import Repository
from ai_code_metrics.collect.view_files import ViewOptions
from ai_code_metrics.errors import SourceUnavailable
from support.blamed_lines import line_commits
from support.git_project import GitProject

if TYPE_CHECKING:
    from pathlib import Path

    from ai_code_metrics.records import BlamedLines


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    return GitProject(tmp_path / "project")


def surviving(project: GitProject, *, below: str = "", **options: object) -> BlamedLines:
    repository = Repository.open(project.path / below, project.environ)
    return surviving_lines(repository, "HEAD", ViewOptions(**options))  # type: ignore[arg-type]


def changed(project: GitProject, base: str, *, below: str = "", **options: object) -> BlamedLines:
    repository = Repository.open(project.path / below, project.environ)
    return changed_lines(repository, base, "HEAD", ViewOptions(**options))  # type: ignore[arg-type]


def subjects(lines: BlamedLines) -> dict[str, list[str]]:
    """Each file's lines as the subjects of their commits; `-` for a line that is not counted."""
    names = {sha: commit.subject for sha, commit in lines.commits.items()}
    return {file.path: [names[sha] if sha else "-" for sha in line_commits(file)] for file in lines.files}


class TestSurviving:
    def test_each_line_has_the_commit_that_introduced_it(self, project: GitProject) -> None:
        """Lines go to their commits; blank ones are not counted; a file without counted lines is not listed."""
        project.commit("one", files={"a.py": "1\n\n2\n", "blank.py": "\n \t\n", "empty.py": ""})
        project.commit("two", files={"a.py": "1\n\n3\n  \x0c\n4\n"})
        assert subjects(surviving(project)) == {"a.py": ["one", "-", "two", "-", "two"]}

    def test_line_ends_do_not_matter(self, project: GitProject) -> None:
        """CRLF, no line feed at the end, form feeds and unicode separators inside a line count as git counts them."""
        project.commit("one", files={"crlf.py": "1\r\n\r\n2\r\n", "end.py": "1\n2", "odd.py": "a\x0cb\u2028c\rd\n"})
        assert subjects(surviving(project)) == {
            "crlf.py": ["one", "-", "one"],
            "end.py": ["one"] * 2,
            "odd.py": ["one"],
        }

    def test_renames_are_followed_and_merges_seen_through(self, project: GitProject) -> None:
        """A renamed file keeps its lines' commits; merged lines belong to the merged commits, an octopus too."""
        base = project.commit("base", files={"a.py": "1\n2\n3\n4\n"})
        for name in ("one", "two", "three"):
            project.branch(name, base)
            project.commit(name, files={f"{name}.py": "x\n"})
        project.switch("main")
        project.merge("one", "two", "three")
        project.git("mv", "a.py", "b.py")
        project.commit("rename")
        assert subjects(surviving(project)) == {
            "b.py": ["base"] * 4, "one.py": ["one"], "three.py": ["three"], "two.py": ["two"],
        }  # fmt: skip

    def test_odd_names_are_blamed(self, project: GitProject) -> None:
        """Spaces, line feeds, unicode, leading dashes, colons and glob characters in names are no hurdle."""
        names = ["-p", "--root.py", "a b.py", "line\nfeed.py", "ü\u2028.py", ":(glob)*", "[a].py", "a..b"]
        project.commit("one", files=dict.fromkeys(names, "x\n"))
        assert subjects(surviving(project)) == {name: ["one"] for name in sorted(names)}

    @pytest.mark.skipif(sys.platform != "linux", reason="file systems elsewhere refuse such names")
    def test_a_name_that_is_no_utf8_is_blamed(self, project: GitProject) -> None:
        """Such a file is counted, under a name that fits JSON."""
        (project.path / os.fsdecode(b"caf\xe9.py")).write_text("x\n")
        project.commit("one")
        assert subjects(surviving(project)) == {"caf\ufffd.py": ["one"]}

    def test_what_is_no_text_file_is_out(self, project: GitProject) -> None:
        """Binary files, symbolic links and submodules have no lines; they are named, unless they are left out."""
        sha = project.commit("one", files={"x.bin": b"a\n\0", "x.py": "1\n", "vendor/y.bin": b"\0"})
        (project.path / "link.py").symlink_to("x.py")
        project.git("add", "--all")
        project.git("update-index", "--add", "--cacheinfo", f"160000,{sha},module")
        project.git("commit", "--quiet", "-m", "two", environ=project.identity("A <a@b.c>"))
        lines = surviving(project)
        assert subjects(lines) == {"x.py": ["one"]}
        assert lines.skipped == (("link.py", "symbolic link"), ("module", "submodule"), ("x.bin", "binary file"))

    def test_excluded_files_are_counted_apart(self, project: GitProject) -> None:
        """What built-in rules, linguist attributes or the caller's globs name leaves the view; its lines are summed."""
        project.commit(
            "one",
            files={
                ".gitattributes": "made.py linguist-generated\n",
                "made.py": "1\n2\n\n",
                "uv.lock": "1\n2\n3\n4",
                "src/vendor/lib.py": "1\n" * 8,
                "docs/x.py": "1\n" * 16,
                "api_pb2.py": "1\n" * 32,
                "lib.min.js": b"1\n" * 64,
                "logo.lock": b"\0",
                "a.py": "1\n",
            },
        )
        lines = surviving(project, exclude=("docs/**",))
        assert set(subjects(lines)) == {".gitattributes", "a.py"}
        assert lines.excluded_lines == 2 + 4 + 8 + 16 + 32 + 64

    @pytest.mark.skipif(sys.platform != "linux", reason="file systems elsewhere refuse such names")
    def test_names_that_look_the_same_stay_apart(self, project: GitProject) -> None:
        """Two files whose odd bytes can't be shown are two files, in name as well."""
        (project.path / os.fsdecode(b"caf\xe8.py")).write_text("1\n2\n")
        (project.path / os.fsdecode(b"caf\xe9.py")).write_text("1\n")
        project.commit("one")
        assert subjects(surviving(project)) == {"caf\ufffd.py": ["one"] * 2, "caf\ufffd.py (2)": ["one"]}

    def test_below_the_top_paths_are_relative_to_there(self, project: GitProject) -> None:
        """Opened in a directory, the view is of its files, named from there."""
        project.commit("one", files={"p/a.py": "1\n", "p/q/b.py": "1\n", "px.py": "1\n", "c.py": "1\n"})
        assert set(subjects(surviving(project, below="p"))) == {"a.py", "q/b.py"}

    def test_a_sha_256_repository_is_read(self, tmp_path: Path) -> None:
        """Longer ids are no hurdle in either view, nor in the list of ignored revisions."""
        project = GitProject(tmp_path / "long", object_format="sha256")
        project.commit("one", files={"a.py": "value=1\n"})
        sha = project.commit("reformat", files={"a.py": "value = 1\n"})
        project.commit("list", files={".git-blame-ignore-revs": sha, "b.py": "1\n"})
        assert len(sha) == 64
        assert subjects(surviving(project))["a.py"] == ["one"]
        assert subjects(changed(project, sha))["b.py"] == ["list"]

    def test_replaced_commits_are_seen_as_replaced(self, project: GitProject) -> None:
        """Replace references hold, as they do for git: lines go to what stands in for their commit."""
        old = project.commit("one", files={"a.py": "1\n"})
        content = project.git("cat-file", "commit", old).replace("one", "new").encode()
        new = project.git("hash-object", "-t", "commit", "-w", "--stdin", stdin=content)
        project.git("replace", old, new)
        assert subjects(surviving(project)) == {"a.py": ["new"]}

    def test_any_number_of_workers_gives_the_same(self, project: GitProject) -> None:
        """The result does not depend on parallelism."""
        for number in range(12):
            project.commit(f"c{number}", files={f"f{number % 5}.py": "1\n" * number + f"{number}\n"})
        assert surviving(project, workers=1) == surviving(project, workers=7)


class TestIgnoredRevisions:
    def reformatted(self, project: GitProject) -> str:
        """Two lines of commit ``one``, reformatted by the commit whose id is returned."""
        project.commit("one", files={"a.py": "value=1\nother=2\n"})
        return project.commit("reformat", files={"a.py": "value = 1\nother = 2\n"})

    def test_a_listed_reformat_is_looked_through(self, project: GitProject) -> None:
        """Lines of a commit in .git-blame-ignore-revs stay with the commit before it; comments are fine."""
        sha = self.reformatted(project)
        assert subjects(surviving(project)) == {"a.py": ["reformat"] * 2}
        project.commit("list", files={".git-blame-ignore-revs": f"# black\r\n\n{sha} # all\r\n"})
        lines = surviving(project)
        assert (subjects(lines)["a.py"], lines.warnings) == (["one"] * 2, ())

    def test_it_holds_for_a_directory_below_the_top(self, project: GitProject) -> None:
        """The file stands at the top, whatever directory is measured."""
        project.commit("one", files={"p/a.py": "value=1\n"})
        sha = project.commit("reformat", files={"p/a.py": "value = 1\n"})
        project.commit("list", files={".git-blame-ignore-revs": sha})
        assert subjects(surviving(project, below="p")) == {"a.py": ["one"]}

    def test_rubbish_is_left_out_with_a_warning(self, project: GitProject) -> None:
        """Unknown, short and hostile entries neither fail the blame nor hide the good ones."""
        sha = self.reformatted(project)
        tree = project.git("rev-parse", "HEAD^{tree}")
        rubbish = f"{'0' * 40}\n{sha[:8]}\n--all\nHEAD\n\0\n{tree}\n{sha}\n"
        project.commit("list", files={".git-blame-ignore-revs": rubbish})
        lines = surviving(project)
        assert subjects(lines)["a.py"] == ["one"] * 2
        warning = "6 of 7 entries are no full id of a commit in this clone and were left out, the first in line 1"
        assert lines.warnings == (f".git-blame-ignore-revs: {warning}",)

    def test_capital_letters_are_read_as_git_reads_them(self, project: GitProject) -> None:
        """An id is an id in either case."""
        sha = self.reformatted(project)
        project.commit("list", files={".git-blame-ignore-revs": sha.upper()})
        lines = surviving(project)
        assert (subjects(lines)["a.py"], lines.warnings) == (["one"] * 2, ())

    @pytest.mark.parametrize("content", ["", "rubbish\n", "x" * 1_000_001])
    def test_a_file_without_a_good_entry_changes_nothing(self, project: GitProject, content: str) -> None:
        """An empty, wholly wrong or huge file leaves the blame as it is; all but the empty one are named."""
        self.reformatted(project)
        project.commit("list", files={".git-blame-ignore-revs": content})
        lines = surviving(project)
        assert subjects(lines)["a.py"] == ["reformat"] * 2
        assert len(lines.warnings) == bool(content)


class TestChanged:
    def test_only_lines_added_since_the_merge_base_count(self, project: GitProject) -> None:
        """Older lines are outside, also where the base branch went on; untouched files are not listed."""
        project.commit("base", files={"a.py": "1\n2\n", "same.py": "1\n", "gone.py": "1\n"})
        project.branch("feature")
        (project.path / "gone.py").unlink()
        project.commit("one", files={"a.py": "1\nnew\n\n2\n"})
        project.commit("two", files={"b.py": "1\n"})
        project.switch("main")
        project.commit("meanwhile", files={"same.py": "2\n"})
        project.switch("feature")
        lines = changed(project, "main")
        assert (subjects(lines), lines.skipped) == ({"a.py": ["-", "one", "-", "-"], "b.py": ["two"]}, ())
        assert set(lines.commits) == {sha for file in lines.files for sha in line_commits(file) if sha}

    def test_a_pure_rename_adds_nothing_and_a_root_commit_adds_all(self, project: GitProject) -> None:
        """Moved lines stay old; a history that the branch brings along is new, its first commit included."""
        project.commit("base", files={"a.py": "1\n2\n3\n"})
        project.branch("feature")
        project.git("mv", "a.py", "b.py")
        project.commit("rename")
        assert subjects(changed(project, "main")) == {}
        project.git("switch", "--quiet", "--orphan", "other")
        project.commit("import", files={"new.py": "1\n"})
        project.switch("feature")
        project.git(
            "merge",
            "--quiet",
            "--allow-unrelated-histories",
            "-m",
            "join",
            "other",
            environ=project.identity("A <a@b>"),
        )
        assert subjects(changed(project, "main")) == {"new.py": ["import"]}

    def test_lines_that_a_merge_made_are_outside(self, project: GitProject) -> None:
        """What was written while resolving a conflict belongs to no commit of the view."""
        project.commit("base", files={"a.py": "1\n"})
        project.branch("feature")
        project.commit("ours", files={"b.py": "1\n"})
        project.switch("main")
        project.commit("theirs", files={"c.py": "1\n"})
        project.switch("feature")
        project.git("merge", "--quiet", "--no-commit", "--no-ff", "main", environ=project.identity("A <a@b>"))
        project.commit("evil merge", files={"a.py": "1\nby hand\n", "d.py": "1\n"})
        lines = changed(project, "main")
        assert subjects(lines) == {"b.py": ["ours"]}
        assert [commit.subject for commit in lines.commits.values()] == ["ours"]

    @pytest.mark.parametrize("options", [{}, {"moves": ("-M",)}, {"touched_files": True}])
    def test_what_base_has_by_another_merge_base_is_old(self, project: GitProject, options: dict[str, Any]) -> None:
        """Of two branches that were merged into each other, each has commits that one merge base alone doesn't tell."""
        project.commit("start", files={"a.py": "1\n"})
        project.branch("feature")
        project.commit("early", files={"early.py": "1\n2\n"})
        project.switch("main")
        project.commit("main", files={"main.py": "1\n"})
        before = project.head
        project.merge("feature")
        project.switch("feature")
        project.merge(before)
        project.commit("own", files={"own.py": "1\n"})
        assert subjects(changed(project, "main", **options)) == {"own.py": ["own"]}

    def test_excluded_lines_are_those_that_were_added(self, project: GitProject) -> None:
        """Of a lock file only the added lines that are not blank count as excluded."""
        project.commit("base", files={"uv.lock": "1\n" * 100})
        project.branch("feature")
        project.commit("one", files={"uv.lock": "1\n" * 100 + "2\n\n3\n"})
        lines = changed(project, "main")
        assert (lines.files, lines.excluded_lines) == ((), 2)

    def test_paths_are_relative_to_the_opened_directory(self, project: GitProject) -> None:
        """Opened below the top, only what changed there counts, named from there."""
        project.commit("base", files={"p/a.py": "1\n"})
        project.branch("feature")
        project.commit("one", files={"p/a.py": "1\n2\n", "b.py": "1\n", "p/-x y.py": "1\n"})
        assert subjects(changed(project, "main", below="p")) == {"-x y.py": ["one"], "a.py": ["-", "one"]}


class TestClones:
    def test_a_shallow_clone_has_no_surviving_view(self, project: GitProject, tmp_path: Path) -> None:
        """The cut is never taken for an author; the reason says what to set."""
        project.commit("one", files={"a.py": "1\n"})
        project.commit("two", files={"a.py": "1\n2\n"})
        clone = project.clone(tmp_path / "clone", "--depth=1")
        with pytest.raises(SourceUnavailable, match=r"shallow.*fetch-depth: 0"):
            surviving(clone)

    def test_a_shallow_clone_has_a_changed_view_where_the_base_is_there(
        self, project: GitProject, tmp_path: Path
    ) -> None:
        """With the merge base in the clone the view is right; without it, or cut in between, it says what to set."""
        shas = [project.commit(f"c{number}", files={"a.py": "1\n" * (number + 1)}) for number in range(5)]
        clone = project.clone(tmp_path / "clone", "--depth=3")
        assert subjects(changed(clone, shas[2])) == {"a.py": ["-", "-", "-", "c3", "c4"]}
        with pytest.raises(SourceUnavailable, match="names no commit of this clone"):
            changed(clone, shas[0])

    def test_a_branch_that_is_cut_after_the_base_is_refused(self, project: GitProject, tmp_path: Path) -> None:
        """A merged branch whose start was not fetched would blame its oldest commit for all before it."""
        base = project.commit("base", files={"a.py": "1\n"})
        project.branch("long")
        for number in range(5):
            project.commit(f"l{number}", files={f"l{number}.py": "1\n"})
        project.switch("main")
        project.branch("feature")
        project.merge("long")
        clone = project.clone(tmp_path / "clone", "--depth=3", "--branch=feature")
        with pytest.raises(SourceUnavailable, match="cut between base and head"):
            changed(clone, base)

    def test_unrelated_histories_are_refused(self, project: GitProject) -> None:
        """Without a common commit there is no changed view, and the reason says what may be missing."""
        project.commit("one")
        project.git("switch", "--quiet", "--orphan", "other")
        project.commit("two")
        with pytest.raises(SourceUnavailable, match="no common commit in this clone"):
            changed(project, "main")

    def test_missing_blobs_are_named_and_the_rest_counted(self, project: GitProject, tmp_path: Path) -> None:
        """In a partial clone whose remote is gone, files without content or history are skipped with the reason."""
        project.commit("one", files={"a.py": "1\n", "old.py": "2\n", "away.py": "3\n"})
        project.commit("two", files={"old.py": "2\n4\n"})
        clone = project.clone(tmp_path / "clone", "--filter=blob:none", "--no-checkout")
        clone.git("checkout", "HEAD", "--", "a.py", "old.py")
        (project.path / ".git").rename(tmp_path / "hidden")
        lines = surviving(clone)
        assert subjects(lines) == {"a.py": ["one"]}
        assert [path for path, _ in lines.skipped] == ["away.py", "old.py"]
        assert all("check out without `filter`" in reason for _, reason in lines.skipped)

    def test_a_clone_without_any_content_is_unavailable(self, project: GitProject, tmp_path: Path) -> None:
        """When not one file can be blamed the view is unavailable, never 0 lines."""
        project.commit("one", files={"a.py": "1\n"})
        clone = project.clone(tmp_path / "clone", "--filter=blob:none", "--no-checkout")
        with pytest.raises(SourceUnavailable, match="not in this clone"):
            surviving(clone)

    @pytest.mark.parametrize("is_range", [False, True])
    def test_a_clone_without_trees_says_what_to_set(
        self, project: GitProject, tmp_path: Path, *, is_range: bool
    ) -> None:
        """Both views name the way out, not only git's own words."""
        base = project.commit("one", files={"d/a.py": "1\n"})
        project.commit("two", files={"d/a.py": "2\n"})
        clone = project.clone(tmp_path / "clone", "--filter=tree:0", "--no-checkout")
        with pytest.raises(SourceUnavailable, match="check out without `filter`"):
            changed(clone, base) if is_range else surviving(clone)

    def test_an_empty_repository_is_unavailable(self, project: GitProject) -> None:
        """Without a commit there is nothing to blame, and the reason says so."""
        with pytest.raises(SourceUnavailable, match="'HEAD' names no commit"):
            surviving(project)

    def test_a_tree_without_files_has_no_lines(self, project: GitProject) -> None:
        """A commit without files is no failure."""
        project.commit("one")
        lines = surviving(project)
        assert (lines.files, lines.excluded_lines, lines.skipped) == ((), 0, ())


def tried(project: GitProject, base: str = "") -> str:
    """Why a view can't be had; empty where it can."""
    try:
        _ = changed(project, base) if base else surviving(project)
    except SourceUnavailable as error:
        return str(error)
    return ""


class TestHostileConfiguration:
    def test_repository_configuration_changes_nothing(self, project: GitProject) -> None:
        """Textconv, external diffs, pagers, blame.* and diff.* of .git/config neither run nor change a line."""
        base = project.commit("one", files={"a.py": "a\nb\n", ".gitattributes": "*.py diff=trap\n"})
        project.commit("two", files={"a.py": "a\nb\nc\n", "x": "1\n"})
        expected = surviving(project), changed(project, base)
        settings = {
            "diff.trap.textconv": "false", "diff.trap.command": "false", "diff.external": "false",
            "blame.ignoreRevsFile": "/nowhere", "blame.markIgnoredLines": "true", "blame.showRoot": "true",
            "blame.coloring": "highlightRecent", "blame.blankBoundary": "true", "blame.date": "relative",
            "color.ui": "always", "core.pager": "false", "core.quotePath": "true", "core.fsmonitor": "false",
            "diff.renames": "false", "diff.relative": "true", "diff.noprefix": "true", "core.abbrev": "4",
            "core.useReplaceRefs": "false", "log.diffMerges": "off", "diff.algorithm": "patience",
        }  # fmt: skip
        for key, value in settings.items():
            project.git("config", key, value)
        assert (surviving(project), changed(project, base)) == expected

    @pytest.mark.parametrize("key", ["blame.date", "diff.context", "diff.algorithm", "log.date"])
    def test_a_value_that_git_refuses_is_named_with_the_way_out(self, project: GitProject, key: str) -> None:
        """Git dies of it whatever else it is told; the reason says which value, and what to do."""
        base = project.commit("one", files={"a.py": "1\n"})
        project.commit("two", files={"a.py": "1\n2\n"})
        project.git("config", key, "-1" if key == "diff.context" else "bogus")
        said = [tried(project), tried(project, base)]
        assert all("correct it, or `git config --unset` it" in reason for reason in said if reason), said
        assert any(said) or key in {"log.date", "diff.algorithm"}
