from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.errors import BarsError

DAY = 86_400_000_000
MONDAY = 1_578_268_800_000_000  # 2020-01-06T00:00:00Z, `date -u -d 2020-01-06 +%s`


@pytest.fixture
def bars(make_frame):
    return Bars.from_pandas(make_frame(), symbol="ACME", timeframe="1d")


def test_columns_come_in_order_and_are_float64(make_frame):
    df = make_frame()[["volume", "close", "high", "open", "low"]].assign(zeta=1, alpha=True)
    bars = Bars.from_pandas(df, symbol="ACME", timeframe="1d")
    assert list(bars.columns) == ["open", "high", "low", "close", "volume", "alpha", "zeta"]
    assert {values.dtype for values in bars.columns.values()} == {np.dtype("float64")}
    assert all(values.flags.c_contiguous for values in bars.columns.values())
    assert bars.ts.dtype == np.int64
    assert bars.ts[0] == MONDAY
    assert bars.ts[5] == MONDAY + 7 * DAY
    assert bars.open[3] == 103.0
    assert bars.high[3] == 105.0
    assert bars.low[3] == 101.0
    assert bars.close[3] == 104.0
    assert bars.volume[3] == 1003.0


def test_nothing_can_be_changed(bars):
    with pytest.raises(ValueError, match="read-only"):
        bars.close[0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        bars.ts[0] = 1
    with pytest.raises(ValueError, match="read-only"):
        bars.headline[0] = 1
    with pytest.raises(TypeError):
        bars.columns["close"] = bars.open
    with pytest.raises(FrozenInstanceError):
        bars.symbol = "OTHER"


def test_the_callers_arrays_are_copied():
    prices = np.array([1.0, 2.0])
    columns = {"open": prices, "high": prices, "low": prices, "close": prices}
    bars = Bars("A", "1d", "24/7", np.array([0, DAY]), columns)
    prices[0] = 9.0
    assert bars.close[0] == 1.0
    assert prices.flags.writeable


def test_volume_may_be_absent_and_asking_for_it_says_so(make_frame):
    bars = Bars.from_pandas(make_frame().drop(columns="volume"), symbol="ACME", timeframe="1d")
    assert "volume" not in bars.columns
    with pytest.raises(BarsError, match="column volume: found none in ACME"):
        _ = bars.volume


def test_metadata_is_checked(make_frame):
    with pytest.raises(BarsError, match="symbol: found ''"):
        Bars.from_pandas(make_frame(), symbol="", timeframe="1d")
    with pytest.raises(BarsError, match=r"calendar: found 'NYSE'; .* is called 'XNYS' here"):
        Bars.from_pandas(make_frame(), symbol="A", timeframe="1d", calendar="NYSE")
    with pytest.raises(BarsError, match="timeframe: found 'daily'"):
        Bars.from_pandas(make_frame(), symbol="A", timeframe="daily")


def test_the_calendar_is_inferred_only_where_not_stated(make_frame):
    inferred = Bars.from_pandas(make_frame(), symbol="A", timeframe="1d")
    stated = Bars.from_pandas(make_frame(), symbol="A", timeframe="1d", calendar="24/5")
    assert (inferred.calendar, inferred.calendar_inferred) == ("XNYS", True)
    assert (stated.calendar, stated.calendar_inferred) == ("24/5", False)
    assert (inferred.periods_per_year, stated.periods_per_year) == (252.0, 260.0)


def test_timeframes_have_one_spelling(make_frame):
    assert Bars.from_pandas(make_frame(freq="h"), symbol="A", timeframe="60m").timeframe == "1h"


def test_slice_is_by_time_with_the_end_excluded(bars):
    week = bars.slice("2020-01-08", "2020-01-10")
    assert week.ts.tolist() == [MONDAY + 2 * DAY, MONDAY + 3 * DAY]
    assert week.close.tolist() == [103.0, 104.0]
    assert len(bars.slice()) == len(bars)
    assert len(bars.slice(end=MONDAY + DAY)) == 1
    with pytest.raises(BarsError, match="slice: found no bar from 2021-01-01"):
        bars.slice("2021-01-01")


def test_a_year_or_a_month_is_where_it_begins():
    bars = load_bars("sp500")
    assert bars.slice("2005", "2006") == bars.slice("2005-01-01", "2006-01-01")
    assert bars.slice("2005-03", "2005-04") == bars.slice("2005-03-01", "2005-04-01")
    assert len(bars.slice("2005", "2006")) == 252
    for wrong in ("2005-13", "05", "20055", "2005-3"):
        with pytest.raises(BarsError, match="moment: found"):
            bars.slice(wrong)
    with pytest.raises(BarsError, match="found no bar from 2005 on and before 2005"):
        bars.slice("2005", "2005")


def test_start_and_end_are_the_opens_of_the_first_and_the_last_bar(bars):
    assert bars.start == datetime(2020, 1, 6, tzinfo=UTC)
    assert bars.end == datetime(2020, 1, 21, tzinfo=UTC)
    assert bars.slice(bars.start) == bars
    assert len(bars.slice(end=bars.end)) == len(bars) - 1
    prices = dict.fromkeys(("open", "high", "low", "close"), np.ones(1))
    old = Bars("OLD", "1m", "24/7", np.array([-1]), prices)
    assert old.start == old.end == datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


def test_take_is_a_view_with_its_own_identity(bars):
    part = bars.take(2, 5)
    assert len(part) == 3
    assert np.shares_memory(part.close, bars.close)
    assert not part.close.flags.writeable
    assert part.fingerprint != bars.fingerprint
    assert part.headline.tolist() == [0, 1, 2]
    assert (part.symbol, part.timeframe, part.calendar) == ("ACME", "1d", "XNYS")
    for start, stop in ((0, 0), (-1, 2), (3, 2), (0, 13)):
        with pytest.raises(BarsError, match="expected 0 ≤ start < stop ≤ 12"):
            bars.take(start, stop)


def test_equality_is_content_and_name(make_frame, bars):
    same = Bars.from_pandas(make_frame(), symbol="ACME", timeframe="1d")
    assert same == bars
    assert hash(same) == hash(bars)
    assert bars != Bars.from_pandas(make_frame(), symbol="OTHER", timeframe="1d")
    assert bars != Bars.from_pandas(make_frame(), symbol="ACME", timeframe="1d", calendar="24/5")
    assert bars != bars.take(0, 5)
    assert bars != "ACME"


@pytest.mark.parametrize("clone", [lambda b: pickle.loads(pickle.dumps(b)), copy.deepcopy])
def test_copies_and_pickles_are_equal_and_still_read_only(bars, clone):
    again = clone(bars)
    assert again == bars
    assert not again.close.flags.writeable
    assert not again.ts.flags.writeable


def test_to_pandas_gives_a_utc_frame_of_its_own(bars):
    df = bars.to_pandas()
    assert str(df.index.dtype) == "datetime64[us, UTC]"
    assert df.index.name == "ts"
    assert df.index[0] == pd.Timestamp("2020-01-06", tz="UTC")
    assert list(df.columns) == ["open", "high", "low", "close", "volume"]
    df.iloc[0, 0] = 5.0
    assert bars.open[0] == 100.0


def test_intraday_headline_ends_each_session(make_frame):
    bars = Bars.from_pandas(make_frame(50, "h"), symbol="A", timeframe="1h", calendar="24/7")
    assert bars.headline.tolist() == [23, 47, 49]


def test_ohlcv_fingerprint_ignores_features(make_frame, bars):
    wider = Bars.from_pandas(make_frame().assign(rsi=50.0), symbol="ACME", timeframe="1d")
    assert wider.ohlcv_fingerprint == bars.ohlcv_fingerprint == bars.fingerprint
    assert wider.fingerprint != bars.fingerprint


@pytest.mark.parametrize("symbol", ["", "a\0b", "a\nb", "\ud800", "x" * 101, 7])
def test_a_symbol_is_a_short_printable_name(symbol: object) -> None:
    test = load_bars("TEST")
    with pytest.raises(BarsError, match="printable characters"):
        Bars(symbol, "1d", "24/5", test.ts, test.columns)
