from __future__ import annotations

from pathlib import Path

import pytest

from hyprl_lab.errors import WarehouseError
from hyprl_lab.presets.folder import found_files, home_of, locked, one_line, place_of, put


def test_only_files_of_presets_are_found(home: Path) -> None:
    assert found_files(home) == {}
    with locked(home) as folder:
        for name in ("cross.v1.yaml", "cross.v12.yaml", "a.v1.yaml"):
            put(folder / name, b"x")
        for name in ("cross.v0.yaml", "cross.history.json", "Cross.v1.yaml", "cross.v1.yaml.bak"):
            put(folder / name, b"x")
    found = found_files(home)
    assert {name: sorted(versions) for name, versions in found.items()} == {
        "cross": [1, 12],
        "a": [1],
    }
    assert found["cross"][12] == place_of(home) / "cross.v12.yaml"


def test_what_a_dead_process_had_begun_is_cleared_by_the_next_that_writes(home: Path) -> None:
    place_of(home).mkdir()
    half = place_of(home) / ".cross.v1.yaml.999999.tmp"
    half.write_bytes(b"form")
    with locked(home) as folder:
        assert not half.exists()
        put(folder / "cross.v1.yaml", b"whole")
    assert sorted(path.name for path in folder.iterdir()) == [".lock", "cross.v1.yaml"]
    assert (folder / "cross.v1.yaml").read_bytes() == b"whole"


def test_a_failed_write_leaves_what_was_there(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from hyprl_lab.store import disk

    def full(path: Path, content: bytes) -> None:
        path.write_bytes(content[:1])
        raise OSError(28, "No space left on device")

    with locked(home) as folder:
        put(folder / "a.v1.yaml", b"before")
        monkeypatch.setattr(disk, "write", full)
        with pytest.raises(WarehouseError, match="No space left on device"):
            put(folder / "a.v1.yaml", b"after")
    assert (folder / "a.v1.yaml").read_bytes() == b"before"


def test_a_folder_that_is_a_file_is_said(home: Path) -> None:
    place_of(home).write_bytes(b"")
    assert found_files(home) == {}
    with pytest.raises(WarehouseError, match="can't be written"), locked(home):
        pass


def test_the_home_is_the_one_given_or_that_of_the_environment(home: Path, tmp_path: Path) -> None:
    assert home_of(None) == home.resolve()
    assert home_of(tmp_path) == tmp_path


def test_an_error_is_one_short_printable_line() -> None:
    assert one_line(ValueError("a\n b\x1b[31m")) == "a b?[31m"
    assert len(one_line(ValueError("x" * 9_999))) == 400
