"""Backups are of one state, whole, and without private keys."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
from typing import TYPE_CHECKING

import pytest
import run_records

from hyprl_lab.errors import IntegrityError, WarehouseError
from hyprl_lab.store import LeaseHeldError
from hyprl_lab.store.backup.content import read_content
from hyprl_lab.store.parts.leases import Lease

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pyarrow as pa

    from hyprl_lab.data import Bars
    from hyprl_lab.store import Warehouse


@pytest.fixture
def filled(
    warehouse: Warehouse,
    study: str,
    make_trials: Callable[..., pa.Table],
    make_blocks: Callable[..., pa.Table],
    make_bars: Callable[..., Bars],
) -> Warehouse:
    """Trials, blocks, bars, two runs, one of them with a report, and a shard under way."""
    reservation = warehouse.reserve_shard("study", 0, 4)
    warehouse.commit_shard(
        reservation, make_trials("study", 0, 4, study), make_blocks("study", 0, 4)
    )
    warehouse.save_bars(make_bars(0, 10))
    for run_hash in ("aa", "bb"):
        warehouse.save_run(run_records.record(run_hash))
    report = warehouse.home / "report.html"
    report.write_text("<p>good</p>")
    warehouse.add_artifact("aa", "report.html", report)
    report.unlink()
    return warehouse


def test_everything_is_there_and_hashed(filled: Warehouse, tmp_path: Path) -> None:
    told = []
    made = filled.backup(tmp_path / "copy", progress=told.append)
    assert read_content(tmp_path / "copy") == made
    found = {
        path.relative_to(tmp_path / "copy").as_posix(): path.read_bytes()
        for path in (tmp_path / "copy").rglob("*")
        if path.is_file() and path.name != "backup.json"
    }
    assert {file.place: file.size for file in made.files} == {
        place: len(content) for place, content in found.items()
    }
    for file in made.files:
        assert hashlib.sha256(found[file.place]).hexdigest() == file.sha256
    places = sorted(found)
    assert sum(place.startswith("parts/") for place in places) == 3
    assert "artifacts/aa/report.html" in places
    assert {"checkpoint.json", "control.sqlite", "artifacts/bb/manifest.json"} <= set(places)
    assert sum(place.startswith("trusted/") for place in places) == 1
    assert not [place for place in places if "key" in place or "ed25519" in place]
    secret = next((filled.home / "keys").iterdir()).read_bytes().strip()
    assert not [place for place, content in found.items() if secret in content]
    assert (made.links, made.ledger_id) == (3, filled.ledger_id)
    assert made.head == filled.head()[1]
    assert told[-1].done == told[-1].total > 0


def test_who_was_at_work_is_gone_in_the_copy(filled: Warehouse, tmp_path: Path) -> None:
    held = filled.reserve_shard("study", 1, 4)
    filled.backup(tmp_path / "copy")
    with sqlite3.connect(tmp_path / "copy" / "control.sqlite") as connection:
        pending = connection.execute("select boot from parts where state = 'pending'").fetchall()
        open_leases = connection.execute("select * from leases where released_at is null")
        assert (pending, open_leases.fetchall()) == ([("backup",)] * 2, [])
    connection.close()
    filled.abandon_shard(held)


def test_a_place_that_holds_something_is_refused(filled: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("x")
    (tmp_path / "file").write_text("x")
    for place in (tmp_path / "full", tmp_path / "file"):
        with pytest.raises(WarehouseError, match="holds something"):
            filled.backup(place)
    assert (tmp_path / "full" / "mine.txt").read_text() == "x"
    for inside in ("warehouse/copy", "artifacts/copy"):
        with pytest.raises(WarehouseError, match="inside of what is backed up"):
            filled.backup(filled.home / inside)
    (tmp_path / "empty").mkdir()
    assert filled.backup(tmp_path / "empty").links == 3
    assert filled.backup(tmp_path / "new" / "deep").links == 3


@pytest.mark.parametrize("how", ["missing", "flipped"])
@pytest.mark.parametrize("what", ["part", "artifact"])
def test_a_bad_file_is_named_and_nothing_is_left(
    filled: Warehouse, tmp_path: Path, what: str, how: str
) -> None:
    if what == "part":
        file = min((filled.home / "warehouse" / "parts").iterdir())
    else:
        file = filled.home / "artifacts" / "bb" / "trades.parquet"
    if how == "missing":
        file.unlink()
    else:
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.write_bytes(data)
    with pytest.raises(IntegrityError, match=file.name):
        filled.backup(tmp_path / "copy")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home"]


def test_only_one_is_at_maintenance(filled: Warehouse, tmp_path: Path) -> None:
    with (
        Lease.take(filled.control, "maintenance"),
        pytest.raises(LeaseHeldError, match="maintenance"),
    ):
        filled.backup(tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_what_a_killed_one_left_is_cleared(filled: Warehouse, tmp_path: Path) -> None:
    import subprocess
    import sys

    code = (
        "import os; from pathlib import Path; from hyprl_lab.store import staging; import sys;"
        "Path(sys.argv[1], staging.name('.copy')).mkdir()"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    (tmp_path / ".copy.mine").mkdir()
    assert len(list(tmp_path.iterdir())) == 3
    filled.backup(tmp_path / "copy")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".copy.mine", "copy", "home"]


def test_writers_go_on_meanwhile(filled: Warehouse, tmp_path: Path) -> None:
    """Whatever moment it is of, the runs in it are those of its chain, with their files."""
    stop, failed, saved = threading.Event(), [], []

    def write() -> None:
        place = 0
        while not stop.is_set():
            try:
                filled.save_run(run_records.record(f"{place:04x}"))
            except WarehouseError as error:
                failed.append(error)
                return
            saved.append(place)
            place += 1

    thread = threading.Thread(target=write)
    thread.start()
    try:
        copies = [filled.backup(tmp_path / f"copy{place}") for place in range(3)]
    finally:
        stop.set()
        thread.join()
    assert not failed
    assert copies[0].links < copies[2].links <= 3 + len(saved)
    for place, made in enumerate(copies):
        folder = tmp_path / f"copy{place}"
        with sqlite3.connect(folder / "control.sqlite") as connection:
            runs = connection.execute("select folder from runs").fetchall()
            kinds = connection.execute("select kind, count(*) from chain group by kind").fetchall()
        connection.close()
        assert dict(kinds) == {"run": len(runs), "artifact": 1}
        assert sum(dict(kinds).values()) == made.links
        assert {path.name for path in (folder / "artifacts").iterdir()} == {run for (run,) in runs}
        assert json.loads((folder / "checkpoint.json").read_text())["seq"] <= made.links


def test_nothing_can_be_copied_to_a_file(filled: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(WarehouseError, match="can't be written"):
        filled.backup(tmp_path / "file" / "copy")


def test_it_is_the_owners_alone(filled: Warehouse, tmp_path: Path) -> None:
    import os

    before = os.umask(0o022)
    try:
        filled.backup(tmp_path / "copy")
    finally:
        os.umask(before)
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o700
    found = {
        path.stat().st_mode & 0o777 for path in (tmp_path / "copy").rglob("*") if path.is_file()
    }
    assert found == {0o600}


def test_a_key_for_presets_is_not_in_it(filled: Warehouse, tmp_path: Path) -> None:
    from hyprl_lab.store.signing import sign

    key_id, _ = sign(filled.home, b"", "promotion")
    places = [file.place for file in filled.backup(tmp_path / "copy").files]
    assert f"trusted/{key_id}.pub" not in places
    assert f"trusted/{filled.verify().key_id}.pub" in places
