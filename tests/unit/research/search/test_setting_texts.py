"""Texts with gaps: equal to the objects' own JSON, whatever the numbers."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.engine.config import (
    AllIn,
    Execution,
    FixedFraction,
    FixedUnits,
    KellyFraction,
    Money,
    Risk,
    VolatilityTarget,
)
from hyprl_lab.errors import SpaceError
from hyprl_lab.hashing import canonical_json
from hyprl_lab.research.search.setting_texts import setting_texts
from hyprl_lab.research.space import split_settings

FIXED = Execution(
    intraday=True, session_cutoff="15:45", daily_loss_limit=Money(100), fill="same_close"
)


def same(names: list[str], values: np.ndarray, risk: Risk, execution: Execution) -> None:
    """Assert that texts are those of the slow way: objects, and the JSON of each."""
    slow = split_settings(names, values, risk, execution)
    found = setting_texts(names, values, risk, execution)
    assert found.pairs == [
        (canonical_json(one.to_json()).decode(), canonical_json(other.to_json()).decode())
        for one, other in slow.pairs
    ]
    np.testing.assert_array_equal(found.index, slow.index)
    np.testing.assert_array_equal(found.params, slow.params)
    assert found.index.dtype == np.uint32
    assert found.params.flags.c_contiguous
    for (one, other), (first, second) in zip(found.pairs, slow.pairs, strict=True):
        assert json.loads(one) == first.to_json()  # to the bit: JSON of Python reads as it writes
        assert json.loads(other) == second.to_json()


@given(
    st.lists(
        st.tuples(
            st.floats(0, 9_999, allow_subnormal=True),
            st.floats(-0.0, 1e9),
            st.sampled_from([5.0, 7.0]),
            st.floats(1e-300, 1e15),
        ),
        min_size=1,
        max_size=12,
    )
)
def test_any_numbers(rows: list[tuple[float, ...]]) -> None:
    names = ["execution.fee_bps", "execution.fee_per_trade", "fast", "risk.units"]
    same(names, np.array(rows), FixedUnits(1), FIXED)


@pytest.mark.parametrize(
    "fee",
    [0.0, -0.0, 5e-324, 1e-7, 9.999999e-7, 1e-6, 1e-5, 0.0001, 0.1, 1 / 3, 20.0, 9999.999999999998],
)
def test_numbers_of_every_size(fee: float) -> None:
    same(["execution.fee_bps"], np.array([[fee]]), AllIn(), Execution())


@pytest.mark.parametrize("units", [1e15, 123456789012345.0, 2**49 + 0.5, 1e14 + 0.25])
def test_large_numbers(units: float) -> None:
    same(["risk.units"], np.array([[units]]), FixedUnits(1), Execution())


def test_whole_settings_are_written_without_a_point() -> None:
    names = ["execution.lots", "risk.annual", "risk.window"]
    values = np.array([[lots, 0.1, window] for lots in range(1, 7) for window in range(2, 12)])
    same(names, values, VolatilityTarget(0.2, 20), Execution())
    found = setting_texts(names, values, VolatilityTarget(0.2, 20), Execution())
    assert '"lots":6,' in found.pairs[-1][1]
    assert found.pairs[-1][0] == '{"annual":0.1,"model":"volatility_target","window":11}'


def test_parameters_alone_have_one_pair() -> None:
    same(["fast", "slow"], np.array([[1.0, 2.0], [3.0, 4.0]]), KellyFraction(0.5, 5, 0.1), FIXED)


def test_settings_alone_have_no_parameters() -> None:
    values = np.array([[0.0], [5.0], [0.0]])
    same(["execution.fee_bps"], values, AllIn(), Execution())
    assert setting_texts(["execution.fee_bps"], values, AllIn(), Execution()).params.shape == (3, 0)


def test_no_points_have_no_settings() -> None:
    found = setting_texts(["execution.fee_bps"], np.empty((0, 1)), AllIn(), Execution())
    assert (found.pairs, found.index.shape, found.params.shape) == ([], (0,), (0, 0))


BAD = [
    ("execution.fee_bps", -1.0, AllIn()),
    ("execution.fee_bps", 10_000.0, AllIn()),
    ("execution.fee_bps", math.nan, AllIn()),
    ("execution.fee_per_trade", math.inf, AllIn()),
    ("execution.lots", 2.5, AllIn()),
    ("risk.window", 7.5, VolatilityTarget(0.2, 20)),
    ("risk.fraction", 0.0, FixedFraction(1.0)),
    ("execution.nothing", 1.0, AllIn()),
]


@pytest.mark.parametrize(("name", "bad", "risk"), BAD)
@pytest.mark.parametrize("others", [0, 40])
def test_what_cant_be_is_refused_among_many_too(
    name: str, bad: float, risk: Risk, others: int
) -> None:
    values = np.array([*np.arange(5.0, 5.0 + others), bad])[:, None]
    if name == "risk.fraction":
        values = np.array([*np.linspace(0.1, 1.0, others), bad])[:, None]
    with pytest.raises(SpaceError, match=name):
        split_settings([name], values, risk, Execution())
    with pytest.raises(SpaceError, match=name):
        setting_texts([name], values, risk, Execution())


def test_settings_that_cant_be_together() -> None:
    names = ["execution.slippage_bps", "execution.spread_pct"]
    values = np.array([[a, b] for a in np.linspace(0, 9000, 9) for b in np.linspace(0, 0.5, 9)])
    with pytest.raises(SpaceError, match="whole price"):
        setting_texts(names, values, AllIn(), Execution())


def test_lots_of_whole_units_are_whole() -> None:
    values = np.array([*range(1, 30), 2.5], dtype=np.float64)[:, None]
    with pytest.raises(SpaceError, match="whole"):
        setting_texts(["execution.lot_size"], values, AllIn(), Execution(whole_units=True))
    same(["execution.lot_size"], values, AllIn(), Execution())
    same(["execution.lot_size"], values[:-1], AllIn(), Execution(whole_units=True))
