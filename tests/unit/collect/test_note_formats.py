from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.collect.note_claims import MAX_LINE, MAX_RANGES, ParsedNote, Problem, model_name
from ai_code_metrics.collect.note_formats import parse_agentblame, parse_git_ai
from ai_code_metrics.records import NotedRange

if TYPE_CHECKING:
    from collections.abc import Mapping

SESSION = "s_0123456789abcd"
TRACE = f"{SESSION}::t_0123456789abcd"
HUMAN = "h_0123456789abcd"
PROMPT = "0123456789abcdef"


def git_ai(text: str, version: object = "authorship/3.0.0", **sections: object) -> bytes:
    return f"{text}---\n{json.dumps({'schema_version': version, **sections})}".encode()


def agent(tool: object, model: object) -> dict[str, Any]:
    return {"agent_id": {"tool": tool, "id": "x", "model": model}, "messages": [{"text": "---\n"}]}


def authors(*entries: Mapping[str, object], **fields: object) -> bytes:
    return json.dumps({"files": {"a.py": {"file": "a.py", "authors": entries}}, **fields}).encode()


def attributions(*entries: object, version: object = 2) -> bytes:
    return json.dumps({"version": version, "attributions": entries}).encode()


def claim(**fields: object) -> dict[str, object]:
    return {"path": "a.py", "startLine": 1, "endLine": 2, "category": "ai_generated", **fields}


class TestPaths:
    def test_other_paths_are_passed_over(self) -> None:
        """Only what is asked for is read; what can't be a path of the repository is reported all the same."""
        text = "a.py\n  k 1\nb.py\n  k 2\n  broken\n/etc/x\n  k 3\n"
        assert parse_git_ai(git_ai(text), paths={"a.py"}) == ParsedNote(
            {"a.py": (NotedRange(1, 1, "ai"),)}, (Problem.UNUSABLE_PATHS,)
        )

    def test_endless_entries_of_an_endless_path_end(self) -> None:
        """A path is looked at once, however many entries it has, and those that are passed over count too."""
        text = f"{'a/' * 2_000}\n" + "  k 1\n" * 3_000_000 + "b.py\n  k 1\n"
        note = parse_git_ai(text.encode(), paths={"b.py"})
        assert (note.ranges, Problem.TOO_MANY_RANGES in note.problems) == ({}, True)


class TestGitAi:
    def test_a_session_names_its_agent_and_model(self) -> None:
        """A key of session and trace, and that of a session alone, are looked up in the sessions."""
        note = parse_git_ai(
            git_ai(f"src/a.py\n  {TRACE} 1-10,15\n  {SESSION} 20-21\n", sessions={SESSION: agent("cursor", "gpt-5")})
        )
        assert note == ParsedNote(
            {
                "src/a.py": (
                    NotedRange(1, 10, "ai", "cursor", "gpt-5"),
                    NotedRange(15, 15, "ai", "cursor", "gpt-5"),
                    NotedRange(20, 21, "ai", "cursor", "gpt-5"),
                )
            }
        )

    @pytest.mark.parametrize("key", ["abcde", "0123456", "01234567", PROMPT, "01234567-89ab-cdef-0123-456789abcdef"])
    def test_any_other_key_is_a_prompt(self, key: str) -> None:
        """Keys of older notes have many lengths; without metadata they are still AI's."""
        text = f"a.py\n  {key} 1\n"
        assert parse_git_ai(git_ai(text, prompts={key: agent("claude", "x")})).ranges == {
            "a.py": (NotedRange(1, 1, "ai", "claude", "x"),)
        }
        assert parse_git_ai(git_ai(text)) == ParsedNote({"a.py": (NotedRange(1, 1, "ai"),)})

    def test_an_attested_human_is_a_claim_and_the_checkpoint_kind_human_is_none(self) -> None:
        """``h_`` keys are attested; ``human`` only says that no agent was seen."""
        note = parse_git_ai(git_ai(f"a.py\n  {HUMAN} 1-2\n  human 3-4\n", humans={HUMAN: {"author": "Ann"}}))
        assert note == ParsedNote({"a.py": (NotedRange(1, 2, "human"),)})

    def test_a_note_may_claim_nothing(self) -> None:
        """A note that begins with the separator is read, and has no ranges."""
        assert parse_git_ai(git_ai("")) == ParsedNote({})

    def test_blank_lines_carriage_returns_and_order(self) -> None:
        """Blank lines are passed over, CRLF is a line's end, and ranges stay in the order of the note."""
        note = parse_git_ai(git_ai("\na.py\r\n  k1 9\r\n\r\nb.py\n  k2 3\n\na.py\n  k3 1-2, 5\n\n"))
        assert note.problems == ()
        assert {path: [claim[:2] for claim in claims] for path, claims in note.ranges.items()} == {
            "a.py": [(9, 9), (1, 2), (5, 5)],
            "b.py": [(3, 3)],
        }

    @pytest.mark.parametrize(
        ("written", "path"),
        [
            ('"my file.py"', "my file.py"),
            (r'"a\"b c\\d.py"', r'a"b c\d.py'),
            (r'"\303\251\t.py"', "é\t.py"),
            (r'"\9\8 x\q"', "98 xq"),
            ('"', '"'),
            ("{{cookiecutter.name}}/a.py", "{{cookiecutter.name}}/a.py"),
            ("naïve.py", "naïve.py"),
            ("a..b/..c", "a..b/..c"),
        ],
    )
    def test_paths_may_be_quoted(self, written: str, path: str) -> None:
        """Quotes go, escapes of git are undone, and a brace doesn't make the text JSON."""
        note = parse_git_ai(git_ai(f"{written}\n  k 1\n"))
        assert note == ParsedNote({path: (NotedRange(1, 1, "ai"),)})

    @pytest.mark.parametrize("version", ["authorship/4.0.0", "authorship/30.0.0", "", 3, ["authorship/3.0.0"]])
    def test_an_unknown_version_is_skipped(self, version: object) -> None:
        """What a later format means isn't guessed."""
        note = parse_git_ai(git_ai("a.py\n  k 1\n", version))
        assert note == ParsedNote({}, (Problem.UNKNOWN_VERSION,), readable=False)

    def test_ai_and_human_on_one_line_is_told_and_kept(self) -> None:
        """A contradiction is a problem, in the order of the note; neighbours are none."""
        note = parse_git_ai(git_ai(f"a.py\n  {HUMAN} 5-9\n  k 1-2,9-10\n"))
        assert note.problems == (Problem.CONTRADICTORY,)
        assert [claim.origin for claim in note.ranges["a.py"]] == ["human", "ai", "ai"]
        assert parse_git_ai(git_ai(f"a.py\n  k 1-4,10\n  {HUMAN} 5-9\n")).problems == ()


class TestDamage:
    @pytest.mark.parametrize(
        "end", ["", "---", "---\n", '---\n{"prompts": {"k": ', "---\n[]", "---\n{} {}", '---\n{"x": "\\ud800"}']
    )
    def test_without_its_json_the_text_still_counts(self, end: str) -> None:
        """Truncated, absent or other JSON costs the agent, not the claim."""
        note = parse_git_ai(f"a.py\n  {TRACE} 1-2\n{end}".encode())
        assert note == ParsedNote({"a.py": (NotedRange(1, 2, "ai"),)}, (Problem.INVALID_JSON,))

    @pytest.mark.parametrize("content", [b"", b"\n", b"looks good to me", b"\0\xff", b"{", b"{}", b"---", b"---\n"])
    def test_what_is_no_note_is_not_readable(self, content: bytes) -> None:
        """Prose and rubbish claim nothing and count as no note."""
        assert parse_git_ai(content) == ParsedNote({}, (Problem.INVALID_JSON,), readable=False)

    @pytest.mark.parametrize("bad", [7, [], "x", {"agent_id": 7}, {"agent_id": []}])
    def test_one_bad_session_loses_no_other(self, bad: object) -> None:
        """A wrong type costs the agent of the entries that name it."""
        note = parse_git_ai(git_ai("a.py\n  k1 1\n  k2 2\n", prompts={"k1": bad, "k2": agent("claude", None)}))
        assert note == ParsedNote(
            {"a.py": (NotedRange(1, 1, "ai"), NotedRange(2, 2, "ai", "claude"))}, (Problem.UNUSABLE_ENTRIES,)
        )

    @pytest.mark.parametrize("bad", [7, [], "x", {"s": "y"}])
    def test_a_bad_section_loses_no_other(self, bad: object) -> None:
        """Prompts of a wrong type leave the sessions."""
        note = parse_git_ai(git_ai(f"a.py\n  {SESSION} 1\n", prompts=bad, sessions={SESSION: agent("amp", "")}))
        assert note.ranges == {"a.py": (NotedRange(1, 1, "ai", "amp"),)}

    def test_tool_and_model_of_wrong_types_are_unnamed(self) -> None:
        """The claim stays; no agent_id, or null in it, is nothing to report."""
        text = "a.py\n  k1 1\n  k2 2\n  k3 3\n"
        note = parse_git_ai(git_ai(text, prompts={"k1": agent(7, ["x"]), "k2": {}, "k3": {"agent_id": None}}))
        assert note == ParsedNote({"a.py": tuple(NotedRange(line, line, "ai") for line in (1, 2, 3))})

    def test_deep_nesting_is_invalid_json(self) -> None:
        """Recursion ends in the problem, not in an error."""
        nested = b"[" * 100_000 + b"]" * 100_000
        note = parse_git_ai(b'a.py\n  k 1\n---\n{"prompts": ' + nested + b"}")
        assert note == ParsedNote({"a.py": (NotedRange(1, 1, "ai"),)}, (Problem.INVALID_JSON,))
        assert parse_agentblame(nested).problems == (Problem.INVALID_JSON,)

    def test_bytes_that_are_no_utf8_are_replaced(self) -> None:
        """In paths and in JSON an invalid byte costs one character."""
        content = git_ai("caf@.py\n  k 1\n", prompts={"k": agent("t@l", "m@")}).replace(b"@", b"\xff")
        assert parse_git_ai(content) == ParsedNote({"caf\ufffd.py": (NotedRange(1, 1, "ai", "t\ufffdl", "m\ufffd"),)})

    @pytest.mark.parametrize("bad", ["9-1", "0", "0-3", "-5", "5-", "x", "", "1-2-3", "²", "+4", "1.5", "9" * 5000])
    def test_impossible_ranges_are_dropped(self, bad: str) -> None:
        """Reversed, not positive, no number: the others of the entry stay."""
        note = parse_git_ai(git_ai(f"a.py\n  k 7,{bad},8\n"))
        assert note == ParsedNote(
            {"a.py": (NotedRange(7, 7, "ai"), NotedRange(8, 8, "ai"))}, (Problem.UNUSABLE_RANGES,)
        )

    @pytest.mark.parametrize("last", [str(MAX_LINE), str(2**31), "9" * 11, "9" * 10_000])
    def test_endless_ranges_end_at_the_last_possible_line(self, last: str) -> None:
        """A huge number is cut, however many digits it has."""
        assert parse_git_ai(git_ai(f"a.py\n  k 5-{last}\n")) == ParsedNote({"a.py": (NotedRange(5, MAX_LINE, "ai"),)})

    def test_the_number_of_ranges_is_bounded(self) -> None:
        """Of too many ranges the first are kept, in one entry or in many."""
        many = MAX_RANGES + 10
        for text in ("a.py\n  k " + ",".join(["3"] * many) + "\n", "a.py\n" + "  k 3\n" * many):
            note = parse_git_ai(git_ai(text))
            assert note.problems == (Problem.TOO_MANY_RANGES,)
            assert len(note.ranges["a.py"]) == MAX_RANGES

    @pytest.mark.parametrize(
        "path",
        ["/etc/passwd", "a/../../b", "..", "../x", "a/..", r"a\..\b", r"C:\x.py", "c:/x.py", r"\\server\x", "a\0b"],
    )
    def test_paths_outside_the_repository_are_dropped(self, path: str) -> None:
        """Absolute paths and such that climb, in any system's spelling, claim nothing in any format."""
        for note in (parse_git_ai(git_ai(f"{path}\n  k 1\n")), parse_agentblame(attributions(claim(path=path)))):
            assert note == ParsedNote({}, (Problem.UNUSABLE_PATHS,))

    @pytest.mark.parametrize("text", ["  k 1\n", "a.py\n  k\n", "a.py\n\t \n  1-2\n", '""\n  k 1\n'])
    def test_entries_without_path_or_range_are_told(self, text: str) -> None:
        """What can't be read as path, key and ranges claims nothing."""
        assert parse_git_ai(git_ai(text)) == ParsedNote({}, (Problem.UNUSABLE_ENTRIES,))


class TestAuthors:
    def test_an_author_with_agent_metadata_is_an_agent(self) -> None:
        """Whatever its name; lines are numbers and pairs, and the model is the metadata's."""
        note = parse_git_ai(
            authors(
                {"author": "Ann", "lines": [1, [3, 4]], "agent_metadata": {"model": "gpt-5", "human_author": "Ann"}},
                {"author": "X", "lines": [9], "agent_metadata": []},
                schema_version="authorship/0.0.1",
            )
        )
        assert note == ParsedNote(
            {
                "a.py": (
                    NotedRange(1, 1, "ai", "Ann", "gpt-5"),
                    NotedRange(3, 4, "ai", "Ann", "gpt-5"),
                    NotedRange(9, 9, "ai", "X"),
                )
            }
        )

    def test_without_metadata_only_known_agents_count(self) -> None:
        """A person's name claims nothing, an agent's does, in any case."""
        content = authors({"author": "Cursor", "lines": [1]}, {"author": "Ann", "lines": [2], "agent_metadata": None})
        assert parse_git_ai(content) == ParsedNote({})
        assert parse_git_ai(content, {"cursor"}) == ParsedNote({"a.py": (NotedRange(1, 1, "ai", "Cursor"),)})

    def test_bad_lines_lose_no_others(self) -> None:
        """Numbers that are none, and pairs that are none, are dropped."""
        lines = [True, "1", [1], [1, 2, 3], [4, 3], 0, -1, None, {}, [2, None], 10**30, [5, 6]]
        note = parse_git_ai(authors({"author": "cursor", "lines": lines}), {"cursor"})
        assert note == ParsedNote({"a.py": (NotedRange(5, 6, "ai", "cursor"),)}, (Problem.UNUSABLE_RANGES,))

    def test_bad_entries_lose_no_others(self) -> None:
        """Authors and files of a wrong type are told."""
        good = {"authors": [7, {"author": "cursor", "lines": 1}, {"author": 7}, {"author": "cursor", "lines": [1]}]}
        content = json.dumps({"files": {"x": [], "y": {"authors": None}, "z": {}, "a.py": good}}).encode()
        note = parse_git_ai(content, {"cursor"})
        assert note == ParsedNote({"a.py": (NotedRange(1, 1, "ai", "cursor"),)}, (Problem.UNUSABLE_ENTRIES,))

    @pytest.mark.parametrize("version", ["authorship/3.0.0", "other", 0])
    def test_an_unknown_version_is_skipped(self, version: object) -> None:
        """JSON alone was the form of version 0 only."""
        content = authors({"author": "cursor", "lines": [1]}, schema_version=version)
        assert parse_git_ai(content, {"cursor"}) == ParsedNote({}, (Problem.UNKNOWN_VERSION,), readable=False)


class TestAgentblame:
    def test_both_versions_are_read(self) -> None:
        """Version 1 has underscores, version 2 humps."""
        old = {"path": "a.py", "start_line": 3, "end_line": 4, "category": "ai_generated", "provider": "claude_code"}
        assert parse_agentblame(attributions(old, version=1)) == ParsedNote(
            {"a.py": (NotedRange(3, 4, "ai", "claude_code"),)}
        )
        new = claim(provider="opencode", model="gpt-5")
        assert parse_agentblame(attributions(new)) == ParsedNote(
            {"a.py": (NotedRange(1, 2, "ai", "opencode", "gpt-5"),)}
        )

    @pytest.mark.parametrize("category", ["human", "ai_assisted", "", None, 7])
    def test_other_categories_claim_nothing(self, category: object) -> None:
        """Only what is called AI-generated is."""
        assert parse_agentblame(attributions(claim(category=category))) == ParsedNote({})

    @pytest.mark.parametrize("version", [0, 3, "2", None, [2]])
    def test_an_unknown_version_is_skipped(self, version: object) -> None:
        """What a later format means isn't guessed."""
        note = parse_agentblame(attributions(claim(), version=version))
        assert note == ParsedNote({}, (Problem.UNKNOWN_VERSION,), readable=False)

    @pytest.mark.parametrize("bad", [7, [], {}, claim(path=7), claim(startLine="1"), claim(endLine=None)])
    def test_one_bad_attribution_loses_no_other(self, bad: object) -> None:
        """Wrong types are told and passed over."""
        note = parse_agentblame(attributions(bad, claim()))
        assert note == ParsedNote({"a.py": (NotedRange(1, 2, "ai"),)}, (Problem.UNUSABLE_ENTRIES,))

    def test_the_number_of_attributions_is_bounded(self) -> None:
        """Of too many the first are kept, however few of them are good."""
        content = attributions(claim(), *[7] * MAX_RANGES, claim())
        note = parse_agentblame(content)
        assert note.ranges == {"a.py": (NotedRange(1, 2, "ai"),)}
        assert set(note.problems) == {Problem.UNUSABLE_ENTRIES, Problem.TOO_MANY_RANGES}

    def test_impossible_lines_are_dropped(self) -> None:
        """As in any format, and huge numbers are cut."""
        note = parse_agentblame(attributions(claim(startLine=3), claim(startLine=0)))
        assert note == ParsedNote({}, (Problem.UNUSABLE_RANGES,))
        assert parse_agentblame(attributions(claim(endLine=10**30))).ranges == {
            "a.py": (NotedRange(1, MAX_LINE, "ai"),)
        }

    @pytest.mark.parametrize("content", [b"", b"[]", b'{"version": 2', b"a.py\n  k 1\n---\n{}"])
    def test_what_is_no_json_object_is_not_readable(self, content: bytes) -> None:
        """Truncated or of another format."""
        assert parse_agentblame(content) == ParsedNote({}, (Problem.INVALID_JSON,), readable=False)


class TestModelName:
    @pytest.mark.parametrize("value", [None, 7, "", " ", "unknown", "Default", "AUTO", "none", "<synthetic>", "\x1b\0"])
    def test_placeholders_are_no_model(self, value: object) -> None:
        """What names no model is None."""
        assert model_name(value) is None

    def test_names_are_printable_and_bounded(self) -> None:
        """Control and direction characters go, and so does all after 100 characters."""
        assert model_name(" Claude\x1b \u202eOpus 4.6\n") == "Claude Opus 4.6"
        assert model_name("x" * 10_000_000) == "x" * 100


@given(st.binary() | st.text().map(str.encode))
def test_no_bytes_raise(content: bytes) -> None:
    """Whatever a note holds, a result comes back."""
    for end in (b"", b"\n---\n{}", b"\n---\n"):
        parse_git_ai(content + end)
        parse_git_ai(end + content)
    parse_agentblame(content)


AUTHORS_KEYS = ("files", "a.py", "authors", "author", "lines", "agent_metadata")
AGENTBLAME_KEYS = ("attributions", "path", "startLine", "endLine", "category", "provider")
GIT_AI_KEYS = ("prompts", "sessions", "k", "agent_id", "tool", "model")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from((*AUTHORS_KEYS, *AGENTBLAME_KEYS, *GIT_AI_KEYS)),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["files", "attributions", "prompts", "sessions", "schema_version"]), JSON))
def test_no_json_raises(value: dict[str, object]) -> None:
    """Whatever types stand in the known fields, a result comes back, and one that can be printed as JSON."""
    content = json.dumps(value).encode()
    for note in (
        parse_git_ai(content, {""}),
        parse_git_ai(b"a.py\n  k 1\n---\n" + content),
        parse_agentblame(json.dumps({**value, "version": 2}).encode()),
    ):
        json.dumps(dict(note.ranges), ensure_ascii=False).encode()


@given(st.text(alphabet="ak \t\n,-019:\"\\'_hs.{}/", max_size=60))
def test_no_text_breaks_the_rules_of_ranges(text: str) -> None:
    """Whatever stands in the text, a range has a first line, and a last one that isn't before it."""
    for claims in parse_git_ai(git_ai(text)).ranges.values():
        assert claims
        assert all(1 <= claim.first <= claim.last <= MAX_LINE for claim in claims)


NAMES = st.text("abcXYZ-. 123(é", min_size=1, max_size=20).map(lambda name: f"m{name}m")
PATHS = st.lists(st.text("abc é\\\"'{-:", min_size=1, max_size=8), min_size=1, max_size=3).map(
    lambda parts: "/".join(f"dd{part}" for part in parts)
)
LINES = st.tuples(st.integers(1, MAX_LINE), st.integers(1, MAX_LINE)).map(sorted)
SESSIONS = st.dictionaries(st.from_regex(r"(s_[0-9a-f]{14}|[0-9a-f]{7,16})", fullmatch=True), st.tuples(NAMES, NAMES))


def quoted(path: str) -> str:
    needs_quotes = any(character in path for character in ' "\\')
    escaped = path.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"' if needs_quotes else path


@given(st.data(), SESSIONS)
def test_git_ai_notes_that_were_printed_are_read_back(
    data: st.DataObject, sessions: dict[str, tuple[str, str]]
) -> None:
    """Paths, ranges, agents and models come back in their order."""
    keys = st.sampled_from([*sessions, HUMAN])
    files = data.draw(st.dictionaries(PATHS, st.lists(st.tuples(keys, LINES), min_size=1)))
    text, expected = "", {}
    for path, claims in files.items():
        text += f"{quoted(path)}\n"
        text += "".join(f"  {key} {first if first == last else f'{first}-{last}'}\n" for key, (first, last) in claims)
        expected[path] = tuple(
            NotedRange(first, last, "human") if key == HUMAN else NotedRange(first, last, "ai", *sessions[key])
            for key, (first, last) in claims
        )
    metadata = {key: agent(*names) for key, names in sessions.items()}
    note = parse_git_ai(git_ai(text, prompts=metadata, sessions=metadata))
    assert note.ranges == expected
    assert set(note.problems) <= {Problem.CONTRADICTORY}


@given(st.lists(st.tuples(PATHS, LINES, NAMES, NAMES)))
def test_agentblame_notes_that_were_printed_are_read_back(
    claims: list[tuple[str, list[int], str, str]],
) -> None:
    """As git-ai's."""
    expected: dict[str, tuple[NotedRange, ...]] = {}
    entries = []
    for path, (first, last), provider, model in claims:
        entries.append(claim(path=path, startLine=first, endLine=last, provider=provider, model=model))
        expected[path] = (*expected.get(path, ()), NotedRange(first, last, "ai", provider, model))
    assert parse_agentblame(attributions(*entries)) == ParsedNote(expected)
