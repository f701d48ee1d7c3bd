from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hyprl_lab.presets.history import Decision, History
from hyprl_lab.presets.rechecking.ledger import decision_lines, ledger_lines
from hyprl_lab.store import Warehouse


def failed(document: dict[str, Any], warehouse: Warehouse, **asked: Any) -> list[str]:
    return [line.part for line in ledger_lines(document, warehouse, **asked) if line.ok is False]


def test_the_ledger_is_the_one_that_was_asked(
    document: dict[str, Any], warehouse: Warehouse
) -> None:
    lines = list(ledger_lines(document, warehouse))
    assert [line.part for line in lines] == ["ledger", "chain", "ledger head", "trials"]
    assert all(line.ok for line in lines)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda v: v.update(ledger_id="0" * 32), "ledger"),
        (lambda v: v.update(trials=10**6), "trials"),
        (lambda v: v.update(trials="4"), "trials"),
        (lambda v: v.update(trials=True), "trials"),
        (lambda v: v.update(lineage_root="0" * 32), "trials"),
        (lambda v: v["ledger_head"].update(chain_hash="0" * 64), "ledger head"),
        (lambda v: v["ledger_head"].update(links=0), "ledger head"),
        (lambda v: v["ledger_head"].update(links=1), "ledger head"),
        (lambda v: v["ledger_head"].update(links=10**6), "ledger head"),
        (lambda v: v["ledger_head"].update(links=-1), "ledger head"),
        (lambda v: v["ledger_head"].update(links=None), "ledger head"),
        (lambda v: v.pop("ledger_head"), "ledger head"),
    ],
)
def test_what_the_verdict_says_of_it_is_looked_up(
    document: dict[str, Any], warehouse: Warehouse, change: Any, part: str
) -> None:
    change(document["evidence"]["verdict"])
    assert part in failed(document, warehouse)


def test_fewer_trials_than_then_is_a_finding_and_more_are_not(
    document: dict[str, Any], warehouse: Warehouse
) -> None:
    verdict = document["evidence"]["verdict"]
    now = warehouse.trial_count(verdict["lineage_root"])
    for then, wrong in ((now - 1, []), (now, []), (now + 1, ["trials"])):
        verdict["trials"] = then
        assert failed(document, warehouse) == wrong


def test_another_home_has_another_ledger(document: dict[str, Any], tmp_path: Path) -> None:
    assert {"ledger", "ledger head", "trials"} <= set(failed(document, Warehouse(tmp_path / "b")))


def test_the_checkpoint_must_be_by_the_key_that_was_noted(
    document: dict[str, Any], warehouse: Warehouse
) -> None:
    (chain,) = [line for line in ledger_lines(document, warehouse) if line.part == "chain"]
    signer = chain.found.split()[-1]
    assert failed(document, warehouse, key_id=signer) == []
    assert failed(document, warehouse, key_id="0" * 16) == ["checkpoint checkpoint.json"]


@pytest.mark.parametrize("stored", [True, False])
def test_a_damaged_checkpoint_is_found_whether_or_not_the_run_was_stored(
    document: dict[str, Any], warehouse: Warehouse, shelf: Path, stored: bool
) -> None:
    changed = deepcopy(document)
    if not stored:
        changed["evidence"]["run"]["run_hash"] = "0" * 64
    path = shelf / "checkpoint.json"
    content = path.read_bytes()
    path.write_bytes(content[:-2] + b"0}")
    try:
        assert "checkpoint checkpoint.json" in failed(changed, warehouse)
    finally:
        path.write_bytes(content)


def test_an_artifact_that_was_changed_is_found(
    document: dict[str, Any], warehouse: Warehouse
) -> None:
    run = warehouse.get_run(document["evidence"]["run"]["run_hash"])
    path = run.folder / "equity.parquet"
    content = path.read_bytes()
    path.write_bytes(content[:-1] + b"0")
    try:
        assert any(part.startswith("file ") for part in failed(document, warehouse))
    finally:
        path.write_bytes(content)


def test_a_history_holds_every_decision_that_was_claimed(tmp_path: Path) -> None:
    from hyprl_lab.presets.deciding import claim_of

    warehouse = Warehouse(tmp_path / "decided")
    made = Decision(
        number=1, action="live", version=1, sha256="a", content="b", reason="é", at="2026-11-01"
    )
    other = replace(made, number=2, action="demote")
    for decision in (made, other):
        warehouse.save_verdict(claim_of("cross", decision))
    warehouse.save_verdict({"name": "cross", "passed": None, "checks": []})

    def told(*decisions: Decision) -> list[bool | None]:
        history = History(name="cross", decisions=decisions)
        return [line.ok for line in decision_lines(history, warehouse)]

    assert told(made, other) == [True]
    assert told(made) == [False, False]
    assert told() == [False, False, False]
    assert told(made, replace(other, reason="so")) == [False, True]
    assert told(made, other, replace(made, number=3)) == [True]  # a kill kept it from the chain
    assert list(decision_lines(History(name="other"), warehouse)) == []
