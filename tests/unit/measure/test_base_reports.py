"""Reports of the base: what differs is put back into those of the head."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.measure.base_reports import complexity_at_base, lint_at_base, security_at_base
from ai_code_metrics.records import ComplexityReport, LintReport, SecurityReport
from support.summaries import finding, function, security_finding

REPLACED = frozenset({"changed.py", "new.py"})


def lint(statements: dict[str, int], *paths: str, failed: tuple[str, ...] = (), rule: str = "W1") -> LintReport:
    """A linter's report of files with so many statements, with a finding in each of ``paths``."""
    return LintReport(
        tuple(finding(path=path, rule=rule) for path in paths), sum(statements.values()), len(statements), failed,
        statements_by_file=statements,
    )  # fmt: skip


def test_lint_takes_over_what_does_not_differ() -> None:
    """Findings, statements, files and failures of changed files come from the base, of deleted ones too."""
    head = lint(
        {"same.py": 10, "changed.py": 7, "new.py": 5, "odd.py": 0}, "same.py", "changed.py", "new.py",
        failed=("changed.py", "odd.py"),
    )  # fmt: skip
    older = lint({"changed.py": 3, "gone.py": 4}, "changed.py", "gone.py", "gone.py", failed=("gone.py",))
    base = lint_at_base(head, older, REPLACED)
    assert [each.path for each in base.findings] == ["same.py", "changed.py", "gone.py", "gone.py"]
    assert (base.statements, base.files, base.files_failed) == (17, 4, ("gone.py", "odd.py"))


def test_findings_about_the_whole_program_are_those_of_the_head() -> None:
    """The few files of the base can't tell; the score of both sides has them."""
    head, older = (
        lint({"changed.py": 7}, "changed.py", rule="R0801"),
        lint({"changed.py": 7}, "changed.py", rule="R0401"),
    )
    assert [each.rule for each in lint_at_base(head, older, REPLACED).findings] == ["R0801"]


def security(lines: dict[str, int], *paths: str, failed: tuple[str, ...] = ()) -> SecurityReport:
    return SecurityReport(
        tuple(security_finding(path=path) for path in paths), sum(lines.values()), len(lines) + len(failed), failed,
        lines_by_file=lines,
    )  # fmt: skip


def test_security_takes_over_what_does_not_differ() -> None:
    """A changed file that isn't scanned, as tests are not, has no part in it."""
    head = security({"same.py": 100, "changed.py": 50}, "same.py", "changed.py", failed=("new.py",))
    older = security({"changed.py": 30, "gone.py": 20}, "gone.py")
    base = security_at_base(head, older, REPLACED | {"tests/test_a.py"})
    assert [each.path for each in base.findings] == ["same.py", "gone.py"]
    assert (base.source_lines, base.files, base.files_failed) == (150, 3, ())


def test_complexity_takes_over_what_does_not_differ() -> None:
    """Functions of changed files are those of the base."""
    head = ComplexityReport((function(path="same.py"), function(path="changed.py")), 3, ("new.py",))
    older = ComplexityReport((function(path="changed.py", complexity=2), function(path="gone.py")), 2, ())
    base = complexity_at_base(head, older, REPLACED)
    assert [(each.path, each.complexity) for each in base.functions] == [
        ("same.py", 23), ("changed.py", 2), ("gone.py", 23),
    ]  # fmt: skip
    assert (base.files, base.files_failed) == (3, ())


def test_nothing_differs() -> None:
    """The base is the head."""
    head = lint({"a.py": 1, "b.py": 2}, "a.py", failed=("b.py",))
    base = lint_at_base(head, LintReport((), 0, 0, ()), ())
    assert (base.findings, base.statements, base.files, base.files_failed) == (head.findings, 3, 2, ("b.py",))


TREE = st.dictionaries(st.sampled_from("abcdef"), st.tuples(st.integers(0, 99), st.integers(0, 3)))


def _report(tree: dict[str, tuple[int, int]], kind: Any) -> Any:
    paths = [path for path, (_, count) in sorted(tree.items()) for _ in range(count)]
    return kind({path: size for path, (size, _) in tree.items()}, *paths)


@given(TREE, TREE)
def test_the_base_is_what_a_run_on_all_of_it_would_say(head: dict[str, Any], base: dict[str, Any]) -> None:
    """Of any two trees: from the report of the one, and of what differs in the other, the whole of the other."""
    older = {path: size for path, size in base.items() if head.get(path) != size}
    replaced = {path for path, size in head.items() if base.get(path) != size}
    for kind, join in ((lint, lint_at_base), (security, security_at_base)):
        found, expected = join(_report(head, kind), _report(older, kind), replaced), _report(base, kind)
        assert sorted(each.path for each in found.findings) == sorted(each.path for each in expected.findings)
        assert found.files == expected.files
        size = "statements" if kind is lint else "source_lines"
        assert getattr(found, size) == getattr(expected, size)
