"""Reference fills, in both engines.

Origin: worked out from the rules, and what the backtesters that know stop and target agree on. A
long from 100 with its stop at 95 and its target at 110: bar (100, 112, 92, 105) gives 95, bar
(90, 93, 88, 91) gives 90, and on the bar of the entry (100, 112, 94, 96) gives 95.
"""

from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.data import Bars
from hyprl_lab.engine import Execution, Result, run
from hyprl_lab.strategy import Strategy, col, stop, target

FLAT = (100.0, 100.0, 100.0, 100.0)
FILLS = [((100.0, 112.0, 92.0, 105.0), 95.0), ((90.0, 93.0, 88.0, 91.0), 90.0)]
LONG = Strategy(
    "long from 100",
    long_entry=col("signal") > 0,
    stop_loss=stop.percent(0.05),
    take_profit=target.price(110.0),
)


def long_from_100(
    bars: list[tuple[float, float, float, float]], engine: str, execution: Execution
) -> Result:
    """Buy on the signal of bar 0."""
    prices = np.array(bars).T
    columns = dict(zip(("open", "high", "low", "close"), prices, strict=True))
    columns["signal"] = np.eye(1, len(bars))[0]
    days = np.arange(len(bars), dtype=np.int64) * 86_400_000_000
    made = Bars.from_arrays(days, columns, symbol="X", timeframe="1d", calendar="24/7")
    return run(made, LONG, execution=execution, engine=engine)


@pytest.mark.parametrize("engine", ["native", "python"])
@pytest.mark.parametrize("fill", ["next_open", "same_close"])
@pytest.mark.parametrize(("bar", "price"), FILLS)
def test_fills_of_a_held_bar(
    bar: tuple[float, float, float, float], price: float, fill: str, engine: str
) -> None:
    before = [FLAT, FLAT] if fill == "next_open" else [FLAT]
    result = long_from_100([*before, bar], engine, Execution(fill=fill))
    trades = result.trades
    assert trades["entry_price"].tolist() == [100.0]
    assert trades["exit_price"].tolist() == [price]
    assert trades["reason"].tolist() == ["stop_loss"]
    assert trades["pnl"].tolist() == [100.0 * (price - 100.0)]
    assert result.equity.iloc[-1] == 100.0 * price


@pytest.mark.parametrize("engine", ["native", "python"])
def test_fill_on_the_entry_bar(engine: str) -> None:
    trades = long_from_100([FLAT, (100.0, 112.0, 94.0, 96.0)], engine, Execution()).trades
    assert trades["exit_price"].tolist() == [95.0]
    assert trades["bars_held"].tolist() == [0]


@pytest.mark.parametrize("engine", ["native", "python"])
@pytest.mark.parametrize(
    ("intrabar", "price"), [("stop_first", 95.0), ("nearest_first", 95.0), ("target_first", 110.0)]
)
def test_a_bar_that_reaches_both(intrabar: str, price: float, engine: str) -> None:
    """By `intrabar`; the stop is 5 from the open, the target 10."""
    execution = Execution(intrabar=intrabar)
    trades = long_from_100([FLAT, FLAT, FILLS[0][0]], engine, execution).trades
    assert trades["exit_price"].tolist() == [price]
