"""What the twin measures on what happened: headline returns, blocks, metrics, behaviour hash."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab import metrics
from hyprl_lab.engine.simulation import BLOCK_COLUMNS, REASONS, TradeColumns

if TYPE_CHECKING:
    from hyprl_lab.engine.simulation import SimulationInputs
    from hyprl_lab.types import FloatArray, Reason

__all__ = [
    "Activity",
    "Fill",
    "Trade",
    "behaviour_hash",
    "headline_blocks",
    "headline_returns",
    "measure",
    "trade_columns",
]

BLOCKS: Final = 16
HASH_SEED: Final = 0xCBF29CE484222325
MASK: Final = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Fill:
    """One fill: its bar and the money that changed hands."""

    bar: int
    notional: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """One closed trade, or the one left open at the end."""

    entry_bar: int
    exit_bar: int
    side: int
    entry_price: float
    exit_price: float
    quantity: float
    pnl: float
    trade_return: float
    stop_price: float
    reason: Reason
    fees: float
    financing: float
    mae: float
    mfe: float

    @property
    def code(self) -> int:
        """The reason as a number."""
        return REASONS.index(self.reason)


@dataclass(slots=True)
class Activity:
    """What an account lived through."""

    equity: list[float] = field(default_factory=list)
    worst: list[float] = field(default_factory=list)
    trades: list[Trade] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    fees_paid: float = 0.0
    bars_held: int = 0
    ruined_bar: int | None = None
    deficit: float = 0.0


def headline_returns(equity: list[float], inputs: SimulationInputs) -> metrics.Returns:
    """Return the returns between neighbouring headline points, from `start` on."""
    points = [equity[row - inputs.start] for row in _headline(inputs)]
    if len(points) < 2:
        return metrics.Returns(np.empty(0))
    return metrics.Equity(np.array(points), inputs.cash).returns()


def headline_blocks(
    returns: metrics.Returns, activity: Activity, inputs: SimulationInputs
) -> FloatArray:
    """Return sums over a leading block and 16 equal ones; shape (17, 6), `BLOCK_COLUMNS`."""
    blocks = [[0.0] * len(BLOCK_COLUMNS) for _ in range(BLOCKS + 1)]
    rows = _headline(inputs)
    for number, value in enumerate(returns.values.tolist()):
        block = blocks[_block(number, len(returns))]
        square = value * value
        for column, power in enumerate((value, square, square * value, square * square)):
            block[column] += power
    for trade in activity.trades:
        if trade.reason != "open":
            blocks[_block(_return_of(trade.exit_bar, rows), len(returns))][4] += 1.0
    for fill in activity.fills:
        blocks[_block(_return_of(fill.bar, rows), len(returns))][5] += fill.notional
    return np.array(blocks)


def measure(
    returns: metrics.Returns, blocks: FloatArray, activity: Activity, inputs: SimulationInputs
) -> dict[str, float]:
    """Return `TRIAL_METRICS` by name, NaN where undefined."""
    equity = metrics.Equity(np.array(activity.equity), inputs.cash)
    moments = metrics.Moments.of_blocks(blocks, len(returns))
    pnl = [trade.pnl for trade in activity.trades]
    closed = [trade for trade in activity.trades if trade.reason != "open"]
    closed_pnl = [trade.pnl for trade in closed]
    notional = 0.0
    for row in blocks.tolist():
        notional += row[5]
    total_equity = 0.0
    for money in activity.equity:
        total_equity += money
    bars = len(activity.equity)
    a_year = inputs.periods_per_year
    growth = metrics.cagr(equity, years=inputs.years)
    drawdown = metrics.max_drawdown(equity)
    values: dict[str, float | None] = {
        "total_return": metrics.total_return(equity),
        "cagr": growth,
        "annualised_volatility": metrics.annualised_volatility(moments, periods_per_year=a_year),
        "sharpe_per_period": metrics.sharpe_per_period(moments),
        "sharpe": metrics.sharpe(moments, periods_per_year=a_year),
        "sortino": metrics.sortino(returns, periods_per_year=a_year),
        "calmar": metrics.calmar(growth, drawdown),
        "max_drawdown": drawdown,
        "max_drawdown_bars": metrics.max_drawdown_bars(equity),
        "max_drawdown_intrabar": metrics.max_drawdown_intrabar(equity, activity.worst),
        "trades": len(closed),
        "open_trades": len(activity.trades) - len(closed),
        "win_rate": metrics.win_rate(closed_pnl),
        "profit_factor": metrics.profit_factor(closed_pnl),
        "average_trade_return": metrics.average_trade_return(
            [trade.trade_return for trade in closed]
        ),
        "exposure": metrics.exposure(activity.bars_held, bars),
        "turnover": metrics.turnover(notional, total_equity / bars, years=inputs.years),
        "edge_bps": metrics.edge_bps(pnl, notional),
        "pnl_per_10k": metrics.pnl_per_10k(equity),
        "sqn": metrics.sqn(closed_pnl),
        "skewness": moments.skewness,
        "kurtosis": moments.kurtosis,
        "final_equity": equity.final,
        "fees_paid": activity.fees_paid,
    }
    return {name: math.nan if value is None else float(value) for name, value in values.items()}


def behaviour_hash(trades: list[Trade]) -> int:
    """Return 64 bits over when and how trades began and ended; prices do not enter.

    Examples
    --------
    >>> hex(behaviour_hash([]))
    '0xcbf29ce484222325'
    """
    state = HASH_SEED
    for trade in trades:
        how = 2 * trade.code + (0 if trade.side > 0 else 1)
        state = _mix(state ^ (trade.entry_bar + (trade.exit_bar << 29) + (how << 58)) & MASK)
    return state


def trade_columns(trades: list[Trade]) -> TradeColumns:
    """Lay trades out as columns, reasons as their codes."""
    return TradeColumns(
        entry_bar=np.array([trade.entry_bar for trade in trades], np.int64),
        exit_bar=np.array([trade.exit_bar for trade in trades], np.int64),
        side=np.array([trade.side for trade in trades], np.int8),
        entry_price=np.array([trade.entry_price for trade in trades], np.float64),
        exit_price=np.array([trade.exit_price for trade in trades], np.float64),
        quantity=np.array([trade.quantity for trade in trades], np.float64),
        pnl=np.array([trade.pnl for trade in trades], np.float64),
        trade_return=np.array([trade.trade_return for trade in trades], np.float64),
        stop_price=np.array([trade.stop_price for trade in trades], np.float64),
        reason=np.array([trade.code for trade in trades], np.int8),
        fees=np.array([trade.fees for trade in trades], np.float64),
        financing=np.array([trade.financing for trade in trades], np.float64),
        mae=np.array([trade.mae for trade in trades], np.float64),
        mfe=np.array([trade.mfe for trade in trades], np.float64),
    )


def _mix(state: int) -> int:
    """SplitMix64's finaliser: Steele, Lea and Flood (2014), OOPSLA, "Fast Splittable PRNGs"."""
    state ^= state >> 30
    state = state * 0xBF58476D1CE4E5B9 & MASK
    state ^= state >> 27
    state = state * 0x94D049BB133111EB & MASK
    return state ^ (state >> 31)


def _headline(inputs: SimulationInputs) -> list[int]:
    return [row for row in inputs.headline.tolist() if row >= inputs.start]


def _return_of(bar: int, headline: list[int]) -> int:
    """Return the number of the return that a bar belongs to, counted from 0.

    Return i runs from headline point i (exclusive) to point i + 1; bars before the first point
    belong to the first return, bars after the last point to the last.
    """
    return min(max(bisect_left(headline, bar) - 1, 0), max(len(headline) - 2, 0))


def _block(number: int, returns: int) -> int:
    """Return the block of a return: the oldest T mod 16 lead, the rest share 16 evenly."""
    size, leading = divmod(returns, BLOCKS)
    return 0 if number < leading or size == 0 else 1 + (number - leading) // size
