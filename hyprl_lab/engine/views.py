"""A run seen through a moving window, by calendar period, and by its falls."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import numpy as np

from hyprl_lab.data.sessions import session_labels, wall_clock
from hyprl_lab.data.timeframe import DAY_US, Timeframe
from hyprl_lab.engine.tables import times
from hyprl_lab.metrics import Equity, Returns, drawdowns, metrics_by_period, rolling_metrics

if TYPE_CHECKING:
    import pandas as pd

    from hyprl_lab.engine.result import Result
    from hyprl_lab.types import BoolArray, IntArray

__all__ = ["Span", "by_period_frame", "drawdowns_frame", "rolling_frame"]

Span: TypeAlias = Literal["year", "month"]

_UNITS: Final[dict[Span, str]] = {"year": "datetime64[Y]", "month": "datetime64[M]"}
_SPARE_DAYS: Final = 7
"""Days that a whole period may lack at either end: weekends and holidays."""


def rolling_frame(returns: pd.Series[float], window: int, periods_per_year: float) -> pd.DataFrame:
    """Return the metrics of `metrics.rolling_metrics` as columns, by the time of each return.

    Examples
    --------
    >>> import pandas as pd
    >>> found = rolling_frame(pd.Series([0.1, -0.1, 0.1]), 2, 252.0)
    >>> found["total_return"].round(9).tolist()
    [nan, -0.01, -0.01]
    """
    import pandas as pd

    values = Returns(np.asarray(returns, dtype=np.float64))
    found = rolling_metrics(values, window, periods_per_year=periods_per_year)
    return pd.DataFrame(
        {item.name: getattr(found, item.name) for item in fields(found)}, index=returns.index
    )


def drawdowns_frame(ts: IntArray, equity: Equity) -> pd.DataFrame:
    """Return each fall below the highest close as a row; see `Result.drawdowns`.

    Examples
    --------
    >>> import numpy as np
    >>> from hyprl_lab.metrics import Equity
    >>> days = np.arange(3) * 86_400_000_000
    >>> falls = drawdowns_frame(days, Equity([75.0, 100.0, 100.0], cash=100.0))
    >>> falls["depth"].tolist(), falls["start_ts"].isna().tolist(), str(falls["end_ts"][0])
    ([0.25], [True], '1970-01-02 00:00:00+00:00')
    """
    import pandas as pd

    found = drawdowns(equity)
    return pd.DataFrame(
        {
            "start_ts": times(ts, found.start),
            "trough_ts": times(ts, found.trough),
            "end_ts": times(ts, found.end),
            "depth": found.depth,
            "bars": found.bars,
        }
    )


def by_period_frame(result: Result, span: Span) -> pd.DataFrame:
    """Return one row a calendar year or month; see `Result.by_year`.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> from hyprl_lab.engine import run
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> result = run(load_bars("TEST"), dual_sma(), params={"fast": 10, "slow": 30})
    >>> by_period_frame(result, "year").columns[:4].tolist()
    ['first_ts', 'last_ts', 'partial', 'total_return']
    """
    import pandas as pd

    ts, start = result.ts, result.window.start
    timeframe = Timeframe.parse(result.bars.timeframe)
    calendar = result.bars.calendar
    days = session_labels(wall_clock(ts, timeframe, calendar), calendar)
    periods = days.astype("datetime64[D]").astype(_UNITS[span])
    trades = result.simulation.trades.closed()
    found = metrics_by_period(
        Equity(result.simulation.equity, cash=result.cash),
        periods.astype(np.int64),
        headline=result.window.headline - start,
        exit_bar=trades.exit_bar - start,
        pnl=trades.pnl,
        periods_per_year=result.periods_per_year,
    )
    labels: Any = periods[found.first]
    index = labels.astype(np.int64) + 1970 if span == "year" else labels.astype(str)
    columns = {item.name: getattr(found, item.name) for item in fields(found)}
    for name in ("period", "first", "last"):
        del columns[name]
    return pd.DataFrame(
        {
            "first_ts": times(ts, found.first),
            "last_ts": times(ts, found.last),
            "partial": _partial(labels, days[found.first], days[found.last], timeframe),
            **columns,
        },
        index=pd.Index(index, name=span),
    )


def _partial(labels: Any, first: IntArray, last: IntArray, timeframe: Timeframe) -> BoolArray:
    """Say which periods miss more than a week before their first bar, or after their last."""
    opening = labels.astype("datetime64[D]").astype(np.int64)
    closing = (labels + 1).astype("datetime64[D]").astype(np.int64)
    longest = (
        31 * timeframe.count if timeframe.unit == "mo" else -(-timeframe.shortest_us // DAY_US)
    )
    early = first - opening > _SPARE_DAYS
    late = closing - (last + longest) > _SPARE_DAYS
    found: BoolArray = early | late
    return found
