"""Other readers of commit messages, and what they say otherwise than this package.

``changelog`` is npm's conventional-commits-parser (by which changelogs are made), ``strict`` is npm's
@conventional-commits/parser (a grammar by authors of the specification), ``commitlint`` its recommended rules, and
``git`` is ``git interpret-trailers``. None is taken for right: where one disagrees, the specification decides, and
``commit_disagreements.toml`` holds each disagreement with the sentence that does.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ai_code_metrics.measure import commit_message, conventional
from support.npm_packages import NPM_PROJECT, cache_directory, install
from support.services import find_program

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from support.git_project import GitProject

TABLE: Final = Path(__file__).parent / "commit_disagreements.toml"
SECONDS: Final = 300
HEADER_FIELDS: Final = ("type", "scope", "mark", "description")
ATTACHED: Final = "(rule 6)"
JOINED: Final = "BREAKING CHANGE must follow an empty line"


@dataclass(frozen=True, slots=True, order=True)
class Difference:
    """One field that an oracle reads otherwise, of the header or of the rest; values are JSON."""

    oracle: str
    part: str
    field: str
    ours: str
    theirs: str


def npm_readings(messages: Sequence[str]) -> list[dict[str, Any]]:
    """Return what the npm packages read in each message; one node process reads them all."""
    script = (NPM_PROJECT / "oracles.mjs").read_text(encoding="utf-8")
    finished = subprocess.run(
        [find_program("node"), "--input-type=module", "--eval", script],
        cwd=install(cache_directory(os.environ)),
        input=json.dumps(messages).encode(), capture_output=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr.decode(errors="replace")[-2000:]
    readings: list[dict[str, Any]] = json.loads(finished.stdout.replace(rb"\r\n", rb"\n"))
    return readings


def git_trailers(project: GitProject, message: str) -> list[list[str]]:
    """Return the trailers that git reads in a message of a commit: pairs of token and unfolded value."""
    # in a commit, unlike in a mail, `---` ends nothing
    printed = project.git("interpret-trailers", "--parse", "--no-divider", stdin=message.encode())
    return [[part.strip() for part in line.split(":", 1)] for line in printed.split("\n") if line]


def own_trailers(message: str) -> list[list[str]]:
    """Return the trailers by the rule of ``commit_message``, in the form of ``git_trailers``."""
    body = unified(message).rstrip().split("\n")[1:]
    block = commit_message._last_paragraph(commit_message._without_comments(body))
    found: list[list[str]] = []
    for line in block if commit_message._is_trailer_block(block) else ():
        if line[:1].isspace() and found:
            found[-1][1] = f"{found[-1][1]} {line.strip()}".strip()
        elif commit_message._TRAILER.match(line):
            found.append([part.strip() for part in line.split(":", 1)])
    return found


def unified(message: str) -> str:
    """Use line feeds only, as the collection of a history does."""
    return message.replace("\r\n", "\n").replace("\r", "\n")


def npm_differences(message: str, reading: Mapping[str, Any]) -> Iterator[Difference]:
    """Yield what the npm packages read otherwise than ``conventional``; the rest only where both read a header."""
    commit = conventional.parse(unified(message))
    yield from _header_differences("changelog", commit, _header(reading["changelog"]))
    yield from _header_differences("strict", commit, _header(reading["strictHeader"]))
    yield from _commitlint_differences(commit, set(reading["commitlint"]))
    if commit is None:
        return
    if _header(reading["changelog"]) is not None:
        yield from _rest_differences("changelog", commit, reading["changelog"])
    if "refused" in reading["strict"]:
        if "refused" not in reading["strictHeader"]:
            yield Difference("strict", "rest", "message", _json("read"), _json("refused"))
    else:
        yield from _rest_differences("strict", commit, reading["strict"])


def git_differences(project: GitProject, message: str) -> Iterator[Difference]:
    """Yield the footers that git reads otherwise than ``conventional``, and the trailers than ``commit_message``."""
    trailers = git_trailers(project, message)
    commit = conventional.parse(unified(message))
    if commit is not None:
        footers = [[footer.token, " ".join(footer.value.split())] for footer in commit.footers]
        yield from _difference("git", "rest", "footers", footers, trailers)
    yield from _difference("git", "rest", "trailers", own_trailers(message), trailers)


def _header(reading: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if reading is None or "refused" in reading or (reading["type"] is None and reading["description"] is None):
        return None
    return {name: reading[name] for name in HEADER_FIELDS}


def _header_differences(
    oracle: str, commit: conventional.ConventionalCommit | None, theirs: dict[str, Any] | None
) -> Iterator[Difference]:
    if commit is None or theirs is None:
        ours = None if commit is None else _own_header(commit)
        yield from _difference(oracle, "header", "header", ours and [*ours.values()], theirs and [*theirs.values()])
        return
    for name, value in _own_header(commit).items():
        yield from _difference(oracle, "header", name, value, theirs[name])


def _own_header(commit: conventional.ConventionalCommit) -> dict[str, Any]:
    return {
        "type": commit.type,
        "scope": commit.scope,
        "mark": commit.has_mark,
        "description": commit.description,
    }


def _commitlint_differences(commit: conventional.ConventionalCommit | None, broken: set[str]) -> Iterator[Difference]:
    is_refused = bool(broken & {"type-empty", "subject-empty"})
    yield from _difference("commitlint", "header", "header", *_verdicts(commit is None, is_refused, "refused"))
    if commit is None or is_refused:
        return
    own = {
        "type-enum": commit.type not in conventional.TYPES,
        "body-leading-blank": any(problem.endswith(ATTACHED) for problem in commit.problems),
        "footer-leading-blank": any(problem.startswith(JOINED) for problem in commit.problems),
    }
    for rule, is_broken in own.items():
        part = "header" if rule == "type-enum" else "rest"
        yield from _difference("commitlint", part, rule, *_verdicts(is_broken, rule in broken, "broken"))


def _verdicts(ours: bool, theirs: bool, word: str) -> tuple[str, str]:  # noqa: FBT001 - two verdicts of one kind
    return (word if ours else "fine"), (word if theirs else "fine")


def _rest_differences(
    oracle: str, commit: conventional.ConventionalCommit, theirs: Mapping[str, Any]
) -> Iterator[Difference]:
    breaking = [footer.value for footer in commit.footers if footer.is_breaking]
    yield from _difference(oracle, "rest", "breaking", breaking, theirs["breaking"])
    footers = [[footer.token, footer.separator.rstrip(), footer.value] for footer in commit.footers]
    if "footers" in theirs:
        yield from _difference(oracle, "rest", "footers", footers, theirs["footers"])
    # bodies are of the same text only where both end them at the same line
    has_footer = theirs["hasFooter"] if "hasFooter" in theirs else footers != theirs["footers"]
    if not has_footer and (not footers or "footers" in theirs):
        yield from _difference(oracle, "rest", "body", commit.body, theirs["body"].strip())


def _difference(oracle: str, part: str, field: str, ours: object, theirs: object) -> Iterator[Difference]:
    if ours != theirs:
        yield Difference(oracle, part, field, _json(ours), _json(theirs))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


@dataclass(frozen=True, slots=True, order=True)
class Disagreement:
    """A difference and the shape of the header or of the rest that it comes from: a line of the table."""

    oracle: str
    field: str
    shape: str
    ours: str
    theirs: str

    def __str__(self) -> str:
        """The line as the table has it; the shape is written as JSON, like the values."""
        columns = (self.oracle, self.field, _json(self.shape), self.ours, self.theirs)
        quoted = (f"'{text}'" if "'" not in text else f"'''{text}'''" for text in columns)
        return f"  [{', '.join(quoted)}],"


@dataclass(frozen=True, slots=True)
class Decision:
    """The sentence that decides, who is right by it (``ours``, ``theirs``, or ``either``), and what it decides."""

    source: str
    sentence: str
    right: str
    why: str
    disagreements: tuple[Disagreement, ...]


def decisions() -> list[Decision]:
    """Read the table."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return [
        Decision(
            entry["source"],
            entry["sentence"],
            entry["right"],
            entry["why"],
            tuple(
                Disagreement(oracle, field, json.loads(shape), ours, theirs)
                for oracle, field, shape, ours, theirs in entry["disagreements"]
            ),
        )
        for entry in table["decision"]
    ]


def decided() -> list[Disagreement]:
    """Return all lines of the table."""
    return list(itertools.chain.from_iterable(decision.disagreements for decision in decisions()))
