"""The book: a trial has the same key by whichever route, and a shard is read as it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from hyprl_lab.data import load_bars
from hyprl_lab.engine import Execution, FixedFraction
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.research.search.book import Book
from hyprl_lab.research.search.evaluated import Evaluated
from hyprl_lab.research.space import Batch
from hyprl_lab.store import ShardHeldError, Warehouse, trial_key, trial_key_prefix
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("execution.fee_bps", "fast", "risk.fraction", "slow")
RISK, EXECUTION = FixedFraction(1.0), Execution(slippage_bps=1.0)


def book(store: Warehouse, *, blocks: bool = True) -> Book:
    bars = load_bars("TEST")
    root = store.lineage_root(bars)
    store.open_study(
        "s",
        spec={},
        bars=bars,
        lineage_root=root,
        strategy=dual_sma(),
        total=4,
        param_names=NAMES,
    )
    return Book(
        store=store,
        study_id="s",
        lineage_root=root,
        strategy_hash=dual_sma().hash,
        names=NAMES,
        parameters=("fast", "slow"),
        risk=RISK,
        execution=EXECUTION,
        blocks=blocks,
    )


def points(first: int = 0) -> Batch:
    values = [[fee, 3.0, part, 9.0] for fee in (2.0, 0.0) for part in (0.5, 1.0)]
    return Batch(first, np.array(values))


def evaluated(count: int) -> Evaluated:
    values = np.arange(len(TRIAL_METRICS) * count, dtype=np.float64).reshape(-1, count)
    values[0, 0] = np.nan
    states = np.array(["completed", "failed", "pruned", "completed"][:count])
    return Evaluated(
        values, np.arange(count, dtype=np.uint64), states, np.ones((count, 17, 6)), None
    )


def test_keys_are_of_the_settings_and_the_strategys_own_parameters(tmp_path: Path) -> None:
    ours = book(Warehouse(tmp_path))
    keys = ours.keys(points().values)
    for key, (fee, fast, part, slow) in zip(keys, points().values.tolist(), strict=True):
        prefix = trial_key_prefix(
            dual_sma().hash,
            FixedFraction(part).to_json(),
            Execution(slippage_bps=1.0, fee_bps=fee).to_json(),
            ours.lineage_root,
        )
        assert key.tobytes() == trial_key(prefix, {"fast": fast, "slow": slow})
    assert len(np.unique(keys, axis=0)) == 4


def test_keys_do_not_depend_on_how_many_trials_share_settings(tmp_path: Path) -> None:
    ours = book(Warehouse(tmp_path))
    values = [[fee, 3.0, 0.5, slow] for fee in (0.0, 2.0) for slow in np.arange(9.0, 49.0)]
    together = ours.keys(np.array(values))  # by the kernel
    alone = np.concatenate([ours.keys(np.array([row])) for row in values])
    np.testing.assert_array_equal(together, alone)
    assert len(np.unique(together, axis=0)) == len(values)


def test_a_shard_of_one_state_is_read_as_it_was_committed(tmp_path: Path) -> None:
    ours, found = book(Warehouse(tmp_path), blocks=False), evaluated(4).pruned()
    reservation = ours.reserve(0, 4)
    assert reservation is not None
    found = Evaluated(found.values, found.behaviour_hash, found.states, None, None)
    assert ours.commit(reservation, points(), found)
    assert ours.read(points()).states.tolist() == ["pruned"] * 4


def test_a_shard_is_read_as_it_was_committed(tmp_path: Path) -> None:
    ours = book(Warehouse(tmp_path))
    reservation = ours.reserve(0, 4)
    assert reservation is not None
    assert ours.commit(reservation, points(), evaluated(4))
    assert ours.reserve(0, 4) is None
    known = ours.read(points())
    np.testing.assert_array_equal(known.values, points().values)
    assert known.states.tolist() == ["completed", "failed", "pruned", "completed"]
    for name, values in evaluated(4).metrics.items():
        np.testing.assert_array_equal(known.metrics[name], values)


def test_what_another_holds_is_theirs_until_they_let_go(tmp_path: Path) -> None:
    ours = book(Warehouse(tmp_path), blocks=False)
    reservation = ours.reserve(0, 4)
    assert reservation is not None
    with pytest.raises(ShardHeldError):
        ours.reserve(0, 4)
    ours.abandon(reservation)
    assert ours.reserve(0, 4) is not None
