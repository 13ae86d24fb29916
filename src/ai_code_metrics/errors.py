"""The errors that people meet, each with the exit code that it leads to.

One failed source is not an error of the run: collectors raise :class:`SourceUnavailable`, which becomes an
``unavailable`` part of the summary with the same text as its reason.
"""

from __future__ import annotations


class AiCodeMetricsError(Exception):
    """Base of all errors that are reported to people without a traceback."""

    exit_code = 1


class UsageError(AiCodeMetricsError):
    """An input, an option or the configuration can't be used; the text names it, its place and the way out."""

    exit_code = 2


class InvalidSummary(AiCodeMetricsError):
    """A summary file is too large, no JSON, of another schema version, or doesn't fit the schema."""

    exit_code = 2


class ReportRefused(AiCodeMetricsError):
    """A report of another run is not what the event says, or its artifact was tampered with; nothing of it is used."""

    exit_code = 2


class NothingMeasured(AiCodeMetricsError):
    """Not one part of the summary could be measured."""

    exit_code = 3


class PublishFailed(AiCodeMetricsError):
    """A destination could not be reached or refused; only fatal where the caller asked for it."""

    exit_code = 4


class GatewayRefused(PublishFailed):
    """A gateway answered with another status than success; 0 where it isn't known any more."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class PublishForbidden(PublishFailed):
    """The destination doesn't let these credentials write; what a pull request of a fork is answered."""


class PullRequestGone(AiCodeMetricsError):
    """The measured commit is no open pull request's head any more: it moved on, or was closed or merged."""

    exit_code = 3


class GateFailed(AiCodeMetricsError):
    """At least one gate failed."""

    exit_code = 10


class SourceUnavailable(AiCodeMetricsError):
    """A source could not be read; the text is the reason shown in the summary, with what to do about it."""

    exit_code = 3
