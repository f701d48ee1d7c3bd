from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.data import Bars
from hyprl_lab.data.checks import as_microseconds, check_columns, check_ts
from hyprl_lab.errors import BarsError

DAY = 86_400_000_000


@pytest.mark.parametrize("column", ["open", "high", "low", "close"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 0.0, -3.5])
def test_a_price_that_is_no_price_names_row_time_column_and_count(make_frame, column, value):
    df = make_frame()
    df.loc[df.index[[4, 9]], column] = value
    expected = (
        rf"row 4 \(2020-01-10T00:00:00Z\), column {column}: found {value}; "
        r"expected a finite price above zero; 2 rows are so\. Drop these rows"
    )
    with pytest.raises(BarsError, match=expected):
        Bars.from_pandas(df, symbol="A", timeframe="1d")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"high": 97.0}, "column high: found high 97.0 below the low 102.0; expected high ≥ low"),
        ({"high": 104.5}, "column high: found high 104.5 below 105.0; expected high ≥ open and"),
        ({"low": 104.5}, "column low: found low 104.5 above 104.0; expected low ≤ open and"),
        ({"open": 107.0}, "column high: found high 106.0 below 107.0; expected high ≥ open and"),
        ({"close": 101.0}, "column low: found low 102.0 above 101.0; expected low ≤ open and"),
        ({"volume": -1.0}, "column volume: found -1.0; expected a finite volume of zero or more"),
        ({"volume": np.nan}, "column volume: found nan; expected a finite volume"),
        ({"volume": np.inf}, "column volume: found inf; expected a finite volume"),
    ],
)
def test_values_that_contradict_each_other_are_refused(make_frame, changes, message):
    df = make_frame()
    for column, value in changes.items():
        df.loc[df.index[4], column] = value
    with pytest.raises(BarsError) as caught:
        Bars.from_pandas(df, symbol="A", timeframe="1d")
    assert str(caught.value).startswith("row 4 (2020-01-10T00:00:00Z), ")
    assert message in str(caught.value)
    assert "1 row is so" in str(caught.value)


def test_equal_prices_and_zero_volume_are_fine(make_frame):
    df = make_frame()
    for name in ("open", "high", "low"):
        df[name] = df["close"]
    df["volume"] = 0
    assert len(Bars.from_pandas(df, symbol="A", timeframe="1d")) == 12


def test_features_may_be_missing_but_not_infinite(make_frame):
    df = make_frame().assign(rsi=np.nan)
    assert np.isnan(Bars.from_pandas(df, symbol="A", timeframe="1d").columns["rsi"]).all()
    df.loc[df.index[2], "rsi"] = np.inf
    with pytest.raises(BarsError, match=r"row 2 \(2020-01-08T00:00:00Z\), column rsi: found infin"):
        Bars.from_pandas(df, symbol="A", timeframe="1d")


def test_a_missing_price_column_is_named(make_frame):
    with pytest.raises(BarsError, match=r"without \['high', 'close'\]"):
        Bars.from_pandas(make_frame()[["open", "low"]], symbol="A", timeframe="1d")


def test_duplicates_and_disorder_name_the_row(make_frame):
    df = make_frame()
    with pytest.raises(
        BarsError, match=r"row 3 \(2020-01-08T00:00:00Z\), column ts: found the time of row 2 again"
    ):
        Bars.from_pandas(df.iloc[[0, 1, 2, 2, 3]], symbol="A", timeframe="1d")
    with pytest.raises(
        BarsError,
        match=r"row 2 \(2020-01-06T00:00:00Z\), column ts: found a time earlier than row 1 "
        r"\(2020-01-07T00:00:00Z\)",
    ):
        Bars.from_pandas(df.iloc[[0, 1, 0, 2]], symbol="A", timeframe="1d")


def test_no_rows_are_refused(make_frame):
    with pytest.raises(BarsError, match="found no rows"):
        Bars.from_pandas(make_frame().iloc[:0], symbol="A", timeframe="1d")
    with pytest.raises(BarsError, match="found no rows"):
        check_ts(np.array([], dtype=np.int64))


def test_stamps_in_another_unit_are_refused():
    nanoseconds = np.array([1_578_268_800_000_000_000])
    with pytest.raises(BarsError, match="found 1578268800000000000; expected microseconds"):
        check_ts(nanoseconds)


def test_stamps_must_be_whole_numbers_or_datetimes():
    assert as_microseconds(np.array(["1970-01-02"], dtype="M8[s]")).tolist() == [DAY]
    for wrong in (
        np.array([1.5]),
        np.array([[1]]),
        np.array(["NaT"], dtype="M8[us]"),
        np.array([1], dtype="M8[ns]"),
    ):
        with pytest.raises(BarsError, match="column ts: found"):
            as_microseconds(wrong)


def test_columns_of_another_length_are_refused():
    one, two = np.ones(1), np.ones(2)
    columns = {"open": two, "high": two, "low": one, "close": two}
    with pytest.raises(BarsError, match=r"column low: found shape \(1,\); expected"):
        Bars("A", "1d", "24/7", np.array([0, DAY]), columns)


def test_arrays_come_under_snake_case_names():
    one = np.ones(1)
    columns = {"open": one, "high": one, "low": one, "close": one, "Adj Close": one}
    with pytest.raises(BarsError, match=r"found the name 'Adj Close'; expected snake.*'adj_close'"):
        Bars("A", "1d", "24/7", np.array([0]), columns)


def test_no_column_is_called_as_the_times() -> None:
    columns = {name: np.array([1.0]) for name in ("open", "high", "low", "close", "ts")}
    with pytest.raises(BarsError, match="found 'ts' beside the times"):
        check_columns(np.array([0]), columns)
