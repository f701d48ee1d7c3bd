import numpy as np
import pandas as pd

from hyprl_lab.report.figures.thin import thin


def test_peaks_and_troughs_survive():
    generator = np.random.default_rng(3)
    series = pd.Series(generator.normal(size=50_000).cumsum())
    thinned = thin(series, points=1_000)
    assert len(thinned) <= 1_000
    assert thinned.max() == series.max()
    assert thinned.min() == series.min()
    assert thinned.index[0] == 0
    assert thinned.index[-1] == 49_999
    assert thinned.index.is_monotonic_increasing
    assert (series.loc[thinned.index] == thinned).all()


def test_a_short_series_is_left_alone():
    series = pd.Series([3.0, 1.0, 2.0])
    assert thin(series, points=3) is series
