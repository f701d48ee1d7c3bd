from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.research.null.resampled import block_length, resampled_rows, resampled_sessions
from hyprl_lab.research.stats.bootstrap import optimal_block_length
from hyprl_lab.research.stats.streams import SplitMix64


def test_the_block_is_the_longer_of_returns_and_squares() -> None:
    draws = np.random.Generator(np.random.PCG64(0))
    size = np.repeat(draws.uniform(0.002, 0.05, 50), 20)  # volatility in clusters
    closes = 100.0 * np.exp(np.cumsum(draws.normal(0.0, 1.0, 1000) * size))
    returns = closes[1:] / closes[:-1] - 1.0
    alone = [optimal_block_length(values) for values in (returns, returns * returns)]
    assert alone[1] > alone[0]
    assert block_length(closes) == alone[1] > 5.0


@pytest.mark.parametrize("closes", [[5.0] * 50, [1.0], [1.0, 2.0, 3.0, 4.0]])
def test_without_anything_to_go_by_it_is_one_bar(closes: list[float]) -> None:
    assert block_length(np.array(closes)) == 1.0


def test_few_closes_have_a_block_too() -> None:
    closes = np.exp(np.cumsum(np.random.Generator(np.random.PCG64(1)).normal(0.0, 0.1, 30)))
    lengths = [block_length(closes[:count]) for count in range(1, 31)]
    assert lengths[:11] == [1.0] * 11
    assert all(1.0 <= length <= 30.0 for length in lengths)


def test_rows_come_in_blocks() -> None:
    rows = resampled_rows(SplitMix64(3), 5000, 10.0)
    assert rows.min() >= 0
    assert rows.max() < 5000
    going_on = np.mean((rows[1:] - rows[:-1]) % 5000 == 1)
    assert abs(going_on - 0.9) < 0.02
    assert resampled_rows(SplitMix64(3), 0, 10.0).tolist() == []


def test_sessions_come_whole() -> None:
    slots = np.tile(np.arange(7), 200)
    rows = resampled_sessions(SplitMix64(3), slots, 4.0)
    assert np.array_equal(slots[rows], slots)
    days = rows.reshape(200, 7)
    assert (np.diff(days, axis=1) == 1).all()
    following = np.mean((days[1:, 0] - days[:-1, 0]) % 1400 == 7)
    assert abs(following - 0.75) < 0.1


def test_short_sessions_lend_what_they_have() -> None:
    """Half days, and a first session that begins in the middle."""
    lengths = [4, 7, 3, 7, 7, 3] * 20
    slots = np.concatenate([np.arange(length) for length in lengths])[2:]
    rows = resampled_sessions(SplitMix64(5), slots, 2.0)
    assert np.array_equal(slots[rows], slots)
    assert len(np.unique(rows)) > 100
    assert resampled_sessions(SplitMix64(5), slots[:0], 2.0).tolist() == []


def test_a_slot_that_stands_alone_is_its_own_source() -> None:
    slots = np.array([0, 1, 0, 1, 2, 0, 1])
    for seed in range(20):
        assert resampled_sessions(SplitMix64(seed), slots, 1.5)[4] == 4
