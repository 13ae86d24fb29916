from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from ai_code_metrics.report.escape import ELLIPSIS, cell, code, plain, url_path

ZERO_WIDTH_SPACE = "\u200b"
FRAGMENTS = st.sampled_from(
    [
        *"|`<>&@#*_~[]()\\!$:\"'-+=.{}",
        "\n",
        "\r\n",
        "\t",
        "\x00",
        "\x1b[31m",
        "\x1b]8;;http://evil.invalid\x07",
        "\u202e",
        "\u2066",
        "\u200b",
        "\u2028",
        "\x85",
        "@octocat",
        "@org/team",
        "#12",
        "GH-3",
        "o/r#4",
        "0123456789abcdef",
        "deadbee",
        "https://evil.invalid",
        "www.evil.invalid",
        "a@b.invalid",
        "```",
        "<!--",
        "-->",
        "</details>",
        "![x](y)",
        "\\|",
        "&#64;",
        "&lt;",
        ":+1:",
        " ",
        "word",
    ]
)
HOSTILE = st.lists(FRAGMENTS | st.text(max_size=5), max_size=30).map("".join)


def rendered(markdown: str) -> tuple[list[str], str]:
    """The types of the inline tokens of a table's only cell, and its text as a reader sees it."""
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(f"| h |\n|---|\n| {markdown} |\n")
    assert [token.type for token in tokens if token.type == "td_open"] == ["td_open"]
    assert tokens[-1].type == "table_close"
    children = tokens[[token.type for token in tokens].index("td_open") + 1].children or []
    shown = "".join(child.content for child in children if child.type != "html_inline")
    return [child.type for child in children], shown.replace(ZERO_WIDTH_SPACE, "")


@given(HOSTILE)
def test_a_cell_shows_the_text_as_typed_and_nothing_else(text: str) -> None:
    """A Markdown parser finds one cell with plain text: no markup, no link, no image, no HTML."""
    kinds, shown = rendered(cell(text))
    assert set(kinds) <= {"text"}
    assert shown == plain(text)


@given(HOSTILE)
def test_a_cell_has_no_line_end_and_no_raw_pipe_or_angle_bracket(text: str) -> None:
    """What splits tables or opens HTML never survives."""
    assert not set(cell(text)) & set("|<>\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")


@pytest.mark.parametrize(
    "reference",
    [r"@\w", r"#\d", r"(?i)gh-\d", r"://", r"(?i)www\.", r"(?i)\b[0-9a-f]{7,}\b", r":[\w+-]+:"],
)
@given(text=HOSTILE)
def test_a_cell_links_and_pings_nothing(reference: str, text: str) -> None:
    """No mention, issue, commit, address or emoji name is left for GitHub to find in the rendered text."""
    escaped = cell(text)
    shown = escaped.replace("\\", "").replace("&#124;", "|").replace("&#92;", "\\").replace("&#36;", "$")
    assert re.search(reference, shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")) is None


@given(HOSTILE)
def test_inline_code_is_one_piece_of_code_in_a_table(text: str) -> None:
    """A parser finds either one code span with the text, or a code element around plain text; nothing for no text."""
    kinds, shown = rendered(code(text))
    assert shown == plain(text)
    assert kinds in ([], ["code_inline"], ["html_inline", "text", "html_inline"])
    assert "|" not in code(text)


@given(HOSTILE, st.integers(min_value=1, max_value=60))
def test_plain_text_is_one_visible_line_of_the_given_length(text: str, limit: int) -> None:
    """No control, format or direction character is left, no double blank, and the length holds."""
    shown = plain(text, limit)
    assert len(shown) <= limit
    assert not [character for character in shown if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]
    assert shown == " ".join(shown.split())


@given(HOSTILE)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    """Clean text stays as it is."""
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        (" two\n\nlines\t", "two lines"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]8;;http://evil.invalid\x07link\x1b]8;;\x1b\\", "link"),
        ("\x9b31mred", "red"),
        ("\x1bcreset", "reset"),
        ("nul\x00bell\x07", "nulbell"),
        ("\u202egpj.py", "[U+202E]gpj.py"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("half \ud83d", "half \ufffd"),
        ("naïve 日本 🎉", "naïve 日本 🎉"),
        ("abcdefghijk", "abcdefghi" + ELLIPSIS),
        ("abcdefgh ijk", "abcdefgh" + ELLIPSIS),
        ("abcdefghij", "abcdefghij"),
    ],
)
def test_plain_text_drops_what_is_invisible_and_shows_what_misleads(text: str, shown: str) -> None:
    """Terminal sequences and controls go, direction changes are spelled out, what is cut ends in an ellipsis."""
    assert plain(text, 10 if "abc" in text else 200) == shown


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("a|b", "a&#124;b"),
        ("`x`", r"\`x\`"),
        ("<b>&", "&lt;b&gt;&amp;"),
        ("@octocat", "@\u200boctocat"),
        ("see #12 and GH-3", "see #\u200b12 and GH-\u200b3"),
        ("fixes deadbeef", "fixes deadbe\u200bef"),
        ("https://x.invalid", "https:\u200b//x.invalid"),
        ("__init__", r"\_\_init\_\_"),
        ("fix(cart): round", "fix(cart): round"),
        ("costs $5", "costs &#36;5"),
    ],
)
def test_a_cell_escapes_no_more_than_it_must(text: str, escaped: str) -> None:
    """The usual text stays readable in the source too."""
    assert cell(text) == escaped


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("src/a.py", "`src/a.py`"),
        ("a`b", "`` a`b ``"),
        ("```", "```` ``` ````"),
        ("a|b", "<code>a&#124;b</code>"),
        ("@octocat #1", "`@octocat #1`"),
        ("\n", ""),
    ],
)
def test_code_takes_a_fence_that_the_text_does_not_hold(text: str, escaped: str) -> None:
    """Backticks get a longer fence; a pipe, which no fence can hold in every table, gets the HTML element."""
    assert code(text) == escaped


@pytest.mark.parametrize(
    ("path", "quoted"),
    [
        ("src/a.py", "src/a.py"),
        ("a b/ü)(.py", "a%20b/%C3%BC%29%28.py"),
        ("a?#%.py", "a%3F%23%25.py"),
        ("odd\udcff.py", "odd%FF.py"),
        ("-x.py", "-x.py"),
        ("../x.py", None),
        ("src/./x.py", None),
        ("/etc/passwd", None),
        ("a//b", None),
        ("", None),
    ],
)
def test_a_path_is_quoted_for_an_address_or_refused(path: str, quoted: str | None) -> None:
    """What a browser would resolve to another page of the server gives no address."""
    assert url_path(path) == quoted
