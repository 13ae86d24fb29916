"""How a quality score came about: every formula filled in with the numbers of the summary, and computed anew.

Nothing is copied that can be computed: where a figure of the summary differs from the one that its own counts give, the
text says so. Foreign text (reasons, where coverage comes from) is cleaned of control characters.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.text import Text

from ai_code_metrics.measure import complexity, line_coverage, lint, quality, security
from ai_code_metrics.model import Unavailable
from ai_code_metrics.report.escape import plain
from ai_code_metrics.report.wording import NOT_AVAILABLE, number, plural
from ai_code_metrics.setting_kinds import DEFAULT_THRESHOLDS, DEFAULT_WEIGHTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import Console

    from ai_code_metrics import model

_SAME: Final = 1e-6  # a summary holds the digits of a float; what differs by more was not computed from its counts
_MAX_TEXT: Final = 300


@dataclass(frozen=True, slots=True)
class Component:
    """One component as its counts give it, None where it could not be measured, and the formula in words."""

    name: str
    score: float | None
    lines: tuple[str, ...]


def print_explanation(summary: model.Summary, console: Console) -> None:
    """Print the explanation of a summary; ``summary`` is untrusted."""
    for line in explain(summary):
        console.print(Text(line.encode(console.encoding, "replace").decode(console.encoding)), soft_wrap=True)


def components(summary: model.Summary) -> tuple[Component, ...]:
    """Compute the components anew from the counts and findings of the summary."""
    return (
        _coverage(summary.coverage),
        _lint(summary.lint),
        _security(summary.security),
        _complexity(summary.complexity),
    )


def explain(summary: model.Summary) -> Iterator[str]:
    """Yield the explanation line by line, fit for a terminal."""
    told, parts = summary.quality, components(summary)
    yield from _headline(told)
    for part in parts:
        yield from part.lines
        yield from _difference(part.score, None if isinstance(told, Unavailable) else told.components.get(part.name))
    if not isinstance(told, Unavailable):
        yield ""
        yield from _whole(summary, told, {part.name: part.score for part in parts})
        yield from _patch(told.patch)


def _whole(summary: model.Summary, told: model.Quality, scores: Mapping[str, float | None]) -> Iterator[str]:
    weights = {name: told.weights.get(name, 0.0) for name in DEFAULT_WEIGHTS}
    thresholds = {letter: told.thresholds.get(letter, bound) for letter, bound in DEFAULT_THRESHOLDS.items()}
    grave = 0 if isinstance(summary.security, Unavailable) else sum(map(security.is_grave, summary.security.findings))
    computed = quality.assess(scores, weights, thresholds, grave=grave)
    yield f"weights: {', '.join(f'{name} {_decimal(weight)}' for name, weight in weights.items())}"
    yield "  a value judgement; the setting `weights` of the configuration file holds yours"
    if isinstance(computed, Unavailable):
        yield "score: none, because no component that has a weight was measured"
        return
    yield from _mean(computed)
    yield from _difference(computed.score, told.score)
    yield ""
    yield from _grade(computed, grave, told)
    yield ""
    yield from _moves(computed, grave)


def _headline(told: model.Quality | Unavailable) -> Iterator[str]:
    if isinstance(told, Unavailable):
        yield f"no quality score: {plain(told.reason, _MAX_TEXT)}"
    else:
        yield f"quality score {number(told.score)}, grade {told.grade}{' (partial)' if told.partial else ''}"
    yield ""


def _difference(computed: float | None, told: float | None) -> Iterator[str]:
    if computed is not None and told is not None and abs(computed - told) > _SAME:
        yield f"  the summary says {number(told)}, which is not what its own counts give"


def _coverage(part: model.Coverage | Unavailable) -> Component:
    if isinstance(part, Unavailable):
        return _absent("coverage", part.reason)
    total = part.num_statements + part.num_branches
    if not total:
        return _absent("coverage", "the summary counts no statement")
    value = line_coverage.percent(part.covered_lines + part.covered_branches, total)
    filled = f"100 · ({part.covered_lines} + {part.covered_branches}) / ({part.num_statements} + {part.num_branches})"
    words = "(covered lines + covered branches) / (statements + branches)"
    source = f"; {plain(part.source, _MAX_TEXT)}" if part.source else ""
    return Component("coverage", value, (f"coverage = {filled} = {number(value)}", f"  {words}{source}"))


def _lint(part: model.Lint | Unavailable) -> Component:
    if isinstance(part, Unavailable):
        return _absent("lint", part.reason)
    if lint.is_unparsable(part.statements, part.files_failed):
        return Component("lint", 0.0, ("lint = 0", "  no file could be parsed"))
    messages = Counter(part.messages)
    value = lint.score(messages, part.statements)
    if messages["fatal"]:
        return Component("lint", value, ("lint = 0", f"  {plural(messages['fatal'], 'fatal message')}"))
    counts = f"{messages['error']} + {messages['warning']} + {messages['refactor']} + {messages['convention']}"
    filled = f"max(0, 100 - 100 · ({lint.ERROR_WEIGHT}·{counts}) / {max(1, part.statements)})"
    words = f"({lint.ERROR_WEIGHT}·errors + warnings + refactors + conventions) / statements, ten times pylint's score"
    return Component("lint", value, (f"lint = {filled} = {number(value)}", f"  {words}"))


def _security(part: model.Security | Unavailable) -> Component:
    if isinstance(part, Unavailable):
        return _absent("security", part.reason)
    terms = security.terms(part.findings)
    risk, value = security.risk(terms, part.source_lines), security.score(part.findings, part.source_lines)
    high, spread = ([term for term in terms if (term.severity == "high") is is_high] for is_high in (True, False))
    filled = f"{_sum(high)} + {_sum(spread)} / max(1, {part.source_lines} / 1000)"
    lines = [
        f"security = 100 · 2^(-R / {_decimal(security.HALVING)}) = {number(value)}",
        f"  R = {filled} = {risk:.4f}",
        *(
            f"    {plural(term.findings, f'{term.severity} finding')}: each weighs {_decimal(term.weight)}, "
            f"and its confidence {_decimal(term.certainty)} of that"
            for term in terms
        ),
        "  high findings are counted, the others are a density by 1,000 lines of code",
    ]
    return Component("security", value, tuple(lines))


def _sum(terms: list[security.Term]) -> str:
    texts = [f"{term.findings}·{_decimal(term.weight)}·{_decimal(term.certainty)}" for term in terms]
    return f"({' + '.join(texts)})" if len(texts) > 1 else "".join(texts) or "0"


def _complexity(part: model.Complexity | Unavailable) -> Component:
    if isinstance(part, Unavailable):
        return _absent("complexity", part.reason)
    lines = {name: part.lines_by_band.get(name, 0) for name, _, _ in complexity.BANDS}
    if not sum(lines.values()):
        words = "  as the summary says: it is of an earlier version, and doesn't hold the lines by band"
        return Component("complexity", part.score, (f"complexity = {number(part.score)}", words))
    value = complexity.score(lines)
    penalised = " + ".join(f"{lines[name]}·{_decimal(penalty)}" for name, _, penalty in complexity.BANDS)
    bands = [
        f"  {name.replace('_', ' ')} ({f'up to {bound}' if bound else 'above'}): "
        f"{plural(part.bands.get(name, 0), 'function')} of {plural(lines[name], 'line')}, "
        f"of which {_decimal(100 * penalty)} % are taken off"
        for name, bound, penalty in complexity.BANDS
    ]
    filled = f"100 · (1 - ({penalised}) / {sum(lines.values())})"
    return Component("complexity", value, (f"complexity = {filled} = {number(value)}", *bands))


def _absent(name: str, reason: str) -> Component:
    return Component(name, None, (f"{name}: not measured", f"  {plain(reason, _MAX_TEXT)}"))


def _mean(computed: model.Quality) -> Iterator[str]:
    scores = quality.weighed(computed.components, computed.weights)
    total = _decimal(sum(computed.weights[name] for name in scores))
    counted = {name: max(quality.FLOOR, value) for name, value in scores.items()}
    products = {name: computed.weights[name] * math.log(value) for name, value in counted.items()}
    logarithms = " + ".join(f"{_decimal(computed.weights[name])}·ln {number(counted[name])}" for name in scores)
    logarithm = sum(products.values()) / sum(computed.weights[name] for name in scores)
    yield "score = the weighted geometric mean, so that one bad component can't be made up for by the others"
    yield f"  = exp(({logarithms}) / {total})"
    yield f"  = exp(({' + '.join(f'{product:.4f}' for product in products.values())}) / {total})"
    yield f"  = exp({logarithm:.4f}) = {number(computed.score)}"
    raised = [name for name in scores if scores[name] < quality.FLOOR]
    if raised:
        yield f"  {', '.join(raised)}: below {_decimal(quality.FLOOR)}, which is the least that a component counts"
    if computed.missing:
        yield f"  without {', '.join(computed.missing)}: the other weights are divided by their sum"


def _grade(computed: model.Quality, grave: int, told: model.Quality) -> Iterator[str]:
    by_score = quality.grade(computed.score, thresholds=computed.thresholds)
    bounds = ", ".join(f"{letter} from {_decimal(bound)}" for letter, bound in computed.thresholds.items())
    yield f"grade = {computed.grade}"
    yield f"  by the score {by_score}: {bounds}, else F"
    for best, reason in quality.caps(computed.missing, grave).items():
        effect = "lowers the grade" if best > by_score else "changes nothing, the score gives no better grade"
        yield f"  cap: at best {best}: {reason}; {effect}"
    if not computed.caps:
        yield "  no cap applies: every component with a weight was measured, and no high finding is more than a guess"
    if computed.partial:
        yield f"  partial: {', '.join(computed.missing)} not measured"
    if computed.grade != told.grade:
        yield f"  the summary says {told.grade}, which is not what its own counts give"


def _moves(computed: model.Quality, grave: int) -> Iterator[str]:
    scores = quality.weighed(computed.components, computed.weights)
    best = quality.best_grade(quality.caps(computed.missing, grave))
    yield "when one weight moves by half:"
    for name, moved in quality.moved_weights(computed.weights):
        if name in scores:
            direction = "down" if moved[name] < computed.weights[name] else "up"
            value = quality.score(scores, moved)
            letter = quality.grade(value, best, computed.thresholds)
            effect = "" if letter == computed.grade else ", another grade"
            yield f"  {name} {direction} to {_decimal(moved[name])}: {number(value)}, grade {letter}{effect}"
    yield f"  grades reached: {', '.join(computed.grade_range)}"


def _patch(part: model.PatchQuality | None) -> Iterator[str]:
    if part is None:
        return
    score = NOT_AVAILABLE if part.score is None else f"{number(part.score)}, grade {part.grade or NOT_AVAILABLE}"
    yield ""
    yield f"the patch alone: {score}"
    lines = f"{plural(part.lines, 'added line')} that are not blank, in {plural(part.files, 'measured file')}"
    yield f"  {plural(part.statements, 'statement')} on {lines}"
    for name in quality.COMPONENTS if part.files else ():
        value = part.components.get(name)
        known = plain(part.reasons.get(name, "not measured"), _MAX_TEXT) if value is None else number(value)
        yield f"  {name}: {known}"
    for text in filter(None, (*part.caps, *part.notes, part.reasons.get("score"))):
        yield f"  {plain(text, _MAX_TEXT)}"


def _decimal(value: float) -> str:
    return f"{value:.6g}"
