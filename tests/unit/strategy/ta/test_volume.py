import math

import numpy as np
import pytest
import talib

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import close, col, param, ta


def test_lines_of_volume_are_those_of_ta_lib(bars, agree):
    agree(ta.obv(), talib.OBV(bars.close, bars.volume))
    agree(ta.ad(), talib.AD(bars.high, bars.low, bars.close, bars.volume))


@pytest.mark.parametrize(("fast", "slow"), [(3, 10), (10, 3)])
def test_chaikins_oscillator_is_that_of_ta_lib(fast, slow, bars, agree):
    wanted = talib.ADOSC(bars.high, bars.low, bars.close, bars.volume, fast, slow)
    agree(ta.adosc(param("f", 1, 50), param("s", 1, 50)), wanted, f=fast, s=slow)


@pytest.mark.parametrize("window", [2, 5, 14])
def test_money_flow_is_that_of_ta_lib(window, bars, agree):
    wanted = talib.MFI(bars.high, bars.low, bars.close, bars.volume, window)
    agree(ta.mfi(param("n", 1, 50)), wanted, n=window)


def test_money_flow_of_little_volume_and_of_none(on_few):
    assert on_few(ta.mfi(2), [1, 2, 3, 2], volume=[1e-9] * 4)[2:] == [100, 60]
    assert on_few(ta.mfi(2), [1, 2, 3, 2], volume=[0] * 4)[2:] == [0, 0]
    assert on_few(ta.mfi(2), [2, 2, 2, 2])[2:] == [0, 0]


def test_the_average_of_a_session_against_numpy(bars, on_bars):
    price = (bars.high + bars.low + bars.close) / 3
    found = on_bars(ta.session_vwap())
    for t in (0, 1, 39, 40, 41, 319):
        since = slice(t // 40 * 40, t + 1)
        wanted = np.average(price[since], weights=bars.volume[since])
        assert found[t] == pytest.approx(wanted, rel=1e-12)


def test_an_anchored_average_begins_with_the_condition(on_few):
    made = ta.anchored_vwap(col("new") == 1)
    volume, new = [1, 1, 3, 0, 5], [0, 1, 0, 1, 0]
    found = on_few(made, [9, 2, 6, 8, 4], volume=volume, new=new)
    assert found[1:3] == [2, 5]
    assert math.isnan(found[0])
    assert math.isnan(found[3])  # no volume yet
    assert found[4] == 4
    with pytest.raises(StrategyError, match="expected a boolean"):
        ta.anchored_vwap(close)
