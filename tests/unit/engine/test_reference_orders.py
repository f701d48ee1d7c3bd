"""Entry orders and the table of orders, from rule 4 and "Orders" of docs/execution.md."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hyprl_lab.engine.reference_graph import Plan
from hyprl_lab.engine.reference_levels import Bar
from hyprl_lab.engine.reference_orders import EntryOrder, Order, entry_order, order_columns


def plan(limit: list[float] | None = None, stop: list[float] | None = None) -> Plan:
    never = [False]
    return Plan(
        long_entry=never,
        long_exit=never,
        short_entry=never,
        short_exit=never,
        stop_loss=None,
        take_profit=None,
        trailing_stop=None,
        entry_limit=limit,
        entry_stop=stop,
        time_stop=None,
    )


def test_the_price_is_read_at_the_signal_bar() -> None:
    assert entry_order(plan(limit=[1.0, 2.0]), 1, 1) == EntryOrder(1, 1, "limit", 2.0)
    assert entry_order(plan(stop=[1.0, 2.0]), -1, 0) == EntryOrder(-1, 0, "stop", 1.0)
    assert entry_order(plan(), 1, 0).kind == "market"


@pytest.mark.parametrize("price", [math.nan, math.inf, 0.0, -1.0])
def test_a_price_is_finite_and_positive(price: float) -> None:
    assert not EntryOrder(1, 0, "limit", price).priced
    assert EntryOrder(1, 0).priced  # at the market


@pytest.mark.parametrize(
    ("side", "kind", "opens"),
    [(1, "limit", 99.0), (-1, "limit", 101.0), (1, "stop", 101.0), (-1, "stop", 99.0)],
)
def test_marketable_is_at_the_price_or_better_or_worse(side: int, kind: str, opens: float) -> None:
    order = EntryOrder(side, 0, kind, 100.0)  # type: ignore[arg-type]
    assert order.marketable(opens)
    assert order.marketable(100.0)
    assert not order.marketable(200.0 - opens)


def test_limits_are_traded_through_and_stops_touched() -> None:
    bar = Bar(100.0, 103.0, 97.0, 100.0)
    reached = {
        (1, "limit", 97.0): False,
        (1, "limit", 97.1): True,
        (-1, "limit", 103.0): False,
        (-1, "limit", 102.9): True,
        (1, "stop", 103.0): True,
        (1, "stop", 103.1): False,
        (-1, "stop", 97.0): True,
        (-1, "stop", 96.9): False,
    }
    for (side, kind, price), expected in reached.items():
        order = EntryOrder(side, 0, kind, price)  # type: ignore[arg-type]
        assert order.reached(bar, 0.0) is expected, (side, kind, price)
    assert not EntryOrder(1, 0, "limit", 97.25).reached(bar, 0.25)
    assert EntryOrder(1, 0, "limit", 97.5).reached(bar, 0.25)


def test_columns_hold_codes() -> None:
    rows = [
        Order(
            bar=3,
            signal_bar=2,
            side=1,
            intent="entry",
            kind="limit",
            asked=10.0,
            quantity=4.0,
            price=99.0,
            fee=0.5,
        ),
        Order(bar=4, signal_bar=3, side=-1, intent="entry", kind="stop", why="not_reached"),
        Order(
            bar=5,
            signal_bar=-1,
            side=-1,
            intent="exit",
            kind="market",
            reason="daily_loss",
            asked=4.0,
            quantity=4.0,
            price=98.0,
        ),
    ]
    found = order_columns(rows)
    assert len(found) == 3
    assert found.bar.tolist() == [3, 4, 5]
    assert found.signal_bar.tolist() == [2, 3, -1]
    assert found.side.tolist() == [1, -1, -1]
    assert found.intent.tolist() == [0, 0, 1]
    assert found.kind.tolist() == [1, 2, 0]
    assert found.reason.tolist() == [0, 0, 10]
    assert found.status.tolist() == [1, 2, 0]
    assert found.why.tolist() == [0, 4, 0]
    assert found.asked.tolist() == [10.0, 0.0, 4.0]
    assert found.quantity.tolist() == [4.0, 0.0, 4.0]
    assert found.fee.tolist() == [0.5, 0.0, 0.0]
    assert np.isnan(found.price[1])
    assert (found.bar.dtype, found.status.dtype) == (np.int64, np.int8)


def test_no_orders() -> None:
    found = order_columns([])
    assert len(found) == 0
    assert (found.bar.dtype, found.kind.dtype, found.fee.dtype) == (np.int64, np.int8, np.float64)
