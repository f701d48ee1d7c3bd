"""A simulation's arrays as tables that people read: codes become words, bars become times."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hyprl_lab.engine.simulation import INTENTS, KINDS, REASONS, STATUSES, WHYS
from hyprl_lab.metrics import r_multiple

if TYPE_CHECKING:
    import pandas as pd

    from hyprl_lab.engine.simulation import OrderColumns, TradeColumns
    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["equity_series", "orders_frame", "times", "trades_frame"]


def times(ts: IntArray, rows: IntArray | None = None) -> pd.DatetimeIndex:
    """Return moments in UTC; `NaT` where a row is -1.

    Parameters
    ----------
    ts
        Microseconds since the epoch, UTC.
    rows
        Which of them; all where `None`.

    Examples
    --------
    >>> import numpy as np
    >>> [str(moment) for moment in times(np.array([0, 86_400_000_000]), np.array([1, -1]))]
    ['1970-01-02 00:00:00+00:00', 'NaT']
    """
    import pandas as pd

    if rows is None:
        moments = ts.view("datetime64[us]")
    else:
        moments = np.where(rows < 0, np.datetime64("NaT", "us"), ts[rows].view("datetime64[us]"))
    return pd.DatetimeIndex(moments).tz_localize("UTC")


def equity_series(ts: IntArray, equity: FloatArray) -> pd.Series[float]:
    """Return equity at each bar's close, in money; the index `ts` is the bar's open, UTC.

    Examples
    --------
    >>> import numpy as np
    >>> equity_series(np.array([0]), np.array([100.0])).to_dict()
    {Timestamp('1970-01-01 00:00:00+0000', tz='UTC'): 100.0}
    """
    import pandas as pd

    return pd.Series(equity, index=times(ts).rename("ts"), name="equity")


def trades_frame(trades: TradeColumns, ts: IntArray, *, point_value: float = 1.0) -> pd.DataFrame:
    """Return one row a trade in the order of exits; the columns are those of `Result.trades`.

    Parameters
    ----------
    trades
        The engine's columns.
    ts
        The open of every bar of the series.
    point_value
        Money per point and unit, for `r_multiple`.

    Examples
    --------
    >>> import numpy as np
    >>> from hyprl_lab.engine.simulation import TradeColumns
    >>> trades_frame(TradeColumns.empty(), np.array([0])).columns[-3:].tolist()
    ['mae', 'mfe', 'r_multiple']
    """
    import pandas as pd

    return pd.DataFrame(
        {
            "side": np.where(trades.side > 0, "long", "short"),
            "entry_ts": times(ts, trades.entry_bar),
            "exit_ts": times(ts, trades.exit_bar),
            "entry_price": trades.entry_price,
            "exit_price": trades.exit_price,
            "quantity": trades.quantity,
            "pnl": trades.pnl,
            "return": trades.trade_return,
            "reason": np.asarray(REASONS)[trades.reason],
            "stop_price": trades.stop_price,
            "bars_held": trades.exit_bar - trades.entry_bar,
            "fees": trades.fees,
            "financing": trades.financing,
            "mae": trades.mae,
            "mfe": trades.mfe,
            "r_multiple": r_multiple(trades, point_value=point_value),
        }
    )


def orders_frame(orders: OrderColumns, ts: IntArray) -> pd.DataFrame:
    """Return one row an order in the order of time; the columns are those of `Result.orders`.

    Parameters
    ----------
    orders
        The engine's columns.
    ts
        The open of every bar of the series.

    Examples
    --------
    >>> import numpy as np
    >>> from hyprl_lab.engine.simulation import OrderColumns
    >>> orders_frame(OrderColumns.empty(), np.array([0])).columns[:4].tolist()
    ['ts', 'signal_ts', 'side', 'intent']
    """
    import pandas as pd

    return pd.DataFrame(
        {
            "ts": times(ts, orders.bar),
            "signal_ts": times(ts, orders.signal_bar),
            "side": np.where(orders.side > 0, "buy", "sell"),
            "intent": np.asarray(INTENTS)[orders.intent],
            "kind": np.asarray(KINDS)[orders.kind],
            "reason": np.asarray(REASONS)[orders.reason],
            "status": np.asarray(STATUSES)[orders.status],
            "why": np.asarray(WHYS)[orders.why],
            "asked": orders.asked,
            "quantity": orders.quantity,
            "price": orders.price,
            "fee": orders.fee,
        }
    )
