"""Oscillators of momentum against hand values; beside TA-Lib in `test_reference_operations`."""

from __future__ import annotations

import math

import numpy as np
import talib

from hyprl_lab.engine.reference_momentum import (
    channel_index,
    momentum_oscillator,
    relative_strength,
)

NAN = math.nan


def test_a_missing_value_restarts_wilders_averages() -> None:
    gap = [1.0, 2.0, NAN, 4.0, 3.0, 5.0, 5.0]
    # after the gap the moves are -1, +2, 0: ups (0 + 2) / 2 = 1, downs (1 + 0) / 2 = 1/2,
    # then ups (1 + 0) / 2 and downs (1/2 + 0) / 2, so 2/3 up and 1/3 down both times
    np.testing.assert_allclose(
        relative_strength(gap, 2), [NAN, NAN, NAN, NAN, NAN, 200 / 3, 200 / 3], rtol=1e-15
    )
    np.testing.assert_allclose(
        momentum_oscillator(gap, 2), [NAN, NAN, NAN, NAN, NAN, 100 / 3, 100 / 3], rtol=1e-15
    )


def test_windows_of_one() -> None:
    moves = [3.0, 1.0, 2.0, 2.0]
    np.testing.assert_equal(relative_strength(moves, 1), [NAN, 0.0, 100.0, 0.0])
    np.testing.assert_equal(momentum_oscillator(moves, 1), [NAN, -100.0, 100.0, 0.0])
    np.testing.assert_equal(channel_index([3.0, NAN, 1.0], 1), [0.0, NAN, 0.0])


def test_a_series_that_does_not_move_has_a_strength_of_0() -> None:
    """As TA-Lib, and not the 50 that some tools give."""
    assert relative_strength([5.0] * 4, 2)[2:] == [0.0, 0.0]
    assert talib.RSI(np.full(4, 5.0), 2)[2:].tolist() == [0.0, 0.0]
    assert momentum_oscillator([5.0] * 4, 2)[2:] == [0.0, 0.0]


def test_an_oscillator_is_twice_the_strength_less_100() -> None:
    values = np.random.default_rng(1).normal(size=200).cumsum().tolist()
    twice = 2 * np.array(relative_strength(values, 14)) - 100
    np.testing.assert_allclose(momentum_oscillator(values, 14), twice, atol=1e-11)


def test_a_channel_index_by_hand() -> None:
    # mean 2, deviations 1, 1, 2, so 4/3 on average: 2 / (0.015 · 4/3)
    np.testing.assert_allclose(channel_index([1.0, 1.0, 4.0], 3), [NAN, NAN, 100.0], rtol=1e-14)
    gap = [1.0, 1.0, 4.0, NAN, 1.0, 1.0, 4.0]
    np.testing.assert_allclose(channel_index(gap, 3)[3:], [NAN, NAN, NAN, 100.0], rtol=1e-14)


def test_a_channel_that_does_not_move_has_an_index_of_0() -> None:
    assert channel_index([5.0] * 4, 3)[2:] == [0.0, 0.0]
    assert channel_index([1.0, 3.0, 2.0], 3)[2] == 0.0  # at the mean
    # the last digit of a price is no movement, as in TA-Lib
    near = [1.1, np.nextafter(1.1, 2.0)]
    assert channel_index(near, 2)[1] == 0.0
    assert talib.CCI(*[np.array(near)] * 3, timeperiod=2)[1] == 0.0
