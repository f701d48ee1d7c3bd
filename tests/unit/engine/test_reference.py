"""Every number here was worked out by hand from docs/execution.md."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from hyprl_lab.engine.config import AllIn, FixedFraction, RiskPct
from hyprl_lab.engine.reference import simulate, simulate_plan
from hyprl_lab.engine.reference_graph import Level, Plan
from hyprl_lab.engine.simulation import REASONS, Simulation, SimulationInputs
from hyprl_lab.errors import BarsError, CancelledError, ConfigError
from hyprl_lab.metrics import TRIAL_METRICS

FLAT_100 = (100.0, 100.0, 100.0, 100.0)


def table(result: Simulation) -> list[tuple[int, int, int, float, float, str]]:
    trades = result.trades
    return [
        (
            int(trades.entry_bar[i]),
            int(trades.exit_bar[i]),
            int(trades.side[i]),
            float(trades.entry_price[i]),
            float(trades.exit_price[i]),
            REASONS[trades.reason[i]],
        )
        for i in range(len(trades))
    ]


def level(*opens_and_closes: float) -> list[tuple[float, float, float, float]]:
    """Bars that open and close at one price."""
    return [(price, price, price, price) for price in opens_and_closes]


# Orders at the open


def test_signal_fills_at_the_next_open(play: Any) -> None:
    bars = [FLAT_100, (101.0, 105.0, 99.0, 104.0), (106.0, 107.0, 105.0, 106.0), FLAT_100]
    result = play(bars, {"long_entry": [0], "long_exit": [1]}, cash=1_010.0)
    assert table(result) == [(1, 2, 1, 101.0, 106.0, "signal")]
    assert result.trades.quantity.tolist() == [10.0]
    assert result.trades.pnl.tolist() == [50.0]
    assert result.equity.tolist() == [1_010.0, 1_040.0, 1_060.0, 1_060.0]
    assert result.values["exposure"] == 0.5  # bar 1 at its close, bar 2 by its exit
    assert result.values["final_equity"] == 1_060.0


def test_signals_before_the_start_are_not_orders(play: Any) -> None:
    bars = level(100.0, 100.0, 100.0, 110.0)
    result = play(bars, {"long_entry": [0, 1]}, start=2)
    assert table(result) == []
    assert result.equity.tolist() == [10_000.0, 10_000.0]


def test_bars_of_trades_count_from_the_first_bar(play: Any) -> None:
    result = play(level(100.0, 100.0, 100.0, 110.0), {"long_entry": [2]}, start=2)
    assert table(result) == [(3, 3, 1, 110.0, 110.0, "forced")]


def test_last_bars_signal_has_no_next_open(play: Any) -> None:
    assert table(play(level(100.0, 100.0), {"long_entry": [1]})) == []


def test_opposite_entry_reverses_with_two_fills(play: Any) -> None:
    result = play(
        level(100.0, 100.0, 110.0, 99.0), {"long_entry": [0], "short_entry": [1]}, cash=1_000.0
    )
    assert table(result) == [
        (1, 2, 1, 100.0, 110.0, "signal"),
        (2, 3, -1, 110.0, 99.0, "forced"),
    ]
    # 10 units make 100; then 1,100 / 110 = 10 units short make 110
    assert result.trades.pnl.tolist() == [100.0, 110.0]
    assert result.equity.tolist() == [1_000.0, 1_000.0, 1_100.0, 1_210.0]


def test_both_entries_enter_neither_and_close_nothing(play: Any) -> None:
    bars = level(100.0, 100.0, 110.0, 120.0)
    assert table(play(bars, {"long_entry": [0], "short_entry": [0]})) == []
    held = play(bars, {"long_entry": [0, 1], "short_entry": [1]})
    assert table(held) == [(1, 3, 1, 100.0, 120.0, "forced")]


def test_both_entries_with_an_exit_only_exit(play: Any) -> None:
    result = play(
        level(100.0, 100.0, 110.0, 120.0),
        {"long_entry": [0, 1], "short_entry": [1], "long_exit": [1]},
    )
    assert table(result) == [(1, 2, 1, 100.0, 110.0, "signal")]


def test_exit_beats_an_entry_of_the_same_side(play: Any) -> None:
    bars = level(100.0, 100.0, 110.0, 120.0)
    assert table(play(bars, {"long_entry": [0], "long_exit": [0]})) == []
    again = play(bars, {"long_entry": [0, 1], "long_exit": [1]})
    assert table(again) == [(1, 2, 1, 100.0, 110.0, "signal")]


def test_same_side_entry_does_nothing_while_held(play: Any) -> None:
    result = play(level(100.0, 100.0, 110.0, 120.0), {"long_entry": [0, 1, 2]})
    assert table(result) == [(1, 3, 1, 100.0, 120.0, "forced")]


def test_an_exit_of_the_other_side_does_nothing(play: Any) -> None:
    result = play(level(100.0, 100.0, 110.0), {"long_entry": [0], "short_exit": [1]})
    assert table(result) == [(1, 2, 1, 100.0, 110.0, "forced")]


# Stops and targets


@pytest.mark.parametrize(
    ("bar", "price", "reason"),
    [
        ((100.0, 112.0, 92.0, 105.0), 95.0, "stop_loss"),  # both traded: the stop is first
        ((90.0, 93.0, 88.0, 91.0), 90.0, "stop_loss"),  # opened below the stop
        ((115.0, 120.0, 92.0, 100.0), 115.0, "take_profit"),  # opened above the target
        ((100.0, 112.0, 96.0, 105.0), 110.0, "take_profit"),
        ((100.0, 110.0, 96.0, 105.0), 105.0, "forced"),  # a touch does not fill
        ((100.0, 105.0, 95.0, 105.0), 95.0, "stop_loss"),  # a touch does
    ],
)
def test_exits_inside_a_bar_of_a_long(play: Any, bar: Any, price: float, reason: str) -> None:
    result = play(
        [FLAT_100, FLAT_100, bar],
        {"long_entry": [0]},
        stop=("percent", 0.05),
        target=("distance", 10.0),
    )
    assert table(result) == [(1, 2, 1, 100.0, price, reason)]
    assert result.trades.stop_price.tolist() == [95.0]


@pytest.mark.parametrize(
    ("bar", "price", "reason"),
    [
        ((100.0, 108.0, 88.0, 95.0), 105.0, "stop_loss"),
        ((110.0, 112.0, 107.0, 109.0), 110.0, "stop_loss"),
        ((85.0, 108.0, 80.0, 100.0), 85.0, "take_profit"),
        ((100.0, 104.0, 88.0, 95.0), 90.0, "take_profit"),
        ((100.0, 104.0, 90.0, 95.0), 95.0, "forced"),
    ],
)
def test_exits_inside_a_bar_of_a_short(play: Any, bar: Any, price: float, reason: str) -> None:
    result = play(
        [FLAT_100, FLAT_100, bar],
        {"short_entry": [0]},
        stop=("distance", 5.0),
        target=("percent", 0.10),
    )
    assert table(result) == [(1, 2, -1, 100.0, price, reason)]


def test_stop_and_target_work_on_the_entry_bar(play: Any) -> None:
    stopped = play(
        [FLAT_100, (100.0, 112.0, 94.0, 96.0)], {"long_entry": [0]}, stop=("distance", 5.0)
    )
    assert table(stopped) == [(1, 1, 1, 100.0, 95.0, "stop_loss")]
    taken = play(
        [FLAT_100, (100.0, 112.0, 94.0, 96.0)], {"long_entry": [0]}, target=("distance", 10.0)
    )
    assert table(taken) == [(1, 1, 1, 100.0, 110.0, "take_profit")]


def test_levels_are_read_at_the_signal_bar_and_anchored_to_the_slipped_fill(play: Any) -> None:
    bars = [FLAT_100, FLAT_100, (100.0, 100.0, 80.0, 90.0)]
    result = play(
        bars, {"long_entry": [0]}, stop=("distance", [5.0, 50.0, 50.0]), slippage_bps=100.0
    )
    # bought at 101, stop at 96, sold one percent below it
    assert table(result)[0][3:] == (101.0, 96.0 * 0.99, "stop_loss")
    assert result.trades.stop_price.tolist() == [96.0]


def test_a_target_pays_no_slippage(play: Any) -> None:
    bars = [FLAT_100, FLAT_100, (100.0, 130.0, 100.0, 120.0)]
    result = play(bars, {"long_entry": [0]}, target=("distance", 10.0), slippage_bps=100.0)
    assert table(result) == [(1, 2, 1, 101.0, 111.0, "take_profit")]


@pytest.mark.parametrize("distance", [np.nan, 0.0, -1.0])
def test_an_unknown_or_negative_stop_forbids_the_entry(play: Any, distance: float) -> None:
    assert table(play(level(100.0, 100.0), {"long_entry": [0]}, stop=("distance", distance))) == []
    assert (
        table(play(level(100.0, 100.0), {"short_entry": [0]}, target=("distance", distance))) == []
    )


def test_a_level_reached_at_the_fill_cancels_the_entry(play: Any) -> None:
    # bought at 101 with a stop 0.5 below: the market is at 100 already
    assert (
        table(
            play(
                level(100.0, 100.0), {"long_entry": [0]}, stop=("distance", 0.5), slippage_bps=100.0
            )
        )
        == []
    )
    # sold short at 99 with a target 0.005 % below: the market at 100 has not reached it
    short = play(
        level(100.0, 100.0), {"short_entry": [0]}, target=("percent", 5e-5), slippage_bps=100.0
    )
    assert len(short.trades) == 1


def test_a_reversal_that_can_not_enter_still_closes(play: Any) -> None:
    result = play(
        level(100.0, 100.0, 110.0, 120.0),
        {"long_entry": [0], "short_entry": [1]},
        stop=("distance", [5.0, np.nan, np.nan, np.nan]),
    )
    assert table(result) == [(1, 2, 1, 100.0, 110.0, "signal")]


def test_entering_again_after_a_stop_waits_for_the_next_open(play: Any) -> None:
    bars = [FLAT_100, (100.0, 100.0, 90.0, 95.0), (96.0, 97.0, 95.5, 96.0)]
    result = play(bars, {"long_entry": [0, 1]}, stop=("distance", 5.0))
    assert table(result) == [
        (1, 1, 1, 100.0, 95.0, "stop_loss"),
        (2, 2, 1, 96.0, 96.0, "forced"),
    ]


@pytest.mark.parametrize(
    ("bars", "price"),
    [
        ([FLAT_100, (100.0, 112.0, 92.0, 105.0)], 95.0),
        ([FLAT_100, (90.0, 93.0, 88.0, 91.0)], 90.0),
        ([(100.0, 112.0, 94.0, 96.0)], 95.0),  # the bar of the entry
    ],
)
def test_published_fills(play: Any, bars: Any, price: float) -> None:
    """Entry 100, long, stop 95, target 110, by their prices."""
    result = play(
        [FLAT_100, *bars], {"long_entry": [0]}, stop=("price", 95.0), target=("price", 110.0)
    )
    assert table(result) == [(1, len(bars), 1, 100.0, price, "stop_loss")]


@pytest.mark.parametrize(
    ("opened", "mode", "price"),
    [
        (100.0, "stop_first", 95.0),
        (100.0, "target_first", 110.0),
        (100.0, "nearest_first", 95.0),  # 5 away, the target 10
        (104.0, "nearest_first", 110.0),  # 9 away, the target 6
        (102.5, "nearest_first", 95.0),  # 7.5 either way: the stop
    ],
)
def test_which_comes_first_where_both_are_hit(
    play: Any, opened: float, mode: str, price: float
) -> None:
    long = play(
        [FLAT_100, FLAT_100, (opened, 112.0, 92.0, 105.0)],
        {"long_entry": [0]},
        stop=("price", 95.0),
        target=("price", 110.0),
        intrabar=mode,
    )
    assert table(long)[0][4] == price
    short = play(  # mirrored at 100
        [FLAT_100, FLAT_100, (200.0 - opened, 108.0, 88.0, 95.0)],
        {"short_entry": [0]},
        stop=("price", 105.0),
        target=("price", 90.0),
        intrabar=mode,
    )
    assert table(short)[0][4] == 200.0 - price


@pytest.mark.parametrize(("mode", "depth"), [("stop_first", 0.05), ("target_first", 0.0)])
def test_a_target_that_came_first_never_saw_the_low(play: Any, mode: str, depth: float) -> None:
    result = play(
        [FLAT_100, FLAT_100, (100.0, 112.0, 92.0, 105.0)],
        {"long_entry": [0]},
        stop=("price", 95.0),
        target=("price", 110.0),
        intrabar=mode,
    )
    assert result.values["max_drawdown_intrabar"] == pytest.approx(depth, abs=1e-15)


@pytest.mark.parametrize(("high", "reason"), [(110.5, "forced"), (110.6, "take_profit")])
def test_a_target_is_traded_through_by_a_tick(play: Any, high: float, reason: str) -> None:
    bars = [FLAT_100, FLAT_100, (100.0, high, 99.0, 100.0)]
    result = play(bars, {"long_entry": [0]}, target=("price", 110.0), tick_size=0.5)
    assert table(result)[0][5] == reason


# Entry orders

LIMIT, STOP = "entry_limit", "entry_stop"


@pytest.mark.parametrize(
    ("side", "order", "bar", "price"),
    [
        (1, {LIMIT: 98.0}, (100.0, 101.0, 97.0, 99.0), 98.0),
        (1, {LIMIT: 98.0}, (97.0, 101.0, 96.0, 99.0), 97.0),  # marketable at the open
        (1, {LIMIT: 98.0}, (98.0, 101.0, 98.0, 99.0), 98.0),
        (1, {LIMIT: 98.0}, (100.0, 101.0, 98.0, 99.0), None),  # a touch does not fill
        (1, {LIMIT: 98.0, "tick_size": 0.5}, (100.0, 101.0, 97.5, 99.0), None),
        (1, {LIMIT: 98.0, "tick_size": 0.5}, (100.0, 101.0, 97.4, 99.0), 98.0),
        (1, {STOP: 103.0}, (100.0, 104.0, 99.0, 102.0), 103.0 * 1.01),
        (1, {STOP: 103.0}, (105.0, 106.0, 99.0, 102.0), 105.0 * 1.01),
        (1, {STOP: 103.0}, (100.0, 103.0, 99.0, 102.0), 103.0 * 1.01),  # a touch does
        (1, {STOP: 103.0}, (100.0, 102.9, 99.0, 102.0), None),
        (-1, {LIMIT: 102.0}, (100.0, 103.0, 99.0, 101.0), 102.0),
        (-1, {LIMIT: 102.0}, (103.0, 104.0, 99.0, 101.0), 103.0),
        (-1, {LIMIT: 102.0}, (100.0, 102.0, 99.0, 101.0), None),
        (-1, {STOP: 97.0}, (100.0, 101.0, 96.0, 98.0), 97.0 * 0.99),
        (-1, {STOP: 97.0}, (95.0, 101.0, 94.0, 98.0), 95.0 * 0.99),
        (-1, {STOP: 97.0}, (100.0, 101.0, 97.1, 98.0), None),
    ],
)
def test_entry_orders(
    play: Any, orders_of: Any, side: int, order: Any, bar: Any, price: float | None
) -> None:
    signal = "long_entry" if side > 0 else "short_entry"
    result = play([FLAT_100, bar], {signal: [0]}, at_end="mark", slippage_bps=100.0, **order)
    kind = "limit" if LIMIT in order else "stop"
    told = (1, 0, side, "entry", kind, "signal")
    if price is None:
        assert table(result) == []
        assert orders_of(result) == [(*told, "cancelled", "not_reached")]
    else:
        assert table(result) == [(1, 1, side, price, bar[3], "open")]
        assert orders_of(result) == [(*told, "filled", "")]


def test_an_entry_order_lives_one_bar_and_is_sent_again(play: Any, orders_of: Any) -> None:
    bars = [FLAT_100, (100.0, 101.0, 98.5, 100.0), (100.0, 101.0, 94.0, 96.0), FLAT_100]
    result = play(bars, {"long_entry": [0, 1]}, entry_limit=[98.0, 95.0, 99.0, 99.0])
    assert table(result) == [(2, 3, 1, 95.0, 100.0, "forced")]
    assert [(row[0], row[1], row[7]) for row in orders_of(result)] == [
        (1, 0, "not_reached"),
        (2, 1, ""),
        (3, -1, ""),
    ]
    once = play(bars, {"long_entry": [0]}, entry_limit=[98.0, 95.0, 99.0, 99.0])
    assert table(once) == []


@pytest.mark.parametrize("price", [np.nan, 0.0, -5.0])
def test_an_entry_order_without_a_price_is_cancelled(
    play: Any, orders_of: Any, price: float
) -> None:
    result = play(level(100.0, 100.0), {"long_entry": [0]}, entry_stop=price)
    assert orders_of(result) == [(1, 0, 1, "entry", "stop", "signal", "cancelled", "level_missing")]


def test_an_order_that_is_not_reached_never_reads_its_stop(play: Any, orders_of: Any) -> None:
    bars = [FLAT_100, (100.0, 101.0, 98.5, 100.0)]
    apart = play(bars, {"long_entry": [0]}, entry_limit=98.0, stop=("distance", np.nan))
    assert orders_of(apart)[0][7] == "not_reached"
    reached = play(bars, {"long_entry": [0]}, entry_limit=99.0, stop=("distance", np.nan))
    assert orders_of(reached)[0][7] == "level_missing"


@pytest.mark.parametrize("mode", ["stop_first", "target_first", "nearest_first"])
def test_after_an_entry_inside_the_bar_only_the_stop_acts(play: Any, mode: str) -> None:
    levels = {"stop": ("distance", 5.0), "target": ("distance", 5.0), "intrabar": mode}
    stopped = play(
        [FLAT_100, (100.0, 120.0, 93.0, 110.0)], {"long_entry": [0]}, entry_limit=98.0, **levels
    )
    assert table(stopped) == [(1, 1, 1, 98.0, 93.0, "stop_loss")]
    kept = play(
        [FLAT_100, (100.0, 120.0, 94.0, 110.0), (110.0, 111.0, 109.0, 110.0)],
        {"long_entry": [0]},
        entry_limit=98.0,
        **levels,
    )
    assert table(kept) == [(1, 2, 1, 98.0, 110.0, "take_profit")]  # 103, gapped over


def test_the_drawdown_of_an_entry_inside_the_bar(play: Any) -> None:
    bars = [FLAT_100, (100.0, 101.0, 90.0, 100.0)]
    kept = play(bars, {"long_entry": [0]}, entry_limit=98.0)
    assert kept.values["max_drawdown_intrabar"] == pytest.approx(1.0 - 90.0 / 98.0)
    stopped = play(bars, {"long_entry": [0]}, entry_limit=98.0, stop=("price", 94.0))
    assert stopped.values["max_drawdown_intrabar"] == pytest.approx(1.0 - 94.0 / 98.0)


def test_a_reversal_by_an_order_that_is_not_reached_still_closes(play: Any) -> None:
    result = play(
        level(100.0, 100.0, 110.0, 120.0),
        {"long_entry": [0], "short_entry": [1]},
        entry_limit=[101.0, 130.0, 130.0, 130.0],
    )
    assert table(result) == [(1, 2, 1, 100.0, 110.0, "signal")]


# Again on the same bar


def test_entering_again_inside_the_bar_of_an_exit_is_a_policy(play: Any, orders_of: Any) -> None:
    # bought at 100 with a stop at 95; the order of bar 1 buys at 90
    bars = [FLAT_100, FLAT_100, (100.0, 101.0, 89.0, 92.0)]
    limits = [101.0, 90.0, 90.0]
    asked: Any = {"stop": ("distance", 5.0), "entry_limit": limits}
    once = play(bars, {"long_entry": [0, 1]}, **asked)
    assert table(once) == [(1, 2, 1, 100.0, 95.0, "stop_loss")]
    assert len(once.orders) == 2  # bought and stopped; a held position's entry is no order
    again = play(bars, {"long_entry": [0, 1]}, reenter_same_bar=True, **asked)
    assert table(again) == [
        (1, 2, 1, 100.0, 95.0, "stop_loss"),
        (2, 2, 1, 90.0, 92.0, "forced"),
    ]
    assert orders_of(again)[2] == (2, 1, 1, "entry", "limit", "signal", "filled", "")


def test_an_order_marketable_at_the_open_does_not_enter_again(play: Any) -> None:
    bars = [FLAT_100, FLAT_100, (100.0, 101.0, 89.0, 92.0)]
    result = play(
        bars,
        {"long_entry": [0, 1]},
        stop=("distance", 5.0),
        entry_limit=101.0,
        reenter_same_bar=True,
    )
    assert len(result.trades) == 1
    assert len(result.orders) == 2


def test_an_order_that_is_not_reached_again_is_listed(play: Any, orders_of: Any) -> None:
    result = play(
        [FLAT_100, FLAT_100, (100.0, 101.0, 94.0, 96.0)],
        {"long_entry": [0, 1]},
        stop=("distance", 5.0),
        entry_limit=[101.0, 90.0, 90.0],
        reenter_same_bar=True,
    )
    assert orders_of(result)[2] == (2, 1, 1, "entry", "limit", "signal", "cancelled", "not_reached")


def test_a_close_after_an_exit_inside_the_bar(play: Any, orders_of: Any) -> None:
    bars = [FLAT_100, (99.0, 100.0, 94.0, 97.0), (97.0, 98.0, 96.0, 97.0)]
    asked: Any = {"stop": ("distance", 5.0), "fill": "same_close"}
    waits = play(bars, {"long_entry": [0, 1]}, **asked)
    assert orders_of(waits)[-1] == (1, 1, 1, "entry", "market", "signal", "cancelled", "blocked")
    again = play(bars, {"long_entry": [0, 1]}, reenter_same_bar=True, **asked)
    assert table(again) == [
        (0, 1, 1, 100.0, 95.0, "stop_loss"),
        (1, 2, 1, 97.0, 97.0, "forced"),
    ]


# Time stops


def test_a_time_stop_exits_at_the_open_after_n_closes(play: Any, orders_of: Any) -> None:
    prices = level(100.0, 101.0, 102.0, 103.0, 104.0)
    result = play(prices, {"long_entry": [0]}, time_stop=2)
    assert table(result) == [(1, 3, 1, 101.0, 103.0, "time_stop")]
    assert orders_of(result)[1] == (3, -1, -1, "exit", "market", "time_stop", "filled", "")
    assert table(play(prices, {"long_entry": [0]}, time_stop=1)) == [
        (1, 2, 1, 101.0, 102.0, "time_stop")
    ]
    at_close = play(prices, {"long_entry": [0]}, time_stop=2, fill="same_close")
    assert table(at_close) == [(0, 3, 1, 100.0, 103.0, "time_stop")]  # closes of bars 1 and 2


def test_a_signal_comes_before_a_time_stop_and_an_entry_after_it(play: Any) -> None:
    prices = level(100.0, 101.0, 102.0, 103.0, 104.0)
    both = play(prices, {"long_entry": [0], "long_exit": [2]}, time_stop=2)
    assert table(both) == [(1, 3, 1, 101.0, 103.0, "signal")]
    again = play(prices, {"long_entry": [0, 2]}, time_stop=2)
    assert table(again) == [
        (1, 3, 1, 101.0, 103.0, "time_stop"),
        (3, 4, 1, 103.0, 104.0, "forced"),
    ]


# Cancelled entries


def test_why_an_entry_was_cancelled(play: Any, orders_of: Any) -> None:
    flat = level(100.0, 100.0)
    for why, settings in {
        "level_missing": {"target": ("distance", np.nan)},
        "level_breached": {"stop": ("price", 100.0)},
        "no_quantity": {"whole_units": True, "cash": 50.0},
        "no_volume": {"participation_rate": 0.1, "volume": [5.0, 0.0]},
    }.items():
        result = play(flat, {"long_entry": [0]}, **settings)
        assert orders_of(result) == [(1, 0, 1, "entry", "market", "signal", "cancelled", why)]
        assert np.isnan(result.orders.price[0])
        assert result.orders.asked[0] == (100.0 if why == "no_volume" else 0.0)
        assert (result.orders.quantity[0], result.orders.fee[0]) == (0.0, 0.0)


def test_voided_and_idle_entries_are_no_orders(play: Any) -> None:
    flat = level(100.0, 100.0, 100.0)
    assert len(play(flat, {"long_entry": [0], "short_entry": [0]}).orders) == 0
    assert len(play(flat, {"long_entry": [0], "long_exit": [0]}).orders) == 0
    assert len(play(flat, {"long_entry": [0, 1]}).orders) == 2  # in, and forced out


# The same close


def test_same_close_fills_at_the_close_that_gave_the_signal(play: Any) -> None:
    bars = [(99.0, 101.0, 90.0, 100.0), (105.0, 111.0, 104.0, 110.0)]
    result = play(bars, {"long_entry": [0], "long_exit": [1]}, fill="same_close", cash=1_000.0)
    assert table(result) == [(0, 1, 1, 100.0, 110.0, "signal")]
    assert result.equity.tolist() == [1_000.0, 1_100.0]
    assert result.values["exposure"] == 1.0


def test_same_close_arms_its_stop_from_the_next_bar(play: Any) -> None:
    bars = [(99.0, 101.0, 90.0, 100.0), (99.0, 100.0, 94.0, 97.0)]
    result = play(bars, {"long_entry": [0]}, stop=("distance", 5.0), fill="same_close")
    assert table(result) == [(0, 1, 1, 100.0, 95.0, "stop_loss")]


def test_same_close_does_not_enter_after_an_exit_inside_the_bar(play: Any) -> None:
    bars = [FLAT_100, (99.0, 100.0, 94.0, 97.0), (97.0, 98.0, 96.0, 97.0)]
    result = play(bars, {"long_entry": [0, 1]}, stop=("distance", 5.0), fill="same_close")
    assert table(result) == [(0, 1, 1, 100.0, 95.0, "stop_loss")]


def test_same_close_reverses_at_one_close(play: Any) -> None:
    result = play(
        level(100.0, 110.0, 99.0), {"long_entry": [0], "short_entry": [1]}, fill="same_close"
    )
    assert [row[:3] for row in table(result)] == [(0, 1, 1), (1, 2, -1)]


def test_same_close_of_the_last_bar_fills_before_it_is_forced_out(play: Any) -> None:
    result = play([(99.0, 101.0, 90.0, 100.0)], {"long_entry": [0]}, fill="same_close", fee_bps=100)
    assert table(result) == [(0, 0, 1, 100.0, 100.0, "forced")]
    quantity = 10_000.0 / 101.0
    assert result.trades.pnl[0] == pytest.approx(-2.0 * quantity, rel=1e-14)
    # bought at the close: the low of 90 was never its own
    assert result.values["max_drawdown_intrabar"] == pytest.approx(2 * quantity / 10_000)


# Costs and sizes


def test_fees_and_slippage_to_the_cent(play: Any) -> None:
    result = play(
        level(100.0, 100.0, 120.0, 120.0),
        {"long_entry": [0], "long_exit": [1]},
        risk=FixedFraction(0.5),
        fee_bps=20,
        fee_per_trade=1.0,
        slippage_bps=50,
        whole_units=True,
    )
    # buy: 100.50; (5,000 - 1) / (100.50 * 1.002) = 49.64 -> 49 units, 4,924.50, fee 10.849
    # sell: 119.40; 5,850.60, fee 12.7012; 926.10 - 23.5502 = 902.5498
    assert result.trades.quantity.tolist() == [49.0]
    assert table(result)[0][3:5] == (pytest.approx(100.5), pytest.approx(119.4))
    assert result.trades.pnl[0] == pytest.approx(902.5498, abs=1e-9)
    assert result.values["fees_paid"] == pytest.approx(23.5502, abs=1e-9)
    assert result.equity.tolist() == pytest.approx(
        [10_000.0, 10_000 - 4_924.5 - 10.849 + 4_900, 10_902.5498, 10_902.5498], abs=1e-9
    )
    assert result.trades.trade_return[0] == pytest.approx(902.5498 / 4_924.5)
    notional = 4_924.5 + 5_850.6
    assert result.values["edge_bps"] == pytest.approx(10_000 * 902.5498 / notional)
    assert result.values["turnover"] == pytest.approx(notional / float(np.mean(result.equity)))


def test_all_in_leaves_no_cash_and_owes_none(play: Any) -> None:
    result = play(level(50.0, 50.0), {"long_entry": [0]}, fee_bps=100, fee_per_trade=5.0)
    quantity = (10_000.0 - 5.0) / (50.0 * 1.01)
    assert result.trades.quantity.tolist() == [quantity]
    # all cash went into the units and their fee; they are sold again for a fee
    assert result.values["final_equity"] == pytest.approx(quantity * 50.0 * 0.99 - 5.0)


def test_risk_pct_loses_its_share_at_the_stop(play: Any) -> None:
    bars = [FLAT_100, (100.0, 100.0, 90.0, 92.0)]
    result = play(bars, {"long_entry": [0]}, risk=RiskPct(0.02), stop=("distance", 5.0))
    assert result.trades.quantity.tolist() == [40.0]  # 200 / 5
    assert result.equity.tolist() == [10_000.0, 9_800.0]
    short = play(
        [FLAT_100, (100.0, 110.0, 100.0, 108.0)],
        {"short_entry": [0]},
        risk=RiskPct(0.02),
        stop=("percent", 0.04),
    )
    assert short.trades.quantity.tolist() == [50.0]
    assert short.equity.tolist() == [10_000.0, 9_800.0]


def test_leverage_one_binds(play: Any) -> None:
    result = play(
        level(100.0, 100.0), {"long_entry": [0]}, risk=RiskPct(0.02), stop=("distance", 0.5)
    )
    assert result.trades.quantity.tolist() == [100.0]  # not 400


def test_risk_pct_without_a_stop_is_refused(play: Any) -> None:
    with pytest.raises(ConfigError, match="stop"):
        play(level(100.0, 100.0), {"long_entry": [0]}, risk=RiskPct(0.02))


def test_less_than_a_unit_is_no_trade(play: Any) -> None:
    bars = level(100.0, 100.0)
    assert table(play(bars, {"long_entry": [0]}, cash=99.0, whole_units=True)) == []
    assert len(play(bars, {"long_entry": [0]}, cash=100.0, whole_units=True).trades) == 1
    assert table(play(bars, {"long_entry": [0]}, cash=10.0, fee_per_trade=10.0)) == []


# The end


def test_at_end_close_pays_and_mark_does_not(play: Any) -> None:
    bars = level(100.0, 100.0, 120.0)
    closed = play(bars, {"long_entry": [0]}, cash=1_000.0, slippage_bps=100, risk=AllIn())
    assert table(closed)[0][4:] == (pytest.approx(118.8), "forced")
    assert closed.equity[-1] == pytest.approx(1_000 / 101 * 118.8)
    marked = play(bars, {"long_entry": [0]}, cash=1_000.0, slippage_bps=100, at_end="mark")
    assert table(marked) == [(1, 2, 1, 101.0, 120.0, "open")]
    assert marked.equity[-1] == pytest.approx(1_000 / 101 * 120)
    assert (closed.values["trades"], closed.values["open_trades"]) == (1, 0)
    assert (marked.values["trades"], marked.values["open_trades"]) == (0, 1)
    assert closed.blocks[:, 4].sum() == 1
    assert marked.blocks[:, 4].sum() == 0  # it was not closed
    assert marked.blocks[:, 5].sum() == pytest.approx(1_000.0)  # and not sold


def test_an_open_trade_is_charged_its_entry_only(play: Any) -> None:
    result = play(
        level(100.0, 100.0, 120.0), {"long_entry": [0]}, cash=1_010.0, fee_bps=100, at_end="mark"
    )
    assert result.trades.quantity.tolist() == [10.0]
    assert result.trades.pnl[0] == pytest.approx(190.0)
    assert result.values["fees_paid"] == pytest.approx(10.0)
    assert result.equity[-1] == pytest.approx(1_200.0)


# Ruin


def test_short_into_a_doubling_price_is_ruined_at_the_open(play: Any) -> None:
    bars = [FLAT_100, FLAT_100, (210.0, 220.0, 205.0, 215.0), FLAT_100]
    result = play(bars, {"short_entry": [0, 2]}, cash=1_000.0)
    assert table(result) == [(1, 2, -1, 100.0, 210.0, "ruined")]
    assert result.ruined_bar == 2
    assert result.deficit == 100.0  # 2,000 in cash, 10 units to buy back at 210
    assert result.equity.tolist() == [1_000.0, 1_000.0, 0.0, 0.0]
    assert result.trades.pnl.tolist() == [-1_100.0]
    assert result.blocks[:, 4:].sum(axis=0).tolist() == [1.0, 1_000.0]  # only its entry was a fill
    assert result.values["total_return"] == -1.0
    assert result.values["cagr"] == -1.0
    assert result.values["max_drawdown"] == 1.0
    assert result.values["max_drawdown_intrabar"] == 1.0
    assert result.values["exposure"] == 0.5


def test_short_is_ruined_at_the_mark(play: Any) -> None:
    bars = [FLAT_100, FLAT_100, (150.0, 220.0, 140.0, 200.0), FLAT_100]
    result = play(bars, {"short_entry": [0]}, cash=1_000.0)
    assert table(result) == [(1, 2, -1, 100.0, 200.0, "ruined")]
    assert (result.ruined_bar, result.deficit) == (2, 0.0)
    assert result.equity.tolist() == [1_000.0, 1_000.0, 0.0, 0.0]


def test_same_close_is_tested_at_the_open_too(play: Any) -> None:
    bars = [FLAT_100, (210.0, 220.0, 90.0, 90.0)]
    result = play(bars, {"short_entry": [0]}, fill="same_close", cash=1_000.0)
    assert table(result) == [(0, 1, -1, 100.0, 210.0, "ruined")]


def test_a_cover_that_leaves_a_debt_is_ruin(play: Any) -> None:
    bars = [FLAT_100, FLAT_100, (150.0, 230.0, 140.0, 145.0), FLAT_100]
    result = play(
        bars, {"short_entry": [0]}, cash=1_000.0, stop=("distance", 95.0), slippage_bps=1_000
    )
    # sold short at 90: 11.1 units; bought back at (90 + 95) * 1.1 = 203.5
    quantity = 1_000 / 90
    assert table(result) == [(1, 2, -1, 90.0, pytest.approx(203.5), "stop_loss")]
    assert result.ruined_bar == 2
    assert result.deficit == pytest.approx(quantity * (203.5 - 90) - 1_000)


# Metrics that only a simulation can give


def test_intrabar_drawdown_sees_the_low_of_a_held_bar(play: Any) -> None:
    bars = [FLAT_100, FLAT_100, (100.0, 105.0, 80.0, 100.0), FLAT_100]
    result = play(bars, {"long_entry": [0]})
    assert result.values["max_drawdown"] == 0.0
    assert result.values["max_drawdown_intrabar"] == pytest.approx(0.2)


def test_intrabar_drawdown_of_a_stopped_bar_is_the_stop(play: Any) -> None:
    bars = [FLAT_100, FLAT_100, (100.0, 105.0, 80.0, 100.0), FLAT_100]
    result = play(bars, {"long_entry": [0]}, stop=("percent", 0.1))
    assert result.values["max_drawdown_intrabar"] == pytest.approx(0.1)


def test_intrabar_drawdown_after_an_exit_at_the_open_ignores_the_low(play: Any) -> None:
    bars = [FLAT_100, FLAT_100, (95.0, 96.0, 50.0, 60.0), FLAT_100]
    result = play(bars, {"long_entry": [0], "long_exit": [1]})
    assert result.values["max_drawdown_intrabar"] == pytest.approx(0.05)


def test_intrabar_drawdown_before_a_target_includes_the_low(play: Any) -> None:
    bars = [FLAT_100, FLAT_100, (100.0, 120.0, 90.0, 100.0), FLAT_100]
    result = play(bars, {"long_entry": [0]}, target=("distance", 10.0))
    assert table(result)[0][4:] == (110.0, "take_profit")
    assert result.values["max_drawdown_intrabar"] == pytest.approx(0.1)


def test_no_signals_leave_everything_defined_or_missing(play: Any) -> None:
    result = play(level(100.0, 90.0, 110.0))
    assert set(result.values) == set(TRIAL_METRICS)
    undefined = {name for name, value in result.values.items() if np.isnan(value)}
    assert undefined == {
        "sharpe_per_period",
        "sharpe",
        "sortino",
        "calmar",
        "win_rate",
        "profit_factor",
        "average_trade_return",
        "edge_bps",
        "sqn",
        "skewness",
        "kurtosis",
    }
    assert result.values["annualised_volatility"] == 0.0
    assert result.values["turnover"] == 0.0
    assert result.behaviour_hash == 0xCBF29CE484222325
    assert len(result.trades) == 0
    assert result.ruined_bar is None


def test_one_bar(play: Any) -> None:
    result = play(level(100.0), {"long_entry": [0]}, years=0.0)
    assert result.equity.tolist() == [10_000.0]
    for name in ("cagr", "annualised_volatility", "turnover"):
        assert np.isnan(result.values[name])


def test_behaviour_hash_by_another_spelling(play: Any) -> None:
    result = play(level(100.0, 100.0, 110.0), {"short_entry": [0]})
    state = np.uint64(0xCBF29CE484222325)
    with np.errstate(over="ignore"):
        # entry bar 1, exit bar 2, short, forced
        state ^= np.uint64(1 | 2 << 29 | 1 << 58 | 4 << 59)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state ^= state >> np.uint64(31)
    assert result.behaviour_hash == int(state)


# Headline returns and blocks


def random_bars(seed: int, bars: int) -> np.ndarray[Any, Any]:
    stream = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(stream.normal(0, 0.02, bars)))
    open_ = np.concatenate([[100.0], close[:-1]]) * (1 + stream.normal(0, 0.005, bars))
    reach = np.abs(stream.normal(0, 0.01, (2, bars)))
    high = np.maximum(open_, close) * (1 + reach[0])
    low = np.minimum(open_, close) * (1 - reach[1])
    return np.column_stack([open_, high, low, close])


def random_signals(seed: int, bars: int) -> dict[str, list[int]]:
    stream = np.random.default_rng(seed + 1)
    return {
        name: np.flatnonzero(stream.random(bars) < 0.1).tolist()
        for name in ("long_entry", "long_exit", "short_entry", "short_exit")
    }


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("fill", ["next_open", "same_close"])
def test_money_is_conserved_and_blocks_add_up(play: Any, seed: int, fill: str) -> None:
    bars = random_bars(seed, 203)
    result: Simulation = play(
        bars,
        random_signals(seed, 203),
        stop=("percent", 0.04),
        target=("percent", 0.06),
        fee_bps=7,
        fee_per_trade=0.5,
        slippage_bps=3,
        fill=fill,
        start=3,
    )
    trades = result.trades
    assert len(trades) > 10
    assert result.equity[-1] == pytest.approx(10_000.0 + trades.pnl.sum(), rel=1e-12)
    notional = (trades.quantity * (trades.entry_price + trades.exit_price)).sum()
    assert result.values["fees_paid"] == pytest.approx(notional * 7e-4 + len(trades))
    assert result.blocks.shape == (17, 6)
    returns = result.equity[1:] / result.equity[:-1] - 1
    assert len(returns) == 199  # 7 in the leading block, then 16 of 12
    for power in range(1, 5):
        assert result.blocks[:, power - 1].sum() == pytest.approx((returns**power).sum(), abs=1e-14)
    assert result.blocks[0, 0] == pytest.approx(returns[:7].sum(), abs=1e-15)
    assert result.blocks[16, 1] == pytest.approx((returns[-12:] ** 2).sum(), abs=1e-15)
    assert result.blocks[:, 4].sum() == len(trades)
    assert result.blocks[:, 5].sum() == pytest.approx(notional)
    # return i is earned on bar start + 1 + i
    late = (trades.exit_bar > 3 + 199 - 12).sum()
    assert result.blocks[16, 4] == late
    lows, highs = bars[:, 2], bars[:, 1]
    exits = trades.exit_price / np.where(trades.side > 0, 1 - 3e-4, 1 + 3e-4)
    raw = np.where(trades.reason == REASONS.index("take_profit"), trades.exit_price, exits)
    assert (raw >= lows[trades.exit_bar] * (1 - 1e-12)).all()
    assert (raw <= highs[trades.exit_bar] * (1 + 1e-12)).all()
    assert result.values["max_drawdown_intrabar"] >= result.values["max_drawdown"]


@pytest.mark.parametrize("seed", range(4))
def test_costs_never_help(play: Any, seed: int) -> None:
    bars, signals = random_bars(seed, 150), random_signals(seed, 150)
    free = play(bars, signals)
    charged = play(bars, signals, fee_bps=10, slippage_bps=5)
    assert charged.equity[-1] < free.equity[-1]
    assert charged.behaviour_hash == free.behaviour_hash


def test_the_future_changes_nothing_in_the_past(play: Any) -> None:
    bars, signals = random_bars(9, 120), random_signals(9, 120)
    whole = play(bars, signals, stop=("percent", 0.03), at_end="mark")
    cut = play(
        bars[:80],
        {name: [row for row in rows if row < 80] for name, rows in signals.items()},
        stop=("percent", 0.03),
        at_end="mark",
    )
    assert cut.equity.tolist() == whole.equity[:80].tolist()


def test_headline_points_of_sessions(play: Any) -> None:
    # two bars a session; the position is taken at the open of row 1
    bars = level(100.0, 100.0, 110.0, 120.0, 130.0, 60.0)
    result = play(
        bars,
        {"long_entry": [0], "long_exit": [4]},
        cash=1_000.0,
        headline=[1, 3, 5],
        periods_per_year=252.0,
    )
    first, second = 1_200 / 1_000 - 1, 600 / 1_200 - 1
    assert result.blocks[0, :2].tolist() == pytest.approx(
        [first + second, first**2 + second**2], abs=1e-15
    )
    deviation = np.std([first, second], ddof=1)
    assert result.values["sharpe"] == pytest.approx(
        np.mean([first, second]) / deviation * np.sqrt(252.0)
    )
    assert result.blocks[0, 4:].tolist() == [1.0, 1_600.0]


def test_headline_rows_before_the_start_are_left_out(play: Any) -> None:
    bars = random_bars(1, 40)
    whole = play(bars, headline=range(40), start=10)
    late = play(bars, headline=range(10, 40), start=10)
    assert whole.values["sharpe"] == late.values["sharpe"] or np.isnan(whole.values["sharpe"])
    assert whole.blocks.tolist() == late.blocks.tolist()


def test_values_of_a_known_equity(play: Any) -> None:
    bars = level(100.0, 100.0, 110.0, 99.0, 108.9)
    result = play(bars, {"long_entry": [0]}, cash=1_000.0, years=2.0, periods_per_year=4.0)
    returns = np.array([0.0, 0.1, -0.1, 0.1])
    values = result.values
    assert values["annualised_volatility"] == pytest.approx(returns.std(ddof=1) * 2)
    assert values["sharpe_per_period"] == pytest.approx(returns.mean() / returns.std(ddof=1))
    assert values["sharpe"] == pytest.approx(2 * returns.mean() / returns.std(ddof=1))
    assert values["sortino"] == pytest.approx(0.025 / np.sqrt(0.01 / 4) * 2)
    assert values["cagr"] == pytest.approx(np.sqrt(1.089) - 1)
    assert values["max_drawdown"] == pytest.approx(0.1)
    assert values["max_drawdown_bars"] == 2
    assert values["calmar"] == pytest.approx((np.sqrt(1.089) - 1) / 0.1)
    assert values["pnl_per_10k"] == pytest.approx(890.0)
    centred = returns - returns.mean()
    assert values["skewness"] == pytest.approx((centred**3).mean() / (centred**2).mean() ** 1.5)
    assert values["kurtosis"] == pytest.approx((centred**4).mean() / (centred**2).mean() ** 2)
    assert values["win_rate"] == 1.0
    assert values["average_trade_return"] == pytest.approx(0.089)


# What is refused


def broken(inputs: SimulationInputs, **changes: Any) -> SimulationInputs:
    fields = {name: getattr(inputs, name) for name in SimulationInputs.__dataclass_fields__}
    return SimulationInputs(**(fields | changes))


def test_bad_inputs_are_refused(dictated: Any) -> None:
    inputs = dictated(level(100.0, 100.0, 100.0))
    columns = dict(inputs.columns)
    without = {name: values for name, values in columns.items() if name != "low"}
    with pytest.raises(BarsError, match="low"):
        simulate(broken(inputs, columns=without))
    with pytest.raises(BarsError, match="has 2 values"):
        simulate(broken(inputs, columns=columns | {"high": columns["high"][:2]}))
    with pytest.raises(BarsError, match="start is row 3"):
        simulate(broken(inputs, start=3))
    with pytest.raises(BarsError, match="headline"):
        simulate(broken(inputs, headline=np.array([0, 2, 1])))
    with pytest.raises(BarsError, match="headline"):
        simulate(broken(inputs, headline=np.array([0, 3])))
    with pytest.raises(ConfigError, match="cash"):
        simulate(broken(inputs, cash=0.0))
    with pytest.raises(BarsError, match="long_entry"):
        simulate(broken(inputs, columns={k: v for k, v in columns.items() if k != "long_entry"}))


class Watcher:
    def __init__(self, patience: int = 99) -> None:
        self.calls: list[tuple[int, int]] = []
        self.patience = patience

    def check(self, done: int, total: int) -> None:
        self.calls.append((done, total))
        if len(self.calls) > self.patience:
            raise CancelledError("enough")


def test_the_watch_is_told_every_1024_bars(dictated: Any) -> None:
    inputs = dictated(level(*[100.0] * 2_100), start=5)
    watcher = Watcher()
    simulate(inputs, watcher)
    nodes = watcher.calls.count((0, 2_100))
    assert watcher.calls[nodes:] == [(5, 2_100), (1_029, 2_100), (2_053, 2_100)]
    with pytest.raises(CancelledError, match="enough"):
        simulate(inputs, Watcher(patience=1))


def test_a_plan_by_hand(dictated: Any) -> None:
    """Signals and levels may come from anywhere; here from lists."""
    inputs = dictated(level(100.0, 100.0, 110.0))
    never = [False] * 3
    plan = Plan(
        long_entry=[True, False, False],
        long_exit=never,
        short_entry=never,
        short_exit=never,
        stop_loss=Level("percent", [0.05] * 3),
        take_profit=None,
        trailing_stop=None,
        entry_limit=None,
        entry_stop=None,
        time_stop=1,
    )
    result = simulate_plan(inputs, plan)
    assert table(result) == [(1, 2, 1, 100.0, 110.0, "time_stop")]
    assert result.trades.stop_price.tolist() == [95.0]


def test_the_twin_loads_nothing_native() -> None:
    code = (
        "import sys, hyprl_lab.engine.reference\n"
        "loaded = set(sys.modules) & {'hyprl_lab._native', 'hyprl_lab.kernels', 'pandas'}\n"
        "raise SystemExit(f'loaded {loaded}' if loaded else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
