"""The made-up bar: when it opens, whose session it is of, and that nothing later is read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hyprl_lab.data import Bars
from hyprl_lab.engine import AllIn, Execution
from hyprl_lab.engine.backtest import inputs
from hyprl_lab.engine.period import Period
from hyprl_lab.models.bar_after import BarAfter
from hyprl_lab.strategy import Strategy, close, minute_of_day

HOUR_US = 3_600_000_000


def bars_at(hours: list[int], *, calendar: str = "24/7", timeframe: str = "1h") -> Bars:
    count = len(hours)
    price = np.arange(count) + 10.0
    columns = {
        "open": price,
        "high": price + 2.0,
        "low": price - 2.0,
        "close": price + 1.0,
        "volume": price * 100.0,
        "feature": -price,
    }
    ts = np.array(hours, dtype=np.int64) * HOUR_US
    return Bars("X", timeframe, calendar, ts, columns)


def after(bars: Bars, strategy: Strategy | None = None, **execution: Any) -> BarAfter:
    graph = strategy or Strategy("x", long_entry=close > 1)
    known = inputs(
        bars,
        graph,
        {},
        risk=AllIn(),
        execution=Execution(**execution),
        cash=1.0,
        window=Period().window(bars),
    )
    return BarAfter.of(bars, graph, known)


def test_the_bar_after_the_last_has_its_close_and_its_other_columns() -> None:
    found = after(bars_at([0, 1, 2])).appended()
    assert {name: values[-1] for name, values in found.columns.items()} == {
        "open": 13.0,
        "high": 13.0,
        "low": 13.0,
        "close": 13.0,
        "volume": 1_200.0,
        "feature": -12.0,
    }
    assert (found.ts // HOUR_US).tolist() == [0, 1, 2, 3]
    assert (found.session, found.square_off) == (None, None)
    assert all(len(values) == 4 for values in found.columns.values())


def test_what_the_graph_reads_off_the_clock_reaches_one_bar_further() -> None:
    strategy = Strategy("x", long_entry=minute_of_day > 60)
    found = after(bars_at([21, 22, 23]), strategy).appended()
    assert found.clock["minute_of_day"].tolist() == [1_260.0, 1_320.0, 1_380.0, 0.0]


def test_a_bar_in_the_middle_is_made_up_without_touching_the_others() -> None:
    made = after(bars_at([0, 1, 5, 6]), intraday=True)
    appended = made.appended()
    found = made.made_up(appended, 1)
    assert found.columns["open"].tolist() == [10.0, 11.0, 12.0, 13.0, 14.0]
    assert found.columns["high"][2] == found.columns["low"][2] == found.columns["close"][2] == 12.0
    assert (found.columns["volume"][2], found.columns["feature"][2]) == (1_100.0, -11.0)
    assert found.ts[2] == 2 * HOUR_US
    assert appended.columns["high"][2] == 14.0
    assert appended.ts[2] == 5 * HOUR_US


@pytest.mark.parametrize(
    ("calendar", "hours", "cutoff", "session", "square_off"),
    [
        # around the clock: 23:00 is the session's last bar, midnight the next one's first
        ("24/7", [21, 22, 23, 24], None, [0, 0, 1, 1], [False, True, False, False]),
        ("24/7", [21, 22, 23, 24], "22:00", [0, 0, 1, 1], [True, True, False, False]),
        # New York in summer time, 5 July 1973 (a Thursday): open 13:30, close 20:00 UTC
        (
            "XNYS",
            [24 * 1_281 + hour for hour in (17, 18, 19)],
            None,
            [0, 0, 1],
            [False, True, False],
        ),
    ],
)
def test_the_schedule_says_what_comes_next(
    calendar: str, hours: list[int], cutoff: str | None, session: list[int], square_off: list[bool]
) -> None:
    made = after(bars_at(hours, calendar=calendar), intraday=True, session_cutoff=cutoff)
    assert made.session is not None
    assert made.square_off is not None
    assert made.session.tolist() == session
    assert made.square_off.tolist() == square_off
    appended = made.appended()
    assert appended.session is not None
    assert appended.session[-1] == session[-1]


def test_rows_are_irregular_where_a_bar_is_missing_that_a_rule_would_see() -> None:
    whole = list(range(20, 30))
    assert not after(bars_at(whole), intraday=True).irregular.any()
    without_the_last_of_the_day = [hour for hour in whole if hour != 23]
    made = after(bars_at(without_the_last_of_the_day), intraday=True)
    assert made.irregular.nonzero()[0].tolist() == [2]  # after 22:00 comes midnight
    within = [hour for hour in whole if hour != 21]
    assert not after(bars_at(within), intraday=True).irregular.any()
    assert not after(bars_at(without_the_last_of_the_day)).irregular.any()  # nobody asks
