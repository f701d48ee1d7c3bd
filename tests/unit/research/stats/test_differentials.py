from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.differentials import (
    Differentials,
    checked_benchmark,
    checked_block,
    checked_panel,
    checked_weights,
)
from hyprl_lab.research.stats.long_run import kernel, long_run_deviation

RETURNS = np.random.default_rng(0).normal(0.0, 0.01, (50, 4))


def test_moments_over_the_benchmark() -> None:
    benchmark = np.random.default_rng(1).normal(0.0, 0.01, 50)
    found = Differentials.of(RETURNS, benchmark, kernel(50, 10.0), first=0)
    over = RETURNS - benchmark[:, None]
    np.testing.assert_allclose(found.rows, over.T)
    np.testing.assert_allclose(found.means, over.mean(axis=0))
    np.testing.assert_allclose(found.deviations, long_run_deviation(over))
    np.testing.assert_allclose(
        found.statistics, np.sqrt(50) * over.mean(axis=0) / long_run_deviation(over)
    )
    assert not found.constant.any()


def test_who_never_differs_from_the_benchmark_is_constant() -> None:
    """Up to the rounding with which the returns of equal equities come out."""
    benchmark = RETURNS[:, 0]
    again = (1.0 + benchmark) * 3.0 / 3.0 - 1.0
    models = np.column_stack((again, RETURNS[:, 1], benchmark - 0.001))
    found = Differentials.of(models, benchmark, kernel(50, 10.0), first=0)
    assert found.constant.tolist() == [True, False, True]
    assert found.statistics[0] == found.statistics[2] == 0.0


def test_a_sure_gain_is_refused() -> None:
    models = np.column_stack((RETURNS[:, 0], np.full(50, 0.001)))
    with pytest.raises(InputError, match=r"model 8 beats the benchmark by 0\.001\d* in every row"):
        Differentials.of(models, np.zeros(1), kernel(50, 10.0), first=7)


def test_what_does_not_fit_is_refused() -> None:
    assert checked_panel(RETURNS, 50).shape == (50, 4)
    with pytest.raises(InputError, match="returns have 50 rows; the weights are for 49"):
        checked_panel(RETURNS, 49)
    with pytest.raises(InputError, match="has 7 rows; expected at least 8"):
        checked_panel(RETURNS[:7])
    assert checked_benchmark(0.01, 50).tolist() == [0.01]
    with pytest.raises(
        InputError, match=r"benchmark has 3 values; expected one, or one a row \(50"
    ):
        checked_benchmark([0.0, 0.0, 0.0], 50)
    with pytest.raises(InputError, match=r"benchmark\[0\] is nan"):
        checked_benchmark(float("nan"), 50)
    assert checked_block(0.3, 8) == 1.0
    assert checked_block(4, 8) == 4.0
    with pytest.raises(InputError, match="block_length is 10 for 12 rows; expected at most half"):
        checked_block(10.0, 12)


def test_weights_that_are_no_resamples_are_refused() -> None:
    with pytest.raises(InputError, match=r"resample 1 sum to 1\.25; expected 1"):
        checked_weights(np.vstack((np.full(10, 0.1), np.full(10, 0.125))))
    with pytest.raises(InputError, match="weights are for 5 rows"):
        checked_weights(np.full((3, 5), 0.2))
    with pytest.raises(InputError, match=r"weights\[0, 1\] is nan"):
        checked_weights([[0.1, float("nan"), *([0.1] * 8)]])
