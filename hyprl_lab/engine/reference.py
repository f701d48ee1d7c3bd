"""The readable twin: `docs/execution.md` as a textbook would write it, one bar after another.

It is the second, independent statement of the execution semantics. It shares no code with the
native engine, and loads nothing native: plain floats, plain loops. The native engine is held to
it: trades and orders agree exactly, numbers within 1e-10·max(1, |x|).

Here is the order of events in a bar (rules 1, 2, 4 and 7). Levels, sizes, sessions and money are
in the other `reference_*` modules, one rule or two in each.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hyprl_lab.engine.config import checked_cash
from hyprl_lab.engine.reference_account import Account
from hyprl_lab.engine.reference_graph import evaluate
from hyprl_lab.engine.reference_levels import reaches
from hyprl_lab.engine.reference_orders import EntryOrder, entry_order, order_columns
from hyprl_lab.engine.reference_sessions import Sessions
from hyprl_lab.engine.reference_sizing import check_risk
from hyprl_lab.engine.reference_statistics import (
    behaviour_hash,
    headline_blocks,
    headline_returns,
    measure,
    trade_columns,
)
from hyprl_lab.engine.simulation import Simulation, SimulationInputs
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from hyprl_lab.engine.reference_graph import Plan
    from hyprl_lab.engine.reference_position import Position
    from hyprl_lab.engine.watch import Watch
    from hyprl_lab.types import Reason

__all__ = ["simulate", "simulate_plan"]

PRICES = ("open", "high", "low", "close")
WATCH_EVERY = 1_024
LONG, SHORT = 1, -1


def simulate(inputs: SimulationInputs, watch: Watch | None = None) -> Simulation:
    """Run a strategy over bars in plain Python.

    Parameters
    ----------
    inputs
        Bars, graph, parameters, risk, execution and period.
    watch
        Asked before each node of the graph, and told every 1,024 bars how many are done.

    Raises
    ------
    BarsError
        A column is missing or of another length, `start` or `headline` is not among the bars, or
        sessions are not known and `intraday` or a daily limit needs them.
    StrategyError
        The graph can't be read (see `reference_graph.evaluate`).
    ConfigError
        Cash is not above 0, `RiskPct` is asked of a strategy that has no stop, or `FixedFraction`
        is above the leverage.
    CancelledError
        The watch stopped the work.

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
    ...         ts=np.arange(3) * 86_400_000_000, bars_per_year=252.0,
    ...     )
    ... )
    >>> result.equity.tolist()
    [1100.0, 1100.0, 1200.0]
    """
    _check(inputs)
    return simulate_plan(inputs, evaluate(inputs, watch), watch)


def simulate_plan(inputs: SimulationInputs, plan: Plan, watch: Watch | None = None) -> Simulation:
    """Run signals and levels that are worked out already; the rest is as in `simulate`.

    The graph and the parameters of `inputs` are not looked at.
    """
    _check(inputs)
    check_risk(inputs, plan)
    account = Account(inputs, plan)
    _Run(inputs, plan, account).run(watch)
    if not math.isfinite(sum(account.equity)):
        raise BarsError("equity went beyond a float64: prices, sizes or costs are out of scale")
    returns = headline_returns(account.equity, inputs)
    blocks = headline_blocks(returns, account, inputs)
    return Simulation(
        equity=np.array(account.equity),
        trades=trade_columns(account.trades),
        values=measure(returns, blocks, account, inputs),
        blocks=blocks,
        behaviour_hash=behaviour_hash(account.trades),
        ruined_bar=account.ruined_bar,
        deficit=account.deficit,
        orders=order_columns(account.orders),
    )


class _Signals(NamedTuple):
    """What the close of one bar asks for, after rule 2 has voided what contradicts itself."""

    exits: frozenset[int]  # sides
    entry: int | None  # a side


class _Run:
    """The order of events (rule 7)."""

    def __init__(self, inputs: SimulationInputs, plan: Plan, account: Account) -> None:
        self.plan, self.account = plan, account
        self.execution = inputs.execution
        self.sessions = Sessions(inputs)
        self.start, self.last = inputs.start, len(account.bars) - 1
        self.cash = float(inputs.cash)
        self.at_close = inputs.execution.fill == "same_close"
        self.exited_inside = False  # step 5 took an exit on this bar
        self.working: EntryOrder | None = None  # an order that waits for its price in this bar

    def run(self, watch: Watch | None) -> None:
        account = self.account
        for t in range(self.start, self.last + 1):
            if watch is not None and (t - self.start) % WATCH_EVERY == 0:
                watch.check(t, self.last + 1)
            self._bar(t)
            if account.position is not None or account.closed:
                account.bars_held += 1
            if account.ruined_bar is not None:
                for _ in range(t, self.last + 1):
                    account.equity.append(0.0)
                    account.worst.append(0.0)
                break
        if account.position is not None:
            account.close_unfilled(self.last, account.bars[self.last].close, "open")

    def _bar(self, t: int) -> None:
        account, bar = self.account, self.account.bars[t]
        account.begin_bar(t)
        self.exited_inside, self.working = False, None
        self.sessions.open(t, account.equity[-1] if account.equity else self.cash)
        if t > self.start:
            account.finance(t)
            if self._ruined(t, bar.open):
                return
            self._fills_at_open(t)
        self._exits_inside(t)
        self._entries_inside(t)
        if self.at_close:
            self._fills_at_close(t)
        if t == self.last and self.execution.at_end == "close":
            account.exit(t, bar.close, "forced", limited=False)
        if self._ruined(t, bar.close):
            return
        equity = account.equity_at(bar.close)
        account.equity.append(equity)
        account.worst.append(min([equity, *account.low_points]))
        self.sessions.mark(t, equity)
        held = account.position
        if held is not None:
            held.levels.ratchet(t, bar, held.moment if held.entry_bar == t else None)

    # Step 4

    def _fills_at_open(self, t: int) -> None:
        account, opened = self.account, self.account.bars[t].open
        signals = None if self.at_close else self._signals(t - 1)
        held = account.position
        if held is not None:
            reason = self._leaving(t, held, signals)
            if reason is not None:
                decided = t - 1 if reason == "signal" and held.leaving is None else -1
                account.exit(t, opened, reason, signal_bar=decided)
            else:
                account.add_rest(t, opened)
        if account.position is None and signals is not None and signals.entry is not None:
            self._send(t, entry_order(self.plan, signals.entry, t - 1))

    def _leaving(self, t: int, held: Position, signals: _Signals | None) -> Reason | None:
        """Why a position closes at the open of bar t, the first cause of rule 11's list."""
        if held.leaving is not None:
            return held.leaving
        closing = self.sessions.closing(t)
        if closing is not None:
            return closing
        if signals is not None and _asks_out(signals, held.side):
            return "signal"
        if self.plan.time_stop is not None:
            bars = t - held.entry_bar
            if held.moment == "close":
                bars -= 1  # it was not there for that bar
            if bars >= self.plan.time_stop:
                return "time_stop"
        return None

    def _send(self, t: int, order: EntryOrder) -> None:
        """Fill an entry at the open, or let its order wait for its price in the bar."""
        account, opened = self.account, self.account.bars[t].open
        if self.sessions.blocked(t):
            account.cancel(t, order, "blocked")
        elif not order.priced:
            account.cancel(t, order, "level_missing")
        elif order.marketable(opened):
            account.enter(t, order, opened, "open")
        else:
            self.working = order

    # Step 5

    def _exits_inside(self, t: int) -> None:
        account, bar = self.account, self.account.bars[t]
        held = account.position
        if held is None:
            return
        hit = None
        if held.leaving is None and t >= held.guarded_from:
            hit = held.levels.hit(bar, self.execution.intrabar, self.execution.tick_size)
        if hit is None:
            account.mark_low(t)
            held.see(bar.low, bar.high)
            return
        self.exited_inside = True
        target = hit.reason == "take_profit"
        if target and not hit.at_open and not hit.contested:
            account.mark_low(t)  # the low comes before the target
            held.see(bar.worst(held.side))
        account.exit(t, hit.price, hit.reason, kind="limit" if target else "stop")
        if account.position is not None:  # in part: the rest passed through the bar
            held.see(bar.low, bar.high)
            if not hit.contested:
                account.mark_low(t)

    # Step 6

    def _entries_inside(self, t: int) -> None:
        account, bar = self.account, self.account.bars[t]
        order = self.working
        if self.exited_inside and self.execution.reenter_same_bar:
            order = self._again(t)
        if order is None:
            return
        if not order.reached(bar, self.execution.tick_size):
            account.cancel(t, order, "not_reached")
            return
        account.enter(t, order, order.price, "inside")
        held = account.position
        if held is None:
            return
        stop = held.levels.effective()
        if stop is not None and reaches(bar.worst(held.side), stop[0], -held.side):
            account.exit(t, stop[0], stop[1], kind="stop")
        if account.position is not None:
            account.mark_low(t)
            held.see(bar.worst(held.side), bar.close)

    def _again(self, t: int) -> EntryOrder | None:
        """Return the order of the signal bar that may fill after an exit inside the same bar."""
        if self.account.position is not None or self.at_close or t == self.start:
            return None
        signals = self._signals(t - 1)
        if signals.entry is None:
            return None
        order = entry_order(self.plan, signals.entry, t - 1)
        if order.kind == "market":
            return None
        if not order.priced:
            self.account.cancel(t, order, "level_missing")
            return None
        return None if order.marketable(self.account.bars[t].open) else order

    # Step 7

    def _fills_at_close(self, t: int) -> None:
        account, close = self.account, self.account.bars[t].close
        signals = self._signals(t)
        held = account.position
        if held is not None and held.leaving is None and _asks_out(signals, held.side):
            account.exit(t, close, "signal", signal_bar=t)
        if account.position is None and signals.entry is not None:
            order = EntryOrder(signals.entry, t)
            too_soon = self.exited_inside and not self.execution.reenter_same_bar
            if too_soon or self.sessions.blocked(t):
                account.cancel(t, order, "blocked")
            else:
                account.enter(t, order, close, "close")

    # Signals and ruin

    def _signals(self, t: int) -> _Signals:
        plan = self.plan
        exits = {LONG: plan.long_exit[t], SHORT: plan.short_exit[t]}
        enters = {LONG: plan.long_entry[t], SHORT: plan.short_entry[t]}
        entry = None
        if not (enters[LONG] and enters[SHORT]):
            entry = next((side for side in (LONG, SHORT) if enters[side] and not exits[side]), None)
        return _Signals(frozenset(side for side, asked in exits.items() if asked), entry)

    def _ruined(self, t: int, price: float) -> bool:
        """Close the account where equity is gone (rule 12)."""
        account = self.account
        equity = account.equity_at(price)
        if equity > 0.0:
            return False
        account.close_unfilled(t, price, "ruined")
        account.cash = 0.0
        account.ruined_bar, account.deficit = t, -equity
        return True


def _asks_out(signals: _Signals, side: int) -> bool:
    return side in signals.exits or signals.entry == -side


def _check(inputs: SimulationInputs) -> None:
    checked_cash(inputs.cash)
    missing = [name for name in PRICES if name not in inputs.columns]
    if missing:
        raise BarsError(f"columns {missing} are missing; the bars have {sorted(inputs.columns)}")
    bars = len(inputs.columns["close"])
    for name, values in [*inputs.columns.items(), ("ts", inputs.ts)]:
        if len(values) != bars:
            raise BarsError(f"column {name!r} has {len(values)} values; close has {bars}")
    if not 0 <= inputs.start < bars:
        raise BarsError(f"start is row {inputs.start}; expected a row of the {bars} bars")
    rows = inputs.headline.tolist()
    if rows != sorted(set(rows)) or (rows and not (rows[0] >= 0 and rows[-1] < bars)):
        raise BarsError(f"headline rows must ascend within the {bars} bars")
