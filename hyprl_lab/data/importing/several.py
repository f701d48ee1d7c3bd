"""A file of several symbols into bars of each: the way of `import_file`, symbol by symbol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hyprl_lab.data.bars import Bars
from hyprl_lab.data.findings import Quality
from hyprl_lab.data.importing.asked import Asked
from hyprl_lab.data.importing.importer import (
    check_bare_dates,
    described_as,
    lineage_of,
    settled,
    through,
)
from hyprl_lab.data.importing.reading import Reading
from hyprl_lab.data.importing.spacing import inferred_calendar
from hyprl_lab.data.importing.table import LINE, ROW, SYMBOL
from hyprl_lab.data.importing.verdict import judged, notes_of
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.data.findings import Finding
    from hyprl_lab.data.importing.groups import Groups
    from hyprl_lab.data.importing.settle import Meaning
    from hyprl_lab.data.importing.source import Source
    from hyprl_lab.data.importing.table import Arrays
    from hyprl_lab.types import JsonValue

__all__ = ["import_several"]

_IN_MEMORY = 1 << 60


def import_several(path: str | Path, *, by: str, **said: Any) -> tuple[list[Bars], Quality]:
    r"""Return the bars of each symbol of a file, and what was found in all of it.

    Parameters
    ----------
    path
        A CSV (also one packed by gzip) or Parquet file: a row for each time and symbol. It is read
        into memory.
    by
        The column of symbols, which are text as it is written, without the blanks around it.
    **said
        As in `import_file`, `symbol` and where to keep columns apart; `timeframe` has to be stated.

    Returns
    -------
    bars, quality
        `quality.rows_in` is `quality.rows_kept` plus the rows that its findings leave out, over
        all symbols. A finding is of one symbol, which it names, or of rows without one.

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
    >>> file = Path(tempfile.mkdtemp()) / "panel.csv"
    >>> rows = "2024-01-02,0005,1,2,1,2\n2024-01-02,5,1,2,1,2\n"
    >>> _ = file.write_text("ts,symbol,open,high,low,close\n" + rows)
    >>> bars, quality = import_several(file, by="symbol", timeframe="1d")
    >>> [one.symbol for one in bars], quality.rows_kept
    (['0005', '5'], 2)
    """
    asked = Asked.checked(**said)

    def imported(source: Source) -> tuple[list[Bars], Quality]:
        reading = Reading(source, asked, spill=None, spill_bytes=_IN_MEMORY, by=by)
        return _imported(source, reading, asked)

    return through(path, None, imported)


def _imported(source: Source, reading: Reading, asked: Asked) -> tuple[list[Bars], Quality]:
    arrays, meaning = reading.read()
    groups, length = reading.groups, asked.timeframe
    if groups is None or length is None:
        raise BarsError("panel: found no timeframe; expected one that is stated: timeframe='1d'")
    parts = {
        symbol: settled(reading, part, meaning, groups.tallies[symbol])[0]
        for symbol, part in _apart(arrays, groups).items()
    }
    reports = {
        symbol: _report(groups, symbol, parts[symbol], asked, meaning) for symbol in sorted(parts)
    }
    of_file = reading.tally.findings(asked.repair, meaning.moment)
    notes = notes_of(reading, has_volume=any("volume" in part for part in parts.values()))
    whole = Quality.of(
        [*of_file, *notes, *(one for report in reports.values() for one in report.findings)],
        rows_in=reading.sieve.rows_in,
        rows_kept=sum(report.rows_kept for report in reports.values()),
        title=source.name,
    )
    judged(whole, [reading.tally, *groups.tallies.values()], asked.repair)
    kept = {symbol: part for symbol, part in parts.items() if part["ts"].size}
    if not kept:
        raise BarsError("found no rows; expected at least one bar")
    every = np.unique(np.concatenate([part["ts"] for part in kept.values()]))
    check_bare_dates(reading, every, length)
    described = described_as(source, reading, meaning)
    described |= {"by": groups.name, "file": _told(whole, [*of_file, *notes])}
    calendar = asked.calendar or inferred_calendar(every, length)
    bars = []
    for symbol in sorted(kept):
        lineage = lineage_of(described, reports[symbol], asked.repair)
        columns = {
            name: values
            for name, values in kept[symbol].items()
            if name not in ("ts", ROW, LINE, SYMBOL)
        }
        ts, inferred = kept[symbol]["ts"], asked.calendar is None
        try:
            bars.append(Bars(symbol, str(length), calendar, ts, columns, inferred, lineage))
        except BarsError as error:
            raise BarsError(
                f"{groups.name} {symbol} (its own rows, counted from 0): {error}"
            ) from error
    return bars, whole


def _apart(arrays: Arrays, groups: Groups) -> dict[str, Arrays]:
    """Return the columns of each symbol, its rows in the order of the file."""
    codes = arrays[SYMBOL]
    order = np.argsort(codes, kind="stable")
    ends = np.searchsorted(codes[order], np.arange(len(groups.tallies) + 1))
    parts: dict[str, Arrays] = {}
    for code, symbol in enumerate(groups.tallies):
        rows = order[ends[code] : ends[code + 1]]
        own = {name: values[rows] for name, values in arrays.items() if name != SYMBOL}
        if "volume" in own and bool(np.isnan(own["volume"]).all()):
            del own["volume"]  # a column without a single value knows no volume
        parts[symbol] = own
    return parts


def _report(groups: Groups, symbol: str, part: Arrays, asked: Asked, meaning: Meaning) -> Quality:
    tally = groups.tallies[symbol]
    findings = tally.findings(asked.repair, meaning.moment, of=f"{groups.name} {symbol}: ")
    kept = int(part["ts"].size)
    return Quality.of(findings, rows_in=groups.rows_in[symbol], rows_kept=kept, title=symbol)


def _told(whole: Quality, findings: list[Finding]) -> dict[str, JsonValue]:
    """Return what is of the file and of no symbol."""
    return {
        "rows_in": whole.rows_in,
        "rows_kept": whole.rows_kept,
        "findings": [finding.to_json() for finding in findings],
    }
