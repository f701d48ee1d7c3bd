"""The position a strategy wants after the next open, bar by bar.

The state of bar t uses nothing newer than the close of t: the position the engine holds at that
close, changed by the orders that the signals of t give (`docs/execution.md`, "Open"). It is what
`predict` answers for the last bar, and what next-bar frequencies are counted by.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hyprl_lab.data import Bars
    from hyprl_lab.engine.config import Execution, Risk
    from hyprl_lab.engine.reference_graph import Level, Plan
    from hyprl_lab.engine.simulation import TradeColumns
    from hyprl_lab.strategy import Strategy
    from hyprl_lab.types import EngineName

__all__ = ["SignalStates", "signal_states"]


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
) -> SignalStates:
    """Return the position and the signal state at each bar.

    The last position is left open (`at_end="mark"`), whatever `execution` says: bars that end
    today are not a reason to sell. After ruin the state is flat.

    Parameters
    ----------
    bars
        Closed bars; the last one is the one predicted from.
    strategy, params, risk, execution, cash
        The config, as for a backtest.
    engine
        Which engine simulates; both agree.

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
    from hyprl_lab.engine.reference_graph import evaluate

    result = backtest.run(
        bars,
        strategy,
        params=params,
        risk=risk,
        execution=replace(execution, at_end="mark"),
        cash=cash,
        engine=engine,
        period=None,
        seed=0,
    )
    position = _positions(result.simulation.trades, len(bars))
    if execution.fill == "same_close":
        state = position.copy()
    else:
        plan = evaluate(strategy.to_json(), bars.columns, strategy.bind(params))
        state = _after_orders(position, plan)
    if result.simulation.ruined_bar is not None:
        state[result.simulation.ruined_bar :] = 0
    return SignalStates(position, state)


def _positions(trades: TradeColumns, bars: int) -> NDArray[np.int8]:
    """Return the side held at each close: a trade is held from its entry bar to before its exit."""
    from hyprl_lab.engine.simulation import REASONS

    still_open = REASONS.index("open")
    position = np.zeros(bars, np.int8)
    for entry, exit_, side, reason in zip(
        trades.entry_bar, trades.exit_bar, trades.side, trades.reason, strict=True
    ):
        position[entry : exit_ + 1 if reason == still_open else exit_] = side
    return position


def _after_orders(position: NDArray[np.int8], plan: Plan) -> NDArray[np.int8]:
    """Apply the rules of `docs/execution.md` 1 to the signals of each bar.

    An entry whose stop or target is missing or not positive at its signal bar isn't taken; one
    that the next open cancels (a gap beyond its stop) can't be known yet, and counts as taken.
    """
    long_entry, short_entry = np.array(plan.long_entry), np.array(plan.short_entry)
    long_exit, short_exit = np.array(plan.long_exit), np.array(plan.short_exit)
    both = long_entry & short_entry
    long_entry, short_entry = long_entry & ~both & ~long_exit, short_entry & ~both & ~short_exit
    leaves = ((position > 0) & (long_exit | short_entry)) | (
        (position < 0) & (short_exit | long_entry)
    )
    flat = leaves | (position == 0)
    usable = _usable(plan.stop_loss, len(position)) & _usable(plan.take_profit, len(position))
    state = np.where(flat, 0, position)
    state = np.where(flat & long_entry & usable, 1, state)
    state = np.where(flat & short_entry & usable, -1, state)
    return state.astype(np.int8)


def _usable(level: Level | None, bars: int) -> NDArray[np.bool_]:
    if level is None:
        return np.ones(bars, np.bool_)
    return np.array(level.amount, np.float64) > 0.0
