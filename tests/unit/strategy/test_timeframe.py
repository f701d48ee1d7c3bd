import pytest

from hyprl_lab.errors import StrategyError
from hyprl_lab.strategy.timeframe import bars_inside, timeframe_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("5m", "5m"),
        ("60m", "1h"),
        ("90m", "90m"),
        ("4h", "4h"),
        ("24h", "1d"),
        ("1440m", "1d"),
        ("48h", "2d"),
        ("7d", "7d"),  # seven trading days are no week
        ("1w", "1w"),
        ("12mo", "12mo"),
    ],
)
def test_a_timeframe_has_one_name(text, name):
    assert timeframe_name(text) == name


def test_the_names_are_those_of_the_bars():
    from hyprl_lab.data.timeframe import Timeframe

    for text in ("1m", "15m", "60m", "90m", "120m", "24h", "72h", "5d", "2w", "3mo", "1440m"):
        assert timeframe_name(text) == str(Timeframe.parse(text))


@pytest.mark.parametrize(
    "found", ["", "h", "0h", "01h", "1H", "1 h", "-1h", "1y", "123456m", "1h\n", None, 60, ["1h"]]
)
def test_what_is_no_timeframe_is_refused(found):
    with pytest.raises(StrategyError, match="on: timeframe is"):
        timeframe_name(found)


@pytest.mark.parametrize("text", ["25h", "1441m", "36h"])
def test_more_than_a_day_is_whole_days(text):
    with pytest.raises(StrategyError, match="not whole days"):
        timeframe_name(text)


@pytest.mark.parametrize(
    ("longer", "shorter", "bars"),
    [
        ("1h", "5m", 12),
        ("90m", "30m", 3),
        ("1d", "1h", 24),
        ("1d", "1m", 1440),
        ("1w", "1d", 7),
        ("1w", "1h", 168),
        ("2w", "1w", 2),
        ("1mo", "1d", 31),
        ("1mo", "1h", 744),
        ("3mo", "1mo", 3),
        ("1h", "1h", None),
        ("1h", "2h", None),
        ("1h", "7m", None),
        ("1w", "2d", None),
        ("1mo", "1w", None),
        ("1mo", "2d", None),
        ("1d", "13m", 111),  # a session of 390 minutes holds 30, a day 110.8
        ("1d", "1mo", None),
        ("4mo", "3mo", None),
    ],
)
def test_a_longer_bar_holds_so_many_at_most(longer, shorter, bars):
    if bars is None:
        with pytest.raises(StrategyError, match="not longer than the bars'"):
            bars_inside(longer, shorter)
    else:
        assert bars_inside(longer, shorter) == bars
