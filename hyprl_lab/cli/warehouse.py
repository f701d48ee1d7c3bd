"""`hyprl warehouse`: what is stored, and questions in SQL."""

from typing import Annotated

import typer

from hyprl_lab.cli.options import AsJson
from hyprl_lab.cli.output import emit, table

__all__ = ["app"]

app = typer.Typer(name="warehouse", help="What is stored.", no_args_is_help=True)


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say where the warehouse is and how much it holds."""
    from hyprl_lab.store import VIEWS, default
    from hyprl_lab.store import sql as ask

    ledger = default()
    counts = {
        name: ask(f"select count(*) as n from {name}", arrow=True)["n"][0].as_py()  # noqa: S608  # our names
        for name in VIEWS
    }
    emit(
        {"home": ledger.home, "ledger_id": ledger.ledger_id, "rows": counts},
        as_json=as_json,
        view=lambda: [
            f"{ledger.home}, ledger {ledger.ledger_id}",
            table(["view", "rows"], list(counts.items())),
        ],
    )


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="A select over the views of the warehouse.")],
    as_json: AsJson = False,
) -> None:
    """Ask the warehouse in SQL."""
    from hyprl_lab.store import sql as ask

    found = ask(query, arrow=True)
    rows = [list(row.values()) for row in found.to_pylist()]
    emit(
        {"columns": found.column_names, "rows": rows},
        as_json=as_json,
        view=lambda: [table(found.column_names, rows)],
    )
