from __future__ import annotations

import pytest

from ai_code_metrics.report.rule_pages import rule_page


@pytest.mark.parametrize(
    ("tool", "rule", "name", "page"),
    [
        (
            "pylint", "W0613", "unused-argument",
            "https://pylint.readthedocs.io/en/stable/user_guide/messages/warning/unused-argument.html",
        ),
        (
            "bandit", "B101", "assert_used",
            "https://bandit.readthedocs.io/en/latest/plugins/b101_assert_used.html",
        ),
        (
            "bandit", "B301", "blacklist",
            "https://bandit.readthedocs.io/en/latest/blacklists/blacklist_calls.html",
        ),
    ],
)  # fmt: skip
def test_the_page_of_a_rule(tool: str, rule: str, name: str, page: str) -> None:
    """A rule's id and name tell the address of its documentation."""
    assert rule_page(tool, rule, name) == page


@pytest.mark.parametrize(
    ("tool", "rule", "name"),
    [
        ("pylint", "E5101", "model-missing-unicode"),
        ("pylint", "W0613", "../../../evil"),
        ("pylint", "W0613", ""),
        ("pylint", "X0613", "unused-argument"),
        ("pylint", "W0613\n", "unused-argument"),
        ("bandit", "B999", "assert_used"),
        ("bandit", "B101", "assert_used/.."),
        ("bandit", "B301", "pickle"),
        ("other", "B101", "assert_used"),
    ],
)
def test_a_rule_of_another_kind_has_no_page(tool: str, rule: str, name: str) -> None:
    """A plugin's rule is documented elsewhere, and what is no name of a rule is no part of an address."""
    assert rule_page(tool, rule, name) is None
