from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.errors import WarehouseError
from hyprl_lab.store.runs import artifacts

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.sqlite_only

FILES = {"config.json": b"{}", "metrics.json": b"{ }"}


def test_a_staged_folder_is_put_in_place(tmp_path: Path) -> None:
    staged = artifacts.stage(tmp_path / "tmp", {"run_hash": "aa"}, FILES)
    assert staged.folder.parent == tmp_path / "tmp"
    assert [entry["file"] for entry in staged.files] == ["config.json", "metrics.json"]
    assert staged.manifest["schema"] == 2
    target = tmp_path / "artifacts" / "aa"
    artifacts.place(staged, target)
    assert (target / "manifest.json").read_bytes() == staged.text
    staged.discard()  # nothing is left to discard
    assert target.is_dir()
    assert list((tmp_path / "tmp").iterdir()) == []


def test_what_a_dead_writer_left_makes_way(tmp_path: Path) -> None:
    target = tmp_path / "artifacts" / "aa"
    target.mkdir(parents=True)
    (target / "half.json").write_text("half")
    artifacts.place(artifacts.stage(tmp_path / "tmp", {}, FILES), target)
    assert sorted(path.name for path in target.iterdir()) == [
        *("config.json", "manifest.json", "metrics.json"),
    ]
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_discarded_folder_is_gone(tmp_path: Path) -> None:
    artifacts.stage(tmp_path / "tmp", {}, FILES).discard()
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = artifacts.disk.write

    def full(path: Path, content: bytes) -> None:
        if path.name == "metrics.json":
            raise OSError(28, "No space left on device", str(path))
        real(path, content)

    monkeypatch.setattr(artifacts.disk, "write", full)
    with pytest.raises(WarehouseError, match="No space left on device"):
        artifacts.stage(tmp_path / "tmp", {}, FILES)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"abcd")
    hashed = hashlib.sha256(b"abcd").hexdigest()
    assert artifacts.problem(path, 4, hashed) is None
    assert "was changed: its SHA-256" in str(artifacts.problem(path, 4, "00"))
    assert "has 4 bytes, 5 were stored" in str(artifacts.problem(path, 5, hashed))
    assert "has 4 bytes, None were stored" in str(artifacts.problem(path, None, hashed))
    assert artifacts.problem(tmp_path / "b.json", 4, hashed) == "b.json is missing"
    (tmp_path / "link.json").symlink_to(path)
    assert "can't be opened" in str(artifacts.problem(tmp_path / "link.json", 4, hashed))
    (tmp_path / "folder").mkdir()
    assert "not a regular file" in str(artifacts.problem(tmp_path / "folder", 4, hashed))
    os.mkfifo(tmp_path / "pipe")
    assert "not a regular file" in str(artifacts.problem(tmp_path / "pipe", 4, hashed))
