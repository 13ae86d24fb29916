"""What a commit message consists of: words, links, prose and trailers."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.measure import commit_message
from ai_code_metrics.measure.commit_words import IMPERATIVE_OF


@pytest.mark.parametrize(
    ("description", "count"),
    [
        ("", 0),
        ("wip", 0),
        ("fix", 0),
        ("Update the code", 0),
        ("minor fixes", 0),
        ("fix #12", 0),
        ("Fix https://example.org/issues/12", 0),
        ("copy", 1),
        ("test test test", 1),
        ("fix typo", 1),
        ("fix typo in README", 2),
        ("Round each line before the sum", 4),
        ("support Python 3.14", 3),
        ("don't", 1),
        ("修复登录页面", 2),
        ("更新", 0),
        ("ログイン画面の不具合を直す", 7),
        ("исправить ошибку входа", 3),
        ("로그인 화면 오류 수정", 4),
        ("लॉगिन पृष्ठ ठीक करें", 4),
        ("แก้ไขหน้าเข้าสู่ระบบ", 5),
    ],
)
def test_content_words_are_counted(description: str, count: int) -> None:
    """Distinct words that say something: no fillers, references or function words; scripts without spaces by length."""
    assert commit_message.count_content_words(description) == count


@pytest.mark.parametrize(
    "text",
    [
        "Fix a thing (#12)",
        "#12",
        "Fixes #12.",
        "GH-12: fix",
        "see octo/shop#12",
        "AB#12 fix",
        "closes !12",
        "https://github.com/octo/shop/issues/12",
        "https://github.com/octo/shop/pull/12#discussion_r1",
        "https://gitlab.example.org/a/b/-/merge_requests/12",
        "https://gitlab.example.org/a/b/-/work_items/12",
        "https://jira.example.org/browse/SHOP-12",
        "https://bugzilla.example.org/show_bug.cgi?id=12",
        "https://dev.azure.com/o/p/_workitems/edit/12",
        "https://bugs.python.org/issue12",
        "a thing\n\nRefs: #12",
    ],
)
def test_links_are_found(text: str) -> None:
    """The forms of GitHub, GitLab, Azure Boards and the usual trackers."""
    assert commit_message.has_link(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Fix a thing",
        "C#7",
        "&#8217;",
        "# 12",
        "#0012",
        "#fff",
        "a!12",
        "UTF-8 and SHA-256",
        "https://example.org/docs/12",
        "https://github.com/octo/shop/commit/4f0c2e9",
    ],
)
def test_what_is_no_link(text: str) -> None:
    """Character references, languages, colours, standards and other URLs link no issue."""
    assert not commit_message.has_link(text)


def test_a_custom_link_is_found_in_bounded_text_only() -> None:
    """A caller's expression sees 200 lines of 300 characters and no more."""
    custom = re.compile(r"\b[A-Z][A-Z0-9]+-\d+")
    assert commit_message.has_link("SHOP-12 Fix a thing", custom)
    assert commit_message.has_link("Fix a thing\n\nSHOP-12", custom)
    assert not commit_message.has_link("x" * 300 + " SHOP-12", custom)
    assert not commit_message.has_link("x\n" * 200 + "SHOP-12", custom)


@pytest.mark.parametrize(
    ("body", "prose"),
    [
        ("One sentence\nover two lines.", "One sentence over two lines."),
        ("Why.\n\nSigned-off-by: A <a@example.org>\nCo-authored-by: B <b@example.org>", "Why."),
        ("co-authored-by: B <b@example.org>\n\nWhy.", "Why."),
        ("Why.\n\nAgent-Logs-Url: https://example.org/x", "Why."),
        ("Why.\n\n(cherry picked from commit 4f0c2e9)", "Why."),
        ("See https://example.org/x and #12 there.", "See and there."),
        ("* Add a cart\n\n* Fix the cart\n\nWhy.\n\n---------", "Why. ---------"),
        ("* one reason\n* another reason", "* one reason * another reason"),
        ("```\ncode = here\n```\nWhy.", "Why."),
        ("Why:\n\n    code = here\n    more\n\nSo.", "Why: So."),
        ("- a point that\n    goes on", "- a point that goes on"),
        ("<!-- a template\nof the forge -->Why.<!-- open", "Why."),
        ("Why.\n# Please enter the commit message for your changes.\n#\n# On branch main", "Why."),
        ("## Description\nWhy.\n### Notes\n#hash and # more", "Why. #hash and # more"),
        ("<!--\n## Title\n-->\nWhy.", "Why."),
        ("- [ ] tests added\n* [ ] docs\n1. [ ] changelog\n- [x] checked by hand", "- [x] checked by hand"),
        ("    - [ ] indented\n- [] no box", "- [] no box"),
        ("BREAKING CHANGE: the cart is gone", "BREAKING CHANGE: the cart is gone"),
        ("Note: this is prose.", "Note: this is prose."),
    ],
)
def test_prose_is_what_people_wrote(body: str, prose: str) -> None:
    """Trailers, URLs, references, squash bullets, code and comments are no prose."""
    assert commit_message.prose(body.split("\n")) == prose


def test_a_diff_below_the_scissors_is_no_body() -> None:
    """What ``git commit --verbose`` shows its author doesn't count where it was left in the message."""
    message = commit_message.read(
        "Add a cart\n\nWhy.\n# ------------------------ >8 ------------------------\n# Not this\ndiff --git a/x b/x"
    )
    assert message.body == ("", "Why.")
    assert message.prose == "Why."


NOT_READ = "git reads trailers only in a last paragraph of their own"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("", None),
        ("\nWhy.", None),
        ("\nWhy: a colon is no trailer", None),
        ("\nSigned-off-by: A <a@example.org>", None),
        ("\nWhy.\n\nFixes: 12\nReviewed-by: A", None),
        ("\nWhy.\nSigned-off-by: A <a@example.org>", None),
        ("\nWhy.\n\nReviewed-by: A\n  and B", None),
        ("\nWhy.\nReviewed-by: A", NOT_READ),
        ("\n1\n2\n3\n4\nSigned-off-by: A <a@example.org>", NOT_READ),
        ("\nCo-authored-by: A <a@example.org>\n\nA later paragraph.", NOT_READ),
        ("Signed-off-by: A <a@example.org>", NOT_READ),
        ("\nCo-authored-by A", "a trailer has no `: ` and value after its token"),
        ("\nReviewed-by:", "a trailer has no `: ` and value after its token"),
    ],
)
def test_trailers_are_held_against_gits_rule(body: str, problem: str | None) -> None:
    """A trailer that git would not read is named."""
    assert commit_message.trailer_problem(body.split("\n")) == problem


def test_the_reference_of_a_squash_merge_is_not_the_authors() -> None:
    """GitHub appends `` (#12)`` to the header; what the author wrote is the rest."""
    assert commit_message.as_written("Add a cart (#12)") == "Add a cart"
    assert commit_message.as_written("Add a cart (see #12)") == "Add a cart (see #12)"


@pytest.mark.parametrize(
    ("form", "verb"),
    [
        ("adds", "add"),
        ("fixes", "fix"),
        ("applied", "apply"),
        ("dropping", "drop"),
        ("used", "use"),
        ("moving", "move"),
    ],
)
def test_verb_forms_lead_to_the_imperative(form: str, verb: str) -> None:
    """Regular forms are made by the rules of English spelling."""
    assert IMPERATIVE_OF[form] == verb


@pytest.mark.parametrize("noun", ["tests", "caching", "logging", "docs", "address", "process", "add", "string"])
def test_nouns_and_imperatives_are_no_verb_forms(noun: str) -> None:
    """A word that merely ends in -s or -ing is left alone."""
    assert noun not in IMPERATIVE_OF


@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    """No text raises, and there are never more content words than words."""
    message = commit_message.read(text)
    assert commit_message.count_content_words(message.description) <= commit_message.count_words(message.description)
    commit_message.has_link(text)
    commit_message.trailer_problem(message.body)


@pytest.mark.parametrize(
    "unit", ["a", "a.", "o/", "http://", "* a\n\n", "<!--", "```\n", "#", "!1", "a-", " ", "\n", "修", "Reviewed-by:"]
)
@pytest.mark.timeout(120)
def test_a_hostile_megabyte_comes_to_an_end(unit: str) -> None:
    """No pattern backtracks over a message of a megabyte."""
    text = "x\n\n" + unit * (1_000_000 // len(unit))
    message = commit_message.read(text)
    commit_message.count_words(message.prose)
    commit_message.count_content_words(unit * 1_000)
    commit_message.has_link(text)
    commit_message.trailer_problem(message.body)
    assert message.header == "x"
