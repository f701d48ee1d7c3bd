import numpy as np
import pytest
import talib

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import close, param, ta


@pytest.mark.parametrize("name", ["plus_di", "minus_di", "dx", "adx"])
@pytest.mark.parametrize("window", [2, 14])
def test_wilders_system_is_that_of_ta_lib(name, window, bars, agree):
    wanted = getattr(talib, name.upper())(bars.high, bars.low, bars.close, window)
    agree(getattr(ta, name)(param("n", 1, 50)), wanted, n=window)
    assert getattr(ta, name)().args[0].value == 14


@pytest.mark.parametrize("window", [2, 14])
def test_aroon_is_that_of_ta_lib(window, bars, agree):
    down, up = talib.AROON(bars.high, bars.low, window)
    for made, params in ((ta.aroon(window), {}), (ta.aroon(param("n", 1, 50)), {"n": window})):
        agree(made.up, up, **params)
        agree(made.down, down, **params)
        agree(made.oscillator, talib.AROONOSC(bars.high, bars.low, window), **params)


@pytest.mark.parametrize(("step", "top"), [(0.02, 0.2), (0.1, 0.3), (0.5, 0.2)])
def test_sar_is_that_of_ta_lib(step, top, bars, agree):
    wanted = talib.SAR(bars.high, bars.low, step, top)
    agree(ta.sar(step, top), wanted)
    agree(ta.sar(param("a", 0.01, 1.0), param("b", 0.01, 1.0)), wanted, a=step, b=top)


def supertrend_by_hand(bars, window, multiple):
    """TradingView's `ta.supertrend`, its direction the other way round, written afresh."""
    far = multiple * talib.ATR(bars.high, bars.low, bars.close, window)
    middle = (bars.high + bars.low) / 2
    line, direction = np.full((2, len(far)), np.nan)
    falling, top, bottom = True, np.inf, -np.inf
    for t in range(window, len(far)):
        last = bars.close[t - 1] if t > window else np.nan
        upper, lower = middle[t] + far[t], middle[t] - far[t]
        top = upper if upper < top or last > top else top
        bottom = lower if lower > bottom or last < bottom else bottom
        if t > window:
            falling = not bars.close[t] > top if falling else bars.close[t] < bottom
        line[t], direction[t] = (top, -1) if falling else (bottom, 1)
    return line, direction


@pytest.mark.parametrize(("window", "multiple"), [(10, 3.0), (3, 1.0)])
def test_supertrend_against_its_definition(window, multiple, bars, agree):
    line, direction = supertrend_by_hand(bars, window, multiple)
    assert np.sum(np.diff(direction[window:]) != 0) >= 2
    made = ta.supertrend(param("n", 1, 50), param("k", 0.5, 5.0))
    agree(made.line, line, n=window, k=multiple)
    agree(made.direction, direction, n=window, k=multiple)


def test_what_is_no_window_is_refused():
    for make in (ta.plus_di, ta.adx, ta.aroon, ta.supertrend):
        with pytest.raises(StrategyError, match="the window is 0"):
            make(0)
    with pytest.raises(StrategyError, match="expected a number"):
        ta.supertrend(10, close > 1)
