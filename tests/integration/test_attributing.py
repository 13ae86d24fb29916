"""Who wrote the lines, from a real repository to the counts."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ai_code_metrics import attributing
from ai_code_metrics.collect.repository import Repository
from ai_code_metrics.collect.revisions import Revisions
from ai_code_metrics.collect.view_files import ViewOptions
from ai_code_metrics.config import Config
from ai_code_metrics.errors import UsageError
from ai_code_metrics.report import line_listing
from support.git_project import ANN, CLAUDE, GitProject

if TYPE_CHECKING:
    from pathlib import Path

    from ai_code_metrics.model import AttributionView
    from ai_code_metrics.records import LineListing

BOT = "renovate[bot] <29139614+renovate[bot]@users.noreply.github.com>"
NOTE = """\
{path}
  s_0123456789abcd::t_0123456789abcd {ai}
  h_0123456789abcd {human}
---
{{"schema_version": "authorship/3.0.0", "sessions": {{"s_0123456789abcd":
{{"agent_id": {{"tool": "cursor", "model": "gpt-5"}}}}}}}}
"""


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    return GitProject(tmp_path / "project")


def add_note(project: GitProject, commit: str, text: str, ref: str = "ai") -> None:
    identity = project.identity(ANN)
    project.git("notes", f"--ref={ref}", "add", "--force", "--file=-", commit, stdin=text.encode(), environ=identity)


def view(project: GitProject, base: str = "", head: str = "HEAD", **values: Any) -> AttributionView:
    """The changed view since ``base``, the surviving one without."""
    config = Config(root=project.path, **values)
    repository = Repository.open(project.path, project.environ)
    found = Revisions(repository.commit_id(head), repository.commit_id(base) if base else None)
    name, lines = attributing.read_view(repository, found, attributing.view_options(config, {}, workers=2))
    return attributing.measure(name, lines, config)[1]


def listing(project: GitProject, path: str, base: str | None = None, **values: Any) -> LineListing:
    config = Config(root=project.path, **values)
    repository = Repository.open(project.path, project.environ)
    options = attributing.view_options(config, {}, workers=2)
    return attributing.list_lines(repository, Revisions(project.head, base), path, config, options)


def counts(counted: AttributionView) -> tuple[int, int, int]:
    return counted.ai_lines, counted.human_lines, counted.untagged_lines


class TestEvidence:
    def test_a_note_is_followed_through_renames_and_later_changes(self, project: GitProject) -> None:
        """Lines keep what their commit's note says of them, under the path and number that they had there."""
        sha = project.commit("one", files={"old.py": "".join(f"{number}\n" for number in range(1, 9))})
        add_note(project, sha, NOTE.format(path="old.py", ai="1-3,8", human="4"))
        project.git("mv", "old.py", "new.py")
        project.commit("rename")
        project.commit("edit", files={"new.py": "new\n1\n2\n\n4\n5\n6\n7\n8\n"})
        rows = listing(project, "new.py").rows
        assert [row.origin and row.origin.origin for row in rows] == [
            "untagged", "ai", "ai", None, "human", "untagged", "untagged", "untagged", "ai",
        ]  # fmt: skip
        assert counts(view(project)) == (3, 1, 4)

    def test_a_note_counts_only_for_what_its_commit_added(self, project: GitProject) -> None:
        """A note that claims older lines, or lines that are there no more, tags none of them."""
        project.commit("one", files={"a.py": "1\n2\n3\n"})
        sha = project.commit("two", files={"a.py": "1\n2\n3\n4\n"})
        add_note(project, sha, NOTE.format(path="a.py", ai="1-4,7-900", human="5"))
        assert counts(view(project)) == (1, 0, 3)

    def test_lines_that_a_note_leaves_out_fall_through_to_the_tag(self, project: GitProject) -> None:
        """Without notes, by option, the tag holds for all of them."""
        sha = project.commit(f"one\n\n{CLAUDE}", files={"a.py": "1\n2\n3\n4\n"})
        add_note(project, sha, NOTE.format(path="a.py", ai="1", human="2-3"))
        counted = view(project)
        assert (counts(counted), counted.by_source["note"], counted.by_source["trailer"]) == ((2, 2, 0), 1, 1)
        assert counts(view(project, notes=False)) == (4, 0, 0)

    def test_notes_are_found_from_a_directory_below_the_top(self, project: GitProject) -> None:
        """Paths of notes start at the top, those of the view in the measured directory."""
        sha = project.commit("one", files={"p/q r/a.py": "1\n2\n", "a.py": "1\n"})
        add_note(project, sha, NOTE.format(path='"p/q r/a.py"', ai="2", human="1"))
        repository = Repository.open(project.path / "p", project.environ)
        config = Config(root=project.path / "p")
        name, lines = attributing.read_view(repository, Revisions(project.head, None), ViewOptions())
        assert counts(attributing.measure(name, lines, config)[1]) == (1, 1, 0)

    def test_bad_notes_are_named_and_the_rest_is_counted(self, project: GitProject) -> None:
        """Truncated notes, foreign versions and ranges that can't be cost nothing but a warning."""
        shas = [project.commit(f"c{number}", files={f"f{number}.py": "1\n2\n"}) for number in range(4)]
        add_note(project, shas[0], NOTE.format(path="f0.py", ai="1", human="2")[:-60])
        add_note(project, shas[1], '{"version": 9, "attributions": []}', "agentblame")
        add_note(project, shas[2], NOTE.format(path="../f2.py", ai="1", human="2"))
        add_note(project, shas[3], NOTE.format(path="f3.py", ai="9-1,-4,0,2-99999999999999999999", human="1"))
        counted = view(project)
        assert {file.path: (file.ai_lines, file.human_lines, file.untagged_lines) for file in counted.by_file} == {
            "f0.py": (1, 1, 0), "f1.py": (0, 0, 2), "f2.py": (0, 0, 2), "f3.py": (1, 1, 0),
        }  # fmt: skip
        assert sorted(warning.partition(", the first on ")[0] for warning in counted.warnings) == [
            "authorship notes: 1 of an unknown version (skipped)",
            "authorship notes: 1 with impossible line numbers",
            "authorship notes: 1 with invalid JSON",
            "authorship notes: 1 with paths outside the repository",
        ]
        assert shas[1][:12] in next(warning for warning in counted.warnings if "unknown version" in warning)

    def test_markers_are_opt_in(self, project: GitProject) -> None:
        """A region's lines count by the setting only, those that a bot or an agent wrote stay theirs."""
        project.commit("one", files={"a.py": "# BEGIN AI-GENERATED\nx = 1\n# END AI-GENERATED\ny = 2\n"})
        project.commit("two", author=BOT, files={"a.py": "# BEGIN AI-GENERATED\nx = 1\nz\n# END AI-GENERATED\ny = 2\n"})
        assert counts(view(project)) == (0, 0, 4)
        counted = view(project, markers=("default",))
        assert (counts(counted), counted.bot_lines, counted.by_source["marker"]) == ((3, 0, 1), 1, 3)

    @pytest.mark.parametrize("person", [
        "Claude Shannon <claude@bell.example>", "Devin Weaver <devin@example.com>", "SeanCline <sean@example.com>",
        "Ann <ann@all-hands.dev>", "Bob <bob@roocode.com>",
    ])  # fmt: skip
    def test_people_that_look_like_agents_are_untagged(self, project: GitProject, person: str) -> None:
        """As author and as co-author."""
        project.commit("one", author=person, files={"a.py": "1\n"})
        project.commit(f"two\n\nCo-authored-by: {person}\nAssisted-by: {person}", files={"b.py": "1\n"})
        assert counts(view(project)) == (0, 0, 2)


class TestAttributes:
    def test_linguist_attributes_count_at_all_levels(self, project: GitProject) -> None:
        """Those of the top, of directories, of ``info/attributes``, by macro, set, true, unset and false."""
        project.commit(
            "one",
            files={
                ".gitattributes": "[attr]made linguist-generated=true\n*.gen made\nv/** linguist-vendored\n",
                "sub/.gitattributes": "*.out linguist-generated\nkeep.gen -linguist-generated\n",
                "v/.gitattributes": "mine.py linguist-vendored=false\n",
                **dict.fromkeys(("a.gen", "sub/b.out", "sub/keep.gen", "v/x.py", "v/mine.py", "info.py"), "1\n"),
            },
        )
        (project.path / ".git/info/attributes").write_text("info.py linguist-generated\n")
        counted = view(project)
        kept = {file.path for file in counted.by_file if not file.path.endswith(".gitattributes")}
        assert (kept, counted.excluded_lines) == ({"sub/keep.gen", "v/mine.py"}, 4 + 1)

    def test_attributes_of_the_clone_alone_count(self, project: GitProject) -> None:
        """Also where no commit has any."""
        project.commit("one", files={"a.py": "1\n", "b.py": "1\n"})
        (project.path / ".git/info").mkdir(exist_ok=True)
        (project.path / ".git/info/attributes").write_text("a.py linguist-vendored\n")
        assert [file.path for file in view(project).by_file] == ["b.py"]

    def test_any_number_of_directories_is_asked_for(self, project: GitProject, monkeypatch: pytest.MonkeyPatch) -> None:
        """More directories than arguments may be: the whole tree is searched for attributes."""
        files: dict[str, str | bytes] = {f"{name}/x.py": "1\n" for name in "abcd"}
        project.commit("one", files={**files, "b/.gitattributes": "x.py linguist-generated\n"})
        monkeypatch.setattr("ai_code_metrics.collect.attributes._MAX_ARGUMENTS", 2)
        assert {file.path for file in view(project).by_file} == {"a/x.py", "b/.gitattributes", "c/x.py", "d/x.py"}

    def test_the_attributes_of_the_measured_commit_count(self, project: GitProject) -> None:
        """Not those that are checked out: a range may end elsewhere."""
        base = project.commit("one", files={"a.txt": "1\n"})
        project.commit("two", files={".gitattributes": "b.py linguist-generated\n", "b.py": "1\n"})
        project.commit("three", files={".gitattributes": "", "c.py": "1\n"})
        assert {file.path for file in view(project, base, "HEAD^").by_file} == {".gitattributes"}
        assert {file.path for file in view(project, base).by_file} == {"b.py", "c.py"}

    @pytest.mark.parametrize(
        "content",
        [
            b"\0\xff\xfe" * 50, b"* linguist-generated" * 2_000 + b"\n", b"[attr]a b\n" * 500, b"x" * 3_000_000,
            b'!*.py linguist-generated\n"a\\\n', b"* -text filter=evil diff=evil\n",
        ],
    )  # fmt: skip
    def test_a_hostile_attributes_file_hides_nothing(self, project: GitProject, content: bytes) -> None:
        """Rubbish, endless lines and drivers neither fail the view nor leave its files out."""
        project.commit("one", files={"a.py": "1\n", "sub/b.py": "1\n"})
        project.commit("two", files={".gitattributes": content})
        for key in ("filter.evil.smudge", "filter.evil.clean", "diff.evil.textconv", "diff.evil.command"):
            project.git("config", key, "false")
        assert {"a.py", "sub/b.py"} <= {file.path for file in view(project).by_file}

    def test_an_attributes_file_that_is_a_link_is_not_followed(self, project: GitProject, tmp_path: Path) -> None:
        """What lies outside of the repository says nothing about it."""
        (tmp_path / "outside").write_text("*.py linguist-generated\n")
        (project.path / ".gitattributes").symlink_to(tmp_path / "outside")
        project.commit("one", files={"a.py": "1\n"})
        assert [file.path for file in view(project).by_file] == ["a.py"]


class TestHistories:
    def test_grafts_are_seen_as_git_sees_them(self, project: GitProject) -> None:
        """A commit that is grafted to have no parents owns all of its tree."""
        project.commit(f"one\n\n{CLAUDE}", files={"a.py": "1\n"})
        sha = project.commit("two", files={"a.py": "1\n2\n"})
        assert counts(view(project)) == (1, 0, 1)
        (project.path / ".git/info").mkdir(exist_ok=True)
        (project.path / ".git/info/grafts").write_text(f"{sha}\n")
        assert counts(view(project)) == (0, 0, 2)

    def test_moved_lines_keep_their_commit_where_asked_for(self, project: GitProject) -> None:
        """By default lines that a commit moves to another file are that commit's; with detection they stay old."""
        block = "".join(f"def function_number_{number}(): return {number} * factor\n" for number in range(12))
        base = project.commit(f"one\n\n{CLAUDE}", files={"a.py": block + "end\n"})
        project.commit("move", files={"a.py": "end\n", "b.py": "begin\n" + block})
        assert counts(view(project)) == (1, 0, 13)
        assert counts(view(project, detect_moves=True)) == (13, 0, 1)
        assert view(project, base).counted_lines == 13
        assert view(project, base, detect_moves=True).counted_lines == 1

    def test_an_octopus_merge_and_line_ends(self, project: GitProject) -> None:
        """Lines of each merged branch are its commits'; CRLF and a missing line feed at the end change no count."""
        base = project.commit("base", files={"a.py": "1\r\n\r\n2"})
        for name in ("one", "two", "three"):
            project.branch(name, base)
            project.commit(f"{name}\n\n{CLAUDE if name == 'two' else ''}", files={f"{name}.py": "1\r\n2"})
        project.switch("main")
        project.merge("one", "two", "three")
        assert counts(view(project)) == (2, 0, 6)
        assert counts(view(project, base)) == (2, 0, 4)


class TestListing:
    def test_each_line_is_told_with_its_evidence(self, project: GitProject) -> None:
        """Blank lines and lines that are older than a range have no origin."""
        base = project.commit("one", files={"d/a.py": "1\n\n"})
        sha = project.commit(f"two\n\n{CLAUDE}", files={"d/a.py": "1\n\n2"})
        found = listing(project, "d/a.py")
        assert [(row.line, row.text, row.origin and row.origin.commit) for row in found.rows] == [
            (1, "1", base), (2, "", None), (3, "2", sha),
        ]  # fmt: skip
        last = found.rows[2].origin
        assert last is not None
        assert last[:5] == ("ai", "assisted", "claude-code", "Claude Opus 4.6", "trailer")
        assert (last.committed_at, found.left_out, found.view) == (
            int(project.git("log", "-1", "--format=%ct")),
            False,
            "surviving",
        )
        assert [row.origin is None for row in listing(project, "d/a.py", base).rows] == [True, True, False]

    @pytest.mark.parametrize("path", ["./d/a.py", "d//a.py", "d/./a.py", "d/a.py"])
    def test_a_path_is_found_however_it_is_written(self, project: GitProject, path: str) -> None:
        """Dots and double slashes change nothing."""
        project.commit("one", files={"d/a.py": "1\n", "d/a.py ": "1\n2\n"})
        found = listing(project, path)
        assert (found.path, [row.origin is None for row in found.rows]) == ("d/a.py", [False])

    @pytest.mark.skipif(sys.platform != "linux", reason="file systems elsewhere refuse such names")
    @pytest.mark.parametrize("name", [b"caf\xe9.py", b"a.py ", b"*.py"])
    def test_an_odd_name_is_listed(self, project: GitProject, name: bytes) -> None:
        """Bytes that are no UTF-8 are replaced in what is shown; blanks and globs are part of a name."""
        (project.path / os.fsdecode(name)).write_text("1\n")
        project.commit("one", files={"a.py": "1\n2\n"})
        found = listing(project, os.fsdecode(name))
        assert [row.origin is None for row in found.rows] == [False]
        assert json.loads(json.dumps(line_listing.rows(found)))["path"] == name.decode("utf-8", "replace")

    def test_a_file_that_the_view_leaves_out_is_listed_and_said_so(self, project: GitProject) -> None:
        """Glob characters in the name are literal."""
        project.commit("one", files={"[a].lock": "1\n", "a.lock": "1\n2\n"})
        found = listing(project, "[a].lock")
        assert (len(found.rows), found.left_out) == (1, True)
        assert found.rows[0].origin is not None

    @pytest.mark.parametrize(
        ("path", "words"),
        [
            ("gone.py", "there is no file 'gone.py'"), ("d", "there is no file 'd'"), ("x.bin", "binary file"),
            ("link", "symbolic link"), ("/etc/passwd", "is not a path below"), ("../a.py", "is not a path below"),
            ("", "is not a path below"),
        ],
    )  # fmt: skip
    def test_what_has_no_lines_is_refused(self, project: GitProject, path: str, words: str) -> None:
        """The error names the file and why."""
        (project.path / "link").symlink_to("d/a.py")
        project.commit("one", files={"d/a.py": "1\n", "x.bin": b"\0"})
        with pytest.raises(UsageError, match=words):
            listing(project, path)

    def test_an_empty_file_has_no_rows(self, project: GitProject) -> None:
        """Nothing is no failure."""
        project.commit("one", files={"a.py": ""})
        assert listing(project, "a.py").rows == []


def test_the_preset_of_aider_counts_by_its_rule(project: GitProject) -> None:
    """Blank lines and subjects count, other agents and other suffixes don't, nor what was there before."""
    base = project.commit("one", files={"a.py": "1\n", "notes.md": "1\n"})
    project.commit("aider: two", files={"a.py": "1\n\n2\n", "tests/fixtures/watch.py": "1\n"})
    project.commit("three", author="Ann (aider) <ann@example.com>", files={"b.py": "1\n", "notes.md": "2\n"})
    project.commit(f"four\n\n{CLAUDE}", files={"c.sh": "1\n", "x_prompts.py": "1\n"})
    project.commit("five\n\nCo-authored-by: aider (gpt-5) <x@y.example>", files={"sub/Dockerfile": "1\n"})
    repository, config = Repository.open(project.path, project.environ), Config(root=project.path)
    preset = attributing.PRESETS["aider"]
    options = attributing.options_for(preset, ViewOptions(workers=2))
    name, lines = attributing.read_view(repository, Revisions(project.head, base), options)
    counted = attributing.measure(name, lines, config, preset)[1]
    assert {file.path: file.ai_lines for file in counted.by_file} == {
        "a.py": 2,
        "b.py": 1,
        "c.sh": 0,
        "sub/Dockerfile": 1,
    }
    assert (counted.counted_lines, counted.ai_lines) == (5, 4)


EDITS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 4), st.sampled_from(["ann", "claude", "bot"])), min_size=2, max_size=7
)
PROPERTY = settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])


def grown(directory: Path, edits: list[tuple[int, int, str]]) -> tuple[GitProject, str]:
    """A history of one edit a commit; each inserts a line of its own at one place of one file."""
    project = GitProject(directory / "project")
    contents = [[f"start {number}"] for number in range(3)]
    base = project.commit("start", files={f"f{number}.py": f"start {number}\n" for number in range(3)})
    for number, (which, place, who) in enumerate(edits):
        contents[which].insert(place, f"value_{number}=call({number},{which})")
        project.commit(
            f"c{number}\n\n{CLAUDE if who == 'claude' else ''}",
            author=BOT if who == "bot" else ANN,
            files={f"f{which}.py": "\n".join([*contents[which], ""])},
        )
    return project, base


@PROPERTY
@given(edits=EDITS)
def test_an_untagged_commit_and_a_pure_rename_raise_no_ai_lines(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[int, int, str]]
) -> None:
    """A person's commit adds untagged lines only; renaming every file changes no count at all."""
    project, base = grown(tmp_path_factory.mktemp("history"), edits)
    before, changed = view(project), view(project, base)
    for number in range(3):
        project.git("mv", f"f{number}.py", f"renamed{number}.py")
    project.commit("rename")
    assert (counts(view(project)), counts(view(project, base))) == (counts(before), counts(changed))
    project.commit("by hand", files={"renamed0.py": "all\nnew\n", "more.py": "1\n"})
    assert view(project).ai_lines <= before.ai_lines
    assert view(project, base).ai_lines <= changed.ai_lines


@PROPERTY
@given(edits=EDITS)
def test_a_reformat_that_is_listed_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[int, int, str]]
) -> None:
    """A commit that only reformats, named in ``.git-blame-ignore-revs``, leaves all lines with their commits."""
    project, base = grown(tmp_path_factory.mktemp("history"), edits)
    before, changed = view(project), view(project, base)
    pretty = {
        path.name: path.read_text().replace("=", " = ").replace(",", ", ") for path in sorted(project.path.glob("*.py"))
    }
    sha = project.commit(f"reformat\n\n{CLAUDE}", files=dict(pretty))
    project.commit("list", files={".git-blame-ignore-revs": f"{sha}\n"})
    assert counts(view(project, exclude=(".git-blame-ignore-revs",))) == counts(before)
    assert counts(view(project, base, exclude=(".git-blame-ignore-revs",))) == counts(changed)


@PROPERTY
@given(edits=EDITS, part=st.sets(st.integers(0, 2)))
def test_a_partition_of_a_ranges_files_adds_up_to_the_range(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[int, int, str]], part: set[int]
) -> None:
    """What two globs leave out of each other's half is all of it; origins add up to the counted lines."""
    project, base = grown(tmp_path_factory.mktemp("history"), edits)
    whole = view(project, base)
    names = [f"f{number}.py" for number in range(3)]
    one = view(project, base, exclude=tuple(name for number, name in enumerate(names) if number in part))
    other = view(project, base, exclude=tuple(name for number, name in enumerate(names) if number not in part))
    for field in ("ai_lines", "untagged_lines", "bot_lines", "counted_lines"):
        assert getattr(one, field) + getattr(other, field) == getattr(whole, field)
    assert whole.counted_lines == sum(counts(whole))
    assert whole.counted_lines + whole.bot_lines == len(edits)
