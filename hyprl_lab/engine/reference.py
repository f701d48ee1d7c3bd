"""The readable twin: `docs/execution.md` as a textbook would write it, one bar after another.

It is the second, independent statement of the execution semantics. It shares no code with the
native engine, and loads nothing native: plain floats, plain loops. The native engine is held to
it: trades agree exactly, numbers within 1e-10·max(1, |x|).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

import numpy as np

from hyprl_lab.engine.config import AllIn, FixedFraction, RiskPct, checked_cash
from hyprl_lab.engine.reference_graph import evaluate
from hyprl_lab.engine.reference_statistics import (
    Activity,
    Fill,
    Trade,
    behaviour_hash,
    headline_blocks,
    headline_returns,
    measure,
)
from hyprl_lab.engine.simulation import Simulation, SimulationInputs, TradeColumns
from hyprl_lab.errors import BarsError, ConfigError

if TYPE_CHECKING:
    from hyprl_lab.engine.reference_graph import Level, Plan
    from hyprl_lab.types import Reason

__all__ = ["simulate"]

PRICES = ("open", "high", "low", "close")
LONG, SHORT = 1, -1


def simulate(inputs: SimulationInputs) -> Simulation:
    """Run a strategy over bars in plain Python.

    Parameters
    ----------
    inputs
        Bars, graph, parameters, risk, execution and period.

    Raises
    ------
    BarsError
        A column is missing or of another length, or `start` or `headline` is not among the bars.
    StrategyError
        The graph can't be read (see `reference_graph.evaluate`).
    ConfigError
        Cash is not above 0, or `RiskPct` is asked of a strategy that has no stop.

    Examples
    --------
    >>> from hyprl_lab.engine.config import AllIn, Execution
    >>> close = np.array([10.0, 11.0, 12.0])
    >>> graph = {
    ...     "version": 1,
    ...     "nodes": [
    ...         {"op": "column", "name": "close"},
    ...         {"op": "constant", "value": 0.0},
    ...         {"op": "greater", "args": [0, 1]},
    ...     ],
    ...     "outputs": {"long_entry": 2},
    ... }
    >>> result = simulate(
    ...     SimulationInputs(
    ...         columns={"open": close, "high": close, "low": close, "close": close},
    ...         graph=graph, params={}, risk=AllIn(), execution=Execution(), cash=1_100.0,
    ...         start=0, headline=np.arange(3), periods_per_year=252.0, years=2 / 365.25,
    ...     )
    ... )
    >>> result.equity.tolist()
    [1100.0, 1100.0, 1200.0]
    """
    _check(inputs)
    plan = evaluate(inputs.graph, inputs.columns, inputs.params)
    if isinstance(inputs.risk, RiskPct) and plan.stop_loss is None:
        raise ConfigError("RiskPct sizes by the stop, and the strategy has none; give it a stop")
    account = _Account(inputs, plan)
    account.run()
    returns = headline_returns(account.equity, inputs)
    blocks = headline_blocks(returns, account, inputs)
    return Simulation(
        equity=np.array(account.equity),
        trades=_columns(account.trades),
        values=measure(returns, blocks, account, inputs),
        blocks=blocks,
        behaviour_hash=behaviour_hash(account.trades),
        ruined_bar=account.ruined_bar,
        deficit=account.deficit,
    )


@dataclass(slots=True)
class _Position:
    side: int
    quantity: float
    entry_bar: int
    entry_price: float
    entry_fee: float
    stop: float | None
    target: float | None

    @property
    def signed(self) -> float:
        return self.side * self.quantity


class _Account(Activity):
    """Cash, at most one position, and what happened to them."""

    def __init__(self, inputs: SimulationInputs, plan: Plan) -> None:
        super().__init__()
        self.plan = plan
        self.risk = inputs.risk
        self.execution = inputs.execution
        self.open, self.high, self.low, self.close = (
            [float(price) for price in inputs.columns[name]] for name in PRICES
        )
        self.start, self.last = inputs.start, len(self.close) - 1
        self.fee_rate = inputs.execution.fee_bps / 10_000.0
        self.slippage = inputs.execution.slippage_bps / 10_000.0
        self.cash = float(inputs.cash)
        self.position: _Position | None = None
        self.exited = False  # on this bar
        self.low_points: list[float] = []  # equity at its low moments on this bar

    # The order of events

    def run(self) -> None:
        for t in range(self.start, self.last + 1):
            self.exited, self.low_points = False, []
            if self.ruined_bar is None:
                self._bar(t)
            if self.position is not None or self.exited:
                self.bars_held += 1
        if self.position is not None:
            self._leave_open(self.position)

    def _bar(self, t: int) -> None:
        if t > self.start:
            if self._ruined(t, self.open[t]):
                return
            if self.execution.fill == "next_open":
                self._fill_signals(t, self.open[t], signal_bar=t - 1, may_enter=True)
        self._intrabar(t)
        if self.execution.fill == "same_close":
            self._fill_signals(t, self.close[t], signal_bar=t, may_enter=not self.exited)
        if t == self.last and self.execution.at_end == "close" and self.position is not None:
            self._exit(t, self._slipped(self.close[t], -self.position.side), "forced")
        if not self._ruined(t, self.close[t]):
            self._mark(self._equity(self.close[t]))

    def _fill_signals(self, t: int, price: float, *, signal_bar: int, may_enter: bool) -> None:
        plan = self.plan
        both = plan.long_entry[signal_bar] and plan.short_entry[signal_bar]
        exits = {LONG: plan.long_exit[signal_bar], SHORT: plan.short_exit[signal_bar]}
        enters = {
            LONG: plan.long_entry[signal_bar] and not both and not exits[LONG],
            SHORT: plan.short_entry[signal_bar] and not both and not exits[SHORT],
        }
        held = self.position
        if held is not None and (exits[held.side] or enters[-held.side]):
            self._exit(t, self._slipped(price, -held.side), "signal")
        if self.position is None and may_enter:
            for side in (LONG, SHORT):
                if enters[side]:
                    self._enter(t, price, side, signal_bar)

    def _intrabar(self, t: int) -> None:
        held = self.position
        if held is None:
            return
        side, stop, target = held.side, held.stop, held.target
        best, worst = (self.high[t], self.low[t]) if side == LONG else (self.low[t], self.high[t])
        if stop is not None and _reaches(self.open[t], stop, -side):
            self._exit(t, self._slipped(self.open[t], -side), "stop_loss")
        elif target is not None and _reaches(self.open[t], target, side):
            self._exit(t, self.open[t], "take_profit")
        elif stop is not None and _reaches(worst, stop, -side):
            self._exit(t, self._slipped(stop, -side), "stop_loss")
        else:
            self.low_points.append(self._equity(worst))
            if target is not None and side * best > side * target:
                self._exit(t, target, "take_profit")

    # Fills

    def _enter(self, t: int, price: float, side: int, signal_bar: int) -> None:
        """Open a position, unless its stop, its target or its size forbids it."""
        if price <= 0.0:
            return
        fill = self._slipped(price, side)
        stop = _level(self.plan.stop_loss, signal_bar, fill, -side)
        target = _level(self.plan.take_profit, signal_bar, fill, side)
        if any(level is not None and math.isnan(level) for level in (stop, target)):
            return
        if stop is not None and _reaches(price, stop, -side):
            return
        if target is not None and _reaches(price, target, side):
            return
        quantity = self._size(self._equity(price), fill, stop)
        if quantity <= 0.0:
            return
        fee = self._pay(t, side, quantity, fill)
        self.position = _Position(side, quantity, t, fill, fee, stop, target)

    def _size(self, equity: float, fill: float, stop: float | None) -> float:
        per_trade = self.execution.fee_per_trade
        unit_cost = fill * (1.0 + self.fee_rate)
        affordable = (equity - per_trade) / unit_cost
        match self.risk:
            case AllIn():
                quantity = affordable
            case FixedFraction(fraction):
                quantity = (equity * fraction - per_trade) / unit_cost
            case RiskPct(risk_pct):
                if stop is None:
                    raise ConfigError("RiskPct needs a stop")
                quantity = equity * risk_pct / abs(fill - stop)
            case _:
                assert_never(self.risk)
        quantity = min(quantity, affordable)
        if self.execution.whole_units:
            quantity = float(math.floor(quantity * (1.0 + 1e-12)))
        return quantity

    def _exit(self, t: int, fill: float, reason: Reason) -> None:
        """Close the position at a fill price, slippage included."""
        held = self.position
        if held is None:
            return
        fee = self._pay(t, -held.side, held.quantity, fill)
        self._record(held, t, fill, fee, reason)
        self.low_points.append(self.cash)

    def _pay(self, t: int, side: int, quantity: float, fill: float) -> float:
        """Move the cash of a fill, and return its fee."""
        notional = quantity * fill
        fee = notional * self.fee_rate + self.execution.fee_per_trade
        self.cash = (self.cash - notional if side == LONG else self.cash + notional) - fee
        self.fees_paid += fee
        self.fills.append(Fill(t, abs(notional)))
        return fee

    def _record(self, held: _Position, t: int, price: float, fee: float, reason: Reason) -> None:
        pnl = (price - held.entry_price) * held.signed - (held.entry_fee + fee)
        self.trades.append(
            Trade(
                entry_bar=held.entry_bar,
                exit_bar=t,
                side=held.side,
                entry_price=held.entry_price,
                exit_price=price,
                quantity=held.quantity,
                pnl=pnl,
                trade_return=pnl / (held.quantity * held.entry_price),
                stop_price=math.nan if held.stop is None else held.stop,
                reason=reason,
            )
        )
        self.position, self.exited = None, True

    def _leave_open(self, held: _Position) -> None:
        """List what `at_end="mark"` left open; only its entry was paid for."""
        self._record(held, self.last, self.close[self.last], 0.0, "open")

    # Marks

    def _ruined(self, t: int, price: float) -> bool:
        """Close the account where equity is gone."""
        equity = self._equity(price)
        if equity > 0.0:
            return False
        if self.position is not None:
            self._record(self.position, t, price, 0.0, "ruined")  # no fill: it has no fee
        self.cash = 0.0
        self.ruined_bar, self.deficit = t, -equity
        for _ in range(t, self.last + 1):
            self.low_points = [0.0]
            self._mark(0.0)
        return True

    def _mark(self, equity: float) -> None:
        self.equity.append(equity)
        self.worst.append(min([equity, *self.low_points]))

    def _equity(self, price: float) -> float:
        held = self.position
        return self.cash if held is None else self.cash + held.signed * price

    def _slipped(self, price: float, side: int) -> float:
        return price * (1.0 + self.slippage) if side == LONG else price * (1.0 - self.slippage)


def _reaches(price: float, level: float, direction: int) -> bool:
    """Whether a price is at the level or beyond it, going up (+1) or down (-1)."""
    return price >= level if direction > 0 else price <= level


def _level(level: Level | None, signal_bar: int, fill: float, direction: int) -> float | None:
    """Return a stop's or a target's price above (+1) or below (-1) the fill.

    `None` if the strategy has none, NaN if it has one that is not known and positive.
    """
    if level is None:
        return None
    amount = level.amount[signal_bar]
    if not (math.isfinite(amount) and amount > 0.0):
        return math.nan
    if level.kind == "percent":
        return fill * (1.0 + amount) if direction > 0 else fill * (1.0 - amount)
    return fill + amount if direction > 0 else fill - amount


def _columns(trades: list[Trade]) -> TradeColumns:
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
    )


def _check(inputs: SimulationInputs) -> None:
    checked_cash(inputs.cash)
    missing = [name for name in PRICES if name not in inputs.columns]
    if missing:
        raise BarsError(f"columns {missing} are missing; the bars have {sorted(inputs.columns)}")
    bars = len(inputs.columns["close"])
    for name, values in inputs.columns.items():
        if len(values) != bars:
            raise BarsError(f"column {name!r} has {len(values)} values; close has {bars}")
    if not 0 <= inputs.start < bars:
        raise BarsError(f"start is row {inputs.start}; expected a row of the {bars} bars")
    rows = inputs.headline.tolist()
    if rows != sorted(set(rows)) or (rows and not (rows[0] >= 0 and rows[-1] < bars)):
        raise BarsError(f"headline rows must ascend within the {bars} bars")
