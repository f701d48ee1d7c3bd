"""The job: equal to single runs, on prefixes too, whoever evaluates it."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.engine import Execution, FixedFraction, run
from hyprl_lab.engine.config import AllIn, Risk
from hyprl_lab.errors import SpaceError
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.research.search.evaluated import Evaluated
from hyprl_lab.research.search.halving import Halving
from hyprl_lab.research.search.job import Job, job_of
from hyprl_lab.research.space import Batch
from hyprl_lab.research.study import Ranking
from hyprl_lab.strategy.builtin import dual_sma


@pytest.fixture
def bars() -> Bars:
    return load_bars("TEST")


def job(
    bars: Bars,
    names: list[str] | None = None,
    *,
    halving: Halving | None = None,
    risk: Risk | None = None,
    blocks: bool = True,
) -> Job:
    return job_of(
        bars,
        dual_sma(),
        {"fast": 3.0, "slow": 9.0},
        names=names or ["fast", "slow"],
        ranking=Ranking.of("sharpe", []),
        risk=risk or AllIn(),
        execution=Execution(fee_bps=2.0),
        cash=10_000.0,
        halving=halving,
        blocks=blocks,
    )


def points() -> Batch:
    values = [[fast, slow] for fast in (2, 3, 5, 8) for slow in (13, 21, 34, 55)]
    return Batch(0, np.array(values, dtype=np.float64))


def equal(one: Evaluated, other: Evaluated) -> None:
    np.testing.assert_array_equal(one.values, other.values)
    np.testing.assert_array_equal(one.behaviour_hash, other.behaviour_hash)
    np.testing.assert_array_equal(one.states, other.states)
    assert (one.blocks is None) == (other.blocks is None)
    if one.blocks is not None:
        np.testing.assert_array_equal(one.blocks, other.blocks)


@pytest.mark.parametrize("halving", [None, Halving(2, 2)])
def test_threads_and_pickling_change_nothing(bars: Bars, halving: Halving | None) -> None:
    ours = job(bars, halving=halving)
    first = ours.evaluate(points(), threads=1)
    for threads in (2, 7):
        equal(ours.evaluate(points(), threads=threads), first)
    equal(pickle.loads(pickle.dumps(ours)).evaluate(points(), threads=1), first)


def test_halving_records_the_longest_prefix_that_a_trial_ran_on(bars: Bars) -> None:
    batch, length = points(), len(bars)
    found = job(bars, halving=Halving(2, 2)).evaluate(batch, threads=1)
    prefixes = [length // 4, length // 2, length]
    alone = [[_single(bars.take(0, cut), row) for row in batch.values] for cut in prefixes]
    going = list(range(len(batch.values)))
    reached = dict.fromkeys(going, 0)
    for rung in (0, 1):
        ranked = sorted(going, key=lambda row: -_sharpe(alone[rung][row]))
        going = sorted(ranked[: len(going) // 2])
        reached |= dict.fromkeys(going, rung + 1)
    assert sorted(reached.values()) == [0] * 8 + [1] * 4 + [2] * 4
    for row, rung in reached.items():
        assert found.states[row] == ("completed" if rung == 2 else "pruned")
        np.testing.assert_array_equal(found.values[:, row], alone[rung][row][0])
        assert found.behaviour_hash[row] == alone[rung][row][1]


def test_a_window_longer_than_a_prefix_is_no_failure(bars: Bars) -> None:
    batch = Batch(0, np.array([[2.0, 200.0], [2.0, 20.0], [3.0, 20.0], [900.0, 901.0]]))
    found = job(bars, halving=Halving(2, 2)).evaluate(batch, threads=1)
    assert found.states.tolist().count("pruned") == 3
    assert found.states[0] == found.states[3] == "pruned"  # it is undefined on the first prefix
    assert np.isnan(found.values[:, 0]).all()
    assert found.first_error is None


def test_without_blocks_all_else_is_the_same(bars: Bars) -> None:
    with_blocks, without = (
        job(bars, blocks=blocks).evaluate(points(), threads=1) for blocks in (True, False)
    )
    assert without.blocks is None
    np.testing.assert_array_equal(with_blocks.values, without.values)
    np.testing.assert_array_equal(with_blocks.behaviour_hash, without.behaviour_hash)


def test_settings_of_a_point_are_those_of_a_single_run(bars: Bars) -> None:
    names = ["execution.fee_bps", "fast", "risk.fraction", "slow"]
    values = np.array([[fee, 3.0, part, 21.0] for fee in (0.0, 5.0) for part in (0.5, 1.0)])
    found = job(bars, names, risk=FixedFraction(1.0)).evaluate(Batch(0, values), threads=2)
    for row, (fee, fast, part, slow) in enumerate(values.tolist()):
        single = run(
            bars,
            dual_sma(),
            params={"fast": fast, "slow": slow},
            risk=FixedFraction(part),
            execution=Execution(fee_bps=fee),
        ).simulation
        own = single.values
        np.testing.assert_array_equal(found.values[:, row], [own[name] for name in TRIAL_METRICS])
    assert len({tuple(column) for column in found.values.T.tolist()}) == 4


def test_bars_too_few_for_the_rungs(bars: Bars) -> None:
    with pytest.raises(SpaceError, match="halving cuts"):
        job(bars.take(0, 100), halving=Halving(3, 2))


def _single(bars: Bars, row: np.ndarray) -> tuple[list[float], int]:
    params = dict(zip(("fast", "slow"), row.tolist(), strict=True))
    found = run(bars, dual_sma(), params=params, execution=Execution(fee_bps=2.0)).simulation
    values = found.values
    return [values[name] for name in TRIAL_METRICS], found.behaviour_hash


def _sharpe(single: tuple[list[float], int]) -> float:
    return single[0][TRIAL_METRICS.index("sharpe")]
