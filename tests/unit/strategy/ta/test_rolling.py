import math

import numpy as np
import pandas as pd
import pytest
import talib

from hyprl_lab.strategy import close, col, param, ta

N = param("n", 1, 60)


@pytest.mark.parametrize("window", [2, 5, 14])
def test_sums_and_deviations_are_those_of_ta_lib(window, bars, agree):
    agree(ta.sum(close, N), talib.SUM(bars.close, window), n=window)
    agree(ta.stdev(close, N), talib.STDDEV(bars.close, window), n=window)
    agree(ta.variance(close, N), talib.VAR(bars.close, window), n=window)
    assert (ta.stddev, ta.var) == (ta.stdev, ta.variance)


@pytest.mark.parametrize("window", [1, 5, 14])
def test_order_statistics_are_those_of_numpy_and_pandas(window, bars, agree):
    series = pd.Series(bars.close)
    rank = series.rolling(window).rank(pct=True).to_numpy()
    agree(ta.rank(close, N), rank, n=window)
    lead = np.full(window - 1, np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(bars.close, window)
    for q in (0.0, 0.3, 0.5, 1.0):
        wanted = np.r_[lead, np.quantile(windows, q, axis=1)]
        agree(ta.quantile(close, N, param("q", 0.0, 1.0)), wanted, n=window, q=q)
    agree(ta.median(close, N), np.r_[lead, np.median(windows, axis=1)], n=window)


@pytest.mark.parametrize("window", [5, 20])
def test_z_scores_against_numpy(window, bars, on_bars):
    windows = np.lib.stride_tricks.sliding_window_view(bars.close, window)
    found = on_bars(ta.zscore(close, N), n=window)[window - 1 :]
    spread = windows.std(axis=1)
    moves = spread > 1e-9
    assert not moves.all()  # the flat stretch
    wanted = (windows[:, -1] - windows.mean(axis=1))[moves] / spread[moves]
    np.testing.assert_allclose(found[moves], wanted, rtol=0, atol=1e-9)


def test_the_value_some_bars_before(bars, agree, on_few):
    agree(ta.lag(close, N), pd.Series(bars.close).shift(9).to_numpy(), n=9)
    nan = math.nan
    found = on_few(ta.lag(close, 1), [1, nan, 3, 4])
    assert [found[1], found[3]] == [1, 3]  # carried as it is
    assert math.isnan(found[2])


def test_sums_from_the_first_bar_and_from_a_condition(on_few):
    assert on_few(ta.cumulative_sum(close), [1, 2, 4]) == [1, 3, 7]
    made = ta.sum_since(col("new") == 1, close)
    found = on_few(made, [1, 2, 4, 8, 16], new=[0, 1, 0, math.nan, 1])
    assert math.isnan(found[0])
    assert found[1:] == [2, 6, 14, 16]
