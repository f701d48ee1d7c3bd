"""The Parquet part of a set of bars, written and read by row groups, with what its row says."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.data.spill import SPILL_BYTES, Growing, drop_pages
from hyprl_lab.errors import IntegrityError
from hyprl_lab.store.schemas import bars_part_schema

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from hyprl_lab.data import Bars
    from hyprl_lab.store.bars.bar_store import BarSet
    from hyprl_lab.store.parts.folder import HashedStream
    from hyprl_lab.types import FloatArray, JsonValue

__all__ = ["read_part", "write_part"]

ROW_GROUP: Final = 1 << 18
"""Rows of a part that are written and read at a time: 2 MiB a column."""

_TOLD: Final = b"hyprl"
"""The key of a part's own account of its bars, in its schema's metadata."""


def _told(bars: Bars, origin: tuple[str, str]) -> dict[str, JsonValue]:
    """Return what a set's row says, as its part has it too."""
    return {
        "ohlcv_fingerprint": bars.ohlcv_fingerprint,
        "symbol": bars.symbol,
        "timeframe": bars.timeframe,
        "calendar": bars.calendar,
        "calendar_inferred": bars.calendar_inferred,
        "rows": len(bars),
        "first_ts": int(bars.ts[0]),
        "last_ts": int(bars.ts[-1]),
        "column_names": list(bars.columns),
        "lineage": json.loads(origin[0]),
        "source": json.loads(origin[1]),
    }


def _check_told(told: bytes | None, place: str, found: BarSet) -> None:
    """Compare the row of a set with what its part says, where it does: older parts don't."""
    for name, value in json.loads(told or b"{}").items():
        row = getattr(found, name)
        if name == "lineage":
            row = row.to_json()
        elif name == "column_names":
            row = list(row)
        if row != value:
            raise IntegrityError(
                f"the row of bars {found} has {name} {str(row)[:80]}; its part {place} has "
                f"{str(value)[:80]}: bring the control database back from a backup"
            )


def write_part(bars: Bars, origin: tuple[str, str], stream: HashedStream) -> None:
    """Write bars as Parquet, a row group at a time, with what their row says."""
    import pyarrow.parquet as pq

    schema = bars_part_schema(tuple(bars.columns))
    schema = schema.with_metadata({_TOLD: json.dumps(_told(bars, origin))})
    labels = ["_fingerprint", "_symbol", "_timeframe"]
    with pq.ParquetWriter(
        stream,
        schema,
        compression="zstd",
        compression_level=1,
        use_dictionary=labels,
        column_encoding={"_ts": "DELTA_BINARY_PACKED"},
        write_page_checksum=True,
    ) as writer:
        for start in range(0, len(bars), ROW_GROUP):
            writer.write_table(_piece(bars, slice(start, start + ROW_GROUP), schema))
            for array in (bars.ts, *bars.columns.values()):
                drop_pages(array)


def _piece(bars: Bars, rows: slice, schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    ts = pa.array(bars.ts[rows], pa.int64()).cast(pa.timestamp("us", tz="UTC"))
    place = pa.array(np.zeros(len(ts), np.int32))
    labels = [
        pa.DictionaryArray.from_arrays(place, pa.array([label]))
        for label in (bars.fingerprint, bars.symbol, bars.timeframe)
    ]
    # from_pandas=False, or NaN would become null
    numbers = [
        pa.array(values[rows], pa.float64(), from_pandas=False) for values in bars.columns.values()
    ]
    return pa.Table.from_arrays([*labels, ts, *numbers], schema=schema)


def read_part(opened: IO[bytes], place: str, found: BarSet, scratch: Path) -> dict[str, Any]:
    """Return `_ts` and columns as arrays: in memory, or mapped from files where they are long."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names = found.column_names
    limit = SPILL_BYTES // (len(names) + 1)
    ts = Growing(np.int64, limit_bytes=limit, folder=scratch)
    grown = {name: Growing(np.float64, limit_bytes=limit, folder=scratch) for name in names}
    try:
        with pq.ParquetFile(opened, pre_buffer=False) as file:
            _check_told((file.schema_arrow.metadata or {}).get(_TOLD), place, found)
            for group in range(file.num_row_groups):
                table = file.read_row_group(group, columns=["_ts", *names], use_threads=False)
                ts.append(table["_ts"].cast(pa.int64()).to_numpy())
                for name, column in grown.items():
                    column.append(table[name].to_numpy())
    except (pa.ArrowException, OSError, KeyError) as error:
        raise IntegrityError(f"{place} can't be read as bars ({error})") from error
    columns: dict[str, FloatArray] = {name: column.finish() for name, column in grown.items()}
    return {"_ts": ts.finish(), **columns}
