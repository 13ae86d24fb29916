"""A page of worked examples of the scores, computed by the code: what it says is what the tool does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ai_code_metrics.measure import commits, complexity, quality, security
from ai_code_metrics.measure.commits import RubricOptions
from ai_code_metrics.model import Complexity, Finding, Function, Quality, Security
from ai_code_metrics.records import Commit, ComplexityReport, FileChange, SecurityReport
from support import summaries

if TYPE_CHECKING:
    from ai_code_metrics.model import CommitItem
    from support.gold import Gold

# A message, added and deleted lines, and what the example shows
MESSAGES: Final[tuple[tuple[str, int, str], ...]] = (
    ("wip", 3, "Nothing is said; a small change excuses a short explanation, not none."),
    ("Update files", 120, "Fillers tell nobody what changed."),
    ("Cache the exchange rates of a day", 8, "A small change needs no explanation."),
    ("Cache the exchange rates of a day", 90, "The same words for a larger change: a reader asks why."),
    (
        (
            "fix(cart): round totals once\n\nEach line was rounded on its own, so that the sum could differ from what "
            "the\nbank booked. Round the sum instead.\n\nFixes #312"
        ),
        60,
        "What, why and where to read more.",
    ),
    (
        (
            "feat!: ask for the currency of every price\n\nPrices without one were taken for euros, because nothing "
            "said otherwise; half\nof our shops were wrong.\n\nRefs: #77\nBREAKING CHANGE: Price() needs a currency"
        ),
        450,
        "A good message of a large change: the size costs the rest.",
    ),
    (
        "Added a fix for the thing that was broken in the checkout when there are no items in it.",
        40,
        "Long, and no why.",
    ),
    (
        "支付失败时重试三次\n\n因为银行的接口偶尔超时, 用户需要重新付款。",
        40,
        "Two characters of Chinese count as a word.",
    ),
)


def item(message: str, lines: int) -> CommitItem:
    """Score one commit of a project whose history links issues and follows Conventional Commits."""
    commit = Commit(
        "a" * 40, ("b" * 40,), "Ann", "ann@example.com", 0, message, (FileChange("shop/cart.py", lines, 0),)
    )
    scored = commits.score_commits(
        [commit],
        history=(),
        options=RubricOptions("on", "on"),
        range_name="example",
        is_generated=lambda _: False,
    )
    return scored.items[0]


def commit_example(message: str, lines: int, remark: str) -> str:
    """One message as it stands, its score, and a row for each part."""
    scored = item(message, lines)
    quoted = "\n".join(f"    {line}".rstrip() for line in message.split("\n"))
    rows = "\n".join(
        f"| {name} | {round(part.points, 2):g} of {part.max:g} | {'; '.join(part.why)} |"
        for name, part in scored.parts.items()
    )
    formula = f"0.85 · {scored.message_score} + 0.15 · {scored.shape_score} = **{scored.score}**"
    return (
        f"### {scored.score}: {remark}\n\n{quoted}\n\n{lines} changed lines. {formula}\n\n"
        f"| part | points | why |\n|---|---|---|\n{rows}\n"
    )


def finding(severity: str, confidence: str = "high") -> Finding:
    return summaries.finding(tool="bandit", severity=severity, confidence=confidence)


def security_of(*severities: str, lines: int) -> Security:
    measured = security.measure(SecurityReport(tuple(map(finding, severities)), lines, 1, ()))
    assert isinstance(measured, Security)
    return measured


def complexity_of(*functions: tuple[int, int]) -> Complexity:
    """The complexity of functions, each as its number of lines and its cyclomatic complexity."""
    found = tuple(
        Function(path="a.py", name=f"f{number}", line=1, end_line=lines, complexity=cc)
        for number, (lines, cc) in enumerate(functions)
    )
    measured = complexity.measure(ComplexityReport(found, 1, ()))
    assert isinstance(measured, Complexity)
    return measured


def quality_examples() -> str:
    """Rows of components and the score and grade that they lead to."""
    rows = []
    cases = (
        ("all well", 92.0, security_of(lines=5_000), complexity_of((20, 4), (30, 8))),
        ("tests missing in half of the code", 50.0, security_of(lines=5_000), complexity_of((20, 4), (30, 8))),
        ("a function of 200 lines and CC 25 among 500 lines", 92.0, security_of(lines=5_000),
         complexity_of((300, 4), (200, 25))),
        ("ten medium findings in 5,000 lines", 92.0, security_of(*["medium"] * 10, lines=5_000),
         complexity_of((20, 4))),
        ("one high finding", 92.0, security_of("high", lines=5_000), complexity_of((20, 4))),
        ("one high finding in 500,000 lines: size doesn't dilute it", 92.0, security_of("high", lines=500_000),
         complexity_of((20, 4))),
    )  # fmt: skip
    for name, percent, secure, simple in cases:
        found = quality.measure(
            coverage=summaries.coverage(percent=percent),
            lint=summaries.lint(score=95.0),
            security=secure,
            complexity=simple,
            weights={"coverage": 0.3, "security": 0.3, "lint": 0.2, "complexity": 0.2},
        )
        assert isinstance(found, Quality)
        rows.append(
            f"| {name} | {percent:g} | 95 | {round(secure.score, 2):g} | {simple.score:g} "
            f"| {found.score:.2f} | {found.grade} |"
        )
    return "\n".join(
        [
            "| example | coverage | lint | security | complexity | score | grade |",
            "|---|--:|--:|--:|--:|--:|---|",
            *rows,
        ]
    )


def test_the_page_of_worked_examples_is_what_the_code_computes(gold: Gold) -> None:
    """Each example's points, reasons and scores are those of this version."""
    examples = "\n".join(commit_example(*example) for example in MESSAGES)
    gold.check(
        "worked-examples.md",
        "# Worked examples\n\nComputed by the code and held equal by a test; the formulas are in the README.\n\n"
        "## Commits\n\nIn a project whose history links issues and follows Conventional Commits.\n\n"
        f"{examples}\n## Quality\n\nThe weighted geometric mean of the four, with the default weights.\n\n"
        f"{quality_examples()}\n",
    )
