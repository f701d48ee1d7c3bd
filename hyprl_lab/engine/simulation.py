"""What goes into a simulation, and what comes out, whichever engine ran it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hyprl_lab.data.longer import LongerBars
    from hyprl_lab.engine.config import Execution, Risk
    from hyprl_lab.types import BoolArray, FloatArray, IntArray, JsonValue, Reason

__all__ = [
    "BLOCK_COLUMNS",
    "INTENTS",
    "KINDS",
    "REASONS",
    "STATUSES",
    "WHYS",
    "OrderColumns",
    "Simulation",
    "SimulationInputs",
    "TradeColumns",
]

REASONS: Final[tuple[Reason, ...]] = (
    "signal",
    "stop_loss",
    "take_profit",
    "ruined",
    "forced",
    "open",
    "trailing_stop",
    "time_stop",
    "session",
    "daily_target",
    "daily_loss",
)
"""Why a trade ended; the position in this tuple is the code in `TradeColumns.reason`."""

BLOCK_COLUMNS: Final = ("sum1", "sum2", "sum3", "sum4", "trades", "turnover")
"""The columns of `Simulation.blocks`: Σr, Σr², Σr³, Σr⁴, trades closed, Σ|notional|."""

INTENTS: Final = ("entry", "exit")
"""What an order is for; the position is the code in `OrderColumns.intent`."""

KINDS: Final = ("market", "limit", "stop")
"""What sort of order it is; the position is the code in `OrderColumns.kind`."""

STATUSES: Final = ("filled", "partial", "cancelled")
"""What became of an order; the position is the code in `OrderColumns.status`."""

WHYS: Final = (
    "",
    "level_missing",
    "level_breached",
    "no_quantity",
    "not_reached",
    "blocked",
    "no_volume",
)
"""Why an order was cancelled; the position is the code in `OrderColumns.why`."""


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
    ts
        int64 microseconds since the epoch, UTC: the open of each bar.
    bars_per_year
        Bars (not headline periods) in a year, for `VolatilityTarget`.
    clock
        What the session nodes of the graph read, one float64 array each by node name
        (`minute_of_day weekday bar_of_session`); those that the graph does not use may be left out.
    longer
        For each timeframe that an `on` node of the graph names, which longer bar each bar belongs
        to, and which bars complete theirs.
    session
        int64 number of each bar's session, ascending; needed by `intraday` and daily limits.
    square_off
        Which bars stand at or after the session cutoff; needed by `intraday`.
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
    ts: IntArray
    bars_per_year: float
    clock: Mapping[str, FloatArray] = field(default_factory=dict)
    longer: Mapping[str, LongerBars] = field(default_factory=dict)
    session: IntArray | None = None
    square_off: BoolArray | None = None


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
        Money, net of all its fees and of financing.
    trade_return
        `pnl / (quantity · M · entry_price)`, with M = multiplier · option delta.
    stop_price
        The first effective stop, NaN where the trade had none.
    reason
        Codes into `REASONS`.
    fees, financing
        Money paid in fees, and in borrow and funding (negative where it was received).
    mae, mfe
        Worst and best price while held, as signed fractions of the entry price: see `mae` in
        `docs/execution.md`.

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
    fees: FloatArray
    financing: FloatArray
    mae: FloatArray
    mfe: FloatArray

    def __len__(self) -> int:
        return len(self.entry_bar)

    def closed(self) -> TradeColumns:
        """Return the trades that ended, without the one that `at_end="mark"` left open."""
        ended = self.reason != REASONS.index("open")
        return TradeColumns(**{item.name: getattr(self, item.name)[ended] for item in fields(self)})

    @classmethod
    def empty(cls) -> TradeColumns:
        """Return the columns of no trades."""
        return _empty(cls, integers=("entry_bar", "exit_bar"), codes=("side", "reason"))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OrderColumns:
    """Orders in the order they were filled or cancelled, one array a column.

    Parameters
    ----------
    bar
        Row of the bar on which the order was filled or cancelled.
    signal_bar
        Row of the bar at whose close it was decided; -1 for exits that no signal asked for, and
        for carried rests.
    side
        +1 buys, -1 sells.
    intent, kind, reason, status, why
        Codes into `INTENTS`, `KINDS`, `REASONS`, `STATUSES`, `WHYS`.
    asked, quantity
        Units wanted, and units filled.
    price
        Fill price, slippage included; NaN where nothing was filled.
    fee
        Money.

    Examples
    --------
    >>> len(OrderColumns.empty())
    0
    """

    bar: IntArray
    signal_bar: IntArray
    side: NDArray[np.int8]
    intent: NDArray[np.int8]
    kind: NDArray[np.int8]
    reason: NDArray[np.int8]
    status: NDArray[np.int8]
    why: NDArray[np.int8]
    asked: FloatArray
    quantity: FloatArray
    price: FloatArray
    fee: FloatArray

    def __len__(self) -> int:
        return len(self.bar)

    @classmethod
    def empty(cls) -> OrderColumns:
        """Return the columns of no orders."""
        codes = ("side", "intent", "kind", "reason", "status", "why")
        return _empty(cls, integers=("bar", "signal_bar"), codes=codes)


_Columns = TypeVar("_Columns", TradeColumns, OrderColumns)


def _empty(kind: type[_Columns], *, integers: tuple[str, ...], codes: tuple[str, ...]) -> _Columns:
    types = dict.fromkeys(integers, np.int64) | dict.fromkeys(codes, np.int8)
    columns: dict[str, Any] = {
        item.name: np.empty(0, types.get(item.name, np.float64)) for item in fields(kind)
    }
    return kind(**columns)


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
    orders
        Every fill, and every entry that was signalled and could not be made.
    """

    equity: FloatArray
    trades: TradeColumns
    values: dict[str, float]
    blocks: FloatArray
    behaviour_hash: int
    ruined_bar: int | None
    deficit: float
    orders: OrderColumns
