"""The warehouse's calls for bars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.data.given import checked_bars
from hyprl_lab.store.opened import Opened

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.data import Bars
    from hyprl_lab.data.lineage import Lineage
    from hyprl_lab.store.bars.bar_store import BarSet
    from hyprl_lab.types import JsonValue

__all__ = ["BarBook"]


class BarBook(Opened):
    """Sets of bars, found again by fingerprint or symbol; the part of `Warehouse` that feeds."""

    def save_bars(self, bars: Bars, *, source: Mapping[str, JsonValue] | None = None) -> str:
        """Store bars and return their fingerprint; what is stored already is not written again.

        A set is known by fingerprint, symbol, timeframe and calendar; `get_bars`, given all four,
        returns this very set whatever else is stored. Stored again with another
        lineage or source, it keeps its first ones, and the others are kept beside them (see
        `bar_sources`). However many processes store one set at once, it is stored once, and a
        kill at any moment leaves it whole or not there.

        Parameters
        ----------
        bars
            Any bars.
        source
            Where they came from, as JSON: a file's name, length and SHA-256.

        Raises
        ------
        WarehouseError
            The disk is full or the home can't be written; nothing was recorded.

        Examples
        --------
        >>> import tempfile
        >>> from hyprl_lab.data import load_bars
        >>> from hyprl_lab.store import Warehouse
        >>> warehouse, bars = Warehouse(tempfile.mkdtemp()), load_bars("TEST")
        >>> fingerprint = warehouse.save_bars(bars)
        >>> warehouse.get_bars("TEST") == warehouse.get_bars(fingerprint[:8]) == bars
        True
        """
        return self._bars.save(checked_bars(bars), source)

    def get_bars(
        self,
        which: str,
        timeframe: str | None = None,
        *,
        symbol: str | None = None,
        calendar: str | None = None,
    ) -> Bars:
        """Return stored bars, checked on the way.

        The hash of the part's bytes is checked once a process, the bars' fingerprint each time.
        Long bars come as read-only arrays over temporary files rather than in memory.

        Parameters
        ----------
        which
            A symbol, or else the first characters of a fingerprint, 4 or more. Of several sets of
            one timeframe a symbol names the one first stored last.
        timeframe
            Which one, where the symbol has several.
        symbol, calendar
            Which one, where a fingerprint is stored under several symbols or calendars.

        Raises
        ------
        NotFoundError
            There are none; the message lists what there is.
        InputError
            It stands for several; the message lists them.
        IntegrityError
            The part is missing or changed.
        """
        return self._bars.get(which, timeframe, symbol, calendar)

    def find_bars(
        self,
        which: str,
        timeframe: str | None = None,
        *,
        symbol: str | None = None,
        calendar: str | None = None,
    ) -> BarSet:
        """Return what is known of the bars that `get_bars` would return, without reading them."""
        return self._bars.find(which, timeframe, symbol, calendar)

    def list_bars(self) -> list[BarSet]:
        """Return all sets of bars in the order of their first storing."""
        return self._bars.all()

    def bar_sources(self, found: BarSet) -> list[tuple[Lineage, dict[str, JsonValue]]]:
        """Return the lineage and source of each way in which a set was stored, the first first."""
        return self._bars.sources(found)
