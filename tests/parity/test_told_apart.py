"""Bars that once told the engines apart, small enough to be worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from engine_cases import assert_agree

from hyprl_lab.data import Bars
from hyprl_lab.engine import Execution, Result, run
from hyprl_lab.engine.config import FixedUnits, Money
from hyprl_lab.engine.simulation import REASONS, WHYS
from hyprl_lab.strategy import Strategy, col, stop, target

HOUR = 3_600_000_000
EVENING = 1_704_139_200_000_000  # 1 January 2024, 20:00


def both(
    rows: list[tuple[float, float, float, float]],
    strategy: Strategy,
    columns: dict[str, list[float]],
    **execution: Any,
) -> Result:
    """Run both engines over hours from the evening on, and give back what they agree on."""
    prices = np.array(rows, dtype=np.float64).T
    bars = Bars.from_arrays(
        EVENING + np.arange(len(rows), dtype=np.int64) * HOUR,
        dict(zip(("open", "high", "low", "close"), prices, strict=True)) | columns,
        symbol="X",
        timeframe="1h",
        calendar="24/7",
    )
    found = [
        run(bars, strategy, risk=FixedUnits(10), execution=Execution(**execution), engine=engine)
        for engine in ("native", "python")
    ]
    assert_agree(found[0].simulation, found[1].simulation)
    return found[0]


def test_a_daily_limit_of_an_earlier_hour_ends_with_its_session() -> None:
    """Reached at 21:00, sold in part until midnight: the new day does not go on selling."""
    rows = [(100, 100, 100, 100), (100, 100, 96, 97), *[(97, 97, 97, 97)] * 5]
    columns = {"buy": [1, 0, 0, 0, 0, 0, 0], "volume": [1000, 1000, 10, 10, 10, 10, 10]}
    result = both(
        rows,
        Strategy("long", long_entry=col("buy") > 0),
        columns,
        daily_loss_limit=Money(20),
        participation_rate=0.1,
        unfilled="cancel",
        at_end="mark",
    )
    orders = result.simulation.orders
    loss = REASONS.index("daily_loss")
    assert orders.bar[orders.reason == loss].tolist() == [2, 3]  # midnight opens bar 4


def test_the_rest_of_a_target_was_there_at_the_low_too() -> None:
    """Ten units from 100, four of them sold at 102 on a bar with its low at 90."""
    rows = [(100, 100, 100, 100), (100, 100, 100, 100), (100, 103, 90, 101), (101, 101, 101, 101)]
    result = both(
        rows,
        Strategy("long", long_entry=col("buy") > 0, take_profit=target.percent(0.02)),
        {"buy": [1, 0, 0, 0], "volume": [100, 100, 4, 100]},
        participation_rate=1.0,
        unfilled="cancel",
        fee_per_trade=200.0,
        at_end="mark",
    )
    # cash 10,000 - 1,000 - 200 + 4 · 102 - 200, and 6 units at 90; 9,700 before the target
    assert result.metrics.max_drawdown_intrabar == pytest.approx(1 - 9_548 / 10_000, rel=1e-12)


@pytest.mark.parametrize("price", [-5.0, np.nan])
def test_an_order_without_a_price_is_listed_where_a_bar_is_entered_again(price: float) -> None:
    rows = [(100, 100, 100, 100), (100, 101, 99, 100), (98, 99, 92, 97)]
    strategy = Strategy(
        "again",
        long_entry=col("buy") > 0,
        entry_stop=col("price"),
        stop_loss=stop.percent(0.05),
    )
    columns = {"buy": [1, 1, 0], "price": [100, price, 94]}
    orders = both(rows, strategy, columns, reenter_same_bar=True).simulation.orders
    assert [WHYS[why] for why in orders.why] == ["", "", "level_missing"]
