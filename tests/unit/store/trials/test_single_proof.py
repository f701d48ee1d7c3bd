from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store import TrialRow, Warehouse
from hyprl_lab.store.trials import single_proof
from hyprl_lab.store.trials.small import write_rows

if TYPE_CHECKING:
    from pathlib import Path


def rows(first: int, stop: int) -> list[TrialRow]:
    return [
        TrialRow(
            strategy_hash="h",
            risk={},
            execution={},
            lineage_root="r",
            params={"n": float(number)},
            metrics=dict.fromkeys(TRIAL_METRICS, number / 7) | {"calmar": None},
            behaviour_hash=number,
            id=f"id-{number}",
        )
        for number in range(first, stop)
    ]


@pytest.fixture
def filled(warehouse: Warehouse) -> Warehouse:
    """Two parts of moved rows, rows that wait, and of these some that no checkpoint covers."""
    for first in (0, 4):
        write_rows(warehouse.control, rows(first, first + 4))
        warehouse._claims.sign()
        warehouse.compact()
    write_rows(warehouse.control, rows(7, 12))  # one of them a repeat
    warehouse.save_verdict({"passed": False})
    write_rows(warehouse.control, rows(12, 14))
    return warehouse


def change(warehouse: Warehouse, *statements: str) -> None:
    with warehouse.control.engine.connect() as connection, connection.begin():
        if warehouse.control.backend == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        for statement in statements:
            connection.execute(text(statement))


def found(warehouse: Warehouse) -> list[str]:
    findings = single_proof.verify(warehouse._claims, warehouse._parts, warehouse.pins)
    return [finding.kind for finding in findings]


def test_nothing_is_wrong(filled: Warehouse, tmp_path: Path) -> None:
    assert found(filled) == []
    filled.compact()
    assert found(filled) == []
    filled.backup(tmp_path / "copy")
    assert filled.verify().ok


@pytest.mark.sqlite_only
def test_a_restored_home_is_proved(filled: Warehouse, tmp_path: Path) -> None:
    filled.backup(tmp_path / "copy")
    other = Warehouse(tmp_path / "other")
    other.restore(tmp_path / "copy")
    assert other.verify().ok
    change(other, "DELETE FROM small_trials WHERE id = 'id-9'")
    assert "single" in found(other)
    other.close()


@pytest.mark.parametrize("number", [0, 3, 8, 10, 13])
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM small_trials",
        "UPDATE small_trials SET lineage_root = 'x'",
        "UPDATE small_trials SET state = 'failed', looks = 0",
        "UPDATE small_trials SET trial_key = 'x'",
        "UPDATE small_trials SET behaviour_hash = '7777'",
        "UPDATE small_trials SET trial_index = trial_index + 100",
        "UPDATE small_trials SET id = 'x'",
        "UPDATE small_trials SET part_id = NULL, metrics = ''",
    ],
)
def test_a_row_that_was_changed(filled: Warehouse, statement: str, number: int) -> None:
    change(filled, f"{statement} WHERE id = 'id-{number}'")
    assert set(found(filled)) == {"single"}
    filled.sign_checkpoint()  # whoever knows why
    assert found(filled) == []


def test_all_rows_gone_and_the_digest_with_them(filled: Warehouse) -> None:
    change(filled, "DELETE FROM small_trials", "DELETE FROM meta WHERE key LIKE 'single%'")
    assert found(filled) == ["single"]


def test_two_rows_that_changed_places(filled: Warehouse) -> None:
    change(
        filled,
        "UPDATE small_trials SET trial_index = 1000 WHERE id = 'id-9'",
        "UPDATE small_trials SET trial_index = 11 WHERE id = 'id-10' AND trial_index = 9",
    )
    assert set(found(filled)) == {"single"}


def test_looks_are_not_in_it(filled: Warehouse) -> None:
    change(filled, "UPDATE small_trials SET looks = looks + 1")
    assert found(filled) == []


@pytest.mark.parametrize("with_rows", [False, True])
def test_a_part_that_was_killed(filled: Warehouse, with_rows: bool) -> None:
    statements = ["UPDATE parts SET state = 'dead' WHERE table_name = 'backtests'"]
    if with_rows:
        statements.append("DELETE FROM small_trials WHERE part_id IS NOT NULL")
    change(filled, *statements)
    assert set(found(filled)) == {"part", "single"}


def test_a_part_and_its_rows_that_are_gone(filled: Warehouse) -> None:
    change(
        filled,
        "DELETE FROM small_trials WHERE part_id IS NOT NULL",
        "DELETE FROM parts WHERE table_name = 'backtests'",
    )
    assert set(found(filled)) == {"single"}


def test_a_part_that_is_damaged(filled: Warehouse) -> None:
    for path in (filled.home / "warehouse" / "parts").glob("*.parquet"):
        path.write_bytes(path.read_bytes()[:-1])
    assert set(found(filled)) == {"single"}


def test_a_view_in_the_place_of_the_table(filled: Warehouse) -> None:
    change(
        filled,
        "ALTER TABLE small_trials RENAME TO aside",
        "CREATE VIEW small_trials AS SELECT * FROM aside WHERE 1 = 0",
    )
    assert found(filled) == ["database"]
