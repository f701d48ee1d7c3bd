from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from hyprl_lab.engine.simulation import TradeColumns
from hyprl_lab.metrics import kelly, r_multiple, r_multiples

OUTCOMES = np.array([0.012, -0.01, 0.02, -0.01, -0.01, 0.015, -0.01, 0.03, -0.01, -0.008])


def trades(stop_price: list[float]) -> TradeColumns:
    n = len(stop_price)
    columns: dict[str, Any] = {
        "entry_bar": np.arange(n),
        "exit_bar": np.arange(n) + 1,
        "side": np.array([1, -1], np.int8)[:n],
        "entry_price": np.full(n, 100.0),
        "exit_price": np.full(n, 110.0),
        "quantity": np.full(n, 2.0),
        "pnl": np.array([20.0, -20.0])[:n],
        "trade_return": np.array([0.1, -0.1])[:n],
        "stop_price": np.array(stop_price),
        "reason": np.zeros(n, np.int8),
    }
    return TradeColumns(
        **columns, **dict.fromkeys(("fees", "financing", "mae", "mfe"), np.zeros(n))
    )


def test_log_optimal_fraction_of_the_reference() -> None:
    # the first-order condition, solved by scipy.optimize.brentq
    assert kelly(OUTCOMES / 0.01) == pytest.approx(0.0958192960, abs=5e-11)


def test_it_maximises_the_growth_of_wealth() -> None:
    best = kelly(OUTCOMES)
    assert best is not None
    growth = [np.log1p(f * OUTCOMES).mean() for f in (best * 0.999, best, best * 1.001)]
    assert growth[1] == max(growth)
    assert best == pytest.approx(100 * 0.0958192960, abs=1e-7)


def test_an_even_bet_is_its_edge() -> None:
    assert kelly([1.0] * 6 + [-1.0] * 4) == pytest.approx(0.2, abs=1e-15)
    # 2 to 1 at evens: p - q / b
    assert kelly([2.0, -1.0]) == pytest.approx(0.25, abs=1e-15)


def test_without_an_edge_it_is_0_and_without_a_loss_unbounded() -> None:
    assert kelly([1.0, -1.0]) == 0.0
    assert kelly([-1.0]) == 0.0
    assert kelly([1.0, 0.5]) is None
    assert kelly([]) is None


def test_r_is_what_the_stop_risked() -> None:
    assert r_multiple(trades([95.0, 104.0])).tolist() == [2.0, -2.5]
    # 50 a point and half a delta: 25 times the money at risk
    assert r_multiple(trades([95.0, 104.0]), point_value=25.0).tolist() == [0.08, -0.1]


def test_r_is_missing_without_a_stop_or_with_nothing_at_risk() -> None:
    found = r_multiple(trades([np.nan, 104.0]))
    assert np.isnan(found[0])
    assert found[1] == -2.5
    assert np.isnan(r_multiple(trades([100.0, 104.0]))).tolist() == [True, False]


def test_kelly_reads_r_where_every_trade_has_one() -> None:
    assert r_multiples(trades([95.0, 104.0])).tolist() == [2.0, -2.5]
    assert r_multiples(trades([95.0, 104.0]), point_value=25.0).tolist() == [0.08, -0.1]
    assert r_multiples(trades([95.0, np.nan])).tolist() == [0.1, -0.1]
    assert r_multiples(trades([95.0, 100.0])).tolist() == [0.1, -0.1]
    assert r_multiples(TradeColumns.empty()).tolist() == []


def test_what_is_beyond_a_float_is_unknown_and_warns_nobody() -> None:
    table = trades([np.nextafter(100.0, 0.0), 90.0])  # 1.4e-14 away from the entry
    table.pnl[0] = 1e300
    assert np.isnan(r_multiple(table)[0])
    assert r_multiple(table)[1] == -1.0
    np.testing.assert_array_equal(r_multiples(table), [0.1, -0.1])
    for outcome in (math.inf, math.nan):
        assert kelly([outcome, -1.0]) is None
