from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest

import hyprl_lab.store as door
from hyprl_lab.store import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pyarrow as pa


def test_the_door_lists_everything_it_opens_to() -> None:
    for name in door.__all__:
        assert getattr(door, name) is not None


def test_nothing_is_made_before_it_is_needed(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path / "home")
    assert not (tmp_path / "home").exists()
    assert warehouse.waiting == 0
    warehouse.flush()
    warehouse.close()
    assert not (tmp_path / "home").exists()


def test_the_ledgers_id_is_made_once(tmp_path: Path, database: Any) -> None:
    first = Warehouse(tmp_path / "a").ledger_id
    assert (len(first), int(first, 16) > 0) == (32, True)
    assert Warehouse(tmp_path / "a").ledger_id == first
    database.fresh()
    assert Warehouse(tmp_path / "b").ledger_id != first


def test_the_default_follows_the_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: Any
) -> None:
    monkeypatch.setenv("HYPRL_HOME", str(tmp_path / "a"))
    first = door.default()
    assert first.home == tmp_path / "a"
    assert door.default() is first
    door.default().close()
    database.fresh()
    monkeypatch.setenv("HYPRL_HOME", str(tmp_path / "b"))
    assert door.default().home == tmp_path / "b"
    assert door.sql("select count(*) as n from runs")["n"].tolist() == [0]
    assert door.status().runs == 0


def test_status_counts(
    warehouse: Warehouse,
    study: str,
    make_trials: Callable[..., pa.Table],
    make_blocks: Callable[..., pa.Table],
) -> None:
    reservation = warehouse.reserve_shard("study", 0, 4)
    warehouse.commit_shard(
        reservation, make_trials("study", 0, 4, study), make_blocks("study", 0, 4)
    )
    held = warehouse.reserve_shard("study", 1, 4)
    status = warehouse.status()
    parts = list((warehouse.home / "warehouse" / "parts").iterdir())
    assert (status.trials, status.blocks, status.studies, status.runs) == (4, 4, 1, 0)
    assert (status.live_parts, status.pending_parts, status.dead_parts) == (2, 2, 0)
    assert status.intended_shards == 1
    assert status.size == sum(part.stat().st_size for part in parts)
    assert status.ledger_id == warehouse.ledger_id
    warehouse.abandon_shard(held)
    assert warehouse.status().dead_parts == 2


def test_threads_open_one_database(tmp_path: Path) -> None:
    warehouse = Warehouse(tmp_path)
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(warehouse.control)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(control) for control in found}) == 1
    warehouse.close()


def test_a_closed_warehouse_can_be_used_again(warehouse: Warehouse) -> None:
    warehouse.remember("k", "v", 1)
    warehouse.close()
    assert warehouse.cached("k", "v") == 1


def test_importing_the_store_imports_nothing_heavy() -> None:
    import subprocess
    import sys

    code = (
        "import sys, hyprl_lab.store; print(sorted({'pandas', 'pyarrow', 'duckdb', 'sqlalchemy',"
        " 'rfc8785', 'filelock', 'pysqlite3', 'sqlite3'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
