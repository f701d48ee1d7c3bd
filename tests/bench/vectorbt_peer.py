"""The other side of `tests/bench/search.py`, run in the bench environment, one request a line.

Answers each line on standard input with one line of JSON: the seconds that the search and its four
statistics took; the statistics themselves are written to the file the line names.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
import pandas as pd
import vectorbt as vbt


def search(close: pd.Series) -> dict[str, np.ndarray]:
    """All pairs of windows 2 to 100, long or flat at the close of the cross, 10 bps a side."""
    fast, slow = vbt.MA.run_combs(
        close, window=np.arange(2, 101), r=2, short_names=["fast", "slow"]
    )
    portfolio = vbt.Portfolio.from_signals(
        close,
        fast.ma_crossed_above(slow),
        fast.ma_crossed_below(slow),
        fees=0.001,
        init_cash=10_000.0,
        freq="1D",
    )
    return {
        "total_return": portfolio.total_return().to_numpy(),
        "sharpe": portfolio.sharpe_ratio().to_numpy(),
        "max_drawdown": -portfolio.max_drawdown().to_numpy(),
        "entries": portfolio.trades.count().to_numpy(),
    }


def main() -> None:
    """Serve requests until standard input ends."""
    vbt.settings["engine"] = "rust"
    prices = np.load(sys.argv[1])
    close = pd.Series(prices["close"], index=pd.DatetimeIndex(prices["ts"].view("M8[us]")))
    for line in sys.stdin:
        started = time.perf_counter()
        found = search(close)
        seconds = time.perf_counter() - started
        np.savez(line.strip(), **found)
        print(json.dumps({"seconds": seconds, "version": vbt.__version__}), flush=True)


if __name__ == "__main__":
    main()
