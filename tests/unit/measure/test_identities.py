"""The identity table, and what commits declare by it."""

from __future__ import annotations

import re
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
BUILT_IN = tomllib.loads(resources.files("ai_code_metrics.measure").joinpath("agents.toml").read_text(encoding="utf-8"))
NO_REPLY = "users.noreply.github.com"
UNTAGGED = CommitOrigin("untagged")
PEOPLE = [
    "Claude Shannon <claude@bell.example>", "Devin Weaver <devin@weaver.example>", "SeanCline <sean@cline.example>",
    "Ann <ann@all-hands.dev>", "Bob <bob@roocode.com>", "Amp Fan <me@ampcode.com>", "Di <di@anthropic.com>",
    "Ed <ed@warp.dev>", "Flo <flo@continue.dev>", "Gus <gus@block.xyz>", "Paul <person@paulg.org>",
    "Jules <jules@example.com>", "Cody <cody@example.com>", "aider <a@b.example>", "Junie <junie@example.com>",
    f"Copilot <1+Copilot@{NO_REPLY}>", f"Copilot <Copilot@{NO_REPLY}>", f"claude <81847+claude@{NO_REPLY}>",
    f"x <9+claude@{NO_REPLY}>", f"x <9+junie-agent@{NO_REPLY}>", f"x <junie-agent@{NO_REPLY}>",
    "x <noreply@anthropic.com.evil.example>", "x <xnoreply@anthropic.com>",
]  # fmt: skip


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
            # the default identity of the action, with the id of github-actions[bot]
            (f"claude[bot] <41898282+claude[bot]@{NO_REPLY}>", "claude-code"),
            (f"junie-agent <247260674+junie-agent@{NO_REPLY}>", "junie"),
            (f"opencode-agent[bot] <opencode-agent[bot]@{NO_REPLY}>", "opencode"),
        ],
    )
    def test_an_agent_as_author_wrote_the_lines(self, author: str, agent: str) -> None:
        """Exact addresses and accounts, in any case, and aider's mark in the author's name."""
        assert TABLE.classify(commit(author=author)) == CommitOrigin("ai", "authored", agent, None, "author")

    @pytest.mark.parametrize("author", [*PEOPLE, " <>"])
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
            ("Generated with [Devin](https://cli.devin.ai/docs)", "devin", None),
            ("Generated by Mistral Vibe.", "mistral-vibe", None),
            ("Co-authored-by: Qwen-Coder <qwen-coder@alibabacloud.com>", "qwen-code", None),
            ("Co-Authored-By: Continue <noreply@continue.dev>", "continue", None),
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
            ("Assisted-by: Codex gpt-5.3-codex", "codex", "Codex gpt-5.3-codex"),
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
            *(f"Co-authored-by: {person}" for person in PEOPLE),
            "Co-authored-by: Claude",
            "Assisted-by: Daniel Stenberg", "Assisted-by: Claude Shannon", "Assisted-by: Jules",
            "Assisted-by: Claude Shannon 2nd", "Assisted-by: Amp Smith3", "Assisted-by: human:ann", "Assisted-by: no:1",
            "Assisted-by: reviewer:jane42", "Assisted-by: Jane:doe",
            "Assisted-by: Claude Shannon <claude@bell.example>", "Assisted-by: Devin Weaver (reviewer)",
            "Generated-by: Claude Shannon <claude@bell.example>", "Generated-by: none", "Generated-by: SomeTool 2.1",
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

    @pytest.mark.parametrize("denial", ["AI-assisted: no", "Assisted-by: none", "Assisted-by: Claude Shannon"])
    def test_contradictory_lines_count_as_declared(self, denial: str) -> None:
        """A "no" or a person takes nothing back that another line declares, whatever the order."""
        declared = "Co-authored-by: Claude <noreply@anthropic.com>"
        expected = CommitOrigin("ai", "assisted", "claude-code", None, "trailer")
        assert tagged(denial, declared) == tagged(declared, denial) == expected

    def test_an_agents_tag_on_a_bots_commit_is_ai(self) -> None:
        """The AI list comes before the generic bots: workflows commit for agents as github-actions[bot]."""
        bot = f"github-actions[bot] <41898282+github-actions[bot]@{NO_REPLY}>"
        assert tagged("Co-authored-by: Claude <noreply@anthropic.com>", author=bot).origin == "ai"
        assert tagged("text", author=bot).origin == "bot"


class TestNotes:
    @pytest.mark.parametrize(
        ("tool", "agent"),
        [
            ("claude", "claude-code"), ("claude-web", "claude-code"), ("claudeCode", "claude-code"),
            ("claude_code", "claude-code"), ("codex", "codex"), ("codex-cloud", "codex"), ("cursor", "cursor"),
            ("cursor-agent", "cursor"), ("devin", "devin"), ("opencode", "opencode"), ("github-copilot", "copilot"),
            ("github-copilot-agent", "copilot-agent"), ("amp", "amp"), ("pi", "pi"), ("junie", "junie"),
            ("gemini", "gemini"), ("droid", "factory-droid"), ("continue-cli", "continue"), ("windsurf", "windsurf"),
            (" Cursor ", "cursor"),
        ],
    )  # fmt: skip
    def test_an_agent_is_found_by_what_notes_call_it(self, tool: str, agent: str) -> None:
        """The identifiers of git-ai and agentblame lead to the agent, in any case."""
        found = TABLE.by_tool(tool)
        assert found is not None
        assert found.name == agent

    @pytest.mark.parametrize("tool", ["", "human", "mock_ai", "cloud-agent", "unknown", "claude shannon", "cursor2"])
    def test_other_identifiers_name_no_agent(self, tool: str) -> None:
        """Matching is exact: what isn't in the table, or only begins like an entry, is nobody."""
        assert TABLE.by_tool(tool) is None

    def test_an_identifier_of_notes_tags_no_commit(self) -> None:
        """What notes call an agent means nothing in a message: people are called Devin."""
        assert tagged("Assisted-by: devin", "Generated-by: pi", "Co-authored-by: droid") == UNTAGGED


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

    def test_users_opt_in_to_subjects(self) -> None:
        """A subject that begins with the text declares the agent, less strongly than any line of the message."""
        table = IdentityTable.load({"aider": {"subjects": ["aider:"]}})
        assisted = CommitOrigin("ai", "assisted", "aider", None, "trailer")
        assert table.classify(commit("aider: fix")) == table.classify(commit(" Aider: fix\n\ntext")) == assisted
        assert table.classify(commit("aider: fix\n\nAI-assisted: yes")).agent == "other"
        assert table.classify(commit("aider: fix\n\nAssisted-by: LLM")).agent == "other"
        for message in ("fix aider: x", "aider fix", "\naider: fix", "fix\n\naider: fix"):
            assert table.classify(commit(message)) == UNTAGGED

    def test_a_word_of_the_subject_must_end(self) -> None:
        """A text that ends in a word doesn't match the beginning of a longer one."""
        table = IdentityTable.load({"x": {"subjects": ["[agent"]}})
        assert [table.classify(commit(text)).agent for text in ("[agent] a", "[agents] a")] == ["x", None]

    def test_users_name_tools_of_notes(self) -> None:
        """An identifier in the notes of an agent of one's own, or one more for a built-in agent."""
        table = IdentityTable.load({"our-agent": {"tools": ["Corp"]}, "cursor": {"tools": ["cursor-fork"]}})
        found = [table.by_tool(tool) for tool in ("corp", "cursor-fork", "cursor")]
        assert [agent and agent.name for agent in found] == ["our-agent", "cursor", "cursor"]

    def test_the_built_in_table_can_be_left_out(self) -> None:
        """Only the given entries count then, and they inherit nothing from a built-in one of the same name."""
        table = IdentityTable.load({"aider": {"emails": ["aider@corp.example"]}}, built_in=False)
        assert table.classify(commit(author="Claude <noreply@anthropic.com>")) == UNTAGGED
        assert table.classify(commit(author="x (gpt-5) <aider@corp.example>")).model is None
        assert (table.by_tool("claude"), IdentityTable.load(built_in=False)) == (None, IdentityTable())

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
            ({"x": {"subjects": ["fix:"]}}, "agents.x.subjects: 'fix:' is so short"),
            ({"x": {"subjects": "aider:"}}, "agents.x.subjects: expected a list of texts"),
            ({"x": {"tools": ["x"]}}, "agents.x.tools: 'x' is so short"),
            ({"x": {"tools": "claude"}}, "agents.x.tools: expected a list of texts"),
            ({"x": {"source": 1}}, "agents.x.source: expected a text or a list of texts"),
            ({"x": {"source": ["a", 1]}}, "agents.x.source: expected a text or a list of texts"),
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


class TestBuiltInTable:
    def test_every_entry_is_found(self) -> None:
        """Each entry of the table has at least one identity that leads to it."""
        indexes = (TABLE.emails, TABLE.logins, TABLE.author_names, TABLE.lines, TABLE.names, TABLE.tools)
        assert {agent.name for index in indexes for agent in index.values()} == set(BUILT_IN)

    @pytest.mark.parametrize("name", BUILT_IN)
    def test_every_entry_says_where_it_comes_from(self, name: str) -> None:
        """Each source is a public address, or says that there is none."""
        source = BUILT_IN[name]["source"]
        sources = [source] if isinstance(source, str) else source
        honest = re.compile(r"https://\S+|seen in public commits: [\w.-]+/[\w.-]+|(for \S+ )?no public source found.*")
        assert sources
        assert [text for text in sources if not honest.fullmatch(text)] == []

    def test_no_identity_belongs_to_two_entries(self) -> None:
        """The order of the entries decides nothing."""
        keys = ("emails", "logins", "author-names", "lines", "names", "tools")
        identities = [
            (key, text.casefold()) for entry in BUILT_IN.values() for key in keys for text in entry.get(key, ())
        ]
        assert [identity for identity in identities if identities.count(identity) > 1] == []

    def test_no_entry_reads_subjects(self) -> None:
        """A subject is ambiguous, so that only users opt in to it."""
        assert not TABLE.subjects
