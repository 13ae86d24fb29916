"""Lines on their way back through edits, without git."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ai_code_metrics.collect.range_blame import Run, pass_back
from ai_code_metrics.records import Edit


class TestPassBack:
    def test_lines_go_to_the_edit_that_has_them(self) -> None:
        """Lines above, in, between and below edits."""
        kept, added = pass_back([Run(1, 100, 1)], [Edit(3, 5, -2), Edit(7, 7, 4), Edit(9, 10, 0)])
        assert kept == [Run(1, 2, 1), Run(5, 2, 3), Run(7, 2, 9), Run(10, 91, 12)]
        assert added == [Run(3, 2, 3), Run(9, 1, 9)]

    def test_an_edit_may_cover_several_runs(self) -> None:
        """Runs that later commits have torn apart keep their numbers at head."""
        kept, added = pass_back([Run(1, 2, 1), Run(10, 3, 3), Run(20, 2, 9)], [Edit(2, 10, -8)])
        assert kept == [Run(1, 1, 1), Run(21, 1, 2)]
        assert added == [Run(2, 1, 2), Run(10, 3, 3), Run(20, 1, 9)]

    @given(
        steps=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(1, 3)), max_size=8),
        cuts=st.sets(st.integers(1, 40)),
    )
    def test_every_line_is_kept_or_added(self, steps: list[tuple[int, int, int]], cuts: set[int]) -> None:
        """Line by line: each step deletes some lines, adds some and keeps some; any line may be out of question."""
        before: list[int | None] = []
        edits = []
        old = 1
        for deleted, added, unchanged in steps:
            start = len(before) + 1
            if deleted or added:
                edits.append(Edit(start, start + added, deleted - added))
            old += deleted
            before += [None] * added + list(range(old, old + unchanged))
            old += unchanged
        runs = [Run(100 + line, 1, line) for line in range(1, len(before) + 1) if line not in cuts]
        kept, new = pass_back(runs, edits)
        assert kept == [Run(head, 1, there) for head, _, line in runs if (there := before[line - 1]) is not None]
        assert new == [run for run in runs if before[run.line - 1] is None]
