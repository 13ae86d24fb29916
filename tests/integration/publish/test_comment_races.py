"""Jobs that comment at the same time under one key: one comment stays, whatever the order of their requests."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ai_code_metrics.errors import PublishFailed
from support.commenting import TOKENS, WORKFLOW_TOKEN, marked, publish
from support.fake_github import WORKFLOW, FakeGithub, fake_github
from support.turns import Turns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

JOBS = 8
ROUNDS = 4


@pytest.fixture(scope="module")
def unjudged() -> Iterator[FakeGithub]:
    """A fake GitHub that answers as fast as it can: that its answers fit is the business of other tests."""
    with fake_github(FakeGithub(tokens=dict(TOKENS))) as running:
        yield running


def all_list_before_any_writes(github: FakeGithub, act: Callable[[], None] = lambda: None) -> None:
    """Let the first write of each job wait until all jobs are about to write, and so have listed; then act."""

    def together() -> None:
        github.before = None
        act()

    barrier = threading.Barrier(JOBS, action=together)

    def before(method: str, _target: str, _token: str) -> None:
        if method != "GET":
            barrier.wait(30)

    github.before = before


@pytest.mark.parametrize("mode", ["update", "recreate"])
@pytest.mark.parametrize("standing", [0, 1])
def test_eight_jobs_at_once_leave_one_comment(github: FakeGithub, mode: str, standing: int) -> None:
    """Eight jobs that all listed before any of them wrote leave one comment with the text of one of them."""
    for number in range(ROUNDS):
        github.comments.clear()
        for _ in range(standing):
            github.add_comment(marked("old"))
        all_list_before_any_writes(github)
        texts = [f"round {number}, job {job}" for job in range(JOBS)]
        with ThreadPoolExecutor(JOBS) as pool:
            results = list(pool.map(lambda text: publish(github, text, mode=mode), texts))
        (body,) = github.bodies()
        assert body in map(marked, texts)
        assert all(result.left == 0 for result in results)
        assert github.before is None  # all of them met


@pytest.mark.parametrize("mode", ["update", "recreate"])
def test_jobs_that_find_the_comment_gone_leave_one(github: FakeGithub, mode: str) -> None:
    """If the comment is deleted when all have listed it, the jobs create one between them."""
    github.add_comment(marked("old"))
    all_list_before_any_writes(github, github.comments.clear)
    with ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(lambda job: publish(github, f"job {job}", mode=mode), range(JOBS)))
    assert len(github.bodies()) == 1


@pytest.mark.parametrize("mode", ["update", "recreate"])
def test_jobs_of_two_keys_leave_two_comments(github: FakeGithub, mode: str) -> None:
    """Four jobs under each of two keys leave one comment of each."""
    all_list_before_any_writes(github)
    keys = ["web", "api"] * (JOBS // 2)
    with ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(lambda key: publish(github, "text", key=key, mode=mode), keys))
    assert sorted(github.bodies()) == [marked("text", "api"), marked("text", "web")]


class Race:
    """Three jobs on one fake, in an order drawn by hypothesis, some of them ended half-way."""

    def __init__(self, github: FakeGithub, mode: str, standing: Sequence[str]) -> None:
        self.github, self.mode = github, mode
        github.comments.clear()
        for text in standing:
            github.add_comment(marked(text))
        self.texts = {f"job-{number}": f"text {number}" for number in range(3)}
        github.tokens = dict(TOKENS) | dict.fromkeys(self.texts, WORKFLOW)
        self.seen = bool(standing)

    def job(self, token: str) -> Callable[[], object]:
        """Return one job, which ends with an error where its token is taken away."""

        def run() -> None:
            with contextlib.suppress(PublishFailed):
                publish(self.github, self.texts[token], token=token, mode=self.mode)

        return run

    def watch(self) -> None:
        """Hold the invariant: once there was a comment there always is one."""
        assert self.github.comments or not self.seen
        self.seen = bool(self.github.comments)

    def run(self, choose: Callable[[Sequence[str]], str]) -> None:
        """Run the three jobs to their end."""
        Turns(self.github, {token: self.job(token) for token in self.texts}).run(choose, self.watch)
        self.watch()


STANDING = st.lists(st.sampled_from(["text 0", "text 1", "old"]), max_size=3)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), mode=st.sampled_from(["update", "recreate"]), standing=STANDING)
def test_any_order_of_requests_leaves_one_comment(
    unjudged: FakeGithub, data: Any, mode: str, standing: list[str]
) -> None:
    """In whatever order the requests of three jobs come in, one comment is left, and there is one all the time."""
    race = Race(unjudged, mode, standing)
    race.run(lambda waiting: data.draw(st.sampled_from(waiting)))
    (body,) = unjudged.bodies()
    assert body in map(marked, race.texts.values())


@settings(max_examples=60, deadline=None)
@given(data=st.data(), mode=st.sampled_from(["update", "recreate"]), standing=STANDING)
def test_jobs_that_end_half_way_lose_nothing(unjudged: FakeGithub, data: Any, mode: str, standing: list[str]) -> None:
    """A job that ends at any request never leaves no comment, and the next run brings order."""
    race = Race(unjudged, mode, standing)

    def choose(waiting: Sequence[str]) -> str:
        chosen: str = data.draw(st.sampled_from(waiting))
        if data.draw(st.integers(0, 5)) == 0:
            unjudged.tokens.pop(chosen, None)
        return chosen

    race.run(choose)
    publish(unjudged, "the next run", token=WORKFLOW_TOKEN, mode=mode)
    assert unjudged.bodies() == [marked("the next run")]
