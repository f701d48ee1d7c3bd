"""Every entry and exit on sp500 is where Wilder's index, written out, says."""

from __future__ import annotations

import numpy as np

from hyprl_lab.data import load_bars
from hyprl_lab.engine.backtest import run
from hyprl_lab.strategy import builtin


def wilder(close: np.ndarray, window: int) -> np.ndarray:
    steps = np.diff(close)
    up, down = steps[:window].clip(0).mean(), (-steps[:window]).clip(0).mean()
    values = np.full(close.size, np.nan)
    values[window] = 100 * up / (up + down)
    for bar in range(window + 1, close.size):
        step = steps[bar - 1]
        up = (up * (window - 1) + max(step, 0)) / window
        down = (down * (window - 1) + max(-step, 0)) / window
        values[bar] = 100 * up / (up + down)
    return values


def test_it_buys_weakness_in_a_rise_and_sells_strength() -> None:
    bars, row = load_bars("sp500").take(0, 2000), builtin.row("rsi_reversion")
    trades = run(bars, row.build(), params=row.params).simulation.trades
    strength = wilder(bars.close, 2)
    mean = np.convolve(bars.close, np.ones(200) / 200)[: len(bars)]
    assert len(trades) > 20
    for entry, leave in zip(trades.entry_bar, trades.exit_bar, strict=True):
        assert strength[entry - 1] < 10
        assert bars.close[entry - 1] > mean[entry - 1]
        assert strength[leave - 1] > 70 or leave == len(bars) - 1
        assert not (strength[entry : leave - 1] > 70).any()
