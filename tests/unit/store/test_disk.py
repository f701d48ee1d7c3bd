from __future__ import annotations

import os
from pathlib import Path

import pytest

from hyprl_lab.store import disk


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what was synced, in order."""
    seen: list[str] = []
    plain = os.fsync

    def fsync(descriptor: int) -> None:
        seen.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        plain(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    return seen


def test_a_file_is_written_and_synced(tmp_path: Path, synced: list[str]) -> None:
    disk.write(tmp_path / "a", b"long content")
    disk.write(tmp_path / "a", memoryview(b"short"))
    assert (tmp_path / "a").read_bytes() == b"short"
    assert synced == ["a", "a"]


def test_a_stream_is_synced_when_it_is_whole(tmp_path: Path, synced: list[str]) -> None:
    with disk.stream(tmp_path / "a") as file:
        file.write(b"ab")
        file.write(b"c")
        assert synced == []
    assert ((tmp_path / "a").read_bytes(), synced) == (b"abc", ["a"])
    with pytest.raises(KeyError), disk.stream(tmp_path / "b") as file:
        raise KeyError
    assert synced == ["a"]


def test_copies_renames_and_places(tmp_path: Path, synced: list[str]) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "a").write_bytes(b"abc")
    disk.copy(tmp_path / "a", tmp_path / "b")
    disk.place(tmp_path / "b", tmp_path / "in" / "c")
    assert (tmp_path / "in" / "c").read_bytes() == b"abc"
    assert synced == ["b", "in"]
    disk.rename(tmp_path / "a", tmp_path / "in" / "c")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["c", "in"]


def test_removing_what_is_there_and_what_is_not(tmp_path: Path) -> None:
    (tmp_path / "in" / "deep").mkdir(parents=True)
    (tmp_path / "in" / "deep" / "a").write_bytes(b"")
    (tmp_path / "b").write_bytes(b"")
    for _ in range(2):
        assert disk.remove_tree(tmp_path / "in")
        disk.unlink(tmp_path / "b")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_made_with_those_above_it(tmp_path: Path, synced: list[str]) -> None:
    disk.make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
    assert synced[-2:] == [tmp_path.name, "a"]
    before = len(synced)
    disk.make_folder(tmp_path / "a" / "b")
    assert len(synced) == before


def test_what_another_process_made_is_synced_once(tmp_path: Path, synced: list[str]) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)  # and killed before it had synced them
    disk.make_folder(tmp_path / "a" / "b")
    assert synced[-2:] == [tmp_path.name, "a"]
    before = len(synced)
    disk.make_folder(tmp_path / "a" / "b")
    disk.make_folder(tmp_path / "a" / "c")
    assert synced[before:] == ["a"]
    (tmp_path / "a" / "b").rmdir()
    (tmp_path / "in the way of its number").mkdir()
    (tmp_path / "a" / "b").mkdir()  # another one of that name
    disk.make_folder(tmp_path / "a" / "b")
    assert synced[before + 1 :] == ["a"]


def test_sha256_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"abc")  # FIPS 180-2, appendix B.1
    assert disk.sha256(tmp_path / "f") == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
