"""A file of bars, from its first byte to bars with their lineage; nothing guessed, nothing lost."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from hyprl_lab.data.bars import Bars
from hyprl_lab.data.checks import check_symbol
from hyprl_lab.data.importing.asked import Asked
from hyprl_lab.data.importing.reading import Reading
from hyprl_lab.data.importing.settle import settle_duplicates, settle_order, settle_times
from hyprl_lab.data.importing.source import Source
from hyprl_lab.data.importing.spacing import calendar_of, check_long_spacing, timeframe_of
from hyprl_lab.data.importing.table import LINE, ROW
from hyprl_lab.data.importing.values import settle_values
from hyprl_lab.data.importing.verdict import verdict
from hyprl_lab.data.lineage import Lineage
from hyprl_lab.data.spill import SPILL_BYTES, is_spilled
from hyprl_lab.data.timeframe import stamp
from hyprl_lab.errors import BarsError, QualityError
from hyprl_lab.progress import reporter
from hyprl_lab.types import Progress

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hyprl_lab.data.findings import Quality
    from hyprl_lab.data.importing.plan import Columns
    from hyprl_lab.data.importing.settle import Meaning
    from hyprl_lab.data.importing.table import Arrays
    from hyprl_lab.data.timeframe import Timeframe
    from hyprl_lab.types import IntArray, JsonValue, ProgressCallback

__all__ = ["Imported", "import_file"]


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
    )
    began = time.perf_counter()
    with reporter(progress or False, "import") as report:

        def tell(done: int, total: int) -> None:
            report(Progress(done=done, total=total, seconds=time.perf_counter() - began))

        with Source(path, tell) as source:
            try:
                reading = Reading(source, asked, spill=spill, spill_bytes=spill_bytes)
                return _imported(source, reading)
            except QualityError as error:
                raise QualityError(f"{source.name}: {error}", error.quality) from error
            except BarsError as error:
                raise BarsError(f"{source.name}: {error}") from error


def _imported(source: Source, reading: Reading) -> Imported:
    arrays, meaning = reading.read()
    arrays, in_order = _settled(reading, arrays, meaning)
    quality = verdict(reading, arrays, meaning, title=source.name, in_order=in_order)
    ts = arrays["ts"]
    if ts.size == 0:
        raise BarsError("found no rows; expected at least one bar")
    length = reading.asked.timeframe or timeframe_of(ts)
    _check_bare_dates(reading, ts, length)
    described = _described(source, reading, meaning)
    lineage = _lineage(described, quality, reading.asked.repair)
    columns = {name: values for name, values in arrays.items() if name not in ("ts", ROW, LINE)}
    symbol = reading.asked.symbol or _stem(source.name)
    stated = reading.asked.calendar
    calendar = stated or calendar_of(ts, length)
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


def _settled(reading: Reading, arrays: Arrays, meaning: Meaning) -> tuple[Arrays, bool]:
    """Return columns of bars, and whether they are in order of time."""
    repair, kept, tally = reading.asked.repair, reading.columns, reading.tally
    arrays = settle_times(kept, arrays, meaning, tally)
    arrays, in_order = settle_order(
        arrays, tally, repair="unsorted" in repair, may_sort=not is_spilled(arrays["ts"])
    )
    way = repair.get("duplicate_time", "first")
    arrays = settle_duplicates(kept, arrays, tally, way=way)
    widen = repair.get("ohlc_violation") == "widen"
    return settle_values(kept, arrays, tally, widen=widen), in_order


def _check_bare_dates(reading: Reading, ts: IntArray, length: Timeframe) -> None:
    naive = reading.reader.zoned is False and not reading.reader.is_epoch
    if naive and reading.asked.tz is None and length.is_intraday:
        raise BarsError(
            f"row 0 ({stamp(ts[0])[:10]}), column {reading.time_name}: found a date without a "
            f"clock and without a zone for bars of {length}; expected times. Pass the bars' true "
            "timeframe, or the column that holds the time of day"
        )


def _described(source: Source, reading: Reading, meaning: Meaning) -> dict[str, JsonValue]:
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
    }


def _lineage(
    described: dict[str, JsonValue], quality: Quality, repair: Mapping[str, str]
) -> Lineage:
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


def _stem(name: str) -> str:
    """Return a file's name without its endings.

    Examples
    --------
    >>> _stem("BTC-USD.csv.gz"), _stem("BRK.B.parquet")
    ('BTC-USD', 'BRK.B')
    """
    stem = name.removesuffix(".gz") if name.endswith(".gz") else name
    return stem.rsplit(".", 1)[0] if "." in stem[1:] else stem
