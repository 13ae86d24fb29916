"""Completes a clone from its remote ``origin``: authorship notes, cut-off history, left-out files, the base's branch.

A :class:`~ai_code_metrics.collect.repository.Repository` never reaches the network; the git processes made here do,
before anything of the analysed code runs. They read the clone's own configuration, for the address of ``origin`` and
for what actions/checkout keeps there to log in. A stranger may have written it too, so whatever in it would let git
start another program is overridden, or the fetch is refused. The configuration of the user and of the machine is not
read at all, credential helpers neither.
"""

from __future__ import annotations

import base64
import contextlib
import fnmatch
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ai_code_metrics import process
from ai_code_metrics.collect.repository import GitFailed
from ai_code_metrics.errors import SourceUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ai_code_metrics.collect.context import EventContext
    from ai_code_metrics.collect.repository import Repository

NAMESPACE: Final = "refs/ai-code-metrics/"
# Where notes are, and where they go: the user's own refs are left alone
_NOTES: Final[Mapping[str, str]] = {
    "refs/notes/ai": f"{NAMESPACE}notes/ai",
    "refs/notes/agentblame": f"{NAMESPACE}notes/agentblame",
    "refs/notes/exceeds-ink": f"{NAMESPACE}notes/exceeds-ink",
    "refs/ai/authorship/*": f"{NAMESPACE}authorship/*",
}
_MAX_COMMITS: Final = 100  # to ask for; one would do, as all of a shallow clone's cuts are told to the server anyway
_MAX_REASON: Final = 500
_NETWORK_VARIABLES: Final = frozenset({
    "ALL_PROXY", "CURL_CA_BUNDLE", "GIT_PROXY_SSL_CAINFO", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "GIT_SSL_CERT",
    "GIT_SSL_KEY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "SSH_AUTH_SOCK", "SSL_CERT_DIR", "SSL_CERT_FILE",
})  # fmt: skip
_ENVIRONMENT: Final[Mapping[str, str]] = {
    "GIT_ALLOW_PROTOCOL": "https:http:ssh:git:file",  # never ext, which is a command line
    "GIT_ASKPASS": "",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_NO_LAZY_FETCH": "1",  # would ask every promisor remote, not only origin
    "GIT_PROXY_COMMAND": "",  # set, so that core.gitProxy isn't looked up: of several values of it the first one counts
    "GIT_SSH_COMMAND": "ssh -oBatchMode=yes -oConnectTimeout=30",
    "GIT_SSH_VARIANT": "ssh",
    "GIT_TERMINAL_PROMPT": "0",
    "LANGUAGE": "C",
    "LC_ALL": "C",
    "SSH_ASKPASS": "",
    "SSH_ASKPASS_REQUIRE": "never",
}
_CONFIGURATION: Final[Mapping[str, str]] = {
    "core.alternateRefsCommand": "true",
    "core.askPass": "",
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "credential.helper": "",  # the empty one, being the last, takes back all others, those of a URL included
    "fetch.writeCommitGraph": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "protocol.version": "2",  # the one in which any commit may be asked for
    "safe.directory": "*",  # container jobs own the clone by another user
    "submodule.recurse": "false",
}
# What can't be overridden: hooks of git 2.54 (they have names), programs that speak with a remote (of several values
# the first one counts, and that is the clone's), cookies that are written to any file (the one of a URL counts)
_REFUSED: Final = re.compile(r"hook\..*\.command|remote\..*\.(?:vcs|uploadpack)|http\.(?:.*\.)?savecookies", re.DOTALL)
# What could lead a token elsewhere; of a proxy and of certificates the environment's are used
_DETOURS: Final = re.compile(
    r"http\.(?:.*\.)?(?:proxy.*|ssl.*|curloptresolve|pinnedpubkey)|remote\..*\.proxy.*", re.DOTALL
)
_FETCH: Final = (
    "--quiet", "--no-progress", "--no-tags", "--no-prune", "--no-prune-tags", "--no-auto-gc", "--no-recurse-submodules",
    "--no-write-fetch-head", "--no-filter", "--refmap=",
)  # fmt: skip
_CREDENTIALS: Final = re.compile(r"(?<=://)[^\s'\"]*@")
_GIT: Final = "git.exe" if os.name == "nt" else "git"


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that all of the notes, and all of the history, may take to arrive."""

    notes: float = 300.0
    history: float = 900.0


@dataclass(frozen=True, slots=True)
class Lacks:
    """What a clone lacks and ``origin`` may have; false where it is nothing.

    Attributes:
        notes: refs of authorship notes, one of them a pattern, of which the clone has none.
        is_shallow: whether history is cut off.
        is_partial: whether commits of head's history lack trees or files that are left to a promisor remote.
        branch: the branch that the run is compared with.
        has_promisor: whether the clone takes missing objects to be at a remote, be any missing or not.
    """

    notes: tuple[str, ...] = ()
    is_shallow: bool = False
    is_partial: bool = False
    branch: str | None = None
    has_promisor: bool = False

    def __bool__(self) -> bool:
        return bool(self.notes or self.has_gaps)

    @property
    def has_gaps(self) -> bool:
        """Whether anything but notes is lacking."""
        return self.is_shallow or self.is_partial or self.branch is not None


Trouble = tuple[str, str]  # a stable code, and what to do in words


def complete(
    repository: Repository,
    context: EventContext,
    environ: Mapping[str, str],
    *,
    notes: bool,
    deepen: bool,
    token: str = "",
) -> tuple[Trouble, ...]:
    """Fetch what a clone lacks, if anything; what can't be had becomes a warning.

    Args:
        repository: the clone.
        context: tells which branch the run will be compared with, and which server the token is for.
        environ: see :func:`fetch`.
        notes: whether authorship notes are fetched.
        deepen: whether history, files and the branch are.
        token: logs in at the server of the event; without it, what the clone's configuration has for that counts.
    """
    try:
        lacks = find_lacks(repository, context, notes=notes, deepen=deepen)
    except SourceUnavailable as error:
        return (("history-not-fetched", f"what the clone lacks can't be told: {error}"),)
    login = {f"http.{context.server_url}/.extraheader": _authorization(token)} if token else {}
    return fetch(repository, lacks, environ, login=login)


def find_lacks(repository: Repository, context: EventContext, *, notes: bool, deepen: bool) -> Lacks:
    """Tell what a clone lacks, without asking its remote; nothing where there is no ``origin``.

    Notes in the namespace of this tool are no reason against fetching them: they grow with each push, and a clone that
    is kept between runs would go on with those of its first run. Notes that were fetched into a partial clone without
    their content count as lacking.

    Args:
        repository: the clone.
        context: tells which branch the run will be compared with.
        notes: whether notes are looked for.
        deepen: whether history, files and branch are.

    Raises:
        SourceUnavailable: the clone can't be read.
    """
    if not (notes or deepen) or repository.remote_url() is None:
        return Lacks()
    has_promisor = repository.is_partial()
    missing_notes = _missing_notes(repository, has_promisor=has_promisor) if notes else ()
    if not deepen or repository.head_sha() is None:
        return Lacks(notes=missing_notes, has_promisor=has_promisor)
    branch = _compared_branch(context)
    return Lacks(
        notes=missing_notes,
        is_shallow=repository.is_shallow(),
        is_partial=has_promisor and not _is_complete(repository, "HEAD"),
        branch=None if branch is None or repository.resolve(f"refs/remotes/origin/{branch}") else branch,
        has_promisor=has_promisor,
    )


def fetch(
    repository: Repository,
    lacks: Lacks,
    environ: Mapping[str, str],
    *,
    login: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> tuple[Trouble, ...]:
    """Fetch what a clone lacks; nothing is ever pushed, and what can't be had becomes a warning.

    Notes go to ``refs/ai-code-metrics/``, history and files to the commits that lack them, and the branch to
    ``refs/remotes/origin/``; no other ref changes.

    Args:
        repository: the clone.
        lacks: what :func:`find_lacks` told.
        environ: of it, git gets what it needs to start, and the settings of proxies and certificates.
        login: configuration of git that holds a secret, each value in place of those of the clone.
        limits: how long it may take.
    """
    limits = limits or Limits()
    secrets = _secret_configuration(login or {})
    warnings: list[Trouble] = []
    if lacks.notes:
        try:
            _fetch_notes(_Origin(repository, environ, limits.notes, secrets), lacks)
        except SourceUnavailable as error:
            warnings.append(("notes-not-fetched", _NOTES_ADVICE.format(error)))
    if lacks.has_gaps:
        try:
            _fetch_history(_Origin(repository, environ, limits.history, secrets), repository, lacks)
        except SourceUnavailable as error:
            warnings.append(("history-not-fetched", _HISTORY_ADVICE.format(error)))
    return tuple(warnings)


_NOTES_ADVICE: Final = (
    "authorship notes were not fetched: {}; have a step before run `git fetch origin '+refs/notes/*:refs/notes/*'`, or "
    "set fetch-notes to false"
)
_HISTORY_ADVICE: Final = (
    "the clone was not completed: {}; give actions/checkout `fetch-depth: 0` and no `filter`, or set deepen to false"
)


class _Origin:
    """The remote ``origin`` of a clone, asked by git processes that share a time limit."""

    def __init__(
        self, repository: Repository, environ: Mapping[str, str], seconds: float, secrets: Mapping[str, str]
    ) -> None:
        network = {name: value for name, value in environ.items() if name.upper() in _NETWORK_VARIABLES}
        self._environ = {**process.analyser_environment(environ), **network, **_ENVIRONMENT, **secrets}
        self._options = [part for key, value in _CONFIGURATION.items() for part in ("-c", f"{key}={value}")]
        self._repository = repository
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds

    def references(self, *patterns: str) -> list[str]:
        """Return names of the remote's refs that match; of very many the last ones.

        Raises:
            SourceUnavailable: as :meth:`_run`.
        """
        printed = self._run("ls-remote", "--quiet", "--refs", "origin", *patterns).stdout
        return [name for _, tab, name in (line.partition("\t") for line in printed.split("\n")) if tab]

    def fetch(self, *arguments: str) -> None:
        """Fetch: options, ``origin``, and what to fetch.

        Raises:
            SourceUnavailable: as :meth:`_run`.
        """
        self._run("fetch", *_FETCH, *arguments)

    def _run(self, command: str, *arguments: str) -> process.Finished:
        """Run git.

        Raises:
            SourceUnavailable: it is not to be run in this clone, can't be started, took too long, or failed; the text
                has its own words, but no credentials.
        """
        _refuse(self._repository, has_secret="GIT_CONFIG_COUNT" in self._environ)
        argv = (_git(self._environ), *self._options, command, *arguments)
        left = max(0.0, self._deadline - time.monotonic())
        with _unlocked(self._repository):
            try:
                finished = process.run(argv, cwd=self._repository.root, env=self._environ, timeout=left)
            except OSError as error:
                raise SourceUnavailable(f"git can't be started: {error}") from None
            if finished.timed_out:
                raise SourceUnavailable(f"git {command}: it took more than {self._seconds:g} seconds")
        if finished.exit_code:
            raise SourceUnavailable(f"git {command}: {_reason(finished)}")
        return finished


def _authorization(token: str) -> str:
    return f"AUTHORIZATION: basic {base64.b64encode(f'x-access-token:{token}'.encode()).decode('ascii')}"


def _secret_configuration(values: Mapping[str, str]) -> dict[str, str]:
    """Return configuration as variables, which unlike arguments other users can't see.

    Git sends all headers that it finds; an empty one takes back those before it, which the clone's configuration has.
    """
    pairs = [pair for key, value in values.items() for pair in ((key, ""), (key, value))]
    variables = {"GIT_CONFIG_COUNT": str(len(pairs))} if pairs else {}
    for number, (key, value) in enumerate(pairs):
        variables |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return variables


def _fetch_notes(origin: _Origin, lacks: Lacks) -> None:
    listed = origin.references(*lacks.notes)
    there = [source for source in lacks.notes if fnmatch.filter(listed, source)]
    if not there:
        return
    places = [f"+{source}:{_NOTES[source]}" for source in there]
    if lacks.has_promisor:
        # The clone may have commits and trees of notes without the blobs. Asked for without a place too, as git leaves
        # out what is up to date at its place; the refs of the pattern are blobs, which no filter holds back.
        origin.fetch("--refetch", "origin", *(source for source in there if "*" not in source), *places)
    else:
        origin.fetch("origin", *places)


def _fetch_history(origin: _Origin, repository: Repository, lacks: Lacks) -> None:
    options = [*(["--unshallow"] if lacks.is_shallow else []), *(["--refetch"] if lacks.is_partial else [])]
    if options:
        origin.fetch(*options, "origin", *_commits_of_origin(repository))
    if lacks.branch is not None:
        origin.fetch("origin", f"+refs/heads/{lacks.branch}:refs/remotes/origin/{lacks.branch}")
    if lacks.is_shallow and repository.is_shallow():
        raise SourceUnavailable("git fetch: origin doesn't have the rest of the history either")


def _commits_of_origin(repository: Repository) -> list[str]:
    """Return head, or where it has commits that no remote branch has, those that they are built on."""
    printed = repository.run("rev-list", "--boundary", "HEAD", "--not", "--remotes").decode("ascii").split("\n")
    below = [line.removeprefix("-") for line in printed if line.startswith("-")]
    return below[:_MAX_COMMITS] or [repository.commit_id("HEAD")]


def _missing_notes(repository: Repository, *, has_promisor: bool) -> tuple[str, ...]:
    listed = repository.run("for-each-ref", "--format=%(refname)", *(source.rstrip("*") for source in _NOTES))
    names = listed.decode("utf-8", "replace").split("\n")
    return tuple(
        source
        for source in _NOTES
        if not fnmatch.filter(names, source) or (has_promisor and not _is_complete(repository, source))
    )


def _is_complete(repository: Repository, revision: str) -> bool:
    """Whether all objects of a revision, or of the refs that fit a pattern, are in the clone; git walks them all."""
    start = f"--glob={revision}" if "*" in revision else revision
    try:
        repository.run("rev-list", "--objects", "--quiet", start, "--")
    except GitFailed:
        return False
    return True


def _compared_branch(context: EventContext) -> str | None:
    if context.base_ref:
        return context.base_ref
    return context.default_branch if context.event == "push" and context.branch != context.default_branch else None


def _refuse(repository: Repository, *, has_secret: bool) -> None:
    for key in repository.configured_keys():
        if _REFUSED.fullmatch(key):
            raise SourceUnavailable(f"git is not run, as {_redacted(key)[:_MAX_REASON]} of .git/config could harm")
        if has_secret and _DETOURS.fullmatch(key):
            raise SourceUnavailable(
                f"the token is not sent, as {_redacted(key)[:_MAX_REASON]} of .git/config could lead it elsewhere; set "
                "proxy and certificates in the environment"
            )


@contextlib.contextmanager
def _unlocked(repository: Repository) -> Iterator[None]:
    """Remove the lock that a git leaves behind when it is killed: every later fetch of the user's would fail on it."""
    lock = repository.git_path("shallow.lock")
    was_locked = lock.exists()
    try:
        yield
    except BaseException:
        if not was_locked:
            lock.unlink(missing_ok=True)
        raise


def _git(environ: Mapping[str, str]) -> str:
    """Find git on PATH and nowhere else: Windows would begin with the working directory.

    Raises:
        SourceUnavailable: it isn't there.
    """
    places = (Path(place) for place in environ.get("PATH", "").split(os.pathsep))
    for program in (place / _GIT for place in places if place.is_absolute()):
        if os.access(program, os.X_OK) and program.is_file():
            return str(program)
    raise SourceUnavailable("git can't be started, install it or put it on PATH")


def _reason(finished: process.Finished) -> str:
    """Return git's own words, without what an address has before its host."""
    lines = (line.strip() for line in finished.stderr.split("\n"))
    said = "; ".join(line for line in lines if line.startswith(("fatal:", "error:", "remote:")))
    return _redacted(said or finished.last_words)[:_MAX_REASON]


def _redacted(text: str) -> str:
    return _CREDENTIALS.sub("***@", text)
