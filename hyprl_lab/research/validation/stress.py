"""The judged run again: at twice its costs, one bar later, both, and with worse fills."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Final

from hyprl_lab.engine.backtest import run
from hyprl_lab.engine.config import Execution
from hyprl_lab.errors import ConfigError, StrategyError
from hyprl_lab.research.validation.later import one_bar_later
from hyprl_lab.research.validation.worse import (
    LEAST_COST_BPS,
    cost_a_side,
    twice_the_costs,
    worse_fills,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.engine.result import Result
    from hyprl_lab.types import CancelToken, JsonValue

__all__ = ["Stress", "StressedRun", "stress"]

_METRICS: Final = ("sharpe", "profit_factor", "total_return", "max_drawdown")


@dataclass(frozen=True, slots=True, kw_only=True)
class StressedRun:
    """What came out of one run.

    Parameters
    ----------
    changed
        The settings of `hl.Execution` that differ from the judged run's.
    sharpe, profit_factor, total_return, max_drawdown, trades
        Its metrics; `None` where undefined.
    reasons
        Why one is undefined, by its name.
    impossible
        Why the run could not be made; `None` where it was.
    """

    changed: dict[str, JsonValue]
    sharpe: float | None = None
    profit_factor: float | None = None
    total_return: float | None = None
    max_drawdown: float | None = None
    trades: int | None = None
    reasons: dict[str, str]
    impossible: str | None = None

    def reason(self, metric: str) -> str:
        """Return why a metric is undefined."""
        return self.impossible or self.reasons.get(metric, "it is undefined")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stress:
    """The judged run, and the same under worse conditions.

    Parameters
    ----------
    base
        As judged.
    costs, late, both, fills
        At twice the costs; one bar later; the two together; with worse fills.
    cost_bps
        What a fill of the judged run costs, in basis points of its notional.
    assumed_bps
        What is taken in its place: 1 where it costs less.
    """

    base: StressedRun
    costs: StressedRun
    late: StressedRun
    both: StressedRun
    fills: StressedRun
    cost_bps: float
    assumed_bps: float

    def to_dict(self) -> dict[str, JsonValue]:
        """Return plain JSON values."""
        return asdict(self)


def stress(result: Result, *, cancel: CancelToken | None = None) -> Stress:
    """Run a run again under worse conditions; see `worse` and `one_bar_later` for which.

    None of these runs is a try: nothing could be chosen for being better under worse conditions.
    They are not recorded.

    Parameters
    ----------
    result
        The run.
    cancel
        A token that stops the work.

    Raises
    ------
    CancelledError
        The token was set.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> judged = run(load_bars("TEST"), dual_sma(), params={"fast": 5, "slow": 20},
    ...              execution=Execution(fee_bps=10))
    >>> found = stress(judged)
    >>> found.costs.changed, found.costs.total_return < found.base.total_return
    ({'fee_bps': 20.0}, True)
    """
    cost = cost_a_side(result)
    as_is = result.execution
    dear = _made(lambda: twice_the_costs(as_is, cost))
    rough = _made(lambda: worse_fills(result))
    return Stress(
        base=_measured(result, as_is),
        costs=_again(result, dear, cancel),
        late=_again(result, as_is, cancel, late=True),
        both=_again(result, dear, cancel, late=True),
        fills=_again(result, rough, cancel),
        cost_bps=cost,
        assumed_bps=max(LEAST_COST_BPS, cost),
    )


def _made(change: Callable[[], Execution]) -> Execution | str:
    """Return a changed execution, or why there is none."""
    try:
        return change()
    except ConfigError as error:
        return str(error)


def _again(
    result: Result, execution: Execution | str, cancel: CancelToken | None, *, late: bool = False
) -> StressedRun:
    if isinstance(execution, str):
        return StressedRun(changed={}, reasons={}, impossible=execution)
    try:
        found = run(
            result.bars,
            one_bar_later(result.strategy) if late else result.strategy,
            params=result.params,
            risk=result.risk,
            execution=execution,
            cash=result.cash,
            engine=result.engine,
            period=result.period,
            seed=result.seed,
            periods_per_year=result.periods_per_year,
            cancel=cancel,
        )
    except (ConfigError, StrategyError) as error:
        return StressedRun(changed={}, reasons={}, impossible=str(error))
    return _measured(found, result.execution)


def _measured(result: Result, before: Execution) -> StressedRun:
    metrics = result.metrics
    changed: dict[str, JsonValue] = {
        item.name: getattr(result.execution, item.name)
        for item in fields(Execution)
        if getattr(result.execution, item.name) != getattr(before, item.name)
    }
    return StressedRun(
        changed=changed,
        sharpe=metrics.sharpe,
        profit_factor=metrics.profit_factor,
        total_return=metrics.total_return,
        max_drawdown=metrics.max_drawdown,
        trades=metrics.trades,
        reasons={name: metrics.reasons[name] for name in _METRICS if name in metrics.reasons},
    )
