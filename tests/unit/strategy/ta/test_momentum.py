import math

import pytest
import talib

from hyprl_lab.strategy import close, param, ta

N = param("n", 1, 60)


@pytest.mark.parametrize("window", [2, 5, 14])
@pytest.mark.parametrize("name", ["rsi", "cmo", "roc", "rocp", "mom"])
def test_of_a_series_as_ta_lib(name, window, bars, agree):
    wanted = getattr(talib, name.upper())(bars.close, window)
    if name == "rsi":  # its zero is below 1e-14, TA-Lib's 0: they part on the flat stretch
        wanted[200:245] = math.nan
    agree(getattr(ta, name)(close, N), wanted, n=window)


@pytest.mark.parametrize("window", [2, 5, 14])
@pytest.mark.parametrize("name", ["willr", "cci"])
def test_of_bars_as_ta_lib(name, window, bars, agree):
    wanted = getattr(talib, name.upper())(bars.high, bars.low, bars.close, window)
    agree(getattr(ta, name)(N), wanted, n=window)


@pytest.mark.parametrize("windows", [(5, 3, 3), (14, 1, 4), (1, 2, 2)])
def test_the_stochastics_are_those_of_ta_lib(windows, bars, agree):
    fastk, slowk, slowd = windows
    prices = (bars.high, bars.low, bars.close)
    made = ta.stoch(N, slowk, slowd)
    k, d = talib.STOCH(*prices, fastk, slowk, 0, slowd, 0)
    agree(made.k, k, n=fastk)
    agree(made.d, d, n=fastk)
    made = ta.stochf(fastk, N)
    k, d = talib.STOCHF(*prices, fastk, slowd, 0)
    agree(made.k, k)
    agree(made.d, d, n=slowd)
    made = ta.stochrsi(close, 6, fastk, slowd)
    k, d = talib.STOCHRSI(bars.close, 6, fastk, slowd, 0)
    agree(made.k, k)
    agree(made.d, d)


def test_balance_of_power_is_that_of_ta_lib(bars, agree):
    agree(ta.bop(), talib.BOP(bars.open, bars.high, bars.low, bars.close))


def test_nothing_moves(on_few):
    flat = [5.0] * 4
    assert on_few(ta.stochf(2, 1).k, flat)[1:] == [0, 0, 0]
    assert on_few(ta.willr(2), flat)[1:] == [0, 0, 0]
    assert on_few(ta.bop(), flat) == [0, 0, 0, 0]
    assert on_few(ta.cci(2), flat)[1:] == [0, 0, 0]
    assert on_few(ta.roc(close, 1), [0.0, 3, 6])[1:] == [0, 100]
    assert on_few(ta.rocp(close, 1), [0.0, 3, 6])[1:] == [0, 1]
    assert on_few(ta.mom(close, 2), [1.0, 3, 6])[2] == 5
    assert math.isnan(on_few(ta.mom(close, 2), [1.0, 3, 6])[1])


def test_defaults():
    assert repr(ta.mom(close)) == "(close - lag(close, 10))"
    assert repr(ta.cmo(close)) == "cmo(close, 14)"
    assert ta.cci().args[1].value == 14
