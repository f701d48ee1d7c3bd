"""Totals of volume and since a condition, against hand values."""

from __future__ import annotations

import math

import numpy as np

from hyprl_lab.engine.reference_volume import balance_volume, cumulative_sum, sum_since

NAN = math.nan


def test_volume_has_the_side_that_price_took() -> None:
    price, volume = [5.0, 6.0, 6.0, 4.0, 7.0], [10.0, 20.0, 30.0, 40.0, 1.0]
    assert balance_volume(price, volume) == [10.0, 30.0, 30.0, -10.0, -9.0]


def test_a_bar_without_price_or_volume_restarts_the_balance() -> None:
    price, volume = [5.0, NAN, 6.0, 7.0, 7.5, 7.0], [1.0, 2.0, 3.0, 4.0, NAN, 6.0]
    # the first bar after a gap counts up whatever its price
    np.testing.assert_equal(balance_volume(price, volume), [1.0, NAN, 3.0, 7.0, NAN, 6.0])


def test_a_missing_value_restarts_the_sum() -> None:
    np.testing.assert_equal(
        cumulative_sum([NAN, 1.0, 2.0, NAN, 3.0, -4.0]), [NAN, 1.0, 3.0, NAN, 3.0, -1.0]
    )


def test_a_sum_since_a_condition_holds_that_bar() -> None:
    condition = [False, None, True, False, None, True, True, False]
    values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
    np.testing.assert_equal(
        sum_since(condition, values), [NAN, NAN, 3.0, 7.0, 12.0, 6.0, 7.0, 15.0]
    )


def test_a_missing_value_waits_for_the_condition() -> None:
    condition = [True, False, False, True, False, True, False]
    values = [1.0, NAN, 2.0, NAN, 4.0, 5.0, 6.0]
    # the condition of bar 3 holds where there is nothing to add up
    np.testing.assert_equal(sum_since(condition, values), [1.0, NAN, NAN, NAN, NAN, 5.0, 11.0])


def test_sums_of_nothing() -> None:
    assert balance_volume([], []) == cumulative_sum([]) == sum_since([], []) == []
    np.testing.assert_equal(sum_since([False, None], [1.0, 2.0]), [NAN, NAN])
