from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.errors import IntegrityError
from hyprl_lab.store.parts import verified
from hyprl_lab.store.parts.folder import LocalFolder

if TYPE_CHECKING:
    from pathlib import Path


class Counting(LocalFolder):
    """A folder that tells which files were hashed."""

    def __init__(self, place: Path) -> None:
        super().__init__(place, place)
        self.hashed: list[str] = []

    def sha256(self, name: str) -> str:
        self.hashed.append(name)
        return super().sha256(name)


@pytest.fixture
def folder(tmp_path: Path) -> Counting:
    return Counting(tmp_path)


def files(folder: LocalFolder) -> list[tuple[str, int, str]]:
    made = []
    for i in range(3):
        data = bytes([i]) * 1000
        folder.path(f"part{i}").write_bytes(data)
        made.append((f"part{i}", len(data), hashlib.sha256(data).hexdigest()))
    return made


def test_a_file_is_hashed_once_until_it_changes(folder: Counting) -> None:
    made = files(folder)
    verified.check(folder, made)
    verified.check(folder, made)
    assert sorted(folder.hashed) == ["part0", "part1", "part2"]
    folder.path("part1").write_bytes(bytes([1]) * 1000)
    verified.check(folder, made)
    assert sorted(folder.hashed) == ["part0", "part1", "part1", "part2"]


def test_what_was_just_written_is_known(folder: Counting) -> None:
    made = files(folder)
    verified.know(folder, "part2", made[2][2])
    verified.know(folder, "swept", "0" * 64)
    verified.check(folder, made)
    assert sorted(folder.hashed) == ["part0", "part1"]


def test_a_time_that_is_set_back_hides_nothing(folder: Counting) -> None:
    made = files(folder)
    verified.check(folder, made)
    path = folder.path("part1")
    before = path.stat()
    with path.open("r+b") as file:
        file.write(b"x")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = path.stat()
    assert (after.st_ino, after.st_size, after.st_mtime_ns) == (
        before.st_ino, before.st_size, before.st_mtime_ns,
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="part1 is corrupt"):
        verified.check(folder, made)


def test_what_is_gone_is_forgotten(folder: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict[str, object] = {}
    monkeypatch.setattr(verified, "_known", known)
    monkeypatch.setattr(verified, "_pruned", [3])
    made = files(folder)
    verified.check(folder, made)
    folder.remove(["part0"])
    assert set(known) == {folder.address("part1"), folder.address("part2")}
    folder.path("part1").unlink()  # as another process does
    with pytest.raises(IntegrityError, match="missing"):
        verified.check(folder, made[1:])
    assert set(known) == {folder.address("part2")}
    folder.path("part2").unlink()
    for name in ("new0", "new1", "new2"):
        folder.path(name).write_bytes(b"")
        verified.know(folder, name, hashlib.sha256(b"").hexdigest())
    assert set(known) == {folder.address(name) for name in ("new0", "new1", "new2")}


@pytest.mark.parametrize("known", [True, False])
def test_a_bad_file_is_named(folder: Counting, known: bool) -> None:
    made = files(folder)
    path = folder.path("part1")
    if known:
        verified.check(folder, made)
    path.write_bytes(bytes([1]) * 500 + b"x" + bytes([1]) * 499)
    with pytest.raises(IntegrityError, match="part1 is corrupt: its SHA-256 is"):
        verified.check(folder, made)
    path.write_bytes(b"short")
    with pytest.raises(IntegrityError, match="part1 has 5 bytes, 1000 were committed"):
        verified.check(folder, made)
    path.unlink()
    with pytest.raises(IntegrityError, match="part1 was committed and is missing"):
        verified.check(folder, made)
    path.mkdir()
    with pytest.raises(IntegrityError, match=r"part1 (has|was committed and can't be read)"):
        verified.check(folder, made)
