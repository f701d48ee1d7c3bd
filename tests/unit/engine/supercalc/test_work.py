"""Rows of a batch, by either engine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest

import hyprl_lab as hl
from hyprl_lab.engine.backtest import inputs
from hyprl_lab.engine.supercalc import BatchWork, prepare_supercalc_dataset
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from hyprl_lab.types import EngineName

BARS = hl.load_bars("TEST").take(0, 200)
ROWS = np.array([[5.0, 20.0], [10.0, 300.0], [8.0, 30.0]])


def work(engine: EngineName, threads: int = 1) -> BatchWork:
    dataset = replace(prepare_supercalc_dataset(BARS, dual_sma()), engine=engine)
    simulation = inputs(
        BARS,
        dual_sma(),
        {"fast": 5.0, "slow": 20.0},
        risk=hl.FixedFraction(0.5),
        execution=hl.Execution(fee_bps=5),
        cash=1_000.0,
        window=dataset.window,
    )
    return BatchWork(
        dataset=dataset, simulation=simulation, names=["fast", "slow"], values=ROWS, threads=threads
    )


def test_both_engines_agree_and_a_refused_row_fails_alone() -> None:
    native, twin = (work(engine).evaluate(0, 3) for engine in ("native", "python"))
    np.testing.assert_allclose(native["values"], twin["values"], rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(native["blocks"], twin["blocks"], rtol=1e-9, atol=1e-12)
    for same in ("behaviour_hash", "failed"):
        np.testing.assert_array_equal(native[same], twin[same])  # type: ignore[literal-required]
    for found in (native, twin):
        assert found["failed"].tolist() == [False, True, False]
        assert np.isnan(found["values"][:, 1]).all()
        assert found["behaviour_hash"][1] == 0
        assert not found["blocks"][1].any()
        assert found["first_error"] is not None
        assert "300" in found["first_error"]


@pytest.mark.parametrize("engine", ["native", "python"])
def test_a_row_does_not_depend_on_its_neighbours(engine: EngineName) -> None:
    mine = work(engine)
    whole, last = mine.evaluate(0, 3), mine.evaluate(2, 3)
    np.testing.assert_array_equal(whole["values"][:, 2:], last["values"])
    assert len(mine) == 3


def test_threads_change_nothing() -> None:
    one, seven = (work("native", threads).evaluate(0, 3) for threads in (1, 7))
    np.testing.assert_array_equal(one["values"], seven["values"])
    np.testing.assert_array_equal(one["blocks"], seven["blocks"])


def test_blocks_are_made_where_somebody_keeps_them() -> None:
    kept = work("native")
    alone = replace(kept, dataset=replace(kept.dataset, sink=None))
    assert kept.evaluate(0, 3)["blocks"].shape == (3, 17, 6)
    assert alone.evaluate(0, 3)["blocks"].shape == (0, 17, 6)
    np.testing.assert_array_equal(alone.evaluate(0, 3)["values"], kept.evaluate(0, 3)["values"])
