"""Clones that lack something, and remotes that are near, gone, closed, silent or hostile."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from typing import TYPE_CHECKING, Final

import pytest

from ai_code_metrics.collect import remote
from ai_code_metrics.collect.context import EventContext
from ai_code_metrics.collect.phases import Phases
from ai_code_metrics.collect.remote import Lacks, Limits
from ai_code_metrics.collect.repository import GitFailed, Repository
from ai_code_metrics.collect.subject import find_subject
from ai_code_metrics.config import Config
from support.git_project import GitProject
from support.hostile_server import Answer, hostile_server
from support.silence import Silence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NOTES: Final = ("refs/notes/ai", "refs/notes/agentblame", "refs/notes/exceeds-ink", "refs/ai/authorship/*")
CLOSED: Final = Answer(401, headers={"WWW-Authenticate": 'Basic realm="x"'})
OPEN: Final = Answer(200, headers={"Content-Type": "text/plain", "Set-Cookie": "a=b; Max-Age=9999"})  # has no refs
CLONES: Final = pytest.mark.parametrize("options", [(), ("--depth=1",), ("--filter=blob:none",), ("--filter=tree:0",)])


@pytest.fixture
def source(tmp_path: Path) -> GitProject:
    """A project whose main branch has three commits, with notes on them in each of the known places but one."""
    made = GitProject(tmp_path / "source")
    for number in range(3):
        made.commit(f"commit {number}", files={"a.py": f"a = {number}\n"})
        note(made, "ai", f"note {number}")
    note(made, "agentblame", "{}")
    made.git("update-ref", f"refs/ai/authorship/{made.head}", made.git("hash-object", "-w", "--stdin", stdin=b"{}"))
    return made


def note(project: GitProject, name: str, text: str) -> None:
    """Put a note on the head of a project."""
    project.git("notes", f"--ref={name}", "add", "-m", text, environ=project.identity("Ann <ann@example.com>"))


def pull_request(source: GitProject, directory: Path, *options: str) -> tuple[GitProject, EventContext]:
    """Open a pull request and check its merge commit out as actions/checkout does."""
    source.branch("feature", "main~1")
    head = source.commit("feature", files={"b.py": "b = 1\n"})
    source.git("switch", "--quiet", "--detach", "main")
    merge = source.merge("feature")
    source.git("update-ref", "refs/pull/7/merge", merge)
    source.switch("main")
    clone = GitProject(directory)
    clone.git("remote", "add", "origin", source.path.as_uri())
    refspec = f"+{merge}:refs/remotes/pull/7/merge"
    source.git("config", "uploadpack.allowFilter", "true")
    clone.git("fetch", "--quiet", "--no-tags", "--prune", "--no-recurse-submodules", *options, "origin", refspec)
    clone.git("checkout", "--quiet", "--force", "refs/remotes/pull/7/merge")
    return clone, EventContext(event="pull_request", head_sha=head, base_ref="main", pull_request=7)


def opened(project: GitProject) -> Repository:
    return Repository.open(project.path, project.environ)


def complete(
    project: GitProject,
    context: EventContext | None = None,
    *,
    notes: bool = True,
    deepen: bool = True,
    environ: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> dict[str, str]:
    """Fetch what a clone lacks, and return the warnings."""
    repository = opened(project)
    lacks = remote.find_lacks(repository, context or EventContext(), notes=notes, deepen=deepen)
    return dict(remote.fetch(repository, lacks, {**project.environ, **(environ or {})}, limits=limits))


def lacking(project: GitProject, context: EventContext | None = None) -> Lacks:
    return remote.find_lacks(opened(project), context or EventContext(), notes=True, deepen=True)


def is_whole(project: GitProject, revision: str) -> bool:
    """Whether everything that a revision needs is in the clone, without any remote."""
    try:
        opened(project).run("rev-list", "--objects", "--quiet", revision)
    except GitFailed:
        return False
    return True


def refs(project: GitProject) -> dict[str, str]:
    """All refs of a clone with their objects."""
    listed = project.git("for-each-ref", "--format=%(refname) %(objectname)").split("\n")
    return dict(line.split(" ") for line in listed if line)


def serve(project: GitProject, url: str) -> None:
    project.git("remote", "set-url", "origin", url)


class TestNotes:
    @CLONES
    def test_notes_arrive_whole_in_every_kind_of_clone(
        self, source: GitProject, tmp_path: Path, options: tuple[str, ...]
    ) -> None:
        """What the remote has goes to a namespace of its own, with its content; no other ref and no tag changes."""
        clone = source.clone(tmp_path / "clone", *options)
        before = refs(clone)
        source.git("tag", "v1")
        assert complete(clone, deepen=False) == {}
        theirs = refs(source)
        assert refs(clone) == before | {
            "refs/ai-code-metrics/notes/ai": theirs["refs/notes/ai"],
            "refs/ai-code-metrics/notes/agentblame": theirs["refs/notes/agentblame"],
            f"refs/ai-code-metrics/authorship/{source.head}": theirs[f"refs/ai/authorship/{source.head}"],
        }
        assert all(is_whole(clone, ref) for ref in refs(clone) if ref.startswith(remote.NAMESPACE))
        assert not (clone.path / ".git" / "FETCH_HEAD").exists()
        assert opened(clone).is_shallow() is ("--depth=1" in options)

    def test_the_users_own_notes_are_not_fetched_again(self, source: GitProject, tmp_path: Path) -> None:
        """Each place is looked at apart: where the clone has its own notes, those are what counts."""
        clone = source.clone(tmp_path / "clone")
        clone.git("fetch", "--quiet", "origin", "+refs/notes/ai:refs/notes/ai")
        assert lacking(clone).notes == NOTES[1:]
        assert complete(clone) == {}
        assert "refs/ai-code-metrics/notes/ai" not in refs(clone)
        assert "refs/ai-code-metrics/notes/agentblame" in refs(clone)

    @CLONES
    def test_a_second_run_brings_what_has_grown(
        self, source: GitProject, tmp_path: Path, options: tuple[str, ...]
    ) -> None:
        """In a clone that is kept, notes are those of the last run of the remote, not of its first."""
        clone = source.clone(tmp_path / "clone", *options)
        complete(clone, deepen=False)
        source.git("notes", "--ref=ai", "remove", "HEAD", environ=source.identity("Ann <ann@example.com>"))
        blob = source.git("hash-object", "-w", "--stdin", stdin=b"[]")
        source.git("update-ref", f"refs/ai/authorship/{source.head}", blob)
        assert complete(clone, deepen=False) == {}
        assert refs(clone)["refs/ai-code-metrics/notes/ai"] == refs(source)["refs/notes/ai"]
        assert refs(clone)[f"refs/ai-code-metrics/authorship/{source.head}"] == blob

    def test_notes_without_their_content_are_completed(self, source: GitProject, tmp_path: Path) -> None:
        """A filter of the clone keeps the content of notes from a plain fetch too; the user's ref is whole then."""
        clone = source.clone(tmp_path / "clone", "--filter=blob:none")
        clone.git("fetch", "--quiet", "origin", "+refs/notes/*:refs/notes/*", "+refs/ai/*:refs/ai/*")
        own = refs(clone)["refs/notes/ai"]
        assert not is_whole(clone, "refs/notes/ai")
        assert complete(clone, deepen=False) == {}
        assert is_whole(clone, "refs/notes/ai")
        assert refs(clone)["refs/notes/ai"] == own
        assert lacking(clone).notes == ("refs/notes/exceeds-ink",)

    def test_a_remote_without_notes_is_no_trouble(self, tmp_path: Path) -> None:
        """Most projects have no notes: nothing is fetched, and nothing said."""
        project = GitProject(tmp_path / "plain")
        project.commit("one")
        clone = project.clone(tmp_path / "clone")
        before = refs(clone)
        assert complete(clone) == {}
        assert refs(clone) == before


class TestHistory:
    @pytest.mark.parametrize("options", [("--depth=1",), ("--depth=2",), ("--depth=1", "--filter=blob:none")])
    def test_a_pull_request_of_depth_1_is_completed(
        self, source: GitProject, tmp_path: Path, options: tuple[str, ...]
    ) -> None:
        """Both parents of the merge commit, their merge base and the base branch are there; other branches are not."""
        clone, context = pull_request(source, tmp_path / "clone", *options)
        source.git("branch", "other")
        base = source.git("rev-parse", "main~1")
        assert complete(clone, context, notes=False) == {}
        repository = opened(clone)
        assert not repository.is_shallow()
        assert repository.resolve("HEAD^2") == context.head_sha
        assert repository.merge_base("HEAD^1", "HEAD^2") == base
        assert is_whole(clone, "HEAD")
        assert set(refs(clone)) == {"refs/remotes/pull/7/merge", "refs/remotes/origin/main"}
        assert not lacking(clone, context).has_gaps

    @pytest.mark.parametrize("filter_name", ["blob:none", "tree:0"])
    def test_a_partial_clone_gets_all_of_its_files(self, source: GitProject, tmp_path: Path, filter_name: str) -> None:
        """Old contents are there without asking the remote, and are not fetched a second time."""
        clone = source.clone(tmp_path / "clone", f"--filter={filter_name}")
        assert lacking(clone).is_partial
        assert complete(clone, notes=False) == {}
        assert is_whole(clone, "HEAD")
        assert not lacking(clone).has_gaps

    def test_commits_of_the_clone_s_own_are_no_hindrance(self, source: GitProject, tmp_path: Path) -> None:
        """A step may have committed; the remote is asked for what that is built on, which it knows."""
        clone = source.clone(tmp_path / "clone", "--depth=1")
        clone.commit("local")
        assert complete(clone, notes=False) == {}
        assert clone.git("rev-list", "--count", "HEAD") == "4"

    def test_the_default_branch_is_what_a_new_branch_is_compared_with(self, source: GitProject, tmp_path: Path) -> None:
        """A push of another branch fetches the default branch, where the clone has none of it."""
        source.branch("feature", "main~1")
        clone = source.clone(tmp_path / "clone", "--depth=1", "--branch=feature")
        context = EventContext(event="push", branch="feature", default_branch="main")
        assert lacking(clone, context).branch == "main"
        assert complete(clone, context, notes=False) == {}
        assert opened(clone).merge_base("HEAD", "refs/remotes/origin/main") == source.head
        assert lacking(clone, EventContext(event="push", branch="main", default_branch="main")).branch is None

    def test_a_base_branch_that_is_gone_costs_no_history(self, source: GitProject, tmp_path: Path) -> None:
        """What can be had is fetched; what can't is said."""
        clone, context = pull_request(source, tmp_path / "clone", "--depth=1")
        source.git("branch", "--move", "main", "trunk")
        said = complete(clone, context, notes=False)
        assert "couldn't find remote ref refs/heads/main" in said["history-not-fetched"]
        assert not opened(clone).is_shallow()

    def test_a_remote_that_is_cut_off_itself_is_said(self, source: GitProject, tmp_path: Path) -> None:
        """Git is content with a mirror that has no more history; we aren't."""
        mirror = source.clone(tmp_path / "mirror", "--depth=2")
        clone = mirror.clone(tmp_path / "clone", "--depth=1")
        said = complete(clone, notes=False)
        assert "origin doesn't have the rest of the history" in said["history-not-fetched"]
        assert clone.git("rev-list", "--count", "HEAD") == "2"

    def test_a_worktree_of_a_clone_completes_it(self, source: GitProject, tmp_path: Path) -> None:
        """What a clone lacks, its other work trees lack too."""
        clone = source.clone(tmp_path / "clone", "--depth=1")
        clone.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "tree"))
        assert complete(GitProject(tmp_path / "tree", init=False), notes=False) == {}
        assert not opened(clone).is_shallow()

    def test_a_repository_without_commits_lacks_no_history(self, source: GitProject, tmp_path: Path) -> None:
        """Nothing is known to be missing before there is a head."""
        clone = GitProject(tmp_path / "clone")
        clone.git("remote", "add", "origin", source.path.as_uri())
        assert not lacking(clone, EventContext(base_ref="main")).has_gaps


class TestTrouble:
    def test_a_clone_without_origin_is_left_alone(self, source: GitProject, tmp_path: Path) -> None:
        """Nothing is asked of a remote of another name."""
        clone = source.clone(tmp_path / "clone", "--depth=1", "--origin=upstream")
        assert not lacking(clone)
        assert remote.fetch(opened(clone), Lacks(), clone.environ) == ()

    def test_a_remote_that_is_gone_is_said_with_the_way_out(self, source: GitProject, tmp_path: Path) -> None:
        """Both warnings have git's own words, and what to change in the workflow; the clone is as it was."""
        clone = source.clone(tmp_path / "clone", "--depth=1")
        before = refs(clone)
        shutil.rmtree(source.path)
        said = complete(clone)
        assert set(said) == {"notes-not-fetched", "history-not-fetched"}
        assert all("does not appear to be a git repository" in text for text in said.values())
        assert "git fetch origin '+refs/notes/*:refs/notes/*'" in said["notes-not-fetched"]
        assert "`fetch-depth: 0` and no `filter`" in said["history-not-fetched"]
        assert (opened(clone).is_shallow(), refs(clone)) == (True, before)

    def test_a_private_remote_that_refuses_is_no_failure(self, source: GitProject, tmp_path: Path) -> None:
        """Nobody is asked for a password, and the credentials that the clone has are sent but not told."""
        clone = source.clone(tmp_path / "clone", "--depth=1")
        text = Answer(403, b"see http://ann:s3cr@t@example.com/ and ask", {"Content-Type": "text/plain"})
        with hostile_server(CLOSED) as server:
            serve(clone, f"{server.url}/x.git")
            clone.git("config", f"http.{server.url}/.extraheader", "AUTHORIZATION: basic cGVyc2lzdGVk")
            said = complete(clone, deepen=False)
            assert server.received[0].headers["AUTHORIZATION"] == "basic cGVyc2lzdGVk"
        assert "could not read Username" in said["notes-not-fetched"]
        with hostile_server(text) as server:
            serve(clone, server.url.replace("//", "//ann:s3cr%40t@"))
            said |= complete(clone, notes=False)
        assert "remote: see http://***@example.com/ and ask" in said["history-not-fetched"]
        assert not [text for text in said.values() if "s3cr" in text or "ann" in text or "cGVy" in text]

    @pytest.mark.parametrize("scheme", ["git", "http"])
    def test_a_remote_that_never_answers_is_given_up(self, source: GitProject, tmp_path: Path, scheme: str) -> None:
        """The time is limited in all, whoever keeps git waiting."""
        clone = source.clone(tmp_path / "clone", "--depth=1")
        with socket.create_server(("127.0.0.1", 0)) as server:
            serve(clone, f"{scheme}://127.0.0.1:{server.getsockname()[1]}/x.git")
            started = time.monotonic()
            said = complete(clone, limits=Limits(notes=0.5, history=0.7))
        assert "git ls-remote: it took more than 0.5 seconds" in said["notes-not-fetched"]
        assert "git fetch: it took more than 0.7 seconds" in said["history-not-fetched"]
        assert time.monotonic() - started < 60

    @pytest.mark.parametrize("was_locked", [False, True])
    def test_a_git_that_is_killed_leaves_no_lock(self, source: GitProject, tmp_path: Path, *, was_locked: bool) -> None:
        """The user's next fetch must not fail on the lock of a git that is no more; another's lock is not touched."""
        source.commit("below", files={"below/b.py": "b = 1\n"})
        clone = source.clone(tmp_path / "clone", "--depth=1")
        lock = clone.path / ".git" / "shallow.lock"
        if was_locked:
            lock.touch()
        slow = f'case "$*" in *--unshallow*) touch {tmp_path}/seen {lock}; sleep 60;; esac\n'
        below = GitProject(clone.path / "below", init=False)
        said = complete(below, notes=False, environ=fake_git(tmp_path / "bin", slow), limits=Limits(history=2.0))
        assert "it took more than 2 seconds" in said["history-not-fetched"]
        assert (tmp_path / "seen").exists()
        assert lock.exists() is was_locked

    def test_a_machine_without_git_says_so(self, source: GitProject, tmp_path: Path) -> None:
        """Where git has gone from PATH meanwhile, or can't be started, that is the reason."""
        clone = source.clone(tmp_path / "clone")
        assert "put it on PATH" in complete(clone, environ={"PATH": "."})["notes-not-fetched"]
        broken = fake_git(tmp_path / "bin", "")
        (tmp_path / "bin" / "git").write_text("#!/nowhere/sh\n")
        assert "git can't be started: " in complete(clone, environ=broken)["notes-not-fetched"]


def fake_git(directory: Path, script: str) -> dict[str, str]:
    """Put a git before the real one that does something first; return the PATH with it."""
    directory.mkdir()
    (directory / "git").write_text(f'#!/bin/sh\n{script}exec {shutil.which("git")} "$@"\n')
    (directory / "git").chmod(0o755)
    return {"PATH": f"{directory}:/usr/bin:/bin"}


class TestSurroundings:
    def test_git_gets_the_way_to_the_network_and_no_secret(self, source: GitProject, tmp_path: Path) -> None:
        """Proxies and certificates of the caller count; tokens and redirections to another repository don't pass."""
        clone = source.clone(tmp_path / "clone")
        planted = {
            "GITHUB_TOKEN": "planted", "AI_CODE_METRICS_PUSHGATEWAY_TOKEN": "planted", "GIT_DIR": "/planted",
            "GIT_SSH_COMMAND": "planted", "GIT_TRACE_CURL": "/planted", "LD_PRELOAD": "",
            "https_proxy": "http://proxy.example", "NO_PROXY": "ghe.example", "GIT_SSL_CAINFO": "/ca.pem",
        }  # fmt: skip
        environ = planted | fake_git(tmp_path / "bin", f"env > {tmp_path}/environ\n")
        assert complete(clone, environ=environ) == {}
        seen = (tmp_path / "environ").read_text()
        assert "planted" not in seen
        assert all(f"{name}={planted[name]}\n" in seen for name in ("https_proxy", "NO_PROXY", "GIT_SSL_CAINFO"))

    def test_the_proxy_of_the_caller_is_used(self, source: GitProject, tmp_path: Path) -> None:
        """A runner behind a proxy reaches its remote through that."""
        clone = source.clone(tmp_path / "clone")
        serve(clone, "http://host.invalid/x.git")
        with hostile_server(Answer(404)) as server:
            said = complete(clone, environ={"http_proxy": server.url})
            assert server.received[0].path.startswith("http://host.invalid/x.git/info/refs")
        assert "repository 'http://host.invalid/x.git/' not found" in said["notes-not-fetched"]


SSH: Final = "ssh://127.0.0.1:1/x.git"
HTTP: Final = "{server}/x.git"
COOKIES: Final = "{server}/open.git"
# the address of origin, where it isn't the real one, and what .git/config says
TRAPS: Final[tuple[tuple[str, Mapping[str, str]], ...]] = (
    (SSH, {"core.sshCommand": "{trap}"}),
    (SSH, {"include.path": "{traps}/included"}),
    ("git://127.0.0.1:1/x.git", {"core.gitProxy": "{trap}"}),
    (HTTP, {"credential.helper": "{trap}"}),
    (HTTP, {"credential.{server}.helper": "{trap}"}),
    (HTTP, {"core.askPass": "{trap}"}),
    (COOKIES, {"http.saveCookies": "true", "http.cookieFile": "{canary}"}),
    (COOKIES, {"http.{server}/.saveCookies": "true", "http.cookieFile": "{canary}"}),
    ("trap::x", {}),
    ("ext::{trap}", {"protocol.ext.allow": "always"}),
    ("x:{trap}", {"protocol.ext.allow": "always", "url.ext::.insteadOf": "x:"}),
    ("", {"core.hooksPath": "{traps}"}),
    ("", {"remote.origin.uploadpack": "{trap}"}),
    ("", {"remote.origin.vcs": "trap"}),
    ("", {"core.alternateRefsCommand": "{trap}"}),
    ("", {"fetch.recurseSubmodules": "true"}),
)


@pytest.fixture
def trapped(source: GitProject, tmp_path: Path) -> GitProject:
    """A shallow clone with a program that touches a canary: beside it, as its hook, and in a submodule of it."""
    clone = source.clone(tmp_path / "clone", "--depth=1")
    traps = tmp_path / "traps"
    traps.mkdir()
    for place in (traps / "git-remote-trap", traps / "reference-transaction"):
        place.write_text(f"#!/bin/sh\ntouch {tmp_path}/canary\n")
        place.chmod(0o755)
    (traps / "included").write_text(f"[core]\nsshCommand = {traps}/git-remote-trap\n")
    (clone.path / ".git/objects/info/alternates").write_text(f"{source.path}/.git/objects\n")
    module = source.clone(clone.path / "module")
    module.git("config", "remote.origin.uploadpack", str(traps / "git-remote-trap"))
    clone.git("update-index", "--add", "--cacheinfo", f"160000,{module.head},module")
    clone.write(".gitmodules", f'[submodule "module"]\n\tpath = module\n\turl = {source.path}\n')
    clone.git("config", "submodule.module.url", str(source.path))
    return clone


class TestHostileConfiguration:
    @pytest.mark.parametrize(("url", "configuration"), TRAPS)
    def test_no_key_of_the_clone_starts_a_program(
        self, trapped: GitProject, tmp_path: Path, url: str, configuration: Mapping[str, str]
    ) -> None:
        """A plain fetch springs each trap, which shows that it is one; ours doesn't."""
        canary, traps = tmp_path / "canary", tmp_path / "traps"
        environ = {**trapped.environ, "PATH": f"{traps}:{trapped.environ['PATH']}"}
        with hostile_server(OPEN if url == COOKIES else CLOSED) as server:
            words = {"server": server.url, "canary": canary, "traps": traps, "trap": traps / "git-remote-trap"}
            if url:
                serve(trapped, url.format(**words))
            for key, value in configuration.items():
                trapped.git("config", key.format(**words), value.format(**words))
            complete(trapped, environ=environ)
            assert not canary.exists()
            fetch = ("git", "fetch", "origin", "+refs/notes/*:refs/plain/*", "+refs/heads/*:refs/plain/*")
            subprocess.run(fetch, cwd=trapped.path, env=environ, stdin=subprocess.DEVNULL, check=False)
        assert canary.exists(), "this is no trap"

    def test_what_is_overridden_keeps_nothing_from_being_fetched(self, trapped: GitProject, tmp_path: Path) -> None:
        """Settings that people may have for reasons of their own cost neither notes nor history."""
        trap = str(tmp_path / "traps" / "git-remote-trap")
        for key in ("core.sshCommand", "core.gitProxy", "core.askPass", "credential.helper", "core.fsmonitor"):
            trapped.git("config", key, trap)
        trapped.git("config", "core.alternateRefsCommand", trap)
        options = {"fetch.prune": "true", "fetch.pruneTags": "true", "fetch.recurseSubmodules": "true", "gc.auto": "1"}
        for key, value in options.items():
            trapped.git("config", key, value)
        trapped.git("tag", "own")
        before = refs(trapped)
        assert complete(trapped) == {}
        assert not opened(trapped).is_shallow()
        assert {ref for ref in refs(trapped) if not ref.startswith(remote.NAMESPACE)} == set(before)
        assert not (tmp_path / "canary").exists()

    @pytest.mark.parametrize("key", ["hook.x.command", "remote.other.vcs", "remote.origin.uploadpack"])
    def test_what_can_not_be_overridden_is_refused(self, source: GitProject, tmp_path: Path, key: str) -> None:
        """Configured hooks of later gits, and programs of another remote, keep git from being run; the key is named."""
        clone = source.clone(tmp_path / "clone", "--depth=1")
        clone.git("config", key, "x")
        said = complete(clone)
        assert set(said) == {"notes-not-fetched", "history-not-fetched"}
        assert all(f"{key} of .git/config" in text for text in said.values())


class TestComplete:
    def test_what_is_lacking_is_fetched(self, source: GitProject, tmp_path: Path) -> None:
        """Both kinds at once, each by its own setting; a second time history is whole."""
        clone, context = pull_request(source, tmp_path / "clone", "--depth=1")
        assert remote.complete(opened(clone), context, clone.environ, notes=False, deepen=False) == ()
        assert opened(clone).is_shallow()
        assert remote.complete(opened(clone), context, clone.environ, notes=True, deepen=True) == ()
        assert not lacking(clone, context).has_gaps
        assert "refs/ai-code-metrics/notes/ai" in refs(clone)

    def test_a_token_logs_in_at_the_server_of_the_event_only(self, source: GitProject, tmp_path: Path) -> None:
        """It takes the place of what the clone has, goes to no other server, and is in no argument and no warning."""
        clone = source.clone(tmp_path / "clone", "--depth=1")
        environ = fake_git(tmp_path / "bin", f'echo "$@" >> {tmp_path}/arguments\n') | {"HOME": str(tmp_path)}
        seen = []
        for is_own in (True, False):
            with hostile_server(CLOSED) as server:
                serve(clone, f"{server.url}/x.git")
                clone.git("config", "--replace-all", f"http.{server.url}/.extraheader", "AUTHORIZATION: basic b2xk")
                context = EventContext(server_url=server.url if is_own else "https://ghe.example")
                said = remote.complete(opened(clone), context, environ, notes=True, deepen=False, token="s3cret")
                seen.append(server.received[0].headers["AUTHORIZATION"])
            assert "s3cret" not in str(said)
        assert seen == ["basic eC1hY2Nlc3MtdG9rZW46czNjcmV0", "basic b2xk"]
        assert "s3cret" not in (tmp_path / "arguments").read_text()
        assert "czNjcmV0" not in (tmp_path / "arguments").read_text()

    @pytest.mark.parametrize(
        "key", ["http.proxy", "http.https://ghe.example.sslVerify", "http.sslCAInfo", "http.curloptResolve",
                "remote.origin.proxy", "http.{}/.proxy"],
    )  # fmt: skip
    def test_a_token_is_not_sent_where_the_clone_could_lead_it_elsewhere(
        self, source: GitProject, tmp_path: Path, key: str
    ) -> None:
        """Proxies and certificates of ``.git/config`` keep git from being run with a token, not without one."""
        clone = source.clone(tmp_path / "clone", "--depth=1")
        with hostile_server(CLOSED) as server:
            serve(clone, f"{server.url}/x.git")
            clone.git("config", key.format(server.url), server.url)
            context = EventContext(server_url=server.url)
            said = remote.complete(opened(clone), context, clone.environ, notes=True, deepen=True, token="s3cret")
            assert server.received == []
        assert [code for code, _ in said] == ["notes-not-fetched", "history-not-fetched"]
        assert all("the token is not sent, as" in text for _, text in said)
        serve(clone, source.path.as_uri())
        assert remote.complete(opened(clone), context, clone.environ, notes=True, deepen=True) == ()

    def test_a_clone_that_can_not_be_read_is_a_warning(self, source: GitProject, tmp_path: Path) -> None:
        """Refs that are damaged are no failure of fetching."""
        clone = source.clone(tmp_path / "clone")
        repository = opened(clone)
        (clone.path / ".git" / "packed-refs").write_text("damaged\n")
        said = remote.complete(repository, EventContext(), clone.environ, notes=True, deepen=True)
        assert [code for code, _ in said] == ["history-not-fetched"]

    def test_a_run_says_what_is_still_lacking(self, source: GitProject, tmp_path: Path) -> None:
        """Measuring asks nothing of a remote, so that a shallow clone is in the summary's warnings."""
        clone = source.clone(tmp_path / "clone", "--depth=1")
        phases = Phases(Silence())
        find_subject(Config(root=clone.path), clone.environ, phases)
        assert [warning.code for warning in phases.warnings] == ["shallow-clone"]
        remote.complete(opened(clone), EventContext(), clone.environ, notes=True, deepen=True)
        phases = Phases(Silence())
        find_subject(Config(root=clone.path), clone.environ, phases)
        assert phases.warnings == []
