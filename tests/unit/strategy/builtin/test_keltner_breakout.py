"""Entries on sp500 are closes beyond the channel, exits closes below its middle."""

from __future__ import annotations

import numpy as np

from hyprl_lab.data import load_bars
from hyprl_lab.engine.backtest import run
from hyprl_lab.engine.features import feature_values
from hyprl_lab.strategy import builtin, ta
from hyprl_lab.strategy.features import Features


def test_it_buys_above_the_line_and_leaves_below_the_middle() -> None:
    bars, row = load_bars("sp500").take(0, 2000), builtin.row("keltner_breakout")
    trades = run(bars, row.build(), params=row.params).simulation.trades
    lines = ta.keltner(20, 10, 2.0)
    found = feature_values(
        bars, Features({"upper": lines.upper, "middle": lines.middle}), {}, "python"
    )
    signals, leaves = trades.entry_bar - 1, trades.exit_bar - 1
    assert len(trades) > 10
    assert (bars.close[signals] > found["upper"][signals]).all()
    assert (bars.close[signals - 1] <= found["upper"][signals - 1]).all()
    last = leaves + 1 == len(bars) - 1
    assert np.logical_or(bars.close[leaves] < found["middle"][leaves], last).all()
