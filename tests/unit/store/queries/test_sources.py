"""What a query reads is what it needs, of one state."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import run_records

from hyprl_lab.errors import IntegrityError
from hyprl_lab.store.queries.catalog import VIEWS
from hyprl_lab.store.queries.sources import Sources, reads_files

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from hyprl_lab.store import Warehouse


def held(warehouse: Warehouse, *views: str) -> Sources:
    with warehouse._reader.held(views) as sources:
        return sources


def test_which_views_read_files() -> None:
    assert {view for view in VIEWS if reads_files([view])} == {
        *("trials", "trial_blocks", "backtests", "bars", "equity", "trades", "orders"),
    }
    assert not reads_files([])


def test_only_what_is_needed_is_read(
    warehouse: Warehouse,
    tmp_path: Path,
    fill: Callable[[Warehouse, Iterable[int]], None],
    record: Callable[[Warehouse, Iterable[int]], None],
) -> None:
    fill(warehouse, [0, 1])
    record(warehouse, [1, 2, 3])
    warehouse.save_run(run_records.record())
    sources = held(warehouse, "trials")
    assert [part.table_name for part in sources.parts] == ["trials"] * 2
    assert {name: len(table) for name, table in sources.tables.items()} == {"waiting_backtests": 3}
    assert sources.artifacts == {}
    sources = held(warehouse, "trial_blocks", "studies")
    assert [part.table_name for part in sources.parts] == ["trial_blocks"] * 2
    assert set(sources.tables) == {"studies"}
    sources = held(warehouse, "trades")
    folder = warehouse.home / "artifacts" / "aa"
    assert (sources.paths, set(sources.tables)) == ([str(folder / "trades.parquet")], {"runs"})
    assert held(warehouse, "runs").paths == []
    assert held(warehouse) == Sources(())


def test_the_same_state_has_equal_sources(
    warehouse: Warehouse, tmp_path: Path, fill: Callable[[Warehouse, Iterable[int]], None]
) -> None:
    fill(warehouse, [0])
    before = held(warehouse, "trials", "runs")
    assert held(warehouse, "trials", "runs") == before
    fill(warehouse, [1])
    assert held(warehouse, "trials", "runs") != before


def test_a_bad_artifact_is_named_where_it_is_read(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.save_run(run_records.record())
    path = warehouse.home / "artifacts" / "aa" / "equity.parquet"
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(IntegrityError, match=r"equity\.parquet"):
        warehouse.sql("from equity")
    assert len(warehouse.sql("from trades")) == 2
    path.unlink()
    with pytest.raises(IntegrityError, match=r"equity\.parquet"):
        warehouse.sql("from equity")


def test_files_that_were_given_up_are_left_out(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for run_hash in ("aa", "bb", "cc"):
        warehouse.save_run(run_records.record(run_hash))
    assert warehouse.sql("select distinct run_hash from trades")["run_hash"].nunique() == 3
    monkeypatch.setenv("HYPRL_KEEP_RUNS", "1")
    swept = warehouse.sweep()
    assert swept.runs == 2
    for view in ("trades", "equity"):
        assert warehouse.sql(f"select distinct run_hash from {view}")["run_hash"].tolist() == ["cc"]
    assert len(warehouse.sql("from runs")) == 3
    manifest = json.loads((warehouse.home / "artifacts" / "aa" / "manifest.json").read_text())
    assert manifest["run_hash"] == "aa"


def test_of_several_engines_the_last_one_counts(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.save_run(run_records.record())
    other = run_records.record(engine_version="native-2", equity=run_records.record().equity * 2)
    warehouse.save_run(other)
    assert warehouse.sql("select max(equity) as most from equity")["most"].tolist() == [204.0]
    assert len(warehouse.sql("from runs")) == 2
