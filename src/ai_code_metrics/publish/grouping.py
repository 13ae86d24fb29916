"""Where a summary goes on a Pushgateway: the grouping key as a decision, and the URL of the group that it names.

What a gateway does with odd input decides the form of the URL: ``/`` in a grouping value breaks it, and ``.`` or
``..`` is answered by a redirect to a *shorter* key. So every grouping value goes base64-encoded.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from ai_code_metrics.config import DEFAULT_COMMENT_KEY
from ai_code_metrics.errors import UsageError
from ai_code_metrics.publish.push_target import is_import_endpoint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ai_code_metrics.config import Config
    from ai_code_metrics.model import Summary


def grouping_key(summary: Summary, config: Config) -> dict[str, str] | str:
    """Decide where a summary goes: the grouping key beside ``job``, or in words why it isn't pushed.

    Pushes go under their branch where it is on the allow-list (default: the default branch); pull requests go under
    ``pr-N`` where the configuration asks for it. What has a comment-key of its own, as the parts of a monorepo have,
    has a group of its own too. No value is ever empty.
    """
    context = summary.context
    if not context.repository:
        return "not pushed: the repository's name (owner/name) is not known: measure a clone that has a remote `origin`"
    if context.pull_request is not None:
        if not config.push_pull_requests:
            return "not pushed: pull requests are only pushed with push-pull-requests: true"
        return _key(context.repository, f"pr-{context.pull_request}", config)
    if not context.branch:
        return "not pushed: no branch is checked out (a tag or a detached head), and it is part of the grouping key"
    refusal = _branch_refusal(context.branch, context.default_branch, config.push_branches)
    return refusal or _key(context.repository, context.branch, config)


def project_of(config: Config) -> dict[str, str]:
    """Return the label that keeps the parts of a monorepo apart, where its comment-key does: else none.

    It is not called ``component``: a gateway would overwrite the quality score's label of that name, and refuse the
    push for its equal series.
    """
    return {} if config.comment_key == DEFAULT_COMMENT_KEY else {"project": config.comment_key}


def _key(repository: str, branch: str, config: Config) -> dict[str, str]:
    return {"repository": repository, "branch": branch, **project_of(config)}


def _branch_refusal(branch: str, default_branch: str | None, push_branches: tuple[str, ...]) -> str:
    """Return why the branch is not pushed, else an empty text."""
    allowed = push_branches or ((default_branch,) if default_branch else ())
    if not allowed:
        return "not pushed: the default branch is not known; name the branches to push by push-branches"
    if branch not in allowed:
        names = ", ".join(repr(name) for name in allowed)
        return f"not pushed: branch {branch!r} is none of those to push ({names}; set by push-branches)"
    return ""


def group_url(url: str, job: str, grouping: Mapping[str, str]) -> str:
    """Return the URL to push a group to: every value base64-encoded, labels sorted behind the job.

    prometheus_client encodes only values that hold ``/`` or a space, so ``.`` and ``..`` would go out as path segments.
    VictoriaMetrics takes the labels as parameters of its import endpoint.

    Raises:
        UsageError: a value is empty, or ``instance`` is a label: both poison a gateway for everybody.
    """
    for label, value in {"job": job, **grouping}.items():
        if not value or label == "instance":
            raise UsageError(f"grouping key: {label!r} with value {value!r} must not be sent to a Pushgateway")
    if is_import_endpoint(url):
        labels = [("extra_label", f"{label}={value}") for label, value in {"job": job, **grouping}.items()]
        return f"{url.rstrip('/')}?{urlencode(labels, errors='replace')}"
    return exact_url(url, {"job": job, **grouping})


def exact_url(url: str, labels: Mapping[str, str]) -> str:
    """Return the URL of the Pushgateway's group that has exactly these labels, ``job`` among them, whatever they are.

    Only for deleting: a push to a group with an empty value poisons the gateway, deleting that group heals it.
    """
    others = sorted(label for label in labels if label != "job")
    return "/".join([url.rstrip("/"), "metrics", *(_segment(label, labels[label]) for label in ["job", *others])])


def _segment(label: str, value: str) -> str:
    # the gateway spells an empty value as base64's padding alone
    encoded = base64.urlsafe_b64encode(value.encode("utf-8", "replace")).decode("ascii") or "="
    return f"{label}@base64/{encoded}"
