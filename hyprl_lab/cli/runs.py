"""`hyprl runs`: the runs in the warehouse: found, ranked, proved, computed again, explained."""

from typing import Annotated, Any, Literal

import typer

from hyprl_lab.cli.exits import FAILED, REFUSED
from hyprl_lab.cli.options import AsJson
from hyprl_lab.cli.output import emit, facts, literal, table, text
from hyprl_lab.cli.stored import named_bars, one_row
from hyprl_lab.errors import InputError
from hyprl_lab.types import EngineName, RunStateName

__all__ = ["app"]

app = typer.Typer(name="runs", help="The runs in the warehouse.", no_args_is_help=True)

Hash = Annotated[str, typer.Argument(help="A run's hash, or its first characters.")]
EngineOption = Annotated[
    EngineName | None, typer.Option("--engine", help="Whose, where both have computed it.")
]
Where = Annotated[
    str | None,
    typer.Option(help="A condition in SQL over a run's columns: 'sharpe > 1 and trades >= 30'."),
]
StrategyName = Annotated[
    str | None, typer.Option("--strategy", help="A strategy's name, or the start of its hash.")
]
OfSymbol = Annotated[str | None, typer.Option("--symbol", help="Only on this symbol.")]
OfTimeframe = Annotated[
    str | None, typer.Option("--timeframe", help="Only of this timeframe (1d, 1h, 5m).")
]
State = Literal[RunStateName, "any"]

_LISTED = (
    *("run_hash", "engine", "strategy_name", "symbol", "timeframe", "state", "sharpe", "trades"),
)


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 20,
    symbol: OfSymbol = None,
    timeframe: OfTimeframe = None,
    strategy: StrategyName = None,
    state: Annotated[State, typer.Option(help="What became of them.")] = "completed",
    since: Annotated[str | None, typer.Option(help="Made since this moment, UTC.")] = None,
    where: Where = None,
    as_json: AsJson = False,
) -> None:
    """List runs, the newest first."""
    from hyprl_lab.research import runs

    found = runs.find(
        symbol=symbol,
        timeframe=timeframe,
        strategy=strategy,
        state=None if state == "any" else state,
        since=since,
        where=where,
        limit=limit,
    )
    columns = [*_LISTED, "created_at"]
    rows = _records(found)
    emit(
        {"runs": rows},
        as_json=as_json,
        view=lambda: [table(columns, [[row[name] for name in columns] for row in rows])],
    )


@app.command()
def show(run_hash: Hash, as_json: AsJson = False) -> None:
    """Show a run's row, whatever its state."""
    record = one_row("runs", "run_hash", run_hash)
    emit(record, as_json=as_json, view=lambda: [facts(record)])


@app.command()
def events(
    run_hash: Hash,
    after: Annotated[int, typer.Option(min=0, help="Only events beyond this number.")] = 0,
    limit: Annotated[int, typer.Option(min=1, help="How many at most.")] = 1000,
    engine: EngineOption = None,
    as_json: AsJson = False,
) -> None:
    """List what happened to a run, in order."""
    from hyprl_lab.cli.summary import utc
    from hyprl_lab.research import runs

    found = runs.events(run_hash, after, limit=limit, engine=engine)
    rows = [
        {
            "seq": event.seq,
            "kind": event.kind,
            "created_at": utc(event.created_at),
            "body": event.body,
        }
        for event in found.events
    ]
    payload = {"first_available": found.first_available, "last": found.last, "events": rows}
    columns = ["seq", "kind", "created_at", "body"]
    emit(
        payload,
        as_json=as_json,
        view=lambda: [table(columns, [[row[name] for name in columns] for row in rows])],
    )


@app.command()
def leaderboard(
    by: Annotated[str, typer.Option(help="A metric.")] = "sharpe",
    n: Annotated[int, typer.Option("--n", min=1, help="How many.")] = 20,
    symbol: OfSymbol = None,
    timeframe: OfTimeframe = None,
    strategy: StrategyName = None,
    where: Where = None,
    as_json: AsJson = False,
) -> None:
    """Rank runs by a metric, beside the number of trials on their bars' lineage."""
    from hyprl_lab.research import runs

    found = runs.leaderboard(
        by, n, symbol=symbol, timeframe=timeframe, strategy=strategy, where=where
    )
    rows = _records(found.reset_index())
    columns = ["rank", "run_hash", by, "lineage_trials", "strategy_name", "symbol", "timeframe"]
    emit(
        {"by": by, "runs": rows},
        as_json=as_json,
        view=lambda: [table(columns, [[row[name] for name in columns] for row in rows])],
    )


@app.command()
def compare(
    run_hashes: Annotated[list[str], typer.Argument(help="Two runs or more.", metavar="HASH...")],
    everything: Annotated[bool, typer.Option("--all", help="What is equal, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what runs differ by, a column each."""
    from hyprl_lab.research import runs

    found = runs.compare(run_hashes, everything=everything)
    rows = [
        {"of": of, "name": name, "values": dict(zip(found.columns, values, strict=True))}
        for (of, name), values in zip(found.index, found.to_numpy().tolist(), strict=True)
    ]
    shown = [[row["of"], row["name"], *map(text, row["values"].values())] for row in rows]
    emit(
        {"runs": list(found.columns), "rows": rows},
        as_json=as_json,
        view=lambda: [table(["of", "name", *found.columns], shown)],
    )


@app.command()
def verify(
    run_hash: Annotated[
        str | None, typer.Argument(help="A run's hash, or its first characters.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All runs.")] = False,
    key: Annotated[
        str | None, typer.Option(help="Id of the key that must have signed.", metavar="ID")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check the chain and runs' files against what was hashed and signed; exit 1 on a finding."""
    from hyprl_lab.research import runs

    if (run_hash is None) != everything:
        raise InputError("say which run to verify by its hash, or --all")
    found = runs.verify(run_hash, key_id=key)
    findings = [
        {"kind": finding.kind, "subject": finding.subject, "message": finding.message}
        for finding in found.findings
    ]
    payload = {
        "ok": found.ok,
        "links": found.links,
        "runs": found.runs,
        "key_id": found.key_id,
        "findings": findings,
    }
    columns = ["kind", "subject", "message"]
    emit(
        payload,
        as_json=as_json,
        view=lambda: [
            facts({**payload, "findings": len(findings)}),
            *(
                [table(columns, [[row[name] for name in columns] for row in findings])]
                * bool(findings)
            ),
        ],
    )
    if not found.ok:
        raise typer.Exit(REFUSED)


@app.command()
def reproduce(
    run_hash: Hash,
    engine: EngineOption = None,
    bars: Annotated[
        str | None, typer.Option(help="The bars it was made on, where they are not kept.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Compute a run again and compare every bit.

    Exit 0: equal. 1: different; each difference is named. 3: this lab has another version of the
    engine or of its rules; both are named.
    """
    from hyprl_lab.research import runs

    given = None if bars is None else named_bars(runs.get(run_hash, engine=engine), bars)
    found = runs.reproduce(run_hash, engine=engine, bars=given)
    payload = {
        "run_hash": found.run_hash,
        "engine": found.engine,
        "engine_version": found.engine_version,
        "equal": found.equal,
        "tables": list(found.tables),
        "differences": [
            {
                "table": item.table,
                "row": item.row,
                "column": item.column,
                "stored": item.stored,
                "computed": item.computed,
            }
            for item in found.differences
        ],
        "versions": {
            name: {"stored": stored, "here": here}
            for name, (stored, here) in found.versions.items()
        },
    }
    emit(payload, as_json=as_json, view=lambda: [literal(str(found))])
    if found.equal is not True:
        raise typer.Exit(FAILED if found.equal is None else REFUSED)


@app.command("explain-diff")
def explain_diff(
    a: Hash,
    b: Hash,
    engine_a: Annotated[
        EngineName | None, typer.Option(help="Whose run A is, where both have computed it.")
    ] = None,
    engine_b: Annotated[
        EngineName | None, typer.Option(help="Whose run B is, where both have computed it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Attribute the difference in P&L, B less A, to data, parameter, cost, fill rule and engine."""
    from hyprl_lab.research import runs

    found = runs.explain_diff(runs.get(a, engine=engine_a), runs.get(b, engine=engine_b))
    payload = {**found.to_dict(), "aligned": _records(found.trades)}
    emit(payload, as_json=as_json, view=lambda: [literal(str(found)), _trades(payload)])


def _records(frame: Any) -> list[dict[str, Any]]:
    """Return a frame's rows as JSON can hold them: what is missing is `None`."""
    rows: list[dict[str, Any]] = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return rows


def _trades(payload: dict[str, Any]) -> Any:
    columns = ["entry_ts", "side", "found", "pnl_a", "pnl_b", "difference"]
    rows = [[row[name] for name in columns] for row in payload["aligned"]]
    return table(columns, rows, title="trades")
