"""Worse settings than a run assumed: twice its costs, and fills further from the price asked for.

Costs: `fee_bps`, `fee_per_trade`, `slippage_bps`, `spread_pct` and `borrow_cost_bps` are doubled.
Twice nothing would be nothing, so a run whose fills cost less than 1 bp of their notional is taken
to have cost 1 bp, and what is missing is charged as a fee, doubled too. Funding is no setting of a
run but a column of its bars, which may pay as well as cost: it stays as it is.

Fills: market and stop orders are filled worse by a quarter of the bars' median true range, which
is half the way from the middle of a bar to its end; limits and targets have to be traded through
by a quarter of the range of a quiet bar (the lowest tenth of them); a bar that reaches stop and
target meets the stop first; and what was filled at the close of its own signal waits for the next
open.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from hyprl_lab.engine.config import Execution
    from hyprl_lab.engine.result import Result

__all__ = ["LEAST_COST_BPS", "cost_a_side", "twice_the_costs", "worse_fills"]

LEAST_COST_BPS: Final = 1.0
"""A fill is taken to cost at least this share of its notional, in basis points."""

_TIMES: Final = 2.0
_RANGE_SHARE: Final = 0.25
_QUIET: Final = 0.1
_COSTS: Final = ("fee_bps", "fee_per_trade", "slippage_bps", "spread_pct", "borrow_cost_bps")


def cost_a_side(result: Result) -> float:
    """Return what a fill costs on average, in basis points of its notional.

    Fees as they were paid, and slippage and half the spread as they are set (limits and targets
    don't bear them). A run without fills is taken at its settings.

    Parameters
    ----------
    result
        The run.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> from hyprl_lab.engine import run
    >>> from hyprl_lab.engine.config import Execution
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> cost = Execution(fee_bps=2, slippage_bps=1)
    >>> params = {"fast": 5, "slow": 20}
    >>> round(cost_a_side(run(load_bars("TEST"), dual_sma(), params=params, execution=cost)), 9)
    3.0
    """
    orders, execution = result.simulation.orders, result.execution
    filled = orders.quantity > 0.0
    traded = float((orders.quantity[filled] * orders.price[filled]).sum()) * execution.point_value
    fees = execution.fee_bps
    if traded > 0.0:
        fees = 1e4 * float(orders.fee[filled].sum()) / traded
    return fees + 1e4 * execution.slippage


def twice_the_costs(execution: Execution, cost_bps: float) -> Execution:
    """Return an execution at twice the costs, or 2 bp a fill where that is more.

    Parameters
    ----------
    execution
        As it is.
    cost_bps
        What a fill costs under it, in basis points of its notional.

    Raises
    ------
    ConfigError
        Twice a cost is out of range.

    Examples
    --------
    >>> from hyprl_lab.engine.config import Execution
    >>> twice_the_costs(Execution(fee_bps=3, borrow_cost_bps=50), 3.0).borrow_cost_bps
    100.0
    >>> twice_the_costs(Execution(), 0.0).fee_bps
    2.0
    """
    costs = {name: _TIMES * getattr(execution, name) for name in _COSTS}
    costs["fee_bps"] += _TIMES * max(0.0, LEAST_COST_BPS - cost_bps)
    return replace(execution, **costs)


def worse_fills(result: Result) -> Execution:
    """Return a run's execution with worse fills, by the ranges of the bars that it simulated.

    Parameters
    ----------
    result
        The run.

    Raises
    ------
    ConfigError
        The slippage would take the whole price.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> from hyprl_lab.engine import run
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> judged = run(load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20})
    >>> judged.execution.slippage_bps < worse_fills(judged).slippage_bps
    True
    """
    execution, window = result.execution, result.window
    rows = slice(window.start, window.stop)
    high, low, close = (np.asarray(result.bars.columns[n])[rows] for n in ("high", "low", "close"))
    slip = through = 0.0
    if len(close) > 1:
        before = close[:-1]
        moved = np.maximum(high[1:], before) - np.minimum(low[1:], before)
        slip = _RANGE_SHARE * float(np.median(moved / before))
        through = _RANGE_SHARE * float(np.quantile(moved, _QUIET))
    return replace(
        execution,
        slippage_bps=execution.slippage_bps + 1e4 * slip,
        tick_size=execution.tick_size + through,
        fill="next_open",
        intrabar="stop_first",
    )
