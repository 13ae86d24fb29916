"""Lines of messages that may declare something."""

from __future__ import annotations

import pytest

from ai_code_metrics.measure import trailers


def test_the_subject_blank_lines_and_ornaments_are_left_out() -> None:
    """All paragraphs are read; emoji and white space in front go, bullets and quotes stay."""
    message = "subject: a\n\n  b: c  \n\n🤖 Generated\n\u2728\ufe0fx\n* bullet\n> quote\n\n\nlast: d"
    assert list(trailers.body_lines(message)) == ["b: c", "Generated", "x", "* bullet", "> quote", "last: d"]
    assert list(trailers.body_lines("only a subject")) == []


def test_a_long_line_is_cut() -> None:
    """No declaration is longer than 500 characters."""
    assert [len(line) for line in trailers.body_lines("s\n" + "x" * 1_000_000)] == [500]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Ann <ann@example.com>", ("Ann", "ann@example.com")),
        (" Ann B.  <a@b> ,", ("Ann B.", "a@b")),
        ("<a@b>", ("", "a@b")),
        ("Ann", None),
        ("Ann <a@b> and Bob <b@c>", None),
        ("Ann <a b@c>", None),
        ("Ann <>", None),
        ("", None),
    ],
)
def test_an_identity_has_a_name_and_an_address(value: str, expected: tuple[str, str] | None) -> None:
    """Exactly one address in angle brackets, at the end."""
    assert trailers.identity(value) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("aider (gpt-5)", "gpt-5"),
        ("a (b) (c)", "c"),
        ("a (b) c", None),
        ("(b)", None),
        ("a ()", None),
        ("a", None),
        ("", None),
    ],
)
def test_parentheses_count_at_the_end(text: str, expected: str | None) -> None:
    """Only what closes the text is taken."""
    assert trailers.parenthesised(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Claude Opus 4.6 (1M context)", "Claude Opus 4.6 (1M context)"),
        ("gpt-5\u202e\x1b[31m\n x", "gpt-5 [31m x"),
        ("m1" * 500, "m1" * 50),
        ("Claude", None),
        ("v2.1.0", None),
        ("3", None),
        ("", None),
        (None, None),
    ],
)
def test_a_model_has_a_digit_and_is_fit_to_print(text: str | None, expected: str | None) -> None:
    """Names and bare versions are no model; control and bidi characters and length are removed."""
    assert trailers.model_name(text) == expected
