"""Native results are equal to the bit: for any number of threads, with and without AVX2."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from engine_cases import Case, cases
from hypothesis import assume, given
from hypothesis import strategies as st

from hyprl_lab import kernels
from hyprl_lab.engine import native
from hyprl_lab.errors import LabError
from hyprl_lab.types import FloatArray

VARIANTS = ((1, False), (2, False), (3, False), (7, False), (1, True), (2, True))
"""Threads, and whether the portable path is asked for."""


def trials(case: Case, random: np.random.Generator) -> FloatArray:
    """Rows of parameter values around those of the case; some are refused."""
    base = np.array([value for _, value in sorted(case.params.items())])
    rows = np.repeat(base[np.newaxis], 40, axis=0)
    rows *= random.choice([1.0, 1.0, 2.0, 3.0, 0.5], rows.shape)
    return rows


def search(case: Case, values: FloatArray, threads: int, *, portable: bool) -> dict[str, Any]:
    inputs = case.inputs()
    found = kernels.search(
        inputs.columns, native.setup(inputs), values, threads=threads, portable=portable
    )
    return dict(found)


def assert_equal(found: dict[str, Any], expected: dict[str, Any]) -> None:
    assert list(found) == list(expected)
    for name, values in expected.items():
        if isinstance(values, np.ndarray):
            np.testing.assert_array_equal(found[name], values, name, strict=True)
        else:
            assert found[name] == values, name


@given(
    case=st.booleans().flatmap(lambda intraday: cases(intraday=intraday)),
    seed=st.integers(0, 2**31),
)
def test_a_search_does_not_depend_on_threads_or_instructions(case: Case, seed: int) -> None:
    """And its trials are what single runs give."""
    assume(case.params)
    values = trials(case, np.random.Generator(np.random.PCG64(seed)))
    expected = search(case, values, 1, portable=False)
    for threads, portable in VARIANTS[1:]:
        assert_equal(search(case, values, threads, portable=portable), expected)
    names = sorted(case.params)
    for row in range(0, len(values), 8):
        params = dict(zip(names, values[row].tolist(), strict=True))
        try:
            single = native.simulate(replace(case, params=params).inputs())
        except LabError:
            assert expected["failed"][row]
            continue
        assert not expected["failed"][row]
        metrics = np.array(list(single.values.values()))
        np.testing.assert_array_equal(expected["values"][:, row], metrics)
        np.testing.assert_array_equal(expected["blocks"][row], single.blocks)
        assert int(expected["behaviour_hash"][row]) == single.behaviour_hash


def grid(low: int, high: int) -> FloatArray:
    pairs = [(f, s) for f in range(low, high) for s in range(f + 1, high)]
    return np.array(pairs, dtype=np.float64)


CROSS: dict[str, Any] = {
    "version": 1,
    "name": "cross",
    "parameters": {"fast": {}, "slow": {}},
    "nodes": [
        {"op": "column", "name": "close"},
        {"op": "parameter", "name": "fast"},
        {"op": "sma", "args": [0, 1]},
        {"op": "parameter", "name": "slow"},
        {"op": "sma", "args": [0, 3]},
        {"op": "crosses_above", "args": [2, 4]},
        {"op": "crosses_below", "args": [2, 4]},
        {"op": "constant", "value": 0.03},
        {"op": "multiply", "args": [1, 7]},
    ],
    "outputs": {"long_entry": 5, "long_exit": 6, "short_entry": 6, "short_exit": 5},
    "stop_loss": None,
    "take_profit": None,
}


@pytest.mark.parametrize(
    "levels",
    [
        {},
        {"outputs": {**CROSS["outputs"], "short_entry": None, "short_exit": None}},
        {"stop_loss": {"kind": "percent", "node": 7}},
        {
            "trailing_stop": {"kind": "percent", "node": 7},
            "take_profit": {"kind": "percent", "node": 8},
        },
    ],
    ids=["both sides", "long", "stop", "trailing stop"],
)
@pytest.mark.parametrize("fill", ["next_open", "same_close"])
def test_a_grid_over_real_bars(levels: dict[str, Any], fill: str) -> None:
    """Long enough for every lane, tile and thread to have work: 1,770 pairs over 5,031 bars."""
    from engine_cases.markets import Market

    from hyprl_lab.data import load_bars
    from hyprl_lab.engine.config import AllIn, Execution

    bars = load_bars("sp500")
    case = Case(
        market=Market(ts=bars.ts, columns=dict(bars.columns), timeframe="1d", calendar="XNYS"),
        graph=CROSS | levels,
        params={"fast": 3.0, "slow": 9.0},
        risk=AllIn(),
        execution=Execution(fee_bps=3.0, slippage_bps=1.0, fill=fill),
    )
    values = grid(2, 62)
    expected = search(case, values, 1, portable=False)
    assert not expected["failed"].any()
    for threads, portable in VARIANTS[1:]:
        assert_equal(search(case, values, threads, portable=portable), expected)
