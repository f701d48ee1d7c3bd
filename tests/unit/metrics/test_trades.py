from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.metrics import (
    average_trade_return,
    edge_bps,
    exposure,
    profit_factor,
    sqn,
    turnover,
    win_rate,
)

PNL = np.array([100.0, -50.0, 0.0, 25.0, -25.0])


def test_trades() -> None:
    assert win_rate(PNL) == 0.4
    assert profit_factor(PNL) == 125.0 / 75.0
    assert average_trade_return(PNL / 1_000) == pytest.approx(0.01)
    assert sqn(PNL) == pytest.approx(np.sqrt(5) * 10.0 / PNL.std(ddof=1))
    assert edge_bps(PNL, 100_000.0) == pytest.approx(5.0)


def test_without_trades_nothing_is_defined() -> None:
    empty = np.empty(0)
    assert win_rate(empty) is None
    assert profit_factor(empty) is None
    assert average_trade_return(empty) is None
    assert sqn(empty) is None
    assert edge_bps(empty, 0.0) is None


def test_what_can_not_be_divided_is_missing() -> None:
    assert profit_factor([1.0, 2.0]) is None
    assert profit_factor([-1.0]) == 0.0
    assert sqn([5.0]) is None
    assert sqn([0.1, 0.1, 0.1]) is None
    assert turnover(1.0, 0.0, years=1.0) is None
    assert turnover(1.0, 1.0, years=0.0) is None


def test_sqn_of_large_and_close_values() -> None:
    # Welford's recurrence keeps digits that sums of squares lose
    assert sqn([1e9 + 1, 1e9 + 2, 1e9 + 3]) == pytest.approx(np.sqrt(3) * (1e9 + 2), rel=1e-12)


def test_exposure_and_turnover() -> None:
    assert exposure(0, 10) == 0.0
    assert turnover(30_000.0, 10_000.0, years=0.5) == 6.0


def test_a_ratio_beyond_a_float_is_undefined() -> None:
    assert average_trade_return([1e308, 1e308]) is None
    assert average_trade_return([float("nan"), 1.0]) is None
    assert edge_bps([1e305], 1e-3) is None
    assert edge_bps([1e305], 1e5) is None  # 10,000 times the P&L is beyond it already
    assert profit_factor([1e300, -1e-300]) is None
