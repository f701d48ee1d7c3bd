import numpy as np

from hyprl_lab.data import load_bars
from hyprl_lab.errors import StrategyError
from hyprl_lab.research.strategies.truncation import even_cuts, look_ahead, signal_cuts

BARS = load_bars("TEST").take(0, 100)


def test_cuts_are_even_and_right_behind_signals():
    signals = np.zeros(100)
    signals[[10, 60, 99]] = 1.0
    assert even_cuts(100, 8) == [40, 48, 56, 65, 73, 82, 90, 99]
    assert signal_cuts({"long_entry": signals}, 100, 8) == [61]
    assert even_cuts(100, 8, least=200) == signal_cuts({"x": signals}, 100, 8, least=200) == []


def test_the_shortest_cut_is_made_first_and_all_bars_last():
    lengths = []

    def counting(bars):
        lengths.append(len(bars))
        return {"entry": (np.arange(len(bars)) == 60) * 1.0}

    look_ahead(BARS, counting, others=True)
    assert lengths == [40, 48, 56, 65, 73, 82, 90, 99, 100, 61, 100, 100]


def test_signals_of_the_past_pass():
    def rising(bars):
        return {"entry": np.append([np.nan], (np.diff(bars.close) > 0).astype(float))}

    looked = look_ahead(BARS, rising, others=True)
    assert (looked.differing, looked.failed, looked.several) == ((), (), True)


def test_a_rare_look_ahead_is_found_behind_its_signals():
    best = int(np.argmax(np.diff(BARS.close)[45:90])) + 45

    def before_the_best(bars):
        return {"entry": np.append(np.diff(bars.close) >= np.diff(BARS.close)[best], [False]) * 1.0}

    (error,) = look_ahead(BARS, before_the_best).differing
    assert f"cut to {best + 1} bars, bar {best} " in error
    assert error.startswith("entry looks ahead")


def test_a_statistic_of_all_bars_is_found():
    def standardised(bars):
        return {"entry": (bars.close > bars.close.mean()).astype(float)}

    assert look_ahead(BARS, standardised).differing


def test_what_is_kept_of_a_call_over_more_bars_is_found():
    kept = np.zeros(0, dtype=bool)

    def cheating(bars):
        nonlocal kept
        if len(kept) < len(bars):
            kept = np.append(np.diff(bars.close) > 0, [False])
        return {"entry": kept[: len(bars)] * 1.0}

    assert look_ahead(BARS, cheating).differing


def test_other_prices_show_what_refuses_fewer_bars():
    def all_or_nothing(bars):
        if len(bars) < len(BARS):
            raise StrategyError("too few")
        return {"entry": np.append(np.diff(bars.close) > 0, [False]) * 1.0}

    looked = look_ahead(BARS, all_or_nothing, others=True)
    assert not looked.several
    assert "with other prices from bar" in looked.differing[0]


def test_bars_too_few_are_told_apart_from_looking_ahead():
    def needs(count):
        def make(bars):
            if len(bars) < count:
                raise StrategyError("too few")
            return {"entry": np.zeros(len(bars))}

        return make

    looked = look_ahead(BARS, needs(80))
    assert looked.differing == ()
    assert looked.failed[0] == "fails on the first 40 of 100 bars: too few"
    assert looked.several
    assert not look_ahead(BARS, needs(95)).several
    assert not look_ahead(BARS.take(0, 2), needs(1)).several
