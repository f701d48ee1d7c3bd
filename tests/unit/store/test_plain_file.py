from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from hyprl_lab.errors import IntegrityError
from hyprl_lab.store.plain_file import open_plain_file, opened_plain_file, read_plain_file


def test_the_whole_file_up_to_the_bound(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert read_plain_file(path, max_bytes=5) == b"12345"
    with pytest.raises(IntegrityError, match="longer than 4 bytes"):
        read_plain_file(path, max_bytes=4)


@pytest.mark.timeout(10)
def test_what_is_no_regular_file_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "real").write_bytes(b"1")
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)  # a socket's path is short
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket")
    for name in ("folder", "link", "loop", "pipe", "socket", "nothing", "x" * 5_000):
        with pytest.raises(IntegrityError, match="regular file"):
            read_plain_file(tmp_path / name, max_bytes=5)


def test_no_handle_stays_open(tmp_path: Path) -> None:
    handles = Path("/proc/self/fd")
    if not handles.is_dir():
        pytest.skip("no /proc here")
    before = len(list(handles.iterdir()))
    for _ in range(20):
        with pytest.raises(IntegrityError):
            read_plain_file(tmp_path, max_bytes=5)
    assert len(list(handles.iterdir())) == before


def test_only_regular_files_of_that_length_are_opened(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    with opened_plain_file(path, size=3) as file:
        assert file.read() == b"abc"
    with pytest.raises(IntegrityError, match="expected 4"), opened_plain_file(path, size=4):
        pass
    (tmp_path / "link").symlink_to(path)
    os.mkfifo(tmp_path / "pipe")
    for name in ("link", "pipe", "missing"):
        with pytest.raises(OSError, match=name):
            open_plain_file(tmp_path / name)
