"""The publish stage: each destination on its own switch, each failing on its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ai_code_metrics.errors import AiCodeMetricsError, PublishFailed
from ai_code_metrics.publish import pushgateway, workflow
from ai_code_metrics.publish.directory import COMMENT_FILE, SUMMARY_FILE
from ai_code_metrics.publish.grouping import grouping_key
from ai_code_metrics.report import markdown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ai_code_metrics.config import Config, Secrets
    from ai_code_metrics.model import Summary

_GITHUB_API = "https://api.github.com"


@dataclass(frozen=True, slots=True)
class Destinations:
    """Which destinations are asked for."""

    comment: bool = True
    push: bool = True
    outputs: bool = True
    job_summary: bool = True
    only_push: bool = False
    """Whether the push is all that is asked for, so that a summary that belongs to no group is a failure."""


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
            PublishFailed: a destination failed, and the configuration asks that this fails the run.
        """
        failures: list[str] = []
        outputs: dict[str, str] = {}
        if destinations.job_summary and self.config.summary:
            self._attempt(failures, self._job_summary)
        if destinations.comment:
            outputs["comment-url"] = ""
            self._attempt(failures, lambda: outputs.update({"comment-url": self._comment()}))
        if destinations.push:
            outputs["pushed"] = "false"
            self._attempt(failures, lambda: outputs.update({"pushed": str(self._push(destinations)).lower()}))
        if destinations.outputs:
            outputs |= self._measured_outputs()
        self._attempt(failures, lambda: self._write_outputs(outputs))
        for failure in failures:
            self.say(workflow.warning(failure) if self.environ.get("GITHUB_ACTIONS") == "true" else failure)
        if failures and self.config.fail_on_publish_error:
            raise PublishFailed(f"publishing failed, and fail-on-publish-error is set: {'; '.join(failures)}")

    def _attempt(self, failures: list[str], action: Callable[[], None]) -> None:
        try:
            action()
        except AiCodeMetricsError as error:
            failures.append(str(error))

    def _job_summary(self) -> None:
        path = self.environ.get("GITHUB_STEP_SUMMARY", "")
        if path:
            text = markdown.render_job_summary(self.summary, on_missing=self.config.gate_on_missing)
            workflow.write_summary(Path(path), text)

    def _comment(self) -> str:
        context = self.summary.context
        if self.config.comment == "off" or context.pull_request is None or not context.repository:
            return ""
        if not self.secrets.github_token:
            self.say("no comment was written: github-token is empty; the text is in comment.md")
            return ""
        # PyGithub takes as long to import as all of ours, and only this destination needs it
        from ai_code_metrics.publish import pull_request  # noqa: PLC0415

        client = pull_request.build_client(
            self.secrets.github_token, self.environ.get("GITHUB_API_URL", "") or _GITHUB_API
        )
        body = markdown.render_comment(
            self.summary, key=self.config.comment_key, on_missing=self.config.gate_on_missing
        )
        result = pull_request.publish_comment(
            client,
            repository=context.repository,
            pull_request=context.pull_request,
            body=body,
            key=self.config.comment_key,
        )
        self.say(f"comment {result.action}: {result.url}")
        return result.url

    def _push(self, destinations: Destinations) -> bool:
        if not self.config.pushgateway_url:
            return False
        grouping = grouping_key(self.summary, self.config)
        if isinstance(grouping, str):
            if destinations.only_push:
                raise PublishFailed(grouping)
            self.say(grouping)
            return False
        target = pushgateway.PushTarget(
            url=self.config.pushgateway_url,
            job=self.config.pushgateway_job,
            username=self.secrets.pushgateway_username,
            password=self.secrets.pushgateway_password,
            token=self.secrets.pushgateway_token,
        )
        pushgateway.push(self.summary, target, grouping)
        self.say(f"pushed: {', '.join(f'{name}={value}' for name, value in grouping.items())}")
        return True

    def _measured_outputs(self) -> dict[str, str]:
        return {
            **workflow.outputs(self.summary, on_missing=self.config.gate_on_missing),
            "summary-path": str(self.directory / SUMMARY_FILE),
            "comment-path": str(self.directory / COMMENT_FILE),
        }

    def _write_outputs(self, outputs: Mapping[str, str]) -> None:
        path = self.environ.get("GITHUB_OUTPUT", "")
        if path and outputs:
            workflow.write_outputs(Path(path), outputs)
