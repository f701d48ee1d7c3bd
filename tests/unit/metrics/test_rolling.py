from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.metrics import (
    Equity,
    Returns,
    annualised_volatility,
    max_drawdown,
    rolling_metrics,
    sharpe,
    total_return,
)
from hyprl_lab.metrics.rolling import RollingMetrics

VALUES = np.random.default_rng(5).normal(0.001, 0.02, 300)


def test_each_value_is_the_metric_of_its_window_alone() -> None:
    window = 21
    found = rolling_metrics(Returns(VALUES), window, periods_per_year=252.0)
    for end in range(window, len(VALUES) + 1):
        part = VALUES[end - window : end]
        alone = Returns(part)
        equity = Equity(np.cumprod(1 + part), cash=1.0)
        at = end - 1
        assert found.total_return[at] == pytest.approx(total_return(equity), abs=1e-13)
        assert found.annualised_volatility[at] == pytest.approx(
            annualised_volatility(alone, periods_per_year=252.0), rel=1e-12
        )
        assert found.sharpe[at] == pytest.approx(sharpe(alone, periods_per_year=252.0), rel=1e-11)
        assert found.max_drawdown[at] == pytest.approx(max_drawdown(equity), abs=1e-14)


def columns(found: RollingMetrics) -> list[np.ndarray]:
    return [getattr(found, name) for name in RollingMetrics.__slots__]


def test_nothing_is_said_before_the_window_is_full() -> None:
    for column in columns(rolling_metrics(Returns(VALUES), 10, periods_per_year=252.0)):
        assert len(column) == 300
        assert np.isnan(column[:9]).all()
        assert np.isfinite(column[9:]).all()
    for column in columns(rolling_metrics(Returns(VALUES[:9]), 10, periods_per_year=252.0)):
        assert np.isnan(column).all()
        assert len(column) == 9


def test_returns_that_do_not_vary_have_no_sharpe() -> None:
    found = rolling_metrics(Returns([0.01] * 5), 3, periods_per_year=252.0)
    assert np.isnan(found.sharpe).all()
    assert found.annualised_volatility[2:].tolist() == [0.0] * 3
    assert found.total_return[2:] == pytest.approx([1.01**3 - 1] * 3)


def test_a_lost_account_stays_lost_inside_the_window() -> None:
    found = rolling_metrics(Returns([0.0, -1.0, 0.0, 0.0]), 2, periods_per_year=1.0)
    assert found.total_return[1:].tolist() == [-1.0, -1.0, 0.0]
    assert found.max_drawdown[1:].tolist() == [1.0, 1.0, 0.0]


def test_laying_windows_out_in_parts_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = rolling_metrics(Returns(VALUES), 50, periods_per_year=252.0)
    monkeypatch.setattr("hyprl_lab.metrics.rolling._CELLS", 120)
    for one, other in zip(
        columns(whole),
        columns(rolling_metrics(Returns(VALUES), 50, periods_per_year=252.0)),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("window", [1, 0, -3, 2.0, True, "2"])
def test_a_window_is_two_returns_or_more(window: Any) -> None:
    with pytest.raises(InputError, match=r"window is .*; expected a whole number of returns"):
        rolling_metrics(Returns(VALUES), window, periods_per_year=252.0)
