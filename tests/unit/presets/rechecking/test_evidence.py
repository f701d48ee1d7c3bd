from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from hyprl_lab.hashing import digest
from hyprl_lab.presets.rechecking.evidence import evidence_lines
from hyprl_lab.store import Warehouse


def failed(document: dict[str, Any], warehouse: Warehouse) -> list[str]:
    return [line.part for line in evidence_lines(document, warehouse) if line.ok is False]


def test_everything_is_kept(document: dict[str, Any], warehouse: Warehouse) -> None:
    lines = list(evidence_lines(document, warehouse))
    assert all(line.ok for line in lines), [str(line) for line in lines]
    parts = {line.part for line in lines}
    assert {"validation", "kept verdict", "study", "run fingerprint", "bars"} <= parts
    assert "row trades, value in the stored run" in parts


def test_every_field_of_the_validation_is_held_against_the_kept_one(
    document: dict[str, Any], warehouse: Warehouse, leaves: Any, mutate: Any
) -> None:
    paths = leaves(document["evidence"]["validation"])
    assert len(paths) > 30
    for path in paths:
        changed = deepcopy(document)
        mutate(changed["evidence"]["validation"], path)
        assert failed(changed, warehouse), path


def test_every_field_of_the_verdict_is_held_against_the_kept_one(
    document: dict[str, Any], warehouse: Warehouse, leaves: Any, mutate: Any
) -> None:
    """Whoever has the signing key, and hashes everything anew, meets the ledger's chain."""
    for path in leaves(document["evidence"]["verdict"])[::3]:
        changed = deepcopy(document)
        verdict = changed["evidence"]["verdict"]
        mutate(verdict, path)
        verdict["hash"] = digest({key: part for key, part in verdict.items() if key != "hash"})
        assert "kept verdict" in failed(changed, warehouse), path


def test_the_run_and_the_study_are_looked_up(
    document: dict[str, Any], warehouse: Warehouse
) -> None:
    for change, part in (
        (lambda e: e.update(study_id="0" * 64), "study"),
        (lambda e: e["run"].update(fingerprint="0" * 64), "run fingerprint"),
        (lambda e: e["run"]["config"].update(cash=7.0), "stored run's config"),
        (lambda e: e["verdict"].update(lineage_root="0" * 32), "run lineage"),
        (
            lambda e: next(r for r in e["verdict"]["checks"] if r["name"] == "trades").update(
                value=77
            ),
            "row trades, value in the stored run",
        ),
    ):
        changed = deepcopy(document)
        change(changed["evidence"])
        assert part in failed(changed, warehouse)


def test_a_run_that_was_not_stored_and_bars_that_are_not_kept_are_no_finding(
    document: dict[str, Any], warehouse: Warehouse
) -> None:
    document["evidence"]["run"] |= {"run_hash": "0" * 64, "fingerprint": "0" * 64}
    told = {line.part: line.ok for line in evidence_lines(document, warehouse)}
    assert told["run"] is None
    assert told["bars"] is None


def test_evidence_that_a_row_names_by_its_hash_has_to_be_kept(
    document: dict[str, Any], warehouse: Warehouse
) -> None:
    key = digest({"inputs": 1})
    rows = document["evidence"]["verdict"]["checks"]
    rows[0]["evidence"] = f"permutation {key}"
    assert "row recorded, evidence" in failed(document, warehouse)
    warehouse.remember("permutation", key, {"p": 0.01})
    assert "row recorded, evidence" not in failed(document, warehouse)


def test_bars_of_another_market_are_not_those(
    document: dict[str, Any], warehouse: Warehouse
) -> None:
    document["config"]["symbol"] = "OTHER"
    assert "bars" in failed(document, warehouse)


@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_damaged_bars_are_found(
    document: dict[str, Any], warehouse: Warehouse, shelf: Path, damage: str
) -> None:
    parts = list((shelf / "warehouse" / "parts").glob("*.parquet"))
    kept = {path: path.read_bytes() for path in parts}
    for path, content in kept.items():
        path.write_bytes(content[:-9]) if damage == "cut" else path.unlink()
    try:
        assert "bars" in failed(document, warehouse)
    finally:
        for path, content in kept.items():
            path.write_bytes(content)


def test_a_verdict_that_was_changed_in_the_warehouse_is_found(
    document: dict[str, Any], warehouse: Warehouse
) -> None:
    body = json.dumps(warehouse.verdict(digest(document["evidence"]["verdict"])))
    changed = body.replace('"threshold": 30', '"threshold": 3', 1)
    assert changed != body

    def put(found: str, wanted: str) -> None:
        with warehouse.control.engine.connect() as connection, connection.begin():
            rows = connection.exec_driver_sql("SELECT id, body FROM verdicts").fetchall()
            (key,) = (row[0] for row in rows if json.loads(row[1]) == json.loads(found))
            statement = text("UPDATE verdicts SET body = :body WHERE id = :id")
            connection.execute(statement, {"body": wanted, "id": key})

    put(body, changed)
    try:
        assert "kept verdict" in failed(document, warehouse)
    finally:
        put(changed, body)
    assert "kept verdict" not in failed(document, warehouse)
