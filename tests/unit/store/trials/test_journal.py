from __future__ import annotations

import json
import os
import stat
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hyprl_lab.store import staging
from hyprl_lab.store.trials import journal as module
from hyprl_lab.store.trials.journal import Journal, framed, journal_of, part_of, unframed

if TYPE_CHECKING:
    from pathlib import Path


def opened(folder: Path) -> Journal[str]:
    return Journal(lambda: folder, lambda number, row: json.dumps([number, row]).encode())


def lines(folder: Path) -> list[list[object]]:
    found = []
    for path in sorted(folder.iterdir()):
        for line in path.read_bytes().splitlines(keepends=True):
            body = unframed(line)
            assert body is not None
            found.append(json.loads(body))
    return found


@given(st.binary().filter(lambda body: b"\n" not in body))
def test_a_line_says_its_length_and_crc(body: bytes) -> None:
    line = framed(body)
    check, length, rest = line[:-1].split(b" ", 2)
    assert (int(check, 16), int(length), rest) == (zlib.crc32(body), len(body), body)
    assert unframed(line) == body


@given(st.binary(min_size=1, max_size=50), st.data())
def test_a_torn_or_changed_line_is_seen(body: bytes, data: st.DataObject) -> None:
    line = framed(body)
    cut = data.draw(st.integers(0, len(line) - 1))
    assert unframed(line[:cut]) is None
    place = data.draw(st.integers(0, len(line) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != line[place]))
    assert unframed(line[:place] + bytes([other]) + line[place + 1 :]) is None


def test_a_line_is_there_before_append_returns(tmp_path: Path) -> None:
    folder = tmp_path / "pending"
    journal = opened(folder)
    journal.append(1, "a")
    assert lines(folder) == [[1, "a"]]
    journal.append(2, "b")
    assert lines(folder) == [[1, "a"], [2, "b"]]
    (path,) = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert journal_of(path.name) == journal.name
    assert not staging.is_abandoned(path)
    journal.close()


def test_what_is_committed_is_cut(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.append(1, "a")
    journal.append(2, "b")
    journal.cut(1)
    assert lines(tmp_path) == [[1, "a"], [2, "b"]]  # known by its number until all may go
    kept: bool = journal.holds_lines
    assert kept
    journal.cut(2)
    assert lines(tmp_path) == []
    left: bool = journal.holds_lines
    assert not left
    journal.append(3, "c")
    assert lines(tmp_path) == [[3, "c"]]
    journal.close()
    assert lines(tmp_path) == [[3, "c"]]


def test_a_journal_that_grows_goes_on_in_another_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LARGEST", 40)
    journal = opened(tmp_path)
    for number in range(1, 10):
        journal.append(number, "row")
    assert len(list(tmp_path.iterdir())) == 5
    assert {journal_of(path.name) for path in tmp_path.iterdir()} == {journal.name}
    assert sorted(map(part_of, tmp_path.iterdir())) == list(range(5))
    assert sorted(lines(tmp_path)) == [[number, "row"] for number in range(1, 10)]
    journal.cut(5)
    assert sorted(lines(tmp_path)) == [[number, "row"] for number in range(5, 10)]
    journal.cut(9)
    assert lines(tmp_path) == []
    journal.close()
    assert not list(tmp_path.iterdir())


def test_closing_leaves_no_empty_file(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.append(1, "a")
    journal.cut(1)
    assert len(list(tmp_path.iterdir())) == 1
    journal.close()
    assert not list(tmp_path.iterdir())
    journal.append(2, "b")
    assert lines(tmp_path) == [[2, "b"]]
    journal.close()


def test_a_file_that_was_removed_is_followed_by_another(tmp_path: Path) -> None:
    journal = opened(tmp_path / "pending")
    journal.append(1, "a")
    for path in (tmp_path / "pending").iterdir():
        path.unlink()
    journal.append(2, "b")
    assert lines(tmp_path / "pending") == [[2, "b"]]
    for path in (tmp_path / "pending").iterdir():
        path.unlink()
    (tmp_path / "pending").rmdir()
    journal.append(3, "c")
    assert lines(tmp_path / "pending") == [[3, "c"]]


def test_a_home_that_was_removed_is_not_made_anew(tmp_path: Path) -> None:
    place = tmp_path / "home" / "pending"
    journal = opened(place)
    journal.append(1, "a")
    (tmp_path / "home").rename(tmp_path / "moved")
    for path in (tmp_path / "moved" / "pending").iterdir():
        path.unlink()
    with pytest.raises(FileNotFoundError):
        journal.append(2, "b")
    assert not (tmp_path / "home").exists()


def test_half_a_line_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = opened(tmp_path)
    journal.append(1, "a")
    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda handle, line: write(handle, line[:7]))
        with pytest.raises(OSError, match="No space left"):
            journal.append(2, "b")
    assert lines(tmp_path) == [[1, "a"]]
    journal.append(3, "c")
    assert lines(tmp_path) == [[1, "a"], [3, "c"]]
    journal.close()


def test_a_forked_child_has_a_journal_of_its_own(tmp_path: Path) -> None:
    journal = opened(tmp_path)
    journal.append(1, "parent")
    pid = os.fork()
    if not pid:
        journal.leave()
        journal.append(1, "child")
        os._exit(0)
    os.waitpid(pid, 0)
    journal.append(2, "parent")
    by_journal: dict[str, list[object]] = {}
    for path in tmp_path.iterdir():
        rows = [
            json.loads(unframed(line + b"\n") or b"")
            for line in path.read_bytes().split(b"\n")
            if line
        ]
        by_journal[journal_of(path.name)] = [row[1] for row in rows]
        assert staging.is_abandoned(path) is (journal_of(path.name) != journal.name)
    assert by_journal.pop(journal.name) == ["parent", "parent"]
    assert list(by_journal.values()) == [["child"]]
    journal.close()
