"""What a figure or a table needs to know about a run, whoever holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BarsView", "DrawnBars", "RunView"]


class BarsView(Protocol):
    """The part of `hyprl_lab.data.Bars` that is drawn."""

    @property
    def symbol(self) -> str:
        """Name of the instrument."""
        ...

    @property
    def timeframe(self) -> str:
        """Length of a bar, such as `"1d"`."""
        ...

    def to_pandas(self) -> pd.DataFrame:
        """Return the columns with a UTC `DatetimeIndex` named `ts`."""
        ...


class RunView(Protocol):
    """The part of a result that is drawn: a fresh `Result` and a `SavedRun` both have it."""

    @property
    def bars(self) -> BarsView:
        """The bars the run was made on."""
        ...

    @property
    def equity(self) -> pd.Series[float]:
        """Money at each bar's close, by UTC timestamp."""
        ...

    @property
    def trades(self) -> pd.DataFrame:
        """One row a trade: side, entry_ts, exit_ts, prices, quantity, pnl, return, reason."""
        ...

    @property
    def cash(self) -> float:
        """Money at the start."""
        ...


@dataclass(frozen=True, eq=False)
class DrawnBars:
    """Bars that only know how to be drawn.

    Parameters
    ----------
    symbol, timeframe
        What they are bars of.
    frame
        At least the column `close`, by UTC timestamp.
    """

    symbol: str
    timeframe: str
    frame: pd.DataFrame

    def to_pandas(self) -> pd.DataFrame:
        """Return the columns by UTC timestamp."""
        return self.frame
