"""A Pushgateway, and how to log in: checked before anything is sent, and none of its secrets in any text."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from ai_code_metrics.errors import UsageError

IMPORT_PATH: Final = "/api/v1/import/prometheus"


@dataclass(frozen=True, slots=True)
class PushTarget:
    """A Pushgateway and how to log in: nothing, basic authentication, or a bearer token.

    ``ca_file`` names a PEM file with the authorities to trust in place of the system's.

    Raises:
        UsageError: the URL is none of a Pushgateway, it holds credentials, the job is empty, or the credentials can't
            be sent. No text of the error holds a credential.
    """

    url: str
    job: str
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    token: str = field(default="", repr=False)
    ca_file: str = ""

    def __post_init__(self) -> None:
        _check_url(self.url)
        if not self.job:
            raise UsageError("pushgateway-job is empty: an empty grouping value poisons a Pushgateway")
        _check_credentials(self)

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every text that may appear in no message."""
        return tuple(secret for secret in (self.token, self.password, self.basic) if secret)

    @property
    def basic(self) -> str:
        """User and password as basic authentication sends them; empty without a user."""
        if not self.username:
            return ""
        return base64.b64encode(f"{self.username}:{self.password}".encode()).decode("ascii")

    @property
    def keeps_groups(self) -> bool:
        """Whether there are groups to read, replace and delete; VictoriaMetrics takes in samples and has none."""
        return not is_import_endpoint(self.url)


def is_import_endpoint(url: str) -> bool:
    """Tell whether a URL is VictoriaMetrics' endpoint for Prometheus's text format, and not a Pushgateway."""
    return urlsplit(url).path.rstrip("/").endswith(IMPORT_PATH)


def _check_url(url: str) -> None:
    """Refuse what can't be a Pushgateway's URL, without printing it: it may hold a password."""
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise UsageError("pushgateway-url is no URL: expected http://host:port or https://host") from None
    if "@" in parts.netloc:
        raise UsageError(
            "pushgateway-url holds credentials, which end up in logs: "
            "pass them as pushgateway-username and pushgateway-password, or as pushgateway-token"
        )
    if parts.scheme not in {"http", "https"} or not has_host:
        raise UsageError("pushgateway-url is no URL of a Pushgateway: expected http://host:port or https://host")
    if parts.query or parts.fragment or not url.isascii() or not url.isprintable() or " " in url:
        raise UsageError("pushgateway-url must hold scheme, host, port and path only, in printable ASCII")


def _check_credentials(target: PushTarget) -> None:
    if target.token and (target.username or target.password):
        raise UsageError("pushgateway-token and pushgateway-username/-password are both given: give one kind")
    if target.password and not target.username:
        raise UsageError("pushgateway-password is given without pushgateway-username")
    if ":" in target.username:
        raise UsageError("pushgateway-username holds a colon, which basic authentication can't carry")
    if not target.token.isascii() or not all(map(str.isprintable, (target.username, target.password, target.token))):
        # http.client would refuse such a header with an error that prints it
        raise UsageError("the Pushgateway's credentials hold a line break or another character that can't be sent")
