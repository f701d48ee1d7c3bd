"""From a file to bars that are kept: read, prove, check, store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hyprl_lab.data import Bars
    from hyprl_lab.store.warehouse import Warehouse
    from hyprl_lab.types import ProgressCallback

__all__ = ["import_bars"]


def import_bars(
    path: str | Path,
    *,
    symbol: str,
    timeframe: str | None = None,
    tz: str | None = None,
    columns: Sequence[str | None] | Mapping[str, str | int | None] | None = None,
    dates: str | None = None,
    calendar: str | None = None,
    repair: Mapping[str, str] | None = None,
    skip: int = 0,
    decimal: str | None = None,
    thousands: str | None = None,
    stamp: Literal["open", "close"] = "open",
    progress: bool | ProgressCallback = False,
    warehouse: Warehouse | None = None,
) -> Bars:
    r"""Read a CSV or Parquet file as bars and keep them in the warehouse, by fingerprint.

    Nothing is guessed and nothing is repaired unasked: what can't be proved, or breaks a rule of
    bars, is refused with every finding, and nothing is stored. The same content again is the same
    set; its first lineage stays, another one is kept beside it. See `docs/data.md`.

    Parameters
    ----------
    path
        The file; a CSV file may be packed by gzip.
    symbol
        The instrument's name. It has no default, as it has in `read_bars`: kept bars are found
        again by it, and the name of a file is rarely the one to look for.
    timeframe
        The length of a bar; `None` reads it off the times, where they prove it.
    tz
        The zone of naive times, such as `"America/New_York"`.
    columns
        Names by position where the file has no line of them, or ours to the file's:
        `{"open": "Price", "close": 3}`.
    dates
        The order of days and months, or the unit of an epoch, where the file does not prove it:
        `"iso"`, `"day_first"`, `"month_first"`, `"year_first"`, `"epoch_s"`, `"epoch_ms"`,
        `"epoch_us"`, `"epoch_ns"`, or a format of `strptime`.
    calendar
        Whose sessions the bars follow; `None` reads it off the times.
    repair
        What to do with rows of a kind of finding: `{"duplicate_time": "last"}`.
    skip
        How many lines of a CSV file come before the names of its columns.
    decimal, thousands
        The marks in numbers of a CSV file: `decimal=","`, `thousands="."`.
    stamp
        `"close"` where times say when bars close: the timeframe, which has to be stated and below
        a day, is taken off.
    progress
        `True` draws a bar; a function is called with each `Progress`, in bytes.
    warehouse
        Where to keep them; by default that of `home()`.

    Returns
    -------
    Bars
        As they were read, with their lineage.

    Raises
    ------
    QualityError
        Rows are not bars and no repair was asked for; `error.quality` has all findings.
    BarsError
        The file can't be read as bars, or something about it is not proved.
    WarehouseError
        They can't be stored.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from hyprl_lab.store import Warehouse
    >>> file = Path(tempfile.mkdtemp()) / "acme.csv"
    >>> _ = file.write_text("date,open,high,low,close\n2024-01-02,1,2,1,2\n2024-01-03,2,3,2,3\n")
    >>> warehouse = Warehouse(tempfile.mkdtemp())
    >>> bars = import_bars(file, symbol="ACME", timeframe="1d", warehouse=warehouse)
    >>> warehouse.get_bars("ACME") == bars
    True
    """
    from hyprl_lab.data.importing import import_file
    from hyprl_lab.store import default

    kept = default() if warehouse is None else warehouse
    found = import_file(
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
        progress=progress,
        spill=kept.scratch,
    )
    kept.save_bars(found.bars, source=found.source)
    return found.bars
