from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from hyprl_lab.store import disk
from hyprl_lab.store.control.database import Transaction
from hyprl_lab.store.parts import generations
from hyprl_lab.store.parts.sweeper import Swept, sweep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pytest

    from hyprl_lab.store import Warehouse

    Fill = Callable[..., None]

NOTHING = Swept(parts=0, files=0, staged=0, pins=0, pinned=0)

LEAVE = """
import sys
from hyprl_lab.store import Warehouse, staging

warehouse = Warehouse(sys.argv[1])
(warehouse.scratch / staging.name("file")).write_bytes(b"half")
folder = warehouse.scratch / staging.name("folder")
folder.mkdir()
(folder / "a").write_bytes(b"half")
with warehouse.control.write() as transaction:
    part_id = warehouse._parts.reserve(transaction, table_name="bars", rows=1)
(warehouse.scratch / f"{part_id}.parquet").write_bytes(b"half")
"""


def swept(warehouse: Warehouse) -> Swept:
    return sweep(warehouse.control, warehouse._parts, warehouse.pins, staging=warehouse.scratch)


def kill_one(warehouse: Warehouse) -> str:
    """Let a live part die as in a swap; return its file's name."""
    with warehouse.control.write() as transaction:
        part = warehouse._parts.live(transaction, ["trials"])[0]
        generation = generations.next_generation(transaction)
        transaction.execute("parts.replace", id=part.id, by="x", generation=generation, now=1)
    return part.name


def test_what_a_dead_process_left(warehouse: Warehouse) -> None:
    assert warehouse.ledger_id
    subprocess.run([sys.executable, "-c", LEAVE, str(warehouse.home)], check=True)
    (warehouse.scratch / "notes.txt").write_text("nobody's")
    assert len(list(warehouse.scratch.iterdir())) == 4
    assert swept(warehouse) == Swept(parts=1, files=0, staged=2, pins=0, pinned=0)
    assert [path.name for path in warehouse.scratch.iterdir()] == ["notes.txt"]
    assert warehouse.status().pending_parts == 0
    assert swept(warehouse) == NOTHING


def test_a_file_stays_while_a_reader_may_have_it(warehouse: Warehouse, fill: Fill) -> None:
    fill(warehouse, range(3))
    names = warehouse._parts.folder.names
    with warehouse.pins.hold() as early:
        first = kill_one(warehouse)
        with warehouse.pins.hold() as late:
            second = kill_one(warehouse)
            assert (early, late) == (0, 1)
            assert swept(warehouse).pinned == 2
            assert {first, second} <= names()
        assert swept(warehouse).pinned == 2
        with warehouse.pins.hold():
            assert swept(warehouse).files == 0
    with warehouse.pins.hold() as later:
        assert later == 2
        assert swept(warehouse) == Swept(parts=0, files=2, staged=0, pins=0, pinned=0)
    assert not {first, second} & names()
    assert swept(warehouse) == NOTHING
    with warehouse.control.read() as transaction:
        assert transaction.rows("parts.dead") == []


def test_a_reader_of_the_time_between_holds_the_later_one(warehouse: Warehouse, fill: Fill) -> None:
    fill(warehouse, range(3))
    first = kill_one(warehouse)
    with warehouse.pins.hold():
        second = kill_one(warehouse)
        assert swept(warehouse) == Swept(parts=0, files=1, staged=0, pins=0, pinned=1)
        assert {first, second} & warehouse._parts.folder.names() == {second}
    assert swept(warehouse).files == 1


def test_a_file_that_came_back_is_found_by_one_query(
    warehouse: Warehouse, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow writer may write the file of a part that was cleared; strangers' files stay."""
    fill(warehouse, range(10))
    cleared = [kill_one(warehouse) for _ in range(3)]
    assert swept(warehouse).files == 3
    with warehouse.pins.hold():
        pinned = [kill_one(warehouse) for _ in range(4)]
        for name in cleared[:2]:
            (warehouse.scratch / name).write_bytes(b"half")
        strangers = {f"{number:032x}.parquet" for number in range(5)}
        for name in strangers:
            warehouse._folder.path(name).write_bytes(b"nobody's")
        asked: list[str] = []
        plain = Transaction._run

        def counted(transaction: Transaction, name: str, values: Mapping[str, object]) -> object:
            asked.append(name)
            return plain(transaction, name, values)

        with monkeypatch.context() as patch:
            patch.setattr(Transaction, "_run", counted)
            done = swept(warehouse)
    assert (done.files, done.pinned) == (2, 4)
    assert asked.count("parts.gone") == 1
    assert "parts.get" not in asked
    names = warehouse._parts.folder.names()
    assert strangers | set(pinned) <= names
    assert not names & set(cleared)


def test_what_could_not_be_cleared_is_not_counted(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert warehouse.ledger_id
    subprocess.run([sys.executable, "-c", LEAVE, str(warehouse.home)], check=True)
    with monkeypatch.context() as patch:
        patch.setattr(disk, "remove_tree", lambda folder: None)
        assert swept(warehouse).staged == 1
    assert swept(warehouse).staged == 1
    assert list(warehouse.scratch.iterdir()) == []
