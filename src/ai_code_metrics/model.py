"""The summary, schema version 1: the one record that ``measure`` hands to ``report``, ``publish`` and ``gate``.

Scores and percents are 0-100, shares 0-1, times seconds, memory bytes; numbers are never NaN. A part that could not be
measured is :class:`Unavailable` with the reason, never a zero. Readers treat a summary as untrusted input: the bounds
below are checked when it is decoded, unknown keys are ignored (later versions add keys, they rename none).
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from ai_code_metrics.bounds import MAX_COUNT, Count, Name, Path, Score, Seconds, Sha, Share, Text, Timestamp
from ai_code_metrics.comparison_model import Comparison

SCHEMA_VERSION = 1

Grade = Literal["A", "B", "C", "D", "F"]


class Unavailable(Struct, frozen=True, kw_only=True, tag_field="status", tag="unavailable"):
    """A part that could not be measured, with the reason and the way out in words."""

    reason: Text


class Tool(Struct, frozen=True, kw_only=True):
    """What wrote the summary."""

    name: Name
    version: Name


class Context(Struct, frozen=True, kw_only=True):
    """Where the summary was measured; all of it comes from git and the event, none from the analysed code's output.

    ``directory`` is the measured directory below the top of the repository, empty at the top; every path of the
    summary is relative to it.
    """

    repository: Name | None = None
    branch: Name | None = None
    default_branch: Name | None = None
    event: Name = "local"
    head_sha: Sha | None = None
    head_committed_at: Timestamp | None = None
    base_sha: Sha | None = None
    pull_request: Annotated[int, Meta(ge=1, le=MAX_COUNT)] | None = None
    is_fork: bool = False
    run_url: Text | None = None
    server_url: Text = "https://github.com"
    directory: Path = ""


class Source(Struct, frozen=True, kw_only=True):
    """What was measured: the roots, and the size of the Python files below them (lines that are not blank)."""

    roots: list[Path]
    files: Count
    lines: dict[Name, Count]
    test_files: Count
    other_files: Count


class Finding(Struct, frozen=True, kw_only=True):
    """One message of one tool at one place.

    ``severity`` is the tool's own scale in lower case (pylint: fatal, error, warning, refactor, convention, info;
    bandit: high, medium, low). ``fingerprint`` stays the same when the line merely moves. ``line`` is that of the head
    commit, 0 where it isn't in there; ``on_patch`` and ``is_new`` are null where there is no base to compare with.
    """

    tool: Name
    rule: Name
    name: Name
    message: Text
    path: Path
    line: Count
    severity: Name
    fingerprint: Name
    end_line: Count | None = None
    confidence: Name | None = None
    symbol: Text | None = None
    on_patch: bool | None = None
    is_new: bool | None = None
    origin: Name | None = None


class Lint(Struct, frozen=True, kw_only=True, tag_field="status", tag="ok"):
    """Pylint's findings; ``score`` is ten times pylint's own score over the same files."""

    score: Score
    messages: dict[Name, Count]
    statements: Count
    files: Count
    files_failed: list[Path]
    findings: list[Finding]


class FileCoverage(Struct, frozen=True, kw_only=True):
    """Coverage of one file; line numbers are 1-based and sorted."""

    path: Path
    covered_lines: Count
    num_statements: Count
    covered_branches: Count
    num_branches: Count
    missing: list[Count]


class PatchCoverage(Struct, frozen=True, kw_only=True):
    """Coverage of the added lines that are executable, and of the branches that begin in them.

    ``percent`` is null where there are none; ``files`` hold the measured files among the changed ones, with the numbers
    of the added lines that are not covered; ``unknown_files`` are changed Python files that the report doesn't hold.
    """

    percent: Score | None
    covered_lines: Count
    num_statements: Count
    covered_branches: Count
    num_branches: Count
    files: list[FileCoverage]
    unknown_files: list[Path] = []


class Coverage(Struct, frozen=True, kw_only=True, tag_field="status", tag="ok"):
    """Line and branch coverage; ``source`` says in words where the figures come from.

    ``patch`` is null where there is no base to compare with.
    """

    percent: Score
    covered_lines: Count
    num_statements: Count
    covered_branches: Count
    num_branches: Count
    files: list[FileCoverage]
    source: Text
    patch: PatchCoverage | None = None


class Tests(Struct, frozen=True, kw_only=True, tag_field="status", tag="ok"):
    """The run of the caller's own tests: counts by result, how long it took, and the first that failed or broke."""

    command: Text
    exit_code: Annotated[int, Meta(ge=-(2**31), le=2**32)]
    passed: Count
    failed: Count
    errors: Count
    skipped: Count
    seconds: Seconds
    failed_tests: list[Name] = []


class Security(Struct, frozen=True, kw_only=True, tag_field="status", tag="ok"):
    """Bandit's findings in code that is no test; ``source_lines`` is bandit's count of lines of code."""

    score: Score
    findings_by_severity: dict[Name, Count]
    source_lines: Count
    files: Count
    files_failed: list[Path]
    findings: list[Finding]


class Function(Struct, frozen=True, kw_only=True):
    """A function or method with its cyclomatic complexity (radon); lines are 1-based, inclusive."""

    path: Path
    name: Name
    line: Count
    end_line: Count
    complexity: Count


class GrownFunction(Function, frozen=True, kw_only=True):
    """A function of the change that is over 10 and was less complex at the base; ``before`` is null for a new one."""

    before: Count | None


class Complexity(Struct, frozen=True, kw_only=True, tag_field="status", tag="ok"):
    """Cyclomatic complexity over functions; bands: low <= 10, moderate <= 20, high <= 50, very_high above.

    ``bands`` counts functions, ``lines_by_band`` their lines, which the score is made of (empty in older summaries).
    ``grown`` is null where there is no base to compare with.
    """

    score: Score
    functions: Count
    max: Count
    bands: dict[Name, Count]
    files: Count
    files_failed: list[Path]
    functions_over_10: list[Function]
    lines_by_band: dict[Name, Count] = {}
    grown: list[GrownFunction] | None = None


class PatchQuality(Struct, frozen=True, kw_only=True):
    """The formulas of the quality score on what a range added to the measured Python files.

    ``score`` and ``grade`` are null where fewer than 20 statements were added; ``reasons`` says in words why a
    component or the score is null. ``statements`` are the added lines that coverage calls executable; in files that it
    doesn't know they are estimated by all added lines that are not blank (``statements_estimated`` of them).
    ``lines_by_band`` are lines of the functions that the change touches, ``scanned_lines`` added ones outside of tests.
    """

    score: Score | None
    grade: Grade | None
    components: dict[Name, Score | None]
    reasons: dict[Name, Text]
    caps: list[Text]
    files: Count
    lines: Count
    statements: Count
    statements_estimated: Count
    covered_lines: Count
    executable_lines: Count
    messages: dict[Name, Count]
    findings_by_severity: dict[Name, Count]
    functions: Count
    notes: list[Text]
    covered_branches: Count = 0
    num_branches: Count = 0
    lines_by_band: dict[Name, Count] = {}
    scanned_lines: Count = 0


class Quality(Struct, frozen=True, kw_only=True, tag_field="status", tag="ok"):
    """The quality score; ``grade_range`` holds the grades reached when each weight moves by half.

    ``thresholds`` are the least scores of the grades; ``patch`` is null where there is no base to compare with.
    """

    score: Score
    grade: Grade
    partial: bool
    missing: list[Name]
    components: dict[Name, Score | None]
    weights: dict[Name, Share]
    grade_range: list[Name]
    caps: list[Text]
    # the default is what graded every summary before thresholds could be set
    thresholds: dict[Name, Score] = field(default_factory=lambda: {"A": 90.0, "B": 80.0, "C": 70.0, "D": 60.0})
    patch: PatchQuality | None = None


class RubricPart(Struct, frozen=True, kw_only=True):
    """One part of the commit rubric: points reached and possible, what ``earned`` them, ``why`` others are missing."""

    points: Annotated[float, Meta(ge=0, le=1000)]
    max: Annotated[float, Meta(ge=0, le=1000)]
    why: list[Text]
    earned: list[Text] = []


class LeftOutFile(Struct, frozen=True, kw_only=True):
    """A changed file whose ``lines`` (added and deleted, 0 for a binary file) don't count for the size."""

    path: Path
    lines: Count
    reason: Text


class ChangeSize(Struct, frozen=True, kw_only=True):
    """Added and deleted lines in files that people write; ``left_out`` names the first files that don't count."""

    lines: Count
    files: Count
    left_out_files: Count
    left_out: list[LeftOutFile]


class MessageItem(Struct, frozen=True, kw_only=True):
    """A message with its score, or the reason why it was not scored.

    ``applied`` and ``dropped`` say of the parts that depend on the project's customs why they count or don't; ``size``
    is null where the changes are not known, and then ``dropped`` says why.
    """

    subject: Text
    score: Score | None = None
    message_score: Score | None = None
    shape_score: Score | None = None
    parts: dict[Name, RubricPart] = {}
    applied: list[Text] = []
    dropped: list[Text] = []
    size: ChangeSize | None = None
    skipped_reason: Text | None = None


class CommitItem(MessageItem, frozen=True, kw_only=True):
    """One commit with its score, or the reason why it was not scored."""

    sha: Sha


class Commits(Struct, frozen=True, kw_only=True, tag_field="status", tag="ok"):
    """Commit scores of a range: median and worst, never the mean (null when no commit was scored).

    ``pull_request`` is its title and body, scored beside the commits where the repository squash-merges. Of more than
    10,000 commits ``items`` holds the worst, and ``items_left_out`` tells how many are not there.
    """

    scored: Count
    skipped: Count
    median: Score | None
    worst: Score | None
    items: list[CommitItem]
    range: Text
    items_left_out: Count = 0
    pull_request: MessageItem | None = None


class AgentLines(Struct, frozen=True, kw_only=True):
    """Lines of one agent, and of each model where it was declared."""

    lines: Count
    models: dict[Name, Count] = {}


class FileAttribution(Struct, frozen=True, kw_only=True):
    """Counted lines of one file by origin."""

    path: Path
    ai_lines: Count
    human_lines: Count
    untagged_lines: Count
    suggestion_lines: Count
    bot_lines: Count


class AttributedCommits(Struct, frozen=True, kw_only=True):
    """Commits that own at least one line of the view; ``tagged`` own an AI line, ``with_note`` have an authorship note.

    ``by_origin`` is the strongest origin of a commit's lines: AI, attested human, suggestion, bot, untagged.
    """

    total: Count
    tagged: Count
    with_note: Count
    by_origin: dict[Name, Count]


class SkippedFile(Struct, frozen=True, kw_only=True):
    """A file that the view could not count, with the reason."""

    path: Path
    reason: Text


class AttributionView(Struct, frozen=True, kw_only=True, tag_field="status", tag="ok"):
    """Declared attribution of lines, a floor: ``changed`` = added in base..head, ``surviving`` = the tree at head.

    ``counted_lines`` = AI + human + untagged, the denominator of ``ai_share``; suggestions, bots, excluded and blank
    lines are outside. ``ai_share`` is null when nothing is counted.
    """

    view: Literal["changed", "surviving"]
    ai_share: Share | None
    ai_lines: Count
    human_lines: Count
    untagged_lines: Count
    suggestion_lines: Count
    bot_lines: Count
    counted_lines: Count
    excluded_lines: Count
    by_source: dict[Name, Count]
    by_kind: dict[Name, Count]
    by_agent: dict[Name, AgentLines]
    by_file: list[FileAttribution]
    commits: AttributedCommits
    skipped_files: list[SkippedFile]
    warnings: list[Text]


class Attribution(Struct, frozen=True, kw_only=True, tag_field="status", tag="ok"):
    """Both views; each on its own may be unavailable."""

    changed: AttributionView | Unavailable
    surviving: AttributionView | Unavailable


class BaseCoverage(Struct, frozen=True, kw_only=True, tag_field="status", tag="ok"):
    """Coverage as the base branch's latest report has it.

    ``sha`` is the commit that it was measured at (null where the source doesn't tell), ``commits_back`` by how many
    commits it is behind the base (null where it is no ancestor of it).
    """

    percent: Score
    covered_lines: Count
    num_statements: Count
    covered_branches: Count
    num_branches: Count
    source: Text
    sha: Sha | None
    commits_back: Count | None


class Base(Struct, frozen=True, kw_only=True, tag_field="status", tag="ok"):
    """The commit that the head is compared with, in the same parts; the lists of files and of lint findings are empty.

    Lint, security and complexity are measured on the files that differ, with the configuration of the head; the files
    that don't are taken over. ``quality`` is only there where it is made of the same components as that of the head.
    """

    sha: Sha
    source: Text
    quality: Quality | Unavailable
    lint: Lint | Unavailable
    coverage: BaseCoverage | Unavailable
    security: Security | Unavailable
    complexity: Complexity | Unavailable


class GateResult(Struct, frozen=True, kw_only=True):
    """One gate: the condition as written, what was measured, and the verdict.

    A gate that is not ``enforced`` has no verdict and fails nothing, and ``reason`` says why.
    """

    expression: Text
    metric: Name
    required: Text
    result: Literal["passed", "failed", "not evaluated"]
    actual: float | None = None
    reason: Text | None = None
    enforced: bool = True


class Phase(Struct, frozen=True, kw_only=True):
    """Time and peak memory of one phase; ``peak_memory_bytes`` is null where the platform doesn't tell."""

    name: Name
    seconds: Seconds
    peak_memory_bytes: Count | None
    status: Literal["ok", "failed"]


class MeasurementWarning(Struct, frozen=True, kw_only=True):
    """Something that the reader should know; ``code`` is stable, ``message`` says what to do."""

    code: Name
    message: Text


class Summary(Struct, frozen=True, kw_only=True):
    """The content of ``metrics-summary.json``; ``comparison`` is null in summaries that know of none."""

    schema_version: Literal[1]
    tool: Tool
    context: Context
    measured_at: Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$(?!\n)")]
    source: Source
    quality: Quality | Unavailable
    lint: Lint | Unavailable
    coverage: Coverage | Unavailable
    tests: Tests | Unavailable
    security: Security | Unavailable
    complexity: Complexity | Unavailable
    commits: Commits | Unavailable
    attribution: Attribution | Unavailable
    comparison: Comparison | Unavailable | None = None
    base: Base | Unavailable
    gates: list[GateResult]
    phases: list[Phase]
    warnings: list[MeasurementWarning]
