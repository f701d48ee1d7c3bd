"""Tables and numbers compared to the last bit, and what differs named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["RunDifference", "differing_tables", "differing_values", "exact"]

_MOST: Final = 100
"""So many rows of a column are named; how many more there are is said in one further entry."""


@dataclass(frozen=True, slots=True)
class RunDifference:
    """One place where what is stored is not what the engine computes.

    Parameters
    ----------
    table
        `equity`, `trades`, `orders`, `features`, `metrics`, `config` or `run` (its row).
    row
        From 0; `None` where the whole column or table is meant.
    column
        Of the table; `rows` for their number, `content` for a table whose file was given up.
    stored, computed
        Both values, numbers in decimals and in exact hexadecimal.
    """

    table: str
    row: int | None
    column: str
    stored: str
    computed: str

    def __str__(self) -> str:
        place = "" if self.row is None else f" row {self.row}"
        return f"{self.table}{place} {self.column}: stored {self.stored}, computed {self.computed}"


def exact(value: object) -> str:
    """Return a value as text that no other value has.

    Examples
    --------
    >>> exact(0.1), exact(None), exact("a")
    ('0.1 (0x1.999999999999ap-4)', 'missing', "'a'")
    """
    if value is None:
        return "missing"
    if isinstance(value, float):
        return f"{value!r} ({value.hex()})"
    isoformat = getattr(value, "isoformat", None)
    return str(isoformat()) if callable(isoformat) else repr(value)


def differing_values(
    table: str, stored: Mapping[str, object], computed: Mapping[str, object]
) -> Iterator[RunDifference]:
    """Yield what differs between two mappings of JSON values, by name; -0 and 0 differ."""
    for name in sorted({*stored, *computed}):
        both = [
            exact(_number(found[name])) if name in found else "absent"
            for found in (stored, computed)
        ]
        if both[0] != both[1]:
            yield RunDifference(table, None, name, both[0], both[1])


def differing_tables(
    table: str, stored: pa.Table, computed: pa.Table, *, every_column: bool
) -> Iterator[RunDifference]:
    """Yield what differs between two tables, column by column in the stored one's order.

    Parameters
    ----------
    every_column
        Whether both need the same columns; without, those the stored one lacks are passed over.
    """
    for name in sorted({*stored.column_names} ^ {*computed.column_names}):
        told = ["a column" if name in found.column_names else "absent" for found in
                (stored, computed)]  # fmt: skip
        if every_column or told[1] == "absent":
            yield RunDifference(table, None, name, told[0], told[1])
    if stored.num_rows != computed.num_rows:
        yield RunDifference(table, None, "rows", str(stored.num_rows), str(computed.num_rows))
    rows = min(stored.num_rows, computed.num_rows)
    for name in stored.column_names:
        if name in computed.column_names:
            yield from _column(table, name, stored[name].slice(0, rows), computed[name])


def _column(
    table: str, name: str, stored: pa.ChunkedArray, computed: pa.ChunkedArray
) -> Iterator[RunDifference]:
    if str(stored.type) != str(computed.type):
        yield RunDifference(table, None, f"{name} type", str(stored.type), str(computed.type))
        return
    computed = computed.slice(0, len(stored))
    places = np.flatnonzero(_bits(stored) != _bits(computed)).tolist()
    for row in places[:_MOST]:
        values = (exact(column[row].as_py()) for column in (stored, computed))
        yield RunDifference(table, row, name, *values)
    if len(places) > _MOST:
        more = f"{len(places) - _MOST} further rows"
        yield RunDifference(table, None, name, more, "others")


def _bits(column: pa.ChunkedArray) -> NDArray[Any]:
    """Return something to compare by `!=`, row by row: the bits of a number, whether it is null."""
    import pyarrow as pa

    if pa.types.is_floating(column.type):
        values = column.to_numpy().view(np.int64)  # null is read as the one NaN
    elif pa.types.is_timestamp(column.type) or pa.types.is_integer(column.type):
        filled = column.cast(pa.int64()).fill_null(0)
        values = filled.to_numpy()
    else:
        values = np.array([repr(value) for value in column.to_pylist()], dtype=object)
    known = column.is_valid().to_numpy()
    return np.rec.fromarrays([values, known])


def _number(value: object) -> object:
    """Return a JSON number as the float that it is, whether it is written 5 or 5.0."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return float(value) if whole else value  # type: ignore[arg-type]  # an int
