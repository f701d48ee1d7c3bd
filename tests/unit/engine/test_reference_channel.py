"""How old an extreme is, and the Supertrend, against hand values."""

from __future__ import annotations

import math

import numpy as np

from hyprl_lab.engine.reference_channel import (
    since_extreme,
    supertrend_direction,
    supertrend_line,
)

NAN = math.nan


def test_of_equal_extremes_the_newest_counts() -> None:
    values = [3.0, 3.0, 1.0, 1.0, 2.0]
    np.testing.assert_equal(since_extreme(values, 2, max), [NAN, NAN, 1.0, 2.0, 0.0])
    np.testing.assert_equal(since_extreme(values, 2, min), [NAN, NAN, 0.0, 0.0, 1.0])
    np.testing.assert_equal(since_extreme([7.0] * 4, 2, max), [NAN, NAN, 0.0, 0.0])


def test_an_extreme_is_one_of_window_plus_one_values() -> None:
    falling = [5.0, 4.0, 3.0, 2.0, 1.0]
    np.testing.assert_equal(since_extreme(falling, 4, max), [NAN] * 4 + [4.0])
    np.testing.assert_equal(since_extreme(falling, 5, max), [NAN] * 5)
    np.testing.assert_equal(since_extreme([2.0, NAN, 2.0, 3.0], 1, max), [NAN, NAN, NAN, 0.0])


def test_a_supertrend_by_hand() -> None:
    middle = [10.0, 12.0, 14.0, 13.0, 9.0, 8.5]
    distance = [1.0] * 6
    price = [10.0, 13.0, 14.0, 13.5, 8.0, 8.5]
    # bands 9-11; 11-11, as the upper one stays (10 is below it); 13-15, as 13 was above 11;
    # 13-14, as the lower one stays; 13-10, so down; 7.5-9.5, as 8 was below 13
    np.testing.assert_array_equal(
        supertrend_direction(middle, distance, price), [-1.0, 1.0, 1.0, 1.0, -1.0, -1.0]
    )
    np.testing.assert_array_equal(
        supertrend_line(middle, distance, price), [11.0, 11.0, 13.0, 13.0, 10.0, 9.5]
    )


def test_a_price_on_the_line_does_not_turn_the_trend() -> None:
    # up from bar 1 with lower bands 11 and 11: 11 is not below it; down with upper bands 11 and 11
    up = ([10.0, 12.0, 12.0], [1.0] * 3, [10.0, 13.0, 11.0])
    assert supertrend_direction(*up) == [-1.0, 1.0, 1.0]
    down = ([10.0, 10.0], [1.0] * 2, [10.0, 11.0])
    assert supertrend_direction(*down) == [-1.0, -1.0]


def test_a_missing_value_starts_the_supertrend_down_again() -> None:
    middle = [10.0, 12.0, 14.0, 14.0, 14.0]
    price = [10.0, 13.0, 14.0, 14.0, 14.0]
    for gap in range(3):
        given = [list(middle), [1.0] * 5, list(price)]
        given[gap][3] = NAN
        np.testing.assert_equal(supertrend_direction(*given), [-1.0, 1.0, 1.0, NAN, -1.0])
        np.testing.assert_equal(supertrend_line(*given), [11.0, 11.0, 13.0, NAN, 15.0])
