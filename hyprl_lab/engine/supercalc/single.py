"""One backtest on a prepared dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.engine.backtest import run
from hyprl_lab.engine.config import DEFAULTS, Execution, Risk
from hyprl_lab.engine.supercalc.dataset import checked_dataset

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.engine.result import Result
    from hyprl_lab.engine.supercalc.dataset import SupercalcDataset

__all__ = ["run_backtest_native"]


def run_backtest_native(
    dataset: SupercalcDataset,
    params: Mapping[str, float] | None = None,
    risk: Risk = DEFAULTS.risk,
    execution: Execution = DEFAULTS.execution,
) -> Result:
    """Run one backtest, and count it, as `hl.backtest` does.

    Parameters
    ----------
    dataset
        Of `prepare_supercalc_dataset`; its engine evaluates, and `result.engine` names it.
    params
        A value for each parameter of the strategy.
    risk, execution
        Sizing, costs and fills.

    Raises
    ------
    InputError
        `dataset` is none.
    StrategyError, ConfigError, BarsError
        As `hl.backtest`. Parameters that can't be evaluated (a window longer than the bars) were a
        try, and count.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> from hyprl_lab.engine.supercalc import prepare_supercalc_dataset
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> dataset = prepare_supercalc_dataset(load_bars("TEST"), dual_sma())
    >>> result = run_backtest_native(dataset, {"fast": 10, "slow": 30})
    >>> result.engine, result.recorded
    ('native', True)
    """
    checked_dataset(dataset)
    if dataset.sink is not None:
        return dataset.sink.backtest(dataset, params, risk, execution)
    return run(
        dataset.bars,
        dataset.strategy,
        params=params,
        risk=risk,
        execution=execution,
        cash=dataset.cash,
        engine=dataset.engine,
        periods_per_year=dataset.periods_per_year,
    )
