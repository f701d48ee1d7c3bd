"""Index bars that ship with the `arch` package (NCSA licence)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.bars import Bars
from hyprl_lab.data.lineage import Lineage
from hyprl_lab.data.names import snake_case
from hyprl_lab.data.providers.packaged import folder_of, read_table, version_of
from hyprl_lab.data.providers.provider import part_of, unknown_dataset

if TYPE_CHECKING:
    from hyprl_lab.data.providers.provider import Moment

__all__ = ["Arch"]

_SYMBOLS: Final = {"nasdaq": "NASDAQ", "sp500": "SP500"}


class Arch:
    """The S&P 500 and the NASDAQ Composite, daily, 4 January 1999 to 31 December 2018.

    Calendar XNYS, with the feature `adj_close`. The package's other series (VIX and oil among them)
    are single values a day, of which no bars are made.

    Examples
    --------
    >>> bars = Arch().bars("sp500")
    >>> len(bars), bars.symbol, bars.lineage.steps[0].detail["dataset"]
    (5031, 'SP500', 'sp500')
    """

    name = "arch"

    def datasets(self) -> list[str]:
        """Return `["nasdaq", "sp500"]`."""
        return sorted(_SYMBOLS)

    def bars(
        self,
        dataset: str,
        *,
        timeframe: str | None = None,
        start: Moment = None,
        end: Moment = None,
    ) -> Bars:
        """Return one index's bars; see `Provider.bars`."""
        if dataset not in self.datasets():
            raise unknown_dataset(self.name, dataset, self.datasets())
        folder = folder_of("arch", wanted=f"the set {dataset!r}", mend="Install arch")
        head, cells = read_table(folder / "data" / dataset / f"{dataset}.csv.gz")
        dates = [_iso(text) for text in cells[:, 0].tolist()]
        ts = np.array(dates, dtype="datetime64[us]").astype(np.int64)
        values = cells[:, 1:].astype(np.float64)
        columns = {snake_case(title): values[:, place] for place, title in enumerate(head[1:])}
        lineage = Lineage().then(
            "load", provider=self.name, dataset=dataset, version=version_of("arch")
        )
        bars = Bars(_SYMBOLS[dataset], "1d", "XNYS", ts, columns, lineage=lineage)
        return part_of(bars, timeframe=timeframe, start=start, end=end)


def _iso(text: str) -> str:
    """Return a date that is written month/day/year as ISO 8601."""
    month, day, year = text.split("/")
    return f"{year}-{int(month):02d}-{int(day):02d}"
