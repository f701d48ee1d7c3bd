"""Every entry on sp500 follows a close above the highs before it; only the trailing stop leaves."""

from __future__ import annotations

from hyprl_lab.data import load_bars
from hyprl_lab.engine.backtest import run
from hyprl_lab.strategy import builtin


def test_it_buys_new_highs_and_trails() -> None:
    bars, row = load_bars("sp500").take(0, 1500), builtin.row("donchian_breakout")
    result = run(bars, row.build(), params=row.params)
    trades = result.simulation.trades
    assert len(trades) > 10
    for entry in trades.entry_bar:
        signal = entry - 1
        assert bars.close[signal] > bars.high[signal - 20 : signal].max()
    assert set(result.trades["reason"]) <= {"trailing_stop", "forced"}
    assert (result.trades["stop_price"] < result.trades["entry_price"]).all()
