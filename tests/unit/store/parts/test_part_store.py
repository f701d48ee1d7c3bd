from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hyprl_lab.errors import IntegrityError, WarehouseError
from hyprl_lab.store.parts import PartStore, generations

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from hyprl_lab.store import Warehouse
    from hyprl_lab.store.parts import LivePart, WrittenPart

    Fill = Callable[..., None]


def reserve(warehouse: Warehouse) -> str:
    with warehouse.control.write() as transaction:
        return warehouse._parts.reserve(transaction, table_name="bars", rows=1)


def write(warehouse: Warehouse, part_id: str, content: bytes = b"x") -> WrittenPart:
    return warehouse._parts.write_streamed(part_id, lambda stream: stream.write(content))


def live(warehouse: Warehouse) -> list[LivePart]:
    with warehouse.control.read() as transaction:
        return warehouse._parts.live(transaction)


def test_a_part_is_live_when_its_row_says_so(warehouse: Warehouse) -> None:
    part_id = reserve(warehouse)
    written = write(warehouse, part_id)
    assert live(warehouse) == []
    with warehouse.control.write() as transaction:
        warehouse._parts.commit(transaction, written)
    (part,) = live(warehouse)
    assert (part.id, part.table_name, part.size, part.study_id) == (part_id, "bars", 1, None)
    assert part.address == warehouse._parts.address(part_id)
    with warehouse._parts.open(part_id) as file:
        assert file.read() == b"x"
    with warehouse.control.read() as transaction:
        assert warehouse._parts.live(transaction, ["trials"]) == []
        assert warehouse._parts.live(transaction, ["bars", "trials"]) == [part]
    warehouse._parts.check([part])
    warehouse._parts.check_one(part.id, part.size, part.sha256)
    with pytest.raises(IntegrityError, match=r"has 1 bytes, 2 were committed"):
        warehouse._parts.check_one(part.id, 2, "0" * 64)


def test_giving_up_spares_what_was_committed(warehouse: Warehouse) -> None:
    kept, given_up = reserve(warehouse), reserve(warehouse)
    for part_id in (kept, given_up):
        write(warehouse, part_id)
    with warehouse.control.write() as transaction:
        warehouse._parts.commit(transaction, write(warehouse, kept))
    warehouse._parts.discard([kept, given_up])  # as after a commit that was not told of
    assert [part.id for part in live(warehouse)] == [kept]
    assert warehouse._parts.folder.names() == {f"{kept}.parquet"}


def test_a_part_in_the_place_of_others(warehouse: Warehouse, fill: Fill) -> None:
    fill(warehouse, [0, 1])
    old = [part for part in live(warehouse) if part.table_name == "trials"]
    written = write(warehouse, reserve(warehouse))

    def twice() -> None:
        with warehouse.control.write() as transaction:
            generation = generations.next_generation(transaction)
            for _ in range(2):
                warehouse._parts.replace(transaction, old, written, generation)

    with pytest.raises(WarehouseError, match="was replaced or given up"):
        twice()
    assert {part.id for part in old} <= {part.id for part in live(warehouse)}
    with warehouse.control.write() as transaction:
        generation = generations.next_generation(transaction)
        warehouse._parts.replace(transaction, old, written, generation)
        rows = [transaction.row("parts.get", id=part.id) for part in old]
    assert [(row["state"], row["generation"], row["replaced_by"]) for row in rows if row] == [
        ("dead", 1, written.id)
    ] * 2
    assert written.id in {part.id for part in live(warehouse)}


def test_parts_are_written_so_that_little_is_read(
    warehouse: Warehouse, make_trials: Callable[..., pa.Table]
) -> None:
    import pyarrow.parquet as pq

    table = make_trials("study", 0, 70_000)
    with warehouse.control.write() as transaction:
        part_id = warehouse._parts.reserve(transaction, table_name="trials", rows=70_000)
    warehouse._parts.write({part_id: table})
    with warehouse._parts.open(part_id) as file:
        read = pq.ParquetFile(file)
        groups = [read.metadata.row_group(i).num_rows for i in range(read.num_row_groups)]
        assert groups == [61_440, 70_000 - 61_440]
        assert read.read().equals(table)


def test_what_could_not_be_given_up_is_at_the_next_sweep(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    part_id = reserve(warehouse)
    write(warehouse, part_id)

    def full() -> None:
        raise WarehouseError("no space")

    with monkeypatch.context() as patch:
        patch.setattr(warehouse.control, "write", full)
        warehouse._parts.discard([part_id])
    assert warehouse.status().pending_parts == 1
    assert warehouse._parts.sweep() == 1
    assert warehouse.status().pending_parts == 0
    assert warehouse._parts.folder.names() == set()
    assert warehouse._parts.sweep() == 0


def test_a_commit_that_came_after_the_look_is_spared(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database server may commit for a writer that was killed while it waited for the answer."""
    part_id = reserve(warehouse)
    written = write(warehouse, part_id)
    with warehouse.control.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE parts SET process_start = 1")  # of one that is gone
    kill = PartStore._kill

    def late(parts: PartStore, part_ids: list[str]) -> None:
        assert part_ids == [part_id]
        with warehouse.control.write() as transaction:
            parts.commit(transaction, written)
        kill(parts, part_ids)

    monkeypatch.setattr(PartStore, "_kill", late)
    warehouse.sweep()
    warehouse._parts.check(live(warehouse))
    assert [part.id for part in live(warehouse)] == [part_id]
