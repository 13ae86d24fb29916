from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.config import Config, Secrets
from ai_code_metrics.errors import UsageError
from ai_code_metrics.gateway_targets import push_targets, target_of
from ai_code_metrics.publish.push_target import PushTarget

FOUR = tuple(PushTarget(f"http://gateway-{n}:9091", "ai-code-metrics") for n in range(4))
KEYS = [{"repository": f"octo/repository-{n}", "branch": "main"} for n in range(400)]


def config(*urls: str, ca_file: str = "") -> Config:
    return Config(root=Path("/project"), pushgateway_url=urls, pushgateway_ca_file=ca_file)


def test_the_targets_are_those_of_the_configuration() -> None:
    """Each URL is a target with the same credentials; a CA file is looked for in the project."""
    secrets = Secrets(pushgateway_username="u", pushgateway_password="p")
    first, second = push_targets(config("http://a:9091/", "http://b:9091", ca_file="ca.pem"), secrets)
    assert (first.url, second.url) == ("http://a:9091", "http://b:9091")
    assert (second.username, second.password, second.job) == ("u", "p", "ai-code-metrics")
    assert Path(second.ca_file) == Path("/project/ca.pem")


def test_a_url_given_twice_is_refused() -> None:
    """Two spellings of one gateway would be one gateway with two chances."""
    with pytest.raises(UsageError, match="pushgateway-url: a URL is given twice"):
        push_targets(config("http://a:9091", "HTTP://A:9091/"), Secrets())


@given(st.permutations(FOUR), st.sampled_from(KEYS))
def test_a_group_keeps_its_gateway_in_any_order(shuffled: list[PushTarget], key: dict[str, str]) -> None:
    """The order of the URLs, or of the labels, decides nothing."""
    assert target_of(shuffled, dict(reversed(key.items()))) == target_of(FOUR, key)


def test_a_gateway_more_moves_only_what_it_gets() -> None:
    """Of five gateways the fifth takes about a fifth of the groups, and no other group moves."""
    fifth = PushTarget("http://gateway-4:9091", "ai-code-metrics")
    before = [target_of(FOUR, key) for key in KEYS]
    after = [target_of((*FOUR, fifth), key) for key in KEYS]
    assert all(new in {old, fifth} for old, new in zip(before, after, strict=True))
    assert 50 <= after.count(fifth) <= 110
    assert all(60 <= before.count(target) <= 140 for target in FOUR)
