"""Bars from files, kept nowhere: what `import_bars` reads, without the warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.errors import QualityError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.data.findings import Quality
    from hyprl_lab.data.importing.importer import Stamp
    from hyprl_lab.data.importing.plan import Columns

__all__ = ["inspect_bars", "read_bars"]


def read_bars(
    path: str | Path,
    *,
    symbol: str | None = None,
    timeframe: str | None = None,
    calendar: str | None = None,
    tz: str | None = None,
    columns: Columns | None = None,
    dates: str | None = None,
    repair: Mapping[str, str] | None = None,
    skip: int = 0,
    decimal: str | None = None,
    thousands: str | None = None,
    stamp: Stamp = "open",
) -> Bars:
    r"""Read bars from a CSV file (also one packed by gzip) or a Parquet file.

    What a file leaves open, such as the order of day and month, is proved from it or refused, never
    guessed; rows that are no bars are found and named. `docs/data.md` has the rules.

    Parameters
    ----------
    path
        The file.
    symbol
        Default: the file's name without its ending, which is enough for bars that are kept
        nowhere; `import_bars`, by whose symbol they are found again, wants to be told.
    timeframe
        Default: the most frequent gap, where at least half of the gaps prove it.
    calendar, tz
        As in `Bars.from_pandas`.
    columns
        Names by position, as a list; or ours to the file's name or position, as a dict; `None` in
        place of a name leaves a column out.
    dates
        How times are written: `"iso"`, `"year_first"`, `"day_first"`, `"month_first"`,
        `"epoch_s"`, `"epoch_ms"`, `"epoch_us"`, `"epoch_ns"`, or a strptime format. `None` proves
        it.
    repair
        What to do about rows that are no bars, by kind, such as `{"duplicate_time": "first"}`.
    skip
        How many lines of a CSV file come before the names of its columns.
    decimal, thousands
        The marks in numbers of a CSV file: `decimal=","`, `thousands="."`.
    stamp
        `"close"` where times say when bars close: the timeframe, which has to be stated and below
        a day, is taken off.

    Raises
    ------
    QualityError
        Rows are not bars and no repair was asked for; `error.quality` has all findings.
    BarsError
        There is no such file, it is of another kind, or its content can't be used; the message
        names the file, the row and the column.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> file = Path(tempfile.mkdtemp()) / "ACME.csv"
    >>> _ = file.write_text("date,open,high,low,close\n2024-01-02,1,2,1,2\n2024-01-03,2,3,2,3\n")
    >>> read_bars(file, timeframe="1d").symbol
    'ACME'
    """
    from hyprl_lab.data.importing import import_file

    return import_file(
        path,
        symbol=symbol,
        timeframe=timeframe,
        tz=tz,
        columns=columns,
        dates=dates,
        calendar=calendar,
        repair=repair,
        skip=skip,
        decimal=decimal,
        thousands=thousands,
        stamp=stamp,
    ).bars


def inspect_bars(
    path: str | Path,
    *,
    symbol: str | None = None,
    timeframe: str | None = None,
    calendar: str | None = None,
    tz: str | None = None,
    columns: Columns | None = None,
    dates: str | None = None,
    repair: Mapping[str, str] | None = None,
    skip: int = 0,
    decimal: str | None = None,
    thousands: str | None = None,
    stamp: Stamp = "open",
) -> Quality:
    r"""Return what is odd about a file of bars, refused or not; nothing is kept.

    Where rows are no bars it is the report that `read_bars` raises; else it is `bars.quality()` of
    the bars, which has what the import found too. `hyprl data quality FILE` shows the same.

    Parameters
    ----------
    path, symbol, timeframe, calendar, tz, columns, dates, repair, skip, decimal, thousands, stamp
        As in `read_bars`.

    Returns
    -------
    Quality
        `quality.ok` says whether there is neither an error nor a warning.

    Raises
    ------
    BarsError
        There is no such file, it is of another kind, or something about it is not proved: then
        rows can't be told at all.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> file = Path(tempfile.mkdtemp()) / "ACME.csv"
    >>> _ = file.write_text("date,open,high,low,close\n2024-01-02,1,2,1,2\n2024-01-02,2,3,2,3\n")
    >>> inspect_bars(file, timeframe="1d").by_kind("duplicate_time").severity
    'error'
    """
    try:
        bars = read_bars(
            path,
            symbol=symbol,
            timeframe=timeframe,
            calendar=calendar,
            tz=tz,
            columns=columns,
            dates=dates,
            repair=repair,
            skip=skip,
            decimal=decimal,
            thousands=thousands,
            stamp=stamp,
        )
    except QualityError as error:
        refused: Quality = error.quality
        return refused
    return bars.quality()
