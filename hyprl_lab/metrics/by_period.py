"""A run cut into calendar periods, each measured for itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.errors import InputError
from hyprl_lab.metrics.drawdown import max_drawdown
from hyprl_lab.metrics.moments import Moments
from hyprl_lab.metrics.returns import annualised_volatility, sharpe, total_return
from hyprl_lab.metrics.series import Equity, Returns
from hyprl_lab.metrics.trades import win_rate

if TYPE_CHECKING:
    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["PeriodMetrics", "metrics_by_period"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PeriodMetrics:
    """One row a period in time order, one array a column; NaN where undefined.

    Parameters
    ----------
    period
        The label of the period.
    first, last
        Positions of its first and its last bar.
    total_return
        Equity at its last bar over equity at the last bar before it (cash before the first),
        minus 1: the periods multiply up to the whole. 0 after ruin.
    annualised_volatility, sharpe
        Of the headline returns that end in it.
    max_drawdown
        At closes, from a peak that starts at the equity before the period.
    trades, win_rate, pnl
        Of the trades that closed in it; P&L in money.
    """

    period: IntArray
    first: IntArray
    last: IntArray
    total_return: FloatArray
    annualised_volatility: FloatArray
    sharpe: FloatArray
    max_drawdown: FloatArray
    trades: IntArray
    win_rate: FloatArray
    pnl: FloatArray


def metrics_by_period(
    equity: Equity,
    period: IntArray,
    *,
    headline: IntArray,
    exit_bar: IntArray,
    pnl: FloatArray,
    periods_per_year: float,
) -> PeriodMetrics:
    """Measure each calendar period of a run.

    Parameters
    ----------
    equity
        Money at each close.
    period
        For each bar the number of its period, such as the year; never falling.
    headline
        Ascending positions of the bars at which equity is sampled for returns.
    exit_bar, pnl
        For each closed trade the position of the bar it closed on, and its P&L in money.
    periods_per_year
        Headline periods in a year.

    Raises
    ------
    InputError
        `period` has another length than `equity`, or falls.

    Examples
    --------
    >>> import numpy as np
    >>> from hyprl_lab.metrics import Equity
    >>> found = metrics_by_period(
    ...     Equity([100.0, 110.0, 99.0, 121.0], cash=100.0), np.array([2019, 2019, 2020, 2020]),
    ...     headline=np.arange(4), exit_bar=np.array([3]), pnl=np.array([21.0]),
    ...     periods_per_year=252.0)
    >>> found.period.tolist(), found.total_return.round(9).tolist(), found.pnl.tolist()
    ([2019, 2020], [0.1, 0.1], [0.0, 21.0])
    >>> found.max_drawdown.round(9).tolist(), found.win_rate.tolist()
    ([0.0, 0.1], [nan, 1.0])
    """
    if len(period) != len(equity):
        raise InputError(f"period has {len(period)} values; expected one a bar, {len(equity)}")
    if np.any(np.diff(period) < 0):
        bar = int(np.flatnonzero(np.diff(period) < 0)[0]) + 1
        raise InputError(f"period falls from {period[bar - 1]} to {period[bar]} at bar {bar}")
    edges = np.flatnonzero(np.diff(period)) + 1
    first = np.concatenate(([0], edges)).astype(np.int64)
    last = np.concatenate((edges, [len(period)])).astype(np.int64) - 1
    points = np.asarray(headline, dtype=np.int64)
    returns = Equity(equity.values[points], cash=equity.cash).returns().values
    parts = np.split(returns, np.searchsorted(points[1:], first[1:]))
    rows = [
        (
            *_growth(equity, begin, end),
            *_variation(part, periods_per_year),
            *_outcomes(pnl[(exit_bar >= begin) & (exit_bar <= end)]),
        )
        for part, begin, end in zip(parts, first.tolist(), last.tolist(), strict=True)
    ]
    total, drawdown, volatility, ratio, trades, won, money = (
        np.array(column, dtype=np.float64) for column in zip(*rows, strict=True)
    )
    return PeriodMetrics(
        period=period[first],
        first=first,
        last=last,
        total_return=total,
        annualised_volatility=volatility,
        sharpe=ratio,
        max_drawdown=drawdown,
        trades=trades.astype(np.int64),
        win_rate=won,
        pnl=money,
    )


def _growth(equity: Equity, first: int, last: int) -> tuple[float, float]:
    before = float(equity.values[first - 1]) if first else equity.cash
    if before <= 0.0:
        return 0.0, 0.0
    part = Equity(equity.values[first : last + 1], cash=before)
    return total_return(part), max_drawdown(part)


def _variation(values: FloatArray, periods_per_year: float) -> tuple[float, float]:
    moments = Moments.of(Returns(values))
    volatility = annualised_volatility(moments, periods_per_year=periods_per_year)
    ratio = sharpe(moments, periods_per_year=periods_per_year)
    return _or_nan(volatility), _or_nan(ratio)


def _outcomes(pnl: FloatArray) -> tuple[float, float, float]:
    return float(len(pnl)), _or_nan(win_rate(pnl)), float(pnl.sum())


def _or_nan(value: float | None) -> float:
    return float("nan") if value is None else value
