"""What a commit message consists of, for any project: header, prose, trailers and links to issues.

Texts are looked at up to fixed lengths, which no message that people read comes near: a hostile one costs no more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ai_code_metrics.measure import conventional
from ai_code_metrics.measure.commit_words import CJK_FILLERS, FILLERS, FUNCTION_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MAX_HEADER: Final = 1_000
MAX_BODY: Final = 20_000
MAX_CUSTOM_LINES: Final = 200
MAX_CUSTOM_LINE: Final = 300

_LINK: Final = re.compile(
    r"""(?<![\w&\#/.-])(?:[\w.-]{1,100}/[\w.-]{1,100}|AB|GH)?\#[1-9]\d{0,8}\b   # #12, o/r#12, AB#12 (Azure Boards)
      | \bGH-[1-9]\d{0,8}\b
      | (?<![^\s(\[,;:])![1-9]\d{0,8}\b                                           # a merge request of GitLab
      | https?://[^\s<>]{1,300}?
        (?:/(?:issues?|pulls?|merge_requests|pull-requests|bugs?|tickets?|work_items|edit)/\#?\d{1,9}
          |/browse/[A-Z][A-Z0-9_]{0,30}-\d{1,9} | [?&]id=\d{1,9} | /issue\d{1,9})\b
    """,
    re.VERBOSE,
)
_URL: Final = re.compile(r"\bhttps?://\S+")
_SQUASH_SUFFIX: Final = re.compile(r" \(#\d+\)$")
_TRAILER: Final = re.compile(r"([A-Za-z0-9][A-Za-z0-9-]*)[ \t]*:[ \t]*\S")
_CHERRY_PICK: Final = re.compile(r"\(cherry picked from commit ")
_TRAILER_TOKENS: Final = (
    "signed-off-by|co-authored-by|co-developed-by|reviewed-by|acked-by|tested-by|reported-by|suggested-by|approved-by"
    "|helped-by|assisted-by|generated-by|change-id|reviewed-on"
)
_KNOWN_TOKEN: Final = re.compile(rf"(?:{_TRAILER_TOKENS})\b", re.IGNORECASE)
_HYPHENATED_TRAILER: Final = re.compile(r"[A-Za-z0-9]+(?:-[A-Za-z0-9]+)+:[ \t]")
_COMMENT: Final = re.compile(r"#{1,6}(?:\s|$)")  # of git's editor, or a Markdown heading
_UNTICKED: Final = re.compile(r"\s*(?:[-*+]|\d{1,3}[.)])[ \t]+\[ \](?:\s|$)")
_SCISSORS: Final = re.compile(r"^# -{3,} >8 -{3,}$", re.MULTILINE)
_CUT_MARK: Final = "[...]"
_CUT_HEADER: Final = 12_000  # characters; the reader cuts messages of far more bytes than that in their middle
_SEPARATORS: Final = re.compile(r"""[\s,;:/|()\[\]{}<>"`*=+—–…!?，。、；：（）「」]+""")  # noqa: RUF001 - it lists them
_UNSPACED: Final = re.compile(
    "[\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
_SYLLABIC: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")


@dataclass(frozen=True, slots=True)
class Message:
    """A message taken apart; ``body`` are the lines after the header, ``prose`` its sentences on one line.

    ``content_words`` counts the words of the description that say what changed; a trailer in its place says nothing.
    """

    header: str
    description: str
    parsed: conventional.ConventionalCommit | None
    body: tuple[str, ...]
    prose: str
    is_trailer: bool
    content_words: int

    @property
    def says_nothing(self) -> bool:
        """Whether neither header nor body has a word that tells anything, as in ``wip``."""
        return not self.content_words and not self.prose


def read(text: str) -> Message:
    """Take a message apart; the description is the header without a Conventional Commits type and scope."""
    header, _, rest = text.partition("\n")
    parsed = conventional.parse(text)
    body = _body(header, rest)
    description = (parsed.description if parsed else header)[:MAX_HEADER]
    is_trailer = bool(_KNOWN_TOKEN.match(header) and _TRAILER.match(header))
    words = 0 if is_trailer else count_content_words(description)
    return Message(header, description, parsed, body, prose(body), is_trailer, words)


def _body(header: str, rest: str) -> tuple[str, ...]:
    """The lines after the header, without the diff that ``git commit --verbose`` sets below its scissors."""
    if ">8" in rest:
        rest = _SCISSORS.split(rest, maxsplit=1)[0]
    if not rest.strip():
        return ()
    lines = tuple(rest[:MAX_BODY].rstrip().split("\n"))
    # Cut within its first line, a message has no second line that could be judged
    return () if len(header) >= _CUT_HEADER and lines[0] == _CUT_MARK else lines


def as_written(header: str) -> str:
    """The header without the `` (#12)`` that GitHub appends to a squash merge."""
    match = _SQUASH_SUFFIX.search(header[-20:])
    return header.removesuffix(match[0]) if match else header


def count_words(text: str) -> int:
    """Count words of any script: by white space, two CJK characters a word, four of Thai, Lao, Burmese and Khmer."""
    return len(_spaced_words(text)) + _unspaced_words(text)


def count_content_words(description: str) -> int:
    """Count distinct words that say what changed: no references, URLs, fillers, function words or single letters."""
    text = CJK_FILLERS.sub(" ", without_references(description))
    words = {word.casefold() for word in _spaced_words(text)}
    return len({word for word in words - FILLERS - FUNCTION_WORDS if len(word) > 1}) + _unspaced_words(text)


def without_references(text: str) -> str:
    """Drop links to issues and other URLs."""
    return _URL.sub(" ", _LINK.sub(" ", text))


def has_link(text: str, custom: re.Pattern[str] | None = None) -> bool:
    """Whether a message links an issue or pull request; ``custom`` sees only lines of bounded length and number."""
    header, _, rest = text.partition("\n")
    bounded = f"{header[:MAX_HEADER]}\n{rest[:MAX_BODY]}"
    if _LINK.search(bounded):
        return True
    lines = bounded.split("\n")[:MAX_CUSTOM_LINES]
    return custom is not None and any(custom.search(line[:MAX_CUSTOM_LINE]) for line in lines)


def prose(body: Sequence[str]) -> str:
    """The sentences of a body, white space single.

    No prose are trailers, code, squash bullets, comments (git's and HTML), headings, unticked boxes, URLs, references.
    """
    own_trailers = {line for line in _last_paragraph(_without_comments(body)) if _HYPHENATED_TRAILER.match(line)}
    kept = [line for line in _without_code(body) if not _is_bookkeeping(line) and line.rstrip() not in own_trailers]
    parts = "\n".join(kept).split("<!--")
    lines = (parts[0] + " ".join(part.partition("-->")[2] for part in parts[1:])).split("\n")
    text = "\n".join(line for line in lines if not _COMMENT.match(line) and not _UNTICKED.match(line))
    return " ".join(without_references(text).split())


def trailer_problem(body: Sequence[str]) -> str | None:
    """Say why git would not read a trailer that the body seems to have; None when all is well."""
    known = [line for line in body if _KNOWN_TOKEN.match(line)]
    if not known:
        return None
    if any(not _TRAILER.match(line) for line in known):
        return "a trailer has no `: ` and value after its token"
    if not _is_trailer_block(_last_paragraph(_without_comments(body))):
        return "git reads trailers only in a last paragraph of their own"
    return None


def _is_trailer_block(lines: Sequence[str]) -> bool:
    """Git's rule: all lines are trailers, or a quarter of them with one that git itself writes (trailer.c)."""
    trailers = others = 0
    by_git = continues = False
    for line in lines:
        if line[:1].isspace() and continues:
            continue  # the value of the trailer before it goes on
        continues = bool(_TRAILER.match(line) or _CHERRY_PICK.match(line))
        trailers += continues
        others += not continues
        by_git = by_git or line.startswith("Signed-off-by: ") or bool(_CHERRY_PICK.match(line))
    return trailers > 0 and (others == 0 or (by_git and trailers * 3 >= others))


def _without_comments(body: Sequence[str]) -> list[str]:
    """The lines that git looks for trailers in: without comments, and the empty lines that they leave at the end."""
    lines = [line for line in body if not _COMMENT.match(line)]
    while lines and not lines[-1].strip():
        lines.pop()
    return lines


def _last_paragraph(body: Sequence[str]) -> list[str]:
    """The lines after the last empty one; a body that is joined to the header has none of its own."""
    lines = [line.rstrip() for line in body]
    for index in range(len(lines) - 1, -1, -1):
        if not lines[index]:
            return lines[index + 1 :]
    return []


def _without_code(body: Sequence[str]) -> Iterable[str]:
    """Leave out fenced blocks, paragraphs indented by four, and the bullets of a squash merge (`* ` on its own)."""
    is_fenced = is_indented = False
    previous = ""
    for index, line in enumerate(body):
        following = body[index + 1] if index + 1 < len(body) else ""
        if line.lstrip().startswith(("```", "~~~")):
            is_fenced = not is_fenced
        elif not is_fenced:
            starts_paragraph = not previous.strip()
            is_indented = line.startswith(("    ", "\t")) and (is_indented or starts_paragraph)
            is_squash_bullet = line.startswith("* ") and starts_paragraph and not following.strip()
            if not is_indented and not is_squash_bullet:
                yield line
        previous = line


def _is_bookkeeping(line: str) -> bool:
    """A trailer that git, a forge or a review tool writes, wherever it stands (squash merges carry them inside)."""
    return bool(_KNOWN_TOKEN.match(line) or _CHERRY_PICK.match(line))


def _spaced_words(text: str) -> list[str]:
    bare = _SYLLABIC.sub(" ", _UNSPACED.sub(" ", text))
    stripped = (word.strip("'.-_#&@~^%$") for word in _SEPARATORS.split(bare))
    return [word for word in stripped if any(map(str.isalpha, word)) or "." in word]


def _unspaced_words(text: str) -> int:
    return -(-len(_UNSPACED.findall(text)) // 2) + -(-len(_SYLLABIC.findall(text)) // 4)
