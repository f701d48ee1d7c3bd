from __future__ import annotations

import errno
import hashlib
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.errors import WarehouseError
from hyprl_lab.store.parts import folder as files
from hyprl_lab.store.parts.folder import Folder, file_sha256

if TYPE_CHECKING:
    from pathlib import Path


def test_files_appear_whole_and_go(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "parts", tmp_path / "tmp")
    folder.make()
    folder.put([("a", b"abc"), ("b", memoryview(b""))])
    assert folder.path("a").read_bytes() == b"abc"
    assert folder.names() == {"a", "b"}
    assert list((tmp_path / "tmp").iterdir()) == []
    folder.remove("a")
    folder.remove("a")
    assert folder.names() == {"b"}


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(tmp_path / "parts", tmp_path / "tmp")
    folder.make()
    plain = files.write_synced

    def full(path: Path, content: bytes) -> None:
        plain(path, content)
        if path.name == "b":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(files, "write_synced", full)
    with pytest.raises(WarehouseError, match=r"No space left on device.*nothing was recorded"):
        folder.put([("a", b"1"), ("b", b"2")])
    assert folder.names() == set()


def test_the_order_of_operations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(tmp_path / "parts", tmp_path / "tmp")
    folder.make()
    seen: list[str] = []
    synced = files.os.fsync

    def fsync(descriptor: int) -> None:
        place = "folder" if (tmp_path / "parts" / "a").exists() else "file"
        seen.append(place)
        synced(descriptor)

    monkeypatch.setattr(files.os, "fsync", fsync)
    folder.put([("a", b"1")])
    assert seen == ["file", "folder"]


def test_sha256_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"abc")  # FIPS 180-2, appendix B.1
    assert file_sha256(tmp_path / "f") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )


def test_a_file_comes_piece_by_piece(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "parts", tmp_path / "tmp")
    folder.make()

    def write(stream: files.HashedStream) -> None:
        assert stream.write(b"ab") == 2
        assert (tmp_path / "tmp" / "a").exists()
        assert not folder.path("a").exists()
        stream.write(b"c")
        assert stream.tell() == 3

    size, sha256 = folder.put_streamed("a", write)
    assert (size, sha256) == (3, hashlib.sha256(b"abc").hexdigest())
    assert folder.path("a").read_bytes() == b"abc"
    assert folder.names() == {"a"}


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyError("x")])
def test_a_file_that_is_broken_off_leaves_nothing(tmp_path: Path, error: Exception) -> None:
    folder = Folder(tmp_path / "parts", tmp_path / "tmp")
    folder.make()

    def write(stream: files.HashedStream) -> None:
        stream.write(b"ab")
        raise error

    with pytest.raises((WarehouseError, KeyError), match=r"No space|x"):
        folder.put_streamed("a", write)
    assert folder.names() == set()
