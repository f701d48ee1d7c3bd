"""One backtest: inputs checked, an engine chosen by name, a result; nothing is recorded here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.data.given import checked_bars
from hyprl_lab.engine import native, reference
from hyprl_lab.engine.config import DEFAULTS, Execution, Risk, RiskPct, checked_cash, checked_seed
from hyprl_lab.engine.period import Moment, Period, Window
from hyprl_lab.engine.result import Result
from hyprl_lab.engine.simulation import SimulationInputs
from hyprl_lab.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.strategy.strategy import Strategy
    from hyprl_lab.types import EngineName

__all__ = ["REFERENCE_VERSION", "engine_version", "inputs", "run"]

REFERENCE_VERSION = "0.1.0"
"""Version of the Python twin."""


def run(
    bars: Bars,
    strategy: Strategy,
    *,
    params: Mapping[str, float] | None = None,
    risk: Risk = DEFAULTS.risk,
    execution: Execution = DEFAULTS.execution,
    cash: float = DEFAULTS.cash,
    engine: EngineName = DEFAULTS.engine,
    period: Period | tuple[Moment | None, Moment | None] | None = None,
    seed: int = DEFAULTS.seed,
    periods_per_year: float | None = None,
) -> Result:
    """Simulate a strategy over bars by the rules of `docs/execution.md`.

    Parameters
    ----------
    bars
        The series; columns that the graph names have to be there.
    strategy
        The graph.
    params
        A value for each of its parameters.
    risk, execution, cash
        Sizing, costs and fills, money at the first bar.
    engine
        `"native"` (Rust) or `"python"` (the readable twin); never exchanged silently.
    period
        `(start, end)`: trade the bars that open from `start` and before `end`; earlier bars warm
        indicators up.
    seed
        Kept in the config; nothing in a backtest is random.
    periods_per_year
        Headline periods a year; `None` takes the calendar's.

    Raises
    ------
    StrategyError
        Parameters missing, unknown or out of range; a window longer than the bars.
    ConfigError
        A setting is out of range, `RiskPct` without a stop-loss, an unknown engine.
    BarsError
        A missing column, or no bar in the period.
    EngineUnavailableError
        The native engine can't be loaded.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> result = run(load_bars("TEST"), dual_sma(), params={"fast": 10, "slow": 30})
    >>> result.engine, result.metrics.trades > 0
    ('native', True)
    """
    window = Period.of(period).window(checked_bars(bars))
    bound = strategy.bind(params)
    simulation_inputs = inputs(
        bars,
        strategy,
        bound,
        risk=risk,
        execution=execution,
        cash=cash,
        window=window,
        periods_per_year=periods_per_year,
    )
    if engine == "native":
        simulation = native.simulate(simulation_inputs)
    elif engine == "python":
        simulation = reference.simulate(simulation_inputs)
    else:
        raise ConfigError(f"engine is {engine!r}; choose 'native' or 'python'")
    return Result(
        bars=bars,
        strategy=strategy,
        params=bound,
        risk=risk,
        execution=execution,
        cash=simulation_inputs.cash,
        seed=checked_seed(seed),
        period=window.period(bars),
        window=window,
        periods_per_year=simulation_inputs.periods_per_year,
        engine=engine,
        engine_version=engine_version(engine),
        simulation=simulation,
    )


def inputs(
    bars: Bars,
    strategy: Strategy,
    params: Mapping[str, float],
    *,
    risk: Risk,
    execution: Execution,
    cash: float,
    window: Window,
    periods_per_year: float | None = None,
) -> SimulationInputs:
    """Check settings against the strategy and gather what an engine reads.

    Raises
    ------
    ConfigError
        `RiskPct` without a stop-loss, or a setting out of range.
    """
    if not isinstance(risk, Risk):
        raise ConfigError(f"risk is {risk!r}; expected hl.AllIn(), hl.FixedFraction or hl.RiskPct")
    if not isinstance(execution, Execution):
        raise ConfigError(f"execution is {execution!r}; expected hl.Execution(...)")
    if isinstance(risk, RiskPct) and strategy.stop_loss is None:
        raise ConfigError(
            f"RiskPct sizes by the distance to the stop, and {strategy.name!r} has none; "
            "give the strategy a stop_loss, or choose hl.AllIn() or hl.FixedFraction"
        )
    annual = bars.periods_per_year if periods_per_year is None else float(periods_per_year)
    if not 0.0 < annual < float("inf"):
        raise ConfigError(f"periods_per_year is {periods_per_year!r}; expected a number > 0")
    return SimulationInputs(
        columns={name: values[: window.stop] for name, values in bars.columns.items()},
        graph=strategy.to_json(),
        params=params,
        risk=risk,
        execution=execution,
        cash=checked_cash(cash),
        start=window.start,
        headline=window.headline,
        periods_per_year=annual,
        years=window.years,
    )


def engine_version(engine: EngineName) -> str:
    """Return the version that a result of this engine carries."""
    return native.version() if engine == "native" else REFERENCE_VERSION
