"""Shapes of commit messages: headers and what may follow them, by the grammar and beside it, with slots for words.

A message is a header and a rest, so that what a reader makes of one part shows on its own. ``commit_corpus.txt`` holds
whole messages of the shapes that histories hold, in words of our own, with a line ``%%`` between two of them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ai_code_metrics.measure.conventional import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HEADERS: Final = (
    "{type}: {words}",
    "{type}({scope}): {words}",
    "{type}!: {words}",
    "{type}({scope})!: {words}",
    "FEAT: {words}",
    "Fix({scope}): {words}",
    "fix(API)!: {words}",
    "{type}(api,cli)!: {words}",
    "{type}(api, cli): {words}",
    "{type}(api/cart): {words}",
    "{type}(api cart): {words}",
    "{type}(@shop/cart-api): {words}",
    "{type}(корзина): {words}",
    "{type}(*): {words}",
    "{type}(api)(cli): {words}",
    "{type}(a(b)): {words}",
    "{type}(): {words}",
    "{type}( ): {words}",
    "{type}( {scope} ): {words}",
    "{type}(): ",
    "{type} ({scope}): {words}",
    "{type}!({scope}): {words}",
    "{type}({scope}) !: {words}",
    "{type}({scope})!!: {words}",
    "{type}! : {words}",
    "{type}({scope}: {words}",
    "{type} {scope}): {words}",
    "({scope}): {words}",
    "!: {words}",
    ": {words}",
    "{type}:{words}",
    "{type}({scope}):{words}",
    "{type}!:{words}",
    "{type} : {words}",
    "{type} {words}",
    "{type};  {words}",
    "{type}:\t{words}",
    "{type}:\u00a0{words}",
    "{type}\uff1a{words}",
    "{type}\uff1a {words}",
    "{type}:",
    "{type}: ",
    "{type}:   ",
    "{type}:  {words}",
    "{type}: {words}   ",
    "{type}: {words}\t",
    " {type}: {words}",
    "\t{type}: {words}",
    "{type}: {words}.",
    "{type}: {words}: {words}",
    "{type}: {words} (#{n})",
    "{type}: {words}, closes #{n}",
    "{type}: #{n}",
    "{type}: !{words}",
    "{type}: 修复登录页面",
    "{type}: 🎉 {words}",
    "🎉 {type}: {words}",
    "house-keeping: {words}",
    "house_keeping: {words}",
    "_{type}: {words}",
    "feat2: {words}",
    "2fa: {words}",
    "i18n({scope}): {words}",
    "исправление: {words}",
    "功能: {words}",
    "añade: {words}",
    "api/cart: {words}",
    "cart.py: {words}",
    "c++: {words}",
    "{type}+fix: {words}",
    "{type},fix: {words}",
    "{type}|fix: {words}",
    "[{type}]: {words}",
    "[{type}] {words}",
    "**{type}**: {words}",
    "two words: {words}",
    "https://example.org: {words}",
    "wip: {words}",
    "Add a cart",
    "Add a cart: {words}",
    "Fix #{n}",
    "Fix #{n}: {words}",
    "{type}[{scope}]: {words}",
    "PY3.11: {words}",
    "PD-{n}: {words}",
    ":sparkles: {type}: {words}",
    "revert: {type}: {words}",
    "revert({scope}): {type}({scope}): {words}",
    'Revert "{type}: {words}"',
    'revert: "{type}: {words}"',
    'revert "{type}({scope}): {words}"',
    "fixup! {type}: {words}",
    "Merge branch 'main' into cart",
    "BREAKING CHANGE: {words}",
    "BREAKING-CHANGE: {words}",
)

RESTS: Final = (
    "",
    "\n",
    "\n\n{words}",
    "\n\n{words}\n{words}\n\n{words}\n",
    "\n\n\n{words}",
    "\n\n  {words}",
    "\n \n{words}",
    "\n\n{words}   \n\n{words}\t",
    "\n{words}",
    "\n{words}\n\n{words}",
    "\n{token}: {name}",
    "\nBREAKING CHANGE: {words}",
    "\r\n\r\n{words}\r\n",
    "\r\n\r\n{words}\r\n\r\n{token}: {name}\r\n",
    "\r\n\r\nBREAKING CHANGE: {words}\r\n{words}\r\n",
    # footers by the grammar
    "\n\n{token}: {name}",
    "\n\nRefs #{n}",
    "\n\nFixes #{n}",
    "\n\nfixes: #{n}",
    "\n\nrefs: {n}",
    "\n\n{words}\n\n{token}: {name}\nRefs #{n}",
    "\n\n{words}\n\nRefs #{n}\n{token}: {name}",
    "\n\n{words}\n\n{words}\n\n{token}: {name}\nSigned-off-by: {name}\n",
    "\n\n{token}: {name}\n\nRefs #{n}",
    "\n\n{token}: {words}\n  {words}",
    "\n\n{token}: {words}\n{words}",
    "\n\n{token}: {words}\n\n{words}",
    "\n\n{token}: {words}\n\n{words}\n\nRefs #{n}",
    "\n\n{token}: {words}\n\n  {words}\nRefs: {n}",
    "\n\n{words}\n\n{token}: {words}\n{words}\nRefs: {n}",
    "\n\n{token}: {name}  \n",
    "\n\n{token}:  {name}",
    "\n\n{token}: a: b",
    "\n\n{token}: https://example.org/{n}",
    "\n\nCloses: #{n}, #{n}",
    "\n\nSee-also: {sha}\nSee-also: {sha}",
    # breaking changes
    "\n\nBREAKING CHANGE: {words}",
    "\n\nBREAKING-CHANGE: {words}",
    "\n\n{words}\n\nBREAKING CHANGE: {words}",
    "\n\n{words}\n\nBREAKING CHANGE: {words}\n{words}\n\n{words}",
    "\n\n{words}\n\nBREAKING CHANGE: {words}\n  {words}",
    "\n\n{words}\n\nBREAKING CHANGE: {words}\n\nRefs #{n}",
    "\n\n{words}\n\nBREAKING CHANGE: {words}\n{token}: {name}",
    "\n\n{token}: {name}\nBREAKING CHANGE: {words}",
    "\n\n{token}: {name}\n\nBREAKING CHANGE: {words}",
    "\n\nBREAKING CHANGE: {words}\nBREAKING CHANGE: {words}",
    "\n\nBREAKING CHANGE: {words}\n\nBREAKING-CHANGE: {words}",
    "\n\n{words}\nBREAKING CHANGE: {words}",
    "\n\n{words}\n\n{words}\nBREAKING CHANGE: {words}\n\n{words}",
    "\n\nbreaking change: {words}",
    "\n\nBreaking Change: {words}",
    "\n\nBreaking-Change: {words}",
    "\n\nBREAKING CHANGES: {words}",
    "\n\nBREAKING: {words}",
    "\n\nBREAKING CHANGE:{words}",
    "\n\nBREAKING CHANGE : {words}",
    "\n\nBREAKING CHANGE {words}",
    "\n\nBREAKING CHANGE #{n}",
    "\n\nBREAKING-CHANGE #{n}",
    "\n\nBREAKING  CHANGE: {words}",
    "\n\nBREAKING_CHANGE: {words}",
    "\n\nBREAKING CHANGE:",
    "\n\nBREAKING CHANGE: ",
    "\n\nBREAKING CHANGE:\n{words}",
    "\n\nBREAKING CHANGE: \n{words}",
    "\n\nBREAKING CHANGE:\n\n* {words}\n* {words}",
    "\n\n* BREAKING CHANGE: {words}",
    "\n\n  BREAKING CHANGE: {words}",
    "\n\n**BREAKING CHANGE**: {words}",
    "\n\n{words} BREAKING CHANGE: {words}",
    # what looks like a footer
    "\n\n{token}:{name}",
    "\n\n{token} : {name}",
    "\n\n{token}:\t{name}",
    "\n\n{token}:",
    "\n\n{token}: ",
    "\n\n{token}: {name}\nRefs:",
    "\n\n{token}:\n  {name}",
    "\n\n {token}: {name}",
    "\n\nRefs#{n}",
    "\n\nRefs  #{n}",
    "\n\nRefs #",
    "\n\nRefs: #{n}",
    "\n\nReviewed by: {name}",
    "\n\nReviewed_by: {name}",
    "\n\nÜberprüft-von: {name}",
    "\n\n作者: {name}",
    "\n\n-by: {name}",
    "\n\ncart/api: {words}",
    "\n\ncart(api): {words}",
    "\n\ncart.py: {words}",
    "\n\n12: {words}",
    "\n\nhttps://example.org/{n}",
    "\n\n- {token}: {name}",
    "\n\n> {token}: {name}",
    "\n\n{words}\n{token}: {name}",
    "\n\n{words}\nSigned-off-by: {name}",
    "\n\n{words}\n{words}\n{words}\n{words}\nSigned-off-by: {name}",
    "\n\n{token}: {name}\n{words}\nSigned-off-by: {name}",
    "\n\n{words}\n\n{token}: {name}\n{words}",
    "\n\nSigned-off-by: {name}\n{words}",
    "\n\nSigned-off-by: {name}\n\n{words}",
    "\n\n{words}\n\n  {words}\nSigned-off-by: {name}",
    "\n\n{words}\n\n  {words}\n{token}: {name}",
    "\n\n{words}\n\n(cherry picked from commit {sha})",
    "\n\n{words}\n\n{token}: {name}\n(cherry picked from commit {sha})",
    "\n\n{words}\n{words}\n(cherry picked from commit {sha})\n{token}: {name}",
    "\n\n{words}\n(cherry picked from commit {sha})",
    "\n\n{token}: {name}\n# {words}",
    "\n\n{token}: {name}\n#{n}",
    "\n\n# {words}\n{token}: {name}",
    "\n\n{token}: {name}\n---\n{words}",
    "\n\n{token}: {name}\n\n---\n\n{words}",
    "\n\n{words}\n\n---\n\n{words}",
    "\n\n[{n}]: https://example.org/{n}",
    "\n\nNote: {words}\n\n{words}\n\n{token}: {name}",
    "\n\nNote that #{n} {words}",
    "\n\nSee #{n} {words}",
    "\n\n{words}: {words}\n\n{token}: {name}",
    "\n\n{words}\n\nThis reverts commit {sha}.",
    "\n\nThis reverts commit {sha}.\n\nRefs: {sha}, {sha}",
    "\n\nRefs: {sha}",
    "\n\n{words} closes #{n}",
    "\n\nFixes #{n}: {words}",
    "\n\nFixes #{n}, #{n}",
    "\n\nFix #{n}\nand #{n}",
)


CORPUS: Final = Path(__file__).parent / "commit_corpus.txt"


@dataclass(frozen=True, slots=True)
class Shaped:
    """A message, with the shapes that its header and its rest were made of."""

    text: str
    header: str
    rest: str

    def shape(self, part: str) -> str:
        """The shape of ``header`` or ``rest``."""
        return self.header if part == "header" else self.rest


PLAIN: Final = {
    "type": "feat",
    "scope": "api",
    "words": "add a cart",
    "token": "Reviewed-by",
    "name": "Zoe",
    "n": "12",
    "sha": "676104e",
}
_CHOICES: Final = {
    "type": sorted(TYPES),
    "scope": ["api", "core", "deps-dev", "v2", "web_ui", "http.client", "$state", "ядро"],
    "words": [
        "add a cart", "drop the old total", "don't round", "use `Cart.total()`", "支持购物车", "добавить корзину",
        "🎉 party", "e.g. this", "50% faster", "a/b and <c>", "x -> y", "(maybe) later", 'quote "it"', "naïve",
        "سلة التسوق",
    ],
    "token": ["Reviewed-by", "Acked-by", "Co-authored-by", "Refs", "See-also", "x", "Change-Id", "ticket-2"],
    "name": ["Zoe", "Zoe Q. <zoe@example.org>", "Æsa", "山田", "I0123456789abcdef", "zoe (on behalf)"],
    "n": ["1", "12", "4711"],
    "sha": ["676104e", "676104ea215868676104ea215868676104ea2158"],
}  # fmt: skip


def plain_messages() -> Iterator[Shaped]:
    """Yield each shape once, beside the plainest other part, in the words of the table."""
    for header in HEADERS:
        yield _shaped(header, "", PLAIN)
    for rest in RESTS:
        yield _shaped(HEADERS[0], rest, PLAIN)


def corpus() -> Iterator[Shaped]:
    """Yield the messages of the corpus; each part is its own shape."""
    for text in CORPUS.read_text(encoding="utf-8").removesuffix("\n").split("\n%%\n"):
        header, feed, rest = text.partition("\n")
        yield Shaped(text, header, feed + rest)


def varied_messages() -> Iterator[Shaped]:
    """Yield each header before each rest, in words drawn anew, always the same ones."""
    draw = random.Random(1)  # noqa: S311 - no secret
    for header in HEADERS:
        for rest in RESTS:
            yield _shaped(header, rest, {slot: draw.choice(values) for slot, values in _CHOICES.items()})


def _shaped(header: str, rest: str, words: Mapping[str, str]) -> Shaped:
    return Shaped(header.format_map(words) + rest.format_map(words), header, rest)
