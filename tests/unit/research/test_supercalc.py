"""Calls of the low-level layer count in the ledger, each try once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

import hyprl_lab as hl
from hyprl_lab.engine.supercalc import (
    SupercalcDataset,
    prepare_supercalc_dataset,
    run_backtest_native,
    run_native_search_batch,
)
from hyprl_lab.research import supercalc
from hyprl_lab.research.supercalc import LedgerSink
from hyprl_lab.strategy.builtin import dual_sma

if TYPE_CHECKING:
    from pathlib import Path

BARS = hl.load_bars("TEST").take(0, 250)
FAST, SLOW = [5, 6, 7, 8, 9], [20, 20, 300, 30, 30]
COLUMNS = {"fast": FAST, "slow": SLOW}


def prepared(warehouse: hl.Warehouse) -> SupercalcDataset:
    return prepare_supercalc_dataset(BARS, dual_sma(), sink=LedgerSink(warehouse))


def tables(warehouse: hl.Warehouse) -> list[object]:
    """All that a ledger says of trials, but for when."""
    warehouse.flush()
    asked = (
        "select * from trials order by trial_index",
        "select * from trial_blocks order by trial_index",
    )
    return [warehouse.sql(query, arrow=True).to_pylist() for query in asked]


def test_a_batch_is_a_study_of_its_own(tmp_path: Path) -> None:
    warehouse = hl.Warehouse(tmp_path)
    batch = run_native_search_batch(prepared(warehouse), COLUMNS, hl.FixedFraction(0.5))
    (study,) = warehouse.sql("select * from studies", arrow=True).to_pylist()
    assert (study["study_id"], study["kind"]) == (batch.study_id, "supercalc")
    assert (study["state"], study["total"]) == ("completed", 5)
    assert json.loads(study["spec"])["risk"] == {"model": "fixed_fraction", "fraction": 0.5}
    frame = warehouse.trials_frame(str(batch.study_id))
    assert frame["fast"].tolist() == FAST
    assert frame["slow"].tolist() == SLOW
    assert frame["state"].tolist() == ["completed", "completed", "failed", "completed", "completed"]
    np.testing.assert_array_equal(frame["sharpe"], batch.metrics["sharpe"])
    np.testing.assert_array_equal(frame["behaviour_hash"], batch.behaviour_hash)
    blocks = warehouse.study_blocks(str(batch.study_id), ["trades"])["trades"]
    np.testing.assert_array_equal(blocks.sum(axis=1)[:2], batch.metrics["trades"][:2])
    assert warehouse.trial_count(warehouse.lineage_root(BARS)) == 5


def test_a_repeat_is_evaluated_and_recorded_once(tmp_path: Path) -> None:
    warehouse = hl.Warehouse(tmp_path)
    dataset = prepared(warehouse)
    first = run_native_search_batch(dataset, COLUMNS)
    before = tables(warehouse)
    again = run_native_search_batch(dataset, COLUMNS, threads=1)
    assert again.study_id == first.study_id
    np.testing.assert_array_equal(again.metrics["sharpe"], first.metrics["sharpe"])
    assert tables(warehouse) == before
    assert len(warehouse.sql("select * from shards")) == 1


def test_whatever_decides_the_trials_makes_another_study(tmp_path: Path) -> None:
    warehouse = hl.Warehouse(tmp_path)
    dataset = prepared(warehouse)
    ids = {
        run_native_search_batch(dataset, COLUMNS).study_id,
        run_native_search_batch(dataset, {**COLUMNS, "fast": [5, 6, 7, 8, 10]}).study_id,
        run_native_search_batch(dataset, COLUMNS, hl.FixedFraction(0.5)).study_id,
        run_native_search_batch(dataset, COLUMNS, hl.AllIn(), hl.Execution(fee_bps=1)).study_id,
        run_native_search_batch(
            prepare_supercalc_dataset(BARS, dual_sma(), cash=1.0, sink=LedgerSink(warehouse)),
            COLUMNS,
        ).study_id,
    }
    assert len(ids) == 5
    # keys don't know the cash: 5 + 1 new set, then 5 each under two other settings
    assert warehouse.trial_count(warehouse.lineage_root(BARS)) == 16


def test_a_search_a_batch_and_a_single_run_have_one_key(tmp_path: Path) -> None:
    warehouse = hl.Warehouse(tmp_path)
    dataset = prepared(warehouse)
    hl.supersearch(BARS, dual_sma(), {"fast": [5], "slow": [20]}, holdout=0.0, warehouse=warehouse)
    run_native_search_batch(dataset, {"slow": [20, 21], "fast": [5, 5]})
    assert run_backtest_native(dataset, {"fast": 5, "slow": 21}).recorded
    assert warehouse.trial_count(warehouse.lineage_root(BARS)) == 2
    assert len(warehouse.sql("select * from trials")) == 4


def test_a_large_batch_is_recorded_in_shards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = run_native_search_batch(prepared(hl.Warehouse(tmp_path / "whole")), COLUMNS)
    monkeypatch.setattr(supercalc, "_SHARD_ROWS", 2)
    warehouse = hl.Warehouse(tmp_path / "parts")
    cut = run_native_search_batch(prepared(warehouse), COLUMNS)
    for name, values in whole.metrics.items():
        np.testing.assert_array_equal(cut.metrics[name], values)
    assert cut.failed.tolist() == whole.failed.tolist()
    assert warehouse.sql("select count(*) as n from shards")["n"].tolist() == [3]
    frame = warehouse.trials_frame(str(cut.study_id))
    assert frame["fast"].tolist() == FAST


def test_an_interrupted_batch_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supercalc, "_SHARD_ROWS", 2)
    undisturbed = hl.Warehouse(tmp_path / "undisturbed")
    run_native_search_batch(prepared(undisturbed), COLUMNS)
    warehouse = hl.Warehouse(tmp_path / "stopped")
    commit, calls = warehouse.commit_shard, 0

    def stopped(*arguments: object) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        commit(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(warehouse, "commit_shard", stopped)
    with pytest.raises(KeyboardInterrupt):
        run_native_search_batch(prepared(warehouse), COLUMNS)
    assert warehouse.sql("select count(*) as n from trials")["n"].tolist() == [2]
    # four rows were announced: their results may have been seen
    assert warehouse.trial_count(warehouse.lineage_root(BARS)) == 4
    batch = run_native_search_batch(prepared(warehouse), COLUMNS)
    assert len(batch) == 5
    assert warehouse.study(str(batch.study_id)).state == "completed"
    mine, theirs = tables(warehouse), tables(undisturbed)
    for table in (*mine, *theirs):
        for row in table:  # type: ignore[attr-defined]
            row.pop("lineage_root", None)
            row.pop("trial_key", None)  # of another ledger's lineage
            row.pop("study_id", None)
    assert mine == theirs
