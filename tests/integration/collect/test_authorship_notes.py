"""Reading authorship notes from real repositories."""

from __future__ import annotations

import json
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from ai_code_metrics.collect import authorship_notes
from ai_code_metrics.collect.authorship_notes import MAX_BYTES, note_references, read_notes
from ai_code_metrics.collect.repository import Repository
from ai_code_metrics.records import FileVersion, NotedRange, Notes
from support.git_project import ANN, GitProject

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

KEY = "0123456789abcdef"


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    return GitProject(tmp_path / "project")


def read(project: GitProject, *commits: str, paths: Iterable[str] = ("a.py",), agents: Iterable[str] = ()) -> Notes:
    repository = Repository.open(project.path, project.environ)
    return told(repository, [FileVersion(sha, path) for sha in commits for path in paths], agents)


def told(repository: Repository, versions: Iterable[FileVersion], agents: Iterable[str] = ()) -> Notes:
    """What the notes of a repository tell of versions that own all of their lines."""
    owned = {version: [(1, 2**31)] for version in versions}
    return read_notes(repository, note_references(repository), owned, agent_names=frozenset(agents))


def git_ai(tool: str, ranges: str = "1-2", path: str = "a.py") -> bytes:
    metadata = {"schema_version": "authorship/3.0.0", "prompts": {KEY: {"agent_id": {"tool": tool, "model": "m"}}}}
    return f"{path}\n  {KEY} {ranges}\n---\n{json.dumps(metadata)}".encode()


def agentblame(provider: str) -> bytes:
    claim = {"path": "a.py", "startLine": 1, "endLine": 2, "category": "ai_generated", "provider": provider}
    return json.dumps({"version": 2, "attributions": [claim]}).encode()


def authored_by(author: str) -> bytes:
    return json.dumps({"files": {"a.py": {"authors": [{"author": author, "lines": [[1, 2]]}]}}}).encode()


def blob(project: GitProject, content: bytes) -> str:
    return project.git("hash-object", "-w", "--stdin", stdin=content)


def add_note(project: GitProject, sha: str, content: bytes, name: str = "ai") -> None:
    """Attach a note byte by byte as given."""
    options = ("add", "--force", "-C", blob(project, content), sha)
    project.git("notes", f"--ref={name}", *options, environ=project.identity(ANN))


def fetched(project: GitProject, name: str) -> None:
    """Move a notes ref to where this tool's own fetch puts it."""
    project.git("update-ref", f"refs/ai-code-metrics/notes/{name}", f"refs/notes/{name}")
    project.git("update-ref", "-d", f"refs/notes/{name}")


def agents(notes: Notes, sha: str) -> list[str]:
    return [claim.agent for claim in notes.ranges.get(FileVersion(sha, "a.py"), ())]


def traced(project: GitProject) -> tuple[Repository, Path]:
    """Return a repository whose git processes are written to a file, a line each that starts."""
    trace = project.path.parent / "trace"
    repository = Repository.open(project.path, project.environ)
    repository._environ["GIT_TRACE"] = str(trace)
    return repository, trace


class TestFormats:
    def test_git_notes_of_git_ai_are_read(self, project: GitProject) -> None:
        """A note from a file gives the ranges of the versions that were asked for, and its commit."""
        sha = project.commit("one", files={"a.py": "1\n2\n", "b.py": "1\n"})
        (project.path.parent / "note").write_bytes(git_ai("claude", "1-2,4"))
        project.git("notes", "--ref=ai", "add", "-F", "../note", sha, environ=project.identity(ANN))
        assert read(project, sha, paths=("a.py", "b.py")) == Notes(
            ranges={
                FileVersion(sha, "a.py"): (
                    NotedRange(1, 2, "ai", "claude", "m"),
                    NotedRange(4, 4, "ai", "claude", "m"),
                )
            },
            commits=frozenset({sha}),
        )

    def test_agentblame_notes_are_read(self, project: GitProject) -> None:
        """They have a ref and a format of their own."""
        sha = project.commit("one")
        add_note(project, sha, agentblame("cursor"), "agentblame")
        assert read(project, sha).ranges == {FileVersion(sha, "a.py"): (NotedRange(1, 2, "ai", "cursor"),)}

    @pytest.mark.parametrize("place", ["refs/ai/authorship/", "refs/ai-code-metrics/authorship/"])
    def test_blobs_by_commit_are_read(self, project: GitProject, place: str) -> None:
        """They hold JSON, in which agents are told from people by their names, or text."""
        shas = [project.commit(name) for name in ("json", "person", "text")]
        for sha, content in zip(shas, (authored_by("Cursor"), authored_by("Ann"), git_ai("claude")), strict=True):
            project.git("update-ref", f"{place}{sha}", blob(project, content))
        notes = read(project, *shas, agents={"cursor"})
        assert [agents(notes, sha) for sha in shas] == [["Cursor"], [], ["claude"]]
        assert (notes.commits, notes.warnings) == (frozenset(shas), ())

    @pytest.mark.parametrize("path", ["my file.py", "é.py"])
    def test_paths_are_found_from_below_the_top(self, project: GitProject, path: str) -> None:
        """Paths are the repository's, whatever directory was opened, and white space is quoted in notes."""
        sha = project.commit("one", files={f"sub/{path}": "1\n2\n"})
        add_note(project, sha, git_ai("claude", path=f'"sub/{path}"'))
        repository = Repository.open(project.path / "sub", project.environ)
        version = FileVersion(sha, f"sub/{path}")
        assert list(told(repository, [version]).ranges) == [version]

    def test_a_path_that_is_no_utf8_is_found(self, project: GitProject) -> None:
        """However the version's path was decoded, its ranges come under it."""
        sha = project.commit("one")
        add_note(project, sha, git_ai("claude", path="caf@.py").replace(b"@", b"\xe9"))
        for path in ("caf\udce9.py", "caf\ufffd.py"):
            assert list(read(project, sha, paths=[path]).ranges) == [FileVersion(sha, path)]

    def test_a_sha256_repository(self, tmp_path: Path) -> None:
        """Ids may be longer."""
        project = GitProject(tmp_path / "long", object_format="sha256")
        sha = project.commit("one")
        add_note(project, sha, git_ai("claude"))
        assert agents(read(project, sha), sha) == ["claude"]

    def test_other_paths_are_left_out(self, project: GitProject) -> None:
        """Of a note only the versions that were asked for are kept; the commit has a note all the same."""
        sha = project.commit("one")
        add_note(project, sha, git_ai("claude", path="other.py"))
        assert read(project, sha) == Notes(commits=frozenset({sha}))


class TestLimits:
    def test_ranges_that_touch_no_owned_line_are_not_kept(self, project: GitProject) -> None:
        """What a note says of lines that its commit didn't add is nobody's business."""
        sha = project.commit("one")
        add_note(project, sha, git_ai("claude", "1-2,4,6-9"))
        repository = Repository.open(project.path, project.environ)
        owned = {FileVersion(sha, "a.py"): [(9, 9), (3, 4)]}
        ranges = read_notes(repository, note_references(repository), owned).ranges[FileVersion(sha, "a.py")]
        assert [(noted.first, noted.last) for noted in ranges] == [(4, 4), (6, 9)]

    def test_all_notes_together_are_bounded(self, project: GitProject, monkeypatch: pytest.MonkeyPatch) -> None:
        """One large note on many commits costs no more than a bound; the rest is named."""
        shas = [project.commit(f"c{number}") for number in range(4)]
        note = git_ai("claude", ",".join(str(line) for line in range(1, 101)))
        for sha in shas:
            add_note(project, sha, note)
        monkeypatch.setattr(authorship_notes, "MAX_ALL_RANGES", 150)
        assert [len(ranges) for ranges in read(project, *shas).ranges.values()] == [100, 100]
        monkeypatch.undo()
        monkeypatch.setattr(authorship_notes, "MAX_ALL_BYTES", 3 * len(note))
        found = read(project, *shas)
        assert len(found.ranges) == 3
        assert found.warnings[0].startswith(
            "authorship notes: 1 beyond 0 GiB or 5,000,000 ranges in all (skipped), the"
        )


class TestPlaces:
    def test_of_all_kinds_the_strongest_comes_first(self, project: GitProject) -> None:
        """git-ai, agentblame, exceeds-ink, then the blobs, whatever order they were written in."""
        sha = project.commit("one")
        project.git("update-ref", f"refs/ai/authorship/{sha}", blob(project, authored_by("cursor")))
        add_note(project, sha, git_ai("ink"), "exceeds-ink")
        add_note(project, sha, agentblame("blame"), "agentblame")
        add_note(project, sha, git_ai("git-ai"))
        assert agents(read(project, sha, agents={"cursor"}), sha) == ["git-ai", "blame", "ink", "cursor"]

    @pytest.mark.parametrize("name", ["ai", "exceeds-ink", "agentblame"])
    def test_the_repositorys_own_note_wins_over_the_fetched_one(self, project: GitProject, name: str) -> None:
        """Commit by commit, one note of each kind."""
        write = agentblame if name == "agentblame" else git_ai
        first, second = project.commit("one"), project.commit("two")
        for sha in (first, second):
            add_note(project, sha, write("fetched"), name)
        fetched(project, name)
        add_note(project, first, write("own"), name)
        notes = read(project, first, second)
        assert (agents(notes, first), agents(notes, second)) == (["own"], ["fetched"])
        assert notes.commits == {first, second}

    def test_notes_of_a_large_repository_are_found(self, project: GitProject) -> None:
        """Git spreads many notes over directories; commits that aren't asked for, or not known, don't come."""
        shas = [project.commit(f"c{number}") for number in range(3)]
        tree = project.git("rev-parse", "HEAD^{tree}")
        stream = "".join(
            f"N inline {sha}\ndata {len(note)}\n{note}\n"
            for sha, note in ((sha, git_ai(f"t{number}").decode()) for number, sha in enumerate(shas))
        )
        others = "".join(f"M 100644 inline {number:02x}/{number:038x}\ndata 4\nnote\n" for number in range(300))
        head = "commit refs/notes/ai\ncommitter A <a@b> 1700000000 +0000\ndata 0\n"
        project.git("fast-import", "--quiet", stdin=f"{head}{stream}{others}".encode())
        notes = read(project, shas[2], shas[0], tree)
        assert [agents(notes, sha) for sha in shas] == [["t0"], [], ["t2"]]
        assert (notes.commits, notes.warnings) == (frozenset({shas[0], shas[2]}), ())

    @pytest.mark.parametrize("layout", ["{0}{1}{2}", "{0}/{1}{2}", "{0}/{1}/{2}"])
    def test_any_fan_out_is_read(self, project: GitProject, layout: str) -> None:
        """The parts of a path are an id, however they are split."""
        sha = project.commit("one")
        path = layout.format(sha[:2], sha[2:4], sha[4:])
        note = git_ai("claude").decode()
        head = "commit refs/notes/ai\ncommitter A <a@b> 1700000000 +0000\ndata 0\n"
        content = f"{head}M 100644 inline {path}\ndata {len(note)}\n{note}\n"
        project.git("fast-import", "--quiet", stdin=content.encode())
        assert agents(read(project, sha), sha) == ["claude"]

    def test_without_notes_one_process_is_enough(self, project: GitProject) -> None:
        """Without refs git is asked once, without versions not at all; a ref of a similar name is none."""
        sha = project.commit("one")
        add_note(project, sha, git_ai("claude"), "ai/other")
        repository, trace = traced(project)
        assert told(repository, [FileVersion(sha, "a.py")]) == Notes()
        assert trace.read_text("utf-8").count("trace: built-in: git") == 1
        references = {"refs/notes/ai": project.head}
        assert read_notes(repository, references, {}) == Notes()
        assert trace.read_text("utf-8").count("trace: built-in: git") == 1

    def test_all_contents_come_from_one_process(self, project: GitProject) -> None:
        """Of many notes on many refs git cat-file reads those that are asked for."""
        shas = [project.commit(f"c{number}") for number in range(3)]
        for name in ("ai", "exceeds-ink"):
            for sha in shas:
                add_note(project, sha, git_ai(name), name)
        repository, trace = traced(project)
        notes = told(repository, [FileVersion(sha, "a.py") for sha in shas])
        assert [agents(notes, sha) for sha in shas] == [["ai", "exceeds-ink"]] * 3
        assert trace.read_text("utf-8").count("trace: built-in: git cat-file") == 1


class TestTrouble:
    def test_troubles_are_summed_up(self, project: GitProject) -> None:
        """A line for each kind, with the number of notes, the first commit and its ref; claims stay where they can."""
        shas = sorted(project.commit(f"c{number}") for number in range(5))
        for sha in shas[:3]:
            add_note(project, sha, git_ai("claude")[:-20])
        add_note(project, shas[3], git_ai("claude").replace(b"authorship/3", b"authorship/4"))
        add_note(project, shas[4], git_ai("claude", "2-1,3"))
        notes = read(project, *shas)
        assert [agents(notes, sha) for sha in shas] == [[""], [""], [""], [], ["claude"]]
        assert notes.commits == {*shas[:3], shas[4]}
        assert notes.warnings == (
            f"authorship notes: 3 with invalid JSON, the first on {shas[0][:12]} (refs/notes/ai)",
            f"authorship notes: 1 of an unknown version (skipped), the first on {shas[3][:12]} (refs/notes/ai)",
            f"authorship notes: 1 with impossible line numbers, the first on {shas[4][:12]} (refs/notes/ai)",
        )

    def test_a_huge_note_is_passed_over(self, project: GitProject) -> None:
        """17 MiB are neither loaded nor lost track of: the notes behind are read."""
        shas = sorted((project.commit("one"), project.commit("two")))
        note = git_ai("claude")
        add_note(project, shas[0], note + b" " * (17 << 20))
        add_note(project, shas[1], note + b" " * (MAX_BYTES - len(note)))
        repository = Repository.open(project.path, project.environ)
        tracemalloc.start()
        notes = told(repository, [FileVersion(sha, "a.py") for sha in shas])
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert (agents(notes, shas[0]), agents(notes, shas[1])) == ([], ["claude"])
        assert notes.commits == {shas[1]}
        assert notes.warnings == (
            f"authorship notes: 1 of over 16 MiB (skipped), the first on {shas[0][:12]} (refs/notes/ai)",
        )
        assert peak < 4 * MAX_BYTES

    def test_what_is_no_blob_is_passed_over(self, project: GitProject) -> None:
        """A ref to a commit in place of a note is told, and the one behind is read."""
        shas = sorted((project.commit("one"), project.commit("two", files={"a.py": "1\n"})))
        project.git("update-ref", f"refs/ai/authorship/{shas[0]}", "HEAD")
        project.git("update-ref", f"refs/ai/authorship/{shas[1]}", blob(project, git_ai("claude")))
        notes = read(project, *shas)
        assert agents(notes, shas[1]) == ["claude"]
        assert notes.warnings == (
            f"authorship notes: 1 that are no file (skipped), the first on {shas[0][:12]} (refs/ai/authorship/*)",
        )

    def test_a_ref_that_holds_no_tree_is_told(self, project: GitProject) -> None:
        """Git's words are in the warning, and other refs are read."""
        sha = project.commit("one")
        project.git("update-ref", "refs/notes/ai", blob(project, b"x"))
        add_note(project, sha, agentblame("cursor"), "agentblame")
        notes = read(project, sha)
        assert agents(notes, sha) == ["cursor"]
        assert len(notes.warnings) == 1
        assert notes.warnings[0].startswith("authorship notes: refs/notes/ai can't be listed: git ls-tree: ")

    def test_a_partial_clone_reads_the_notes_that_it_has(self, project: GitProject, tmp_path: Path) -> None:
        """Contents that weren't fetched are told, not fetched."""
        shas = sorted((project.commit("one"), project.commit("two")))
        for sha in shas:
            add_note(project, sha, git_ai(f"claude {sha}"))
        clone = project.clone(tmp_path / "clone", "--filter=blob:none")
        clone.git("fetch", "--quiet", "--filter=blob:none", "origin", "+refs/notes/*:refs/notes/*")
        blob(clone, git_ai(f"claude {shas[1]}"))
        notes = read(clone, *shas)
        assert (agents(notes, shas[0]), agents(notes, shas[1])) == ([], [f"claude {shas[1]}"])
        assert notes.commits == {shas[1]}
        assert notes.warnings == (
            f"authorship notes: 1 missing from this clone, the first on {shas[0][:12]} (refs/notes/ai)",
        )

    def test_a_damaged_object_ends_the_reading_with_a_warning(self, project: GitProject) -> None:
        """What was read before stays, git's words are in the warning."""
        shas = sorted(project.commit(f"c{number}") for number in range(3))
        for sha in shas:
            add_note(project, sha, git_ai(f"claude {sha}"))
        damaged = project.git("notes", "--ref=ai", "list", shas[1])
        path = project.path / ".git" / "objects" / damaged[:2] / damaged[2:]
        path.chmod(0o644)
        path.write_bytes(path.read_bytes()[:60])
        notes = read(project, *shas)
        assert notes.commits == {shas[0]}
        assert agents(notes, shas[0]) == [f"claude {shas[0]}"]
        assert len(notes.warnings) == 1
        assert notes.warnings[0].startswith("authorship notes: not all could be read: git cat-file: ")
