"""Columns of equal length that grow block by block, in memory or beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

import numpy as np

from hyprl_lab.data.spill import SPILL_BYTES, Growing, drop_pages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["LINE", "OFFSET", "PIECE_ROWS", "ROW", "SYMBOL", "Arrays", "Table", "pieces"]

Arrays: TypeAlias = "dict[str, NDArray[Any]]"

ROW: Final = "row number"
LINE: Final = "line number"
SYMBOL: Final = "symbol number"
OFFSET: Final = "offset in microseconds"
"""Names that no column of bars has, for they are not in snake case."""

PIECE_ROWS: Final = 1 << 18
"""Rows that are looked at at once: 2 MiB a column."""

_WHOLE: Final = ("ts", ROW, LINE, SYMBOL, OFFSET)


class Table:
    """Columns that grow together.

    Parameters
    ----------
    names
        Of the columns; `ts`, `ROW`, `LINE`, `SYMBOL` and `OFFSET` hold int64, the others float64.
    limit_bytes
        All together in memory; what is longer goes to files without a name.
    folder
        Where these are.

    Examples
    --------
    >>> table = Table(["ts", "close"])
    >>> table.append({"ts": np.array([5]), "close": np.array([1.5])})
    >>> table.finish()["close"].tolist()
    [1.5]
    """

    def __init__(
        self,
        names: list[str],
        *,
        limit_bytes: int = SPILL_BYTES,
        folder: str | Path | None = None,
    ) -> None:
        limit = limit_bytes // len(names)
        self.columns: dict[str, Growing[Any]] = {
            name: Growing(
                cast("Any", np.int64 if name in _WHOLE else np.float64),
                limit_bytes=limit,
                folder=folder,
            )
            for name in names
        }
        self._limits = (limit_bytes, folder)

    @property
    def rows(self) -> int:
        """How many there are so far."""
        return self.columns["ts"].rows

    @property
    def spilled(self) -> bool:
        """Whether the columns are in files by now."""
        return self.columns["ts"].spilled

    def append(self, values: Mapping[str, NDArray[Any]]) -> None:
        """Add rows; every column has to be there.

        Raises
        ------
        BarsError
            There is no room for the temporary files.
        """
        for name, column in self.columns.items():
            column.append(values[name])

    def finish(self) -> Arrays:
        """Return the columns, read-only."""
        return {name: column.finish() for name, column in self.columns.items()}

    def rewritten(
        self, arrays: Arrays, change: Callable[[slice, Arrays], Mapping[str, NDArray[Any]]]
    ) -> Arrays:
        """Return new columns of what `change` makes of each piece of rows.

        Parameters
        ----------
        arrays
            What `finish` or `rewritten` returned.
        change
            From the rows of a piece, and its columns, to the columns that follow.
        """
        limit, folder = self._limits
        new = Table(list(arrays), limit_bytes=limit, folder=folder)
        for rows in pieces(arrays):
            new.append(change(rows, {name: array[rows] for name, array in arrays.items()}))
        return new.finish()


def pieces(arrays: Mapping[str, NDArray[Any]]) -> Iterator[slice]:
    """Yield the pieces of columns in order; after each, memory that mapped files took is let go.

    Examples
    --------
    >>> [piece.stop for piece in pieces({"ts": np.zeros(300_000)})]
    [262144, 300000]
    """
    count = arrays["ts"].size
    for start in range(0, count, PIECE_ROWS):
        yield slice(start, min(start + PIECE_ROWS, count))
        for array in arrays.values():
            drop_pages(array)
