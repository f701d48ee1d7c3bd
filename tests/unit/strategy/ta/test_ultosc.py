import itertools

import pytest
import talib

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import param, ta


@pytest.mark.parametrize("order", list(itertools.permutations((3, 7, 11))))
def test_the_windows_weigh_by_their_length_in_any_order(order, bars, agree):
    wanted = talib.ULTOSC(bars.high, bars.low, bars.close, *order)
    agree(ta.ultosc(*order), wanted)
    names = ("a", "b", "c")
    made = ta.ultosc(*(param(name, 1, 40) for name in names))
    agree(made, wanted, **dict(zip(names, order, strict=True)))


def test_equal_windows_and_defaults(bars, agree):
    prices = (bars.high, bars.low, bars.close)
    agree(ta.ultosc(), talib.ULTOSC(*prices, 7, 14, 28))
    made = ta.ultosc(param("a", 1, 40), 5, param("c", 1, 40))
    agree(made, talib.ULTOSC(*prices, 5, 5, 9), a=9, c=5)


def test_what_is_no_window_is_refused():
    with pytest.raises(StrategyError, match="the window is 0"):
        ta.ultosc(0, 14, 28)
