from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from folders import MemoryFolder

from hyprl_lab.errors import IntegrityError, WarehouseError
from hyprl_lab.store import Warehouse
from hyprl_lab.store.parts import PartStore, compaction, small_rows
from hyprl_lab.store.parts.compaction import Compacted, compact
from hyprl_lab.store.parts.leases import Lease, LeaseHeldError
from hyprl_lab.store.parts.sweeper import sweep

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.types import Progress

    Fill = Callable[..., None]
    Record = Callable[..., None]

TRIALS = "select * exclude (trial_key), hex(trial_key) k from trials order by study_id, trial_index"
BLOCKS = "select * from trial_blocks order by study_id, trial_index"

KILLED = """
import os, signal, sys
from hyprl_lab.store import Warehouse, disk
from hyprl_lab.store.parts import compaction
from hyprl_lab.store.control.database import Control, Transaction

left = iter(range(int(sys.argv[3])))
owner, name = {"disk": disk, "transaction": Transaction}[sys.argv[2].split(".")[0]], \
    sys.argv[2].split(".")[1]
plain = getattr(owner, name)

def call(*arguments, **named):
    if next(left, None) is None:
        os.kill(os.getpid(), signal.SIGKILL)
    return plain(*arguments, **named)

warehouse = Warehouse(sys.argv[1])
warehouse.control.engine
setattr(owner, name, call)
compaction.compact(warehouse.control, warehouse._parts, target_rows=20)
"""


def everything(warehouse: Warehouse) -> list[list[dict[str, Any]]]:
    return [warehouse.sql(query, arrow=True).to_pylist() for query in (TRIALS, BLOCKS)]


def parts_of(warehouse: Warehouse, table: str) -> list[int]:
    with warehouse.control.read() as transaction:
        return sorted(part.rows for part in warehouse._parts.live(transaction, [table]))


def test_small_parts_become_large_ones(warehouse: Warehouse, fill: Fill, record: Record) -> None:
    fill(warehouse, range(10))
    fill(warehouse, [3, 1, 2], study_id="another")
    record(warehouse, range(7))
    before, size = everything(warehouse), warehouse.status().size
    told: list[Progress] = []
    done = compact(warehouse.control, warehouse._parts, progress=told.append)
    after = warehouse.status().size
    assert done == Compacted(
        inputs=26, outputs=3, rows=111, small_rows=7, bytes_before=size, bytes_after=after
    )
    assert [(step.done, step.total) for step in told] == [(52, 104), (104, 104)]
    assert parts_of(warehouse, "trials") == parts_of(warehouse, "trial_blocks") == [52]
    assert parts_of(warehouse, "backtests") == [7]
    assert everything(warehouse) == before
    assert warehouse._ledger.verify() == ()
    nothing = compact(warehouse.control, warehouse._parts)
    assert nothing == Compacted(
        inputs=0, outputs=0, rows=0, small_rows=0, bytes_before=0, bytes_after=0
    )


def test_parts_grow_to_what_was_asked_for(warehouse: Warehouse, fill: Fill) -> None:
    fill(warehouse, range(10))
    before = everything(warehouse)
    compact(warehouse.control, warehouse._parts, target_rows=16)
    assert parts_of(warehouse, "trials") == [8, 16, 16]
    compact(warehouse.control, warehouse._parts, target_rows=16)
    assert parts_of(warehouse, "trials") == [8, 16, 16]
    compact(warehouse.control, warehouse._parts, target_rows=32)
    assert parts_of(warehouse, "trials") == [8, 32]
    compact(warehouse.control, warehouse._parts)
    assert parts_of(warehouse, "trials") == [40]
    compact(warehouse.control, warehouse._parts, target_bytes=1)
    assert everything(warehouse) == before
    warehouse.complete_study("study", {})
    assert warehouse._ledger.verify() == ()


def test_what_was_merged_is_kept_when_the_rest_is_broken_off(
    warehouse: Warehouse, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(warehouse, range(10))
    before = everything(warehouse)
    monkeypatch.setattr(compaction, "MOST_PARTS", 4)

    def broken_off(step: Progress) -> None:
        raise KeyboardInterrupt

    for expected in ([4] * 6 + [16], [4] * 3 + [28], [40]):
        with pytest.raises(KeyboardInterrupt):
            compact(warehouse.control, warehouse._parts, progress=broken_off)
        assert parts_of(warehouse, "trials") == expected
    assert everything(warehouse) == before


def test_a_reader_keeps_its_list_through_compaction_and_sweep(
    warehouse: Warehouse, fill: Fill
) -> None:
    fill(warehouse, range(10))
    with warehouse.pins.hold():
        with warehouse.control.read() as transaction:
            listed = warehouse._parts.live(transaction)
        compact(warehouse.control, warehouse._parts)
        assert warehouse.sweep().pinned == 20
        for part in listed:
            assert warehouse._parts.folder.sha256(part.name) == part.sha256
    assert warehouse.sweep().files == 20
    assert len(warehouse._parts.folder.names()) == warehouse.status().live_parts == 2


def test_one_compaction_at_a_time(warehouse: Warehouse, fill: Fill) -> None:
    fill(warehouse, range(2))
    with (
        Lease.take(warehouse.control, compaction.MAINTENANCE),
        pytest.raises(LeaseHeldError, match=r"maintenance of .* is under way"),
    ):
        compact(warehouse.control, warehouse._parts)


def test_what_changed_meanwhile_is_not_replaced(
    warehouse: Warehouse, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hyprl_lab.store.parts import merging

    fill(warehouse, range(3))
    plain = merging.held

    def meanwhile(*arguments: Any) -> Any:
        with warehouse.control.engine.connect() as connection, connection.begin():
            connection.exec_driver_sql("UPDATE leases SET fence = fence + 1")
        return plain(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(merging, "held", meanwhile)
        with pytest.raises(WarehouseError, match="was taken over by another process"):
            compact(warehouse.control, warehouse._parts)
    assert parts_of(warehouse, "trials") == [4, 4, 4]
    assert len(warehouse._parts.folder.names()) == 6


@pytest.mark.parametrize("harm", ["file", "digest", "missing"])
def test_what_does_not_fit_is_not_compacted(warehouse: Warehouse, fill: Fill, harm: str) -> None:
    fill(warehouse, range(3))
    with warehouse.control.read() as transaction:
        part = warehouse._parts.live(transaction, ["trials"])[1]
    path = warehouse._folder.path(part.name)
    if harm == "file":
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    elif harm == "missing":
        path.unlink()
    else:
        with warehouse.control.engine.connect() as connection, connection.begin():
            connection.exec_driver_sql(
                f"UPDATE shards SET trials_digest = '{'0' * 64}' WHERE shard = {part.shard}"
            )
    said = {
        "file": "is corrupt: its SHA-256",
        "digest": f"shard {part.shard} of study study has 4 trials from .* with 000",
        "missing": "was committed and is missing",
    }
    with pytest.raises(IntegrityError, match=said[harm]):
        compact(warehouse.control, warehouse._parts)
    assert parts_of(warehouse, "trials") == [4, 8]
    assert parts_of(warehouse, "trial_blocks") == [12]
    findings = warehouse._ledger.verify("study")
    assert [finding.kind for finding in findings] == {
        "file": ["part", "shard"], "digest": ["shard"], "missing": ["part", "shard"],
    }[harm]  # fmt: skip


def test_shards_that_are_older_than_digests_get_theirs(warehouse: Warehouse, fill: Fill) -> None:
    fill(warehouse, range(10))
    with warehouse.control.read() as transaction:
        expected = transaction.rows("studies.every_shard")
    forget = "UPDATE shards SET first_index = NULL, trials_digest = NULL, blocks_digest = NULL"
    with warehouse.control.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql(forget)
    compact(warehouse.control, warehouse._parts)
    with warehouse.control.read() as transaction:
        assert transaction.rows("studies.every_shard") == expected
    assert warehouse._ledger.verify() == ()


@pytest.mark.parametrize(
    ("where", "calls"),
    [
        *(("disk.rename", n) for n in (0, 1)),
        *(("disk.sync_folder", n) for n in (0, 2)),
        *(("transaction.execute", n) for n in range(0, 16, 3)),
    ],
)
def test_a_kill_at_any_point_loses_nothing(
    warehouse: Warehouse, fill: Fill, record: Record, where: str, calls: int
) -> None:
    fill(warehouse, range(10))
    record(warehouse, range(3))
    before = everything(warehouse)
    code = subprocess.run(
        [sys.executable, "-c", KILLED, str(warehouse.home), where, str(calls)], check=False
    ).returncode
    assert code == -signal.SIGKILL
    assert everything(warehouse) == before
    assert warehouse._ledger.verify() == ()
    compact(warehouse.control, warehouse._parts)
    warehouse.sweep()
    assert everything(warehouse) == before
    assert warehouse._ledger.verify() == ()
    assert len(warehouse._parts.folder.names()) == warehouse.status().live_parts == 3
    assert list(warehouse.scratch.iterdir()) == []
    assert warehouse.status().pending_parts == 0


def test_parts_may_lie_elsewhere(
    warehouse: Warehouse, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = MemoryFolder()
    parts = PartStore(warehouse.control, folder)
    for owner in (warehouse, warehouse._ledger, warehouse._ledger._reservations):
        monkeypatch.setattr(owner, "_parts", parts, raising=False)
    fill(warehouse, range(10))
    assert len(folder.names()) == 20
    assert warehouse._ledger.verify() == ()
    compact(warehouse.control, parts)
    warehouse.complete_study("study", {})
    assert warehouse._ledger.verify() == ()
    swept = sweep(warehouse.control, parts, warehouse.pins, staging=warehouse.scratch)
    assert (swept.files, len(folder.names())) == (20, 2)
    name = min(folder.names())
    folder.store(name, folder.objects[name][:-1] + b"?")
    assert {finding.kind for finding in warehouse._ledger.verify()} == {"part", "shard"}


def spoil(warehouse: Warehouse, table: str, place: int) -> str:
    """Change a byte of a part; return its file's name."""
    with warehouse.control.read() as transaction:
        part = warehouse._parts.live(transaction, [table])[place]
    path = warehouse._folder.path(part.name)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    return part.name


def test_damaged_parts_stop_nothing_else(warehouse: Warehouse, fill: Fill, record: Record) -> None:
    for study in ("a", "b", "c"):
        fill(warehouse, range(10), study_id=study)
    spoiled = [spoil(warehouse, "trials", 3), spoil(warehouse, "trial_blocks", 15)]
    for number in range(4):
        record(warehouse, range(2 * number, 2 * number + 2))
        with pytest.raises(IntegrityError, match="is corrupt") as caught:
            compact(warehouse.control, warehouse._parts)
        assert all(name in str(caught.value) for name in spoiled)
        assert parts_of(warehouse, "trials") == parts_of(warehouse, "trial_blocks") == [4, 116]
        assert parts_of(warehouse, "backtests") == [2 * number + 2]


def test_one_call_goes_on_until_nothing_small_is_left(
    warehouse: Warehouse, fill: Fill, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(warehouse, range(10))
    record(warehouse, range(6))
    before, size = everything(warehouse), warehouse.status().size
    monkeypatch.setattr(compaction, "MOST_PARTS", 3)
    monkeypatch.setattr(small_rows, "MOST", 2)
    beats: list[int] = []
    plain = Lease.beat

    def beat(lease: Lease) -> None:
        beats.append(lease.fence)
        plain(lease)

    monkeypatch.setattr(Lease, "beat", beat)
    told: list[Progress] = []
    done = compact(warehouse.control, warehouse._parts, progress=told.append)
    assert [parts_of(warehouse, table) for table in compaction.TABLES] == [[6], [40], [40]]
    assert (done.inputs, done.outputs, done.rows, done.small_rows) == (20, 3, 86, 6)
    assert (done.bytes_before, done.bytes_after) == (size, warehouse.status().size)
    # 10 = 3 + 3 + 3 and one alone, then 3 and one alone, then 2; twice, and the backtests
    assert len(told) == 11
    assert told[-1].done == told[-1].total
    assert set(beats) == {1}  # under one lease
    assert len(beats) >= len(told)
    assert everything(warehouse) == before
    assert warehouse._ledger.verify() == ()


def test_it_ends_although_others_go_on(
    warehouse: Warehouse, fill: Fill, make_trials: Callable[..., Any]
) -> None:
    fill(warehouse, range(4))
    later = iter(range(4, 100))

    def another(step: Progress) -> None:
        fill(warehouse, [next(later), next(later)])

    assert compact(warehouse.control, warehouse._parts, progress=another).inputs == 8
    assert parts_of(warehouse, "trials") == [4, 4, 4, 4, 16]


def test_digests_of_older_shards_are_filled_by_column(
    warehouse: Warehouse, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A compaction of trials whose blocks are not merged, and then the end of the study."""
    fill(warehouse, range(10))
    with warehouse.control.read() as transaction:
        expected = transaction.rows("studies.every_shard")
    forget = "UPDATE shards SET first_index = NULL, trials_digest = NULL, blocks_digest = NULL"
    with warehouse.control.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql(forget)
    with monkeypatch.context() as patch:
        patch.setattr(compaction, "TABLES", ("trials",))
        compact(warehouse.control, warehouse._parts)
    assert warehouse._ledger.verify() == ()
    warehouse.complete_study("study", {})
    with warehouse.control.read() as transaction:
        assert transaction.rows("studies.every_shard") == expected
    compact(warehouse.control, warehouse._parts)
    assert warehouse._ledger.verify() == ()


def test_a_claimed_study_gets_no_digest(warehouse: Warehouse, fill: Fill) -> None:
    fill(warehouse, range(10))
    warehouse.complete_study("study", {})
    with warehouse.control.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE shards SET blocks_digest = NULL WHERE shard = 1")
    with pytest.raises(IntegrityError, match=r"shard 1 of study study has .* with None"):
        compact(warehouse.control, warehouse._parts)
    warehouse.complete_study("study", {})
    with warehouse.control.read() as transaction:
        row = transaction.row("studies.shard", study_id="study", shard=1)
    assert row is not None
    assert row["blocks_digest"] is None
    assert [finding.subject for finding in warehouse.verify().findings] == ["study/1", "study"]
