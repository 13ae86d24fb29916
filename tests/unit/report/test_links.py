from __future__ import annotations

import pytest

from ai_code_metrics import model
from ai_code_metrics.report.links import Links, safe_url
from support import summaries

BASE = "https://github.com/octo/shop"
HEAD = summaries.HEAD_SHA


@pytest.mark.parametrize(
    ("arguments", "url"),
    [
        (("src/a.py", 12), f"{BASE}/blob/{HEAD}/src/a.py#L12"),
        (("src/a.py", 12, 14), f"{BASE}/blob/{HEAD}/src/a.py#L12-L14"),
        (("src/a.py", 12, 12), f"{BASE}/blob/{HEAD}/src/a.py#L12"),
        (("src/a b(.py",), f"{BASE}/blob/{HEAD}/src/a%20b%28.py"),
        (("../../evil/repo", 1), None),
    ],
)
def test_a_link_lands_on_the_line_at_head(arguments: tuple[str, int], url: str | None) -> None:
    """Lines are linked at the measured commit; a path that leads elsewhere is not linked."""
    assert Links.of(summaries.context()).line(*arguments) == url


def test_a_server_of_ones_own_is_used() -> None:
    """GitHub Enterprise Server has its own address, maybe with a port and a final slash."""
    links = Links.of(summaries.context(server_url="https://ghes.example:8443/"))
    assert links.commit(HEAD) == f"https://ghes.example:8443/octo/shop/commit/{HEAD}"


@pytest.mark.parametrize(
    "fields",
    [
        {"repository": None},
        {"repository": "octo/shop) [x](http://evil.invalid"},
        {"repository": "octo"},
        {"repository": "../shop"},
        {"server_url": "javascript:alert(1)"},
        {"server_url": "https://github.com@evil.invalid"},
        {"server_url": "https://github.com/path"},
        {"server_url": "https://github.com\n"},
    ],
)
def test_a_context_of_another_form_gives_no_links(fields: dict[str, str | None]) -> None:
    """Nothing of a forged context gets into an address."""
    links = Links.of(summaries.context(**fields))
    assert links.line("a.py", 1) is None
    assert links.commit(HEAD) is None
    assert links.within("https://github.com/octo/shop/actions/runs/1") is None


def test_without_a_head_only_commits_are_linked() -> None:
    """An address of a line needs the commit that it was counted in."""
    links = Links.of(model.Context(repository="octo/shop"))
    assert links.line("a.py", 1) is None
    assert links.commit(HEAD) == f"{BASE}/commit/{HEAD}"
    assert links.commit("main") is None


@pytest.mark.parametrize(
    ("url", "is_kept"),
    [
        (f"{BASE}/actions/runs/1", True),
        (f"{BASE}/actions/runs/1) x", False),
        ("https://github.com/octo/shop-evil/actions", False),
        ("https://evil.invalid/octo/shop/", False),
        (None, False),
    ],
)
def test_the_run_is_linked_below_the_repository_only(url: str | None, *, is_kept: bool) -> None:
    """A run address from elsewhere is dropped."""
    assert Links.of(summaries.context()).within(url) == (url if is_kept else None)


@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        ("https://github.com/a/b/actions/runs/1/artifacts/2", True),
        ("http://127.0.0.1:8080/x?y=z&w=%20#f", True),
        ("javascript:alert(1)", False),
        ("https://x.invalid/)(", False),
        ("https://x.invalid/ b", False),
        ("https://x.invalid/<b>", False),
        ("https://x.invalid/" + "a" * 1_000, False),
        ("", False),
        (None, False),
    ],
)
def test_an_address_that_could_end_a_link_is_dropped(url: str | None, *, is_safe: bool) -> None:
    """Only plain http(s) addresses are printed."""
    assert safe_url(url) == (url if is_safe else None)


def test_paths_of_a_measured_subdirectory_are_linked_below_it() -> None:
    """In a monorepo the summary's paths are relative to the measured directory, the forge's to the top."""
    links = Links.of(summaries.context(directory="services/shop"))
    assert links.line("src/a.py", 3) == f"{BASE}/blob/{HEAD}/services/shop/src/a.py#L3"
