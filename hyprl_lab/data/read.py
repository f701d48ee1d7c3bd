"""Bars from files: CSV and Parquet, told apart by content."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Final

from hyprl_lab.data.bars import Bars
from hyprl_lab.data.frames import TIME_COLUMNS, arrays_of
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["read_bars"]

_PARQUET: Final = b"PAR1"
_OTHERS: Final = (
    (b"\x1f\x8b", "a gzip archive", "Unpack it first"),
    (b"PK\x03\x04", "a zip archive or a spreadsheet", "Unpack it, or export it as CSV"),
    (b"BZh", "a bzip2 archive", "Unpack it first"),
    (b"\xfd7zXZ\x00", "an xz archive", "Unpack it first"),
    (b"\x28\xb5\x2f\xfd", "a zstandard archive", "Unpack it first"),
    (b"7z\xbc\xaf", "a 7-zip archive", "Unpack it first"),
    (b"ARROW1", "an Arrow file", "Write it as Parquet"),
    (b"\x89HDF", "an HDF5 file", "Write it as Parquet"),
    (b"SQLite format 3", "an SQLite database", "Write the table as Parquet"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet", "Export it as CSV"),
    (b"\xff\xfe", "UTF-16 text", "Save it as UTF-8"),
    (b"\xfe\xff", "UTF-16 text", "Save it as UTF-8"),
)


def read_bars(
    path: str | Path,
    *,
    symbol: str | None = None,
    timeframe: str | None = None,
    calendar: str | None = None,
    tz: str | None = None,
) -> Bars:
    r"""Read bars from a CSV or Parquet file.

    A CSV file is UTF-8, has commas between fields, a line of names, and times in ISO 8601 in a
    column named ts, date, datetime, timestamp or time. Empty cells, `NaN`, `NA` and `null` are
    missing values. Columns follow the rules of `Bars.from_pandas`.

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

    Raises
    ------
    BarsError
        There is no such file, it is of another kind, or its content can't be used; the message
        names the file, the row and the column.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "ACME.csv"
    >>> _ = file.write_text("date,open,high,low,close\n2024-01-02,1,2,1,2\n2024-01-03,2,3,2,3\n")
    >>> read_bars(file, timeframe="1d").symbol
    'ACME'
    """
    file = _place(path)
    content = _content(file)
    try:
        df = _parquet(content) if content.startswith(_PARQUET) else _csv(content)
        ts, columns, length = arrays_of(df, timeframe=timeframe, tz=tz)
        name = file.stem if symbol is None else symbol
        return Bars.from_arrays(ts, columns, symbol=name, timeframe=str(length), calendar=calendar)
    except BarsError as error:
        raise BarsError(f"{file.name}: {error}") from error


def _place(path: str | Path) -> Path:
    try:
        file = Path(path).expanduser()
        file.is_file()
    except (OSError, RuntimeError, ValueError) as error:
        raise BarsError(
            f"{str(path)[:80]!r}: found no usable path ({error.__class__.__name__}); "
            "expected that of a CSV or Parquet file"
        ) from error
    return file


def _content(file: Path) -> bytes:
    if file.is_dir():
        raise BarsError(f"{file}: found a folder; expected a CSV or Parquet file")
    if not file.is_file():
        raise BarsError(f"{file}: found no such file; expected a CSV or Parquet file")
    try:
        content = file.read_bytes()
    except OSError as error:
        raise BarsError(f"{file}: found a file that can't be read ({error.strerror})") from error
    if not content.strip():
        raise BarsError(f"{file}: found an empty file; expected a CSV or Parquet file")
    for magic, kind, mend in _OTHERS:
        if content.startswith(magic):
            raise BarsError(f"{file}: found {kind}; expected CSV or Parquet. {mend}")
    return content


def _parquet(content: bytes) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        frame: pd.DataFrame = pq.read_table(pa.BufferReader(content)).to_pandas()
    except (pa.ArrowException, OSError, KeyError, UnicodeDecodeError) as error:
        raise BarsError(
            f"found a damaged Parquet file ({error}); expected a whole one. Fetch it again"
        ) from error
    return frame


def _csv(content: bytes) -> pd.DataFrame:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    names = _header(content)
    times = {name: pa.string() for name in names if name.strip().lower() in TIME_COLUMNS}
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(content),
            # One thread, for only then does a parse error know its row.
            read_options=arrow_csv.ReadOptions(use_threads=False),
            convert_options=arrow_csv.ConvertOptions(column_types=times),
        )
    except pa.ArrowException as error:
        raise BarsError(
            f"found a line that is no CSV row of {len(names)} fields ({error}); "
            "expected as many fields in each line as names in the first"
        ) from error
    frame: pd.DataFrame = table.rename_columns([name.strip() for name in names]).to_pandas()
    return frame


def _header(content: bytes) -> list[str]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BarsError(
            f"line {line}: found the byte 0x{content[error.start]:02x}, which is not UTF-8; "
            "expected CSV in UTF-8, or Parquet. Save the file as UTF-8"
        ) from error
    if "\0" in text:
        raise BarsError("found binary content; expected CSV or Parquet. Export it as one of them")
    first = text.split("\n", 1)[0].rstrip("\r")
    try:
        names = next(csv.reader(io.StringIO(first)), [])
    except csv.Error as error:
        raise BarsError(f"line 1: found no row of names ({error}); expected CSV") from error
    if len(names) < 2:
        raise BarsError(
            f"line 1: found {first[:80]!r}; expected names with commas between them: a time and "
            "open, high, low, close"
        )
    return names
