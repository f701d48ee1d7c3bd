import pytest
import talib

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import close, param, ta


@pytest.mark.parametrize("windows", [(12, 26, 9), (26, 12, 5), (3, 3, 2)])
def test_macd_is_that_of_ta_lib(windows, bars, agree):
    wanted = talib.MACD(bars.close, *windows)
    names = ("fast", "slow", "signal")
    params = dict(zip(names, windows, strict=True))
    made = ta.macd(close, *(param(name, 1, 50) for name in names))
    for line, values in zip((made.line, made.signal, made.histogram), wanted, strict=True):
        agree(line, values, **params)
    agree(ta.macd(close, *windows).histogram, wanted[2])


@pytest.mark.parametrize(("average", "kind"), [("sma", 0), ("ema", 1)])
@pytest.mark.parametrize(("fast", "slow"), [(12, 26), (26, 12), (5, 6)])
def test_price_oscillators_are_those_of_ta_lib(average, kind, fast, slow, bars, agree):
    for make, of in ((ta.apo, talib.APO), (ta.ppo, talib.PPO)):
        wanted = of(bars.close, fast, slow, kind)
        agree(make(close, fast, slow, average), wanted)
        agree(make(close, param("f", 1, 50), slow, average), wanted, f=fast)
        made = make(close, param("f", 1, 50), param("s", 1, 50), average)
        agree(made, wanted, f=fast, s=slow)


def test_trix_is_that_of_ta_lib(bars, agree):
    agree(ta.trix(close, param("n", 1, 50)), talib.TRIX(bars.close, 9), n=9)


def test_defaults():
    assert repr(ta.macd(close).line) == "macd(close, 12, 26)"
    assert repr(ta.apo(close)) == "(sma(close, 12) - sma(close, 26))"


def test_there_are_two_averages():
    for make in (ta.apo, ta.ppo):
        with pytest.raises(
            StrategyError, match=r"average is 'wma'; expected one of \['sma', 'ema'"
        ):
            make(close, 2, 3, "wma")
