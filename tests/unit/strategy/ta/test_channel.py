import numpy as np
import pandas as pd
import pytest
import talib

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import close, param, ta

N = param("n", 1, 60)


@pytest.mark.parametrize("window", [2, 14])
def test_extremes_are_those_of_ta_lib(window, bars, agree):
    agree(ta.highest(close, N), talib.MAX(bars.close, window), n=window)
    agree(ta.lowest(close, N), talib.MIN(bars.close, window), n=window)
    agree(ta.midpoint(close, N), talib.MIDPOINT(bars.close, window), n=window)
    agree(ta.midprice(N), talib.MIDPRICE(bars.high, bars.low, window), n=window)


def test_the_short_names_are_the_same_functions():
    assert ta.max is ta.highest
    assert ta.min is ta.lowest


def test_donchian_against_pandas(bars, agree):
    upper = pd.Series(bars.high).rolling(7).max().to_numpy()
    lower = pd.Series(bars.low).rolling(7).min().to_numpy()
    made = ta.donchian(N)
    agree(made.upper, upper, n=7)
    agree(made.lower, lower, n=7)
    agree(made.middle, np.mean([upper, lower], axis=0), n=7)


def test_keltner_against_its_parts(bars, agree):
    middle = talib.EMA(bars.close, 20)
    far = 1.5 * talib.ATR(bars.high, bars.low, bars.close, 30)
    made = ta.keltner(20, N, param("k", 0.5, 4.0))
    agree(made.middle, middle)
    agree(made.upper, middle + far, n=30, k=1.5)
    agree(made.lower, middle - far, n=30, k=1.5)


def test_what_is_no_window_is_refused():
    for make in (ta.donchian, ta.keltner, ta.midprice):
        with pytest.raises(StrategyError, match=r"the window is 1\.5"):
            make(1.5)
