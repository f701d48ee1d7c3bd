"""Damaged, missing and foreign files: each is noticed and named, and nothing is built on it."""

from __future__ import annotations

import os
import random
import shutil
from typing import TYPE_CHECKING

import pytest
from crew import ROWS, contents, goes_on, prepared, run_hash

from hyprl_lab.errors import IntegrityError

if TYPE_CHECKING:
    from pathlib import Path


def test_every_changed_byte_of_a_part_is_noticed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    warehouse, root = prepared(home)
    before = contents(home)
    dice = random.Random(5)
    parts = sorted((home / "warehouse" / "parts").iterdir())
    assert len(parts) == 4
    for part in parts:
        content, times = part.read_bytes(), part.stat()
        places = [0, len(content) - 1, *dice.sample(range(len(content)), 5)]
        damaged = [_flipped(content, place, dice) for place in places]
        damaged += [content[:length] for length in (0, 4, len(content) // 2, len(content) - 1)]
        for wrong in (*damaged, content + b"\0"):
            part.write_bytes(wrong)
            os.utime(part, ns=(0, times.st_mtime_ns))  # as `cp -p` and `rsync -a` put it back
            with pytest.raises(IntegrityError, match=part.name):
                warehouse.sql("select * from trials join trial_blocks using (trial_index)")
        assert not warehouse.verify().ok
        with pytest.raises(IntegrityError, match=part.name):
            warehouse.backup(tmp_path / "backup")
        assert not (tmp_path / "backup").exists()
        assert warehouse.sql("select count(*) as n from runs")["n"].tolist() == [1]
        part.unlink()
        with pytest.raises(IntegrityError, match=part.name):
            contents(home)
        assert not warehouse.verify().ok
        part.write_bytes(content)
        assert contents(home) == before
    goes_on(warehouse, root)


@pytest.mark.parametrize("how", ["changed", "cut", "missing"])
def test_a_damaged_part_is_not_merged(how: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    warehouse, root = prepared(home)
    before = contents(home)
    with warehouse.control.read() as transaction:
        live = {row["table_name"]: row["id"] for row in transaction.rows("parts.live")}
    part = home / "warehouse" / "parts" / f"{live['trials']}.parquet"
    content = part.read_bytes()
    if how == "missing":
        part.unlink()
    else:
        part.write_bytes(content[:-9] if how == "cut" else _flipped(content, 999, random.Random(7)))
    for _ in range(2):
        with pytest.raises(IntegrityError, match=part.name):
            warehouse.compact()
        warehouse.sweep()
    part.write_bytes(content)
    assert contents(home) == before
    goes_on(warehouse, root)


def _flipped(content: bytes, place: int, dice: random.Random) -> bytes:
    changed = bytearray(content)
    changed[place] ^= 1 << dice.randrange(8)
    return bytes(changed)


def test_every_damaged_artifact_is_noticed(tmp_path: Path) -> None:
    warehouse, root = prepared(tmp_path / "home")
    run = warehouse.get_run(run_hash(0))
    dice = random.Random(6)
    for path in sorted(run.folder.iterdir()):
        content = path.read_bytes()
        places = [0, len(content) - 1, *dice.sample(range(len(content)), 5)]
        for wrong in (b"", content[:-1], *(_flipped(content, place, dice) for place in places)):
            path.write_bytes(wrong)
            found = warehouse.verify_runs(run.run_hash)
            assert any(path.name in finding.message for finding in found.findings), path.name
            if path.name == "equity.parquet":
                with pytest.raises(IntegrityError, match=path.name):
                    warehouse.sql("select * from equity")
        path.unlink()
        found = warehouse.verify_runs(run.run_hash)
        assert any(path.name in finding.message for finding in found.findings), path.name
        path.write_bytes(content)
        assert warehouse.verify_runs(run.run_hash).ok
    shutil.rmtree(run.folder)
    assert not warehouse.verify_runs().ok
    with pytest.raises(IntegrityError, match=r"equity\.parquet"):
        warehouse.sql("select * from equity")
    assert warehouse.sql("select count(*) as n from trials")["n"].tolist() == [2 * ROWS + 3]
    assert root == warehouse.get_run(run_hash(0)).lineage_root


def test_files_of_strangers_are_left_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    warehouse, root = prepared(home)
    before = contents(home)
    parts = home / "warehouse" / "parts"
    strangers = [parts / "notes.txt", parts / f"{'0' * 32}.parquet", parts / "x.parquet"]
    one = next(path for path in parts.iterdir())
    for stranger in strangers:
        shutil.copy(one, stranger)
    (home / "warehouse" / "tmp" / "mine.txt").write_text("mine")
    assert contents(home) == before
    warehouse.compact()
    warehouse.sweep()
    assert contents(home) == before
    assert all(stranger.exists() for stranger in strangers)
    assert (home / "warehouse" / "tmp" / "mine.txt").exists()
    assert warehouse.verify().ok
    for stranger in (*strangers, home / "warehouse" / "tmp" / "mine.txt"):
        stranger.unlink()
    goes_on(warehouse, root)
