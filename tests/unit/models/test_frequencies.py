from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.models import STATE_NAMES, Frequency, next_bar_frequencies


def test_laplace_by_hand() -> None:
    frequency = Frequency(ups=7, downs=2)
    assert frequency.n == 9
    assert frequency.up == 8 / 11
    assert frequency.down == pytest.approx(3 / 11)
    assert Frequency(ups=0, downs=0).up == 0.5


def test_counts_by_hand() -> None:
    state = np.array([1, 1, 0, -1, -1, 0, 1], np.int8)
    close = np.array([10.0, 11.0, 11.0, 9.0, 8.0, 9.0, 9.5])
    ts = np.arange(7) * 10
    found = next_bar_frequencies(state, close, ts, since_us=0, until_us=60)
    assert found == {
        "long": Frequency(ups=1, downs=0),  # bar 1's next close is unchanged, bar 6 has no next
        "flat": Frequency(ups=1, downs=1),
        "short": Frequency(ups=1, downs=1),
    }


def test_both_ends_of_the_part_that_counts() -> None:
    state, close, ts = np.ones(5, np.int8), np.arange(1.0, 6.0), np.arange(5) * 10
    counts = {
        (since, until): next_bar_frequencies(state, close, ts, since_us=since, until_us=until)[
            "long"
        ].n
        for since, until in ((0, 40), (10, 40), (11, 40), (0, 39), (20, 20), (50, 90))
    }
    assert counts == {(0, 40): 4, (10, 40): 3, (11, 40): 2, (0, 39): 3, (20, 20): 0, (50, 90): 0}


@given(st.lists(st.tuples(st.sampled_from([-1, 0, 1]), st.integers(1, 5)), min_size=2, max_size=60))
def test_every_move_is_counted_once_and_probabilities_sum_to_one(
    rows: list[tuple[int, int]],
) -> None:
    state = np.array([s for s, _ in rows], np.int8)
    close = np.array([c for _, c in rows], np.float64)
    found = next_bar_frequencies(state, close, np.arange(len(rows)), since_us=0, until_us=len(rows))
    assert set(found) == set(STATE_NAMES.values())
    assert sum(f.n for f in found.values()) == int(np.count_nonzero(np.diff(close)))
    for frequency in found.values():
        assert frequency.up + frequency.down == 1.0
        assert 0.0 < frequency.up < 1.0
