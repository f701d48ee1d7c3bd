"""A run of six bars and two trades, by hand: what examples and previews draw."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hyprl_lab.report.view import DrawnBars

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SampleRun", "sample_run"]


@dataclass(frozen=True)
class SampleRun:
    """A run that only knows how to be drawn."""

    bars: DrawnBars
    equity: pd.Series[float]
    trades: pd.DataFrame
    cash: float


def sample_run() -> SampleRun:
    """Return a run with one winning long and one losing short over six days in two months.

    Examples
    --------
    >>> sample_run().equity.tolist()[-1]
    1040.0
    """
    import pandas as pd

    days = pd.DatetimeIndex(
        ["2020-01-29", "2020-01-30", "2020-01-31", "2020-02-03", "2020-02-04", "2020-02-05"],
        tz="UTC",
        name="ts",
    )
    close = [100.0, 102.0, 108.0, 106.0, 107.0, 108.0]
    frame = pd.DataFrame(
        {"open": close, "high": close, "low": close, "close": close, "volume": 1.0}, index=days
    )
    trades = pd.DataFrame(
        {
            "side": ["long", "short"],
            "entry_ts": days[[1, 3]],
            "exit_ts": days[[2, 5]],
            "entry_price": [102.0, 106.0],
            "exit_price": [108.0, 108.0],
            "quantity": [10.0, 10.0],
            "pnl": [60.0, -20.0],
            "return": [60 / 1020, -20 / 1060],
            "reason": ["signal", "forced"],
        }
    )
    equity = pd.Series([1000.0, 1000.0, 1060.0, 1060.0, 1050.0, 1040.0], index=days, name="equity")
    return SampleRun(DrawnBars("SAMPLE", "1d", frame), equity, trades, 1000.0)
