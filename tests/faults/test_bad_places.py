"""Full disks, read-only folders, lost and newer databases, unknown names: clear errors.

Nothing that was acknowledged is lost, nothing is half-visible, and when the place is mended
everything goes on.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from crew import (
    ROWS,
    SHARDS_AT_HOME,
    begin,
    commit,
    contents,
    goes_on,
    prepared,
    run_hash,
    run_record,
    trial_row,
)
from places import CantMountError, SmallDisk

from hyprl_lab.errors import IntegrityError, NotFoundError, WarehouseError
from hyprl_lab.store import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallDisk]:
    """A disk of 8 MB."""
    place = tmp_path / "small"
    place.mkdir()
    try:
        disk = SmallDisk(place, 8 << 20)
    except CantMountError as error:
        pytest.skip(f"needs to mount a small tmpfs, which is not permitted here: {error}")
    try:
        yield disk
    finally:
        disk.close()


def record(warehouse: Warehouse, root: str) -> None:
    refused: WarehouseError | None = None
    if not warehouse.waiting:
        for number in range(10, 70):
            try:
                warehouse.record_trial(trial_row(root, number))
            except WarehouseError as error:  # neither journalled nor committed: it stays queued
                refused = error
    if refused is not None:
        raise refused
    warehouse.flush()


def attach(warehouse: Warehouse, _root: str) -> None:
    report = warehouse.home.parent.parent / "report.html"
    report.write_bytes(b"x" * 20_000)
    warehouse.add_artifact(run_hash(0), "report.html", report)


WORK: dict[str, Callable[[Warehouse, str], object]] = {
    "commit a shard": lambda warehouse, root: commit(warehouse, "s", root, 2),
    "record trials": record,
    "save a run": lambda warehouse, root: warehouse.save_run(run_record(root, 7)),
    "save a verdict": lambda warehouse, root: warehouse.save_verdict({"name": "b" * 9_000}),
    "attach a report": attach,
    "compact": lambda warehouse, root: warehouse.compact(),
    "back up": lambda warehouse, root: warehouse.backup(warehouse.home.parent / "backup"),
    "snapshot": lambda warehouse, root: warehouse.snapshot(warehouse.home.parent / "lab.duckdb"),
}


CHANGES: dict[str, dict[str, tuple[int, float | None]]] = {
    "commit a shard": {
        "trials of s": (3 * ROWS, sum(range(3 * ROWS))),
        "blocks": (3 * ROWS, sum(range(3 * ROWS))),
    },
    "record trials": {"trials of backtest": (63, sum(range(3)) + sum(range(10, 70)))},
    "save a run": {f"run {run_hash(7)}": (3, 21.0)},
    "save a verdict": {"verdicts": (2, None)},
}
"""What each work adds to what is prepared, or makes of it."""

DATABASE_ALONE = {"record trials", "save a verdict"}
"""What PostgreSQL takes though the home's disk does not."""

CLAIMS = {"save a run", "save a verdict", "attach a report"}
"""What is recorded first and then signed: a checkpoint that can't be written says so."""


@pytest.mark.parametrize("name", WORK)
def test_a_full_disk_undoes_what_was_under_way(small: SmallDisk, name: str, tmp_path: Path) -> None:
    home = small.place / "home"
    warehouse, root = prepared(home)
    work = WORK[name]
    before = contents(home)
    assert before["trials of s"] == (2 * ROWS, sum(range(2 * ROWS)))
    small.fill()
    refused = []
    pages = 1
    while True:
        try:
            work(warehouse, root)
        except WarehouseError as error:
            refused.append(str(error))
            assert len(refused) < 40, refused[-3:]
            if name not in CLAIMS:
                assert contents(home) == before
            small.give(pages)
            pages *= 4
        else:
            break
    if warehouse.control.backend == "sqlite" or name not in DATABASE_ALONE:
        assert refused
    assert all("space" in message for message in refused), refused
    small.clear()
    assert contents(home) == before | CHANGES.get(name, {})
    goes_on(warehouse, root)
    warehouse.close()


def test_a_read_only_folder_is_named(small: SmallDisk, tmp_path: Path) -> None:
    home = small.place / "home"
    warehouse, root = prepared(home)
    before = contents(home)
    warehouse.close()
    small.read_only(True)
    for name, work in WORK.items():
        if warehouse.control.backend == "sqlite" or name not in DATABASE_ALONE:
            with pytest.raises(WarehouseError, match=str(small.place)):
                work(warehouse, root)
    small.read_only(False)
    assert contents(home) == before
    for work in WORK.values():
        work(warehouse, root)
    goes_on(warehouse, root)
    warehouse.close()


def test_a_read_only_home_can_t_be_opened(small: SmallDisk, tmp_path: Path) -> None:
    home = small.place / "home"
    prepared(home)[0].close()
    before = contents(home)
    small.read_only(True)
    opened = Warehouse(home)
    if opened_on_postgresql():
        assert contents(home) == before
    else:
        with pytest.raises(WarehouseError, match=str(home)):
            opened.sql("select count(*) from trials")
    with pytest.raises(WarehouseError, match=str(small.place)):
        Warehouse(small.place / "other").sql("select count(*) from trials")
    opened.close()
    small.read_only(False)
    assert contents(home) == before


def opened_on_postgresql() -> bool:
    return os.environ.get("HYPRL_DATABASE_URL", "").startswith("postgresql")


def test_a_database_of_a_newer_lab_is_refused(tmp_path: Path) -> None:
    from sqlalchemy import text

    home = tmp_path / "home"
    warehouse, root = prepared(home)
    before = contents(home)
    with warehouse.control.engine.begin() as connection:
        connection.execute(text("INSERT INTO schema_migrations VALUES (99, 'later', 0)"))
    with pytest.raises(WarehouseError, match="schema 99, written by a newer lab"):
        Warehouse(home).sql("select count(*) from trials")
    with pytest.raises(WarehouseError, match="schema 99, written by a newer lab"):
        begin(Warehouse(home), "s", SHARDS_AT_HOME)
    with warehouse.control.engine.begin() as connection:
        connection.execute(text("DELETE FROM schema_migrations WHERE version = 99"))
    assert contents(home) == before
    goes_on(warehouse, root)


@pytest.mark.sqlite_only
def test_a_database_that_goes_while_it_is_open_is_missed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    warehouse, root = prepared(home)
    before = contents(home)
    warehouse.control.close()
    place, kept = home / "warehouse", tmp_path / "kept"
    kept.mkdir()
    for file in list(place.glob("control.sqlite*")):
        file.rename(kept / file.name)
    with pytest.raises(WarehouseError, match="removed or replaced"):
        commit(warehouse, "s", root, 2)
    with pytest.raises(WarehouseError, match="removed or replaced"):
        warehouse.save_run(run_record(root, 1))
    with pytest.raises(IntegrityError, match="knows none of the 4 parts"):
        Warehouse(home).sql("select count(*) from trials")
    assert len(list((place / "parts").iterdir())) == 4
    for file in list(place.glob("control.sqlite*")):
        file.unlink()
    for file in kept.iterdir():
        file.rename(place / file.name)
    assert contents(home) == before
    goes_on(Warehouse(home), root)


def test_unknown_names_are_said_to_be(tmp_path: Path) -> None:
    warehouse, _ = prepared(tmp_path / "home")
    with pytest.raises(NotFoundError, match="trial_blocks"):
        warehouse.sql("select * from trails")
    with pytest.raises(NotFoundError, match="no run ffff"):
        warehouse.get_run("ffff")
    with pytest.raises(NotFoundError, match="ffff"):
        warehouse.verify_runs("ffff")
    with pytest.raises(NotFoundError, match="ffff"):
        warehouse.study("ffff")
    with pytest.raises(NotFoundError, match="ffff"):
        warehouse.verdict("ffff")
