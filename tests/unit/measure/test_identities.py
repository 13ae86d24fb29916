"""The identity table, and what commits declare by it."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.errors import UsageError
from ai_code_metrics.measure.identities import CommitOrigin, IdentityTable
from ai_code_metrics.records import Commit

TABLE = IdentityTable.load()
NO_REPLY = "users.noreply.github.com"
UNTAGGED = CommitOrigin("untagged")


def commit(message: str = "subject", author: str = "Ann <ann@example.com>") -> Commit:
    name, _, email = author.rstrip(">").rpartition(" <")
    return Commit(sha="a" * 40, parents=(), author_name=name, author_email=email, committed_at=0, message=message)


def tagged(*lines: str, author: str = "Ann <ann@example.com>") -> CommitOrigin:
    return TABLE.classify(commit("\n".join(("subject", "", *lines)), author))


class TestAuthors:
    @pytest.mark.parametrize(
        ("author", "agent"),
        [
            ("Claude <noreply@anthropic.com>", "claude-code"),
            ("x <NoReply@Anthropic.com>", "claude-code"),
            (f"claude[bot] <209825114+claude[bot]@{NO_REPLY}>", "claude-code"),
            (f"copilot-swe-agent[bot] <198982749+Copilot@{NO_REPLY}>", "copilot-agent"),
            (f"Copilot <223556219+Copilot@{NO_REPLY}>", "copilot"),
            (f"google-labs-jules[bot] <google-labs-jules[bot]@{NO_REPLY}>", "jules"),
            (f"lovable <159125892+lovable-dev[bot]@{NO_REPLY}>", "lovable"),
            ("Paul G (aider) <paul@paulg.example>", "aider"),
            ("Cursor Agent <cursoragent@cursor.com>", "cursor"),
            ("openhands <openhands@all-hands.dev>", "openhands"),
        ],
    )
    def test_an_agent_as_author_wrote_the_lines(self, author: str, agent: str) -> None:
        """Exact addresses and accounts, in any case, and aider's mark in the author's name."""
        assert TABLE.classify(commit(author=author)) == CommitOrigin("ai", "authored", agent, None, "author")

    @pytest.mark.parametrize(
        "author",
        [
            "Claude Shannon <claude@bell.example>", "Devin Weaver <devin@example.com>", "SeanCline <sean@example.com>",
            "Ann <ann@all-hands.dev>", "Bob <bob@roocode.com>", "Cy <cy@ampcode.com>", "Di <di@anthropic.com>",
            "Paul <person@paulg.org>", "Jules <jules@example.com>", "Cody <cody@example.com>", "aider <a@b.example>",
            f"Copilot <1+Copilot@{NO_REPLY}>", f"Copilot <Copilot@{NO_REPLY}>", f"claude <81847+claude@{NO_REPLY}>",
            f"x <9+claude@{NO_REPLY}>", "x <noreply@anthropic.com.evil.example>", "x <xnoreply@anthropic.com>", " <>",
        ],
    )  # fmt: skip
    def test_people_that_look_like_agents_are_untagged(self, author: str) -> None:
        """Names, vendors' domains and other accounts of the same name never tag."""
        assert TABLE.classify(commit(author=author)) == UNTAGGED

    @pytest.mark.parametrize(
        "author",
        [
            f"dependabot[bot] <49699333+dependabot[bot]@{NO_REPLY}>", f"x <29139614+renovate[bot]@{NO_REPLY}>",
            "Renovate Bot <bot@renovateapp.com>", "release[bot] <release@example.com>",
            f"impostor <1+claude[bot]@{NO_REPLY}>", "opencode <opencode@sst.dev>",
        ],
    )  # fmt: skip
    def test_automation_without_ai_is_a_bot(self, author: str) -> None:
        """Any [bot] that is not on the list, under another id too, and the bots of the table."""
        assert TABLE.classify(commit(author=author)) == CommitOrigin("bot")

    def test_the_author_wins_over_the_message(self) -> None:
        """An agent's own commit stays its own whatever the message says; the message may still tell its model."""
        origin = tagged(
            "Co-authored-by: aider (gpt-5) <noreply@aider.chat>",
            "Co-authored-by: Claude Opus 4.6 <noreply@anthropic.com>",
            author="Claude <noreply@anthropic.com>",
        )
        assert origin == CommitOrigin("ai", "authored", "claude-code", "Claude Opus 4.6", "author")


class TestMessages:
    @pytest.mark.parametrize(
        ("line", "agent", "model"),
        [
            ("Co-Authored-By: Claude Opus 5 (1M) <noreply@anthropic.com>", "claude-code", "Claude Opus 5 (1M)"),
            ("co-authored-by : Claude <noreply@anthropic.com>", "claude-code", None),
            ("    Co-authored-by: Claude Code 2.1 <noreply@anthropic.com>", "claude-code", None),
            ("Co-authored-by: aider (vertex_ai/gemini-2) <noreply@aider.chat>", "aider", "vertex_ai/gemini-2"),
            ("Co-developed-by: Claude <noreply@anthropic.com>", "claude-code", None),
            (f"Co-authored-by: Copilot <198982749+Copilot@{NO_REPLY}>", "copilot-agent", None),
            ("🤖 Generated with [Claude Code](https://claude.com/claude-code)", "claude-code", None),
            ("Generated with [Claude Code](https://claude.ai/code)", "claude-code", None),
            ("💘 Generated with Crush", "crush", None),
            ("💘 Generated with [Crush](https://charm.land/crush)", "crush", None),
            ("Generated with opencode.", "opencode", None),
            ("Generated with [opencode](https://opencode.ai)", "opencode", None),
            ("Claude-Session: https://claude.ai/x", "claude-code", None),
            ("Agent-Logs-Url: https://github.com/x", "copilot-agent", None),
            ("Copilot-Session: 1", "copilot", None),
            ("Amp-Thread-ID: T-1", "amp", None),
            ("Made-with: Cursor", "cursor", None),
            ("Replit-Commit-Author: Agent", "replit", None),
            ("Replit-Commit-Author: Assistant", "replit", None),
            ("Assisted-by: Claude Code (claude-sonnet-4-5)", "claude-code", "claude-sonnet-4-5"),
            ("Assisted-by: Claude:claude-3-opus coccinelle sparse", "claude-code", "claude-3-opus"),
            ("Assisted-by: Claude:claude-3-opus [coccinelle]", "claude-code", "claude-3-opus"),
            ("Assisted-by: Crush:gpt-5.2", "crush", "gpt-5.2"),
            ("Assisted-by: GitHub Copilot", "copilot", None),
            ("Assisted-by: Claude Opus 4.6", "claude-code", "Claude Opus 4.6"),
            ("Assisted-by: Claude <noreply@anthropic.com>", "claude-code", None),
            ("Assisted-by: NewAgent:model-7", "other", "model-7"),
            ("Assisted-by: LLM [clang-tidy]", "other", None),
            ("Assisted-by: AI", "other", None),
            ("Generated-by: Claude Code", "claude-code", None),
            ("Generated-by: aider <noreply@aider.dev>", "aider", None),
            ("AI-assisted: yes", "other", None),
            ("AI-Assisted: Yes (Copilot)", "other", None),
            ("AI-assisted: Yes, by X", "other", None),
            ("AI-assisted: true.", "other", None),
        ],
    )  # fmt: skip
    def test_declared_assistance_tags_the_commit(self, line: str, agent: str, model: str | None) -> None:
        """Co-authors, session lines, policy trailers and generated-with lines tag a person's commit as assisted."""
        assert tagged(line) == CommitOrigin("ai", "assisted", agent, model, "trailer")

    @pytest.mark.parametrize(
        "line",
        [
            "Co-authored-by: Claude Shannon <claude@bell.example>",
            "Co-authored-by: Claude",
            "Co-authored-by: Bob <bob@roocode.com>",
            "Assisted-by: Daniel Stenberg", "Assisted-by: Claude Shannon", "Assisted-by: Jules",
            "Assisted-by: ann@all-hands.dev",
            "Assisted-by: Ann <ann@example.com>", "Assisted-by: none", "Assisted-by: None", "Assisted-by:",
            "Assisted-by: no",
            "Assisted-by: https://example.com/1", "Assisted-by: Bob: the builder 2",
            "Generated-by: protoc 3", "Generated-by: AI", "Generated-by: tool:model-1",
            "Generated-by: Ann <a@b.example>",
            "AI-assisted: no", "AI-assisted:", "AI-assisted: noyes", "AI-assisted: yesterday",
            "* Claude-Session: lines are understood now", "> Co-authored-by: Claude <noreply@anthropic.com>",
            "we Generated with Crush", "Generated with Crushing force", "Made-with: Cursors",
            "Replit-Commit-Author: Ann", "Entire-Checkpoint: 1", "Reviewed-by: Claude <noreply@anthropic.com>",
            "Signed-off-by: Claude <noreply@anthropic.com>", "See noreply@anthropic.com", "aider: not a subject",
            f"Co-authored-by: dependabot[bot] <49699333+dependabot[bot]@{NO_REPLY}>",
            "Co-authored-by: x <opencode@sst.dev>",
        ],
    )  # fmt: skip
    def test_other_lines_do_not(self, line: str) -> None:
        """Persons, negatives, prose, quotes, other trailers and bots as co-authors leave the commit untagged."""
        assert tagged(line) == UNTAGGED

    def test_the_subject_declares_nothing(self) -> None:
        """A tag in the subject is text; "aider: " there is ambiguous."""
        assert TABLE.classify(commit("Co-authored-by: Claude <noreply@anthropic.com>")) == UNTAGGED
        assert TABLE.classify(commit("aider: fix")) == UNTAGGED

    def test_a_co_author_above_later_paragraphs_counts(self) -> None:
        """Squash merges leave trailers in the middle of the message."""
        assert (
            tagged("* one", "", "Co-authored-by: Claude <noreply@anthropic.com>", "", "* two", "", "text").origin
            == "ai"
        )

    def test_a_named_agent_wins_over_an_unnamed_one_and_a_co_author_over_a_line(self) -> None:
        """The strongest declaration gives the agent, whatever the order of the lines."""
        lines = ["AI-assisted: yes", "Assisted-by: AI", "Amp-Thread-ID: 1", "Co-authored-by: x <junie@jetbrains.com>"]
        assert [tagged(*lines[:count]).agent for count in (1, 2, 3, 4)] == ["other", "other", "amp", "junie"]
        assert tagged(*lines[::-1]).agent == "junie"

    def test_contradictory_lines_count_as_declared(self) -> None:
        """A "no" takes nothing back that another line declares."""
        assert tagged("AI-assisted: no", "Co-authored-by: Claude <noreply@anthropic.com>").origin == "ai"

    def test_an_agents_tag_on_a_bots_commit_is_ai(self) -> None:
        """The AI list comes before the generic bots: workflows commit for agents as github-actions[bot]."""
        bot = f"github-actions[bot] <41898282+github-actions[bot]@{NO_REPLY}>"
        assert tagged("Co-authored-by: Claude <noreply@anthropic.com>", author=bot).origin == "ai"
        assert tagged("text", author=bot).origin == "bot"


class TestSuggestions:
    SUGGESTION = f"Co-authored-by: Copilot <175728472+Copilot@{NO_REPLY}>"

    def test_an_accepted_suggestion_is_a_class_of_its_own(self) -> None:
        """A reviewer's suggestion tags neither AI nor a person."""
        assert tagged(self.SUGGESTION) == CommitOrigin("suggestion", "assisted", "copilot-review", None, "trailer")

    def test_ai_wins_over_a_suggestion(self) -> None:
        """A commit with both is AI."""
        assert tagged(self.SUGGESTION, "Amp-Thread-ID: 1").agent == "amp"

    def test_a_reviewers_own_commit_is_a_suggestion_and_a_bots_is_not(self) -> None:
        """The author decides before a suggestion among the co-authors does."""
        reviewer = f"coderabbitai[bot] <136622811+coderabbitai[bot]@{NO_REPLY}>"
        assert TABLE.classify(commit(author=reviewer)).origin == "suggestion"
        assert tagged(self.SUGGESTION, author="x[bot] <x@y.example>").origin == "bot"


class TestConfiguration:
    def test_users_add_agents_and_extend_built_in_ones(self) -> None:
        """A new entry works like a built-in one; one of a known name adds to it."""
        table = IdentityTable.load(
            {
                "our-agent": {"emails": ["Agent@Corp.example"], "lines": ["Corp-Agent:"], "names": ["Corp Agent"]},
                "claude-code": {"emails": ["claude@corp.example"]},
                "our-bot": {"class": "bot", "emails": ["release@corp.example"]},
            }
        )
        assert table.classify(commit(author="x <agent@corp.example>")).agent == "our-agent"
        assert table.classify(commit("s\n\nCORP-AGENT: 1")).agent == "our-agent"
        assert table.classify(commit("s\n\nAssisted-by: Corp Agent")).agent == "our-agent"
        assert table.classify(commit(author="x <noreply@anthropic.com>")).agent == "claude-code"
        extended = table.classify(commit("s\n\nCo-authored-by: Claude Opus 4.6 <claude@corp.example>"))
        assert (extended.agent, extended.model) == ("claude-code", "Claude Opus 4.6")
        assert table.classify(commit(author="x <release@corp.example>")).origin == "bot"

    @pytest.mark.parametrize(
        ("extra", "words"),
        [
            ({"x": {"mails": []}}, "agents.x: there is no key 'mails'; known: emails"),
            ({"x": {"emails": "a@b"}}, "agents.x.emails: expected a list of texts"),
            ({"x": {"emails": [1]}}, "agents.x.emails: expected a list of texts"),
            ({"x": {"emails": ["@corp.example"]}}, "agents.x.emails: '@corp.example' is not an e-mail address"),
            ({"x": {"logins": ["someone"]}}, "agents.x.logins: 'someone' is neither"),
            ({"x": {"lines": [""]}}, "agents.x.lines: '' is so short"),
            ({"x": {"author-names": ["a"]}}, "agents.x.author-names: 'a' is so short"),
            ({"x": {"class": "human"}}, "agents.x.class: expected one of agent, suggestion, bot"),
            ({"x": {"model": ["name"]}}, "agents.x.model: expected one of name, parentheses"),
            ({"x": {"source": 1}}, "agents.x.source: expected a text"),
            ({"A b": {}}, "agents.A b: a name has up to 50"),
            ({"x": []}, "agents.x: expected a table"),
        ],
    )
    def test_a_wrong_entry_is_named(self, extra: dict[str, Any], words: str) -> None:
        """The error names the key and says what fits."""
        with pytest.raises(UsageError) as caught:
            IdentityTable.load(extra)
        assert str(caught.value).startswith(words)


class TestRobustness:
    @pytest.mark.parametrize(
        "message",
        [
            "s\n" + "Co-authored-by: " * 65_000,
            "s\n" + "Co-authored-by: a <b@c>\n" * 43_000,
            "s\n" + "Assisted-by: ((((((((((((((((\n" * 33_000,
            "s\n" + "\n" * 1_000_000,
            "s\n" + "🤖" * 250_000,
            "s\nCo-authored-by: " + "<" * 500_000 + ">" * 500_000,
            "s\nAssisted-by: " + "a." * 500_000,
        ],
        ids=["one-line", "trailers", "parentheses", "line-feeds", "emoji", "brackets", "dots"],
    )
    @pytest.mark.timeout(120)
    def test_a_hostile_megabyte_comes_to_an_end(self, message: str) -> None:
        """No pattern backtracks over a message of a megabyte, and none finds a tag in it."""
        assert TABLE.classify(commit(message)) == UNTAGGED

    @given(st.text(max_size=300), st.text(max_size=60), st.text(max_size=60))
    def test_any_text_is_classified(self, message: str, name: str, email: str) -> None:
        """Whatever stands in a commit, the result is consistent."""
        origin = TABLE.classify(Commit("a" * 40, (), name, email, 0, message))
        assert (origin.agent is None) == (origin.origin in {"untagged", "bot"})
        assert (origin.kind is None) == (origin.source is None) == (origin.agent is None)

    @given(
        st.lists(st.sampled_from(["text", "Amp-Thread-ID: 1", "AI-assisted: no", "Assisted-by: Ann", ""]), max_size=8)
    )
    def test_lines_that_declare_nothing_change_nothing(self, lines: list[str]) -> None:
        """A commit is AI exactly if one of its lines declares it, wherever that stands."""
        assert (tagged(*lines).origin == "ai") == ("Amp-Thread-ID: 1" in lines)

    def test_every_built_in_entry_says_where_it_comes_from_and_is_found(self) -> None:
        """Each entry of the table has a source, and at least one identity that leads to it."""
        text = resources.files("ai_code_metrics.measure").joinpath("agents.toml").read_text(encoding="utf-8")
        entries = tomllib.loads(text)
        indexes = (TABLE.emails, TABLE.logins, TABLE.author_names, TABLE.lines, TABLE.names)
        assert {agent.name for index in indexes for agent in index.values()} == set(entries)
        assert [name for name, entry in entries.items() if not entry.get("source")] == []
