"""`hl.backtest`: the engine's run, counted in the ledger."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hyprl_lab.data.given import checked_bars
from hyprl_lab.engine import backtest as engine_backtest
from hyprl_lab.engine.checks import flag
from hyprl_lab.engine.config import DEFAULTS, Execution, Risk
from hyprl_lab.errors import ConfigError, StrategyError
from hyprl_lab.progress import reporter
from hyprl_lab.research.strategies.classes import is_strategy_class
from hyprl_lab.strategy.given import checked_strategy
from hyprl_lab.strategy.strategy import Strategy
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.engine.period import Moment, Period, Window
    from hyprl_lab.engine.result import Result
    from hyprl_lab.research.strategies.classes import StrategyClass
    from hyprl_lab.store import RunRecord, TrialRow, Warehouse
    from hyprl_lab.types import CancelToken, EngineName, ProgressCallback

__all__ = ["backtest", "recorded_result", "run_record", "store_result", "trial_row", "warehouse_of"]


def backtest(
    bars: Bars,
    strategy: Strategy | StrategyClass | type[StrategyClass],
    *,
    params: Mapping[str, float] | None = None,
    risk: Risk = DEFAULTS.risk,
    execution: Execution = DEFAULTS.execution,
    cash: float = DEFAULTS.cash,
    engine: EngineName = DEFAULTS.engine,
    period: Period | tuple[Moment | None, Moment | None] | None = None,
    seed: int = DEFAULTS.seed,
    periods_per_year: float | None = None,
    progress: bool | ProgressCallback = False,
    cancel: CancelToken | None = None,
    record: bool = True,
    warehouse: Warehouse | None = None,
) -> Result:
    """Run one backtest, and count it: looking at a result is a try like any other.

    Its trial is in this process's journal before the result is returned, so a kill hides nothing,
    and reaches the ledger within a second, off the hot path, or at exit; an exact repeat is logged
    as another look at the same row (`backtests.looks`). `result.save()` stores the run with its
    artifacts.

    Parameters
    ----------
    bars, params, risk, execution, cash, engine, period, seed, periods_per_year
        See `hyprl_lab.engine.run`.
    strategy
        A graph; or a strategy class or an object of one, which gets the bars up to the end of
        the period, whose signals become columns of `result.bars`, named after their content, and
        whose parameters stand in the name of `result.strategy` (see `docs/strategies.md`).
    progress
        `True` draws a bar, a callable is called with each `Progress`, in bars.
    cancel
        Anything with `is_set()`, such as `threading.Event`; once it is set the run stops, and
        nothing is recorded.
    record
        `False` leaves the ledger alone; such a result says so and can't be promoted.
    warehouse
        The ledger; the one of `HYPRL_HOME` where `None`.

    Raises
    ------
    StrategyError, ConfigError, BarsError, EngineUnavailableError
        See `hyprl_lab.engine.run`; a `StrategyError` also where a strategy class fails.
    CancelledError
        The token was set.
    WarehouseError
        The trial can't be recorded (the disk is full, the home can't be written), so the result
        is not shown; `record=False` needs no ledger.

    Examples
    --------
    >>> import hyprl_lab as hl
    >>> trend = hl.Strategy("trend", long_entry=hl.close.crosses_above(hl.ta.sma(hl.close, 50)),
    ...                     long_exit=hl.close.crosses_below(hl.ta.sma(hl.close, 50)))
    >>> hl.backtest(hl.load_bars("TEST"), trend).recorded
    True
    """
    flag("backtest", "record", record)
    if progress is not None and not isinstance(progress, bool) and not callable(progress):
        raise ConfigError(
            f"backtest progress={shown(progress)}; expected True, False or a function that takes "
            "a Progress"
        )
    checked_bars(bars)
    if not isinstance(strategy, Strategy) and is_strategy_class(strategy):
        from hyprl_lab.research.strategies.compiled import compiled

        period = engine_backtest.checked_period(period)
        bars, strategy = compiled(bars, strategy, params, stop=period.window(bars).stop)
        params = {}
    strategy = checked_strategy(strategy)
    bound = strategy.bind(params)
    store = warehouse
    if store is None:
        from hyprl_lab.store import default

        store = default()
    try:
        with reporter(progress, "backtest") as report:
            result = engine_backtest.run(
                bars,
                strategy,
                params=bound,
                risk=risk,
                execution=execution,
                cash=cash,
                engine=engine,
                period=period,
                seed=seed,
                periods_per_year=periods_per_year,
                progress=report if progress else None,
                cancel=cancel,
            )
    except StrategyError:
        if record:  # a set of parameters that can't be evaluated was a try, as in a search
            window = engine_backtest.checked_period(period).window(bars)
            row = _failed(store, bars, strategy, bound, (risk, execution), window=window)
            store.record_trial(row)
        raise
    if record:
        store.record_trial(trial_row(result, store))
        return recorded_result(result, store)
    return replace(result, sink=_Sink(store))


def recorded_result(result: Result, store: Warehouse) -> Result:
    """Return a result whose trial was recorded, and whose `save` stores it in the same place."""
    return replace(result, recorded=True, sink=_Sink(store))


def warehouse_of(result: Result) -> Warehouse:
    """Return where a result's trial went; for a pure result the warehouse of `HYPRL_HOME`."""
    if isinstance(result.sink, _Sink):
        return result.sink.warehouse
    from hyprl_lab.store import default

    return default()


@dataclass(frozen=True, slots=True)
class _Sink:
    """Stores runs of the engine in a warehouse."""

    warehouse: Warehouse

    def __reduce__(self) -> tuple[Callable[[], None], tuple[()]]:
        # Connections and locks stay where they are: a copy of a result has no sink.
        return _no_sink, ()

    def save(self, result: Result, *, features: bool = False) -> str:
        store_result(result, self.warehouse, features=features)
        return result.run_hash


def store_result(
    result: Result,
    warehouse: Warehouse,
    *,
    features: bool = False,
    attempt: int | None = None,
) -> bool:
    """Store a run with its artifacts, and before it the bars it was made on; return if it is new.

    Parameters
    ----------
    result
        The run.
    warehouse
        Where it is stored.
    features
        Whether the strategy's feature matrix is stored too.
    attempt
        Which attempt at a submitted run it is; `None` for a run that nobody submitted.

    Raises
    ------
    WarehouseError
        The disk is full or the home can't be written; the run was not recorded.
    """
    from hyprl_lab.store.bars import FOR_A_RUN

    warehouse.save_bars(result.bars, source=FOR_A_RUN)
    return warehouse.save_run(run_record(result, warehouse, features=features), attempt)


def run_record(result: Result, warehouse: Warehouse, *, features: bool = False) -> RunRecord:
    """Return what is stored of a run.

    Parameters
    ----------
    result
        The run.
    warehouse
        Where it will be stored: it knows the bars' lineage root.
    features
        Whether the strategy's feature matrix is stored too.
    """
    from hyprl_lab.engine.config import SEMANTICS
    from hyprl_lab.environment import environment
    from hyprl_lab.research.run_features import run_features
    from hyprl_lab.store import RunRecord

    lineage = result.lineage
    return RunRecord(
        run_hash=result.run_hash,
        engine=result.engine,
        engine_version=result.engine_version,
        config=result.config,
        metrics=result.metrics.to_dict(),
        reasons=result.metrics.reasons,
        trades=result.trades,
        equity=result.equity,
        orders=result.orders,
        features=run_features(result) if features else None,
        symbol=result.bars.symbol,
        timeframe=result.bars.timeframe,
        calendar=result.bars.calendar,
        fingerprint=result.bars.fingerprint,
        lineage_root=warehouse.lineage_root(result.bars),
        strategy_hash=result.strategy.hash,
        strategy_name=result.strategy.name,
        seed=result.seed,
        semantics=SEMANTICS,
        code_version=str(lineage["code_version"]),
        environment_hash=str(lineage["environment_hash"]),
        environment=environment(),
    )


def _no_sink() -> None:
    return None


def trial_row(result: Result, store: Warehouse, *, purpose: str = "run") -> TrialRow:
    """Return the trial that a run is, as `Warehouse.record_trial` takes it.

    Parameters
    ----------
    result
        The run.
    store
        Where it is counted: it knows the bars' lineage root.
    purpose
        `run`; `gate` where the gate opened a holdout, which is another row.
    """
    from hyprl_lab.store import TrialRow

    risk, execution = result.risk.to_json(), result.execution.to_json()
    bars, window = result.bars, result.window
    return TrialRow(
        strategy_hash=result.strategy.hash,
        risk=risk,
        execution=execution,
        lineage_root=store.lineage_root(bars),
        params=result.params,
        metrics=result.simulation.values,
        behaviour_hash=result.simulation.behaviour_hash,
        first_ts=int(bars.ts[window.start]),
        last_ts=int(bars.ts[window.stop - 1]),
        fingerprint=bars.fingerprint,
        purpose=purpose,
        id=_evaluation(result, risk, execution, purpose),
    )


def _failed(
    store: Warehouse,
    bars: Bars,
    strategy: Strategy,
    params: Mapping[str, float],
    settings: tuple[Risk, Execution],
    *,
    window: Window,
) -> TrialRow:
    from hyprl_lab.metrics import TRIAL_METRICS
    from hyprl_lab.store import TrialRow

    risk, execution = settings
    return TrialRow(
        strategy_hash=strategy.hash,
        risk=risk.to_json(),
        execution=execution.to_json(),
        lineage_root=store.lineage_root(bars),
        params=params,
        metrics=dict.fromkeys(TRIAL_METRICS),
        behaviour_hash=0,
        state="failed",
        first_ts=int(bars.ts[window.start]),
        last_ts=int(bars.ts[window.stop - 1]),
        fingerprint=bars.fingerprint,
    )


def _evaluation(
    result: Result, risk: Mapping[str, object], execution: Mapping[str, object], purpose: str
) -> str:
    """Name what was evaluated, so that doing it again is another look and not another row."""
    parts: tuple[object, ...] = (
        result.strategy.hash,
        sorted(result.params.items()),
        risk,
        execution,
        result.bars.fingerprint,
        (result.bars.symbol, result.bars.timeframe),
        (result.window.start, result.window.stop),
        (result.cash, result.periods_per_year),
        (result.engine, result.engine_version),
    )
    if purpose != "run":
        parts = (*parts, purpose)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]
