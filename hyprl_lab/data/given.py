"""What callers hand in where bars are wanted."""

from __future__ import annotations

from hyprl_lab.data.bars import Bars
from hyprl_lab.errors import BarsError

__all__ = ["checked_bars"]


def checked_bars(bars: object) -> Bars:
    """Return bars, or say how what was given becomes bars.

    Raises
    ------
    BarsError
        It is something else.
    """
    if isinstance(bars, Bars):
        return bars
    raise BarsError(
        f"bars is a {type(bars).__name__}; expected hl.Bars: a frame becomes one by "
        "hl.Bars.from_pandas(df, symbol=, timeframe=), a shipped set by hl.load_bars('sp500')"
    )
