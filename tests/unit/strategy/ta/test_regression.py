import pytest
import talib

from hyprl_lab.strategy import close, param, ta, volume


@pytest.mark.parametrize("window", [2, 5, 14])
@pytest.mark.parametrize("name", ["linearreg", "linearreg_slope", "linearreg_intercept", "tsf"])
def test_lines_are_those_of_ta_lib(name, window, bars, agree):
    wanted = getattr(talib, name.upper())(bars.close, window)
    agree(getattr(ta, name)(close, param("n", 1, 50)), wanted, n=window)


@pytest.mark.parametrize("window", [2, 5, 30])
def test_two_series_as_ta_lib(window, bars, agree):
    n = param("n", 1, 50)
    agree(ta.correl(close, volume, n), talib.CORREL(bars.close, bars.volume, window), n=window)
    agree(ta.beta(close, volume, n), talib.BETA(bars.close, bars.volume, window), n=window)


def test_defaults():
    assert repr(ta.tsf(close)) == "(linearreg(close, 14) + linearreg_slope(close, 14))"
    assert repr(ta.correl(close, volume)) == "correl(close, volume, 30)"
    assert repr(ta.beta(close, volume)) == "beta(close, volume, 5)"
