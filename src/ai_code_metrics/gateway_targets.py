"""The Pushgateways of a configuration, and which of several a group belongs to."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from ai_code_metrics.errors import UsageError
from ai_code_metrics.publish.push_target import PushTarget

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ai_code_metrics.config import Config, Secrets


def push_targets(config: Config, secrets: Secrets) -> tuple[PushTarget, ...]:
    """Return the Pushgateways of a configuration in its order; all take the same credentials.

    Raises:
        UsageError: a setting of the Pushgateway can't be used, or a URL is given twice.
    """
    urls = [url.rstrip("/") for url in config.pushgateway_url]
    if len({url.lower() for url in urls}) < len(urls):
        raise UsageError("pushgateway-url: a URL is given twice; name each Pushgateway once")
    ca_file = str(config.root / config.pushgateway_ca_file) if config.pushgateway_ca_file else ""
    return tuple(
        PushTarget(
            url=url,
            job=config.pushgateway_job,
            username=secrets.pushgateway_username,
            password=secrets.pushgateway_password,
            token=secrets.pushgateway_token,
            ca_file=ca_file,
        )
        for url in urls
    )


def target_of(targets: Sequence[PushTarget], grouping: Mapping[str, str]) -> PushTarget:
    """Return the Pushgateway that a group belongs to, by rendezvous hashing over job and grouping key.

    The order of the targets doesn't matter, and a gateway more or less moves only the groups that it wins or had
    (Thaler and Ravishankar, "A name-based mapping scheme for rendezvous", 1996).

    Args:
        targets: at least one.
        grouping: the labels of the group beside ``job``.
    """

    def weight(target: PushTarget) -> bytes:
        parts = [target.url, target.job, *(part for label in sorted(grouping) for part in (label, grouping[label]))]
        # lengths keep apart what would be one text when joined
        key = "".join(f"{len(part)}:{part}" for part in parts)
        return hashlib.sha256(key.encode("utf-8", "replace")).digest()

    return max(targets, key=weight)
