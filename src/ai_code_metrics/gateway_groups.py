"""The groups of a Pushgateway as its API lists them: the labels are the only exact key to query and clean by."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OWN_LABELS = frozenset({"job", "repository", "branch", "project"})
"""The labels that a grouping key of ours can have; ``project`` only where one repository reports several parts."""

# A push costs the gateway more with every series of everybody's: 127 ms at 1,000 groups of 40 series, 1.5 ms at 10
WARN_GROUPS: Final = 250
MAX_GROUPS: Final = 500


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample of a group: its labels without those of the key, and its value."""

    labels: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class Family:
    """One metric of a group: name, type (``GAUGE`` …) and help as pushed, and the samples that are single values."""

    name: str
    type: str
    help: str
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """One group.

    Attributes:
        labels: its key with ``job``, exactly as it is stored.
        pushed_at: seconds since 1970 of the last push that was taken; 0 where none ever was (a zombie).
        failed_at: seconds since 1970 of the last push that was rejected; 0 where none was.
        families: the pushed metrics by name, without those that the gateway adds.
    """

    labels: Mapping[str, str]
    pushed_at: float
    failed_at: float
    families: Mapping[str, Family]

    @property
    def is_zombie(self) -> bool:
        """Whether no push to it was ever taken, so that it holds nothing."""
        return self.pushed_at == 0

    @property
    def is_rejected(self) -> bool:
        """Whether the last push to it was rejected."""
        return self.failed_at > self.pushed_at

    @property
    def is_poisonous(self) -> bool:
        """Whether its key has an empty value, by which it can break the gateway for everybody.

        An ``instance`` that is not empty does no harm, and is the usual key of what isn't ours.
        """
        return not all(self.labels.values())

    @property
    def state(self) -> str:
        """What became of it in one word: ``poisonous``, ``zombie``, ``rejected``, else ``ok``."""
        if self.is_poisonous:
            return "poisonous"
        if self.is_zombie:
            return "zombie"
        return "rejected" if self.is_rejected else "ok"

    @property
    def is_ours(self) -> bool:
        """Whether its key is one that this program pushes."""
        return {"job", "repository", "branch"} <= set(self.labels) <= OWN_LABELS

    @property
    def series(self) -> int:
        """How many single values it holds."""
        return sum(len(family.samples) for family in self.families.values())

    def value(self, metric: str, **labels: str) -> float | None:
        """Return the value of the sample of ``metric`` with exactly these labels beside the key, None without one."""
        family = self.families.get(metric)
        found = (sample.value for sample in family.samples if sample.labels == labels) if family else iter(())
        return next(found, None)


@dataclass(frozen=True, slots=True)
class Held:
    """A group and the URL of the gateway that holds it."""

    gateway: str
    group: Group


_TIMES = ("push_time_seconds", "push_failure_time_seconds")
_NO_FAMILIES = frozenset({"labels", "last_push_successful", *_TIMES})


def parse_groups(content: bytes) -> list[Group]:
    """Read the answer of a Pushgateway's ``/api/v1/metrics``.

    Raises:
        ValueError: it is something else.
    """
    try:
        return [_group(entry) for entry in msgspec.json.decode(content)["data"]]
    except (LookupError, TypeError, AttributeError, ArithmeticError, RecursionError, msgspec.DecodeError) as error:
        raise ValueError(f"no answer of a Pushgateway's API: {error}") from None


def _group(entry: Mapping[str, Any]) -> Group:
    labels = {str(name): str(value) for name, value in entry["labels"].items()}
    pushed, failed = (_time(entry, name) for name in _TIMES)
    families = {name: family for name, family in entry.items() if name not in _NO_FAMILIES}
    if not all(isinstance(family["metrics"], list) for family in families.values()):
        raise TypeError("a metric without a list of samples")
    return Group(labels, pushed, failed, _Families(families, labels))


def _time(entry: Mapping[str, Any], name: str) -> float:
    return float(entry[name]["metrics"][0]["value"]) if name in entry else 0.0


class _Families(Mapping[str, Family]):
    """Families that are read when they are asked for: most who look at a gateway want a few of many thousands."""

    def __init__(self, listed: Mapping[str, Any], key: Mapping[str, str]) -> None:
        self._listed, self._key = listed, key

    def __getitem__(self, name: str) -> Family:
        listed = self._listed[name]
        samples = tuple(_samples(listed["metrics"], self._key))
        return Family(name, str(listed.get("type", "")), str(listed.get("help", "")), samples)

    def __iter__(self) -> Iterator[str]:
        return iter(self._listed)

    def __len__(self) -> int:
        return len(self._listed)


def _samples(listed: Iterable[Any], key: Mapping[str, str]) -> Iterator[Sample]:
    for sample in listed:
        # summaries and histograms have no value; what is no number is none
        with contextlib.suppress(LookupError, TypeError, ValueError, AttributeError):
            # the gateway adds an empty instance to every series
            labels = sample.get("labels", {}).items()
            own = {name: value for name, value in labels if name not in key and (name, value) != _NO_INSTANCE}
            yield Sample(own, float(sample["value"]))


_NO_INSTANCE = ("instance", "")
