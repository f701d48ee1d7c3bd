"""`hyprl data`: the bars at hand, and how more come in."""

from pathlib import Path
from typing import Annotated

import typer

from hyprl_lab.cli.exits import REFUSED
from hyprl_lab.cli.files import columns_from, is_file, repairs_from
from hyprl_lab.cli.inputs import bars_from, only_for_files
from hyprl_lab.cli.options import (
    AsJson,
    BarsSource,
    Calendar,
    Columns,
    Dates,
    Decimal,
    Repair,
    Skip,
    StampOf,
    Symbol,
    Thousands,
    Timeframe,
    Timezone,
)
from hyprl_lab.cli.output import emit, facts, note, table
from hyprl_lab.cli.progress import progress_bar
from hyprl_lab.cli.stored import newest_calendar
from hyprl_lab.cli.summary import (
    bar_set_summary,
    bars_summary,
    quality_summary,
    quality_view,
    stored_lineage,
)

__all__ = ["app"]

app = typer.Typer(name="data", help="The bars at hand.", no_args_is_help=True)


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(help="A CSV (.gz too) or Parquet file.")],
    symbol: Annotated[str, typer.Option(help="The instrument's name.")],
    timeframe: Timeframe = None,
    tz: Timezone = None,
    dates: Dates = None,
    calendar: Calendar = None,
    columns: Columns = None,
    repair: Repair = None,
    skip: Skip = 0,
    decimal: Decimal = None,
    thousands: Thousands = None,
    stamp: StampOf = "open",
    as_json: AsJson = False,
) -> None:
    """Read a file as bars and keep them; exit 1 where its rows are not bars.

    Nothing is guessed, and nothing is repaired unasked; the same content again is the same set.
    """
    from hyprl_lab.data import dataset_names
    from hyprl_lab.errors import QualityError
    from hyprl_lab.store import default, import_bars

    known = {item.seq for item in default().list_bars()}
    try:
        with progress_bar("import", "bytes") as update:
            bars = import_bars(
                path,
                symbol=symbol,
                timeframe=timeframe,
                tz=tz,
                columns=columns_from(columns),
                dates=dates,
                calendar=calendar,
                repair=repairs_from(repair or []),
                skip=skip,
                decimal=decimal,
                thousands=thousands,
                stamp=stamp,
                progress=update,
            )
    except QualityError as error:
        report = error.quality
        payload = {**quality_summary(report), "stored": False}
        emit(payload, as_json=as_json, view=lambda: quality_view(report))
        note(f"hyprl: {error}; nothing was stored")
        raise typer.Exit(REFUSED) from error
    if symbol in dataset_names():
        note(f"{symbol} is a data set that ships; name these bars by {bars.fingerprint[:12]}")
    found = default().find_bars(
        bars.fingerprint, bars.timeframe, symbol=bars.symbol, calendar=bars.calendar
    )
    payload = {
        **bar_set_summary(found),
        "stored": True,
        "reused": found.seq in known,
        "lineage": bars.lineage.to_json(),
    }
    told = {name: value for name, value in payload.items() if name != "lineage"}
    emit(payload, as_json=as_json, view=lambda: [facts(told)])


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the data sets that need no download, and the bars that were imported."""
    from hyprl_lab.data import dataset_names, load_bars
    from hyprl_lab.store import default

    shipped = [{"name": name, **bars_summary(load_bars(name))} for name in dataset_names()]
    imported = [bar_set_summary(item) for item in default().list_bars() if not item.for_runs]
    columns = ["symbol", "timeframe", "rows", "start", "end"]
    emit(
        {"datasets": shipped, "imported": imported},
        as_json=as_json,
        view=lambda: [
            table(
                ["name", *columns],
                [[item[column] for column in ("name", *columns)] for item in shipped],
            ),
            table(
                [*columns, "calendar", "fingerprint"],
                [
                    [*(item[column] for column in (*columns, "calendar")), item["fingerprint"][:12]]
                    for item in imported
                ],
                title="imported" if imported else "imported: none",
            ),
        ],
    )


@app.command()
def quality(
    bars: BarsSource,
    symbol: Symbol = None,
    timeframe: Timeframe = None,
    tz: Timezone = None,
    dates: Dates = None,
    calendar: Calendar = None,
    columns: Columns = None,
    repair: Repair = None,
    skip: Skip = 0,
    decimal: Decimal = None,
    thousands: Thousands = None,
    stamp: StampOf = "open",
    as_json: AsJson = False,
) -> None:
    """Say what is odd about bars or a file; exit 1 where there is an error or a warning.

    A file that an import would refuse shows what is wrong with it; nothing is stored.
    """
    from hyprl_lab.data import inspect_bars

    if is_file(bars):
        report = inspect_bars(
            Path(bars),
            symbol=symbol,
            timeframe=timeframe,
            tz=tz,
            columns=columns_from(columns),
            dates=dates,
            calendar=calendar,
            repair=repairs_from(repair or []),
            skip=skip,
            decimal=decimal,
            thousands=thousands,
            stamp=stamp,
        )
    else:
        only_for_files(
            bars,
            tz=tz,
            dates=dates,
            columns=columns,
            repair=repair,
            skip=skip or None,
            decimal=decimal,
            thousands=thousands,
            stamp=None if stamp == "open" else stamp,
        )
        kept_on = None if calendar is None else newest_calendar(bars)
        found = bars_from(bars, symbol=symbol, timeframe=timeframe, calendar=kept_on)
        report = found.quality(calendar=calendar)
    emit(quality_summary(report), as_json=as_json, view=lambda: quality_view(report))
    if not report.ok:
        raise typer.Exit(REFUSED)


@app.command()
def show(
    bars: BarsSource,
    symbol: Symbol = None,
    timeframe: Timeframe = None,
    tz: Timezone = None,
    calendar: Calendar = None,
    as_json: AsJson = False,
) -> None:
    """Read bars, check them, and say what they are and where they come from."""
    found = bars_from(bars, symbol=symbol, timeframe=timeframe, tz=tz, calendar=calendar)
    payload = {
        **bars_summary(found),
        "calendar": found.calendar,
        "columns": list(found.columns),
        "periods_per_year": found.periods_per_year,
        **stored_lineage(found),
    }
    steps = [str(step) for step in found.lineage]
    emit(
        payload,
        as_json=as_json,
        view=lambda: [facts({**payload, "lineage": "; ".join(steps) or None})],
    )
