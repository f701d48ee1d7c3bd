"""Entries are crosses of the session's average, within the hours it may enter."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import hyprl_lab as hl
from hyprl_lab.engine.backtest import run
from hyprl_lab.strategy import builtin


def test_it_needs_bars_within_a_day() -> None:
    row = builtin.row("session_vwap")
    assert row.intraday
    daily = run(hl.load_bars("TEST"), row.build(), params=row.params)
    assert len(daily.trades) == 0  # each day's one bar is its session's first


def test_entries_and_exits_on_spy_by_the_hour(shared: Path) -> None:
    bars = hl.read_bars(shared / "spy_1h.parquet", symbol="SPY", timeframe="1h").take(0, 2000)
    row, settings = builtin.row("session_vwap"), hl.strategies.settings("session_vwap")
    result = run(bars, row.build(), params=row.params, execution=settings["execution"], cash=10_000)
    local = bars.to_pandas().index.tz_convert("America/New_York")
    price = (bars.high + bars.low + bars.close) / 3
    average = np.full(len(bars), np.nan)
    for day in np.unique(local.date):
        rows = np.flatnonzero(local.date == day)
        traded = np.cumsum(bars.volume[rows])
        average[rows] = np.cumsum(price[rows] * bars.volume[rows]) / traded
    trades = result.simulation.trades
    assert len(trades) > 100
    overnight: set[str] = set()
    for entry, side in zip(trades.entry_bar, trades.side, strict=True):
        signal = entry - 1
        assert (bars.close[signal] - average[signal]) * side > 0
        assert (bars.close[signal - 1] - average[signal - 1]) * side <= 0
        assert local[signal].hour < 15
        if local[entry].date() != local[signal].date():
            overnight.add(str(local[signal].date()))
    assert overnight == {"1998-11-27"}  # a half day: its last bar opens at 13:00, before `until`
    out = [local[leave].date() for leave in trades.exit_bar]
    assert out == [local[entry].date() for entry in trades.entry_bar]
