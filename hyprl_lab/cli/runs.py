"""`hyprl runs`: the runs in the warehouse."""

from typing import Annotated

import typer

from hyprl_lab.cli.options import AsJson
from hyprl_lab.cli.output import emit, facts, table
from hyprl_lab.cli.stored import one_row

__all__ = ["app"]

app = typer.Typer(name="runs", help="The runs in the warehouse.", no_args_is_help=True)


@app.command("list")
def list_(
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest first.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the newest runs."""
    from hyprl_lab.store import sql

    columns = ["run_hash", "strategy_name", "symbol", "timeframe", "created_at"]
    query = f"select {', '.join(columns)} from runs order by seq desc limit ?"  # noqa: S608  # our names
    found = sql(query, [limit], arrow=True).to_pylist()
    rows = [[row[name] for name in columns] for row in found]
    emit({"runs": found}, as_json=as_json, view=lambda: [table(columns, rows)])


@app.command()
def show(
    run_hash: Annotated[str, typer.Argument(help="A run's hash, or its first characters.")],
    as_json: AsJson = False,
) -> None:
    """Show a run's row."""
    record = one_row("runs", "run_hash", run_hash)
    emit(record, as_json=as_json, view=lambda: [facts(record)])
