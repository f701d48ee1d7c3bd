"""Square-off and daily limits, worked by hand from rule 11 of docs/execution.md."""

from __future__ import annotations

from typing import Any

import pytest

from hyprl_lab.engine.config import FixedUnits, Money, Percent
from hyprl_lab.engine.reference_sessions import Sessions
from hyprl_lab.errors import BarsError


def level(*prices: float) -> list[tuple[float, float, float, float]]:
    return [(price, price, price, price) for price in prices]


TWO_DAYS: Any = {"session": [0, 0, 0, 1, 1, 1], "square_off": [2, 5], "intraday": True}
BLOCKED = ("entry", "market", "signal", "cancelled", "blocked")


def test_a_position_closes_at_the_cutoff_and_none_is_entered_after_it(
    play: Any, trades_of: Any, orders_of: Any
) -> None:
    prices = level(100.0, 101.0, 102.0, 103.0, 104.0, 105.0)
    result = play(prices, {"long_entry": [0, 1, 2]}, **TWO_DAYS)
    assert trades_of(result) == [
        (1, 2, 1, 101.0, 102.0, "session"),
        (3, 5, 1, 103.0, 105.0, "session"),
    ]
    assert orders_of(result) == [
        (1, 0, 1, "entry", "market", "signal", "filled", ""),
        (2, -1, -1, "exit", "market", "session", "filled", ""),
        (2, 1, 1, *BLOCKED),
        (3, 2, 1, "entry", "market", "signal", "filled", ""),
        (5, -1, -1, "exit", "market", "session", "filled", ""),
    ]


def test_without_a_cutoff_bar_the_next_session_closes(play: Any, trades_of: Any) -> None:
    prices = level(100.0, 101.0, 102.0, 103.0, 104.0, 105.0)
    asked = TWO_DAYS | {"square_off": [5]}
    result = play(prices, {"long_entry": [0]}, **asked)
    assert trades_of(result) == [(1, 3, 1, 101.0, 103.0, "session")]
    again = play(prices, {"long_entry": [0, 2]}, **asked)  # the new session is open to entries
    assert trades_of(again)[1] == (3, 5, 1, 103.0, 105.0, "session")


def test_a_close_after_the_cutoff_is_blocked(play: Any, orders_of: Any) -> None:
    prices = level(100.0, 101.0, 102.0, 103.0, 104.0, 105.0)
    result = play(prices, {"long_entry": [2]}, fill="same_close", **TWO_DAYS)
    assert orders_of(result) == [(2, 2, 1, *BLOCKED)]


def test_a_signal_at_the_cutoff_is_called_session(play: Any, trades_of: Any) -> None:
    prices = level(100.0, 101.0, 102.0, 103.0, 104.0, 105.0)
    result = play(
        prices,
        {"long_entry": [0], "long_exit": [1]},
        time_stop=1,
        daily_target=Money(1.0),
        **TWO_DAYS,
    )
    assert trades_of(result) == [(1, 2, 1, 101.0, 102.0, "session")]


@pytest.mark.parametrize(
    ("close", "reason"), [(98.99, "daily_loss"), (99.01, None), (101.5, "daily_target")]
)
def test_a_limit_closes_at_the_next_open(
    play: Any, trades_of: Any, close: float, reason: str | None
) -> None:
    # 100 units: a point is 100 of money
    bars = [*level(100.0), (100.0, 102.0, 98.0, close), *level(100.0, 100.0, 100.0)]
    result = play(
        bars,
        {"long_entry": [0]},
        session=[0, 0, 0, 0, 1],
        daily_loss_limit=Money(100.0),
        daily_target=Percent(0.015),
    )
    if reason is None:
        assert trades_of(result) == [(1, 4, 1, 100.0, 100.0, "forced")]
    else:
        assert trades_of(result) == [(1, 2, 1, 100.0, 100.0, reason)]


def test_entries_are_blocked_until_the_next_session(
    play: Any, trades_of: Any, orders_of: Any
) -> None:
    bars = level(100.0, 100.0, 98.0, 98.0, 98.0, 98.0)
    result = play(
        bars,
        {"long_entry": [0, 2, 3, 4]},
        session=[0, 0, 0, 0, 1, 1],
        daily_loss_limit=Percent(0.02),
        risk=FixedUnits(100),
    )
    # the mark of bar 2 is down 200 of 10,000
    assert trades_of(result) == [
        (1, 3, 1, 100.0, 98.0, "daily_loss"),
        (4, 5, 1, 98.0, 98.0, "forced"),
    ]
    assert orders_of(result)[1:3] == [
        (3, -1, -1, "exit", "market", "daily_loss", "filled", ""),
        (3, 2, 1, *BLOCKED),
    ]


def test_a_limit_reached_at_the_last_mark_closes_in_the_next_session(
    play: Any, trades_of: Any
) -> None:
    bars = level(100.0, 98.0, 97.0, 96.5, 96.5)
    result = play(
        bars,
        {"long_entry": [0, 2]},
        session=[0, 0, 0, 1, 1],
        daily_loss_limit=Money(100.0),
        risk=FixedUnits(100),
    )
    # bought at 98; the mark of bar 2 is down 100; bar 3 closes it, and its session is free
    assert trades_of(result) == [
        (1, 3, 1, 98.0, 96.5, "daily_loss"),
        (3, 4, 1, 96.5, 96.5, "forced"),
    ]


def test_the_base_is_the_equity_of_the_last_mark(play: Any, trades_of: Any) -> None:
    # 100 units from 100: 50 down in the first session, 80 in the second, never 100 in one
    bars = level(100.0, 100.0, 99.5, 99.0, 98.7, 98.7)
    asked: Any = {"session": [0, 0, 0, 1, 1, 1], "risk": FixedUnits(100)}
    kept = play(bars, {"long_entry": [0]}, daily_loss_limit=Money(100.0), **asked)
    assert trades_of(kept)[0][5] == "forced"
    asked["session"] = [0] * 6
    closed = play(bars, {"long_entry": [0]}, daily_loss_limit=Money(100.0), **asked)
    assert trades_of(closed) == [(1, 4, 1, 100.0, 98.7, "daily_loss")]


def test_a_limit_comes_before_a_signal(play: Any, trades_of: Any) -> None:
    result = play(
        level(100.0, 100.0, 102.0, 102.0),
        {"long_entry": [0], "long_exit": [2]},
        session=[0] * 4,
        daily_target=Money(200.0),
    )
    assert trades_of(result) == [(1, 3, 1, 100.0, 102.0, "daily_target")]


def test_same_close_leaves_at_the_open_too(play: Any, trades_of: Any) -> None:
    result = play(
        [*level(100.0, 102.0), (103.0, 104.0, 101.0, 101.0)],
        {"long_entry": [0]},
        session=[0] * 3,
        daily_target=Money(200.0),
        fill="same_close",
    )
    assert trades_of(result) == [(0, 2, 1, 100.0, 103.0, "daily_target")]


def test_the_first_limit_stands(dictated: Any) -> None:
    rules = Sessions(
        dictated(
            level(*[1.0] * 5),
            session=[0, 0, 0, 0, 1],
            cash=1_000.0,
            daily_target=Money(10.0),
            daily_loss_limit=Money(10.0),
        )
    )
    rules.open(0, 1_000.0)
    rules.mark(0, 1_005.0)
    assert (rules.closing(1), rules.blocked(1)) == (None, False)
    rules.mark(1, 1_010.0)
    rules.mark(2, 900.0)
    assert (rules.closing(3), rules.blocked(3)) == ("daily_target", True)
    rules.open(4, 900.0)  # reached at bar 1, and bar 3 was the last chance to say so
    assert (rules.closing(4), rules.blocked(4)) == (None, False)
    assert rules.base == 900.0


def test_what_the_rules_need(dictated: Any) -> None:
    flat = level(1.0, 1.0)
    with pytest.raises(BarsError, match="session"):
        Sessions(dictated(flat, daily_target=Money(10.0)))
    with pytest.raises(BarsError, match="session"):
        Sessions(dictated(flat, daily_target=Money(10.0), session=[0]))
    with pytest.raises(BarsError, match="cutoff"):
        Sessions(dictated(flat, intraday=True, session=[0, 0]))
    idle = Sessions(dictated(flat))
    assert not idle.begins(0)
    assert (idle.closing(1), idle.blocked(1)) == (None, False)
