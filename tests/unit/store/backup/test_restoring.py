"""A backup comes back whole, on either kind of database, or not at all."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
import run_records
from sqlalchemy import text

from hyprl_lab.errors import IntegrityError, LabError, NotFoundError, WarehouseError
from hyprl_lab.store import VIEWS, Warehouse, disk
from hyprl_lab.store.backup.content import read_content
from hyprl_lab.store.control.binding import MARK

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    import pyarrow as pa

    from hyprl_lab.data import Bars


@pytest.fixture
def filled(
    warehouse: Warehouse,
    study: str,
    make_trials: Callable[..., pa.Table],
    make_blocks: Callable[..., pa.Table],
    make_bars: Callable[..., Bars],
) -> Warehouse:
    for shard in (0, 1):
        reservation = warehouse.reserve_shard("study", shard, 4)
        trials = make_trials("study", 4 * shard, 4, study)
        warehouse.commit_shard(reservation, trials, make_blocks("study", 4 * shard, 4))
    warehouse.complete_study("study", {"best": 7})
    warehouse.save_bars(make_bars(0, 10))
    for run_hash in ("aa", "bb"):
        warehouse.save_run(run_records.record(run_hash))
    warehouse.save_verdict({"name": "p", "passed": True, "run_hash": "aa"})
    warehouse.compact()
    return warehouse


def answers(warehouse: Warehouse) -> dict[str, list[Any]]:
    found = {
        view: warehouse.sql(f"from {view} order by all", arrow=True).to_pylist() for view in VIEWS
    }
    return found | {"head": list(warehouse.head()), "ledger": [warehouse.ledger_id]}


def files(home: Path) -> set[str]:
    return {
        path.relative_to(home).as_posix()
        for path in home.rglob("*")
        if path.is_file() and not path.name.endswith((".lock", "-wal", "-shm"))
    }


def test_the_same_answers_in_another_home(
    filled: Warehouse, tmp_path: Path, database: Any, make_bars: Callable[..., Bars]
) -> None:
    before = answers(filled)
    assert len(before["trials"]) == 8
    made = filled.backup(tmp_path / "copy")
    database.fresh()
    other = Warehouse(tmp_path / "other")
    told = []
    assert other.restore(tmp_path / "copy", progress=told.append) == made
    assert told[-1].done == told[-1].total == made.size
    assert answers(other) == before
    assert other.verify().findings == ()
    assert other.get_bars("SPY") == make_bars(0, 10)
    assert other.study("study").summary == {"best": 7}
    # and it lives: the next link follows, signed by a key of its own
    assert other.save_run(run_records.record("cc"))
    assert other.verify().findings == ()
    assert other.head()[0] == made.links + 1
    assert other.sweep().files == 0
    assert answers(filled) == before
    other.close()


@pytest.mark.parametrize("onto", ["sqlite", "postgresql"])
def test_onto_the_other_kind_of_database(
    filled: Warehouse,
    tmp_path: Path,
    database: Any,
    onto: str,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = answers(filled)
    filled.backup(tmp_path / "copy")
    if onto == "sqlite":
        monkeypatch.delenv("HYPRL_DATABASE_URL", raising=False)
    elif database.backend == "postgresql":
        database.fresh()
    else:
        made = request.getfixturevalue("databases")
        monkeypatch.setenv("HYPRL_DATABASE_URL", made.server.url(made.new(migrated=False)))
    other = Warehouse(tmp_path / "other")
    other.restore(tmp_path / "copy")
    assert other.status().backend == onto
    assert answers(other) == before
    assert other.verify().findings == ()
    other.close()
    again = Warehouse(tmp_path / "other")
    assert again.ledger_id == filled.ledger_id
    again.close()


def test_writers_may_be_at_work(filled: Warehouse, tmp_path: Path, database: Any) -> None:
    stop, failed = threading.Event(), []

    def write() -> None:
        place = 0
        while not stop.is_set():
            try:
                filled.save_run(run_records.record(f"{place:04x}"))
            except WarehouseError as error:
                failed.append(error)
                return
            place += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        made = filled.backup(tmp_path / "copy")
    finally:
        stop.set()
        thread.join()
    assert not failed
    database.fresh()
    other = Warehouse(tmp_path / "other")
    other.restore(tmp_path / "copy")
    assert other.verify().findings == ()
    assert other.head() == (made.links, made.head)
    counted = other.sql("select count(*) as n from runs where state = 'completed'")["n"][0]
    assert counted == made.links - 2  # a study and a verdict
    trades = other.sql("select count(*) as n from trades")["n"][0]
    assert trades == 2 * counted
    other.close()


def test_every_damaged_file_is_refused(filled: Warehouse, tmp_path: Path, database: Any) -> None:
    made = filled.backup(tmp_path / "copy")
    database.fresh()
    other = Warehouse(tmp_path / "other")
    for file in made.files:
        path = tmp_path / "copy" / file.place
        whole = path.read_bytes()
        changed = bytearray(whole)
        changed[len(whole) // 2] ^= 1
        for damage in (bytes(changed), None):
            path.unlink() if damage is None else path.write_bytes(damage)
            with pytest.raises(IntegrityError, match=path.name):
                other.restore(tmp_path / "copy")
            assert files(tmp_path / "other") == set()
        path.write_bytes(whole)
    (tmp_path / "copy" / "control.sqlite").touch()
    assert other.restore(tmp_path / "copy") == made
    assert read_content(tmp_path / "copy") == made
    other.close()


def test_only_into_a_home_without_a_ledger(
    filled: Warehouse, tmp_path: Path, database: Any
) -> None:
    filled.backup(tmp_path / "copy")
    before = answers(filled)
    with pytest.raises(WarehouseError, match="restore into a new home"):
        filled.restore(tmp_path / "copy")
    assert answers(filled) == before
    database.fresh()
    used = Warehouse(tmp_path / "used")
    used.remember("k", "v", 1)
    with pytest.raises(WarehouseError, match="restore into a new home"):
        used.restore(tmp_path / "copy")
    assert used.cached("k", "v") == 1
    assert not list((tmp_path / "used").glob("warehouse/parts/*"))
    used.close()
    with pytest.raises(NotFoundError, match="no backup"):
        Warehouse(tmp_path / "third").restore(tmp_path / "used")


def test_a_file_that_is_not_ours_is_in_the_way(
    filled: Warehouse, tmp_path: Path, database: Any
) -> None:
    filled.backup(tmp_path / "copy")
    database.fresh()
    stranger = tmp_path / "other" / "warehouse" / "parts" / "mine.parquet"
    stranger.parent.mkdir(parents=True)
    stranger.write_bytes(b"mine")
    with pytest.raises(WarehouseError, match=r"mine\.parquet.*not of this backup"):
        Warehouse(tmp_path / "other").restore(tmp_path / "copy")
    assert files(tmp_path / "other") == {"warehouse/parts/mine.parquet"}


KILLED = """
import os, sys
from hyprl_lab.store import Warehouse, disk
left = int(sys.argv[3])
real = disk.rename
def rename(source, target):
    global left
    left -= 1
    if left < 0:
        os._exit(9)
    real(source, target)
disk.rename = rename
Warehouse(sys.argv[1]).restore(sys.argv[2])
"""


@pytest.mark.parametrize("moves", [0, 5])
def test_one_that_was_killed_is_done_again(
    filled: Warehouse, tmp_path: Path, database: Any, moves: int
) -> None:
    before = answers(filled)
    filled.backup(tmp_path / "copy")
    database.fresh()
    home = tmp_path / "other"
    command = [sys.executable, "-c", KILLED, str(home), str(tmp_path / "copy"), str(moves)]
    assert subprocess.run(command, check=False).returncode == 9
    other = Warehouse(home)
    other.restore(tmp_path / "copy")
    assert answers(other) == before
    assert other.verify().findings == ()
    other.sweep()
    assert not list((home / "warehouse" / "tmp").iterdir())
    other.close()


def test_one_of_a_newer_lab(filled: Warehouse, tmp_path: Path, database: Any) -> None:
    with filled.control.engine.begin() as connection:
        connection.execute(text("INSERT INTO schema_migrations VALUES (99, 'later', 0)"))
    with pytest.raises(LabError, match="newer lab"):
        Warehouse(filled.home).backup(tmp_path / "copy")
    with filled.control.engine.begin() as connection:
        connection.execute(text("DELETE FROM schema_migrations WHERE version = 99"))
    made = filled.backup(tmp_path / "copy")
    from dataclasses import replace

    later = replace(made, schema_version=99)
    (tmp_path / "copy" / "backup.json").write_bytes(later.to_bytes())
    database.fresh()
    with pytest.raises(WarehouseError, match="schema 99, written by a newer lab"):
        Warehouse(tmp_path / "other").restore(tmp_path / "copy")


def test_a_failed_restore_leaves_the_trusted_keys(
    filled: Warehouse, database: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.backup(tmp_path / "copy")
    keys = {path.name: path.read_bytes() for path in (filled.home / "trusted").iterdir()}
    home = tmp_path / "again"
    shutil.copytree(filled.home / "trusted", home / "trusted")
    plain = disk.rename

    def full(source: Path, target: Path) -> None:
        if target.parent.name == "parts":
            raise OSError(28, "No space left on device")
        plain(source, target)

    database.fresh()
    with monkeypatch.context() as patch:
        patch.setattr(disk, "rename", full)
        with pytest.raises(WarehouseError, match="No space left"):
            Warehouse(home).restore(tmp_path / "copy")
    assert {path.name: path.read_bytes() for path in (home / "trusted").iterdir()} == keys
    assert not (home / "checkpoint.json").exists()
    (home / "trusted" / next(iter(keys))).write_bytes(b"another")
    with pytest.raises(WarehouseError, match="which is not of this backup"):
        Warehouse(home).restore(tmp_path / "copy")


def test_a_name_that_is_too_long_is_said_to_be(filled: Warehouse, tmp_path: Path) -> None:
    name = tmp_path / ("x" * 300)
    for call in (filled.snapshot, filled.backup, Warehouse(tmp_path / "new").restore):
        with pytest.raises(WarehouseError, match="too long"):
            call(name)


def test_a_mark_that_is_no_text_is_another_ledgers(
    filled: Warehouse, database: Any, tmp_path: Path
) -> None:
    filled.backup(tmp_path / "copy")
    home = tmp_path / "again"
    (home / "warehouse").mkdir(parents=True)
    (home / "warehouse" / MARK).write_bytes(b"\xff")
    database.fresh()
    with pytest.raises(WarehouseError, match="belongs to another ledger"):
        Warehouse(home).restore(tmp_path / "copy")


def changed(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change what a backup says it holds, and its digest, as anybody can."""
    import json

    from hyprl_lab.hashing import canonical_json, digest

    body = json.loads((folder / "backup.json").read_bytes())
    del body["digest"]
    change(body)
    (folder / "backup.json").write_bytes(canonical_json({**body, "digest": digest(body)}))


def rehash(folder: Path, place: str) -> Callable[[dict[str, Any]], None]:
    def change(body: dict[str, Any]) -> None:
        path = folder / place
        file = {"place": place, "size": path.stat().st_size, "sha256": disk.sha256(path)}
        body["files"] = [each for each in body["files"] if each["place"] != place] + [file]

    return change


@pytest.mark.sqlite_only
def test_hostile_backups_leave_nothing(filled: Warehouse, tmp_path: Path) -> None:
    import os
    import sqlite3

    filled.backup(tmp_path / "good")
    other = Warehouse(tmp_path / "other")

    def refused(match: str, change: Callable[[dict[str, Any]], None] | None, name: str) -> None:
        copy = tmp_path / name
        if change is not None:
            changed(copy, change)
        with pytest.raises(IntegrityError, match=match):
            other.restore(copy)
        assert files(tmp_path / "other") == set()

    def fresh(name: str) -> Path:
        shutil.copytree(tmp_path / "good", tmp_path / name)
        return tmp_path / name

    copy = fresh("key")
    (copy / "trusted" / ("a" * 16 + ".pub")).write_text("00" * 32)
    refused("does not name", rehash(copy, "trusted/" + "a" * 16 + ".pub"), "key")

    copy = fresh("missing")
    refused(
        "names parts/",
        lambda body: body.update(
            files=[each for each in body["files"] if not each["place"].startswith("parts/")]
        ),
        "missing",
    )
    fresh("empty")
    refused("holds no control", lambda body: body.update(files=[]), "empty")

    lies = {"links": 1, "head": "ab" * 32, "ledger_id": "cd" * 16, "schema_version": 2}
    for field, value in lies.items():
        fresh(f"lie-{field}")
        refused(
            "was changed", lambda body, of=field, to=value: body.update({of: to}), f"lie-{field}"
        )
    shapes = {"schema_version": "3", "files": [1], "head": None, "links": True, "schema": "1"}
    for field, value in shapes.items():
        fresh(f"shape-{field}")
        refused("damaged", lambda body, of=field, to=value: body.update({of: to}), f"shape-{field}")

    for number, statement in enumerate(
        (
            "CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM runs; END",
            "CREATE TABLE other (a)",
            "CREATE VIEW v AS SELECT 1",
            "ALTER TABLE runs ADD COLUMN more TEXT",
        )
    ):
        copy = fresh(f"objects-{number}")
        with sqlite3.connect(copy / "control.sqlite") as connection:
            connection.execute(statement)
        connection.close()
        refused(
            "view or a trigger|not the lab's", rehash(copy, "control.sqlite"), f"objects-{number}"
        )

    for name, put in (
        ("pipe", os.mkfifo),
        ("zero", lambda path: path.symlink_to("/dev/zero")),
        ("sparse", lambda path: (path.touch(), os.truncate(path, 1 << 40))),
    ):
        for place in ("checkpoint.json", "artifacts/aa/trades.parquet"):
            copy = fresh(f"{name}-{place[:4]}")
            (copy / place).unlink()
            put(copy / place)
            refused("damaged", None, f"{name}-{place[:4]}")
    copy = fresh("linked")
    (copy / "artifacts" / "aa").rename(tmp_path / "outside")
    (copy / "artifacts" / "aa").symlink_to(tmp_path / "outside")
    refused("is a link", None, "linked")
    assert other.restore(tmp_path / "good").links == 4
    assert other.verify().findings == ()
    other.close()
