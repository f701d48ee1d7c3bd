from __future__ import annotations

import pytest

from hyprl_lab.data.parts import PART_ROWS, parts
from hyprl_lab.errors import CancelledError


@pytest.mark.parametrize("rows", [0, 1, PART_ROWS, PART_ROWS + 1, 3 * PART_ROWS - 1])
def test_each_row_is_in_one_part_in_order(rows):
    found = [row for part in parts(rows) for row in range(rows)[part]]
    assert found == list(range(rows))


def test_no_part_is_longer_than_said():
    assert [part.stop - part.start for part in parts(2 * PART_ROWS + 5)] == [
        PART_ROWS,
        PART_ROWS,
        5,
    ]


def test_the_check_comes_before_each_part_and_may_end_the_work():
    done = []

    def check():
        if len(done) == 2:
            raise CancelledError("enough")

    def work():
        for part in parts(5 * PART_ROWS, check):
            done.append(part.start)  # noqa: PERF401 - the check looks at it

    with pytest.raises(CancelledError, match="enough"):
        work()
    assert done == [0, PART_ROWS]
