import math

import numpy as np
import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import Parameter
from hyprl_lab.strategy.parameter import finite_number


@pytest.mark.parametrize(
    ("low", "high", "integer"),
    [(5, 50, True), (1.0, 5, False), (1, 5.0, False), (np.int64(2), 9, True), (None, None, False)],
)
def test_a_parameter_is_an_integer_where_both_bounds_are(low, high, integer):
    assert Parameter("n", low, high).integer is integer


@pytest.mark.parametrize(
    "name", ["", "2fast", "fast-ish", "fast window", "é", "and", "lambda", None, 5, "x\n"]
)
def test_a_name_is_an_identifier(name):
    with pytest.raises(StrategyError, match="parameter name"):
        Parameter(name, 1, 2)


@pytest.mark.parametrize(
    ("low", "high"),
    [(1, None), (None, 1), (5, 1), (math.nan, 1.0), (0.0, math.inf), (True, 5), ("1", 5)],
)
def test_a_range_has_two_finite_ends_in_order(low, high):
    with pytest.raises(StrategyError, match="'n'"):
        Parameter("n", low, high)


def test_an_integer_needs_whole_bounds():
    assert Parameter("n", 1.0, 5.0, integer=True).high == 5
    with pytest.raises(StrategyError, match="whole bounds"):
        Parameter("n", 1.5, 5.0, integer=True)


def test_equal_declarations_merge_and_others_do_not():
    assert Parameter("n", 1, 5).merged(Parameter("n", 1, 5)) == Parameter("n", 1, 5)
    assert Parameter("n").merged(Parameter("n", integer=True)).integer is True
    with pytest.raises(StrategyError, match=r"declared twice .*1 to 5, whole; 1 to 6, whole"):
        Parameter("n", 1, 5).merged(Parameter("n", 1, 6))
    with pytest.raises(StrategyError, match="declared twice"):
        Parameter("n", 1, 5).merged(Parameter("n", 1.0, 5.0))
    with pytest.raises(StrategyError, match="declared twice"):
        Parameter("n").merged(Parameter("n", 1, 5))


@pytest.mark.parametrize("value", [5, 5.0, np.int64(5), np.float64(5.0)])
def test_a_value_becomes_a_float(value):
    checked = Parameter("n", 1, 9).checked(value)
    assert (checked, type(checked)) == (5.0, float)


@pytest.mark.parametrize("value", [True, math.nan, math.inf, "5", None, 5.5, 0, 10])
def test_a_value_outside_the_domain_is_refused(value):
    with pytest.raises(StrategyError, match="parameter 'n'"):
        Parameter("n", 1, 9).checked(value)


def test_the_ends_of_the_range_are_in_it():
    assert Parameter("k", 1.0, 2.0).checked(1) == 1.0
    assert Parameter("k", 1.0, 2.0).checked(2) == 2.0


def test_a_window_without_a_range_is_whole_and_positive():
    free = Parameter("n").as_window()
    assert free.integer is True
    assert free.checked(7, window=True) == 7.0
    with pytest.raises(StrategyError, match="expected >= 1"):
        free.checked(0, window=True)
    with pytest.raises(StrategyError, match="whole number"):
        free.checked(2.5, window=True)


def test_huge_integers_are_refused_without_printing_them():
    with pytest.raises(StrategyError, match="an integer of 13288 bits is too large"):
        finite_number(10**4000, "here")
    with pytest.raises(StrategyError, match="exactly"):
        finite_number(2**53 + 1, "here")
    assert finite_number(2**53, "here") == 2.0**53


def test_a_count_of_bars_has_a_bound_that_is_named():
    assert Parameter("n").checked(2**31 - 1, window=True) == 2**31 - 1
    with pytest.raises(StrategyError, match=r"is 1099511627776; .* <= 2,147,483,647"):
        Parameter("n").checked(2**40, window=True)
