"""The fraction that makes wealth grow fastest, found on past trades.

Source: Kelly (1956), "A New Interpretation of Information Rate", Bell System Technical Journal
35(4); Thorp (2006), "The Kelly Criterion in Blackjack, Sports Betting and the Stock Market".
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hyprl_lab.types import FloatArray

__all__ = ["TradeOutcomes", "kelly", "r_multiple", "r_multiples"]

BISECTIONS: Final = 200
"""Enough halvings for float64; the loop ends sooner when the interval can't shrink."""


class TradeOutcomes(Protocol):
    """What a table of trades must hold to be measured; one array a column."""

    @property
    def entry_price(self) -> FloatArray:
        """Entry fill prices."""
        ...

    @property
    def quantity(self) -> FloatArray:
        """Units, positive."""
        ...

    @property
    def pnl(self) -> FloatArray:
        """Money, net of cost."""
        ...

    @property
    def trade_return(self) -> FloatArray:
        """P&L over entry notional."""
        ...

    @property
    def stop_price(self) -> FloatArray:
        """Stop levels, NaN where a trade had none."""
        ...


def r_multiple(trades: TradeOutcomes, *, point_value: float = 1.0) -> FloatArray:
    """Return each trade's P&L in units of what its stop put at risk.

    R = pnl / (quantity · point_value · |entry - stop|); NaN for a trade without a stop, where the
    entry price, a mean of several fills, came to lie on the stop, and where R is beyond float64.
    Source: Van Tharp (2008), "Definitive Guide to Position Sizing".

    Parameters
    ----------
    trades
        The trades.
    point_value
        Money per point and unit: multiplier times option delta.
    """
    unknown = np.full(len(trades.pnl), np.nan)
    with np.errstate(over="ignore"):  # what is beyond float64 becomes NaN below
        risked = trades.quantity * point_value * np.abs(trades.entry_price - trades.stop_price)
        found = np.divide(trades.pnl, risked, out=unknown, where=risked > 0.0)
    return np.where(np.isfinite(found), found, np.nan)


def r_multiples(trades: TradeOutcomes, *, point_value: float = 1.0) -> FloatArray:
    """Return the outcomes that Kelly reads: R of each trade, or the trade returns.

    R where every trade has one (see `r_multiple`), else the trade returns: then the whole
    position counts as the risk.
    """
    multiples = r_multiple(trades, point_value=point_value)
    if np.isnan(multiples).any():
        return np.asarray(trades.trade_return, dtype=np.float64)
    return multiples


def kelly(multiples: FloatArray | Sequence[float]) -> float | None:
    """Return the log-optimal fraction of wealth to risk on each trade, at least 0.

    The f ≥ 0 that maximises the mean of ln(1 + f·R): the root of Σ R/(1 + f·R), which falls
    steadily on 0 ≤ f < 1/|min R|, found by bisection to the last bit. 0 where the mean of R is
    not above 0. `None` where no trade lost: then no fraction is too large; and where an outcome
    is not finite.

    Parameters
    ----------
    multiples
        R of each trade: P&L ÷ the amount risked (see `r_multiples`). Scaling R by c scales the
        answer by 1/c.

    Examples
    --------
    >>> round(kelly([1.0, 1.0, -1.0]), 9)  # p - q for an even bet
    0.333333333
    """
    outcomes = [float(value) for value in multiples]
    if not outcomes or min(outcomes) >= 0.0 or not all(map(math.isfinite, outcomes)):
        return None
    if sum(outcomes) <= 0.0:
        return 0.0
    low, high = 0.0, -1.0 / min(outcomes)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2.0
        if middle in {low, high}:
            break
        if _slope(middle, outcomes) > 0.0:
            low = middle
        else:
            high = middle
    return low


def _slope(fraction: float, outcomes: list[float]) -> float:
    total = 0.0
    for outcome in outcomes:
        wealth = 1.0 + fraction * outcome
        if wealth <= 0.0:
            return float("-inf")
        total += outcome / wealth
    return total
