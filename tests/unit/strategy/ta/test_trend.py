import pytest
import talib

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import close, param, ta


@pytest.mark.parametrize("name", ["sma", "ema", "wma", "dema", "tema", "trima", "kama", "t3"])
@pytest.mark.parametrize("window", [2, 5, 14])
def test_an_average_is_that_of_ta_lib(name, window, bars, agree):
    wanted = getattr(talib, name.upper())(bars.close, window)
    agree(getattr(ta, name)(close, window), wanted)
    agree(getattr(ta, name)(close, param("n", 1, 50)), wanted, n=window)


def test_the_factor_of_t3_may_be_a_parameter(bars, agree):
    wanted = talib.T3(bars.close, 4, 0.3)
    agree(ta.t3(close, 4, 0.3), wanted)
    agree(ta.t3(close, 4, param("v", 0.0, 1.0)), wanted, v=0.3)
    with pytest.raises(StrategyError):
        ta.t3(close, 4, close > 1)


def test_a_missing_value_starts_a_double_average_anew(on_few):
    nan = float("nan")
    found = on_few(ta.dema(close, 2), [1, 2, 4, nan, 3, 3, 3])
    assert found[2] == pytest.approx(2 * (1.5 + 2.5 * 2 / 3) - (1.5 + 1.5 + 2.5 * 2 / 3) / 2)
    assert [value != value for value in found] == [True, True, False, True, True, True, False]
    assert found[6] == pytest.approx(3)
