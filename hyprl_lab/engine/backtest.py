"""One backtest: inputs checked, an engine chosen by name, a result; nothing is recorded here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.data.given import checked_bars
from hyprl_lab.data.sessions import bars_per_year
from hyprl_lab.data.timeframe import Timeframe
from hyprl_lab.engine import native, reference
from hyprl_lab.engine.agreement import check_agreement, check_graph
from hyprl_lab.engine.checks import MOST_MONEY, above_zero
from hyprl_lab.engine.config import DEFAULTS, Execution, Risk, checked_seed
from hyprl_lab.engine.period import Moment, Period, Window
from hyprl_lab.engine.result import Result
from hyprl_lab.engine.signals import check_signals
from hyprl_lab.engine.simulation import SimulationInputs
from hyprl_lab.engine.timing import timing
from hyprl_lab.engine.watch import Watcher
from hyprl_lab.errors import ConfigError
from hyprl_lab.strategy.given import checked_strategy
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.engine.simulation import Simulation
    from hyprl_lab.strategy.strategy import Strategy
    from hyprl_lab.types import CancelToken, EngineName, ProgressCallback

__all__ = ["REFERENCE_VERSION", "checked_period", "engine_version", "inputs", "run"]

_MOST_MICROSECONDS: Final = 2**63

REFERENCE_VERSION = "0.4.0"
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
    progress: ProgressCallback | None = None,
    cancel: CancelToken | None = None,
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
        Sizing, costs and fills, money at the first bar (0 < cash ≤ 1e15).
    engine
        `"native"` (Rust) or `"python"` (the readable twin); never exchanged silently.
    period
        `(start, end)`: trade the bars that open from `start` and before `end`; earlier bars warm
        indicators up.
    seed
        Kept in the config; nothing in a backtest is random.
    periods_per_year
        Headline periods a year; `None` takes the calendar's.
    progress
        Called with each `Progress`, in bars, while the engine works and when it is done.
    cancel
        Anything with `is_set()`, such as `threading.Event`; once it is set the run stops.

    Raises
    ------
    StrategyError
        Parameters missing, unknown or out of range; a window longer than the bars.
    ConfigError
        A setting is out of range or lacks what it needs (`RiskPct` a stop, a session rule bars
        shorter than a day, …), or the engine is unknown.
    BarsError
        A missing column, or no bar in the period.
    EngineUnavailableError
        The native engine can't be loaded.
    CancelledError
        The token was set.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> result = run(load_bars("TEST"), dual_sma(), params={"fast": 10, "slow": 30})
    >>> result.engine, result.metrics.trades > 0
    ('native', True)
    """
    watcher = Watcher(progress, cancel)
    watcher.check_token()
    window = checked_period(period).window(checked_bars(bars))
    bound = checked_strategy(strategy).bind(params)
    seed = checked_seed(seed)
    simulation_inputs = inputs(
        bars,
        strategy,
        bound,
        risk=risk,
        execution=execution,
        cash=cash,
        window=window,
        periods_per_year=periods_per_year,
        check=watcher.check_token,
    )
    watcher.check_token()
    simulation = _simulate(simulation_inputs, engine, watcher if watcher.needed else None)
    watcher.finish(window.stop)
    return Result(
        bars=bars,
        strategy=strategy,
        params=bound,
        risk=risk,
        execution=execution,
        cash=simulation_inputs.cash,
        seed=seed,
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
    check: Callable[[], None] | None = None,
) -> SimulationInputs:
    """Check settings against strategy and bars, and gather what an engine reads.

    `check` is called between parts of what is read off long series; what it raises ends the work.

    Raises
    ------
    ConfigError
        A setting is out of range or lacks what it needs; see `agreement.check_agreement`.
    BarsError, StrategyError
        The graph asks for what the bars don't have; see `agreement.check_graph` and
        `signals.check_signals`.
    """
    stop = window.stop
    check_agreement(strategy, risk, execution, columns=bars.columns, bars=stop)
    check_graph(strategy, columns=bars.columns, bars=stop, timeframe=bars.timeframe)
    check_signals(bars.columns, strategy.columns)
    money = above_zero("backtest", "cash", cash, most=MOST_MONEY)
    if periods_per_year is not None:
        periods_per_year = above_zero("backtest", "periods_per_year", periods_per_year)
    annual = bars.periods_per_year if periods_per_year is None else periods_per_year
    timeframe, ts = Timeframe.parse(bars.timeframe), bars.ts[:stop]
    known = timing(
        ts, timeframe, bars.calendar, strategy=strategy, execution=execution, check=check
    )
    return SimulationInputs(
        columns={name: values[:stop] for name, values in bars.columns.items()},
        graph=strategy.to_json(),
        params=params,
        risk=risk,
        execution=execution,
        cash=money,
        start=window.start,
        headline=window.headline,
        periods_per_year=annual,
        years=window.years,
        ts=ts,
        bars_per_year=bars_per_year(timeframe, bars.calendar, periods_per_year),
        clock=known.clock,
        longer=known.longer,
        session=known.session,
        square_off=known.square_off,
    )


def engine_version(engine: EngineName) -> str:
    """Return the version that a result of this engine carries."""
    return native.version() if engine == "native" else REFERENCE_VERSION


def _simulate(inputs: SimulationInputs, engine: EngineName, watch: Watcher | None) -> Simulation:
    if engine == "native":
        return native.simulate(inputs, watch=watch)
    if engine == "python":
        return reference.simulate(inputs, watch=watch)
    raise ConfigError(f"engine is {shown(engine)}; choose 'native' or 'python'")


def checked_period(found: Any) -> Period:  # whatever a caller hands in
    """Return a period, from one or from `(start, end)`; `None` is all bars.

    Raises
    ------
    ConfigError
        It is neither, or its moments are none.

    Examples
    --------
    >>> checked_period(None)
    Period(start=None, end=None)
    """
    if isinstance(found, tuple | list) and len(found) == 2:
        found = Period.of((found[0], found[1]))
    if found is None:
        return Period()
    if not isinstance(found, Period):
        raise ConfigError(
            f"period is {shown(found)}; expected (start, end), such as ('2020-01-01', None), or "
            "None for all bars"
        )
    for moment in (found.start, found.end):
        whole = moment is None or (isinstance(moment, int) and not isinstance(moment, bool))
        if not whole or abs(moment or 0) >= _MOST_MICROSECONDS:
            raise ConfigError(
                f"period: found {shown(moment)}; expected moments as microseconds since the epoch "
                "within 2^63, dates or ISO 8601 text"
            )
    return found
