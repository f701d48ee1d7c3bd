"""Sums, spreads, extremes, quantiles and ranks of windows, against hand values, NumPy, pandas."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.engine.reference_rolling import (
    deviation,
    lag,
    quantile,
    rank,
    rolling_extreme,
    rolling_sum,
    total,
    variance,
)

NAN = math.nan


def drawn(bars: int = 400, seed: int = 20) -> list[float]:
    stream = np.random.default_rng(seed)
    values: list[float] = np.round(100 + np.cumsum(stream.normal(size=bars)), 1).tolist()
    return values


def test_a_sum_adds_then_subtracts() -> None:
    values = drawn()
    running, sums = 0.0, []
    for t, value in enumerate(values):
        running += value
        if t >= 10:
            running -= values[t - 10]
        sums.append(running if t >= 9 else NAN)
    np.testing.assert_array_equal(rolling_sum(values, 10), sums)


def test_a_sum_of_a_window_of_one_is_the_series() -> None:
    values = [0.1, 0.2, NAN, 0.3]
    np.testing.assert_equal(rolling_sum(values, 1), values)


def test_a_missing_value_restarts_sums_and_spreads() -> None:
    gap = [1.0, 3.0, NAN, 5.0, 7.0, 9.0]
    np.testing.assert_equal(rolling_sum(gap, 2), [NAN, 4.0, NAN, NAN, 12.0, 16.0])
    np.testing.assert_equal(variance(gap, 2), [NAN, 1.0, NAN, NAN, 1.0, 1.0])
    np.testing.assert_equal(deviation(gap, 2), [NAN, 1.0, NAN, NAN, 1.0, 1.0])
    np.testing.assert_equal(rolling_extreme(gap, 2, max), [NAN, 3.0, NAN, NAN, 7.0, 9.0])


@pytest.mark.parametrize("window", [2, 5, 40])
def test_a_variance_stays_exact_far_from_zero(window: int) -> None:
    # plain sums of x and x·x would lose all digits of a movement of 1 on a price of 1e9
    values = [1e9 + value for value in drawn(3_000)]
    found = variance(values, window)
    for t in range(window - 1, len(values), 37):
        held = [Fraction(value) for value in values[t - window + 1 : t + 1]]
        mean = sum(held) / window
        exact = float(sum((value - mean) ** 2 for value in held) / window)
        assert found[t] == pytest.approx(exact, rel=1e-6, abs=1e-9), t
        assert deviation(values, window)[t] == math.sqrt(found[t])


def test_a_variance_forgets_a_value_that_dwarfed_the_others() -> None:
    values = [1.0, 2.0, 1e12, 3.0, 5.0, 3.0, 5.0]
    # once 1e12 has left, what is left of sums anchored beside it would be rounding
    np.testing.assert_array_equal(variance(values, 2)[4:], [1.0, 1.0, 1.0])


def test_small_prices_deviate_too() -> None:
    np.testing.assert_allclose(deviation([1e-9, 3e-9, 3e-9], 2), [NAN, 1e-9, 0.0], rtol=1e-12)


def test_what_does_not_move_does_not_deviate() -> None:
    for values in ([0.1] * 200, [1e9 / 3] * 200):
        assert deviation(values, 3)[2:] == [0.0] * 198
        assert variance(values, 1) == [0.0] * 200


@pytest.mark.parametrize("window", [1, 2, 7, 30])
def test_quantiles_are_numpys(window: int) -> None:
    values = drawn(120)
    for q in (0.0, 0.1, 0.5, 0.73, 1.0):
        found = quantile(values, window, q)
        assert all(map(math.isnan, found[: window - 1]))
        for t in range(window - 1, len(values)):
            exact = np.quantile(values[t - window + 1 : t + 1], q)
            assert found[t] == pytest.approx(exact, rel=1e-13)


def test_a_quantile_between_two_values() -> None:
    # h = 3·0.4 = 1.2: two tenths of the way from the second to the third
    assert quantile([40.0, 10.0, 30.0, 20.0], 4, 0.4)[3] == pytest.approx(22.0, rel=1e-15)


@pytest.mark.parametrize("window", [1, 2, 7, 30])
def test_ranks_are_pandas(window: int) -> None:
    values = [round(value) + 0.0 for value in drawn(120)]  # many equals
    expected = pd.Series(values).rolling(window).rank(pct=True)
    np.testing.assert_allclose(rank(values, window), expected, rtol=1e-15)


def test_equals_share_their_rank() -> None:
    # of 2, 1, 2, 2 one is below and three are equal: (1 + 4/2) / 4
    assert rank([2.0, 1.0, 2.0, 2.0], 4)[3] == 0.75


def test_windows_with_a_missing_value_have_no_rank_and_no_quantile() -> None:
    gap = [1.0, 2.0, NAN, 4.0, 3.0]
    np.testing.assert_equal(rank(gap, 2), [NAN, 1.0, NAN, NAN, 0.5])
    np.testing.assert_equal(quantile(gap, 2, 0.5), [NAN, 1.5, NAN, NAN, 3.5])


def test_a_lag_carries_what_is_missing() -> None:
    np.testing.assert_equal(lag([1.0, NAN, 3.0, 4.0], 1), [NAN, 1.0, NAN, 3.0])
    np.testing.assert_equal(lag([1.0, 2.0], 5), [NAN, NAN])


def test_a_total_adds_one_after_the_other() -> None:
    assert total([1e16, 1.0, -1e16]) == 0.0  # a compensated sum would be 1
    assert total([]) == 0.0
