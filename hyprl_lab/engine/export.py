"""Tables as files: whole or absent, times in UTC, what is missing left empty."""

from __future__ import annotations

import json
import os
import stat
import uuid
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, Literal, TypeAlias

import numpy as np

from hyprl_lab.errors import InputError
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

__all__ = ["SUFFIXES", "TABLES", "Suffix", "TableName", "destination", "write_table"]

TableName: TypeAlias = Literal["trades", "orders", "equity", "metrics"]
Suffix: TypeAlias = Literal[".csv", ".parquet", ".json", "csv", "parquet", "json"]

TABLES: Final[tuple[TableName, ...]] = ("trades", "orders", "equity", "metrics")
SUFFIXES: Final = (".csv", ".parquet", ".json")
_USUAL: Final = ".csv"


def destination(
    place: str | os.PathLike[str], table: TableName, suffix: Suffix | None = None
) -> Path:
    """Return the file that a table goes to.

    Parameters
    ----------
    place
        A file with one of the `SUFFIXES`, or an existing folder, in which the file is named after
        its table.
    table
        One of `TABLES`.
    suffix
        For a folder, which file to write there, with or without its dot; `.csv` where `None`. For
        a file only its own one; `.csv` is not held against another, being what is usual.

    Raises
    ------
    InputError
        The place is no path, the table or the suffix is unknown, the file's own suffix is
        another, or the folder does not exist.

    Examples
    --------
    >>> destination("trades.csv", "trades").name
    'trades.csv'
    """
    if not isinstance(table, str) or table not in TABLES:
        raise InputError(f"table is {shown(table)}; expected one of {', '.join(TABLES)}")
    asked = None if suffix is None else _checked_suffix(suffix)
    path = _checked_path(place)
    if _is_folder(path):
        return path / f"{table}{_USUAL if asked is None else asked}"
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(
            f"{path} ends with {path.suffix!r}; expected a file that ends with "
            f"{', '.join(SUFFIXES)}, or a folder that exists"
        )
    if asked not in {None, _USUAL, path.suffix.lower()}:
        raise InputError(
            f"{path} ends with {path.suffix!r}, and suffix is {asked!r}; leave suffix out, or name "
            "the folder"
        )
    if not _is_folder(path.parent):
        raise InputError(f"folder {path.parent} does not exist; make it first")
    return path


def write_table(frame: pd.DataFrame, path: Path) -> Path:
    r"""Write a table as its suffix says, and return its path.

    The file is written aside, synced and renamed: a reader sees the old one or the new one, whole.
    A file that exists keeps its mode.
    Times are ISO 8601 in UTC (in Parquet: microseconds, UTC); what is missing is an empty field in
    CSV and null in JSON and Parquet; numbers are written so that they read back as the same
    float64. JSON is a list of one object a row.

    Parameters
    ----------
    frame
        The table; its index is not written.
    path
        As `destination` returns it.

    Raises
    ------
    InputError
        The disk is full or the folder can't be written; nothing is left behind.

    Examples
    --------
    >>> import tempfile
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"pnl": [1.5, float("nan")]})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_table(frame, Path(folder) / "trades.json").read_text()
    '[{"pnl": 1.5},\n{"pnl": null}]\n'
    """
    try:
        _write(frame, path)
    except OSError as error:
        raise InputError(
            f"can't write {path}: {error.strerror or error}; make room, or choose a place that can "
            "be written"
        ) from error
    return path


def _write(frame: pd.DataFrame, path: Path) -> None:
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        with part.open("wb") as stream:
            _WRITERS[path.suffix.lower()](frame, stream)
            stream.flush()
            os.fsync(stream.fileno())
        if path.exists():
            part.chmod(stat.S_IMODE(path.stat().st_mode))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _checked_suffix(suffix: object) -> str:
    # Checked before it is joined to a folder: it may hold a path of its own.
    found = suffix if isinstance(suffix, str) else ""
    dotted = found if found.startswith(".") else f".{found}"
    if dotted not in SUFFIXES:
        raise InputError(f"suffix is {shown(suffix)}; expected one of {', '.join(SUFFIXES)}")
    return dotted


def _checked_path(place: object) -> Path:
    text = os.fspath(place) if isinstance(place, str | os.PathLike) else None
    if not isinstance(text, str) or not text or "\0" in text:
        raise InputError(
            f"place is {shown(place)}; expected the path of a file that ends with "
            f"{', '.join(SUFFIXES)}, or of a folder"
        )
    return Path(text)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError as error:  # a name that is too long, say
        raise InputError(
            f"can't write {shown(str(path))}: {error.strerror}; choose another place"
        ) from error


def _csv(frame: pd.DataFrame, stream: IO[bytes]) -> None:
    plain = frame.copy(deep=False)
    for name in frame.columns:
        if frame[name].dtype.kind == "M":
            plain[name] = _iso(frame[name])
    plain.to_csv(stream, index=False, lineterminator="\n")


def _json(frame: pd.DataFrame, stream: IO[bytes]) -> None:
    columns = [_values(frame[name]) for name in frame.columns]
    names = list(frame.columns)
    rows = ",\n".join(
        json.dumps(dict(zip(names, row, strict=True)), allow_nan=False)
        for row in zip(*columns, strict=True)
    )
    stream.write(f"[{rows}]\n".encode())


def _parquet(frame: pd.DataFrame, stream: IO[bytes]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), stream, compression="zstd")


_WRITERS: Final[dict[str, Callable[[pd.DataFrame, IO[bytes]], None]]] = {
    ".csv": _csv,
    ".parquet": _parquet,
    ".json": _json,
}


def _values(column: pd.Series[Any]) -> list[Any]:
    """Return a column as JSON values; what is missing is `None`."""
    if column.dtype.kind == "M":
        return _iso(column)
    missing = column.isna().tolist()
    return [None if gone else value for value, gone in zip(column.tolist(), missing, strict=True)]


def _iso(column: pd.Series[Any]) -> list[str | None]:
    """Return moments as ISO 8601 text in UTC, to the microsecond where one needs it."""
    moments = column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy("datetime64[us]")
    known = moments[~np.isnat(moments)].view(np.int64)
    unit: Literal["us", "s"] = "us" if np.any(known % 1_000_000) else "s"
    texts = np.datetime_as_string(moments, unit=unit).tolist()
    return [None if text == "NaT" else f"{text}+00:00" for text in texts]
