"""Words of the commit rubric: what counts as content, what as a reason, and which verb forms are not imperative."""

from __future__ import annotations

import re
from typing import Final


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FILLERS: Final = _words(
    """
    wip update updates updated updating fix fixes fixed fixing fixup misc miscellaneous change changes changed
    changing stuff thing things tweak tweaks tweaked minor small little some various several more other bit bits
    few quick improve improves improved improving improvement improvements cleanup clean cleaned cleaning up
    code codes file files bug bugs issue issues problem problems error errors work works working modify modified
    modification modifications edit edits edited address review comments comment feedback pr temp tmp final
    finally done commit commits oops again try just now new stuff etc adjust adjustments
    """
)
"""Words that say nothing about what changed."""

FUNCTION_WORDS: Final = _words(
    """
    a an the and or but nor of to in on at by for from with without into onto over under as is are was were be
    been being it its this that these those them they we our us you your i my me he she his her not no so than
    then there here when where which who whom what how if else all any each both via per also too very can could
    should would will may might must do does did has have had
    """
)

CJK_FILLERS: Final = re.compile("更新|修复|修正|修改|变更|変更|优化|调整|調整|提交|完善|若干|一些|问题|問題|代码")

REASON: Final = re.compile(
    r"""\b(?:
      because | since | so\ that | so\ (?:we|it|they|users?|you|as) | in\ order\ to | in\ case | instead\ of
    | rather\ than | due\ to
    | (?:to|which|this|would|will|could|and)
      \ (?:avoids?|prevents?|allows?|ensures?|keeps?|stops?|lets?|enables?|supports?)
    | avoids? | avoiding | prevent(?:s|ing)? | otherwise | therefore | thus | hence | the\ reason | that\ is\ why
    | (?:needed|required)\ (?:for|to|by) | caused? | causes | causing | leads?\ to | led\ to | result(?:s|ed)?\ in
    | no\ longer | previously | used\ to | was\ (?:never|not|missing|broken) | makes?\ it | fails? | failed
    | weil | damit | um\ zu | parce\ que | afin\ de | pour\ éviter | porque | para\ que | para\ evitar | para\ não
    | потому\ что | чтобы | из-за | так\ как
    )\b
    | 因为 | 因為 | 由于 | 由於 | 为了 | 為了 | 避免 | 以便 | 防止 | から、 | ため | ので | 때문 | 위해
    """,
    re.IGNORECASE | re.VERBOSE,
)
"""Phrases by which a message gives a reason; looked for in prose of bounded length, its white space made single."""

_VERBS: Final = _words(
    """
    add address adjust allow apply avoid bump bring cache clarify clean convert copy correct create decrease
    define delete deprecate detect disable drop enable enhance ensure exclude expand expose extend extract fix
    generate handle hide ignore implement import improve include increase initialize install integrate introduce
    limit load make merge migrate modify move optimise optimize organize patch prepare prevent print provide
    publish raise read reduce refactor refine reformat remove rename reorder reorganize replace require resolve
    restore restructure return revert rework run save separate show simplify skip sort specify split start stop
    strip support switch tweak unify update upgrade use validate verify wrap
    """
)
_DOUBLED: Final = frozenset({"drop", "run", "skip", "split", "stop", "strip", "wrap"})
_NOUNS: Final = frozenset({"caching", "imports", "patches", "returns", "supports", "uses"})
_VOWELS: Final = frozenset("aeiou")
_IRREGULAR: Final = {
    "brought": "bring",
    "hid": "hide",
    "made": "make",
    "ran": "run",
}


def _third_person(verb: str) -> str:
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return verb[:-1] + "ies"
    return verb + ("es" if verb.endswith(("s", "x", "ch", "sh")) else "s")


def _past(verb: str) -> str:
    if verb in _DOUBLED:
        return verb + verb[-1] + "ed"
    if verb.endswith("y") and verb[-2] not in _VOWELS:
        return verb[:-1] + "ied"
    return verb + ("d" if verb.endswith("e") else "ed")


def _participle(verb: str) -> str:
    if verb in _DOUBLED:
        return verb + verb[-1] + "ing"
    return verb.removesuffix("e") + "ing"


IMPERATIVE_OF: Final = {
    form: verb
    for verb in _VERBS
    for form in (_third_person(verb), _past(verb), _participle(verb))
    if form not in _NOUNS
} | _IRREGULAR
"""A known verb's form in -s, -ed or -ing (and a few irregular pasts) to its imperative."""
