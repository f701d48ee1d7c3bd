from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.data import parts
from hyprl_lab.data.longer import LongerBars, _groups, longer_bars
from hyprl_lab.data.schedule import closes, next_sessions
from hyprl_lab.data.sessions import session_labels, wall_clock
from hyprl_lab.data.timeframe import DAY_US, Timeframe
from hyprl_lab.errors import BarsError, CancelledError

NEW_YORK = ZoneInfo("America/New_York")
MINUTE = 60_000_000
FIRST = datetime(2020, 11, 20, tzinfo=UTC)
# As the exchange published them for November 2020 to April 2021.
HOLIDAYS = {
    date(2020, 11, 26), date(2020, 12, 25), date(2021, 1, 1), date(2021, 1, 18),
    date(2021, 2, 15), date(2021, 4, 2),
}  # fmt: skip
SHORT = {date(2020, 11, 27), date(2020, 12, 24)}


def group(ts: np.ndarray, timeframe: str, calendar: str, longer: str) -> LongerBars:
    return longer_bars(ts, Timeframe.parse(timeframe), calendar, Timeframe.parse(longer))


def stamps(*times: str, tz: str = "UTC") -> np.ndarray:
    return pd.DatetimeIndex(times).tz_localize(tz).tz_convert("UTC").as_unit("us").asi8


def every(start: str, periods: int, freq: str, tz: str = "UTC") -> np.ndarray:
    index = pd.date_range(start, periods=periods, freq=freq, tz=tz, unit="us")
    return index.tz_convert("UTC").asi8


def marks(closed: np.ndarray) -> str:
    return "".join("x" if bar else "." for bar in closed)


# Minutes and hours


def test_hours_are_clock_hours_from_local_midnight():
    ts = stamps(
        "2021-03-16 09:30", "2021-03-16 10:00", "2021-03-16 10:30", "2021-03-16 11:30",
        "2021-03-16 12:00", "2021-03-17 12:00", "2021-03-17 12:30", tz="America/New_York",
    )  # fmt: skip
    hours = group(ts, "30m", "XNYS", "1h")
    assert hours.bucket.tolist() == [0, 1, 1, 2, 3, 4, 4]
    assert marks(hours.closed) == "x.xx..x"


def test_the_last_bucket_of_a_day_ends_at_midnight():
    hours = group(every("2021-03-16", 26, "h"), "1h", "24/7", "5h")
    assert hours.bucket.tolist() == [0] * 5 + [1] * 5 + [2] * 5 + [3] * 5 + [4] * 4 + [5] * 2
    assert np.flatnonzero(hours.closed).tolist() == [4, 9, 14, 19, 23]


def test_in_spring_the_bucket_of_the_missing_hour_is_shorter():
    """14 March 2021: 01:59 is followed by 03:00 in New York."""
    ts = every("2021-03-14 00:00", 6, "h", "America/New_York")  # 0 1 3 4 5 6 o'clock
    three = group(ts, "1h", "XNYS", "3h")
    assert three.bucket.tolist() == [0, 0, 1, 1, 1, 2]
    assert marks(three.closed) == ".x..x."


def test_in_autumn_the_repeated_hour_makes_a_bucket_of_its_own():
    """7 November 2021: 01:59 is followed by 01:00 in New York."""
    ts = every("2021-11-07 00:00", 5, "h", "America/New_York")  # 0 1 1 2 3 o'clock
    two = group(ts, "1h", "XNYS", "2h")
    assert two.bucket.tolist() == [0, 0, 1, 2, 2]
    assert marks(two.closed) == ".xx.x"
    halves = group(every("2021-11-07 00:00", 12, "15min", "America/New_York"), "15m", "XNYS", "30m")
    assert halves.bucket.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert marks(halves.closed) == ".x" * 6


def test_a_missing_bar_leaves_the_bucket_to_the_next_one():
    minutes = stamps("2021-03-16 00:00", "2021-03-16 00:05", "2021-03-16 00:15", "2021-03-16 00:25")
    ten = group(minutes, "5m", "24/7", "10m")
    assert ten.bucket.tolist() == [0, 0, 1, 2]
    assert marks(ten.closed) == ".xxx"
    assert marks(group(minutes[[0, 2, 3]], "5m", "24/7", "10m").closed) == ".xx"


def test_a_bar_inside_a_bucket_that_was_complete_begins_another():
    """Half an hour after an hourly bar stands another: the first was taken at its word."""
    hours = group(
        stamps("2021-03-16 09:15", "2021-03-16 09:45", "2021-03-16 10:45"), "1h", "24/7", "2h"
    )
    assert hours.bucket.tolist() == [0, 1, 2]
    assert marks(hours.closed) == "xx."


# Sessions


def test_a_day_ends_with_its_session_and_late_bars_are_the_next_days():
    ts = stamps(
        "2020-11-25 15:00", "2020-11-25 15:30", "2020-11-25 16:00",  # Wednesday
        "2020-11-27 04:00", "2020-11-27 12:30", "2020-11-27 13:00",  # a short Friday
        "2020-11-30 09:30", "2020-11-30 15:00", "2020-12-01 09:30", tz="America/New_York",
    )  # fmt: skip
    day = group(ts, "30m", "XNYS", "1d")
    assert day.bucket.tolist() == [0, 0, 1, 1, 1, 2, 2, 2, 3]
    assert marks(day.closed) == ".x..x...."
    week = group(ts, "30m", "XNYS", "1w")
    assert week.bucket.tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 1]
    assert marks(week.closed) == "....x...."


def test_bars_of_hours_complete_the_day_however_they_are_labelled():
    labelled = [f"2020-11-25 {hour:02}:00" for hour in range(9, 16)]
    day = group(stamps(*labelled, tz="America/New_York"), "1h", "XNYS", "1d")
    assert marks(day.closed) == "......x"
    from_the_open = [f"2020-11-25 {hour:02}:30" for hour in range(9, 16)]
    day = group(stamps(*from_the_open, tz="America/New_York"), "1h", "XNYS", "1d")
    assert marks(day.closed) == "......x"
    sessions = stamps("2021-03-16 09:30", "2021-03-17 09:30", tz="America/New_York")
    assert marks(group(sessions, "390m", "XNYS", "1d").closed) == "xx"


def test_bars_on_a_day_off_are_a_day_or_stay_with_late_bars():
    """Thanksgiving is no session in New York; it is in Toronto."""
    thanksgiving = ["2020-11-26 09:30", "2020-11-26 15:30", "2020-11-27 09:30"]
    ts = stamps("2020-11-25 15:30", *thanksgiving, tz="America/New_York")
    day = group(ts, "30m", "XNYS", "1d")
    assert day.bucket.tolist() == [0, 1, 1, 2]
    assert marks(day.closed) == "x.x."
    late = stamps("2020-11-25 15:30", "2020-11-25 17:00", *thanksgiving, tz="America/New_York")
    day = group(late, "30m", "XNYS", "1d")
    assert day.bucket.tolist() == [0, 1, 1, 1, 1]
    assert marks(day.closed) == "x...."


def test_sunday_evening_is_monday_on_weekday_markets():
    ts = every("2021-03-12 22:00", 52, "h")  # Friday 22:00 to Monday 01:00
    day = group(ts, "1h", "24/5", "1d")
    assert day.bucket.tolist() == [0] * 2 + [1] * 50
    assert np.flatnonzero(day.closed).tolist() == [1]
    assert group(ts, "1h", "24/7", "1d").bucket.tolist() == [0] * 2 + [1] * 24 + [2] * 24 + [3] * 2
    # four hours count from midnight of the day itself, Sunday
    assert group(ts[-10:], "1h", "24/5", "4h").bucket.tolist() == [0] * 4 + [1] * 4 + [2] * 2


def test_weeks_and_months_end_with_the_last_session_of_the_schedule():
    ts = every("2021-03-29", 5, "B")  # Monday to Friday; Friday the 2nd is Good Friday
    assert marks(group(ts[:4], "1d", "XNYS", "1w").closed) == "...x"
    assert marks(group(ts, "1d", "24/5", "1w").closed) == "....x"
    assert marks(group(ts, "1d", "24/7", "1w").closed) == "....."
    month = group(ts, "1d", "XNYS", "1mo")
    assert month.bucket.tolist() == [0, 0, 0, 1, 1]
    assert marks(month.closed) == "..x.."
    # 31 January 2021 is a Sunday: Friday the 29th ends the month of sessions
    january = stamps("2021-01-28", "2021-01-29", "2021-02-01")
    assert marks(group(january, "1d", "XNYS", "1mo").closed) == ".x."
    assert marks(group(january, "1d", "24/5", "1mo").closed) == ".x."
    assert marks(group(january, "1d", "24/7", "1mo").closed) == "..."


def test_bare_dates_and_opens_are_the_same_days():
    dates = pd.bdate_range("2021-01-01", "2021-12-31")
    opens = (dates + pd.Timedelta("9h30min")).tz_localize(NEW_YORK).tz_convert("UTC")
    for longer in ("1w", "1mo", "5d", "3mo"):
        bare = group(dates.tz_localize("UTC").as_unit("us").asi8, "1d", "XNYS", longer)
        stamped = group(opens.as_unit("us").asi8, "1d", "XNYS", longer)
        assert np.array_equal(bare.bucket, stamped.bucket)
        assert np.array_equal(bare.closed, stamped.closed)


def test_the_sunday_bar_of_weekday_markets_does_not_end_its_monday():
    """Of the pairs counted from 29 December 1969, Friday 5 and Monday 8 March 2021 are one."""
    numbers = np.busday_count("1969-12-29", ["2021-03-05", "2021-03-08", "2021-03-09"]) // 2
    assert np.diff(numbers).tolist() == [0, 1]
    ts = stamps("2021-03-05", "2021-03-07", "2021-03-08", "2021-03-09", "2021-03-10")
    pairs = group(ts, "1d", "24/5", "2d")
    assert pairs.bucket.tolist() == [0, 0, 0, 1, 1]
    assert marks(pairs.closed) == "..x.x"


def test_five_days_are_a_working_week():
    for calendar in ("XNYS", "24/5"):
        ts = every("2020-11-23", 120, "B")
        five, week = (group(ts, "1d", calendar, longer) for longer in ("5d", "1w"))
        assert np.array_equal(five.bucket, week.bucket)
        assert np.array_equal(five.closed, week.closed)
    ts = every("2020-11-23", 120, "D")
    seven, week = (group(ts, "1d", "24/7", longer) for longer in ("7d", "1w"))
    assert np.array_equal(seven.bucket, week.bucket)
    assert np.array_equal(seven.closed, week.closed)


def test_weeks_make_weeks_and_months_make_months():
    weeks = group(every("2021-01-04", 9, "7D"), "1w", "XNYS", "4w")
    assert np.diff(np.flatnonzero(weeks.closed)).tolist() == [4]
    months = every("2021-01-01", 13, "MS")
    quarters = group(months, "1mo", "XNYS", "3mo")
    assert quarters.bucket.tolist() == [0] * 3 + [1] * 3 + [2] * 3 + [3] * 3 + [4]
    assert marks(quarters.closed) == "..x" * 4 + "."
    years = group(months[::3], "3mo", "24/7", "12mo")
    assert marks(years.closed) == "...x."


# Every bar, against a reading in plain Python


def session_of(local: datetime, calendar: str) -> date:
    day = local.date()
    while calendar == "24/5" and day.weekday() >= 5:
        day += timedelta(days=1)
    return day


def is_session(day: date, calendar: str) -> bool:
    if calendar == "24/7":
        return True
    return day.weekday() < 5 and not (calendar == "XNYS" and day in HOLIDAYS)


def after(day: date, calendar: str) -> date:
    day += timedelta(days=1)
    while not is_session(day, calendar):
        day += timedelta(days=1)
    return day


def close_of(day: date, calendar: str) -> datetime:
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the wall clock's
    if calendar == "XNYS":
        return midnight + timedelta(hours=13 if day in SHORT else 16)
    return midnight + timedelta(days=1)


def name_of(day: date, longer: str) -> tuple[int, ...]:
    if longer == "1d":
        return (day.toordinal(),)
    if longer == "1w":
        return tuple(day.isocalendar())[:2]
    return (day.year, day.month)


def plain(ts: np.ndarray, minutes: int, calendar: str, longer: str) -> LongerBars:
    """Follow the definition bar by bar; no clock change lies within a session."""
    names: list[tuple[int, ...]] = []
    closed: list[bool] = []
    zone = NEW_YORK if calendar == "XNYS" else UTC
    for moment in ts.tolist():
        begin = datetime.fromtimestamp(moment // 1_000_000, UTC).astimezone(zone)
        local = begin.replace(tzinfo=None)
        end = local + timedelta(minutes=minutes)
        if longer[-1] in "mh" and longer != "1mo":
            length = int(longer[:-1]) * (60 if longer[-1] == "h" else 1)
            midnight = local.replace(hour=0, minute=0)
            place = (local - midnight) // timedelta(minutes=length)
            names.append((local.toordinal(), place))
            finish = midnight + timedelta(minutes=length * (place + 1))
            closed.append(end >= min(finish, midnight + timedelta(days=1)))
            continue
        day = session_of(local, calendar)
        if local >= close_of(day, calendar):
            day = after(day, calendar)
        name = max([name_of(day, longer), *names[-1:]])
        names.append(name)
        last = name_of(after(day, calendar), longer) > name
        closed.append(last and end >= close_of(day, calendar))
    bucket = [0]
    for t in range(1, len(names)):
        bucket.append(bucket[-1] + (names[t] != names[t - 1] or closed[t - 1]))
    return LongerBars(np.array(bucket), np.array(closed))


PAIRS = [
    ("5m", "15m"), ("5m", "1h"), ("15m", "45m"), ("1h", "4h"), ("1h", "5h"), ("30m", "1d"),
    ("1h", "1d"), ("1h", "1w"), ("4h", "1w"), ("1h", "1mo"),
]  # fmt: skip


@st.composite
def some_bars(draw: st.DrawFn) -> tuple[np.ndarray, str, str, str]:
    """Stamps on the grid of a timeframe, with gaps, between two clock changes."""
    timeframe, longer = draw(st.sampled_from(PAIRS))
    minutes = Timeframe.parse(timeframe).shortest_us // MINUTE
    offset = draw(st.sampled_from([0, 30]))
    days = draw(st.integers(0, 90))
    steps = draw(
        st.lists(
            st.one_of(
                st.integers(1, 3),
                st.integers(1, max(1, 300 // minutes)),
                st.integers(1, max(1, 6_000 // minutes)),
            ),
            min_size=1,
            max_size=60,
        )
    )
    begin = int(FIRST.timestamp()) * 1_000_000 + days * 1_440 * MINUTE + offset * MINUTE
    ts = begin + np.cumsum(steps) * minutes * MINUTE
    ts = ts[ts < int(datetime(2021, 3, 12, tzinfo=UTC).timestamp()) * 1_000_000]
    if ts.size == 0:
        ts = np.array([begin])
    return ts, timeframe, draw(st.sampled_from(["XNYS", "24/5", "24/7"])), longer


@given(some_bars())
def test_every_bar_is_where_a_plain_reading_puts_it(case):
    ts, timeframe, calendar, longer = case
    found = group(ts, timeframe, calendar, longer)
    minutes = Timeframe.parse(timeframe).shortest_us // MINUTE
    expected = plain(ts, minutes, calendar, longer)
    assert found.bucket.tolist() == expected.bucket.tolist()
    assert found.closed.tolist() == expected.closed.tolist()


# One opens on the eve, one pauses, one has clocks that change at midnight.
EVERY_KIND = ["XNYS", "24/5", "24/7", "CMES", "XTKS", "XSGO"]
ANY_PAIR = [
    *PAIRS, ("7h", "14h"), ("90m", "1d"), ("1h", "3d"), ("1h", "2w"), ("1h", "3mo"), ("1d", "1w"),
    ("1d", "1mo"), ("1d", "2d"), ("1w", "2w"), ("1mo", "12mo"),
]  # fmt: skip


@given(
    pair=st.sampled_from(ANY_PAIR),
    calendar=st.sampled_from(EVERY_KIND),
    start=st.integers(-800_000, 1_700_000),  # hours since the epoch: 1878 to 2163
    steps=st.lists(st.floats(0.05, 40.0), min_size=1, max_size=80),
    scale=st.floats(0.5, 3.0),
    cut=st.floats(0.0, 1.0),
)
def test_later_bars_never_change_what_was_said(pair, calendar, start, steps, scale, cut):
    """Whatever the stamps: off the grid, closer than a bar, over clock changes and holidays."""
    timeframe, longer = pair
    if timeframe == "7h" or (timeframe == "90m" and calendar == "XNYS"):
        calendar = "24/7"
    bar = Timeframe.parse(timeframe).shortest_us
    gaps = np.maximum(1, (np.array(steps) * scale * bar).astype(np.int64))
    gaps = np.minimum(gaps, 20 * 365 * 1_440 * MINUTE // gaps.size)
    ts = start * 60 * MINUTE + np.concatenate([[0], np.cumsum(gaps)])
    whole = group(ts, timeframe, calendar, longer)
    assert whole.bucket.dtype == np.int64
    assert whole.closed.dtype == np.bool_
    assert whole.bucket[0] == 0
    steps_taken = np.diff(whole.bucket)
    assert set(steps_taken.tolist()) <= {0, 1}
    assert np.all(steps_taken[whole.closed[:-1]] == 1)
    rows = 1 + int(cut * (ts.size - 1))
    part = group(ts[:rows], timeframe, calendar, longer)
    assert np.array_equal(part.bucket, whole.bucket[:rows])
    assert np.array_equal(part.closed, whole.closed[:rows])


def at_once(ts: np.ndarray, timeframe: str, calendar: str, longer: str) -> LongerBars:
    """Follow the definition over whole arrays, a value a bar, whatever the stamps."""
    short, long = Timeframe.parse(timeframe), Timeframe.parse(longer)
    bar, length = short.shortest_us, long.shortest_us
    local = wall_clock(ts, short, calendar)
    days = session_labels(local, calendar)
    if long.is_intraday:
        into = local % DAY_US
        place = into // length
        key = local // DAY_US * 1_440 + place
        end = np.minimum((place + 1) * length, DAY_US)
        if calendar == "CMES":  # its sessions begin at 17:00 on the eve, and buckets end there
            evening = into >= 17 * 60 * MINUTE
            key = 2 * key + evening
            end = np.where(evening, end, np.minimum(end, 17 * 60 * MINUTE))
        covered = wall_clock(ts + bar, short, calendar) - local
        closed = end - into <= np.maximum(covered, bar)
    else:
        if short.is_intraday:
            late = local >= closes(days, calendar)
            days = np.where(late, next_sessions(days, calendar), days)
        key = np.maximum.accumulate(_groups(days, long, calendar))
        if short.is_intraday or short.unit == "d":
            following = _groups(next_sessions(days, calendar), long, calendar)
            ends = closes(days, calendar) - bar if short.is_intraday else (days - 1) * DAY_US + 1
            closed = (following > key) & (local >= ends)
        elif short.unit == "w":
            closed = _groups(days + 7 * short.count, long, calendar) > key
        else:
            months = days.astype("datetime64[D]").astype("datetime64[M]") + short.count
            closed = months.astype(np.int64) // long.count > key
    begins = (key[1:] != key[:-1]) | closed[:-1]
    return LongerBars(np.concatenate([[0], np.cumsum(begins)]), closed)


@given(
    pair=st.sampled_from(ANY_PAIR),
    calendar=st.sampled_from(EVERY_KIND),
    start=st.one_of(
        st.integers(-800_000, 1_700_000),  # hours since the epoch: 1878 to 2163
        st.sampled_from([-755_230, 448_830, 454_540, 448_000]),  # 1883, spring and autumn of 2021
    ),
    steps=st.lists(
        st.one_of(st.just(1.0), st.floats(0.05, 3.0), st.floats(0.05, 200.0)),
        min_size=1,
        max_size=120,
    ),
    rows=st.integers(1, 40),
)
def test_parts_make_what_the_whole_is(pair, calendar, start, steps, rows):
    timeframe, longer = pair
    if timeframe == "7h" or (timeframe == "90m" and calendar == "XNYS"):
        calendar = "24/7"
    bar = Timeframe.parse(timeframe).shortest_us
    gaps = np.maximum(1, (np.array(steps) * bar).astype(np.int64))
    gaps = np.minimum(gaps, 20 * 365 * 1_440 * MINUTE // gaps.size)
    ts = start * 60 * MINUTE + np.concatenate([[0], np.cumsum(gaps)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "PART_ROWS", rows)
        found = group(ts, timeframe, calendar, longer)
    expected = at_once(ts, timeframe, calendar, longer)
    assert found.bucket.tolist() == expected.bucket.tolist()
    assert found.closed.tolist() == expected.closed.tolist()


def test_years_of_minutes_are_what_the_whole_is():
    """More bars than a part has, over clock changes and holidays, with the nights left out."""
    ts = every("2020-10-25", 300_000, "min")
    ts = ts[np.random.default_rng(3).random(ts.size) < 0.7]
    assert ts.size > 3 * parts.PART_ROWS
    for calendar in EVERY_KIND:
        for longer in ("2m", "1h", "5h", "1d", "3d", "1w", "1mo"):
            found, expected = (read(ts, "1m", calendar, longer) for read in (group, at_once))
            assert np.array_equal(found.bucket, expected.bucket)
            assert np.array_equal(found.closed, expected.closed)


def test_no_bars_make_no_longer_ones():
    found = group(np.array([], dtype=np.int64), "1m", "XNYS", "1h")
    assert (found.bucket.size, found.closed.size) == (0, 0)


@pytest.mark.parametrize("longer", ["1h", "1d"])
def test_the_check_is_asked_before_each_part_and_ends_the_work(longer):
    asked = []

    def check() -> None:
        asked.append(1)
        if len(asked) == 3:
            raise CancelledError("enough")

    ts = every("2021-01-01", 5 * parts.PART_ROWS, "min")
    with pytest.raises(CancelledError, match="enough"):
        longer_bars(ts, Timeframe(1, "m"), "XNYS", Timeframe.parse(longer), check=check)
    assert len(asked) == 3


# What is refused


@pytest.mark.parametrize(
    ("timeframe", "calendar", "longer"),
    [
        ("1h", "24/7", "1h"),
        ("1h", "24/7", "30m"),
        ("1h", "24/7", "90m"),
        ("7h", "24/7", "1d"),
        ("65m", "24/5", "1d"),  # fills New York's session, not a day
        ("1d", "XNYS", "1d"),
        ("1d", "XNYS", "12h"),
        ("1w", "XNYS", "1mo"),
        ("1w", "XNYS", "1w"),
        ("1w", "XNYS", "10d"),
        ("2w", "XNYS", "3w"),
        ("1mo", "XNYS", "8w"),
        ("2mo", "XNYS", "3mo"),
    ],
)
def test_longer_bars_are_made_of_whole_ones(timeframe, calendar, longer):
    expected = rf"found {Timeframe.parse(longer)} over|found '{Timeframe.parse(longer)}' over bars"
    with pytest.raises(BarsError, match=expected):
        group(np.array([0]), timeframe, calendar, longer)


def test_bars_of_several_days_have_no_place_in_a_calendar():
    with pytest.raises(BarsError, match="found '4d' over bars of 2d, which have no fixed place"):
        group(np.array([0]), "2d", "XNYS", "4d")


def test_bars_that_fill_a_session_make_a_day():
    ts = stamps(*[f"2021-03-16 {time}" for time in ("09:30", "10:35", "11:40", "12:45", "13:50",
                "14:55")], tz="America/New_York")  # fmt: skip
    assert marks(group(ts, "65m", "XNYS", "1d").closed) == ".....x"


def test_an_unknown_calendar_is_refused():
    with pytest.raises(BarsError, match="calendar: found 'XPARIS'"):
        group(np.array([0]), "1h", "XPARIS", "1d")


# Real bars


def real(shared, name: str) -> tuple[np.ndarray, pd.DatetimeIndex]:
    index = pd.DatetimeIndex(pd.read_parquet(shared / f"{name}.parquet")["ts"]).as_unit("us")
    return index.asi8, index


def test_hourly_spy_makes_its_own_days(shared):
    ts, index = real(shared, "spy_1h")
    day = group(ts, "1h", "XNYS", "1d")
    dates = pd.Series(index.tz_convert(NEW_YORK).date)
    assert np.count_nonzero(day.closed) == dates.nunique() == 5_849
    assert len(set(dates[day.closed])) == 5_849
    moved = dates.groupby(day.bucket).nunique()  # bars after a short day's close
    assert int((moved == 2).sum()) == 23
    assert int((moved > 2).sum()) == 0


def test_daily_spy_makes_the_weeks_and_months_of_pandas(shared):
    ts, index = real(shared, "spy_1d")
    dates = index.tz_convert(NEW_YORK).tz_localize(None)
    for longer, freq in (("1w", "W"), ("1mo", "M"), ("3mo", "Q")):
        found = group(ts, "1d", "XNYS", longer)
        periods = dates.to_period(freq)
        expected = np.cumsum(np.append(0, periods[1:] != periods[:-1]))
        assert np.array_equal(found.bucket, expected)
        # no week and no month of it lacks its last session
        assert np.array_equal(found.closed[:-1], expected[1:] != expected[:-1])


def test_hourly_eurusd_makes_the_days_of_its_sessions(shared):
    ts, index = real(shared, "eurusd_1h_bid")
    day = group(ts, "1h", "24/5", "1d")
    weekday = index.day_of_week.to_numpy()
    labels = index.normalize() + pd.to_timedelta((7 - weekday) * (weekday >= 5), "D")
    assert np.array_equal(day.bucket, np.cumsum(np.append(0, labels[1:] != labels[:-1])))
    # Fridays end at 21:00 or 22:00 UTC: Sunday's first bar completes them
    assert np.array_equal(day.closed, (index.hour == 23) & (weekday < 5))


def test_minutes_of_nifty_make_five_minutes(shared):
    ts, index = real(shared, "nifty50_1m_4days")
    five = group(ts, "1m", "24/5", "5m")
    floors = index.floor("5min")
    assert np.array_equal(five.bucket, np.cumsum(np.append(0, floors[1:] != floors[:-1])))
    assert np.array_equal(five.closed, index.minute % 5 == 4)


def test_no_bucket_holds_bars_of_two_sessions():
    """Chicago's futures, 17 January 2024: one session ends and the next begins at 17:00."""
    chicago = pd.date_range("2024-01-17 12:00", periods=12, freq="h", tz="America/Chicago")
    ts = chicago.as_unit("us").asi8
    found = group(ts, "1h", "CMES", "4h")
    assert found.bucket.tolist() == [0] * 4 + [1] + [2] * 3 + [3] * 4
    assert [row for row, closed in enumerate(found.closed) if closed] == [3, 4, 7, 11]
