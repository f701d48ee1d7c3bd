from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.data.timeframe import Timeframe, check_spacing, infer_timeframe, stamp
from hyprl_lab.errors import BarsError

HOUR = 3_600_000_000


def stamps(start: str, periods: int, freq: str) -> np.ndarray:
    index = pd.date_range(start, periods=periods, freq=freq, unit="us")
    return index.to_numpy().astype(np.int64)


@pytest.mark.parametrize(
    ("text", "name"),
    [("1m", "1m"), ("90m", "90m"), ("120m", "2h"), ("24h", "1d"), ("2880m", "2d"), ("7d", "7d"),
     ("2w", "2w"), ("1mo", "1mo")],
)  # fmt: skip
def test_one_spelling(text, name):
    assert str(Timeframe.parse(text)) == name
    assert Timeframe.parse(name) == Timeframe.parse(text)


@pytest.mark.parametrize("text", ["", "1", "d", "0d", "01d", "1D", "1M", "1min", "1s", "-1d", "1y"])
def test_other_spellings_are_refused(text):
    with pytest.raises(BarsError, match=r"timeframe: found .*expected one of Nm"):
        Timeframe.parse(text)


def test_more_than_a_day_of_hours_must_be_whole_days():
    with pytest.raises(BarsError, match="found '36h', longer than a day but not whole days"):
        Timeframe.parse("36h")


@pytest.mark.parametrize(
    ("freq", "name"),
    [("min", "1m"), ("15min", "15m"), ("h", "1h"), ("4h", "4h"), ("D", "1d"), ("B", "1d"),
     ("3D", "3d"), ("W-FRI", "1w"), ("MS", "1mo"), ("BME", "1mo")],
)  # fmt: skip
def test_the_timeframe_is_read_off_the_gaps_and_agrees(freq, name):
    ts = stamps("2021-03-01", 60, freq)
    timeframe = infer_timeframe(ts)
    assert str(timeframe) == name
    check_spacing(ts, timeframe)


def test_too_little_to_tell_is_said():
    with pytest.raises(BarsError, match=r"found 3 bars, too few.*Pass timeframe="):
        infer_timeframe(stamps("2021-01-01", 3, "D"))
    with pytest.raises(BarsError, match="in 25% of rows"):
        infer_timeframe(np.array([0, 1, 3, 6, 10]) * HOUR)
    with pytest.raises(BarsError, match=r"most frequent gap is 0\.5 minutes, in 100%"):
        infer_timeframe(np.arange(9) * 30_000_000)


def test_bars_closer_than_the_timeframe_contradict_it():
    ts = stamps("2021-01-01", 20, "h")
    with pytest.raises(
        BarsError,
        match=r"row 1 \(2021-01-01T01:00:00Z\).*closer together than the timeframe '4h', with a "
        r"median gap of 1 hours.*19 rows are so",
    ):
        check_spacing(ts, Timeframe.parse("4h"))


def test_bars_that_are_never_neighbours_contradict_the_timeframe():
    with pytest.raises(BarsError, match="further apart than the timeframe '1h'"):
        check_spacing(stamps("2021-01-01", 20, "D"), Timeframe.parse("1h"))
    check_spacing(stamps("2021-01-01", 5, "D"), Timeframe.parse("1h"))  # too few to say so


def test_single_short_gaps_are_allowed():
    """Half-hour first bars of a US session, and days of 23 hours when clocks change."""
    check_spacing(np.array([0.0, 0.5, 1.5, 2.5, 3.5, 4.5]) * HOUR, Timeframe.parse("1h"))
    new_york = pd.date_range("2021-03-10 09:30", periods=9, freq="D", tz="America/New_York")
    ts = new_york.tz_convert("UTC").as_unit("us").asi8
    assert np.diff(ts).min() == 23 * HOUR
    check_spacing(ts, Timeframe.parse("1d"))


def test_stamps_read_as_iso_text():
    assert stamp(1_578_268_800_000_001) == "2020-01-06T00:00:00.000001Z"


@pytest.mark.parametrize("given", [5, None, ["1d"]])
def test_what_is_no_text_is_refused(given):
    with pytest.raises(BarsError, match="timeframe: found"):
        Timeframe.parse(given)


def test_gaps_of_months_name_the_months():
    quarters = np.array([0, 90, 181, 273, 365, 455, 546]) * 86_400_000_000
    with pytest.raises(BarsError, match=r"pass timeframe='3mo'$"):
        infer_timeframe(quarters)
    assert str(infer_timeframe(np.arange(5) * 100 * 86_400_000_000)) == "100d"
