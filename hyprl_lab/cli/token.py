"""`hyprl token`: keys of the API."""

from typing import Annotated

import typer

from hyprl_lab.cli.options import AsJson
from hyprl_lab.cli.output import emit, table
from hyprl_lab.cli.settings import api_settings

__all__ = ["app"]

app = typer.Typer(name="token", help="Keys of the API.", no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Option(help="A label for people.")] = "default",
    tier: Annotated[str, typer.Option(help="Fills in the limits not given.")] = "free",
    user: Annotated[str, typer.Option(help="Whose key it is.")] = "owner",
    credits_per_day: Annotated[
        int | None, typer.Option("--credits", min=0, help="Credits a UTC day.")
    ] = None,
    rpm: Annotated[int | None, typer.Option(min=1, help="Calls a minute.")] = None,
    rpd: Annotated[int | None, typer.Option(min=1, help="Calls a UTC day.")] = None,
    scope: Annotated[
        list[str] | None, typer.Option(help="read (default) or write:signals; repeat for each.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Issue a key; it is shown this once."""
    from api.accounts import tokens

    record, key = tokens.create(
        api_settings(),
        name=name,
        tier=tier,
        user=user,
        credits_daily_limit=credits_per_day,
        max_rpm=rpm,
        max_rpd=rpd,
        scopes=scope or ["read"],
    )
    emit({"key": key, **record.to_json()}, as_json=as_json)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the keys; never the keys themselves."""
    from api.accounts import tokens

    found = [record.to_json() for record in tokens.list_(api_settings())]
    columns = ["id", "name", "user", "tier", "credits_daily_limit", "active", "created_at"]
    rows = [[item[column] for column in columns] for item in found]
    emit({"tokens": found}, as_json=as_json, view=lambda: [table(columns, rows)])


@app.command()
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="As `hyprl token list` shows it.")],
    as_json: AsJson = False,
) -> None:
    """Make a key useless from the next call on."""
    from api.accounts import tokens

    emit(tokens.revoke(api_settings(), token_id).to_json(), as_json=as_json)
