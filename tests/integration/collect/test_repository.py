"""The git edge on real repositories."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING

import pytest

from ai_code_metrics.collect.attributes import generated_paths
from ai_code_metrics.collect.repository import GitFailed, Repository
from ai_code_metrics.errors import SourceUnavailable
from ai_code_metrics.interruption import Interruption
from ai_code_metrics.process import PeakSampler
from support.git_project import GitProject

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> GitProject:
    return GitProject(tmp_path / "project")


def opened(project: GitProject, path: str = "") -> Repository:
    return Repository.open(project.path / path, project.environ)


class TestOpen:
    def test_finds_the_top_and_the_prefix_of_a_directory_below(self, project: GitProject) -> None:
        """A directory below the top is opened as it is, with the top and its own place known."""
        project.commit("one", files={"packages/a b/x.py": "x = 1\n", "y.py": "y = 1\n"})
        below = opened(project, "packages/a b")
        assert (below.root, below.prefix) == (project.path.resolve(), "packages/a b")
        assert below.tracked_files() == ["x.py"]
        assert (opened(project).root, opened(project).prefix) == (project.path.resolve(), "")

    def test_a_directory_without_git_says_so(self, tmp_path: Path) -> None:
        """A directory that is in no repository gives a reason that says what to do."""
        with pytest.raises(SourceUnavailable, match=r"is not in a git repository; check the project out"):
            Repository.open(tmp_path, {"PATH": os.environ["PATH"], "GIT_CEILING_DIRECTORIES": str(tmp_path.parent)})

    def test_a_missing_directory_says_so(self, tmp_path: Path) -> None:
        """A path that is no directory gives a reason that names it."""
        with pytest.raises(SourceUnavailable, match="nowhere is not a directory"):
            Repository.open(tmp_path / "nowhere", {})

    def test_a_machine_without_git_says_so(self, project: GitProject) -> None:
        """Where there is no git on PATH, the reason says to install it."""
        with pytest.raises(SourceUnavailable, match="git can't be started, install it"):
            Repository.open(project.path, {"PATH": str(project.path)})

    def test_gitpython_that_can_not_load_says_so(self, project: GitProject, monkeypatch: pytest.MonkeyPatch) -> None:
        """GitPython refuses to be imported where it finds no git: a reason, not a traceback."""
        monkeypatch.setitem(sys.modules, "git.cmd", None)
        with pytest.raises(SourceUnavailable, match="git can't be started, install it"):
            opened(project)

    def test_a_bare_repository_gives_the_words_of_git(self, tmp_path: Path) -> None:
        """A repository without a work tree fails with git's own words."""
        bare = GitProject(tmp_path / "bare", init=False)
        bare.git("init", "--quiet", "--bare")
        with pytest.raises(SourceUnavailable, match="must be run in a work tree"):
            opened(bare)

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give files away")
    def test_a_checkout_of_another_user_is_read(self, project: GitProject) -> None:
        """Container jobs own the work tree by another user, which git refuses by default."""
        project.commit("one", files={"x.py": "x = 1\n"})
        os.chown(project.path, 65534, 65534)
        os.chown(project.path / ".git", 65534, 65534)
        assert opened(project).tracked_files() == ["x.py"]


class TestHead:
    def test_an_empty_repository_has_no_head(self, project: GitProject) -> None:
        """A repository without commits has no head, but a branch, and no files."""
        repository = opened(project)
        assert (repository.head_sha(), repository.branch(), repository.tracked_files()) == (None, "main", [])

    def test_a_detached_head_has_no_branch(self, project: GitProject) -> None:
        """A detached head has an id and no branch."""
        sha = project.commit("one")
        assert opened(project).branch() == "main"
        project.git("checkout", "--quiet", "--detach")
        assert (opened(project).head_sha(), opened(project).branch()) == (sha, None)

    def test_a_branch_may_hold_slashes(self, project: GitProject) -> None:
        """A branch name comes whole."""
        project.commit("one")
        project.branch("fix/a/b")
        assert opened(project).branch() == "fix/a/b"

    def test_a_clone_knows_default_branch_and_depth(self, project: GitProject, tmp_path: Path) -> None:
        """A clone has origin/HEAD and says whether it is shallow; a repository without remote has no default branch."""
        project.commit("one")
        project.commit("two")
        shallow = opened(project.clone(tmp_path / "shallow", "--depth=1"))
        assert (shallow.default_branch(), shallow.is_shallow()) == ("main", True)
        assert (opened(project).default_branch(), opened(project).is_shallow()) == (None, False)

    def test_the_committer_date_is_read(self, project: GitProject) -> None:
        """The date of a commit is the committer's, in seconds."""
        project.commit("one")
        assert opened(project).committed_at("HEAD") == project.time


class TestResolve:
    @pytest.mark.parametrize("revision", ["", "nothing", "--all", "-x", "HEAD\0", "HEAD^9", "HEAD:x.py", "0" * 40])
    def test_what_names_no_commit_is_none(self, project: GitProject, revision: str) -> None:
        """A revision that names no commit, or looks like an option, resolves to nothing."""
        project.commit("one", files={"x.py": "x\n"})
        assert opened(project).resolve(revision) is None

    def test_a_branch_that_begins_with_a_dash_resolves(self, project: GitProject) -> None:
        """A hostile branch name is a name, not an option."""
        sha = project.commit("one")
        project.git("update-ref", "refs/heads/--output=x", sha)
        assert opened(project).resolve("--output=x") == sha

    def test_the_merge_base_is_found(self, project: GitProject) -> None:
        """The merge base is the commit where two branches part; unrelated histories have none."""
        base = project.commit("one")
        project.branch("feature")
        project.commit("two")
        project.switch("main")
        project.commit("three")
        repository = opened(project)
        assert repository.merge_base("main", "feature") == base
        project.git("switch", "--quiet", "--orphan", "other")
        project.commit("four")
        assert repository.merge_base("main", "other") is None

    def test_an_unknown_name_is_an_error_that_names_it(self, project: GitProject) -> None:
        """A git error is an error, never "no changes"."""
        project.commit("one")
        with pytest.raises(SourceUnavailable, match="'nowhere' names no commit of this clone"):
            opened(project).merge_base("nowhere", "main")


class TestFiles:
    def test_odd_names_come_as_they_are(self, project: GitProject) -> None:
        """Spaces, line feeds, unicode, a leading dash and glob characters in names are kept."""
        names = ["-dash.py", "a b.py", "line\nfeed.py", "ünï\u2028code.py", "qu\"ote'.py", "[x]*.py", ":(top)x.py"]
        project.commit("one", files=dict.fromkeys(names, "x = 1\n"))
        assert sorted(opened(project).tracked_files()) == sorted(names)

    def test_links_and_submodules_are_left_out(self, project: GitProject) -> None:
        """Only regular files count as files."""
        sha = project.commit("one", files={"x.py": "x = 1\n"})
        (project.path / "link.py").symlink_to("x.py")
        project.commit("two")
        project.git("update-index", "--add", "--cacheinfo", f"160000,{sha},module")
        assert opened(project).tracked_files() == ["x.py"]

    @pytest.mark.skipif(sys.platform != "linux", reason="file systems elsewhere refuse such names")
    def test_a_name_that_is_no_utf8_is_fit_for_json(self, project: GitProject) -> None:
        """Bytes that are no UTF-8 are replaced in what leaves the module."""
        (project.path / os.fsdecode(b"caf\xe9.py")).write_text("x\n")
        project.commit("one")
        assert opened(project).tracked_files() == ["caf\ufffd.py"]

    def test_generated_and_vendored_attributes_are_found_at_all_levels(self, project: GitProject) -> None:
        """Attributes of the top, a directory and .git/info count; set and true are yes, unset and false are no."""
        attributes = "gen/* linguist-generated\ngen/no.py -linguist-generated\nvalue.py linguist-generated=true\n"
        project.commit(
            "one",
            files={
                ".gitattributes": attributes + "false.py linguist-vendored=false\n",
                "sub/.gitattributes": "v*.py linguist-vendored\n",
                ".git/info/attributes": "info.py linguist-generated\n",
            },
        )
        paths = ["gen/a b.py", "gen/no.py", "value.py", "false.py", "sub/v\n.py", "info.py", "plain.py"]
        assert generated_paths(opened(project), paths) == {"gen/a b.py", "value.py", "sub/v\n.py", "info.py"}
        assert generated_paths(opened(project), []) == set()


class TestHostileSurroundings:
    def test_variables_of_the_caller_do_not_redirect_git(self, project: GitProject, tmp_path: Path) -> None:
        """Run from a git hook, or in a hostile environment, the opened directory is still what is read."""
        project.commit("one", files={"x.py": "x = 1\n"})
        other = GitProject(tmp_path / "other")
        hostile = {
            "GIT_DIR": str(other.path / ".git"),
            "GIT_WORK_TREE": str(other.path),
            "GIT_INDEX_FILE": str(other.path / "index"),
            "GIT_OBJECT_DIRECTORY": str(other.path),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "core.bare",
            "GIT_CONFIG_VALUE_0": "true",
            "GIT_NAMESPACE": "x",
            "GIT_EXTERNAL_DIFF": "false",
        }
        repository = Repository.open(project.path, {**project.environ, **hostile})
        assert (repository.root, repository.tracked_files()) == (project.path.resolve(), ["x.py"])

    def test_no_secret_reaches_git(self, project: GitProject, monkeypatch: pytest.MonkeyPatch) -> None:
        """Neither the given environment nor the process's own leaks a token into git's environment."""
        project.commit("one")
        monkeypatch.setenv("GITHUB_TOKEN", "planted-in-process")
        repository = Repository.open(project.path, {**project.environ, "AI_CODE_METRICS_PUSHGATEWAY_TOKEN": "planted"})
        project.git("config", "alias.show-environment", "!env")
        printed = repository.run("show-environment")
        assert b"GIT_TERMINAL_PROMPT=0" in printed
        assert b"planted" not in printed

    def test_repository_configuration_runs_nothing_and_changes_nothing(self, project: GitProject) -> None:
        """A pager, fsmonitor, hooks path and quoting set in .git/config have no effect."""
        project.commit("one", files={"ü.py": "x = 1\n"})
        trap = project.path / "trap.sh"
        trap.write_text(f"#!/bin/sh\ntouch {project.path / 'sprung'}\n")
        trap.chmod(0o755)
        for key in ("core.fsmonitor", "core.pager", "pager.log", "core.sshCommand", "diff.external", "gpg.program"):
            project.git("config", key, str(trap))
        project.git("config", "core.quotePath", "true")
        project.git("config", "log.showSignature", "true")
        repository = opened(project)
        assert repository.tracked_files() == ["ü.py"]
        assert repository.committed_at("HEAD") == project.time
        assert not (project.path / "sprung").exists()


class TestObserved:
    def test_memory_is_that_of_gits_own_processes(self, project: GitProject) -> None:
        """The figure is a small git's, not that of the process that started it."""
        project.commit("one", files={"a.py": "1\n" * 200_000})
        memory = PeakSampler()
        phase = opened(project).observed(memory, Interruption())
        with memory.sampling(), phase.reading("cat-file", "blob", "HEAD:a.py") as output:
            time.sleep(0.1)  # git waits for its reader
            assert len(output.read()) == 400_000
        assert 500_000 < (memory.peak_memory_bytes or 0) < 40_000_000

    def test_nothing_is_started_once_the_run_is_given_up(self, project: GitProject) -> None:
        """After the stop no phase starts another git; the repository itself still works."""
        project.commit("one", files={"a.py": "1\n"})
        repository, stop = opened(project), Interruption()
        phase = repository.observed(PeakSampler(), stop)
        assert phase.tracked_files() == ["a.py"]
        stop.set()
        with pytest.raises(SourceUnavailable, match="given up"):
            phase.tracked_files()
        assert repository.tracked_files() == ["a.py"]


class TestStreaming:
    def test_a_failure_carries_the_words_of_git(self, project: GitProject) -> None:
        """The error has the command and git's own message."""
        with pytest.raises(GitFailed, match=r"^git cat-file: fatal: Not a valid object name nothing$") as caught:
            opened(project).run("cat-file", "blob", "nothing")
        assert caught.value.status == 128

    def test_a_reader_that_stops_early_ends_git(self, project: GitProject) -> None:
        """Leaving a stream after the first chunk leaves no process behind and is no error."""
        project.commit("one", files={"big": b"x" * 5_000_000})
        with contextlib.closing(opened(project).stream("cat-file", "blob", "HEAD:big")) as stream:
            assert next(stream)

    def test_a_file_read_in_part_ends_git(self, project: GitProject) -> None:
        """Leaving the context with output unread neither hangs nor fails."""
        project.commit("one", files={"big": b"x" * 5_000_000})
        with opened(project).reading("cat-file", "blob", "HEAD:big") as output:
            assert output.read(3) == b"xxx"

    def test_a_flood_of_errors_does_not_stall(self, project: GitProject) -> None:
        """Megabytes on stderr while stdout is being read don't deadlock, and the error text stays short."""
        project.git("config", "alias.flood", "!seq 100000 200000 >&2; false")
        started = time.monotonic()
        with pytest.raises(GitFailed) as caught:
            opened(project).run("flood")
        assert len(str(caught.value)) <= 1_100
        assert time.monotonic() - started < 60
