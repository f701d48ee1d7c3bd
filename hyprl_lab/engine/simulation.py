"""What goes into a simulation, and what comes out, whichever engine ran it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hyprl_lab.engine.config import Execution, Risk
    from hyprl_lab.types import FloatArray, IntArray, JsonValue, Reason

__all__ = ["BLOCK_COLUMNS", "REASONS", "Simulation", "SimulationInputs", "TradeColumns"]

REASONS: Final[tuple[Reason, ...]] = (
    "signal",
    "stop_loss",
    "take_profit",
    "ruined",
    "forced",
    "open",
)
"""Why a trade ended; the position in this tuple is the code in `TradeColumns.reason`."""

BLOCK_COLUMNS: Final = ("sum1", "sum2", "sum3", "sum4", "trades", "turnover")
"""The columns of `Simulation.blocks`: Σr, Σr², Σr³, Σr⁴, trades closed, Σ|notional|."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SimulationInputs:
    """Everything a simulation depends on.

    Parameters
    ----------
    columns
        `open high low close` and every column the graph names; one float64 array each,
        all of one length.
    graph
        The strategy in the form of `Strategy.to_json()`.
    params
        A value for each parameter of the graph.
    risk, execution
        Sizing, fills and costs.
    cash
        Money at `start`, above 0.
    start
        The first bar that is simulated; earlier ones only warm indicators up.
    headline
        Ascending indices of the bars at which equity is sampled for the return series;
        indices below `start` are left out.
    periods_per_year
        Headline periods in a year.
    years
        Elapsed years between bar `start` and the last bar.
    """

    columns: Mapping[str, FloatArray]
    graph: dict[str, JsonValue]
    params: Mapping[str, float]
    risk: Risk
    execution: Execution
    cash: float
    start: int
    headline: IntArray
    periods_per_year: float
    years: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TradeColumns:
    """Trades in the order they closed, one array a column.

    Parameters
    ----------
    entry_bar, exit_bar
        Rows of the bars, counted from the first bar of the series.
    side
        +1 long, -1 short.
    entry_price, exit_price
        Fill prices, slippage included.
    quantity
        Units, positive for both sides.
    pnl
        Money, net of both fees.
    trade_return
        `pnl / (quantity · entry_price)`.
    stop_price
        The stop's level, NaN where the trade had none.
    reason
        Codes into `REASONS`.

    Examples
    --------
    >>> len(TradeColumns.empty())
    0
    """

    entry_bar: IntArray
    exit_bar: IntArray
    side: NDArray[np.int8]
    entry_price: FloatArray
    exit_price: FloatArray
    quantity: FloatArray
    pnl: FloatArray
    trade_return: FloatArray
    stop_price: FloatArray
    reason: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.entry_bar)

    def closed(self) -> TradeColumns:
        """Return the trades that ended, without the one that `at_end="mark"` left open."""
        ended = self.reason != REASONS.index("open")
        return TradeColumns(**{item.name: getattr(self, item.name)[ended] for item in fields(self)})

    @classmethod
    def empty(cls) -> TradeColumns:
        """Return the columns of no trades."""
        return cls(
            entry_bar=np.empty(0, np.int64),
            exit_bar=np.empty(0, np.int64),
            side=np.empty(0, np.int8),
            entry_price=np.empty(0),
            exit_price=np.empty(0),
            quantity=np.empty(0),
            pnl=np.empty(0),
            trade_return=np.empty(0),
            stop_price=np.empty(0),
            reason=np.empty(0, np.int8),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Simulation:
    """What an engine returns.

    Parameters
    ----------
    equity
        Money at each close, from bar `start` to the last.
    trades
        Closed trades, then the open one if `at_end="mark"` left it.
    values
        `TRIAL_METRICS` by name; NaN where undefined.
    blocks
        Shape (17, 6), columns `BLOCK_COLUMNS`, one row a block.
    behaviour_hash
        64 bits over entry bars, exit bars, sides and reasons.
    ruined_bar
        Row of the bar on which equity fell to 0 or below, `None` if it never did.
    deficit
        Money owed at ruin, 0 without.
    """

    equity: FloatArray
    trades: TradeColumns
    values: dict[str, float]
    blocks: FloatArray
    behaviour_hash: int
    ruined_bar: int | None
    deficit: float
