"""Metrics of closed (and still open) trades, in money net of cost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hyprl_lab.types import FloatArray

__all__ = [
    "average_trade_return",
    "edge_bps",
    "exposure",
    "profit_factor",
    "sqn",
    "turnover",
    "win_rate",
]


def win_rate(pnl: FloatArray | Sequence[float]) -> float | None:
    """Return the share of trades with P&L above 0; `None` without trades.

    Examples
    --------
    >>> win_rate([10.0, -5.0, 0.0, 20.0])
    0.5
    """
    if not len(pnl):
        return None
    return sum(1 for value in pnl if value > 0.0) / len(pnl)


def profit_factor(pnl: FloatArray | Sequence[float]) -> float | None:
    """Return money won ÷ money lost, by trade.

    `None` where no trade lost money, or the ratio is beyond float64.

    Source: Schwager (1984), "A Complete Guide to the Futures Markets", ch. 21.

    Examples
    --------
    >>> profit_factor([10.0, -5.0, 20.0])
    6.0
    """
    won = lost = 0.0
    for value in pnl:
        if value > 0.0:
            won += float(value)
        elif value < 0.0:
            lost += float(value)
    return _finite(won / -lost) if lost < 0.0 else None


def average_trade_return(trade_return: FloatArray | Sequence[float]) -> float | None:
    """Return the mean of trade returns (a fraction).

    `None` without trades, or where it is beyond float64.

    Examples
    --------
    >>> average_trade_return([0.5, -0.25])
    0.125
    """
    if not len(trade_return):
        return None
    total = 0.0
    for value in trade_return:
        total += float(value)
    return _finite(total / len(trade_return))


def sqn(pnl: FloatArray | Sequence[float]) -> float | None:
    """Return the system quality number, √N · mean(P&L) / std(P&L, ddof=1).

    By Welford's recurrence. `None` with fewer than two trades or where all are equal. Sources:
    Van Tharp (2008), "Definitive Guide to Position Sizing"; Welford (1962), Technometrics 4(3).

    Examples
    --------
    >>> round(sqn([1.0, 2.0, 3.0]), 6)
    3.464102
    """
    mean = squares = 0.0
    for count, value in enumerate(pnl, start=1):
        delta = float(value) - mean
        mean += delta / count
        squares += delta * (float(value) - mean)
    if len(pnl) < 2 or squares <= 0.0:
        return None
    return math.sqrt(len(pnl)) * mean / math.sqrt(squares / (len(pnl) - 1))


def exposure(bars_held: int, bars: int) -> float:
    """Return the share of bars with a position at the close, or on which one was exited.

    Examples
    --------
    >>> exposure(25, 100)
    0.25
    """
    return bars_held / bars


def turnover(notional: float, mean_equity: float, *, years: float) -> float | None:
    """Return Σ|notional| ÷ mean equity ÷ years; `None` where either is not above 0.

    Examples
    --------
    >>> turnover(40_000.0, 10_000.0, years=2.0)
    2.0
    """
    if not (years > 0.0 and mean_equity > 0.0):
        return None
    return notional / mean_equity / years


def edge_bps(pnl: FloatArray | Sequence[float], notional: float) -> float | None:
    """Return P&L over traded notional in basis points.

    `None` without fills, or where it is beyond float64.

    Examples
    --------
    >>> edge_bps([5.0, 5.0], 20_000.0)
    5.0
    """
    if not notional > 0.0:
        return None
    total = 0.0
    for value in pnl:
        total += float(value)
    return _finite(10_000.0 * total / notional)


def _finite(ratio: float) -> float | None:
    return ratio if math.isfinite(ratio) else None
