"""The small bars that strategies are tried on."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from hyprl_lab.data.bars import Bars
from hyprl_lab.data.catalogue import load_bars

__all__ = ["sample_bars"]

_HOUR_US: Final = 3_600_000_000


@cache
def sample_bars(*, intraday: bool = False) -> Bars:
    """Return `TEST`: 500 made-up days, or the same prices as hours that trade around the clock.

    Examples
    --------
    >>> len(sample_bars()), sample_bars(intraday=True).timeframe
    (500, '1h')
    """
    daily = load_bars("TEST")
    if not intraday:
        return daily
    ts = daily.ts[0] + np.arange(len(daily)) * _HOUR_US
    return Bars("TEST", "1h", "24/7", ts, daily.columns)
