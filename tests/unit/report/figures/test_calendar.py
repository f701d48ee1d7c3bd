import numpy as np
import pandas as pd
import pytest

from hyprl_lab.report.figures.calendar import MONTHS, calendar_figure, calendar_returns


def test_a_table_agrees_with_pandas_resampling(long_run):
    table = calendar_returns(long_run.equity, cash=long_run.cash)
    ends = long_run.equity.resample("ME").last()
    monthly = ends / ends.shift(fill_value=long_run.cash) - 1
    for moment, value in monthly.items():
        assert table.loc[moment.year, MONTHS[moment.month - 1]] == pytest.approx(value, abs=1e-15)
    yearly = long_run.equity.resample("YE").last()
    expected = (yearly / yearly.shift(fill_value=long_run.cash) - 1).to_numpy()
    np.testing.assert_allclose(table["Year"], expected, atol=1e-15)


def test_months_without_bars_and_after_ruin_are_missing():
    days = pd.DatetimeIndex(["2020-01-31", "2020-03-31", "2020-04-30"], tz="UTC")
    table = calendar_returns(pd.Series([50.0, 0.0, 0.0], index=days), cash=100.0)
    row = table.loc[2020]
    assert row["Jan"] == -0.5
    assert row["Mar"] == -1.0
    assert np.isnan(row["Feb"])
    assert np.isnan(row["Apr"]), "nothing grows from zero"
    assert row["Year"] == -1.0


def test_the_figure_prints_percents_and_centres_its_colours_on_zero(long_run):
    figure = calendar_figure(long_run)
    heat = figure.data[0]
    table = calendar_returns(long_run.equity, cash=long_run.cash)
    assert heat.text[0][0] == f"{100 * table.iloc[0, 0]:.1f}"
    assert heat.zmin == -heat.zmax
    assert heat.zmax == pytest.approx(np.abs(table[list(MONTHS)].to_numpy()).max())
    assert list(heat.y) == ["2015", "2016", "2017", "2018"]
