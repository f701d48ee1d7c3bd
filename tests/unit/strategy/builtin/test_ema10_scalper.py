"""Crosses of the ten-bar average, by lots, within the session, until the day's target or limit."""

from __future__ import annotations

from pathlib import Path

import hyprl_lab as hl
from hyprl_lab.engine.backtest import run
from hyprl_lab.research.strategies.sample import sample_bars
from hyprl_lab.strategy import builtin


def scalped(bars: hl.Bars) -> hl.Result:
    settings = hl.strategies.settings("ema10_scalper")
    row = builtin.row("ema10_scalper")
    return run(
        bars,
        row.build(),
        params=row.params,
        risk=settings["risk"],
        execution=settings["execution"],
        cash=settings["cash"],
    )


def test_entries_are_crosses_and_sizes_one_lot() -> None:
    bars = sample_bars(intraday=True)
    result = scalped(bars)
    average, k = bars.close[:10].mean(), 2 / 11
    above = {9: bars.close[9] > average}
    for bar in range(10, len(bars)):
        average = (bars.close[bar] - average) * k + average
        above[bar] = bars.close[bar] > average
    trades = result.simulation.trades
    assert result.approximate
    assert len(trades) > 20
    assert set(trades.quantity.tolist()) == {50.0}
    for entry, side in zip(trades.entry_bar, trades.side, strict=True):
        assert above[entry - 1] == (side > 0)
        assert above[entry - 2] != above[entry - 1]
    opened = bars.ts[trades.entry_bar] // 3_600_000_000 % 24
    assert (opened <= 15).all()  # signals before 900 minutes, filled an hour later at most


def test_a_day_of_nifty_ends_at_its_target(shared: Path) -> None:
    bars = hl.read_bars(
        shared / "nifty50_1m_4days.parquet", symbol="NIFTY", timeframe="1m", calendar="XBOM"
    )
    result = scalped(bars)
    assert {"signal", "daily_target"} <= set(result.trades["reason"])
    sessions = result.trades["exit_ts"].dt.date
    assert (result.trades["entry_ts"].dt.date == sessions).all()
    for _, day in result.trades.groupby(sessions):
        reached = day["reason"] == "daily_target"
        assert not reached.iloc[:-1].any()  # nothing after it on that day
        if reached.iloc[-1]:
            assert day["pnl"].sum() > 800  # seen above 1,000 at a close, filled at the next open
