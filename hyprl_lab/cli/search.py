"""`hyprl search`: a grid of parameter sets, every trial in the ledger."""

from typing import Annotated

import typer

from hyprl_lab.cli.exits import CANCELLED
from hyprl_lab.cli.inputs import bars_from, execution_from, risk_from, space_from, strategy_from
from hyprl_lab.cli.options import (
    AsJson,
    AtEndPolicy,
    BarsSource,
    Calendar,
    Cash,
    End,
    ExecutionSettings,
    FeeBps,
    FillPolicy,
    RiskModel,
    SlippageBps,
    Start,
    StrategySource,
    Symbol,
    Timeframe,
    Timezone,
    WholeUnits,
)
from hyprl_lab.cli.output import emit, note
from hyprl_lab.cli.progress import progress_bar
from hyprl_lab.cli.studies import study_summary, study_view
from hyprl_lab.cli.summary import bars_summary

__all__ = ["search"]


def search(
    bars: BarsSource,
    strategy: StrategySource,
    space: Annotated[
        list[str],
        typer.Option(metavar="NAME=LOW:HIGH[:STEP]", help="Values of a parameter; or name=a,b,c."),
    ],
    where: Annotated[
        str | None, typer.Option(help="Keep only these sets, as in 'fast < slow'.")
    ] = None,
    objective: Annotated[str, typer.Option(help="The metric to rank by.")] = "sharpe",
    constraint: Annotated[
        list[str] | None, typer.Option(help="As in 'trades >= 30'; repeat for each.")
    ] = None,
    holdout: Annotated[
        float, typer.Option(help="Share of the bars, the last, that is kept out.")
    ] = 0.2,
    top: Annotated[int, typer.Option(min=1, help="How many of the best to print.")] = 20,
    threads: Annotated[int | None, typer.Option(min=1, help="Default: one a core.")] = None,
    risk: RiskModel = "all_in",
    fee_bps: FeeBps = 0.0,
    slippage_bps: SlippageBps = 0.0,
    fill: FillPolicy = "next_open",
    whole_units: WholeUnits = False,
    at_end: AtEndPolicy = "close",
    execution: ExecutionSettings = None,
    cash: Cash = 10_000.0,
    symbol: Symbol = None,
    timeframe: Timeframe = None,
    tz: Timezone = None,
    calendar: Calendar = None,
    start: Start = None,
    end: End = None,
    as_json: AsJson = False,
) -> None:
    """Search a space of parameters; the same search again evaluates nothing anew."""
    import hyprl_lab as hl

    found = bars_from(
        bars,
        symbol=symbol,
        timeframe=timeframe,
        tz=tz,
        calendar=calendar,
        start=start,
        end=end,
    )
    with progress_bar("search", "trials") as update:
        study = hl.supersearch(
            found,
            strategy_from(strategy),
            space=space_from(space),
            where=where,
            objective=objective,
            constraints=constraint or [],
            holdout=holdout,
            threads=threads,
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
            progress=update,
        )
    payload = {**study_summary(study, top), "bars": bars_summary(found)}
    emit(payload, as_json=as_json, view=lambda: study_view(payload))
    if not study.complete:
        kept = len(study.trials())
        note(f"stopped after {kept:,} of {study.total:,} trials; run it again to go on")
        raise typer.Exit(CANCELLED)
