"""Every public indicator beside an implementation that is not ours, over real bars.

`tests/conftest.py` puts this folder's parent on the path; no test file imports another.
"""

from __future__ import annotations

from typing import Final

from indicators.averages import OSCILLATORS, TREND
from indicators.differences import difference, differences, trials_on, values
from indicators.movements import DIRECTION, MOMENTUM
from indicators.ranges import CHANNELS, PRICES, VOLATILITY, VOLUME
from indicators.row import AGREES, Row
from indicators.sets import PANEL, SHIPPED, STORED, RealBars, panel, shipped, stored
from indicators.statistics import REGRESSION, STATISTICS
from indicators.worked_out import ENGINES, inputs_of, work_out

__all__ = [
    "AGREES",
    "ENGINES",
    "PANEL",
    "ROWS",
    "SHIPPED",
    "STORED",
    "RealBars",
    "Row",
    "difference",
    "differences",
    "inputs_of",
    "panel",
    "shipped",
    "stored",
    "trials_on",
    "values",
    "work_out",
]

ROWS: Final[dict[str, Row]] = {
    row.name: row
    for family in (
        TREND,
        DIRECTION,
        MOMENTUM,
        OSCILLATORS,
        VOLATILITY,
        VOLUME,
        REGRESSION,
        CHANNELS,
        STATISTICS,
        PRICES,
    )
    for row in family
}
"""In the order of docs/indicators.md."""
