import numpy as np
import pandas as pd

from hyprl_lab.metrics import Equity, max_drawdown
from hyprl_lab.report.figures.drawdown import drawdown_figure, drawdown_series


def test_its_greatest_value_is_the_metric(long_run):
    series = drawdown_series(long_run.equity, cash=long_run.cash)
    expected = max_drawdown(Equity(long_run.equity.to_numpy(), cash=long_run.cash))
    assert abs(series.max() - expected) < 1e-14


def test_the_peak_starts_at_the_cash_and_a_ruin_is_whole():
    series = drawdown_series(pd.Series([80.0, 100.0, -5.0]), cash=100.0)
    assert series.tolist() == [0.2, 0.0, 1.0]


def test_the_figure_hangs_below_zero_and_names_its_unit(long_run):
    figure = drawdown_figure(long_run)
    assert np.max(figure.data[0].y) == 0
    assert figure.layout.yaxis.title.text == "Drawdown (%)"
    assert figure.layout.yaxis.tickformat == ".0%"
