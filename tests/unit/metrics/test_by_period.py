from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.metrics import Equity, Returns, max_drawdown, metrics_by_period, sharpe

VALUES = 100 * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.02, 60)))
YEARS = np.repeat([2018, 2019, 2021], [10, 30, 20])


def test_each_period_by_hand() -> None:
    found = metrics_by_period(
        Equity(VALUES, cash=100.0),
        YEARS,
        headline=np.arange(60),
        exit_bar=np.array([4, 9, 10, 59]),
        pnl=np.array([5.0, -1.0, 2.0, 4.0]),
        periods_per_year=252.0,
    )
    assert found.period.tolist() == [2018, 2019, 2021]
    assert found.first.tolist() == [0, 10, 40]
    assert found.last.tolist() == [9, 39, 59]
    assert found.total_return == pytest.approx(
        [VALUES[9] / 100 - 1, VALUES[39] / VALUES[9] - 1, VALUES[59] / VALUES[39] - 1]
    )
    change = VALUES[1:] / VALUES[:-1] - 1
    assert found.annualised_volatility == pytest.approx(
        [part.std(ddof=1) * 252**0.5 for part in (change[:9], change[9:39], change[39:])]
    )
    assert found.sharpe[1] == pytest.approx(
        sharpe(Returns(change[9:39]), periods_per_year=252.0), rel=1e-12
    )
    assert found.max_drawdown[2] == max_drawdown(Equity(VALUES[40:], cash=VALUES[39]))
    assert found.trades.tolist() == [2, 1, 1]
    assert found.win_rate.tolist() == [0.5, 1.0, 1.0]
    assert found.pnl.tolist() == [4.0, 2.0, 4.0]


def test_periods_multiply_up_to_the_whole() -> None:
    """The first period's growth counts from cash, before the first headline point."""
    points = np.array([3, 7, 11, 15, 39, 59])
    found = metrics_by_period(
        Equity(VALUES, cash=90.0),
        YEARS,
        headline=points,
        exit_bar=np.empty(0, np.int64),
        pnl=np.empty(0),
        periods_per_year=252.0,
    )
    assert np.prod(1 + found.total_return) == pytest.approx(VALUES[-1] / 90.0)
    change = VALUES[points][1:] / VALUES[points][:-1] - 1
    # a return belongs to the period it ends in: 1 in the first, 3 in the second, 1 in the third
    assert np.isnan(found.sharpe).tolist() == [True, False, True]
    assert found.annualised_volatility[1] == pytest.approx(change[1:4].std(ddof=1) * 252**0.5)
    assert np.isnan(found.win_rate).all()
    assert found.pnl.tolist() == [0.0] * 3


def test_after_ruin_nothing_moves() -> None:
    found = metrics_by_period(
        Equity([50.0, 0.0, 0.0, 0.0], cash=100.0),
        np.array([1, 1, 2, 2]),
        headline=np.arange(4),
        exit_bar=np.array([1]),
        pnl=np.array([-100.0]),
        periods_per_year=252.0,
    )
    assert found.total_return.tolist() == [-1.0, 0.0]
    assert found.max_drawdown.tolist() == [1.0, 0.0]
    assert found.annualised_volatility[1] == 0.0


def test_labels_fit_the_bars() -> None:
    given = {
        "headline": np.arange(2),
        "exit_bar": np.empty(0, np.int64),
        "pnl": np.empty(0),
        "periods_per_year": 1.0,
    }
    with pytest.raises(InputError, match="period has 1 values; expected one a bar, 2"):
        metrics_by_period(Equity([1.0, 1.0], cash=1.0), np.array([1]), **given)
    with pytest.raises(InputError, match="period falls from 2 to 1 at bar 1"):
        metrics_by_period(Equity([1.0, 1.0], cash=1.0), np.array([2, 1]), **given)
