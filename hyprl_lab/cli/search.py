"""`hyprl search`: a space of parameter sets, every trial in the ledger."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hyprl_lab.cli.exits import CANCELLED
from hyprl_lab.cli.inputs import bars_from, execution_from, risk_from, strategy_from
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
    Symbol,
    Timeframe,
    Timezone,
    WholeUnits,
)
from hyprl_lab.cli.output import emit, note
from hyprl_lab.cli.progress import search_board
from hyprl_lab.cli.spaces import space_from
from hyprl_lab.cli.studies import study_summary, study_view
from hyprl_lab.cli.summary import bars_summary
from hyprl_lab.errors import ConfigError
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from hyprl_lab.data import Bars
    from hyprl_lab.research import Halving, Study

__all__ = ["search"]


def search(
    context: typer.Context,
    bars: BarsSource,
    strategy: Annotated[
        str | None,
        typer.Argument(
            metavar="[STRATEGY]",
            help="A built-in strategy, such as dual_sma, or a JSON file.",
        ),
    ] = None,
    space: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=LOW:HIGH[:STEP]",
            help="Values of a parameter or setting, such as execution.fee_bps; or NAME=a,b,c, "
            "NAME=LOW:HIGH:log, NAME=LOW:HIGH:COUNT:log, JSON; repeat for each. A parameter "
            "without one takes its own range.",
        ),
    ] = None,
    where: Annotated[
        str | None, typer.Option(help="Keep only these sets, as in 'fast < slow'.")
    ] = None,
    objective: Annotated[
        list[str] | None,
        typer.Option(help="A metric to rank by, sharpe by default; several give a Pareto front."),
    ] = None,
    constraint: Annotated[
        list[str] | None, typer.Option(help="As in 'trades >= 30'; repeat for each.")
    ] = None,
    holdout: Annotated[
        float, typer.Option(help="Share of the bars, the last, that is kept out.")
    ] = 0.2,
    sampler: Annotated[
        str,
        typer.Option(help="grid, random, sobol, latin_hypercube, tpe or nsga2."),
    ] = "grid",
    max_trials: Annotated[int | None, typer.Option(help="How many sets a sampler draws.")] = None,
    halving: Annotated[
        str | None,
        typer.Option(
            metavar="FACTOR,RUNGS", help="Give most sets up on a first part of the bars, as in 3,2."
        ),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(help="A search preset, such as research_minimal; some have their STRATEGY."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of what is drawn.")] = 0,
    ledger: Annotated[
        str, typer.Option(help="full keeps block moments with each trial, summary does not.")
    ] = "full",
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
    found = bars_from(
        bars,
        symbol=symbol,
        timeframe=timeframe,
        tz=tz,
        calendar=calendar,
        start=start,
        end=end,
    )
    asked: dict[str, Any] = {
        "space": None if space is None else space_from(space),
        "where": where,
        "objective": objective[0] if objective is not None and len(objective) == 1 else objective,
        "holdout": holdout,
        "sampler": sampler,
        "max_trials": max_trials,
        "halving": None if halving is None else _halving(halving),
        "seed": seed,
        "ledger": ledger,
    }
    options = {name: value for name, value in asked.items() if _typed(context, name)}
    if constraint:
        options["constraints"] = constraint
    if _typed(context, "risk"):
        options["risk"] = risk_from(risk)
    settings = {
        "fee_bps": fee_bps,
        "slippage_bps": slippage_bps,
        "fill": fill,
        "whole_units": whole_units,
        "at_end": at_end,
    }
    if any(_typed(context, name) for name in ("execution", *settings)):
        options["execution"] = execution_from(execution, **settings)
    with search_board("search") as update:
        options |= {"cash": cash, "threads": threads, "progress": update}
        study = _searched(found, strategy, preset, options)
    payload = {**study_summary(study, top), "bars": bars_summary(found)}
    emit(payload, as_json=as_json, view=lambda: study_view(payload))
    if not study.complete:
        kept = study.warehouse.study(study.study_id).committed
        note(f"stopped after {kept:,} of {study.total:,} trials; run it again to go on")
        raise typer.Exit(CANCELLED)


def _searched(
    bars: "Bars", strategy: str | None, preset: str | None, options: dict[str, Any]
) -> "Study":
    """Search by a preset, or without one; only what was typed is in `options`."""
    import hyprl_lab as hl

    graph = None if strategy is None else strategy_from(strategy)
    if preset is not None:
        return hl.search_preset(preset).search(bars, graph, **options)
    if graph is None:
        raise ConfigError("no STRATEGY given; name one, or a --preset that has its own")
    return hl.supersearch(bars, graph, **options)


def _typed(context: typer.Context, name: str) -> bool:
    """Whether an option was said: what was not is the preset's to say, or the library's."""
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def _halving(written: str) -> "Halving":
    from hyprl_lab.research import Halving

    factor, comma, rungs = written.partition(",")
    if not (comma and factor.strip().isdecimal() and rungs.strip().isdecimal()):
        raise ConfigError(
            f"--halving {shown(written)}: expected FACTOR,RUNGS in whole numbers, as in 3,2"
        )
    return Halving(factor=int(factor), rungs=int(rungs))
