from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats import halves
from hyprl_lab.research.stats.halves import NOBODY, checked_blocks, ranked_halves


def sums(trials: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    found = random.normal(size=(trials, 6))
    return found, found * found + random.random((trials, 6)) + 0.1


def test_two_blocks_by_hand() -> None:
    """Three trials: (3, 1 | -1, -2), (1, -1 | 5, 4), (-3, 1 | 0, 1)."""
    totals = np.array([[4.0, -3.0], [0.0, 9.0], [-2.0, 1.0]])
    squares = np.array([[10.0, 5.0], [2.0, 41.0], [10.0, 1.0]])
    found = ranked_halves(lambda: [(totals, squares)], length=2)
    assert found.trials == 3
    assert found.winner.tolist() == [0, 1]
    np.testing.assert_allclose(found.in_sample, [2 / np.sqrt(2), 4.5 / np.sqrt(0.5)])
    np.testing.assert_allclose(found.out_of_sample, [-1.5 / np.sqrt(0.5), 0.0])
    assert found.rank.tolist() == [1.0, 2.0]
    assert found.ranked.tolist() == [3, 3]


@pytest.mark.parametrize("at_once", [1, 20 * 9, 1 << 27])
def test_how_trials_are_cut_into_ranges_is_no_matter(
    monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    parts = [sums(trials, seed) for seed, trials in enumerate((1, 30, 0, 9))]
    again = (parts[1][0][5:7], parts[1][1][5:7])  # the same trials once more: ties
    parts.append(again)
    whole, squares = (np.concatenate([part[side] for part in parts]) for side in (0, 1))
    expected = ranked_halves(lambda: [(whole, squares)], length=10)
    monkeypatch.setattr(halves, "_AT_ONCE", at_once)
    found = ranked_halves(lambda: iter(parts), length=10)
    for name in ("winner", "in_sample", "out_of_sample", "rank", "ranked"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    assert found.trials == 42
    assert found.winner.max() < 40  # of equals the first
    assert found.decided.all()


def test_nobody_wins_where_nothing_varies() -> None:
    totals, squares = np.zeros((5, 4)), np.zeros((5, 4))
    totals[2, 3], squares[2, 3] = 1.0, 1.0
    found = ranked_halves(lambda: [(totals, squares)], length=3)
    # halves of 4 blocks in ascending order of masks: 0011 0101 0110 1001 1010 1100
    assert found.winner.tolist() == [NOBODY, NOBODY, NOBODY, 2, 2, 2]
    assert found.decided.tolist() == [False] * 3 + [True] * 3
    assert np.isnan(found.in_sample[:3]).all()
    assert np.isnan(found.out_of_sample).all()
    assert found.rank.tolist() == [1.0] * 6
    assert found.ranked.tolist() == [1] * 6


def test_blocks_that_can_be_halved() -> None:
    assert [checked_blocks(count) for count in (2, 16, 24)] == [2, 16, 24]
    for odd in (1, 15, 25, 26, 16.0, None):
        with pytest.raises(InputError, match="blocks is"):
            checked_blocks(odd)
