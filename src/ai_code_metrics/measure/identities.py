"""The table of AI agents, and what a commit's author and message declare by it.

Declared attribution is a floor and can be forged; matching is by exact address or account, never by a person's name or
a vendor's domain (the one exception, aider's mark in the author's name, is in the table).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeGuard

from ai_code_metrics.errors import UsageError
from ai_code_metrics.measure import trailers

if TYPE_CHECKING:
    from ai_code_metrics.records import Commit, EvidenceSource, Kind, Origin

_NO_REPLY: Final = re.compile(r"(?:(?P<id>\d+)\+)?(?P<login>[^@+]+)@users\.noreply\.github\.com")
_LOGIN: Final = re.compile(r"\d+\+[A-Za-z0-9-]+(?:\[bot\])?|[A-Za-z0-9-]+\[bot\]")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,49}")
_LIST_KEYS: Final = ("emails", "logins", "author-names", "lines", "names", "tools", "subjects")
_CHOICES: Final = {"class": ("agent", "suggestion", "bot"), "model": ("name", "parentheses")}
_KNOWN_KEYS: Final = (*_LIST_KEYS, *_CHOICES, "source")
_SHORTEST: Final = {"author-names": 5, "lines": 5, "names": 2, "tools": 2, "subjects": 5}
_MAX_SUBJECT: Final = 500
_SESSION_KEYS: Final = ("entire-checkpoint:",)
_CO_AUTHOR_KEYS: Final = ("co-authored-by", "co-developed-by")
_NO_AGENT: Final = frozenset({"", "none", "no", "nobody", "n/a", "false"})
_ANY_AGENT: Final = frozenset({"ai", "llm"})
_YES: Final = re.compile(r"(?:yes|true)(?![\w-])", re.IGNORECASE)
_PEOPLE: Final = frozenset({"author", "co-author", "human", "man", "people", "person", "reviewer", "woman"})
_AGENT_AND_MODEL: Final = re.compile(r"[A-Za-z][\w.-]{1,49}:(?!//)(?=[^\s:]*\d)[\w.-][^\s:]*")
# "4.6" and "gpt-5.3-codex", but not "2nd" and "Smith3", which people are called too
_MODEL_WORD: Final = re.compile(r"v?\d+(?:\.\d+)*|[a-z]\w*(?:-\w[\w.]*){0,5}-v?\d[\w.-]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Agent:
    """One entry of the table; ``role`` is its class, ``model`` says where a name declares the model."""

    name: str
    role: str = "agent"
    model: str = ""
    product: str = ""


OTHER: Final = Agent("other")
"""Stands for an AI that a commit declares without one of the names of the table."""


@dataclass(frozen=True, slots=True)
class CommitOrigin:
    """What a commit declares about the lines that it added; ``agent``, ``kind`` and ``source`` are null if nothing."""

    origin: Origin
    kind: Kind | None = None
    agent: str | None = None
    model: str | None = None
    source: EvidenceSource | None = None


class _Tag(NamedTuple):
    """One declaration in a message; the lowest strength wins."""

    strength: int
    agent: Agent
    model: str | None = None


@dataclass(frozen=True, slots=True)
class IdentityTable:
    """The agents by what identifies them; all keys are in folded case."""

    emails: Mapping[str, Agent] = field(default_factory=dict)
    logins: Mapping[str, Agent] = field(default_factory=dict)
    author_names: Mapping[str, Agent] = field(default_factory=dict)
    lines: Mapping[str, Agent] = field(default_factory=dict)
    names: Mapping[str, Agent] = field(default_factory=dict)
    tools: Mapping[str, Agent] = field(default_factory=dict)
    subjects: Mapping[str, Agent] = field(default_factory=dict)

    @classmethod
    def load(cls, extra: Mapping[str, Mapping[str, Any]] | None = None, *, built_in: bool = True) -> IdentityTable:
        """Build the table of the package and the user's own entries; an entry of the same name adds to the built-in.

        Args:
            extra: ``[tool.ai-code-metrics.agents]``, in the form of ``agents.toml``.
            built_in: False leaves the table of the package out, so that only ``extra`` counts.

        Raises:
            UsageError: an entry has an unknown key or a value that doesn't fit; the text names it.
        """
        known = _read_built_in() if built_in else {}
        indexes: dict[str, dict[str, Agent]] = {key: {} for key in _LIST_KEYS}
        for table in (known, extra or {}):
            for name, entry in table.items():
                _check(name, entry)
                _index({**_settings(known.get(name, {})), **entry}, name, indexes)
        return cls(**{key.replace("-", "_"): index for key, index in indexes.items()})

    def classify(self, commit: Commit) -> CommitOrigin:
        """Say what author and message declare; the committer is never asked, rebasing and merging change it.

        An AI author wins over tags in the message, those over accepted suggestions, those over automation.
        """
        author = self._author(commit)
        tags = sorted(self._tags(commit.message), key=lambda tag: (tag.agent.role != "agent", tag.strength))
        if author is not None and author.agent.role == "agent":
            return _origin("ai", "authored", "author", author, tags)
        if tags and tags[0].agent.role == "agent":
            return _origin("ai", "assisted", "trailer", tags[0], tags)
        if author is not None and author.agent.role == "suggestion":
            return _origin("suggestion", "authored", "author", author, tags)
        if self._is_bot(commit):
            return CommitOrigin("bot")
        if tags:
            return _origin("suggestion", "assisted", "trailer", tags[0], tags)
        return CommitOrigin("untagged")

    def has_session(self, commit: Commit) -> bool:
        """Whether a message names a recorded session of an agent, which doesn't tell what the agent wrote."""
        return any(line.casefold().startswith(_SESSION_KEYS) for line in trailers.body_lines(commit.message))

    def by_address(self, email: str) -> Agent | None:
        """Find the agent of an exact e-mail address or GitHub no-reply address."""
        folded = email.strip().casefold()
        no_reply = _NO_REPLY.fullmatch(folded)
        if no_reply is None:
            return self.emails.get(folded)
        login = no_reply["login"]
        if no_reply["id"] is None:
            return self.logins.get(login)
        known = self.logins.get(f"{no_reply['id']}+{login}")
        return known or self.logins.get(f"*+{login}")

    def by_tool(self, name: str) -> Agent | None:
        """Find the agent of an identifier in an authorship note, such as ``agent_id.tool`` of git-ai."""
        return self.tools.get(name.strip().casefold())

    def _author(self, commit: Commit) -> _Tag | None:
        agent = self.by_address(commit.author_email)
        if agent is None:
            name = commit.author_name.casefold()
            agent = next((agent for mark, agent in self.author_names.items() if mark in name), None)
        return None if agent is None else _Tag(0, agent, _declared_model(agent, commit.author_name))

    def _is_bot(self, commit: Commit) -> bool:
        agent = self.by_address(commit.author_email)
        no_reply = _NO_REPLY.fullmatch(commit.author_email.strip().casefold())
        return (
            (agent is not None and agent.role == "bot")
            or (no_reply is not None and no_reply["login"].endswith("[bot]"))
            or commit.author_name.strip().casefold().endswith("[bot]")
        )

    def _tags(self, message: str) -> list[_Tag]:
        tags = [self._line_tag(line) for line in trailers.body_lines(message)]
        subject = message.partition("\n")[0][:_MAX_SUBJECT].strip().casefold()
        # weakest of all: people write such subjects too
        tags.append(_prefix_tag(9, subject, self.subjects))
        return [tag for tag in tags if tag is not None and tag.agent.role != "bot"]

    def _line_tag(self, line: str) -> _Tag | None:
        key, colon, value = line.partition(":")
        tag = self._trailer(key.rstrip().casefold(), value.strip()) if colon else None
        return tag or _prefix_tag(2, line.casefold(), self.lines)

    def _trailer(self, key: str, value: str) -> _Tag | None:
        if key in _CO_AUTHOR_KEYS:
            return self._person(1, value)
        if key == "assisted-by":
            return self._assisted_by(3, value)
        if key == "generated-by":
            tag = self._assisted_by(4, value)
            return None if tag is None or tag.agent is OTHER else tag
        if key == "ai-assisted":
            return _Tag(5, OTHER) if _YES.match(value) else None
        return None

    def _person(self, strength: int, value: str) -> _Tag | None:
        parts = trailers.identity(value)
        agent = self.by_address(parts[1]) if parts else None
        return _Tag(strength, agent, _declared_model(agent, parts[0])) if agent and parts else None

    def _assisted_by(self, strength: int, value: str) -> _Tag | None:
        """Read ``AGENT:MODEL [tools]``, ``LLM``, ``Claude Code (…)``; a person, an address or ``none`` is no AI."""
        if "@" in value:
            return self._person(strength, value)
        text = re.split(r"[(\[]", value, maxsplit=1)[0].strip()
        folded = text.casefold()
        inside = trailers.model_name(trailers.parenthesised(value.partition("[")[0]))
        if folded in _NO_AGENT:
            return None
        if folded in _ANY_AGENT:
            return _Tag(strength + 4, OTHER, inside)
        if folded in self.names:
            return _Tag(strength, self.names[folded], inside)
        name, colon, model = text.partition(":")
        if colon:
            agent = self.names.get(name.strip().casefold()) or _unknown_agent(text)
            return (
                _Tag(strength, agent, trailers.model_name(model.split(maxsplit=1)[0]))
                if agent and model.strip()
                else None
            )
        # "Claude Opus 4.6": an agent's name and a version; without one it may be a person's name
        known = next((agent for known, agent in self.names.items() if folded.startswith(f"{known} ")), None)
        has_model = any(_MODEL_WORD.fullmatch(word) for word in text.split()[1:])
        return _Tag(strength, known, trailers.model_name(text)) if known and has_model else None


def _unknown_agent(text: str) -> Agent | None:
    """The agent of ``AGENT:MODEL`` that isn't in the table; ``human:ann`` and ``no:thanks`` are none."""
    name = text.partition(":")[0].strip().casefold()
    return OTHER if _AGENT_AND_MODEL.match(text) and name not in _NO_AGENT | _PEOPLE else None


def _prefix_tag(strength: int, folded: str, prefixes: Mapping[str, Agent]) -> _Tag | None:
    """Find the agent of the text that a line begins with; a word of the text may not go on in the line."""
    if folded.startswith(tuple(prefixes)):
        for prefix, agent in prefixes.items():
            rest = folded.removeprefix(prefix)
            if rest != folded and not (prefix[-1].isalnum() and rest[:1].isalnum()):
                return _Tag(strength, agent)
    return None


def _origin(origin: Origin, kind: Kind, source: EvidenceSource, tag: _Tag, tags: list[_Tag]) -> CommitOrigin:
    models = (other.model for other in (tag, *tags) if other.agent.name == tag.agent.name and other.model)
    return CommitOrigin(origin, kind, tag.agent.name, next(models, None), source)


def _declared_model(agent: Agent, name: str) -> str | None:
    if agent.model == "parentheses":
        inside = trailers.parenthesised(name)
        return None if inside is None else trailers.model_name(inside)
    if agent.model == "name" and not name.casefold().startswith(agent.product.casefold()):
        return trailers.model_name(name)
    return None


def _read_built_in() -> dict[str, Any]:
    text = resources.files("ai_code_metrics.measure").joinpath("agents.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _check(name: str, entry: object) -> None:
    where = f"agents.{name[:50]}"
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{where}: a name has up to 50 of a-z, 0-9, '.', '_' and '-', and begins with a letter or digit"
        )
    if not isinstance(entry, Mapping):
        raise UsageError(f"{where}: expected a table with some of {', '.join(_KNOWN_KEYS)}")
    for key, value in entry.items():
        if key in _LIST_KEYS:
            _check_texts(key, value, f"{where}.{key}")
        elif key in _CHOICES and value not in _CHOICES[key]:
            raise UsageError(f"{where}.{key}: expected one of {', '.join(_CHOICES[key])}")
        elif key == "source" and not (isinstance(value, str) or _is_texts(value)):
            raise UsageError(f"{where}.{key}: expected a text or a list of texts")
        elif key not in _KNOWN_KEYS:
            raise UsageError(f"{where}: there is no key {str(key)[:50]!r}; known: {', '.join(_KNOWN_KEYS)}")


def _is_texts(values: object) -> TypeGuard[list[str]]:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _check_texts(key: str, values: object, where: str) -> None:
    if not _is_texts(values):
        raise UsageError(f"{where}: expected a list of texts")
    for value in values:
        if key == "emails" and not re.fullmatch(r"[^\s<>@]+@[^\s<>@]+", value):
            raise UsageError(f"{where}: {value[:100]!r} is not an e-mail address; a domain alone would tag people")
        if key == "logins" and not _LOGIN.fullmatch(value):
            raise UsageError(f"{where}: {value[:100]!r} is neither <id>+<login> nor <login>[bot]")
        if len(value.strip()) < _SHORTEST.get(key, 1):
            raise UsageError(
                f"{where}: {value!r} is so short that it would tag people; at least {_SHORTEST[key]} characters"
            )


def _settings(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a built-in entry that holds for what a user adds under the same name."""
    return {key: value for key, value in entry.items() if key in _CHOICES or key == "names"}


def _index(entry: Mapping[str, Any], name: str, indexes: dict[str, dict[str, Agent]]) -> None:
    product = next(iter(entry.get("names", ())), name)
    agent = Agent(name, entry.get("class", "agent"), entry.get("model", ""), product)
    for key in _LIST_KEYS:
        for value in entry.get(key, ()):
            folded = value.strip().casefold()
            indexes[key][folded] = agent
            if key == "logins" and folded.endswith("[bot]"):
                # people can't register a login that ends in [bot]: it identifies the app without its id as well
                _, plus, login = folded.rpartition("+")
                indexes[key].setdefault(login, agent)
                if not plus:
                    indexes[key][f"*+{login}"] = agent
