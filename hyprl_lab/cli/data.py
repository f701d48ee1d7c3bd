"""`hyprl data`: the bars at hand."""

import typer

from hyprl_lab.cli.inputs import bars_from
from hyprl_lab.cli.options import AsJson, BarsSource, Symbol, Timeframe, Timezone
from hyprl_lab.cli.output import emit, table
from hyprl_lab.cli.summary import bars_summary

__all__ = ["app"]

app = typer.Typer(name="data", help="The bars at hand.", no_args_is_help=True)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the data sets that need no download."""
    from hyprl_lab.data import dataset_names, load_bars

    found = [{"name": name, **bars_summary(load_bars(name))} for name in dataset_names()]
    columns = ["name", "symbol", "timeframe", "rows", "start", "end"]
    rows = [[item[column] for column in columns] for item in found]
    emit({"datasets": found}, as_json=as_json, view=lambda: [table(columns, rows)])


@app.command()
def show(
    bars: BarsSource,
    symbol: Symbol = None,
    timeframe: Timeframe = None,
    tz: Timezone = None,
    as_json: AsJson = False,
) -> None:
    """Read bars, check them, and say what they are."""
    found = bars_from(bars, symbol=symbol, timeframe=timeframe, tz=tz)
    payload = {
        **bars_summary(found),
        "calendar": found.calendar,
        "columns": list(found.columns),
        "periods_per_year": found.periods_per_year,
    }
    emit(payload, as_json=as_json)
