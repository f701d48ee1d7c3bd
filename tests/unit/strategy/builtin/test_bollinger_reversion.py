"""Every entry on sp500 is a close that falls below the band; the exit is the middle or the stop."""

from __future__ import annotations

from hyprl_lab.data import load_bars
from hyprl_lab.engine.backtest import run
from hyprl_lab.strategy import builtin


def test_it_buys_below_the_band_and_leaves_at_the_middle() -> None:
    bars, row = load_bars("sp500").take(0, 2000), builtin.row("bollinger_reversion")
    result = run(bars, row.build(), params=row.params)
    close = bars.to_pandas()["close"]
    middle = close.rolling(20).mean()
    lower = (middle - 2 * close.rolling(20).std(ddof=0)).to_numpy()
    trades = result.simulation.trades
    assert len(trades) > 20
    for entry, leave, reason in zip(
        trades.entry_bar, trades.exit_bar, result.trades["reason"], strict=True
    ):
        assert close.iloc[entry - 1] < lower[entry - 1]
        assert close.iloc[entry - 2] >= lower[entry - 2]
        if reason == "signal":
            assert close.iloc[leave - 1] > middle.iloc[leave - 1]
    assert set(result.trades["reason"]) <= {"signal", "stop_loss", "forced"}
