"""Long columns go to files that have no name, and come back as they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hyprl_lab.data import spill
from hyprl_lab.data.spill import Growing, drop_pages, is_spilled
from hyprl_lab.errors import BarsError


@pytest.mark.parametrize("limit", [0, 800, 1 << 20])
def test_pieces_come_back_in_order(tmp_path: Path, limit: int) -> None:
    column = Growing(np.int64, limit_bytes=limit, folder=tmp_path)
    for first in range(0, 1_000, 70):
        column.append(np.arange(first, min(first + 70, 1_000)))
    array = column.finish()
    assert array.tolist() == list(range(1_000))
    assert array.dtype == np.int64
    assert not array.flags.writeable
    assert is_spilled(array) == (limit < 8_000)
    assert list(tmp_path.iterdir()) == []  # no name, so nothing to leave behind


def test_what_was_appended_is_copied() -> None:
    column = Growing(np.float64)
    piece = np.array([1.0, 2.0])
    column.append(piece)
    piece[:] = 0.0
    assert column.finish().tolist() == [1.0, 2.0]


def test_nothing_appended_is_an_empty_column() -> None:
    array = Growing(np.float64).finish()
    assert (array.shape, array.dtype) == ((0,), np.float64)


def test_dropped_pages_are_read_again(tmp_path: Path) -> None:
    column = Growing(np.float64, limit_bytes=0, folder=tmp_path)
    column.append(np.arange(1_000_000, dtype=np.float64))
    array = column.finish()
    assert array.sum() == 499_999_500_000.0
    held = resident(array)
    drop_pages(array[10:])  # a view of it names the same mapping
    assert resident(array) < held
    assert array.sum() == 499_999_500_000.0


def test_arrays_in_memory_are_left_alone(tmp_path: Path) -> None:
    array = np.arange(3.0)
    drop_pages(array)
    assert array.tolist() == [0.0, 1.0, 2.0]
    mapped = np.memmap(tmp_path / "x", np.float64, mode="w+", shape=(3,))
    mapped[:] = 7.0
    drop_pages(mapped)
    assert mapped.tolist() == [7.0, 7.0, 7.0]
    assert not is_spilled(mapped)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    column = Growing(np.float64, limit_bytes=0, folder=tmp_path / "none")
    with pytest.raises(BarsError, match=r"none \(No such file or directory\); free some space"):
        column.append(np.zeros(1))


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def write(self, data: object) -> None:
            raise OSError(28, "No space left on device")

        def close(self) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(spill.tempfile, "TemporaryFile", lambda **_: Full())
    with pytest.raises(BarsError, match=r"no room for 8 bytes .*No space left on device"):
        Growing(np.float64, limit_bytes=0).append(np.zeros(1))


@pytest.mark.parametrize("rows", [513, 100_000])  # refused at the last flush, and at a write
def test_a_file_that_may_not_grow_is_told(tmp_path: Path, rows: int) -> None:
    resource = pytest.importorskip("resource")
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    column = Growing(np.float64, limit_bytes=0, folder=tmp_path)

    def fill() -> None:
        column.append(np.zeros(rows))
        column.finish()

    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, old[1]))
    try:
        with pytest.raises(BarsError, match=rf"no room for {8 * rows:,} bytes .*File too large"):
            fill()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
    assert list(tmp_path.iterdir()) == []


def resident(array: np.ndarray) -> int:
    """Kilobytes of the process's mapping that holds an array."""
    address = array.__array_interface__["data"][0]
    inside = False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        head = line.split()[0]
        if "-" in head and not head.endswith(":"):
            first, last = (int(part, 16) for part in head.split("-"))
            inside = first <= address < last
        elif inside and head == "Rss:":
            return int(line.split()[1])
    pytest.skip("the system does not say what is resident")


def test_more_columns_than_open_files_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    column = Growing(np.float64, limit_bytes=0, folder=tmp_path)
    column.append(np.zeros(1))

    def too_many(*_: object, **__: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(spill.np, "memmap", too_many)
    with pytest.raises(BarsError, match=r"hold files open \(Too many open files\).*ulimit -n"):
        column.finish()
    monkeypatch.setattr(spill.tempfile, "TemporaryFile", too_many)
    with pytest.raises(BarsError, match="take fewer columns"):
        Growing(np.float64, limit_bytes=0).append(np.zeros(1))
