from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hyprl_lab.strategy as build
from hyprl_lab.data import Bars, load_bars, read_bars
from hyprl_lab.data.lineage import Lineage
from hyprl_lab.data.longer import longer_bars
from hyprl_lab.data.resample import resample
from hyprl_lab.data.timeframe import MINUTE_US, Timeframe
from hyprl_lab.engine import run
from hyprl_lab.engine.config import Execution
from hyprl_lab.errors import BarsError

OHLCV = ("open", "high", "low", "close", "volume")


def stamps(*times: str, tz: str = "UTC") -> np.ndarray:
    return pd.DatetimeIndex(times).tz_localize(tz).tz_convert("UTC").as_unit("us").asi8


def every(start: str, end: str, freq: str, tz: str = "UTC") -> np.ndarray:
    index = pd.date_range(start, end, freq=freq, tz=tz, unit="us", inclusive="left")
    return index.tz_convert("UTC").asi8


def walk(ts: np.ndarray, timeframe: str, calendar: str, **features: np.ndarray) -> Bars:
    """Bars whose every number tells where it came from."""
    rng = np.random.default_rng(ts.size)
    close = 100.0 * np.exp(np.cumsum(rng.normal(0.0, 0.01, ts.size)))
    opens = np.concatenate([[100.0], close[:-1]])
    columns = {
        "open": opens,
        "high": np.maximum(opens, close) * 1.01,
        "low": np.minimum(opens, close) * 0.99,
        "close": close,
        "volume": rng.uniform(0.0, 1.0, ts.size),
        **features,
    }
    return Bars("WALK", timeframe, calendar, ts, columns)


def local(bars: Bars, tz: str) -> list[str]:
    index = pd.DatetimeIndex(bars.ts.astype("datetime64[us]")).tz_localize("UTC").tz_convert(tz)
    return [str(moment)[:16] for moment in index]


# What a longer bar is


def test_columns_by_hand():
    columns = {
        "open": np.array([10.0, 12.0, 11.0, 13.0, 14.0]),
        "high": np.array([12.0, 15.0, 12.0, 16.0, 14.5]),
        "low": np.array([9.0, 11.0, 10.5, 8.0, 13.5]),
        "close": np.array([12.0, 11.0, 11.5, 14.0, 14.0]),
        "volume": np.array([0.5, 1.5, 3.0, 0.25, 7.0]),
        "mood": np.array([1.0, np.nan, np.nan, 2.0, 5.0]),
    }
    two = resample(Bars("A", "1h", "24/7", np.arange(5) * 60 * MINUTE_US, columns), "2h")
    assert {name: values.tolist() for name, values in two.columns.items() if name != "mood"} == {
        "open": [10.0, 11.0],
        "high": [15.0, 16.0],
        "low": [9.0, 8.0],
        "close": [11.0, 14.0],
        "volume": [2.0, 3.25],
    }
    assert np.array_equal(two.columns["mood"], [np.nan, 2.0], equal_nan=True)
    assert (two.ts // (60 * MINUTE_US)).tolist() == [0, 2]
    assert (two.symbol, two.timeframe, two.calendar) == ("A", "2h", "24/7")
    assert two.lineage.to_json() == [
        {"operation": "resample", "timeframe": "2h", "anchor": "midnight"}
    ]
    assert list(two.columns) == [*OHLCV, "mood"]
    assert not two.close.flags.writeable


def test_only_closed_bars_are_given():
    """Hours up to Thursday 15:00: neither that day nor that week is over."""
    ts = every("2024-03-04", "2024-03-14 15:00", "h")
    bars = walk(ts, "1h", "24/5")
    assert local(bars.resample("1d"), "UTC")[-1] == "2024-03-13 00:00"
    assert local(bars.resample("1w"), "UTC") == ["2024-03-04 00:00"]
    assert local(bars.resample("4h"), "UTC")[-1] == "2024-03-14 08:00"
    with pytest.raises(BarsError, match="resample: found no bar of 1mo that is closed in 255 bars"):
        bars.resample("1mo")


def test_a_bucket_whose_last_bar_is_missing_is_closed_by_the_next_bar():
    bars = walk(np.array([0, 5, 15, 25]) * MINUTE_US, "5m", "24/7")
    ten = bars.resample("10m")
    assert (ten.ts // MINUTE_US).tolist() == [0, 10, 20]
    assert ten.close.tolist() == bars.close[[1, 2, 3]].tolist()
    assert (bars.take(0, 3).resample("10m").ts // MINUTE_US).tolist() == [0, 10]


def test_volume_is_added_up_in_order_of_time():
    rng = np.random.default_rng(7)
    ts = every("2024-01-01", "2024-01-11", "min")
    keep = rng.random(ts.size) < 0.8
    volume = rng.uniform(0.0, 1.0, np.count_nonzero(keep))
    prices = np.full(volume.size, 5.0)
    bars = Bars("A", "1m", "24/7", ts[keep], {**dict.fromkeys(OHLCV[:4], prices), "volume": volume})
    for longer in ("1h", "7h", "1d", "5d"):  # short ones side by side, long ones each
        made = longer_bars(bars.ts, Timeframe(1, "m"), "24/7", Timeframe.parse(longer))
        found = bars.resample(longer).volume
        for bucket, total in enumerate(found.tolist()):
            expected = 0.0
            for value in volume[made.bucket == bucket].tolist():
                expected += value
            assert total == expected


# Stamps, in weeks in which clocks change


def test_days_are_stamped_with_their_first_bar():
    ts = np.concatenate(
        [
            every("2024-03-08 09:30", "2024-03-08 16:00", "30min", "America/New_York"),
            every("2024-03-11 09:30", "2024-03-11 16:00", "30min", "America/New_York"),
        ]
    )
    day = walk(ts, "30m", "XNYS").resample("1d")
    assert local(day, "UTC") == ["2024-03-08 14:30", "2024-03-11 13:30"]
    assert day.headline.tolist() == [0, 1]


def test_chicagos_days_begin_on_the_evening_before():
    """Friday 8 March to Tuesday 12 March 2024; clocks go forward on Sunday morning."""
    ts = np.concatenate(
        [
            every("2024-03-07 17:00", "2024-03-08 17:00", "h", "America/Chicago"),
            every("2024-03-10 17:00", "2024-03-12 17:00", "h", "America/Chicago"),
        ]
    )
    bars = walk(ts, "1h", "CMES")
    day = bars.resample("1d")
    assert local(day, "UTC") == ["2024-03-07 23:00", "2024-03-10 22:00", "2024-03-11 22:00"]
    assert day.close.tolist() == bars.close[[23, 47, 71]].tolist()
    assert local(bars.resample("1w"), "UTC") == ["2024-03-07 23:00"]  # Friday ends its week
    autumn = every("2024-10-31 17:00", "2024-11-01 17:00", "h", "America/Chicago")
    monday = every("2024-11-03 17:00", "2024-11-04 17:00", "h", "America/Chicago")
    day = walk(np.concatenate([autumn, monday]), "1h", "CMES").resample("1d")
    assert local(day, "UTC") == ["2024-10-31 22:00", "2024-11-03 23:00"]


def test_europes_hours_follow_its_clock():
    """London, 28 March and 2 April 2024: 8:00 is 8:00, then 7:00 UTC."""
    ts = np.concatenate(
        [
            every("2024-03-28 08:00", "2024-03-28 16:30", "30min", "Europe/London"),
            every("2024-04-02 08:00", "2024-04-02 16:30", "30min", "Europe/London"),
        ]
    )
    bars = walk(ts, "30m", "XLON")
    four = bars.resample("4h")
    assert local(four, "Europe/London") == [
        "2024-03-28 08:00", "2024-03-28 12:00", "2024-03-28 16:00",
        "2024-04-02 08:00", "2024-04-02 12:00",
    ]  # fmt: skip
    assert local(four, "UTC")[-1] == "2024-04-02 11:00"
    assert local(bars.resample("1d"), "UTC") == ["2024-03-28 08:00", "2024-04-02 07:00"]


def test_indias_hours_are_on_its_half_hours():
    ts = every("2024-03-11 09:15", "2024-03-11 15:30", "15min", "Asia/Kolkata")
    bars = walk(ts, "15m", "XBOM")
    hour = bars.resample("1h")
    assert local(hour, "Asia/Kolkata") == [f"2024-03-11 {hour:02}:00" for hour in range(9, 15)]
    assert hour.open[0] == bars.open[0]
    assert hour.close[0] == bars.close[2]  # three quarters of the first hour
    session = bars.resample("1h", anchor="session")
    assert local(session, "Asia/Kolkata") == [f"2024-03-11 {hour:02}:15" for hour in range(9, 16)]
    assert session.close[0] == bars.close[3]
    assert session.lineage.steps[-1].detail["anchor"] == "session"


def test_tokyo_pauses():
    morning = every("2024-11-05 09:00", "2024-11-05 11:30", "30min", "Asia/Tokyo")
    afternoon = every("2024-11-05 12:30", "2024-11-05 15:30", "30min", "Asia/Tokyo")
    bars = walk(np.concatenate([morning, afternoon]), "30m", "XTKS")
    assert local(bars.resample("1h", anchor="session"), "Asia/Tokyo") == [
        f"2024-11-05 {time}" for time in ("09:00", "10:00", "11:00", "12:30", "13:30", "14:30")
    ]
    assert len(bars.resample("1d")) == 1


def test_a_short_day_is_a_day():
    ts = np.concatenate(
        [
            every("2020-11-25 09:30", "2020-11-25 16:00", "30min", "America/New_York"),
            every("2020-11-27 09:30", "2020-11-27 13:00", "30min", "America/New_York"),
        ]
    )
    bars = walk(ts, "30m", "XNYS")
    day = bars.resample("1d")
    assert local(day, "UTC") == ["2020-11-25 14:30", "2020-11-27 14:30"]
    assert day.close.tolist() == bars.close[[12, 19]].tolist()
    assert len(bars.take(0, 19).resample("1d")) == 1  # without its last half hour it isn't over
    hours = bars.resample("1h", anchor="session")
    assert local(hours, "America/New_York")[-1] == "2020-11-27 12:30"


def test_late_bars_count_to_the_next_day_and_do_not_date_it():
    ts = stamps("2020-11-25 15:30", "2020-11-25 16:00", "2020-11-27 09:30", "2020-11-27 12:30",
                tz="America/New_York")  # fmt: skip
    bars = walk(ts, "30m", "XNYS")
    day = bars.resample("1d")
    assert local(day, "America/New_York") == ["2020-11-25 15:30", "2020-11-27 09:30"]
    assert day.open[1] == bars.open[1]
    late = walk(np.append(ts[:2], stamps("2020-11-25 17:00", tz="America/New_York")), "30m", "XNYS")
    assert local(late.resample("1d"), "America/New_York") == ["2020-11-25 15:30"]


def test_the_hour_that_comes_twice_makes_two_bars():
    """7 November 2021 in New York: 1:00 to 2:00 comes twice."""
    ts = every("2021-11-07 00:00", "2021-11-07 04:00", "30min", "America/New_York")
    assert ts.size == 10
    two = walk(ts, "30m", "XNYS").resample("2h")
    assert local(two, "UTC") == ["2021-11-07 04:00", "2021-11-07 06:00", "2021-11-07 07:00"]
    spring = every("2021-03-14 00:00", "2021-03-14 08:00", "30min", "America/New_York")
    two = walk(spring, "30m", "XNYS").resample("2h")
    assert local(two, "UTC") == [
        "2021-03-14 05:00", "2021-03-14 07:00", "2021-03-14 08:00", "2021-03-14 10:00",
    ]  # fmt: skip


def test_a_second_bucket_in_one_place_has_a_stamp_of_its_own():
    ts = stamps("2021-03-16 09:15", "2021-03-16 09:45", "2021-03-16 10:45")
    bars = walk(np.concatenate([every("2021-03-15", "2021-03-16", "h"), ts]), "1h", "24/7")
    assert local(bars.resample("2h"), "UTC")[-2:] == [
        "2021-03-16 08:00", "2021-03-16 09:45",
    ]  # fmt: skip


@given(
    pair=st.sampled_from([("5m", "1h"), ("15m", "45m"), ("30m", "1d"), ("1h", "5h"), ("1h", "1w")]),
    calendar=st.sampled_from(["XNYS", "XTKS", "CMES", "XSGO", "24/5", "24/7"]),
    anchor=st.sampled_from(["midnight", "session"]),
    start=st.integers(260_000, 540_000),  # hours since the epoch: 1999 to 2031
    steps=st.lists(
        st.one_of(st.just(1), st.integers(1, 4), st.integers(1, 200)), min_size=1, max_size=150
    ),
)
def test_stamps_ascend_and_stand_between_the_bars(pair, calendar, anchor, start, steps):
    timeframe, longer = pair
    if timeframe == "1h" and anchor == "session":
        calendar = "CMES"  # opens on the hour
    length = Timeframe.parse(timeframe).shortest_us
    ts = start * 60 * MINUTE_US + np.concatenate([[0], np.cumsum(steps)]) * length
    prices = np.full(ts.size, 2.0)
    bars = Bars._restored(
        "A", timeframe, calendar, ts, dict.fromkeys(OHLCV[:4], prices), False, Lineage()
    )
    made = longer_bars(
        ts, Timeframe.parse(timeframe), calendar, Timeframe.parse(longer), anchor=anchor
    )
    made_of = int(made.bucket[-1]) + int(made.closed[-1])
    if made_of == 0:
        with pytest.raises(BarsError, match=r"no bar of .* that is closed"):
            bars.resample(longer, anchor=anchor)
        return
    found = bars.resample(longer, anchor=anchor)
    assert len(found) == made_of
    assert np.all(np.diff(found.ts) > 0)
    first = np.searchsorted(made.bucket, np.arange(len(found)))
    last = np.searchsorted(made.bucket, np.arange(len(found)), side="right") - 1
    assert np.all(found.ts <= ts[last])
    assert np.all(found.ts[1:] > ts[first[1:] - 1])


# What is refused


def test_what_is_no_longer_timeframe_is_refused():
    bars = walk(every("2024-03-04", "2024-03-08", "h"), "1h", "24/5")
    for timeframe in ("1h", "30m", "90m"):
        with pytest.raises(BarsError, match="expected one that is longer than the bars"):
            bars.resample(timeframe)
    with pytest.raises(BarsError, match="timeframe: found 'day'"):
        bars.resample("day")
    with pytest.raises(BarsError, match="anchor: found 'noon'; expected 'midnight' or 'session'"):
        bars.resample("2h", anchor="noon")  # type: ignore[arg-type]


def test_bars_that_stand_astride_the_open_are_refused(shared):
    """Its bars begin on the hour, its sessions at half past nine."""
    bars = read_bars(shared / "spy_1h.parquet", symbol="SPY", timeframe="1h", calendar="XNYS")
    with pytest.raises(BarsError, match=r"which don't stand whole bars after .* \(09:30 in Ameri"):
        bars.resample("2h", anchor="session")


# The same as `on`, in both engines


def handed_down(bars: Bars, longer: str, name: str) -> np.ndarray:
    """Return what each bar knows of a column of the resampled bars."""
    made = longer_bars(
        bars.ts, Timeframe.parse(bars.timeframe), bars.calendar, Timeframe.parse(longer)
    )
    values = np.append(bars.resample(longer).columns[name], np.nan)  # -1: none is closed yet
    return values[made.bucket - 1 + made.closed]


def same_as_on(bars: Bars, longer: str) -> None:
    """Enter where `on` gives the resampled value, leave where it doesn't: one trade to the end."""
    names = [name for name in bars.columns if not np.isnan(bars.columns[name]).any()]
    expected = {f"expected_{name}": handed_down(bars, longer, name) for name in names}
    with_them = Bars(
        bars.symbol, bars.timeframe, bars.calendar, bars.ts, {**bars.columns, **expected}
    )
    first = int(np.argmax(~np.isnan(expected["expected_close"])))
    assert 0 <= first < len(bars) - 2
    for name in names:
        told = build.on(longer, build.column(name))
        strategy = build.Strategy(
            "same",
            long_entry=told == build.column(f"expected_{name}"),
            long_exit=told != build.column(f"expected_{name}"),
        )
        for engine in ("native", "python"):
            trades = run(with_them, strategy, engine=engine).trades
            found = [*trades.entry_ts.astype("int64"), *trades.reason]
            assert len(trades) == 1, (name, engine, trades)
            assert found[-1] == "forced"
            assert pd.Timestamp(trades.entry_ts.iloc[0]).value // 1000 == bars.ts[first + 1]


@pytest.mark.parametrize("longer", ["4h", "1d", "1w", "1mo"])
@pytest.mark.parametrize(
    ("name", "calendar"), [("eurusd_1h_bid", "24/5"), ("spy_1h", "XNYS"), ("eurusd_1h_bid", "CMES")]
)
def test_resampled_is_what_on_reads(shared, name, calendar, longer):
    bars = read_bars(shared / f"{name}.parquet", symbol=name, timeframe="1h", calendar=calendar)
    same_as_on(bars.take(len(bars) - 6_000, len(bars)), longer)


@pytest.mark.parametrize("longer", ["5m", "1h", "1d"])
@pytest.mark.parametrize("calendar", ["XBOM", "24/5"])
def test_resampled_nifty_is_what_on_reads(shared, calendar, longer):
    bars = read_bars(
        shared / "nifty50_1m_4days.parquet", symbol="NIFTY", timeframe="1m", calendar=calendar
    )
    same_as_on(bars, longer)


def test_resampled_days_are_what_on_reads():
    same_as_on(load_bars("TEST"), "1w")
    same_as_on(load_bars("TEST"), "1mo")


# The same as pandas


def test_hourly_eurusd_makes_the_days_of_pandas(shared):
    bars = read_bars(
        shared / "eurusd_1h_bid.parquet", symbol="EURUSD", timeframe="1h", calendar="24/5"
    )
    index = pd.DatetimeIndex(bars.ts.astype("datetime64[us]"))
    weekday = index.day_of_week.to_numpy()
    session = index.normalize() + pd.to_timedelta((7 - weekday) * (weekday >= 5), "D")
    frame = pd.DataFrame(dict(bars.columns), index=index)
    frame["ts"] = bars.ts
    by = {"ts": "first", "open": "first", "high": "max", "low": "min", "close": "last"}
    expected = frame.groupby(session).agg(by)
    if index[-1].hour != 23:
        expected = expected.iloc[:-1]
    day = bars.resample("1d")
    assert len(day) == len(expected) == 3_117
    for name in by:
        assert np.array_equal(day.ts if name == "ts" else day.columns[name], expected[name]), name


def test_minutes_of_nifty_make_the_hours_of_pandas(shared):
    bars = read_bars(
        shared / "nifty50_1m_4days.parquet", symbol="NIFTY", timeframe="1m", calendar="XBOM"
    )
    index = pd.DatetimeIndex(bars.ts.astype("datetime64[us]")).tz_localize("UTC")
    frame = pd.DataFrame(dict(bars.columns), index=index.tz_convert("Asia/Kolkata"))
    by = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    expected = frame.resample("1h").agg(by).dropna(subset="open").iloc[:-1]
    hour = bars.resample("1h")
    assert np.array_equal(hour.ts, expected.index.tz_convert("UTC").as_unit("us").asi8)
    for name in by:
        assert np.array_equal(hour.columns[name], expected[name])


def test_resampled_bars_resample_as_their_source_does(shared):
    for name, calendar in (("spy_1h", "XNYS"), ("eurusd_1h_bid", "24/5")):
        bars = read_bars(shared / f"{name}.parquet", symbol=name, timeframe="1h", calendar=calendar)
        day = bars.resample("1d")
        checked = Bars(day.symbol, day.timeframe, day.calendar, day.ts, day.columns)
        assert checked.fingerprint == day.fingerprint
        for longer in ("1w", "1mo"):
            twice, once = day.resample(longer), bars.resample(longer)
            assert np.array_equal(twice.ts, once.ts)
            for column in bars.columns:  # volume, where there is one, is of whole numbers
                assert np.array_equal(twice.columns[column], once.columns[column])
        assert [step.operation for step in day.resample("1w").lineage][-2:] == ["resample"] * 2


@pytest.mark.parametrize("engine", ["native", "python"])
def test_intraday_nifty_is_squared_off_by_the_calendar_of_mumbai(shared, engine):
    bars = read_bars(
        shared / "nifty50_1m_4days.parquet", symbol="NIFTY", timeframe="1m", calendar="XBOM"
    )
    morning = build.Strategy("morning", long_entry=build.minute_of_day == 10 * 60)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = run(bars, morning, engine=engine, execution=Execution(intraday=True))
    at = pd.DatetimeIndex(result.trades.exit_ts).tz_convert("Asia/Kolkata")
    assert set(at.strftime("%H:%M")) == {"15:29"}
    assert result.trades.reason.tolist() == ["session"] * 4
    early = run(
        bars, morning, engine=engine, execution=Execution(intraday=True, session_cutoff="15:15")
    )
    at = pd.DatetimeIndex(early.trades.exit_ts).tz_convert("Asia/Kolkata")
    assert set(at.strftime("%H:%M")) == {"15:15"}
    assert result.periods_per_year == 246.0
