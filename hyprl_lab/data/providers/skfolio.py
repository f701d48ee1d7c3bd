"""Daily closes of 20 American stocks that ship with the `skfolio` package (BSD licence)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.data.bars import Bars
from hyprl_lab.data.lineage import Lineage
from hyprl_lab.data.providers.packaged import folder_of, read_table, version_of
from hyprl_lab.data.providers.provider import part_of, unknown_dataset
from hyprl_lab.data.providers.settings import checked_folder
from hyprl_lab.errors import BarsError

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.data.providers.provider import Moment

__all__ = ["Skfolio"]

_DATASETS: Final = (
    *("AAPL", "AMD", "BAC", "BBY", "CVX", "GE", "HD", "JNJ", "JPM", "KO", "LLY", "MRK", "MSFT"),
    *("PEP", "PFE", "PG", "RRC", "UNH", "WMT", "XOM"),
)


@dataclass(frozen=True, kw_only=True)
class Skfolio:
    """20 stocks of the S&P 500, daily, 2 January 1990 to 28 December 2022, calendar XNYS.

    The source holds closes, adjusted for splits and dividends, and nothing else. Bars need an open,
    a high and a low, which would have to be invented, so they are refused unless
    `closes_as_bars=True` says that all four prices may be the close. Such bars are flat: a fill at
    the next open is one at the next close, a stop is met at closes only, and whatever reads a
    range (ATR, stochastics) is about the closes. Their lineage says so, and `bars.quality()` counts
    them as `flat_bar`.

    The package is no dependency of the lab, for it brings solvers of convex programs: install
    `hyprl-lab[skfolio]`. It is not imported.

    Parameters
    ----------
    closes_as_bars
        Make flat bars of closes.
    folder
        Where the package lies, if it isn't installed.

    Examples
    --------
    >>> Skfolio().datasets()[:3]
    ['AAPL', 'AMD', 'BAC']
    """

    closes_as_bars: bool = False
    folder: Path | str | None = None

    @property
    def name(self) -> str:
        """`"skfolio"`."""
        return "skfolio"

    def datasets(self) -> list[str]:
        """Return the 20 symbols."""
        return list(_DATASETS)

    def bars(
        self,
        dataset: str,
        *,
        timeframe: str | None = None,
        start: Moment = None,
        end: Moment = None,
    ) -> Bars:
        """Return one stock's closes as flat bars, where that was asked for; see `Provider.bars`."""
        if dataset not in _DATASETS:
            raise unknown_dataset(self.name, dataset, self.datasets())
        if not self.closes_as_bars:
            raise BarsError(
                f"skfolio: found closes alone of {dataset}; expected open, high and low too, and "
                "none are invented unasked. For flat bars, all four prices the close: "
                "hl.providers.get('skfolio', closes_as_bars=True)"
            )
        head, cells = read_table(self._package() / "datasets" / "data" / "sp500_dataset.csv.gz")
        ts = cells[:, 0].astype("datetime64[us]").astype(np.int64)
        close = cells[:, head.index(dataset)].astype(np.float64)
        lineage = Lineage().then(
            "load",
            provider=self.name,
            dataset=dataset,
            version=version_of("skfolio"),
            note="adjusted closes alone; open, high and low are the close",
        )
        columns = dict.fromkeys(("open", "high", "low", "close"), close)
        bars = Bars(dataset, "1d", "XNYS", ts, columns, lineage=lineage)
        return part_of(bars, timeframe=timeframe, start=start, end=end)

    def _package(self) -> Path:
        if self.folder is not None:
            return checked_folder("folder", self.folder)
        return folder_of(
            "skfolio", wanted="20 stocks' closes", mend="Install it: pip install hyprl-lab[skfolio]"
        )
