"""The position a strategy wants after the next open, bar by bar.

The state of bar t uses nothing newer than the close of t. It is what the engine itself does at the
open of a bar put after t, all of whose prices are the close of t: that bar can't gap through a
level, and its open is the price at which what is known at the close of t would be sized. So
signals, levels, sizing and fees are the engine's, whichever one is asked, and no rule of
`docs/execution.md` is told a second time here.

One simulation answers for nearly every bar. Levels are anchored to the fill, so the real open after
t gives the same answer as the made-up one, except where its price decides whether an entry can be
made at all: by whole units, by a fixed fee, or by slippage that reaches a stop some ATRs away.
There the engine is asked again, with the made-up bar after t.
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
    from hyprl_lab.types import EngineName, FloatArray

    Simulate = Callable[[SimulationInputs], Simulation]

__all__ = ["SignalStates", "signal_states"]

_PRICES: Final = ("open", "high", "low", "close")


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
    engine: EngineName = "native",
    first: int = 0,
) -> SignalStates:
    """Return the position and the signal state at each bar.

    The last position is left open (`at_end="mark"`), whatever `execution` says: bars that end
    today are not a reason to sell. After ruin the state is flat. With `fill="same_close"` the
    orders of a bar are filled at its close, so the state is the position. An entry too small to
    be made, sized at the bar's close, is not wanted.

    Parameters
    ----------
    bars
        Closed bars; the last one is the one predicted from.
    strategy, params, risk, execution, cash
        The config, as for a backtest.
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

    simulate = _simulator(engine)
    known = backtest.inputs(
        bars,
        strategy,
        strategy.bind(params),
        risk=risk,
        execution=replace(execution, at_end="mark"),
        cash=cash,
        window=Period().window(bars),
    )
    inputs = replace(known, columns=_with_a_bar_after(known.columns))
    found = simulate(inputs)
    count = len(bars)
    position = _held(found.trades, count + 1, through_signals=False)[:count]
    if execution.fill == "same_close":
        return SignalStates(position[first:], position[first:].copy())
    state = _held(found.trades, count + 1, through_signals=True)[1:]
    for row in _unsure(inputs, strategy, found, position, state, simulate=simulate):
        if row >= first:
            asked = replace(inputs, columns=_flattened_after(inputs.columns, row))
            state[row] = _held(simulate(asked).trades, count + 1, through_signals=True)[row + 1]
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


def _with_a_bar_after(columns: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Return the columns with a bar more: its prices are the last close, the rest is repeated."""
    close = columns["close"][-1]
    return {
        name: np.append(values, close if name in _PRICES else values[-1])
        for name, values in columns.items()
    }


def _flattened_after(columns: Mapping[str, FloatArray], row: int) -> dict[str, FloatArray]:
    """Return the columns with the prices of bar `row + 1` at the close of `row`."""
    changed = dict(columns)
    for name in _PRICES:
        changed[name] = columns[name].copy()
        changed[name][row + 1] = columns["close"][row]
    return changed


def _held(trades: TradeColumns, bars: int, *, through_signals: bool) -> NDArray[np.int8]:
    """Return the side held at each close, or right after each open's orders.

    After the open of its last bar a trade is held still, unless a signal closed it there; at the
    close of that bar it isn't, unless it is open to the end.
    """
    from hyprl_lab.engine.simulation import REASONS

    stays = np.array(
        [reason != "signal" if through_signals else reason == "open" for reason in REASONS]
    )
    held = np.zeros(bars, np.int8)
    for entry, exit_, side, reason in zip(
        trades.entry_bar, trades.exit_bar, trades.side, trades.reason, strict=True
    ):
        held[entry : exit_ + 1 if stays[reason] else exit_] = side
    return held


def _unsure(
    inputs: SimulationInputs,
    strategy: Strategy,
    found: Simulation,
    position: NDArray[np.int8],
    state: NDArray[np.int8],
    *,
    simulate: Simulate,
) -> list[int]:
    """Return the rows whose next, real open may have changed what was wanted at their close.

    Where the price of an open matters these are the rows that signal an entry and stayed flat,
    unless even all the money buys no unit, and those whose entry was made as a reversal or for few
    units. Ruin at an open forestalls its orders.
    """
    last = len(state) - 1
    unsure = np.zeros(last + 1, np.bool_)
    if _open_matters(inputs, strategy):
        close, execution = inputs.columns["close"][: last + 1], inputs.execution
        trades = found.trades
        units = np.full(last + 2, np.inf)
        ratio = (
            inputs.columns["open"][trades.entry_bar]
            / inputs.columns["close"][np.maximum(trades.entry_bar - 1, 0)]
        )
        units[trades.entry_bar] = trades.quantity * np.minimum(ratio, 1.0)
        reversed_ = np.isfinite(units[1:]) & (position != 0)
        few = execution.whole_units & (units[1:] < 1.0)
        lowest = close * (1.0 - execution.slippage_bps / 10_000.0) * (1.0 - 1e-9)
        hopeless = execution.whole_units & (found.equity[: last + 1] < lowest)
        voided = (state == 0) & ~hopeless & _entry_signals(inputs, strategy, simulate)[: last + 1]
        unsure = reversed_ | few | voided
    if found.ruined_bar is not None:
        unsure[found.ruined_bar :] = False
        unsure[max(found.ruined_bar - 1, 0)] = True
    return [int(row) for row in np.flatnonzero(unsure[:last])]


def _open_matters(inputs: SimulationInputs, strategy: Strategy) -> bool:
    execution = inputs.execution
    levels = [level for level in (strategy.stop_loss, strategy.take_profit) if level is not None]
    apart = execution.slippage_bps > 0.0 and any(level.kind != "percent" for level in levels)
    return execution.whole_units or execution.fee_per_trade > 0.0 or apart


def _entry_signals(
    inputs: SimulationInputs, strategy: Strategy, simulate: Simulate
) -> NDArray[np.bool_]:
    """Return at least the bars on which an entry is signalled, as the engine reads the graph.

    A strategy that is long at a close whenever either entry holds shows them by its position. A
    missing condition doesn't close it, so there may be bars too many, never too few.
    """
    from dataclasses import replace

    from hyprl_lab.engine.config import AllIn, Execution
    from hyprl_lab.strategy import Strategy as Graph

    given = [entry for entry in (strategy.long_entry, strategy.short_entry) if entry is not None]
    entry = given[0] if len(given) == 1 else given[0] | given[1]
    probe = Graph("entries", long_entry=entry, long_exit=~entry)
    found = simulate(
        replace(
            inputs,
            graph=probe.to_json(),
            params={name: inputs.params[name] for name in probe.parameters},
            risk=AllIn(),
            execution=Execution(fill="same_close", at_end="mark"),
        )
    )
    bars = len(inputs.columns["close"])
    signals: NDArray[np.bool_] = _held(found.trades, bars, through_signals=False) != 0
    return signals
