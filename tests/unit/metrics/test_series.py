from __future__ import annotations

import numpy as np
import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.metrics import Equity, Returns


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_named(bad: float) -> None:
    with pytest.raises(InputError, match=r"returns\[1\]"):
        Returns([0.1, bad])
    with pytest.raises(InputError, match=r"equity\[0\]"):
        Equity([bad, 1.0], cash=1.0)


def test_one_dimension_only() -> None:
    with pytest.raises(InputError, match="2 dimensions"):
        Returns(np.zeros((2, 2)))


@pytest.mark.parametrize("cash", [0.0, -1.0, np.nan, np.inf])
def test_cash_is_above_0(cash: float) -> None:
    with pytest.raises(InputError, match="cash"):
        Equity([1.0], cash=cash)


def test_equity_is_not_empty() -> None:
    with pytest.raises(InputError, match="empty"):
        Equity(np.empty(0), cash=1.0)


def test_returns_after_ruin_are_0() -> None:
    equity = Equity([100.0, 50.0, 0.0, 0.0], cash=100.0)
    assert equity.returns().values.tolist() == [-0.5, -1.0, 0.0]
    assert len(equity) == 4


def test_values_are_copied_and_read_only() -> None:
    values = np.array([0.1, 0.2])
    returns = Returns(values)
    values[0] = 9.0
    assert returns.values[0] == 0.1
    with pytest.raises(ValueError, match="read-only"):
        returns.values[0] = 1.0
