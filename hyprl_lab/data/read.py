"""Bars from files, kept nowhere: what `import_bars` reads, without the warehouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.data.importing.plan import Columns

__all__ = ["read_bars"]


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
) -> Bars:
    r"""Read bars from a CSV file (also one packed by gzip) or a Parquet file.

    What a file leaves open, such as the order of day and month, is proved from it or refused, never
    guessed; rows that are no bars are found and named. `docs/data.md` has the rules.

    Parameters
    ----------
    path
        The file.
    symbol
        Default: the file's name without its ending.
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
    ).bars
