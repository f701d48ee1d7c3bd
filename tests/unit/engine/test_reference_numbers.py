"""Arithmetic of one bar, where IEEE 754 has something to say."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.engine.reference_numbers import (
    ARITHMETIC,
    NOTHING,
    choose,
    combine,
    finite_or_missing,
    is_zero,
    smaller_or_larger,
)

NAN = math.nan
LARGE = 1.7e308
NUMBERS = st.floats(allow_infinity=False)


@given(a=NUMBERS, b=NUMBERS)
def test_arithmetic_is_that_of_numpy_where_it_is_finite(a: float, b: float) -> None:
    for name, work in ARITHMETIC.items():
        with np.errstate(all="ignore"):
            wanted = float(getattr(np, name)(np.float64(a), np.float64(b)))
        (found,) = combine([a], [b], work)
        np.testing.assert_array_equal(found, wanted if math.isfinite(wanted) else NAN)


def test_division_by_either_zero_and_overflow_are_missing() -> None:
    quotients = combine([1.0, 0.0, 1.0, LARGE], [0.0, 0.0, -0.0, 0.1], ARITHMETIC["divide"])
    assert all(map(math.isnan, quotients))
    assert math.isnan(combine([LARGE], [LARGE], ARITHMETIC["add"])[0])


def test_the_smaller_and_the_larger_need_both() -> None:
    left, right = [1.0, 2.0, NAN, 4.0], [3.0, -1.0, 5.0, NAN]
    smaller = smaller_or_larger(left, right, larger=False)
    np.testing.assert_array_equal(smaller, [1.0, -1.0, NAN, NAN])
    larger = smaller_or_larger(left, right, larger=True)
    np.testing.assert_array_equal(larger, [3.0, 2.0, NAN, NAN])


def test_a_choice_may_fall_on_what_is_missing() -> None:
    chosen = choose([True, True, False, None], [1.0, NAN, 2.0, 3.0], [NAN, 4.0, 5.0, 3.0])
    np.testing.assert_array_equal(chosen, [1.0, NAN, 5.0, NAN])


def test_what_is_near_enough_to_0_counts_as_it() -> None:
    assert all(map(is_zero, [0.0, -0.0, 9.9e-15, -9.9e-15]))
    assert not any(map(is_zero, [NOTHING, -NOTHING, 1.0, math.inf, NAN]))


def test_only_finite_values_are_values() -> None:
    found = finite_or_missing([0.0, -math.inf, LARGE, math.inf, NAN])
    np.testing.assert_array_equal(found, [0.0, NAN, LARGE, NAN, NAN])
