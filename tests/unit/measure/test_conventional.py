"""Conventional Commits 1.0.0, rule by rule; numbers in the docstrings are those of the specification."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.measure.conventional import TYPES, ConventionalCommit, Footer, is_conventional, parse

ATTACHED = "the body must begin one empty line after the header (rule 6)"
NO_VALUE = "a footer has no value (rule 8)"
SPACED = "a footer's token has `-` in place of spaces (rule 9)"
JOINED = "BREAKING CHANGE must follow an empty line to be a footer (rule 8)"
MALFORMED = "a breaking change is written `BREAKING CHANGE: ` and what breaks, in upper case (rule 12)"


def parsed(message: str) -> ConventionalCommit:
    commit = parse(message)
    assert commit is not None
    return commit


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("feat: add a cart", ("feat", None, False, "add a cart")),
        ("fix(parser): keep spaces", ("fix", "parser", False, "keep spaces")),
        ("feat!: drop Python 3.8", ("feat", None, True, "drop Python 3.8")),
        ("refactor(api)!: rename Cart", ("refactor", "api", True, "rename Cart")),
        ("Fix: a thing", ("fix", None, False, "a thing")),
        ("FEAT(API): a thing", ("feat", "API", False, "a thing")),
        ("build(deps-dev): bump x", ("build", "deps-dev", False, "bump x")),
        ("feat(api,cli): add --json", ("feat", "api,cli", False, "add --json")),
        ("house-keeping: sweep", ("house-keeping", None, False, "sweep")),
        ("2fa: ask for the second factor", ("2fa", None, False, "ask for the second factor")),
        ("исправление(корзина): сумма", ("исправление", "корзина", False, "сумма")),
        ("revert: feat(api): add a cart", ("revert", None, False, "feat(api): add a cart")),
        ("revert(api): feat(api): add a cart", ("revert", "api", False, "feat(api): add a cart")),
        ("fix: colon: inside", ("fix", None, False, "colon: inside")),
        ("fix: 修复登录页面", ("fix", None, False, "修复登录页面")),
    ],
)
def test_a_header_is_read(header: str, expected: tuple[str, str | None, bool, str]) -> None:
    """Type (any case), optional scope, optional mark, colon and space, description (rules 1, 4, 5, 13, 14, 15)."""
    commit = parsed(header)
    assert (commit.type, commit.scope, commit.has_mark, commit.description) == expected
    assert commit.problems == ()


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Add a cart",
        "feat:add a cart",
        "feat : add a cart",
        "feat add a cart",
        "feat: ",
        "feat:   ",
        "feat(): add a cart",
        "feat( ): add a cart",
        "feat(a(b)): add a cart",
        "feat (api): add a cart",
        "feat!(api): add a cart",
        "feat(api) !: add a cart",
        "(api): add a cart",
        " feat: add a cart",
        "two words: add a cart",
        "1.2: add a cart",
        "12: add a cart",
        "_feat: add a cart",
        "feat+fix: add a cart",
        "Fix #12",
        "https://example.org: add a cart",
        "feat(api\n): add a cart",
        "feat\uff1a add a cart",
    ],
)
def test_what_is_no_header(header: str) -> None:
    """Colon and space are required, and nothing stands between type, scope, mark and colon (rules 1, 4, 5, 13)."""
    assert parse(header) is None


@pytest.mark.parametrize(
    ("scope", "scopes"), [("api,cli", ("api", "cli")), ("api, cli", ("api", "cli")), ("x", ("x",))]
)
def test_a_scope_may_be_a_list(scope: str, scopes: tuple[str, ...]) -> None:
    """A scope of several names is one scope in the text, and their list on request."""
    assert parsed(f"fix({scope}): a thing").scopes == scopes


def test_no_scope_is_an_empty_list() -> None:
    """Without a scope there are no scopes."""
    assert parsed("fix: a thing").scopes == ()


def test_a_body_has_paragraphs() -> None:
    """A body begins one blank line after the description and is free-form (rules 6, 7)."""
    commit = parsed("fix: a thing\n\nFirst line\nsecond line.\n\nA paragraph: not a footer, the token has a space.\n")
    assert commit.body == "First line\nsecond line.\n\nA paragraph: not a footer, the token has a space."
    assert commit.footers == ()
    assert commit.problems == ()


def test_a_body_without_an_empty_line_is_no_body() -> None:
    """What follows the header at once is neither body nor footer (rule 6)."""
    commit = parsed("fix: a thing\nbecause of b\n\nRefs: 1")
    assert (commit.body, commit.footers, commit.problems) == ("", (), (ATTACHED,))


@pytest.mark.parametrize(
    ("text", "footers"),
    [
        ("Refs: 12", [Footer("Refs", ": ", "12")]),
        ("Fixes #12", [Footer("Fixes", " #", "12")]),
        ("Reviewed-by: Z\nRefs: #123", [Footer("Reviewed-by", ": ", "Z"), Footer("Refs", ": ", "#123")]),
        (
            "Note: one\n  two\n\nthree\nRefs: 1",
            [Footer("Note", ": ", "one\n  two\n\nthree"), Footer("Refs", ": ", "1")],
        ),
        ("BREAKING CHANGE: a b\nmore", [Footer("BREAKING CHANGE", ": ", "a b\nmore")]),
        ("BREAKING-CHANGE: a", [Footer("BREAKING-CHANGE", ": ", "a")]),
        ("Überprüft-von: Zoë", [Footer("Überprüft-von", ": ", "Zoë")]),
        ("作者: 山田", [Footer("作者", ": ", "山田")]),
        ("Refs: 676104e, a215868", [Footer("Refs", ": ", "676104e, a215868")]),
    ],
)
@pytest.mark.parametrize("body", ["", "A body.\n\n"])
def test_footers_are_read(body: str, text: str, footers: list[Footer]) -> None:
    """A footer is a token, `: ` or ` #`, and a value up to the next token (rules 8, 9, 10)."""
    commit = parsed(f"fix: a thing\n\n{body}{text}")
    assert list(commit.footers) == footers
    assert commit.body == body.strip()
    assert commit.problems == ()


@pytest.mark.parametrize(
    "line",
    [
        "Refs:12",
        "Refs:",
        "Refs : 12",
        "Refs:\t12",
        "Fixes#12",
        "Two words: x",
        "Reviewed_by: x",
        "-by: x",
        "a.py: x",
        "a/b: x",
        "https://example.org/x",
        "- Refs: x",
        " Refs: x",
    ],
)
def test_what_is_no_footer(line: str) -> None:
    """Without `: ` or ` #` after a single word, a line is body (rules 8, 9)."""
    commit = parsed(f"fix: a thing\n\n{line}")
    assert (commit.body, commit.footers) == (line.strip(), ())


def test_a_footer_needs_an_empty_line_before_it() -> None:
    """A line of a body's paragraph is body, whatever it looks like (rule 8)."""
    commit = parsed("fix: a thing\n\nbody\nRefs: 1")
    assert (commit.body, commit.footers) == ("body\nRefs: 1", ())


@pytest.mark.parametrize(
    ("message", "description"),
    [
        ("feat!: drop x", "drop x"),
        ("feat: x\n\nBREAKING CHANGE: y is gone", "y is gone"),
        ("feat: x\n\nBREAKING-CHANGE: y is gone", "y is gone"),
        ("feat!: drop x\n\nBREAKING CHANGE: y is gone", "y is gone"),
        ("chore(api)!: x\n\nRefs: 1", "x"),
        ("feat: x\n\nRefs: 1\nBREAKING CHANGE: y is gone", "y is gone"),
    ],
)
def test_a_breaking_change_is_announced(message: str, description: str) -> None:
    """By the mark, by the footer or by both; the footer's text wins (rules 11, 12, 13, 16)."""
    commit = parsed(message)
    assert commit.is_breaking
    assert commit.breaking_description == description
    assert commit.problems == ()


@pytest.mark.parametrize(
    ("rest", "problem"),
    [
        ("\nbreaking change: y", MALFORMED),
        ("\nBreaking-Change: y", MALFORMED),
        ("\nBREAKING CHANGES: y", MALFORMED),
        ("\nBREAKING CHANGE:y", MALFORMED),
        ("\nBREAKING CHANGE y", MALFORMED),
        ("\nBREAKING CHANGE #12", MALFORMED),
        ("\nRefs: 1\nBreaking change: y", MALFORMED),
        ("\nbody\nBREAKING CHANGE: y", JOINED),
    ],
)
def test_a_malformed_breaking_change_is_no_announcement(rest: str, problem: str) -> None:
    """Upper case, colon, space and text are required, in a footer (rules 8, 12, 15)."""
    commit = parsed(f"feat: x\n{rest}")
    assert not commit.is_breaking
    assert commit.breaking_description is None
    assert commit.problems == (problem,)


def test_prose_about_breaking_changes_is_no_problem() -> None:
    """Sentences may speak of breaking changes."""
    assert parsed("feat: x\n\nbreaking changes are avoided here\nas in: Breaking").problems == ()


@pytest.mark.parametrize(
    ("rest", "problem"),
    [("\nRefs: \nother", None), ("\nRefs: ", NO_VALUE), ("\nReviewed by: Z", SPACED), ("\nSigned off by: Z", SPACED)],
)
def test_footers_that_break_a_rule_are_named(rest: str, problem: str | None) -> None:
    """A footer has a value, and its token has no spaces (rules 8, 9, 10)."""
    assert parsed(f"feat: x\n{rest} \n\nRefs: 2").problems == ((problem,) if problem else ())


@pytest.mark.parametrize(
    ("message", "expected"),
    [("feat: x", True), ("Fix(a)!: x", True), ("net: x", False), ("Add x", False), ("docs: x\nattached", True)],
)
def test_is_conventional_knows_the_types(message: str, *, expected: bool) -> None:
    """A project follows the convention where headers parse and types are of the list, not by `net: x` of a kernel."""
    assert is_conventional(message) is expected


@given(
    kind=st.sampled_from(sorted(TYPES)),
    scope=st.none() | st.from_regex(r"[a-z]{1,8}(,[a-z]{1,8})?", fullmatch=True),
    mark=st.booleans(),
    words=st.lists(st.from_regex(r"[a-z]{1,9}", fullmatch=True), min_size=1, max_size=6),
    footers=st.lists(st.from_regex(r"[A-Z][a-z]{1,8}-by: [a-z]{1,9}", fullmatch=True), max_size=3),
)
def test_what_is_written_by_the_rules_is_read_back(
    kind: str, scope: str | None, *, mark: bool, words: list[str], footers: list[str]
) -> None:
    """Whatever follows the specification comes back whole."""
    header = f"{kind}{f'({scope})' if scope else ''}{'!' if mark else ''}: {' '.join(words)}"
    commit = parsed(f"{header}\n\nA body.\n\n" + "\n".join(footers))
    assert (commit.type, commit.scope, commit.has_mark) == (kind, scope, mark)
    assert commit.description == " ".join(words)
    assert commit.body == "A body."
    assert [f"{footer.token}: {footer.value}" for footer in commit.footers] == footers


@given(st.text(alphabet="ab:!()# \n-BREAKINGCHANGE", max_size=80))
def test_any_text_is_parsed_or_refused(message: str) -> None:
    """No text raises, and what is read is a part of the text."""
    commit = parse(message)
    if commit is not None:
        assert commit.description in message
        assert commit.body in message
        assert all(footer.value in message for footer in commit.footers)


@pytest.mark.parametrize(
    "message",
    [
        "a" * 1_000_000,
        "feat" + "(" * 1_000_000,
        "feat(" + "a" * 1_000_000,
        "feat: " + " " * 1_000_000,
        "feat: x\n\n" + "a-" * 500_000,
        "feat: x\n\n" + "ä" * 1_000_000,
        "1" * 1_000_000,
        "feat: x\n\n" + "a: b\n" * 200_000,
        "feat: x\n\n" + "\n" * 1_000_000 + "x",
        "feat: x\n\n" + "BREAKING CHANGE" * 60_000,
        "feat: x\n\nbreaking change" + " " * 1_000_000 + "x",
        "feat: x\n\n" + "a b\n\n" * 200_000 + "Refs: 1",
    ],
    ids=range(12),
)
@pytest.mark.timeout(120)
def test_a_hostile_megabyte_comes_to_an_end(message: str) -> None:
    """Each of the patterns looks at a character a bounded number of times; one that backtracks would not end."""
    parsed = parse(message)
    assert parsed is None or len(parsed.description) <= len(message)
