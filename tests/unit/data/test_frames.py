from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.data import Bars
from hyprl_lab.errors import BarsError

MONDAY = 1_578_268_800_000_000  # 2020-01-06T00:00:00Z
HOUR = 3_600_000_000


def bars_of(df, **overrides):
    return Bars.from_pandas(df, **{"symbol": "A", "timeframe": "1d", **overrides})


def test_any_case_of_price_names(make_frame):
    df = make_frame()
    for rename in (str.upper, str.title):
        assert bars_of(df.rename(columns=rename)) == bars_of(df)


def test_two_columns_of_one_name_are_refused(make_frame):
    with pytest.raises(BarsError, match="found 'close' and 'Close', both 'close'"):
        bars_of(make_frame().assign(Close=1.0))
    with pytest.raises(BarsError, match="found 'my f' and 'my_f', both 'my_f'"):
        bars_of(make_frame().assign(**{"my f": 1.0, "my_f": 2.0}))


@pytest.mark.parametrize("name", ["ts", "Date", "datetime", "TIMESTAMP", "time"])
def test_times_in_a_column(make_frame, name):
    df = make_frame()
    assert bars_of(df.reset_index(names=name)) == bars_of(df)


def test_times_as_iso_text(make_frame):
    df = make_frame()
    for texts in (
        df.index.strftime("%Y-%m-%d"),
        df.index.strftime("%Y-%m-%dT%H:%M:%SZ"),
        df.index.strftime("%Y-%m-%d %H:%M:%S.%f+00:00"),
        df.index.tz_convert("Asia/Tokyo").strftime("%Y-%m-%dT%H:%M%z"),
    ):
        assert bars_of(df.reset_index(drop=True).assign(date=texts)) == bars_of(df)


def test_python_dates(make_frame):
    days = [date(2020, 1, 6), date(2020, 1, 7)]
    bars = bars_of(make_frame(2).reset_index(drop=True).assign(date=days))
    assert bars.ts.tolist() == [MONDAY, MONDAY + 24 * HOUR]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("07.01.2020", "row 1, column date: found '07.01.2020'; expected ISO 8601"),
        ("1/7/2020", "row 1, column date: found '1/7/2020'; expected ISO 8601"),
        ("20200107", "row 1, column date: found '20200107'; expected ISO 8601"),
        ("2020-02-30", "row 1, column date: found '2020-02-30'; expected a day and a time that"),
        ("2020-01-07T00:00Z", "row 1, column date: found a time with an offset, unlike row 0"),
        (None, "row 1, column date: found"),
    ],
)
def test_other_texts_are_refused_with_their_row(make_frame, value, message):
    dates = ["2020-01-06", value, "2020-01-08"]
    with pytest.raises(BarsError) as caught:
        bars_of(make_frame(3).reset_index(drop=True).assign(date=dates))
    assert str(caught.value).startswith(message)
    assert "1 row is so" in str(caught.value)


def test_numbers_are_no_times(make_frame):
    with pytest.raises(BarsError, match="column time: found the number 1578268800; expected times"):
        bars_of(make_frame(1).reset_index(drop=True).assign(time=[1_578_268_800]))


def test_no_times_or_two_are_refused(make_frame):
    plain = make_frame(2).reset_index(drop=True)
    with pytest.raises(BarsError, match=r"times: found an index of int64 and the columns \[\]"):
        bars_of(plain)
    with pytest.raises(BarsError, match=r"and the columns \['date', 'time'\]"):
        bars_of(plain.assign(date="2020-01-06", time="10:00"))
    with pytest.raises(BarsError, match="index: found periods"):
        bars_of(make_frame(2, tz=None).to_period("D"))


def test_missing_times_are_refused(make_frame):
    df = make_frame(3)
    df.index = pd.DatetimeIndex([df.index[0], pd.NaT, df.index[2]])
    with pytest.raises(BarsError, match=r"row 1, column index: found no time \(NaT\)"):
        bars_of(df)


def test_nanoseconds_are_refused(make_frame):
    df = make_frame(3)
    df.index = df.index.as_unit("ns") + pd.Timedelta(1, "ns")
    with pytest.raises(BarsError, match="row 0, column ts: found a time with nanoseconds"):
        bars_of(df)


def test_bare_dates_of_daily_bars_mean_midnight_utc(make_frame):
    assert bars_of(make_frame(tz=None)).ts[0] == MONDAY


def test_naive_times_need_a_zone(make_frame):
    with pytest.raises(BarsError, match=r"row 0 \(2020-01-06T00:00:00\).*without a zone.*Pass tz="):
        bars_of(make_frame(freq="h", tz=None), timeframe="1h")
    afternoon = make_frame(3, tz=None)
    afternoon.index += pd.Timedelta(hours=16)
    with pytest.raises(BarsError, match="without a zone"):
        bars_of(afternoon)
    assert bars_of(afternoon, tz="America/New_York").ts[0] == MONDAY + 21 * HOUR


def test_a_zone_for_zoned_times_is_refused(make_frame):
    with pytest.raises(BarsError, match="tz: found 'UTC' for times that carry a zone"):
        bars_of(make_frame(), tz="UTC")


def test_an_unknown_zone_is_refused(make_frame):
    with pytest.raises(BarsError, match="tz: found 'Mars/Olympus'; expected an IANA zone"):
        bars_of(make_frame(tz=None), tz="Mars/Olympus")


def test_other_zones_are_converted(make_frame):
    df = make_frame()
    assert bars_of(df.tz_convert("Asia/Kolkata")) == bars_of(df)


@pytest.mark.parametrize(
    ("start", "row"), [("2021-11-07 00:00", 1), ("2021-03-14 00:00", 2)]
)  # 01:00 repeats, 02:00 is skipped
def test_local_times_that_clocks_skip_or_repeat_are_refused(make_frame, start, row):
    df = make_frame(6)
    df.index = pd.date_range(start, periods=6, freq="h")
    with pytest.raises(BarsError, match=rf"row {row} \(.*America/New_York skips or repeats"):
        bars_of(df, timeframe="1h", tz="America/New_York")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            ["1", "x", "3"],
            r"row 1 \(2020-01-07T00:00:00Z\), column note: found 'x'; expected",
        ),
        (["1", "2", "3"], "column note: found numbers held as str"),
        ([1j, 2j, 3j], "column note: found complex128; expected numbers"),
        (pd.to_datetime(["2020", "2021", "2022"]), "column note: found datetime64"),
    ],
)
def test_columns_that_are_not_numeric_are_refused(make_frame, values, message):
    with pytest.raises(BarsError, match=message):
        bars_of(make_frame(3).assign(note=values))


def test_nullable_and_small_types_are_read(make_frame):
    df = make_frame(3)
    expected = bars_of(df.assign(flag=[1.0, np.nan, 0.0]))
    typed = df.astype("Float64").assign(flag=pd.array([True, None, False], dtype="boolean"))
    assert bars_of(typed) == expected
    assert bars_of(df.astype("float32")) == bars_of(df)


def test_frames_of_many_instruments_are_refused(make_frame):
    with pytest.raises(BarsError, match="columns: found 2 levels"):
        bars_of(pd.concat({"A": make_frame()}, axis=1))
    with pytest.raises(BarsError, match="found dict; expected a pandas DataFrame"):
        bars_of({})


def test_a_volume_column_without_a_value_is_no_volume() -> None:
    frame = pd.DataFrame(
        {"open": [1.0, 2.0], "high": [2.0, 2.0], "low": [1.0, 1.0], "close": [2.0, 2.0]},
        index=pd.DatetimeIndex(["2024-01-02", "2024-01-03"]),
    )
    unknown = Bars.from_pandas(frame.assign(volume=np.nan), symbol="X", timeframe="1d")
    assert "volume" not in unknown.columns
    assert unknown == Bars.from_pandas(frame, symbol="X", timeframe="1d")
    with pytest.raises(BarsError, match="column volume: found nan"):
        Bars.from_pandas(frame.assign(volume=[5.0, np.nan]), symbol="X", timeframe="1d")
