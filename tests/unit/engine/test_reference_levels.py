"""Stops, targets and trailing stops, worked by hand from rules 5 and 6 of docs/execution.md."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from hyprl_lab.engine.reference_graph import Level, Plan
from hyprl_lab.engine.reference_levels import Bar, Hit, Levels, Trail, levels_at, reaches

FLAT_100 = (100.0, 100.0, 100.0, 100.0)


def plan(**levels: Level) -> Plan:
    never = [False]
    wanted: dict[str, Any] = dict.fromkeys(("stop_loss", "take_profit", "trailing_stop"))
    return Plan(
        long_entry=never,
        long_exit=never,
        short_entry=never,
        short_exit=never,
        entry_limit=None,
        entry_stop=None,
        time_stop=None,
        **(wanted | levels),
    )


def trail(level: float) -> Trail:
    return Trail(Level("distance", [1.0]), 1.0, level, 100.0)


# Where levels lie


@pytest.mark.parametrize(
    ("side", "kind", "amount", "stop", "target"),
    [
        (1, "percent", 0.25, 150.0, 250.0),
        (-1, "percent", 0.25, 250.0, 150.0),
        (1, "distance", 30.0, 170.0, 230.0),
        (-1, "distance", 30.0, 230.0, 170.0),
        (1, "price", 190.0, 190.0, 190.0),
        (-1, "price", 190.0, 190.0, 190.0),
    ],
)
def test_levels_of_a_fill_at_200(
    side: int, kind: str, amount: float, stop: float, target: float
) -> None:
    rule = Level(kind, [amount])
    found = levels_at(plan(stop_loss=rule, take_profit=rule, trailing_stop=rule), 0, 200.0, side)
    assert found is not None
    assert (found.stop, found.target) == (stop, target)
    assert found.trail is not None
    assert found.trail.level == stop


@pytest.mark.parametrize("name", ["stop_loss", "take_profit", "trailing_stop"])
@pytest.mark.parametrize("amount", [math.nan, math.inf, 0.0, -1.0])
def test_a_level_that_is_missing_or_not_positive(name: str, amount: float) -> None:
    assert levels_at(plan(**{name: Level("price", [amount])}), 0, 100.0, 1) is None


def test_no_rule_is_no_level() -> None:
    found = levels_at(plan(), 0, 100.0, 1)
    assert found is not None
    assert found.effective() is None
    assert not found.breached(0.01)


def test_the_tighter_stop_is_the_effective_one() -> None:
    assert Levels(1, 95.0, None, trail(96.0)).effective() == (96.0, "trailing_stop")
    assert Levels(1, 95.0, None, trail(94.0)).effective() == (95.0, "stop_loss")
    assert Levels(1, 95.0, None, trail(95.0)).effective() == (95.0, "stop_loss")
    assert Levels(-1, 105.0, None, trail(104.0)).effective() == (104.0, "trailing_stop")
    assert Levels(-1, 105.0, None, trail(106.0)).effective() == (105.0, "stop_loss")
    assert Levels(1, None, None, trail(90.0)).effective() == (90.0, "trailing_stop")


def test_a_breach_is_a_touch() -> None:
    long = Levels(1, 95.0, 110.0, None)
    assert [long.breached(price) for price in (94.0, 95.0, 95.1, 109.9, 110.0)] == [
        True,
        True,
        False,
        False,
        True,
    ]
    assert Levels(-1, None, None, trail(105.0)).breached(105.0)
    assert not Levels(-1, None, None, trail(105.0)).breached(104.9)


# What a bar hits


def test_a_gap_decides_before_the_mode() -> None:
    levels = Levels(1, 95.0, 110.0, None)
    assert levels.hit(Bar(94.0, 120.0, 93.0, 100.0), "target_first", 0.0) == Hit(
        94.0, "stop_loss", at_open=True, contested=False
    )
    assert levels.hit(Bar(110.0, 120.0, 93.0, 100.0), "stop_first", 0.0) == Hit(
        110.0, "take_profit", at_open=True, contested=False
    )


def test_a_target_before_a_stop_that_was_hit_is_contested() -> None:
    levels, wide = Levels(1, 95.0, 110.0, None), Bar(100.0, 112.0, 92.0, 105.0)
    assert levels.hit(wide, "target_first", 0.0) == Hit(
        110.0, "take_profit", at_open=False, contested=True
    )
    assert levels.hit(wide, "stop_first", 0.0) == Hit(
        95.0, "stop_loss", at_open=False, contested=False
    )
    alone = levels.hit(Bar(100.0, 112.0, 96.0, 105.0), "target_first", 0.0)
    assert alone == Hit(110.0, "take_profit", at_open=False, contested=False)
    assert levels.hit(Bar(100.0, 110.0, 95.1, 105.0), "stop_first", 0.0) is None


def test_reaching_is_a_touch() -> None:
    assert reaches(5.0, 5.0, 1)
    assert reaches(5.0, 5.0, -1)
    assert not reaches(4.0, 5.0, 1)
    assert not reaches(6.0, 5.0, -1)


# Trailing stops on bars


def test_a_trailing_percent_follows_the_high_of_completed_bars(
    play: Any, trades_of: Any, orders_of: Any
) -> None:
    bars = [
        FLAT_100,
        (100.0, 110.0, 95.0, 105.0),  # bought at 100, stop 90; from the next bar 110 · 0.9 = 99
        (105.0, 106.0, 100.0, 104.0),  # a lower high moves nothing
        (104.0, 104.0, 98.0, 99.0),
    ]
    result = play(bars, {"long_entry": [0]}, trail=("percent", 0.1))
    assert trades_of(result) == [(1, 3, 1, 100.0, 99.0, "trailing_stop")]
    assert result.trades.stop_price.tolist() == [90.0]
    assert orders_of(result)[1] == (3, -1, -1, "exit", "stop", "trailing_stop", "filled", "")


def test_a_short_is_trailed_by_its_lows(play: Any, trades_of: Any) -> None:
    bars = [FLAT_100, (100.0, 105.0, 90.0, 95.0), (95.0, 99.5, 94.0, 96.0)]
    result = play(bars, {"short_entry": [0]}, trail=("percent", 0.1))
    assert trades_of(result) == [(1, 2, -1, 100.0, pytest.approx(99.0), "trailing_stop")]


def test_a_trailing_level_is_in_force_from_the_next_bar(play: Any, trades_of: Any) -> None:
    # the high of 120 would put the stop at 115, above the low of the same bar
    bars = [FLAT_100, (100.0, 120.0, 96.0, 118.0), (117.0, 118.0, 114.0, 116.0)]
    result = play(bars, {"long_entry": [0]}, trail=("distance", 5.0))
    assert trades_of(result) == [(1, 2, 1, 100.0, 115.0, "trailing_stop")]


def test_after_an_entry_inside_the_bar_its_close_counts(play: Any, trades_of: Any) -> None:
    # bought at 98, stop 93; the high of 120 may have come before: the close of 101 makes it 96
    bars = [FLAT_100, (100.0, 120.0, 95.0, 101.0), (100.0, 100.5, 96.5, 97.0), FLAT_100]
    kept = play(bars, {"long_entry": [0]}, entry_limit=98.0, trail=("distance", 5.0))
    assert trades_of(kept) == [(1, 3, 1, 98.0, 100.0, "forced")]
    bars[2] = (100.0, 100.5, 96.0, 97.0)
    hit = play(bars, {"long_entry": [0]}, entry_limit=98.0, trail=("distance", 5.0))
    assert trades_of(hit) == [(1, 2, 1, 98.0, 96.0, "trailing_stop")]


def test_after_an_entry_at_the_close_nothing_of_its_bar_counts(play: Any, trades_of: Any) -> None:
    bars = [
        (90.0, 130.0, 85.0, 100.0),  # bought at its close, stop 95
        (99.0, 104.0, 96.0, 103.0),  # makes it 99
        (100.0, 101.0, 98.5, 100.0),
    ]
    result = play(bars, {"long_entry": [0]}, trail=("distance", 5.0), fill="same_close")
    assert trades_of(result) == [(0, 2, 1, 100.0, 99.0, "trailing_stop")]


def test_a_trailing_price_never_falls(play: Any, trades_of: Any) -> None:
    bars = [FLAT_100, FLAT_100, FLAT_100, FLAT_100, (100.0, 100.0, 96.5, 99.0)]
    prices = [95.0, 97.0, np.nan, 96.0, 90.0]  # 95 at the entry, 97 from bar 2 on
    result = play(bars, {"long_entry": [0]}, trail=("price", prices))
    assert trades_of(result) == [(1, 4, 1, 100.0, 97.0, "trailing_stop")]
    assert result.trades.stop_price.tolist() == [95.0]


def test_stop_loss_and_trailing_stop_together(play: Any, trades_of: Any) -> None:
    bars = [FLAT_100, (100.0, 100.0, 94.0, 97.0)]
    equal = play(bars, {"long_entry": [0]}, stop=("distance", 5.0), trail=("distance", 5.0))
    assert trades_of(equal) == [(1, 1, 1, 100.0, 95.0, "stop_loss")]
    tighter = play(bars, {"long_entry": [0]}, stop=("distance", 5.0), trail=("distance", 4.0))
    assert trades_of(tighter) == [(1, 1, 1, 100.0, 96.0, "trailing_stop")]
    assert tighter.trades.stop_price.tolist() == [96.0]


def test_a_trailing_level_is_checked_at_the_entry(play: Any, orders_of: Any) -> None:
    bars = [FLAT_100, FLAT_100]
    breached = play(bars, {"long_entry": [0]}, trail=("price", 100.0))
    assert orders_of(breached)[0][7] == "level_breached"
    missing = play(bars, {"long_entry": [0]}, trail=("percent", np.nan))
    assert orders_of(missing)[0][7] == "level_missing"
