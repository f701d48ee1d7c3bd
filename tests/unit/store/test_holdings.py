"""What a warehouse says of itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import run_records

from hyprl_lab.store import PartCount, Warehouse
from hyprl_lab.store.parts.leases import Lease

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from typing import Any


def test_an_empty_one(warehouse: Warehouse, tmp_path: Path, database: Any) -> None:
    found = warehouse.status()
    assert (found.backend, found.schema_version) == (database.backend, 4)
    assert (found.links, found.signed, found.signed_at) == (0, None, None)
    assert (found.parts, found.leases, found.pinned, found.run_states) == ((), (), (), {})
    assert found.checkpoint_problem is None
    if database.backend == "sqlite":
        assert found.database == str(warehouse.home / "warehouse" / "control.sqlite")
    else:
        assert found.database.startswith("postgresql://")
        assert "@" not in found.database


def test_parts_before_and_after_a_compaction(
    warehouse: Warehouse,
    tmp_path: Path,
    fill: Callable[[Warehouse, Iterable[int]], None],
    record: Callable[[Warehouse, Iterable[int]], None],
) -> None:
    fill(warehouse, [0, 1])
    record(warehouse, [1, 2, 3])
    before = warehouse.status()
    assert (before.trials, before.blocks, before.small_trials) == (8, 8, 3)
    assert (before.unmoved_trials, before.generation) == (3, 0)
    with warehouse.pages("from trials") as pages:
        next(pages)
        warehouse.compact()
        during = warehouse.status()
        assert during.pinned == (0,)
        dead = [part for part in during.parts if part.state == "dead"]
        assert {(part.table, part.parts, part.files) for part in dead} == {
            ("trial_blocks", 2, 2),
            ("trials", 2, 2),
        }
    warehouse.sweep()
    after = warehouse.status()
    assert (after.trials, after.blocks, after.small_trials, after.unmoved_trials) == (8, 8, 3, 0)
    assert (after.live_parts, after.dead_parts, after.pinned) == (3, 4, ())
    assert after.generation > before.generation
    counted = {(part.table, part.state): part for part in after.parts}
    assert counted["trials", "dead"].files == 0
    live = counted["backtests", "live"]
    assert live == PartCount(
        table="backtests", state="live", parts=1, rows=3, size=live.size, files=1
    )


def test_runs_and_what_is_signed(warehouse: Warehouse, tmp_path: Path) -> None:
    warehouse.save_run(run_records.record())
    found = warehouse.status()
    assert (found.runs, found.run_states, found.links, found.signed) == (1, {"completed": 1}, 1, 1)
    path = warehouse.home / "checkpoint.json"
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b'"seq":1', b'"seq":2'))
    found = warehouse.status()
    assert found.signed is None
    assert found.checkpoint_problem
    path.write_bytes(whole)
    assert warehouse.status().checkpoint_problem is None


def test_who_is_at_maintenance(warehouse: Warehouse, tmp_path: Path) -> None:
    import os

    with Lease.take(warehouse.control, "maintenance"):
        (holder,) = warehouse.status().leases
        assert (holder.lease, holder.pid, holder.dead) == ("maintenance", os.getpid(), False)
    assert warehouse.status().leases == ()
