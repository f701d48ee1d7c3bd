"""`hyprl backtest`: one strategy, one set of parameters, one run in the warehouse."""

from hyprl_lab.cli.inputs import (
    bars_from,
    execution_from,
    parameters_from,
    risk_from,
    runnable_from,
)
from hyprl_lab.cli.options import (
    AsJson,
    AtEndPolicy,
    BarsSource,
    Calendar,
    Cash,
    End,
    Engine,
    ExecutionSettings,
    FeeBps,
    FillPolicy,
    Parameter,
    RiskModel,
    SlippageBps,
    Start,
    StrategyFolder,
    StrategySource,
    Symbol,
    Timeframe,
    Timezone,
    WholeUnits,
)
from hyprl_lab.cli.output import emit, facts
from hyprl_lab.cli.summary import bars_summary, metrics_table, result_summary

__all__ = ["backtest"]


def backtest(
    bars: BarsSource,
    strategy: StrategySource,
    param: Parameter = None,
    strategies: StrategyFolder = None,
    risk: RiskModel = "all_in",
    fee_bps: FeeBps = 0.0,
    slippage_bps: SlippageBps = 0.0,
    fill: FillPolicy = "next_open",
    whole_units: WholeUnits = False,
    at_end: AtEndPolicy = "close",
    execution: ExecutionSettings = None,
    cash: Cash = 10_000.0,
    engine: Engine = "native",
    symbol: Symbol = None,
    timeframe: Timeframe = None,
    tz: Timezone = None,
    calendar: Calendar = None,
    start: Start = None,
    end: End = None,
    as_json: AsJson = False,
) -> None:
    """Run a strategy on bars and store the run.

    The same submission has the same run_hash, and finds its run again.
    """
    import hyprl_lab as hl
    from hyprl_lab.research.recording import store_result, warehouse_of

    found = bars_from(
        bars,
        symbol=symbol,
        timeframe=timeframe,
        tz=tz,
        calendar=calendar,
        start=start,
        end=end,
    )
    result = hl.backtest(
        found,
        runnable_from(strategy, strategies),
        params=parameters_from(param or []),
        risk=risk_from(risk),
        execution=execution_from(
            execution,
            fee_bps=fee_bps,
            slippage_bps=slippage_bps,
            fill=fill,
            whole_units=whole_units,
            at_end=at_end,
        ),
        cash=cash,
        engine=engine,
    )
    reused = not store_result(result, warehouse_of(result))
    payload = {**result_summary(result), "reused": reused, "bars": bars_summary(found)}
    emit(
        payload,
        as_json=as_json,
        view=lambda: [facts(payload), metrics_table(result.metrics)],
    )
