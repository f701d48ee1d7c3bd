from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.metrics import (
    Equity,
    calmar,
    drawdowns,
    max_drawdown,
    max_drawdown_bars,
    max_drawdown_intrabar,
)


def test_the_peak_starts_at_cash() -> None:
    equity = Equity([90.0, 95.0, 99.0], cash=100.0)
    assert max_drawdown(equity) == pytest.approx(0.1)
    assert max_drawdown_bars(equity) == 3


def test_depth_and_length_by_numpy() -> None:
    values = 100 * np.exp(np.cumsum(np.random.default_rng(2).normal(0, 0.02, 400)))
    equity = Equity(values, cash=100.0)
    peak = np.maximum(np.maximum.accumulate(values), 100.0)
    assert max_drawdown(equity) == (1 - values / peak).max()
    below = "".join("x" if under else " " for under in values < peak)
    assert max_drawdown_bars(equity) == max(map(len, below.split()))


def test_rising_equity_has_none() -> None:
    equity = Equity([100.0, 101.0], cash=100.0)
    assert max_drawdown(equity) == 0.0
    assert max_drawdown_bars(equity) == 0


def test_all_is_the_most() -> None:
    assert max_drawdown(Equity([50.0, 0.0], cash=100.0)) == 1.0
    assert max_drawdown_intrabar(Equity([50.0, 0.0], cash=100.0), [-500.0, 0.0]) == 1.0


def test_intrabar_falls_from_the_closes_before() -> None:
    equity = Equity([120.0, 120.0], cash=100.0)
    # the first bar fell 5 % from cash before it closed at a new peak, the second 10 % from that
    assert max_drawdown_intrabar(equity, [95.0, 108.0]) == pytest.approx(0.1)
    assert max_drawdown_intrabar(equity, [85.0, 108.0]) == pytest.approx(0.15)
    with pytest.raises(InputError, match="one a bar"):
        max_drawdown_intrabar(equity, [90.0])


def test_calmar() -> None:
    assert calmar(-0.2, 0.5) == -0.4
    assert calmar(None, 0.5) is None
    assert calmar(0.1, 0.0) is None


def test_falls_by_a_scan_bar_by_bar() -> None:
    values = 100 * np.exp(np.cumsum(np.random.default_rng(8).normal(0, 0.02, 500)))
    values[100] = values[90]  # equal closes, and equal lows inside a fall
    equity = Equity(np.round(values), cash=101.0)
    expected = []
    peak, where, lows = 101.0, -1, []
    for bar, value in enumerate(np.round(values).tolist()):
        if value < peak:
            lows.append(value)
            continue
        if lows:
            low = lows.index(min(lows)) + where + 1
            expected.append((where, low, bar, 1 - min(lows) / peak, len(lows)))
        peak, where, lows = value, bar, []
    if lows:
        low = lows.index(min(lows)) + where + 1
        expected.append((where, low, -1, 1 - min(lows) / peak, len(lows)))
    found = drawdowns(equity)
    columns = (found.start, found.trough, found.end, found.depth, found.bars)
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == expected
    assert len(found) == len(expected) > 5
    assert found.start[0] == -1
    assert found.depth.max() == max_drawdown(equity)
    assert found.bars.max() == max_drawdown_bars(equity)


def test_no_fall_no_row() -> None:
    found = drawdowns(Equity([100.0, 100.0, 101.0], cash=100.0))
    assert len(found) == 0
    assert found.depth.dtype == np.float64
    assert found.trough.dtype == found.end.dtype == np.int64


def test_a_fall_of_all_is_1() -> None:
    found = drawdowns(Equity([50.0, -20.0, 0.0], cash=100.0))
    assert found.depth.tolist() == [1.0]
    assert (found.start[0], found.trough[0], found.end[0], found.bars[0]) == (-1, 1, -1, 3)
