"""The symbols of a file that holds several: which rows are whose, and what was found about each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hyprl_lab.data.importing.tally import Tally
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from hyprl_lab.types import IntArray

__all__ = ["Groups"]


class Groups:
    """Symbols in the order in which they come; each has a number.

    Parameters
    ----------
    name
        The column they are in.

    Attributes
    ----------
    tallies
        By symbol: what was found in its rows.
    rows_in
        By symbol: how many rows have it.

    Examples
    --------
    >>> import pyarrow as pa
    >>> groups = Groups("ticker")
    >>> groups.codes(pa.array(["B", " A", "", "B"])).tolist(), list(groups.tallies), groups.rows_in
    ([0, 1, -1, 0], ['B', 'A'], {'B': 2, 'A': 1})
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.tallies: dict[str, Tally] = {}
        self.rows_in: dict[str, int] = {}
        self._ordered: list[Tally] = []
        self._codes: dict[str, int] = {}

    def codes(self, cells: Any) -> IntArray:
        """Return the number of each row's symbol, -1 where it has none.

        Parameters
        ----------
        cells
            A pyarrow array of text or whole numbers. Text is taken as it is written, without the
            blanks around it.

        Raises
        ------
        BarsError
            The column holds anything else.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        kind = cells.type
        if not (
            pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_integer(kind)
        ):
            raise BarsError(
                f"column {self.name}: found {kind}; expected symbols as text or whole numbers"
            )
        texts = pc.utf8_trim_whitespace(pc.fill_null(pc.cast(cells, pa.string()), ""))
        coded = pc.dictionary_encode(texts)
        own = [self._code(symbol) for symbol in coded.dictionary.to_pylist()]
        codes: IntArray = np.array(own, dtype=np.int64)[
            coded.indices.to_numpy(zero_copy_only=False)
        ]
        counts = np.bincount(codes[codes >= 0], minlength=len(self._codes)).tolist()
        for symbol, code in self._codes.items():
            self.rows_in[symbol] += counts[code]
        return codes

    def tally(self, code: int) -> Tally:
        """Return where rows of a symbol are told, by its number."""
        return self._ordered[code]

    def _code(self, symbol: str) -> int:
        if not symbol:
            return -1
        if symbol not in self._codes:
            self._codes[symbol] = len(self._codes)
            self.tallies[symbol] = Tally()
            self.rows_in[symbol] = 0
            self._ordered.append(self.tallies[symbol])
        return self._codes[symbol]
