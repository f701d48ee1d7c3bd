"""Entries are on the side of the larger indicator where ADX is high; the exit is their cross."""

from __future__ import annotations

from hyprl_lab.data import load_bars
from hyprl_lab.engine.backtest import run
from hyprl_lab.engine.features import feature_values
from hyprl_lab.strategy import builtin, ta
from hyprl_lab.strategy.features import Features


def test_side_and_strength() -> None:
    bars, row = load_bars("sp500").take(0, 1500), builtin.row("adx_trend")
    trades = run(bars, row.build(), params=row.params).simulation.trades
    lines = Features({"plus": ta.plus_di(14), "minus": ta.minus_di(14), "adx": ta.adx(14)})
    found = feature_values(bars, lines, {}, "python")
    edge = found["plus"] - found["minus"]
    assert {-1, 1} == set(trades.side.tolist())
    for entry, leave, side in zip(trades.entry_bar, trades.exit_bar, trades.side, strict=True):
        assert edge[entry - 1] * side > 0
        assert found["adx"][entry - 1] > 25
        assert edge[leave - 1] * side < 0 or leave == len(bars) - 1
