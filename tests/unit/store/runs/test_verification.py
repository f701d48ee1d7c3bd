from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from run_records import record
from tampering import Hand, build

from hyprl_lab.errors import NotFoundError
from hyprl_lab.hashing import digest

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.store import Warehouse


def test_an_empty_ledger_is_in_order(warehouse: Warehouse) -> None:
    found = warehouse.verify_runs()
    assert (found.links, found.runs, found.findings, found.ok) == (0, 0, (), True)
    with pytest.raises(NotFoundError, match="no run aa in"):
        warehouse.verify_runs("aa")


def test_it_does_not_stop_at_the_first_finding(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    build(warehouse, monkeypatch, tmp_path)
    healthy = warehouse.verify_runs()
    assert healthy.ok
    assert healthy.runs == 10
    hand = Hand(warehouse, tmp_path / "kept")
    hand.checkpoint.unlink()
    hand.update("chain", hand.rows["chain"][0], subject="nobody")
    hand.update("runs", hand.rows["runs"][5], seed=99)
    hand.update("run_artifacts", hand.rows["run_artifacts"][0], size=99)
    hand.update("removals", hand.rows["removals"][0], generation=99)
    hand.update("environments", hand.rows["environments"][0], body="{}")
    hand.update("verdicts", hand.rows["verdicts"][0], name="other")
    hand.update("run_states", hand.rows["run_states"][3], symbol="other")
    (hand.runs / digest(8) / "config.json").unlink()
    found = warehouse.verify_runs()
    assert not found.ok
    assert {finding.kind for finding in found.findings} == {
        *("checkpoint", "chain", "run", "artifact", "removal", "environment", "verdict"),
        *("state", "file"),
    }


def test_one_run_is_looked_at_with_the_whole_chain(warehouse: Warehouse) -> None:
    for run_hash in ("aa", "bb", "cc"):
        warehouse.save_run(record(run_hash))
    (warehouse.get_run("bb").folder / "equity.parquet").unlink()
    assert warehouse.verify_runs("aa").ok
    assert warehouse.verify_runs("aa").runs == 1
    assert [finding.kind for finding in warehouse.verify_runs("bb").findings] == ["file"]
    (warehouse.home / "checkpoint.json").unlink()
    assert [finding.kind for finding in warehouse.verify_runs("aa").findings] == ["checkpoint"]


def test_a_rewrite_of_equal_length_is_known_by_the_checkpoint_alone(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Every hash is computed anew, so that all the rest agrees."""
    from random import Random

    from tampering.mutations import rewrite_the_chain

    build(warehouse, monkeypatch, tmp_path)
    rewrite_the_chain(Random(1), Hand(warehouse, tmp_path / "kept"))
    (finding,) = warehouse.verify_runs().findings
    assert finding.kind == "checkpoint"
    assert finding.message.endswith("was signed: links were cut off or rewritten")
