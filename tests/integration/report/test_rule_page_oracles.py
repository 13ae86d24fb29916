"""Addresses of rules against what the tools themselves know of their rules."""

from __future__ import annotations

import importlib
import warnings
from typing import Any

import pytest
from pylint.lint import PyLinter

from ai_code_metrics.report.rule_pages import rule_page


@pytest.fixture(scope="module")
def bandit() -> Any:
    """Bandit's table of tests, with the function that gives the page of one; its loader warns on import."""
    with warnings.catch_warnings(action="ignore"):
        tests = importlib.import_module("bandit.core.extension_loader").MANAGER
        return tests, importlib.import_module("bandit.core.docs_utils").get_url


def _below_version(page: str | None) -> str:
    """The part of an address after the version: bandit names the pages of its own, we those of the latest."""
    assert page is not None
    return page.split("/", 5)[5]


def test_every_message_of_pylint_has_its_page() -> None:
    """All that pylint checks without plugins is documented."""
    linter = PyLinter()
    linter.load_default_plugins()
    messages = [(message.msgid, message.symbol) for message in linter.msgs_store.messages]
    assert len(messages) > 300
    assert [rule for rule, name in messages if rule_page("pylint", rule, name) is None] == []


def test_every_plugin_of_bandit_has_the_page_that_bandit_names(bandit: Any) -> None:
    """A report calls a test by the name of its function, and so does the page."""
    tests, get_url = bandit
    names = {rule: test.plugin.__name__ for rule, test in tests.plugins_by_id.items()}
    assert len(names) > 30
    for rule, name in names.items():
        assert _below_version(rule_page("bandit", rule, name)) == _below_version(get_url(rule))


def test_a_listed_call_or_import_has_the_page_of_its_list(bandit: Any) -> None:
    """A report calls all of them by the same name, so that the heading on the page isn't known."""
    tests, get_url = bandit
    assert len(tests.blacklist_by_id) > 20
    for rule in list(tests.blacklist_by_id):
        page, _, _ = _below_version(get_url(rule)).partition("#")
        assert _below_version(rule_page("bandit", rule, "blacklist")) == page
