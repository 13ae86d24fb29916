"""New findings: what the base has is old, wherever it stood there."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.collect.fingerprint import content_print, fingerprint
from ai_code_metrics.measure import new_findings
from ai_code_metrics.records import LintReport, Patch, PatchFile
from support import summaries

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ai_code_metrics.model import Finding


class Found:
    """A finding with the text of its line."""

    def __init__(self, path: str, line: int, text: str, rule: str = "W0611", symbol: str | None = None) -> None:
        values: dict[str, Any] = {"rule": rule, "path": path, "symbol": symbol}
        print_ = fingerprint(tool="pylint", line_text=text, **values)
        self.finding = summaries.finding(line=line, fingerprint=print_, **values)
        self.content = content_print(tool="pylint", rule=rule, line_text=text)


def report(*found: Found, failed: tuple[str, ...] = ()) -> LintReport:
    contents = {each.finding.fingerprint: each.content for each in found if each.content}
    return LintReport(tuple(each.finding for each in found), 100, 5, failed, contents=contents)


def added(**lines: Iterable[int]) -> Patch:
    """The added lines by the name of a module."""
    return Patch({
        f"{name}.py": PatchFile(f"{name}.py", f"{name}.py", frozenset(numbers), frozenset(numbers))
        for name, numbers in lines.items()
    })  # fmt: skip


def mark(
    head: LintReport, base: LintReport | None, patch: Patch, replaced: Iterable[str] = ("a.py", "b.py")
) -> list[tuple[bool | None, bool | None]]:
    """Return of each finding whether it is on the patch, and whether it is new."""
    return [(each.on_patch, each.is_new) for each in new_findings.mark(head, base, patch, frozenset(replaced))]


def test_what_the_base_does_not_have_is_new() -> None:
    """Also off the patch: a change may make another line of a changed file wrong."""
    head = report(Found("a.py", 1, "import os"), Found("a.py", 9, "import re"), Found("a.py", 30, "import sys"))
    base = report(Found("a.py", 1, "import os"))
    assert mark(head, base, added(a=[9])) == [(False, False), (True, True), (False, True)]


def test_a_finding_that_moved_within_its_file_is_old() -> None:
    """On added lines too: that a line was written anew doesn't make its finding new; white space doesn't matter."""
    head, base = report(Found("a.py", 40, "    import os")), report(Found("a.py", 3, "import os"))
    assert mark(head, base, added(a=[40])) == [(True, False)]


def test_a_finding_that_moved_to_another_file_is_old() -> None:
    """It is taken from the base once, where it is gone: a second one of the same text is new."""
    head = report(Found("b.py", 7, "import os"), Found("b.py", 9, "import os", symbol="f"))
    base = report(Found("a.py", 3, "import os"))
    assert mark(head, base, added(b=[7, 9])) == [(True, False), (True, True)]


def test_a_copy_is_no_move() -> None:
    """Where the first is still there, the same in another file is new."""
    here, there = Found("a.py", 3, "import os"), Found("b.py", 7, "import os")
    assert mark(report(here, there), report(here), added(b=[7])) == [(False, False), (True, True)]


def test_a_renamed_symbol_makes_nothing_new() -> None:
    """The function or class around a line has a part in its fingerprint, and may be renamed."""
    head = report(Found("a.py", 3, "x = y", symbol="Cart.after"))
    base = report(Found("a.py", 3, "x = y", symbol="Cart.before"))
    assert mark(head, base, added(a=[2])) == [(False, False)]


def test_a_rule_is_part_of_what_is_compared() -> None:
    """Another rule about the same text is another finding."""
    head, base = report(Found("a.py", 3, "x = y", "W0001")), report(Found("a.py", 3, "x = y", "W0002"))
    assert mark(head, base, added()) == [(False, True)]


def test_of_equal_findings_the_one_on_an_added_line_is_new() -> None:
    """Whichever comes first in the file."""
    base = report(Found("a.py", 3, "import os"))
    head = report(Found("a.py", 3, "import os"), Found("a.py", 9, "import os"))
    assert mark(head, base, added(a=[3])) == [(True, True), (False, False)]
    assert mark(head, base, added(a=[9])) == [(False, False), (True, True)]


def test_lines_without_text_never_match_from_afar() -> None:
    """An empty line says nothing: two modules without a docstring are not one that moved."""
    head, base = report(Found("b.py", 1, "")), report(Found("a.py", 1, ""))
    assert mark(head, base, added(b=[1])) == [(True, True)]


def test_a_file_that_could_not_be_read_at_the_base() -> None:
    """Nothing is known of what it held: new is what stands on an added line."""
    head = report(Found("a.py", 3, "import os"), Found("a.py", 9, "import re"), Found("b.py", 1, "import re"))
    base = report(Found("a.py", 1, "def (", "E0001"), failed=("a.py",))
    assert mark(head, base, added(a=[9])) == [(False, False), (True, True), (False, True)]


@pytest.mark.parametrize("rule", sorted(new_findings.WHOLE_PROGRAM))
def test_findings_about_the_whole_program_are_never_new(rule: str) -> None:
    """They stand at the file that the tool read last, whatever they are about."""
    head = report(Found("a.py", 1, "import b", rule))
    for base in (None, report()):
        assert mark(head, base, added(a=[1])) == [(True, False)]


def test_in_files_that_do_not_differ_nothing_is_new() -> None:
    """A line that says something else by now is a matter of the work tree, not of the change."""
    head = report(Found("c.py", 1, "import os"))
    for base in (None, report()):
        assert mark(head, base, added(c=[1])) == [(True, False)]


def test_without_a_report_of_the_base_added_lines_tell() -> None:
    """What stands on one is new, the rest is old."""
    head = report(Found("a.py", 1, "import os"), Found("a.py", 2, "import re"), Found("b.py", 0, "import re"))
    assert mark(head, None, added(a=[2])) == [(False, False), (True, True), (False, False)]


def test_a_finding_keeps_everything_else() -> None:
    """Order and fields are those of the tool."""
    head = report(Found("a.py", 9, "b", "W2"), Found("a.py", 1, "a", "W1"))
    found = new_findings.mark(head, None, added(), ())
    assert [(each.rule, each.line, each.fingerprint) for each in found] == [
        (each.rule, each.line, each.fingerprint) for each in head.findings
    ]


ANY_FOUND = st.builds(
    Found,
    st.sampled_from(["a.py", "b.py", "c.py"]),
    st.integers(0, 9),
    st.sampled_from(["", "import os", "import re", " x = 1"]),
    st.sampled_from(["W0611", "W0612", "R0801"]),
    st.sampled_from([None, "f", "C.f"]),
)
ANY_LINES = st.sets(st.integers(1, 9))
ANY_PATCH = st.builds(lambda a, b, c: added(a=a, b=b, c=c), ANY_LINES, ANY_LINES, ANY_LINES)


@given(st.lists(ANY_FOUND), ANY_PATCH, st.randoms())
def test_nothing_of_an_unchanged_copy_is_new(found: list[Found], patch: Patch, order: Any) -> None:
    """Whatever lines are called added, and in whatever order the tool tells them."""
    shuffled = found.copy()
    order.shuffle(shuffled)
    marked = mark(report(*found), report(*shuffled), patch, ("a.py", "b.py", "c.py"))
    assert not any(is_new for _, is_new in marked)


@given(st.lists(ANY_FOUND), st.lists(ANY_FOUND), ANY_PATCH)
def test_new_ones_are_as_many_as_the_base_lacks(head: list[Found], base: list[Found], patch: Patch) -> None:
    """Per rule and text, what is new is never less than head has more than base, and never more than head has."""

    def kinds(findings: Iterable[Finding], found: list[Found]) -> Counter[str]:
        contents = {each.finding.fingerprint: each.content for each in found}
        return Counter(contents[each.fingerprint] for each in findings if each.rule not in new_findings.WHOLE_PROGRAM)

    marked = new_findings.mark(report(*head), report(*base), patch, ("a.py", "b.py", "c.py"))
    new = kinds((each for each in marked if each.is_new), head)
    ours, theirs = kinds(marked, head), kinds((each.finding for each in base), base)
    assert ours - theirs <= new <= ours
    for content in ours:
        if content:
            assert new[content] == (ours - theirs)[content]
