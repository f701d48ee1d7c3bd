"""A file of bars, from its first byte to bars with their lineage; nothing guessed, nothing lost."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias, TypeVar, cast

from hyprl_lab.data.bars import Bars
from hyprl_lab.data.checks import check_symbol
from hyprl_lab.data.importing.asked import Asked
from hyprl_lab.data.importing.reading import Reading
from hyprl_lab.data.importing.settle import settle_duplicates, settle_order, settle_times
from hyprl_lab.data.importing.source import Source
from hyprl_lab.data.importing.spacing import check_long_spacing, inferred_calendar, timeframe_of
from hyprl_lab.data.importing.table import LINE, ROW
from hyprl_lab.data.importing.values import settle_values
from hyprl_lab.data.importing.verdict import verdict
from hyprl_lab.data.lineage import Lineage
from hyprl_lab.data.spill import SPILL_BYTES, is_spilled
from hyprl_lab.data.timeframe import stamp as shown
from hyprl_lab.errors import BarsError, QualityError
from hyprl_lab.progress import reporter
from hyprl_lab.types import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from hyprl_lab.data.findings import Quality
    from hyprl_lab.data.importing.plan import Columns
    from hyprl_lab.data.importing.settle import Meaning
    from hyprl_lab.data.importing.table import Arrays
    from hyprl_lab.data.importing.tally import Tally
    from hyprl_lab.data.timeframe import Timeframe
    from hyprl_lab.types import IntArray, JsonValue, ProgressCallback

__all__ = [
    "Imported",
    "Stamp",
    "check_bare_dates",
    "described_as",
    "import_file",
    "lineage_of",
    "settled",
    "stem",
    "through",
]

Stamp: TypeAlias = Literal["open", "close"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file held.

    Parameters
    ----------
    bars
        Its bars, with their lineage.
    quality
        What was found on the way; no error, for these refuse the import.
    source
        Which file it was and how it was read, as JSON values: name, bytes, sha256, format, columns,
        dates, tz, and of a CSV delimiter and header. It names no folder.
    """

    bars: Bars
    quality: Quality
    source: dict[str, JsonValue]


def import_file(
    path: str | Path,
    *,
    symbol: str | None = None,
    timeframe: str | None = None,
    tz: str | None = None,
    columns: Columns | None = None,
    dates: str | None = None,
    calendar: str | None = None,
    repair: Mapping[str, str] | None = None,
    progress: bool | ProgressCallback | None = None,
    spill: str | Path | None = None,
    spill_bytes: int = SPILL_BYTES,
    skip: int = 0,
    decimal: str | None = None,
    thousands: str | None = None,
    stamp: Stamp = "open",
) -> Imported:
    r"""Read a CSV file (also one packed by gzip) or a Parquet file, in bounded memory.

    What a file leaves open is proved from it or refused, never guessed; `docs/data.md` has the
    rules.

    Parameters
    ----------
    path
        The file.
    symbol
        Default: the file's name without its ending.
    timeframe
        Default: the most frequent gap, where at least half of the gaps prove it.
    tz
        The zone of times that carry none. Bare dates of bars of a day or longer need none: they
        mean midnight UTC.
    columns
        Names by position, as a list; or ours to the file's name or position, as a dict:
        `{"ts": "Opened", "close": 4}`. `None` in place of a name leaves a column out. One column of
        the file may serve as several of ours.
    dates
        How times are written: `"iso"`, `"year_first"`, `"day_first"`, `"month_first"`,
        `"epoch_s"`, `"epoch_ms"`, `"epoch_us"`, `"epoch_ns"`, or a strptime format. `None` proves
        it.
    calendar
        `None` reads it off the times; `bars.calendar_inferred` then says so.
    repair
        What to do about rows that are no bars, by kind: `{"duplicate_time": "first"}`; see
        `REPAIRS`.
    progress
        Called with the bytes read and all there are; `True` draws a bar.
    spill
        The folder for temporary files, which columns go to that take more than `spill_bytes`, all
        together; by default the system's.
    spill_bytes
        64 MiB.
    skip
        How many lines of a CSV file come before the names of its columns.
    decimal
        What stands before decimals in a CSV file: `"."` (so without a word) or `","`.
    thousands
        What may stand between thousands: `","`, `"."`, `" "`, `"'"` or `"_"`; nothing without a
        word.
    stamp
        Whether times are when bars open or when they close. Of closes the timeframe is taken off;
        it has to be stated then, and below a day.

    Raises
    ------
    QualityError
        Rows are not bars and no repair was asked for; `error.quality` has all findings.
    BarsError
        The file can't be read as bars, or something about it is not proved.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> file = Path(tempfile.mkdtemp()) / "ACME.csv"
    >>> _ = file.write_text("date;open;high;low;close\n13/1/2024;1;2;1;2\n15/1/2024;2;3;2;3\n")
    >>> found = import_file(file, timeframe="1d")
    >>> found.bars.symbol, found.source["dates"], found.quality.rows_kept
    ('ACME', 'day_first', 2)
    """
    asked = Asked.checked(
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
    )

    def imported(source: Source) -> Imported:
        return _imported(source, Reading(source, asked, spill=spill, spill_bytes=spill_bytes))

    return through(path, progress, imported)


def through(
    path: str | Path, progress: bool | ProgressCallback | None, use: Callable[[Source], T]
) -> T:
    """Return what is made of a file; errors name it."""
    began = time.perf_counter()
    with reporter(progress or False, "import") as report:

        def tell(done: int, total: int) -> None:
            report(Progress(done=done, total=total, seconds=time.perf_counter() - began))

        with Source(path, tell) as source:
            try:
                return use(source)
            except QualityError as error:
                raise QualityError(f"{source.name}: {error}", error.quality) from error
            except BarsError as error:
                raise BarsError(f"{source.name}: {error}") from error


def _imported(source: Source, reading: Reading) -> Imported:
    arrays, meaning = reading.read()
    arrays, in_order = settled(reading, arrays, meaning, reading.tally)
    quality = verdict(reading, arrays, meaning, title=source.name, in_order=in_order)
    ts = arrays["ts"]
    if ts.size == 0:
        raise BarsError("found no rows; expected at least one bar")
    length = reading.asked.timeframe or timeframe_of(ts)
    check_bare_dates(reading, ts, length)
    described = described_as(source, reading, meaning)
    lineage = lineage_of(described, quality, reading.asked.repair)
    columns = {name: values for name, values in arrays.items() if name not in ("ts", ROW, LINE)}
    symbol = reading.asked.symbol or stem(source.name)
    stated = reading.asked.calendar
    calendar = stated or inferred_calendar(ts, length)
    if not is_spilled(ts):
        bars = Bars(symbol, str(length), calendar, ts, columns, stated is None, lineage)
    else:
        # Every row was checked when it was read; to check and copy all at once would take memory.
        check_symbol(symbol)
        check_long_spacing(ts, length)
        bars = Bars._restored(  # noqa: SLF001 - the door for parts that were checked
            symbol, str(length), calendar, ts, columns, stated is None, lineage
        )
    return Imported(bars, quality, described)


def settled(
    reading: Reading, arrays: Arrays, meaning: Meaning, tally: Tally
) -> tuple[Arrays, bool]:
    """Return columns of bars, and whether they are in order of time."""
    repair, kept = reading.asked.repair, reading.columns
    arrays = settle_times(kept, arrays, meaning, tally)
    arrays, in_order = settle_order(
        arrays, tally, repair="unsorted" in repair, may_sort=not is_spilled(arrays["ts"])
    )
    dropped = frozenset(kind for kind, way in repair.items() if way == "drop")
    arrays = settle_values(kept, arrays, tally, widen=False, kinds=dropped)
    way = repair.get("duplicate_time", "first")
    arrays = settle_duplicates(kept, arrays, tally, way=way)
    widen = repair.get("ohlc_violation") == "widen"
    return settle_values(kept, arrays, tally, widen=widen), in_order


def check_bare_dates(reading: Reading, ts: IntArray, length: Timeframe) -> None:
    """Refuse dates alone for bars below a day."""
    naive = reading.reader.zoned is False and not reading.reader.is_epoch
    if naive and reading.asked.tz is None and length.is_intraday:
        raise BarsError(
            f"row 0 ({shown(ts[0])[:10]}), column {reading.time_name}: found a date without a "
            f"clock and without a zone for bars of {length}; expected times. Pass the bars' true "
            "timeframe, or the column that holds the time of day"
        )


def described_as(source: Source, reading: Reading, meaning: Meaning) -> dict[str, JsonValue]:
    """Return which file it was and how it was read."""
    reader, asked, found = reading.reader, reading.asked, reading.table.found
    columns: dict[str, JsonValue] = {"ts": reading.time_name}
    columns |= {name: found[place].name or place for name, place in reading.plan.columns.items()}
    return {
        "name": source.name,
        "bytes": source.size,
        "sha256": source.sha256(),
        "format": source.format,
        **reading.table.described(),
        "columns": columns,
        "dates": asked.dates or meaning.unit or reader.order or reader.written,
        "tz": asked.tz or ("UTC" if reader.zoned or reader.is_epoch else None),
        **({"skip": asked.skip} if asked.skip else {}),
        **({"stamp": asked.stamp} if asked.stamp != "open" else {}),
    }


def lineage_of(
    described: dict[str, JsonValue], quality: Quality, repair: Mapping[str, str]
) -> Lineage:
    """Return the steps of an import."""
    lineage = Lineage().then(
        "import",
        **described,
        rows_in=quality.rows_in,
        rows_kept=quality.rows_kept,
        findings=[finding.to_json() for finding in quality.findings],
    )
    for finding in quality.findings:
        if finding.severity == "repaired":
            way, rows = repair[finding.kind], cast("list[JsonValue]", list(finding.rows))
            lineage = lineage.then(
                "repair", kind=finding.kind, way=way, count=finding.count, rows=rows
            )
    return lineage


def stem(name: str) -> str:
    """Return a file's name without its endings.

    Examples
    --------
    >>> stem("BTC-USD.csv.gz"), stem("BRK.B.parquet")
    ('BTC-USD', 'BRK.B')
    """
    whole = name.removesuffix(".gz") if name.endswith(".gz") else name
    return whole.rsplit(".", 1)[0] if "." in whole[1:] else whole
