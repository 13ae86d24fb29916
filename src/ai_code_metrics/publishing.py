"""The publish stage: each destination on its own switch, each failing on its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ai_code_metrics.collect.context import read_context
from ai_code_metrics.config import in_action
from ai_code_metrics.errors import AiCodeMetricsError, PublishFailed, PublishForbidden, UsageError
from ai_code_metrics.gateway_targets import push_targets, target_of
from ai_code_metrics.publish import pushgateway, textfile, workflow
from ai_code_metrics.publish.admission import admit
from ai_code_metrics.publish.directory import COMMENT_FILE, SARIF_FILE, SUMMARY_FILE
from ai_code_metrics.publish.gateway_query import read_groups
from ai_code_metrics.publish.grouping import grouping_key
from ai_code_metrics.report import escape, markdown, workflow_commands
from ai_code_metrics.report.annotations import MAX_OF_A_LEVEL, render_annotations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from github import Github

    from ai_code_metrics.collect.context import EventContext
    from ai_code_metrics.config import Config, Secrets
    from ai_code_metrics.model import Summary
    from ai_code_metrics.publish.push_target import PushTarget

# where many push at once everybody's look takes long, and the pushes are what counts
_LOOK_SECONDS = 3.0
_LINE = 2_000  # characters of a line that may hold foreign text
# The runner counts an action as one step: some of each level are left to the verdict of the gates and to other warnings
_FINDINGS_ANNOTATED = MAX_OF_A_LEVEL - 3


@dataclass(frozen=True, slots=True)
class Destinations:
    """Which destinations are asked for."""

    comment: bool = True
    push: bool = True
    outputs: bool = True
    job_summary: bool = True
    annotations: bool = True


@dataclass(frozen=True, slots=True)
class Publication:
    """What is published, where to, and how to say what happened.

    Attributes:
        summary: the validated summary.
        directory: where its file lies, with the comment beside it.
        config: settings of the destinations.
        secrets: their credentials.
        environ: names the command files of the step and GitHub's API.
        say: tells people what was done.
    """

    summary: Summary
    directory: Path
    config: Config
    secrets: Secrets
    environ: Mapping[str, str]
    say: Callable[[str], None]

    def publish(self, destinations: Destinations) -> None:
        """Publish to all destinations that are asked for; one that fails doesn't keep the others from it.

        Raises:
            UsageError: a setting of a destination can't be used; the other destinations have been tried.
            PublishFailed: a destination failed, and the configuration asks that this fails the run.
        """
        failures: list[AiCodeMetricsError] = []
        outputs: dict[str, str] = {}
        if destinations.job_summary and self.config.summary:
            self._attempt(failures, self._job_summary)
        if destinations.annotations:
            self._annotate()
        if destinations.comment:
            outputs["comment-url"] = ""
            self._attempt(failures, lambda: outputs.update({"comment-url": self._comment()}))
        if destinations.push:
            outputs["pushed"] = str(self._push(failures)).lower()
        if destinations.outputs:
            outputs |= self._measured_outputs()
        self._attempt(failures, lambda: self._write_outputs(outputs))
        self._conclude(failures)

    def push(self) -> None:
        """Push, and nothing else.

        Raises:
            UsageError: a setting of the Pushgateway can't be used.
            PublishFailed: the push failed, or the summary belongs to no group.
        """
        failures: list[AiCodeMetricsError] = []
        grouping = grouping_key(self.summary, self.config)
        if isinstance(grouping, str):
            raise PublishFailed(grouping)
        failures += [PublishFailed(refusal) for refusal in self._send(grouping, failures).values() if refusal]
        for failure in failures:
            raise failure

    def _conclude(self, failures: list[AiCodeMetricsError]) -> None:
        """Say what failed, and raise what should fail the run."""
        for failure in failures:
            if not isinstance(failure, UsageError):
                self._tell(workflow_commands.warning, str(failure))
        for failure in failures:
            if isinstance(failure, UsageError):
                raise failure
        if failures and self.config.fail_on_publish_error:
            raise PublishFailed(f"{len(failures)} destinations failed, and fail-on-publish-error is set")

    def _attempt(self, failures: list[AiCodeMetricsError], action: Callable[[], None]) -> None:
        try:
            action()
        except AiCodeMetricsError as error:
            failures.append(type(error)(self.secrets.redact(str(error))))
        except OSError as error:  # of a destination's library, which no part of ours expected
            failures.append(PublishFailed(self.secrets.redact(f"{type(error).__name__}: {error}")))

    def _tell(self, command: Callable[[str], str], text: str) -> None:
        self.say(command(text) if in_action(self.environ) else escape.plain(text, _LINE))

    def _log(self, text: str) -> None:
        self.say(workflow_commands.harmless(escape.plain(text, _LINE)))

    def _check_context(self) -> None:
        """Hold what the summary says of itself against the event: it may be the work of the analysed code.

        Raises:
            PublishFailed: it would lead the credentials to another place than this run's.
            AiCodeMetricsError: the pull request that triggered this run can't be told.
        """
        if not in_action(self.environ):
            return
        event, context = read_context(self.environ), self.summary.context
        for name, ours, theirs in (
            ("repository", event.repository, context.repository),
            ("pull request", self._pull_request(event), context.pull_request),
            ("branch", event.branch, context.branch),
            ("default branch", event.default_branch, context.default_branch),
        ):
            # an event without the default branch in its payload says nothing of it; without a branch or a pull request
            # it says that there is none
            if ours != theirs and not (ours is None and name == "default branch"):
                raise PublishFailed(f"not published: the summary's {name} is {theirs!r}, that of this run is {ours!r}")

    def _pull_request(self, event: EventContext) -> int | None:
        if event.event != "workflow_run":
            return event.pull_request
        if not self.secrets.github_token:
            raise PublishFailed("not published: github-token is empty, and it takes one to look up the pull request")
        from ai_code_metrics.collect.pull_request_lookup import pull_request_of  # noqa: PLC0415 - as in _client

        return pull_request_of(self._client(), event)

    def _client(self) -> Github:
        # PyGithub takes as long to import as all of ours, and only this destination needs it
        from ai_code_metrics import github_client  # noqa: PLC0415

        return github_client.client_of(self.secrets.github_token, self.environ)

    def _job_summary(self) -> None:
        path = self.environ.get("GITHUB_STEP_SUMMARY", "")
        if path:
            text = markdown.render_job_summary(self.summary, on_missing=self.config.gate_on_missing)
            workflow.write_summary(Path(path), text)

    def _annotate(self) -> None:
        text = render_annotations(self.summary, limit=_FINDINGS_ANNOTATED)
        if text and self.config.annotations and in_action(self.environ):
            self.say(text.removesuffix("\n"))

    def _comment(self) -> str:
        context = self.summary.context
        if self.config.comment == "off" or context.pull_request is None or not context.repository:
            self._log("no comment was written: it is off, or this is no pull request")
            return ""
        if not self.secrets.github_token:
            self._log("no comment was written: github-token is empty; the text is in comment.md")
            return ""
        self._check_context()
        from ai_code_metrics.publish import pull_request  # noqa: PLC0415 - as in _client

        body = markdown.render_comment(
            self.summary, key=self.config.comment_key, on_missing=self.config.gate_on_missing
        )
        try:
            result = pull_request.publish_comment(
                self._client(),
                repository=context.repository,
                pull_request=context.pull_request,
                body=body,
                key=self.config.comment_key,
                mode=self.config.comment,
            )
        except PublishForbidden as error:
            # a run of its own for the report has a token that may write, if its job says so
            if not context.is_fork or read_context(self.environ).event == "workflow_run":
                raise PublishForbidden(f"{error}. Its text is in {self.directory / COMMENT_FILE}") from None
            where = "the report is in the job summary and in comment.md of the artifact"
            self._tell(
                workflow_commands.notice, f"no comment was written: a fork's pull request has no token for it; {where}"
            )
            return ""
        self._log(f"comment {result.action}: {result.url}")
        if result.left:
            self._log(f"further comments of this key could not be deleted: {result.left}; the next run tries again")
        return result.url

    def _push(self, failures: list[AiCodeMetricsError]) -> bool:
        """Send the metrics, and tell whether they arrived: at the gateway where there is one, else in the file."""
        if not self.config.pushgateway_url and not self.config.textfile_directory:
            self._log("not pushed: there is no pushgateway-url")
            return False
        grouping = grouping_key(self.summary, self.config)
        if isinstance(grouping, str):
            self._log(grouping)
            return False
        said = self._send(grouping, failures)
        for refusal in filter(None, said.values()):
            self._tell(workflow_commands.notice, refusal)
        return said.get("gateway" if self.config.pushgateway_url else "file") == ""

    def _send(self, grouping: Mapping[str, str], failures: list[AiCodeMetricsError]) -> dict[str, str]:
        """Send to each destination asked for; return why one was not served, else an empty text, without failures."""
        said: dict[str, str] = {}
        if self.config.textfile_directory:
            self._attempt(failures, lambda: said.update(file=self._write_textfile(grouping)))
        if self.config.pushgateway_url:
            self._attempt(failures, lambda: said.update(gateway=self._push_to_gateway(grouping)))
        return said

    def _push_to_gateway(self, grouping: Mapping[str, str]) -> str:
        self._check_context()
        target = target_of(push_targets(self.config, self.secrets), grouping)
        refusal, note = self._look(target, grouping)
        if not refusal:
            pushgateway.push(self.summary, target, grouping)
            self._log(f"pushed: {', '.join(f'{name}={value}' for name, value in grouping.items())}{note}")
        return refusal

    def _write_textfile(self, grouping: Mapping[str, str]) -> str:
        self._check_context()
        directory = self.config.root / self.config.textfile_directory
        own = textfile.read_group(directory, grouping)
        refusal = admit([own] if own else [], grouping, self.summary).refusal
        if not refusal:
            self._log(f"written: {textfile.write_group(self.summary, directory, grouping)}")
        return refusal

    def _look(self, target: PushTarget, grouping: Mapping[str, str]) -> tuple[str, str]:
        """Look at what the gateway has before it is changed: say why not to push, and what to say of a push.

        A look that isn't granted keeps nobody from pushing.
        """
        if not target.keeps_groups:
            return "", ""
        try:
            groups = read_groups(target, deadline=_LOOK_SECONDS, is_patient=False)
        except PublishFailed as error:
            return "", f", without a look at what was there: {error}"
        admission = admit(groups, {"job": target.job, **grouping}, self.summary)
        if admission.warning:
            self._tell(workflow_commands.warning, admission.warning)
        return admission.refusal, ""

    def _measured_outputs(self) -> dict[str, str]:
        return {
            **workflow.outputs(self.summary, on_missing=self.config.gate_on_missing),
            "summary-path": str(self.directory / SUMMARY_FILE),
            "comment-path": str(self.directory / COMMENT_FILE),
            "sarif-path": str(self.directory / SARIF_FILE),
        }

    def _write_outputs(self, outputs: Mapping[str, str]) -> None:
        path = self.environ.get("GITHUB_OUTPUT", "")
        if path and outputs:
            workflow.write_outputs(Path(path), outputs)
