"""The README example of backtesting.py 0.6.6 on GOOG, in both engines.

Origin: `Backtest(GOOG, SmaCross, cash=10_000, commission=.002, exclusive_orders=True).run()` with
n1 = 10, n2 = 20; whole units, next open, long and short, the last position left open and marked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hyprl_lab.data import Bars
from hyprl_lab.engine import Execution, Result, run
from hyprl_lab.metrics import Equity, Moments, cagr, calmar, max_drawdown, sharpe, sortino
from hyprl_lab.strategy import Strategy, close, ta

if TYPE_CHECKING:
    import pandas as pd

MONEY = 5e-6
"""The reference prints five digits after the point."""

fast, slow = ta.sma(close, 10), ta.sma(close, 20)
up, down = fast.crosses_above(slow), fast.crosses_below(slow)
EXECUTION = Execution(fee_bps=20, whole_units=True, at_end="mark")


def smacross(goog: pd.DataFrame, engine: str, *, short: bool) -> Result:
    bars = Bars.from_pandas(goog, symbol="GOOG", timeframe="1d", calendar="XNYS")
    sides = {"short_entry": down, "short_exit": up} if short else {}
    strategy = Strategy("SmaCross", long_entry=up, long_exit=down, **sides)
    return run(bars, strategy, execution=EXECUTION, engine=engine)


@pytest.mark.parametrize("engine", ["native", "python"])
def test_long_and_short(goog: pd.DataFrame, engine: str) -> None:
    result = smacross(goog, engine, short=True)
    metrics, trades = result.metrics, result.trades
    assert metrics.final_equity == pytest.approx(56263.51934, abs=MONEY)
    assert metrics.max_drawdown == pytest.approx(0.3393159182905461, rel=1e-13)
    assert (metrics.trades, metrics.open_trades, len(trades)) == (93, 1, 94)
    assert metrics.profit_factor == pytest.approx(1.6589811928871439, rel=1e-12)
    assert metrics.sqn == pytest.approx(1.5843922090024816, rel=1e-12)
    first = trades.iloc[0]
    assert (first["side"], first["quantity"]) == ("short", 59.0)
    assert first["entry_price"] == pytest.approx(169.02, abs=1e-9)
    assert first["exit_price"] == pytest.approx(179.13, abs=1e-9)
    assert first["pnl"] == pytest.approx(-637.5717, abs=1e-9)


@pytest.mark.parametrize("engine", ["native", "python"])
def test_long_only(goog: pd.DataFrame, engine: str) -> None:
    result = smacross(goog, engine, short=False)
    assert result.metrics.final_equity == pytest.approx(63341.19136, abs=MONEY)


@pytest.mark.parametrize("engine", ["native", "python"])
def test_ratios_of_the_equity_curve(goog: pd.DataFrame, engine: str) -> None:
    """2,147 returns; origin: empyrical-reloaded 0.7.1 on that equity."""
    metrics = smacross(goog, engine, short=True).metrics
    assert metrics.sharpe == pytest.approx(0.826800558213597, rel=1e-12)
    assert metrics.sortino == pytest.approx(1.2592866757997354, rel=1e-12)
    assert metrics.cagr == pytest.approx(0.22444642057076902, rel=1e-12)


def test_ratios_of_buy_and_hold(goog: pd.DataFrame) -> None:
    """Origin: empyrical-reloaded 0.7.1 on GOOG's closes."""
    prices = goog["close"].to_numpy()
    returns = Equity(prices, cash=float(prices[0])).returns()
    moments = Moments.of(returns)
    assert sharpe(moments, periods_per_year=252.0) == pytest.approx(0.8815185699129495, rel=1e-12)
    assert sortino(returns, periods_per_year=252.0) == pytest.approx(1.3541673631507354, rel=1e-12)
    growth = cagr(Equity(prices, cash=float(prices[0])), years=len(returns) / 252.0)
    drawdown = max_drawdown(Equity(prices, cash=float(prices[0])))
    # empyrical's Calmar grows by 252 returns a year, ours by the calendar: its years are handed in
    assert calmar(growth, drawdown) == pytest.approx(0.4243536011708422, rel=1e-12)
