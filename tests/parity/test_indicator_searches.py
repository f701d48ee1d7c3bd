"""A search over the numbers of every public indicator gives what single runs give, to the bit."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from engine_cases import assert_agree
from indicators import ROWS, inputs_of, shipped

from hyprl_lab import kernels
from hyprl_lab.engine import native, reference
from hyprl_lab.engine.config import Execution
from hyprl_lab.errors import LabError
from hyprl_lab.strategy import Strategy, close, param, stop

if TYPE_CHECKING:
    from hyprl_lab.engine.simulation import SimulationInputs
    from hyprl_lab.types import FloatArray

SEARCHED = [name for name, row in ROWS.items() if row.names]

WINDOWS = (2.0, 3.0, 5.0, 8.0, 14.0, 30.0, 1.0)
REFUSED = (0.0, 2.5, 1e6)
"""Windows that a trial can't have: it is marked as failed, and the others go on."""

SCALARS = {
    "q": (0.5, 0.0, 0.9, 1.0),
    "acceleration": (0.02, 0.3, 0.001),
    "maximum": (0.2, 0.05, 1.0),
}
ANY_NUMBER = (0.5, 1.0, 2.5)

TRIALS = 37
ROWS_OF_BARS = (1_500, 1_900)
VARIANTS = ((2, False), (3, False), (1, True), (2, True))
"""Threads, and whether the portable path is asked for."""


def strategy(name: str) -> Strategy:
    """In while the line rises; the stop tells each of its digits."""
    row = ROWS[name]
    line = row.expression([param(argument) for argument in row.names])
    size = abs(line) / (1 + abs(line))
    return Strategy(
        "line",
        long_entry=(line > line.shift(1)) | (line.shift(1) > line.shift(2)),
        long_exit=line < line.shift(1),
        stop_loss=stop.price(close * (0.99 - 0.02 * size)),
    )


def values(name: str, used: list[str]) -> FloatArray:
    """Rows of numbers in the sorted order of their names; the last three are refused."""
    random = np.random.Generator(np.random.PCG64(len(name)))
    row = ROWS[name]
    columns = []
    for argument in used:
        options = SCALARS.get(argument, ANY_NUMBER) if argument in row.scalars else WINDOWS
        column = random.choice(options, TRIALS)
        columns.append(column)
    found = np.array(columns).T
    place = next((at for at, argument in enumerate(used) if argument not in row.scalars), None)
    if place is not None:
        found[-len(REFUSED) :, place] = REFUSED
    return found


def single(inputs: SimulationInputs, names: list[str], row: FloatArray) -> SimulationInputs:
    return replace(inputs, params=dict(zip(names, row.tolist(), strict=True)))


@pytest.mark.parametrize("name", SEARCHED)
def test_trials_are_single_runs(name: str) -> None:
    bars = shipped("sp500").take(*ROWS_OF_BARS)
    made = strategy(name)
    names = sorted(made.parameters)
    inputs = inputs_of(
        made.to_json(),
        bars.columns,
        ts=bars.ts,
        bar_of_session=bars.bar_of_session,
        execution=Execution(fee_bps=5.0, at_end="mark"),
    )
    grid = values(name, names)
    found = search(inputs, grid, 1, portable=False)
    for threads, portable in VARIANTS:
        assert_equal(search(inputs, grid, threads, portable=portable), found)
    traded, hashes = 0, set()
    for at, row in enumerate(grid):
        try:
            alone = native.simulate(single(inputs, names, row))
        except LabError:
            assert found["failed"][at], dict(zip(names, row, strict=True))
            continue
        assert not found["failed"][at]
        np.testing.assert_array_equal(found["values"][:, at], list(alone.values.values()))
        np.testing.assert_array_equal(found["blocks"][at], alone.blocks)
        assert int(found["behaviour_hash"][at]) == alone.behaviour_hash
        traded += len(alone.trades) > 0
        hashes.add(alone.behaviour_hash)
        if at < 2:
            assert_agree(alone, reference.simulate(single(inputs, names, row)))
    windows = [argument for argument in names if argument not in ROWS[name].scalars]
    assert found["failed"].sum() == (len(REFUSED) if windows else 0)
    assert traded >= 12, f"{traded} trials with a trade"
    assert len(hashes) > 2, "the numbers change nothing"


def search(
    inputs: SimulationInputs, grid: FloatArray, threads: int, *, portable: bool
) -> dict[str, Any]:
    setup = native.setup(inputs)
    return dict(kernels.search(inputs.columns, setup, grid, threads=threads, portable=portable))


def assert_equal(found: dict[str, Any], expected: dict[str, Any]) -> None:
    assert list(found) == list(expected)
    for name, wanted in expected.items():
        np.testing.assert_array_equal(found[name], wanted, name)
