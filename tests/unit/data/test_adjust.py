from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.data import Bars
from hyprl_lab.errors import BarsError


def test_prices_scale_with_the_adjusted_close(make_frame):
    df = make_frame(3).assign(adj_close=[50.5, 51.0, 51.5])  # half of 101, 102, 103
    bars = Bars.from_pandas(df, symbol="A", timeframe="1d").adjusted()
    assert bars.close.tolist() == [50.5, 51.0, 51.5]
    assert bars.open.tolist() == [50.0, 50.5, 51.0]
    assert bars.high.tolist() == [51.0, 51.5, 52.0]
    assert bars.low.tolist() == [49.0, 49.5, 50.0]
    assert bars.volume.tolist() == [1000.0, 1001.0, 1002.0]


def test_rounding_never_puts_the_close_outside_the_bar():
    generator = np.random.default_rng(1)
    close = generator.uniform(1.0, 100.0, 5000)
    columns = {**dict.fromkeys(("open", "high", "low", "close"), close)}
    columns["adj_close"] = np.round(close * generator.uniform(0.1, 1.0, 5000), 6)
    day = np.arange(5000) * 86_400_000_000
    bars = Bars("A", "1d", "24/7", day, columns).adjusted()
    rounded = close * (columns["adj_close"] / close)
    assert np.any(rounded != columns["adj_close"])  # so the case is there
    assert np.array_equal(bars.close, columns["adj_close"])
    assert np.allclose(bars.high, bars.close, rtol=4e-16, atol=0.0)


def test_adjusting_twice_changes_nothing(make_frame):
    df = make_frame(3).assign(adj_close=[33.3, 44.4, 55.5])
    once = Bars.from_pandas(df, symbol="A", timeframe="1d").adjusted()
    assert once.adjusted() == once


def test_a_missing_or_broken_column_is_refused(make_frame):
    bars = Bars.from_pandas(make_frame(3), symbol="A", timeframe="1d")
    with pytest.raises(BarsError, match="column adj_close: found no such feature"):
        bars.adjusted()
    with pytest.raises(BarsError, match="column close: found no such feature"):
        bars.adjusted("close")
    df = make_frame(3).assign(adj=[1.0, np.nan, 0.0])
    with pytest.raises(BarsError, match=r"row 1 \(2020-01-07T00:00:00Z\), column adj: .*2 rows"):
        Bars.from_pandas(df, symbol="A", timeframe="1d").adjusted("adj")


def test_bars_without_such_a_column_are_told_of_factors(make_frame):
    bars = Bars.from_pandas(make_frame(3), symbol="A", timeframe="1d")
    for name in (None, "close", "acme.csv"):
        with pytest.raises(BarsError, match=r"have none.*bars\.adjusted\(factors=…\)") as refused:
            bars.adjusted(name)
        assert "[]" not in str(refused.value)
    featured = Bars.from_pandas(make_frame(3).assign(adj=1.0), symbol="A", timeframe="1d")
    with pytest.raises(BarsError, match=r"expected one of \['adj'\].*hl\.Factors\.from_rows"):
        featured.adjusted()
