"""Long exactly while the past return is there: entered above the threshold, left below zero."""

from __future__ import annotations

from hyprl_lab.data import load_bars
from hyprl_lab.engine.backtest import run
from hyprl_lab.strategy import builtin


def test_the_past_return_decides() -> None:
    bars = load_bars("sp500").take(0, 2500)
    params = {"window": 100, "threshold": 2.0}
    trades = run(bars, builtin.get("roc_momentum"), params=params).simulation.trades
    close = bars.close
    assert len(trades) > 5
    for entry, leave in zip(trades.entry_bar, trades.exit_bar, strict=True):
        assert close[entry - 1] / close[entry - 101] > 1.02
        assert close[leave - 1] < close[leave - 101] or leave == len(bars) - 1
