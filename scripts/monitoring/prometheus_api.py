"""What drawing a dashboard asks of Prometheus's HTTP API (https://prometheus.io/docs/prometheus/latest/querying/api/)."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import urlopen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from panels import Window

TIMEOUT_SECONDS: Final = 30
_LABEL_VALUES: Final = re.compile(r"label_values\((?P<selector>.+),\s*(?P<label>\w+)\)")


class PrometheusFailed(Exception):
    """Prometheus gave no answer; the message says to what and why."""


@dataclass(frozen=True, slots=True)
class Series:
    """One series: its labels, and times (seconds since 1970) with values, none of them NaN."""

    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Api:
    """A Prometheus by its URL."""

    url: str

    def instant(self, expression: str, at: float) -> list[Series]:
        """Return the series of an expression at a time; what is only NaN is left out.

        Raises:
            PrometheusFailed: it doesn't answer, or refuses the expression.
        """
        found = self._get("query", {"query": expression, "time": at})["result"]
        return _present(Series(raw["metric"], _points([raw["value"]])) for raw in found)

    def over(self, expression: str, window: Window) -> list[Series]:
        """Return the series of an expression over a window; what is only NaN is left out.

        Raises:
            PrometheusFailed: it doesn't answer, or refuses the expression.
        """
        times = {"start": window.start, "end": window.end, "step": window.step}
        found = self._get("query_range", {"query": expression, **times})["result"]
        return _present(Series(raw["metric"], _points(raw["values"])) for raw in found)

    def first_label_value(self, query: str, window: Window) -> str | None:
        """Return the first value, in order, of a variable's query ``label_values(selector, label)``.

        Raises:
            PrometheusFailed: it doesn't answer, or the query has another form.
        """
        parts = _LABEL_VALUES.fullmatch(query)
        if not parts:
            raise PrometheusFailed(f"{query}: only label_values(selector, label) is understood")
        times = {"start": window.start, "end": window.end}
        found = self._get(f"label/{quote(parts['label'])}/values", {"match[]": parts["selector"], **times})
        return min(filter(None, found), default=None)

    def _get(self, endpoint: str, parameters: Mapping[str, str | float]) -> Any:  # noqa: ANN401 - JSON
        if not self.url.startswith(("http://", "https://")):
            raise PrometheusFailed(f"{self.url!r} is no URL of a Prometheus: it starts with http:// or https://")
        url = f"{self.url.rstrip('/')}/api/v1/{endpoint}?{urlencode(parameters)}"
        try:
            with urlopen(url, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - looked at above
                return json.loads(answer.read())["data"]
        except HTTPError as error:
            with error:
                said = error.read().decode("utf-8", "replace")[:500]
            raise PrometheusFailed(f"{self.url} answers {error.code} to {parameters}: {said}") from None
        except (URLError, HTTPException, OSError, ValueError, KeyError) as error:
            raise PrometheusFailed(f"{self.url} can't be asked: {getattr(error, 'reason', error)}") from None


def _points(raw: list[tuple[float, str]]) -> tuple[tuple[float, float], ...]:
    return tuple((float(at), float(value)) for at, value in raw if not math.isnan(float(value)))


def _present(found: Iterable[Series]) -> list[Series]:
    return [series for series in found if series.points]
