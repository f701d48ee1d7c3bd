"""The position a strategy wants after the next open, bar by bar.

The state of bar t uses nothing newer than the close of t. It is what the engine itself does at the
open of a bar put after t, all of whose prices are the close of t: that bar can't gap through a
level, and its open is the price at which what is known at the close of t would be sized. It opens
when the schedule says that the next bar does. So signals, levels, sizing, fees and session rules
are the engine's, whichever one is asked, and no rule of `docs/execution.md` is told a second time
here.

One simulation answers for nearly every bar. Levels are anchored to the fill, so the real open after
t gives the same answer as the made-up one, except where its price decides whether an entry can be
made at all (by lots, by a fixed fee, by slippage that reaches a stop some ATRs away, by an entry
order or a level that names a price, by what a trade that closes there says to Kelly), where costs
or a gap at that open may take all the money, or where bars are missing and a rule asks for the
session. There the engine is asked again, with the made-up bar after t.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from hyprl_lab.data import Bars
    from hyprl_lab.engine.config import Execution, Risk
    from hyprl_lab.engine.simulation import Simulation, SimulationInputs, TradeColumns
    from hyprl_lab.strategy import Strategy
    from hyprl_lab.strategy.levels import Level
    from hyprl_lab.types import BoolArray, EngineName, Fill, FloatArray

    Simulate = Callable[[SimulationInputs], Simulation]

__all__ = ["SignalStates", "signal_states"]

_AT_OPENS: Final = ("session", "daily_target", "daily_loss", "time_stop")
"""Reasons of exits at an open; a signal's is one with `fill="next_open"`."""

_YEAR_SECONDS: Final = 31_104_000.0
"""The year of 360 days by which borrowing is charged."""


@dataclass(frozen=True, slots=True, eq=False)
class SignalStates:
    """One value a bar: +1 long, 0 flat, -1 short.

    Parameters
    ----------
    position
        Held at the close of the bar.
    state
        Wanted after the next open, decided at the close of the bar.
    """

    position: NDArray[np.int8]
    state: NDArray[np.int8]


def signal_states(
    bars: Bars,
    strategy: Strategy,
    *,
    params: Mapping[str, float],
    risk: Risk,
    execution: Execution,
    cash: float,
    periods_per_year: float | None = None,
    engine: EngineName = "native",
    first: int = 0,
) -> SignalStates:
    """Return the position and the signal state at each bar.

    The last position is left open (`at_end="mark"`), whatever `execution` says: bars that end
    today are not a reason to sell. Orders count as filled whole (`participation_rate` is left
    out): a state says which side is wanted, not how much of it can be had. After ruin the state is
    flat. With `fill="same_close"` the orders of a bar are filled at its close, so the state is the
    position, less what time or session close at the next open. An entry too small to be made,
    sized at the bar's close, is not wanted; nor is one whose entry order would not fill there.

    Parameters
    ----------
    bars
        Closed bars; the last one is the one predicted from.
    strategy, params, risk, execution, cash
        The config, as for a backtest.
    periods_per_year
        Headline periods a year, which `VolatilityTarget` annualises by; `None` takes the
        calendar's.
    engine
        Which engine is asked, for signals and simulation alike.
    first
        The row the answer starts at; the simulation starts at the first bar always.

    Raises
    ------
    StrategyError, ConfigError, BarsError
        As a backtest of the same config.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> from hyprl_lab.engine.config import AllIn, Execution
    >>> from hyprl_lab.strategy import builtin
    >>> states = signal_states(
    ...     load_bars("TEST"), builtin.dual_sma(), params={"fast": 10, "slow": 20},
    ...     risk=AllIn(), execution=Execution(), cash=10_000.0, engine="python")
    >>> len(states.state), sorted({int(s) for s in states.state})
    (500, [0, 1])
    """
    from dataclasses import replace

    from hyprl_lab.engine import backtest
    from hyprl_lab.engine.period import Period
    from hyprl_lab.models.bar_after import BarAfter

    simulate = _simulator(engine)
    known = backtest.inputs(
        bars,
        strategy,
        strategy.bind(params),
        risk=risk,
        execution=replace(execution, at_end="mark", participation_rate=None),
        cash=cash,
        window=Period().window(bars),
        periods_per_year=periods_per_year,
    )
    after = BarAfter.of(bars, strategy, known)
    inputs = after.appended()
    found = simulate(inputs)
    count = len(bars)
    fill = execution.fill
    position = _at_closes(found.trades, found.trades.side, count).astype(np.int8)
    state = _held_after_opens(found.trades, count, fill)
    unsure = after.irregular | _all_at_stake(inputs, found)
    if fill == "next_open":
        unsure = unsure | _priced(inputs, strategy, found, position, state, simulate=simulate)
    if found.ruined_bar is not None:
        unsure[found.ruined_bar :] = False
    for row in np.flatnonzero(unsure[: count - 1]).tolist():
        if row >= first:
            asked = simulate(after.made_up(inputs, row))
            state[row] = _held_after_opens(asked.trades, count, fill)[row]
    if found.ruined_bar is not None:
        state[found.ruined_bar :] = 0
    return SignalStates(position[first:], state[first:])


def _simulator(engine: EngineName) -> Simulate:
    from hyprl_lab.engine import native, reference
    from hyprl_lab.errors import ConfigError

    if engine == "native":
        return native.simulate
    if engine == "python":
        return reference.simulate
    raise ConfigError(f"engine is {engine!r}; choose 'native' or 'python'")


def _at_closes(trades: TradeColumns, values: NDArray[np.generic], bars: int) -> FloatArray:
    """Return a value of the trade held at each close, 0 where none is.

    On the bar of its exit a trade is not held any more.
    """
    from hyprl_lab.engine.simulation import REASONS

    held = np.zeros(bars)
    open_ = trades.reason == REASONS.index("open")
    ends = trades.exit_bar + open_
    for entry, end, value in zip(trades.entry_bar, ends, values, strict=True):
        held[entry:end] = value
    return held


def _held_after_opens(trades: TradeColumns, bars: int, fill: Fill) -> NDArray[np.int8]:
    """Return for each bar the side held right after the orders at the open of the next one.

    There a trade is held still on the bar of its exit, unless what closed it happened at the open;
    with `fill="same_close"` it is not held yet on the bar of its entry.
    """
    from hyprl_lab.engine.simulation import REASONS

    late = fill == "same_close"
    at_open = [REASONS.index(reason) for reason in (*_AT_OPENS, *(() if late else ("signal",)))]
    held = np.zeros(bars + 1, np.int8)
    begins = trades.entry_bar + late
    ends = trades.exit_bar + ~np.isin(trades.reason, at_open)
    for begin, end, side in zip(begins, ends, trades.side, strict=True):
        held[begin:end] = side
    return held[1:]


def _all_at_stake(inputs: SimulationInputs, found: Simulation) -> BoolArray:
    """Return the rows of a position that the next open may end with no money left.

    At the real open nothing is left (ruin forestalls its orders, an exit leaves none to enter
    with), or at the made-up one financing and the costs of an exit may take what there is.
    """
    execution, columns = inputs.execution, inputs.columns
    rows = len(columns["close"]) - 1
    held = _at_closes(found.trades, found.trades.quantity, rows)
    seconds = (inputs.ts[-1] - inputs.ts[-2]) / 1e6 if rows else 0.0
    financing = execution.borrow_cost_bps / 10_000.0 * seconds / _YEAR_SECONDS
    funding = columns.get("funding_rate", np.zeros(rows))[:rows]
    leaving = execution.slippage + execution.fee_bps / 10_000.0 * (1.0 + execution.slippage)
    rate = np.abs(np.nan_to_num(funding)) + financing + leaving
    taken = held * execution.point_value * columns["close"][:rows] * rate + execution.fee_per_trade
    left = found.equity[:rows] - taken * (1.0 + 1e-9)
    at_stake: BoolArray = (held > 0.0) & ((left <= 0.0) | (found.equity[1:] <= 0.0))
    return at_stake


def _priced(
    inputs: SimulationInputs,
    strategy: Strategy,
    found: Simulation,
    position: NDArray[np.int8],
    state: NDArray[np.int8],
    *,
    simulate: Simulate,
) -> BoolArray:
    """Return the rows whose next, real open may have changed by its price what was wanted.

    Where the price of an open matters these are the rows that signal an entry and stayed flat,
    unless even all the money buys no lot, and those whose entry was made as a reversal, for few
    units, near its stop, or by a price of its own. Where it matters only by the trade that it
    closes, these are the reversals, made or not.
    """
    rows = len(state)
    flat_too = _open_matters(inputs.execution, strategy)
    if not flat_too and not _closing_matters(inputs):
        return np.zeros(rows, np.bool_)
    execution, trades = inputs.execution, found.trades
    close, slippage = inputs.columns["close"][:rows], execution.slippage
    lot = execution.lot or 0.0
    units, distance = np.full(rows + 1, np.inf), np.full(rows + 1, np.inf)
    ratio = (
        inputs.columns["open"][trades.entry_bar]
        / inputs.columns["close"][np.maximum(trades.entry_bar - 1, 0)]
    )
    units[trades.entry_bar] = trades.quantity * np.minimum(ratio, 1.0)
    distance[trades.entry_bar] = np.abs(trades.entry_price - trades.stop_price)
    entered = np.isfinite(units[1:])
    few = units[1:] < lot
    near = close * slippage >= distance[1:] * (1.0 - 1e-9)
    lowest = close * execution.point_value * lot * (1.0 - slippage) * (1.0 - 1e-9)
    hopeless = found.equity[:rows] * execution.leverage < lowest
    held = position != 0
    voided = (state == 0) & ~hopeless & _entry_signals(inputs, strategy, simulate)[:rows]
    own_price = entered & _names_a_price(strategy)
    unsure: BoolArray = (entered & held) | few | near | (voided & (held | flat_too)) | own_price
    return unsure


def _levels(strategy: Strategy) -> list[Level]:
    levels = (strategy.stop_loss, strategy.take_profit, strategy.trailing_stop)
    return [level for level in levels if level is not None]


def _names_a_price(strategy: Strategy) -> bool:
    """Whether an entry order or a level stands at a price, wherever the next bar opens."""
    orders = (strategy.entry_limit, strategy.entry_stop)
    return any(order is not None for order in orders) or any(
        level.kind == "price" for level in _levels(strategy)
    )


def _open_matters(execution: Execution, strategy: Strategy) -> bool:
    """Whether the price of an open can decide that an entry from flat is made."""
    apart = execution.slippage > 0.0 and any(level.kind != "percent" for level in _levels(strategy))
    return execution.lot is not None or apart or _names_a_price(strategy)


def _closing_matters(inputs: SimulationInputs) -> bool:
    """Whether what a trade makes at an open can decide that the next one is made there."""
    from hyprl_lab.engine.config import KellyFraction

    return inputs.execution.fee_per_trade > 0.0 or isinstance(inputs.risk, KellyFraction)


def _entry_signals(inputs: SimulationInputs, strategy: Strategy, simulate: Simulate) -> BoolArray:
    """Return at least the bars on which an entry is signalled, as the engine reads the graph.

    A strategy that is long at a close whenever either entry holds shows them by its position. A
    missing condition doesn't close it, so there may be bars too many, never too few: it buys so
    little that no funding can ruin it.
    """
    from dataclasses import replace

    from hyprl_lab.engine.config import Execution, FixedUnits
    from hyprl_lab.strategy import Strategy as Graph

    given = [entry for entry in (strategy.long_entry, strategy.short_entry) if entry is not None]
    entry = given[0] if len(given) == 1 else given[0] | given[1]
    probe = Graph("entries", long_entry=entry, long_exit=~entry)
    little = 1e-9 * inputs.cash / float(inputs.columns["close"].max())
    found = simulate(
        replace(
            inputs,
            graph=probe.to_json(),
            params={name: inputs.params[name] for name in probe.parameters},
            risk=FixedUnits(little),
            execution=Execution(fill="same_close", at_end="mark"),
        )
    )
    rows = len(inputs.columns["close"])
    signals: BoolArray = _at_closes(found.trades, found.trades.side, rows) != 0.0
    return signals
