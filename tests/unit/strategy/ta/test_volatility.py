import math

import pytest
import talib

from hyprl_lab.strategy import close, param, ta

N = param("n", 1, 60)


@pytest.mark.parametrize("window", [2, 14])
def test_ranges_are_those_of_ta_lib(window, bars, agree):
    prices = (bars.high, bars.low, bars.close)
    agree(ta.atr(N), talib.ATR(*prices, window), n=window)
    agree(ta.natr(N), talib.NATR(*prices, window), n=window)
    agree(ta.trange(), talib.TRANGE(*prices))


@pytest.mark.parametrize("window", [2, 5, 20])
def test_bands_are_those_of_ta_lib(window, bars, agree):
    upper, middle, lower = talib.BBANDS(bars.close, window, 2.5, 2.5, 0)
    made = ta.bbands(close, N, param("k", 0.5, 4.0))
    agree(made.upper, upper, n=window, k=2.5)
    agree(made.middle, middle, n=window)
    agree(made.lower, lower, n=window, k=2.5)
    agree(made.width, (upper - lower) / middle, n=window, k=2.5)


def test_where_a_value_stands_between_its_bands(on_few):
    percent = on_few(ta.bbands(close, 2, 1).percent, [1, 3, 2, 2])
    assert percent[1:3] == [1, 0]
    assert math.isnan(percent[3])  # the bands meet


def test_defaults():
    assert repr(ta.bbands(close).upper) == "(sma(close, 20) + (2 * stdev(close, 20)))"
    assert repr(ta.natr()) == repr(ta.natr(14))


def test_a_window_of_one_is_divided_too(on_few):
    assert on_few(ta.natr(1), [10, 20], high=[10, 22], low=[10, 18])[1] == 100 * 12 / 20
