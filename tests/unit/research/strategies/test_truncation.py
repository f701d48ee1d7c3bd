import numpy as np

from hyprl_lab.data import load_bars
from hyprl_lab.errors import StrategyError
from hyprl_lab.research.strategies.truncation import cuts, look_ahead

BARS = load_bars("TEST").take(0, 100)


def test_cuts_stand_right_behind_signals():
    signals = np.zeros(100)
    signals[[10, 60, 99]] = 1.0
    assert cuts({"long_entry": signals}, 100) == [40, 48, 56, 61, 65, 73, 82, 90, 99]
    assert cuts({"long_entry": signals}, 100, least=200) == []


def test_signals_of_the_past_pass():
    def rising(bars):
        return {"entry": np.append([np.nan], (np.diff(bars.close) > 0).astype(float))}

    assert look_ahead(BARS, rising(BARS), rising) == ([], [])


def test_a_rare_look_ahead_is_found_behind_its_signals():
    best = int(np.argmax(np.diff(BARS.close)[45:90])) + 45

    def before_the_best(bars):
        return {"entry": np.append(np.diff(bars.close) >= np.diff(BARS.close)[best], [False]) * 1.0}

    errors, _ = look_ahead(BARS, before_the_best(BARS), before_the_best)
    (error,) = errors
    assert f"cut to {best + 1} bars, bar {best} " in error
    assert error.startswith("entry looks ahead")


def test_a_statistic_of_all_bars_is_found():
    def standardised(bars):
        return {"entry": (bars.close > bars.close.mean()).astype(float)}

    assert look_ahead(BARS, standardised(BARS), standardised)[0]


def test_bars_too_few_are_told_apart_from_looking_ahead():
    def needs_eighty(bars):
        if len(bars) < 80:
            raise StrategyError("too few")
        return {"entry": np.zeros(len(bars))}

    errors, failed = look_ahead(BARS, needs_eighty(BARS), needs_eighty)
    assert errors == []
    assert failed == ["fails on the first 40 of 100 bars: too few"]
