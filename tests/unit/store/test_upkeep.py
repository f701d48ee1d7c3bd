"""Sweeping clears what nobody needs; verifying reads everything."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import run_records

from hyprl_lab.store.parts.leases import Lease

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import pytest

    from hyprl_lab.data import Bars
    from hyprl_lab.store import Warehouse

DIES = """
import os, sys
from hyprl_lab.store import Warehouse
warehouse = Warehouse(sys.argv[1])
held = warehouse.reserve_shard("study", 1, 4)
pin = warehouse.pins.hold()
pin.__enter__()
(warehouse.scratch / "mine").write_text("x")
from hyprl_lab.store import staging
(warehouse.scratch / staging.name("run")).mkdir()
os._exit(9)
"""


def test_a_sweep_counts_what_it_cleared(
    warehouse: Warehouse,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fill: Callable[[Warehouse, Iterable[int]], None],
) -> None:
    fill(warehouse, [0])
    for run_hash in ("aa", "bb"):
        warehouse.save_run(run_records.record(run_hash))
    ran = subprocess.run([sys.executable, "-c", DIES, str(warehouse.home)], check=False)
    assert ran.returncode == 9
    monkeypatch.setenv("HYPRL_KEEP_RUNS", "1")
    swept = warehouse.sweep()
    assert (swept.parts, swept.staged, swept.pinned, swept.runs) == (2, 1, 0, 1)
    assert swept.pins == (1 if warehouse.status().backend == "sqlite" else 0)
    assert swept.files == 2, "trades and equity of the older run"
    assert [path.name for path in warehouse.scratch.iterdir()] == ["mine"]
    again = warehouse.sweep()
    assert (again.parts, again.files, again.staged, again.runs) == (0, 0, 0, 0)
    assert warehouse.verify().findings == ()


def test_another_at_maintenance_is_left_alone(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for run_hash in ("aa", "bb"):
        warehouse.save_run(run_records.record(run_hash))
    monkeypatch.setenv("HYPRL_KEEP_RUNS", "1")
    with Lease.take(warehouse.control, "maintenance"):
        assert warehouse.sweep().runs is None
    assert warehouse.sweep().runs == 1


def test_verify_reads_runs_studies_and_every_part(
    warehouse: Warehouse,
    tmp_path: Path,
    fill: Callable[[Warehouse, Iterable[int]], None],
    make_bars: Callable[..., Bars],
) -> None:
    fill(warehouse, [0, 1])
    warehouse.save_bars(make_bars(0, 5))
    warehouse.save_run(run_records.record())
    found = warehouse.verify()
    assert (found.ok, found.links, found.runs) == (True, 1, 1)
    parts = sorted((warehouse.home / "warehouse" / "parts").iterdir())
    assert len(parts) == 5
    broken = [*parts, warehouse.home / "artifacts" / "aa" / "trades.parquet"]
    for path in broken:
        whole = path.read_bytes()
        path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        findings = warehouse.verify().findings
        assert any(path.name in finding.message for finding in findings), path.name
        path.write_bytes(whole)
    assert warehouse.verify().ok
