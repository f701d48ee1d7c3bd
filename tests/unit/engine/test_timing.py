"""What is read off clock and calendar, and that nothing is read that nobody asks for."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest

import hyprl_lab.strategy as build
from hyprl_lab.data.timeframe import Timeframe
from hyprl_lab.engine.config import Execution, Money, Percent
from hyprl_lab.engine.timing import Timing, timing
from hyprl_lab.errors import BarsError, CancelledError, ConfigError

HOUR_US = 3_600_000_000
TS = np.arange(30, dtype=np.int64) * HOUR_US  # a day and six hours around the clock


def of(condition: Any, *, timeframe: str = "1h", **execution: Any) -> Timing:
    return timing(
        TS,
        Timeframe.parse(timeframe),
        "24/7",
        strategy=build.Strategy("x", long_entry=condition),
        execution=Execution(**execution),
    )


def test_a_plain_strategy_asks_for_nothing() -> None:
    found = of(build.close > 1)
    assert (dict(found.clock), dict(found.longer)) == ({}, {})
    assert (found.session, found.square_off) == (None, None)


def test_session_nodes_and_longer_bars_are_those_of_the_graph() -> None:
    condition = (build.minute_of_day > 60) & (build.on("2h", build.close) > 1)
    found = of(condition)
    assert list(found.clock) == ["minute_of_day"]
    assert found.clock["minute_of_day"][:3].tolist() == [0.0, 60.0, 120.0]
    assert list(found.longer) == ["2h"]
    assert found.longer["2h"].bucket[:4].tolist() == [0, 0, 1, 1]
    assert found.longer["2h"].closed[:4].tolist() == [False, True, False, True]


def test_a_daily_limit_asks_for_sessions_and_intraday_for_the_cutoff_too() -> None:
    found = of(build.close > 1, daily_loss_limit=Percent(0.02))
    assert found.square_off is None
    assert found.session is not None
    assert (np.diff(found.session) > 0).nonzero()[0].tolist() == [23]
    found = of(build.close > 1, intraday=True)
    assert found.session is not None
    assert found.square_off is not None
    assert found.square_off.nonzero()[0].tolist() == [23]
    found = of(build.close > 1, intraday=True, session_cutoff="22:00")
    assert found.square_off is not None
    assert found.square_off.nonzero()[0].tolist() == [22, 23]


@pytest.mark.parametrize(
    ("execution", "said"),
    [
        ({"intraday": True}, "intraday=True on bars of 1d"),
        ({"daily_target": Money(5)}, "daily_target=Money.*bars of 1d"),
        ({"daily_loss_limit": Money(5)}, "daily_loss_limit=Money.*bars of 1d"),
    ],
)
def test_session_rules_need_bars_within_a_session(execution: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        of(build.close > 1, timeframe="1d", **execution)


def test_a_longer_timeframe_that_is_none_is_refused() -> None:
    with pytest.raises(BarsError, match="90m"):
        of(build.on("90m", build.close) > 1)


def test_the_check_is_asked_for_each_thing_that_is_read() -> None:
    asked: list[int] = []
    clock = build.minute_of_day + build.weekday + build.bar_of_session
    condition = (clock > 60) & (build.on("2h", build.close) > 1) & (build.on("4h", build.close) > 1)
    strategy = build.Strategy("x", long_entry=condition)
    rules = Execution(intraday=True)
    ask = partial(timing, TS, Timeframe(1, "h"), "24/7", strategy=strategy, execution=rules)
    ask(check=lambda: asked.append(1))
    assert len(asked) == 7  # three of the clock, two timeframes, sessions, cutoff

    def stop() -> None:
        raise CancelledError("enough")

    with pytest.raises(CancelledError, match="enough"):
        ask(check=stop)


def test_a_cutoff_that_no_bar_reaches_is_refused() -> None:
    hours = (np.arange(4)[:, None] * 24 + np.arange(3, 11)).ravel() * 3_600_000_000
    long = build.Strategy("long", long_entry=build.close > 0)
    read = partial(timing, hours, Timeframe.parse("1h"), "24/7", strategy=long)
    with pytest.raises(ConfigError, match="no bar of these 1h bars stands at the end of their"):
        read(execution=Execution(intraday=True))
    found = read(execution=Execution(intraday=True, session_cutoff="10:00"))
    assert found.square_off is not None
    assert found.square_off.sum() == 4
