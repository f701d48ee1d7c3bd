from __future__ import annotations

import numpy as np

from hyprl_lab.research.stats.overfitting_reference import reference_overfitting


def test_two_halves_by_hand() -> None:
    """Sharpe 3/√2·… of each half by hand: trial 0 leads first, trial 1 later, both fall behind."""
    matrix = np.array([[9.0, 9.0, 9.0], [3, 1, -3], [1, -1, 1], [-1, 5, 0], [-2, 4, 1]])
    chosen, logits = reference_overfitting(matrix, 2)
    assert chosen.tolist() == [0, 1]
    # last of three, rank 1 of 4; then middle of three (0 between -0.35 and 1.41)
    np.testing.assert_allclose(logits, [np.log(1 / 3), 0.0], atol=1e-15)


def test_flat_halves_choose_nobody() -> None:
    matrix = np.zeros((8, 3))
    matrix[4:] = [[1, 2, 3], [2, 1, 1], [0, 1, 0], [1, 1, 1]]
    chosen, logits = reference_overfitting(matrix, 2)
    assert len(chosen) == 1
    assert logits[0] == 0.0  # ranked last, and alone
