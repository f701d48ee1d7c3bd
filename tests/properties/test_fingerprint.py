"""A fingerprint follows content and nothing but content."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from hyprl_lab.data import Bars

DAY = 86_400_000_000
PRICE = st.floats(min_value=2.0**-20, max_value=2.0**30, width=32)
FEATURE = st.one_of(st.just(float("nan")), st.just(-0.0), st.floats(-1e300, 1e300))
COLUMNS = ("open", "high", "low", "close", "volume", "alpha", "beta")


@st.composite
def frames(draw: st.DrawFn) -> pd.DataFrame:
    """Valid daily frames of 1 to 8 rows with two features, prices exact in float32."""
    rows = draw(st.integers(1, 8))
    first = draw(st.integers(-20_000, 40_000))
    steps = draw(st.lists(st.integers(1, 4), min_size=rows - 1, max_size=rows - 1))
    days = np.cumsum([first, *steps]) * DAY
    four = draw(st.lists(st.tuples(PRICE, PRICE, PRICE, PRICE), min_size=rows, max_size=rows))
    ranked = np.array([sorted(prices) for prices in four])
    body = np.array([prices[:2] for prices in four])
    body = np.clip(body, ranked[:, :1], ranked[:, 3:])
    features = draw(st.lists(st.tuples(FEATURE, FEATURE), min_size=rows, max_size=rows))
    volume = draw(st.lists(st.integers(0, 10**9), min_size=rows, max_size=rows))
    index = pd.DatetimeIndex(days.view("datetime64[us]"), name="ts").tz_localize("UTC")
    return pd.DataFrame(
        {
            "open": body[:, 0],
            "high": ranked[:, 3],
            "low": ranked[:, 0],
            "close": body[:, 1],
            "volume": np.array(volume, dtype=np.float64),
            "alpha": [pair[0] for pair in features],
            "beta": [pair[1] for pair in features],
        },
        index=index,
    )


def bars_of(df: pd.DataFrame) -> Bars:
    return Bars.from_pandas(df, symbol="A", timeframe="1d", calendar="24/7")


@given(frames())
def test_frames_go_and_come_back(df):
    bars = bars_of(df)
    back = bars.to_pandas()
    pd.testing.assert_frame_equal(back, df, check_exact=True, check_freq=False)
    assert bars_of(back) == bars


@given(frames(), st.permutations(COLUMNS))
def test_neither_dtype_nor_order_nor_index_nor_name_matters(df, order):
    expected = bars_of(df)
    prices = ["open", "high", "low", "close"]
    narrow = df.astype({**dict.fromkeys(prices, "float32"), "volume": "int64"})
    for same in (
        df[order],
        narrow,
        df.astype("Float64"),
        df.reset_index(),
        df.tz_convert("Asia/Kolkata"),
        df.tz_localize(None),
        df.rename(columns=str.title),
        df + 0.0,  # minus zero becomes zero
    ):
        assert bars_of(same).fingerprint == expected.fingerprint
    other = Bars.from_pandas(df, symbol="B", timeframe="1d", calendar="24/5")
    assert other.fingerprint == expected.fingerprint
    assert other != expected


@given(frames(), st.sampled_from(["alpha", "beta", "volume", "high", "low"]), st.data())
def test_any_changed_value_changes_it(df, column, data):
    row = data.draw(st.integers(0, len(df) - 1))
    before = float(df[column].iloc[row])
    toward = 0.0 if column == "low" else np.inf
    after = 1.0 if np.isnan(before) else float(np.nextafter(before, toward))
    changed = df.copy()
    changed.iloc[row, df.columns.get_loc(column)] = after
    old, new = bars_of(df), bars_of(changed)
    assert new.fingerprint != old.fingerprint
    is_feature = column in ("alpha", "beta")
    assert (new.ohlcv_fingerprint == old.ohlcv_fingerprint) == is_feature


@given(frames(), st.data())
def test_any_changed_time_changes_it(df, data):
    row = data.draw(st.integers(0, len(df) - 1))
    moved = df.index.to_list()
    moved[row] += pd.Timedelta(microseconds=data.draw(st.integers(1, 1000)))
    changed = df.set_axis(pd.DatetimeIndex(moved))
    try:
        new = bars_of(changed)
    except ValueError:  # a gap became a microsecond short of a day
        assert np.median(np.diff(changed.index.asi8)) < DAY
        return
    assert new.fingerprint != bars_of(df).fingerprint
    assert new.ohlcv_fingerprint != bars_of(df).ohlcv_fingerprint


@given(frames())
def test_renaming_or_dropping_a_feature_changes_it_and_only_it(df):
    bars = bars_of(df)
    for other in (df.rename(columns={"beta": "gamma"}), df.drop(columns="beta")):
        assert bars_of(other).fingerprint != bars.fingerprint
        assert bars_of(other).ohlcv_fingerprint == bars.ohlcv_fingerprint


@settings(max_examples=50)
@given(frames(), st.data())
def test_a_cut_has_the_fingerprint_of_the_frame_cut_alike(df, data):
    start = data.draw(st.integers(0, len(df) - 1))
    stop = data.draw(st.integers(start + 1, len(df)))
    expected = bars_of(df.iloc[start:stop])
    assert bars_of(df).take(start, stop) == expected
