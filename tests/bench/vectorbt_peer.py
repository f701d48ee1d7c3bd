"""The other side of `tests/bench/search.py`, run in the bench environment, one request a line.

A request is JSON: `case`, `given` (an .npz of bars, a column a parameter, and series handed over
ready) and `answer` (where the four statistics of each trial are written). It is answered by one
line of JSON: the seconds that signals, simulation and statistics took, and vectorbt's version.

`rust` is asked for aloud: where vectorbt has no Rust function for a call it fails instead of
taking another way.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import vectorbt as vbt
from vectorbt.portfolio.enums import ConflictMode, StopEntryPrice, StopExitPrice

if TYPE_CHECKING:
    from collections.abc import Callable

    Given = dict[str, np.ndarray]


def dual_sma(given: Given) -> vbt.Portfolio:
    """All pairs of windows, long or flat at the close of the cross."""
    close = prices(given, "close")
    fast, slow = vbt.MA.run_combs(
        close, window=np.arange(2, 101), r=2, short_names=["fast", "slow"]
    )
    return simulated(
        close,
        fast.ma_crossed_above(slow),
        fast.ma_crossed_below(slow),
    )


def rsi_atr_stop(given: Given) -> vbt.Portfolio:
    """In below one level of the RSI, out above another or at a stop of some ranges."""
    strength = columns(given["window"], lambda window: given[f"rsi_{window:.0f}"])
    atr = given["atr"][:, None]
    return simulated(
        prices(given, "close"),
        (strength < given["buy_below"]) & ~np.isnan(atr),
        strength > given["sell_above"],
        sl_stop=given["multiple"] * atr / given["close"][:, None],
        **stops(given),
    )


def donchian(given: Given) -> vbt.Portfolio:
    """In above the highs before, out below the lows before."""
    close = given["close"][:, None]
    return simulated(
        prices(given, "close"),
        close > columns(given["enter"], lambda window: highest_before(given, window)),
        close < columns(given["leave"], lambda window: lowest_before(given, window)),
    )


def three_conditions(given: Given) -> vbt.Portfolio:
    """In while three conditions hold, out where the fast average is below the slow one."""
    close = prices(given, "close")

    def average(window: float) -> np.ndarray:
        return vbt.MA.run(close, int(window)).ma.to_numpy()

    fast = columns(given["fast"], average)
    slow = columns(given["slow"], average)
    trend = columns(given["trend"], average)
    calm = given["rsi_14"][:, None] < given["ceiling"]
    rising = given["close"][:, None] > trend
    return simulated(close, (fast > slow) & rising & calm, fast < slow)


def donchian_trailing(given: Given) -> vbt.Portfolio:
    """In above the highs before, out at a stop that follows the high."""
    high = columns(given["enter"], lambda window: highest_before(given, window))
    return simulated(
        prices(given, "close"),
        given["close"][:, None] > high,
        np.zeros((1, len(given["enter"])), dtype=bool),
        sl_stop=given["distance"][None, :],
        sl_trail=True,
        slippage=0.0005,
        **stops(given),
    )


CASES: dict[str, Callable[[Given], vbt.Portfolio]] = {
    "dual_sma": dual_sma,
    "rsi_atr_stop": rsi_atr_stop,
    "donchian": donchian,
    "three_conditions": three_conditions,
    "donchian_trailing": donchian_trailing,
}


def simulated(close: pd.Series, entries: object, exits: object, **settings: object) -> object:
    """Return the portfolios of signals that fill at their own close, 10 bps a side."""
    return vbt.Portfolio.from_signals(
        close,
        entries,
        exits,
        fees=0.001,
        init_cash=10_000.0,
        freq="1D",
        upon_long_conflict=ConflictMode.Exit,  # the exit counts, the entry does not
        **settings,
    )


def stops(given: Given) -> dict[str, object]:
    """Return what tells a stop where it starts, which bars test it, and what it pays."""
    return {
        "open": prices(given, "open"),
        "high": prices(given, "high"),
        "low": prices(given, "low"),
        "stop_entry_price": StopEntryPrice.FillPrice,
        "stop_exit_price": StopExitPrice.StopMarket,
    }


def columns(axis: np.ndarray, series: Callable[[float], np.ndarray]) -> np.ndarray:
    """Return a column a trial, each value of the axis evaluated once."""
    found, place = np.unique(axis, return_inverse=True)
    return np.column_stack([series(float(value)) for value in found])[:, place]


def highest_before(given: Given, window: float) -> np.ndarray:
    """Return the highest high of the bars before each."""
    return prices(given, "high").vbt.rolling_max(int(window)).shift(1).to_numpy()


def lowest_before(given: Given, window: float) -> np.ndarray:
    """Return the lowest low of the bars before each."""
    return prices(given, "low").vbt.rolling_min(int(window)).shift(1).to_numpy()


def prices(given: Given, name: str) -> pd.Series:
    """Return a price with its times."""
    return pd.Series(given[name], index=pd.DatetimeIndex(given["ts"].view("M8[us]")))


def statistics(portfolio: vbt.Portfolio) -> Given:
    """Return the four that are compared, a value a trial."""
    return {
        "total_return": portfolio.total_return().to_numpy(),
        "sharpe": portfolio.sharpe_ratio().to_numpy(),
        "max_drawdown": -portfolio.max_drawdown().to_numpy(),
        "entries": portfolio.trades.count().to_numpy(),
    }


@lru_cache(maxsize=1)
def loaded(path: str) -> Given:
    """Return the arrays of a file, read once."""
    with np.load(path) as file:
        return dict(file)


def main() -> None:
    """Serve requests until standard input ends."""
    vbt.settings["engine"] = "rust"
    for line in sys.stdin:
        request = json.loads(line)
        given = loaded(request["given"])
        started = time.perf_counter()
        found = statistics(CASES[request["case"]](given))
        seconds = time.perf_counter() - started
        np.savez(request["answer"], **found)
        answer = {
            "seconds": seconds,
            "version": vbt.__version__,
            "peak_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        }
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
