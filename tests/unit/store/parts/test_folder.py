from __future__ import annotations

import errno
import hashlib
from typing import TYPE_CHECKING

import pytest
from folders import MemoryFolder

from hyprl_lab.errors import WarehouseError
from hyprl_lab.store import disk
from hyprl_lab.store.parts.folder import HashedStream, LocalFolder

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.store.parts.folder import PartsFolder


@pytest.fixture
def local(tmp_path: Path) -> LocalFolder:
    folder = LocalFolder(tmp_path / "parts", tmp_path / "tmp")
    folder.make()
    return folder


@pytest.fixture(params=["local", "memory"])
def folder(request: pytest.FixtureRequest) -> PartsFolder:
    """Every kind of parts folder."""
    if request.param == "memory":
        return MemoryFolder()
    found: LocalFolder = request.getfixturevalue("local")
    return found


def test_files_appear_whole_and_go(folder: PartsFolder) -> None:
    folder.put([("a", b"abc"), ("b", memoryview(b""))])
    assert folder.names() == {"a", "b"}
    assert (folder.size("a"), folder.size("b")) == (3, 0)
    assert folder.sha256("a") == hashlib.sha256(b"abc").hexdigest()
    with folder.open("a") as file:
        file.seek(1)
        assert file.read() == b"bc"
    assert folder.address("a") != folder.address("b")
    for _ in range(2):
        folder.remove(["a", "nothing"])
        folder.sync()
        assert folder.names() == {"b"}


def test_what_is_missing(folder: PartsFolder) -> None:
    for call in (folder.size, folder.sha256, folder.stamp, folder.open):
        with pytest.raises(FileNotFoundError):
            call("nothing")


def test_a_stamp_changes_with_the_content(folder: PartsFolder) -> None:
    folder.put([("a", b"abc")])
    first = folder.stamp("a")
    assert folder.stamp("a") == first
    folder.put([("a", b"abd")])
    assert folder.stamp("a") != first


def test_a_file_comes_piece_by_piece(folder: PartsFolder) -> None:
    def write(stream: HashedStream) -> None:
        assert stream.write(b"ab") == 2
        stream.write(b"c")
        assert stream.tell() == 3

    size, sha256 = folder.put_streamed("a", write)
    assert (size, sha256) == (3, hashlib.sha256(b"abc").hexdigest())
    assert folder.sha256("a") == sha256
    assert folder.names() == {"a"}


@pytest.mark.parametrize("error", [WarehouseError("refused"), KeyError("x")])
def test_a_file_that_is_broken_off_leaves_nothing(folder: PartsFolder, error: Exception) -> None:
    def write(stream: HashedStream) -> None:
        stream.write(b"ab")
        raise error

    with pytest.raises((WarehouseError, KeyError), match=r"refused|x"):
        folder.put_streamed("a", write)
    assert folder.names() == set()


def test_nothing_is_in_place_before_it_is_whole(local: LocalFolder) -> None:
    def write(stream: HashedStream) -> None:
        stream.write(b"ab")
        assert (local.staging / "a").exists()
        assert not local.path("a").exists()

    local.put_streamed("a", write)
    assert local.path("a").read_bytes() == b"ab"
    assert list(local.staging.iterdir()) == []


@pytest.mark.parametrize("streamed", [False, True])
def test_a_full_disk_leaves_nothing(
    local: LocalFolder, monkeypatch: pytest.MonkeyPatch, streamed: bool
) -> None:
    def full(source: Path, target: Path) -> None:
        if target.name == "b":
            raise OSError(errno.ENOSPC, "No space left on device", str(target))
        source.rename(target)

    monkeypatch.setattr(disk, "rename", full)

    def write() -> None:
        if streamed:
            local.put_streamed("b", lambda stream: None)
        else:
            local.put([("a", b"1"), ("b", b"2")])

    with pytest.raises(WarehouseError, match=r"No space left on device.*nothing was recorded"):
        write()
    assert local.names() == set()

    def refused(path: Path) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr(disk, "unlink", refused)
    with pytest.raises(WarehouseError, match=r"No space left on device"):
        write()
    with pytest.raises(WarehouseError, match=r"can't be removed \(Read-only"):
        local.remove(["b"])


@pytest.mark.parametrize("name", ["parts", "tmp"])
def test_a_file_in_the_way_is_named(tmp_path: Path, name: str) -> None:
    folder = LocalFolder(tmp_path / "parts", tmp_path / "tmp")
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(WarehouseError, match=rf"{tmp_path}/{name} can't be made.*File exists"):
        folder.make()
    with pytest.raises(WarehouseError, match=rf"{tmp_path}/{name} can't be read.*Not a dir"):
        folder.names()


def test_a_place_that_is_not_there_has_no_names(tmp_path: Path) -> None:
    assert LocalFolder(tmp_path / "parts", tmp_path / "tmp").names() == set()


def test_the_order_of_operations(local: LocalFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    for name in ("write", "rename", "sync_folder"):
        plain = getattr(disk, name)

        def call(path: Path, *rest: object, name: str = name, plain: object = plain) -> None:
            seen.append(f"{name} {path.parent.name}/{path.name}")
            plain(path, *rest)  # type: ignore[operator]

        monkeypatch.setattr(disk, name, call)
    local.put([("a", b"1"), ("b", b"2")])
    home = local.place.parent.name
    assert seen == [
        "write tmp/a", "rename tmp/a", "write tmp/b", "rename tmp/b", f"sync_folder {home}/parts",
    ]  # fmt: skip


@pytest.mark.parametrize("how", ["pipe", "link"])
def test_what_is_no_regular_file_is_never_read(tmp_path: Path, how: str) -> None:
    import os

    folder = LocalFolder(tmp_path / "parts", tmp_path / "tmp")
    folder.make()
    if how == "pipe":
        os.mkfifo(folder.path("a"))
    else:
        folder.path("a").symlink_to("/dev/zero")
    for call in (folder.size, folder.stamp, folder.sha256, folder.open):
        with pytest.raises(OSError, match="a"):
            call("a")
