import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy import (
    LogisticModel,
    bar_of_session,
    close,
    high,
    minute_of_day,
    on,
    probability,
    ta,
    weekday,
)


def test_it_keeps_the_kind_of_what_is_under_it():
    number, condition = on("1h", ta.sma(close, 20)), on("1d", close > high.shift(1))
    assert (number.op, number.kind, number.timeframe) == ("on", "number", "1h")
    assert (condition.kind, condition.timeframe) == ("boolean", "1d")
    assert on("1h", 5).args[0].value == 5.0


def test_a_timeframe_has_one_spelling():
    assert on("60m", close).timeframe == on("1h", close).timeframe == "1h"
    assert repr(on("60m", close)) == "on('1h', close)"


@pytest.mark.parametrize(
    ("inner", "named"),
    [
        (on("1d", close), r"on\('1d', …\)"),
        (close - on("4h", close).shift(1), r"on\('4h', …\)"),
        (minute_of_day, "minute_of_day"),
        ((weekday == 1) & (close > 2), "weekday"),
        (bar_of_session.shift(2), "bar_of_session"),
        (probability(LogisticModel((close,), (1,), 0, trained_until=0)), "probability"),
    ],
)
def test_what_needs_the_bars_at_hand_cannot_stand_under_it(inner, named):
    with pytest.raises(StrategyError, match=rf"on\('1h', …\): found {named} under it"):
        on("1h", inner)
    assert (on("1h", close) + 1 > (inner if inner.kind == "number" else 0)).kind == "boolean"


@pytest.mark.parametrize("timeframe", ["", "hour", "25h", None, 60, close])
def test_what_is_no_timeframe_is_refused(timeframe):
    with pytest.raises(StrategyError, match="on: timeframe is"):
        on(timeframe, close)


def test_the_timeframe_comes_first():
    with pytest.raises(StrategyError, match="found '1h'"):
        on(close, "1h")
