"""The readable indicators beside TA-Lib 0.8.2 (called here), and what a missing value does."""

from __future__ import annotations

import math

import numpy as np
import pytest
import talib

from hyprl_lab.engine.reference_indicators import (
    average_true_range,
    exponential_average,
    relative_strength,
    rolling_extreme,
    simple_average,
)

NAN = math.nan
# TA-Lib divides before it subtracts and starts other sums: the last digits may differ
TOLERANCE = 1e-9


@pytest.fixture(scope="module")
def prices() -> dict[str, np.ndarray]:
    generator = np.random.default_rng(20)
    close = 100.0 * np.exp(np.cumsum(generator.normal(0.0, 0.02, 400)))
    return {
        "close": close,
        "high": close * (1.0 + generator.uniform(0.0, 0.02, 400)),
        "low": close * (1.0 - generator.uniform(0.0, 0.02, 400)),
    }


@pytest.mark.parametrize("window", [2, 3, 14, 50])
def test_agrees_with_talib(prices: dict[str, np.ndarray], window: int) -> None:
    high, low, close = prices["high"], prices["low"], prices["close"]
    values = close.tolist()
    pairs = {
        "sma": (simple_average(values, window), talib.SMA(close, window)),
        "ema": (exponential_average(values, window), talib.EMA(close, window)),
        "rsi": (relative_strength(values, window), talib.RSI(close, window)),
        "atr": (
            average_true_range(high.tolist(), low.tolist(), values, window),
            talib.ATR(high, low, close, window),
        ),
        "highest": (rolling_extreme(values, window, max), talib.MAX(close, window)),
        "lowest": (rolling_extreme(values, window, min), talib.MIN(close, window)),
    }
    for name, (mine, theirs) in pairs.items():
        np.testing.assert_allclose(mine, theirs, rtol=TOLERANCE, atol=TOLERANCE, err_msg=name)
        assert np.isnan(mine).sum() >= window - 1, name


def test_a_window_of_one_is_the_series() -> None:
    assert simple_average([3.0, 1.0], 1) == [3.0, 1.0]
    assert rolling_extreme([3.0, 1.0], 1, max) == [3.0, 1.0]
    assert exponential_average([3.0, 1.0], 1) == [3.0, 1.0]


def test_a_missing_value_restarts_an_average() -> None:
    gap = [1.0, 3.0, NAN, 5.0, 7.0, 9.0]
    np.testing.assert_equal(simple_average(gap, 2), [NAN, 2.0, NAN, NAN, 6.0, 8.0])
    # seeded anew with (5 + 7) / 2 = 6, then 6 + (9 - 6) * 2/3
    np.testing.assert_equal(exponential_average(gap, 2), [NAN, 2.0, NAN, NAN, 6.0, 8.0])
    np.testing.assert_equal(rolling_extreme(gap, 2, max), [NAN, 3.0, NAN, NAN, 7.0, 9.0])


def test_a_missing_value_restarts_wilders_averages() -> None:
    gap = [1.0, 2.0, NAN, 4.0, 3.0, 5.0, 5.0]
    # after the gap the moves are -1, +2, 0: ups (0 + 2) / 2 = 1, downs (1 + 0) / 2 = 1/2,
    # then ups (1 + 0) / 2 and downs (1/2 + 0) / 2, so 2/3 both times
    np.testing.assert_allclose(
        relative_strength(gap, 2), [NAN, NAN, NAN, NAN, NAN, 200 / 3, 200 / 3], rtol=1e-15
    )
    ones = [1.0, 1.0, NAN, 1.0, 1.0, 1.0]
    # the first bar after the gap has no close before it; two ranges of 1 make the average
    ranges = average_true_range([2.0, 2.0, NAN, 2.0, 2.0, 2.0], ones, ones, 2)
    np.testing.assert_equal(ranges, [NAN, NAN, NAN, NAN, NAN, 1.0])


def test_a_series_that_does_not_move_has_a_strength_of_0() -> None:
    """As TA-Lib, and not the 50 that some tools give."""
    assert relative_strength([5.0] * 4, 2)[2:] == [0.0, 0.0]
    assert talib.RSI(np.full(4, 5.0), 2)[2:].tolist() == [0.0, 0.0]


@pytest.mark.parametrize("values", [[], [NAN], [NAN, NAN, NAN]])
def test_nothing_comes_of_nothing(values: list[float]) -> None:
    for found in (
        simple_average(values, 2),
        exponential_average(values, 2),
        relative_strength(values, 2),
        average_true_range(values, values, values, 2),
        rolling_extreme(values, 2, min),
    ):
        assert len(found) == len(values)
        assert all(map(math.isnan, found))
