"""Moving averages against values worked by hand; beside TA-Lib in `test_reference_operations`."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
import talib

from hyprl_lab.engine.reference_averages import (
    adaptive_average,
    average_difference,
    exponential_average,
    exponential_weights,
    simple_average,
    triangular_average,
    weighted_average,
    wilder,
)

NAN = math.nan
LINE = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]


def test_a_window_of_one_is_the_series() -> None:
    values = [0.1, 0.7, 0.2, 0.9]
    for average in (simple_average, weighted_average, triangular_average):
        assert average(values, 1) == values
    for average in (exponential_average, exponential_weights):
        # (value - average)·1 + average rounds twice
        np.testing.assert_allclose(average(values, 1), values, rtol=1e-15)
    # from the second bar on: the way made is the way walked, so the fastest weight, 4/9
    np.testing.assert_allclose(adaptive_average([9.0, 18.0, 18.0], 1), [NAN, 13.0, 13 + 20 / 9])


def test_a_missing_value_restarts_an_average() -> None:
    gap = [1.0, 3.0, NAN, 5.0, 7.0, 9.0]
    np.testing.assert_equal(simple_average(gap, 2), [NAN, 2.0, NAN, NAN, 6.0, 8.0])
    # seeded anew with (5 + 7) / 2 = 6, then 6 + (9 - 6) · 2/3
    np.testing.assert_equal(exponential_average(gap, 2), [NAN, 2.0, NAN, NAN, 6.0, 8.0])
    # (5 + 2·7) / 3 and (7 + 2·9) / 3
    np.testing.assert_allclose(weighted_average(gap, 2), [NAN, 7 / 3, NAN, NAN, 19 / 3, 25 / 3])


def test_weights_fall_by_one_a_bar() -> None:
    assert weighted_average([10.0, 1.0, 4.0, 0.0], 4)[3] == (1 * 10 + 2 * 1 + 3 * 4) / 10


@pytest.mark.parametrize("window", [2, 3, 20])
def test_a_weighted_average_is_talibs_to_the_last_bit(window: int) -> None:
    values = 1e4 + np.random.default_rng(6).normal(size=2_000).cumsum()
    values[700] = 1e12
    np.testing.assert_array_equal(
        weighted_average(values.tolist(), window), talib.WMA(values, window)
    )


@pytest.mark.parametrize(
    ("window", "weights"), [(2, [1, 1]), (3, [1, 2, 1]), (4, [1, 2, 2, 1]), (5, [1, 2, 3, 2, 1])]
)
def test_triangles(window: int, weights: list[int]) -> None:
    values = [3.0, -1.0, 4.0, 1.0, -5.0]
    found = triangular_average(values, window)
    assert all(map(math.isnan, found[: window - 1]))
    np.testing.assert_allclose(
        found[window - 1 :], np.convolve(values, weights, "valid") / sum(weights), atol=1e-15
    )


def test_exponential_weights_are_pandas() -> None:
    values = np.random.default_rng(3).normal(size=60).cumsum()
    expected = pd.Series(values).ewm(span=7, adjust=False, min_periods=7).mean()
    np.testing.assert_allclose(exponential_weights(values.tolist(), 7), expected, atol=1e-13)


def test_an_adaptive_average_follows_a_line_and_ignores_wavering() -> None:
    fast, slow = 4 / 9, (2 / 31) ** 2
    # up and down alike the way made is the way walked; it starts from the second value
    np.testing.assert_allclose(
        adaptive_average([1.0, 2.0, 4.0], 2), [NAN, NAN, 2 + (4 - 2) * fast], rtol=1e-15
    )
    np.testing.assert_allclose(
        adaptive_average([4.0, 2.0, 1.0], 2), [NAN, NAN, 2 + (1 - 2) * fast], rtol=1e-15
    )
    np.testing.assert_allclose(
        adaptive_average([1.0, 2.0, 1.0], 2), [NAN, NAN, 2 + (1 - 2) * slow], rtol=1e-15
    )
    # 2 made of 4 walked: halfway between the slowest and the fastest weight, squared
    half = ((2 / 3 - 2 / 31) / 2 + 2 / 31) ** 2
    np.testing.assert_allclose(
        adaptive_average([1.0, 4.0, 3.0], 2)[2], 4 + (3 - 4) * half, rtol=1e-15
    )
    assert adaptive_average([5.0] * 4, 2)[2:] == [5.0, 5.0]


def test_the_line_of_a_macd_starts_with_both_averages() -> None:
    found = average_difference([1.0, 2.0, 6.0, 6.0], 2, 3)
    # slow: 3, then 4.5; fast, of the last two of those three: 4, then 4 + 2·2/3
    np.testing.assert_allclose(found, [NAN, NAN, 1.0, 16 / 3 - 4.5], rtol=1e-14)
    assert average_difference([1.0, 2.0, 6.0, 6.0], 3, 2)[2:] == found[2:]  # change places
    assert average_difference(LINE, 3, 3)[2:] == [0.0] * 6


def test_the_fast_average_of_a_macd_is_not_one_of_its_own() -> None:
    stream = np.random.default_rng(8).normal(size=40).cumsum().tolist()
    own = np.subtract(exponential_average(stream, 3), exponential_average(stream, 12))
    seeded = average_difference(stream, 3, 12)
    assert abs(own[11] - seeded[11]) > 1e-3
    # late: from bars slow - fast on
    late = np.subtract(exponential_average(stream[9:], 3)[2:], exponential_average(stream, 12)[11:])
    np.testing.assert_allclose(seeded[11:], late, rtol=1e-12)


def test_wilders_average() -> None:
    sums, average = [], 0.0
    for count, value in enumerate([1.0, 2.0, 3.0, 8.0], start=1):
        average = wilder(average, value, count, 3)
        sums.append(average)
    assert sums == [1.0, 3.0, 2.0, 4.0]
