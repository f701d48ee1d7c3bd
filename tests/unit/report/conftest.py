"""A run of four years, by hand: a seeded price, three trades a quarter."""

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.report.sample import SampleRun
from hyprl_lab.report.view import DrawnBars


@pytest.fixture(scope="session")
def long_run() -> SampleRun:
    generator = np.random.default_rng(7)
    days = pd.bdate_range("2015-01-02", "2018-12-31", tz="UTC", name="ts")
    close = 100 * np.exp(np.cumsum(generator.normal(0.0003, 0.011, len(days))))
    frame = pd.DataFrame(
        {"open": close, "high": close * 1.01, "low": close * 0.99, "close": close, "volume": 1e6},
        index=days,
    )
    equity = np.full(len(days), 10_000.0)
    rows = []
    for number, start in enumerate(range(5, len(days) - 21, 21)):
        side = "short" if number % 3 == 2 else "long"
        sign = -1 if side == "short" else 1
        quantity = 0.5 * equity[start] / close[start]
        path = equity[start] + sign * quantity * (close[start : start + 15] - close[start])
        equity[start : start + 15] = path
        equity[start + 15 :] = path[-1]
        pnl = path[-1] - path[0]
        rows.append(
            (
                side, days[start], days[start + 14], close[start], close[start + 14], quantity,
                pnl, pnl / (quantity * close[start]), "signal",
            )
        )  # fmt: skip
    columns = ["side", "entry_ts", "exit_ts", "entry_price", "exit_price", "quantity", "pnl"]
    trades = pd.DataFrame(rows, columns=[*columns, "return", "reason"])
    series = pd.Series(equity, index=days, name="equity")
    return SampleRun(DrawnBars("<DEMO> & co", "1d", frame), series, trades, 10_000.0)
