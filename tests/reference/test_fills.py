"""Reference fills, and the README example of backtesting.py 0.6.6, by the readable twin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from hyprl_lab.engine.config import AllIn, Execution
from hyprl_lab.engine.reference import simulate
from hyprl_lab.engine.simulation import REASONS, Simulation, SimulationInputs

if TYPE_CHECKING:
    import pandas as pd

# A long from 100 with its stop at 95 and its target at 110: bar → price and reason
FILLS = [
    ((100.0, 112.0, 92.0, 105.0), 95.0, "stop_loss"),
    ((90.0, 93.0, 88.0, 91.0), 90.0, "stop_loss"),
]


def column(name: str) -> dict[str, Any]:
    return {"op": "column", "name": name}


def long_from_100(bars: list[tuple[float, float, float, float]], **execution: Any) -> Simulation:
    """Buy on the signal of bar 0."""
    prices = np.array(bars)
    columns = {name: prices[:, i] for i, name in enumerate(("open", "high", "low", "close"))}
    columns["sig"] = np.array([1.0] + [0.0] * (len(bars) - 1))
    graph: dict[str, Any] = {
        "version": 1,
        "nodes": [
            column("sig"),
            {"op": "constant", "value": 0.0},
            {"op": "greater", "args": [0, 1]},
            {"op": "constant", "value": 0.05},
            {"op": "constant", "value": 10.0},
        ],
        "outputs": {"long_entry": 2, "long_exit": None, "short_entry": None, "short_exit": None},
        "stop_loss": {"kind": "percent", "node": 3},
        "take_profit": {"kind": "distance", "node": 4},
    }
    return simulate(
        SimulationInputs(
            columns=columns,
            graph=graph,
            params={},
            risk=AllIn(),
            execution=Execution(**execution),
            cash=10_000.0,
            start=0,
            headline=np.arange(len(bars)),
            periods_per_year=252.0,
            years=1.0,
        )
    )


@pytest.mark.parametrize(("bar", "price", "reason"), FILLS)
@pytest.mark.parametrize("fill", ["next_open", "same_close"])
def test_fills_of_a_held_bar(bar: Any, price: float, reason: str, fill: str) -> None:
    flat = (100.0, 100.0, 100.0, 100.0)
    before = [flat, flat] if fill == "next_open" else [flat]
    result = long_from_100([*before, bar], fill=fill)
    assert result.trades.entry_price.tolist() == [100.0]
    assert result.trades.exit_price.tolist() == [price]
    assert [REASONS[code] for code in result.trades.reason] == [reason]
    assert result.trades.pnl.tolist() == [100.0 * (price - 100.0)]
    assert result.equity[-1] == 100.0 * price


def test_fill_on_the_entry_bar() -> None:
    result = long_from_100([(100.0, 100.0, 100.0, 100.0), (100.0, 112.0, 94.0, 96.0)])
    assert result.trades.entry_bar.tolist() == result.trades.exit_bar.tolist() == [1]
    assert result.trades.exit_price.tolist() == [95.0]


# backtesting.py 0.6.6: Backtest(GOOG, SmaCross, commission=.002, exclusive_orders=True).run(),
# n1=10, n2=20, cash 10,000; long and short, and long only.


def sma_cross(frame: pd.DataFrame, *, short: bool) -> Simulation:
    days = (frame.index[-1] - frame.index[0]).days
    graph: dict[str, Any] = {
        "version": 1,
        "nodes": [
            column("close"),
            {"op": "parameter", "name": "fast"},
            {"op": "sma", "args": [0, 1]},
            {"op": "parameter", "name": "slow"},
            {"op": "sma", "args": [0, 3]},
            {"op": "crosses_above", "args": [2, 4]},
            {"op": "crosses_below", "args": [2, 4]},
        ],
        "outputs": {
            "long_entry": 5,
            "long_exit": 6,
            "short_entry": 6 if short else None,
            "short_exit": 5 if short else None,
        },
        "stop_loss": None,
        "take_profit": None,
    }
    return simulate(
        SimulationInputs(
            columns={name: frame[name].to_numpy() for name in ("open", "high", "low", "close")},
            graph=graph,
            params={"fast": 10.0, "slow": 20.0},
            risk=AllIn(),
            execution=Execution(fee_bps=20, whole_units=True, at_end="mark"),
            cash=10_000.0,
            start=0,
            headline=np.arange(len(frame)),
            periods_per_year=252.0,
            years=days / 365.25,
        )
    )


def test_sma_cross_on_goog(goog: pd.DataFrame) -> None:
    result = sma_cross(goog, short=True)
    trades, values = result.trades, result.values  # noqa: PD011 -- metrics by name, not a frame
    assert values["final_equity"] == pytest.approx(56263.51934, abs=1e-5)
    assert values["max_drawdown"] == pytest.approx(0.3393159182905461, rel=1e-12)
    assert values["sharpe"] == pytest.approx(0.826800558213597, rel=1e-12)
    assert values["sortino"] == pytest.approx(1.2592866757997354, rel=1e-12)
    assert values["cagr"] == pytest.approx(0.22444642057076902, rel=1e-12)
    closed = trades.reason != REASONS.index("open")
    assert closed.sum() == 93
    pnl = trades.pnl[closed]
    assert pnl[pnl > 0].sum() / -pnl[pnl < 0].sum() == pytest.approx(1.6589811928871439, rel=1e-12)
    assert np.sqrt(93) * pnl.mean() / pnl.std(ddof=1) == pytest.approx(1.5843922090024816)
    first = (trades.side[0] * trades.quantity[0], trades.entry_price[0], trades.exit_price[0])
    assert first == (-59.0, 169.02, 179.13)
    assert trades.pnl[0] == pytest.approx(-637.5717, abs=1e-9)


def test_sma_cross_on_goog_long_only(goog: pd.DataFrame) -> None:
    result = sma_cross(goog, short=False)
    assert result.equity[-1] == pytest.approx(63341.19136, abs=1e-5)
