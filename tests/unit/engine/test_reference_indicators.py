"""The readable indicators beside TA-Lib 0.8.2 (called here), and what a missing value does."""

from __future__ import annotations

import math

import numpy as np
import pytest
import talib

from hyprl_lab.engine.reference_indicators import (
    average_true_range,
    deviation,
    exponential_average,
    relative_strength,
    rolling_extreme,
    rolling_sum,
    simple_average,
)

NAN = math.nan
# TA-Lib divides before it subtracts and starts other sums: the last digits may differ
TOLERANCE = 1e-9


@pytest.fixture(scope="module", params=["random", "sp500"])
def prices(request: pytest.FixtureRequest) -> dict[str, np.ndarray]:
    if request.param == "sp500":
        import arch.data.sp500

        frame = arch.data.sp500.load()
        return {name.lower(): frame[name].to_numpy(np.float64) for name in ("High", "Low", "Close")}
    generator = np.random.default_rng(20)
    close = 100.0 * np.exp(np.cumsum(generator.normal(0.0, 0.02, 3_000)))
    return {
        "close": close,
        "high": close * (1.0 + generator.uniform(0.0, 0.02, 3_000)),
        "low": close * (1.0 - generator.uniform(0.0, 0.02, 3_000)),
    }


@pytest.mark.parametrize("window", [2, 3, 14, 200])
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
        "sum": (rolling_sum(values, window), talib.SUM(close, window)),
    }
    for name, (mine, theirs) in pairs.items():
        np.testing.assert_allclose(mine, theirs, rtol=TOLERANCE, atol=TOLERANCE, err_msg=name)
        assert np.isnan(mine).sum() >= window - 1, name


@pytest.mark.parametrize("window", [2, 3, 14, 200])
def test_deviations_are_talibs(prices: dict[str, np.ndarray], window: int) -> None:
    values = prices["close"].tolist()
    found = np.square(deviation(values, window))
    exact = [np.var(values[t - window + 1 : t + 1]) for t in range(window - 1, len(values))]
    # a running sum of thousands of squares is off by some 1e-13 of the largest one, and the
    # variance, a difference of two such, by as much: variances are compared, not their roots
    rounding = np.max(prices["close"]) ** 2 * 1e-12
    np.testing.assert_allclose(
        found, np.square(talib.STDDEV(prices["close"], window)), rtol=TOLERANCE, atol=rounding
    )
    np.testing.assert_allclose(found[window - 1 :], exact, rtol=TOLERANCE, atol=rounding)


def test_sums_add_then_subtract(prices: dict[str, np.ndarray]) -> None:
    values = prices["close"].tolist()
    total, square, sums, deviations = 0.0, 0.0, [], []
    for t, value in enumerate(values):
        total, square = total + value, square + value * value
        if t >= 10:
            total, square = total - values[t - 10], square - values[t - 10] * values[t - 10]
        sums.append(total if t >= 9 else NAN)
        variance = square / 10 - (total / 10) * (total / 10)
        deviations.append((math.sqrt(variance) if variance >= 1e-14 else 0.0) if t >= 9 else NAN)
    np.testing.assert_array_equal(rolling_sum(values, 10), sums)
    np.testing.assert_array_equal(simple_average(values, 10), np.array(sums) / 10)
    np.testing.assert_array_equal(deviation(values, 10), deviations)


def test_a_window_of_one_is_the_series(prices: dict[str, np.ndarray]) -> None:
    values = prices["close"].tolist()
    assert rolling_sum(values, 1) == simple_average(values, 1) == values
    assert rolling_extreme(values, 1, max) == rolling_extreme(values, 1, min) == values
    # (value - average)·1 + average rounds twice
    np.testing.assert_allclose(exponential_average(values, 1), values, rtol=1e-15)


def test_other_windows_of_one() -> None:
    np.testing.assert_array_equal(
        relative_strength([3.0, 1.0, 2.0, 2.0], 1), [NAN, 0.0, 100.0, 0.0]
    )
    ranges = average_true_range([4.0, 5.0], [1.0, 4.5], [2.0, 5.0], 1)
    np.testing.assert_array_equal(ranges, [NAN, 3.0])
    assert deviation([3.0, 1.0, 2.0], 1) == [0.0, 0.0, 0.0]


def test_a_series_that_does_not_move_does_not_deviate() -> None:
    assert deviation([0.1] * 5, 3)[2:] == [0.0, 0.0, 0.0]


def test_a_missing_value_restarts_an_average() -> None:
    gap = [1.0, 3.0, NAN, 5.0, 7.0, 9.0]
    np.testing.assert_equal(simple_average(gap, 2), [NAN, 2.0, NAN, NAN, 6.0, 8.0])
    # seeded anew with (5 + 7) / 2 = 6, then 6 + (9 - 6) * 2/3
    np.testing.assert_equal(exponential_average(gap, 2), [NAN, 2.0, NAN, NAN, 6.0, 8.0])
    np.testing.assert_equal(rolling_extreme(gap, 2, max), [NAN, 3.0, NAN, NAN, 7.0, 9.0])
    np.testing.assert_equal(rolling_sum(gap, 2), [NAN, 4.0, NAN, NAN, 12.0, 16.0])
    np.testing.assert_equal(deviation(gap, 2), [NAN, 1.0, NAN, NAN, 1.0, 1.0])


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
        rolling_sum(values, 2),
        deviation(values, 2),
    ):
        assert len(found) == len(values)
        assert all(map(math.isnan, found))
