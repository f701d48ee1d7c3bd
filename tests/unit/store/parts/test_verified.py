from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.errors import IntegrityError
from hyprl_lab.store.parts import verified

if TYPE_CHECKING:
    from pathlib import Path


def files(folder: Path) -> list[tuple[Path, int, str]]:
    made = []
    for i in range(3):
        path, data = folder / f"part{i}", bytes([i]) * 1000
        path.write_bytes(data)
        made.append((path, len(data), hashlib.sha256(data).hexdigest()))
    return made


def test_a_file_is_hashed_once_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = files(tmp_path)
    hashed: list[str] = []
    plain = verified.file_sha256

    def counted(path: Path) -> str:
        hashed.append(path.name)
        return plain(path)

    monkeypatch.setattr(verified, "file_sha256", counted)
    verified.check(made)
    verified.check(made)
    assert sorted(hashed) == ["part0", "part1", "part2"]
    made[1][0].write_bytes(bytes([1]) * 1000)
    verified.check(made)
    assert sorted(hashed) == ["part0", "part1", "part1", "part2"]


@pytest.mark.parametrize("known", [True, False])
def test_a_bad_file_is_named(tmp_path: Path, known: bool) -> None:
    made = files(tmp_path)
    path = made[1][0]
    if known:
        verified.check(made)
    path.write_bytes(bytes([1]) * 500 + b"x" + bytes([1]) * 499)
    with pytest.raises(IntegrityError, match="part1 is corrupt: its SHA-256 is"):
        verified.check(made)
    path.write_bytes(b"short")
    with pytest.raises(IntegrityError, match="part1 has 5 bytes, 1000 were committed"):
        verified.check(made)
    path.unlink()
    with pytest.raises(IntegrityError, match="part1 was committed and is missing"):
        verified.check(made)
