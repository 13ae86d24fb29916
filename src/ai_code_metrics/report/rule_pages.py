"""Where the tools document their rules; only addresses that can be told from a rule's id and name without asking."""

from __future__ import annotations

import re
from typing import Final

TOOL_PAGES: Final = {"pylint": "https://pylint.readthedocs.io/", "bandit": "https://bandit.readthedocs.io/"}

# Ids from 51 on belong to plugins of others: https://github.com/pylint-dev/pylint/blob/main/pylint/checkers/__init__.py
_PYLINT: Final = re.compile(r"([CEFIRW])(?:[0-4][0-9]|50)[0-9][0-9]")
_PYLINT_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_PYLINT_CATEGORIES: Final = {
    "C": "convention", "E": "error", "F": "fatal", "I": "information", "R": "refactor", "W": "warning"
}  # fmt: skip
# bandit's own plugins, and its two lists of calls and imports: https://bandit.readthedocs.io/en/latest/plugins/
_BANDIT: Final = re.compile(r"B(?:[12567][0-9][0-9]|324)")
_BANDIT_LISTED: Final = re.compile(r"B[34][0-9][0-9]")
_BANDIT_NAME: Final = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*")
_BANDIT_LISTS: Final = {"B3": "calls", "B4": "imports"}


def rule_page(tool: str, rule: str, name: str) -> str | None:
    """Return the address of a rule's documentation, None where it isn't sure that there is such a page.

    Args:
        tool: ``pylint`` or ``bandit``.
        rule: its id, ``W0613`` for one; foreign.
        name: its name, ``unused-argument`` for one; foreign.
    """
    if tool == "pylint":
        return _pylint_page(rule, name)
    return _bandit_page(rule, name) if tool == "bandit" else None


def _pylint_page(rule: str, name: str) -> str | None:
    match = _PYLINT.fullmatch(rule)
    if match is None or _PYLINT_NAME.fullmatch(name) is None:
        return None
    return f"{TOOL_PAGES['pylint']}en/stable/user_guide/messages/{_PYLINT_CATEGORIES[match[1]]}/{name}.html"


def _bandit_page(rule: str, name: str) -> str | None:
    if _BANDIT_LISTED.fullmatch(rule) and name == "blacklist":
        return f"{TOOL_PAGES['bandit']}en/latest/blacklists/blacklist_{_BANDIT_LISTS[rule[:2]]}.html"
    if _BANDIT.fullmatch(rule) and _BANDIT_NAME.fullmatch(name):
        return f"{TOOL_PAGES['bandit']}en/latest/plugins/{rule.lower()}_{name}.html"
    return None
