from __future__ import annotations

import json
import logging
import math
import os
import struct
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from hyprl_lab.errors import WarehouseError
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store import TrialRow, Warehouse
from hyprl_lab.store.trials import absorbing, journal
from hyprl_lab.store.trials import small as small_module
from hyprl_lab.store.trials.absorbing import absorb, forget
from hyprl_lab.store.trials.journal import framed, journal_of, unframed

if TYPE_CHECKING:
    from pathlib import Path

    from postgres import Chosen

DEAD = "a" * 16
ROW = {
    "strategy_hash": "h",
    "risk": {},
    "execution": {},
    "lineage_root": "r",
    "behaviour_hash": 2**64 - 1,
    "first_ts": -5,
    "last_ts": 2**52,
    "fingerprint": "né\n",
}


def row(number: int, **change: Any) -> TrialRow:
    metrics = dict.fromkeys(TRIAL_METRICS, number / 7) | {"calmar": math.nan, "sharpe": None}
    given: dict[str, Any] = {
        "params": {"slow": -0.0, "fast": number / 3},
        "metrics": metrics,
        "id": f"id{number}",
    }
    return TrialRow(**{**ROW, **given, **change})


def folder_of(warehouse: Warehouse) -> Path:
    folder = warehouse.home / "warehouse" / "pending_trials"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def left(
    warehouse: Warehouse, *rows: TrialRow, name: str = DEAD, segment: int = 0, first: int = 1
) -> Path:
    """Write what a process that is gone would have left: its pid is that of a child that ended."""
    command = "import sys; from hyprl_lab.store import staging; print(staging.name(sys.argv[1]))"
    ended = subprocess.run(
        [sys.executable, "-c", command, f"{name}.{segment}"],
        capture_output=True,
        check=True,
        text=True,
    )
    path = folder_of(warehouse) / ended.stdout.strip()
    path.write_bytes(b"".join(framed(each.to_body(first + i)) for i, each in enumerate(rows)))
    return path


def recorded(warehouse: Warehouse) -> list[dict[str, Any]]:
    with warehouse.control.read() as transaction:
        return transaction.rows("small_trials.all")


def noted(warehouse: Warehouse) -> list[str]:
    with warehouse.control.read() as transaction:
        return [each["name"] for each in transaction.rows("journals.all")]


def looks(warehouse: Warehouse) -> dict[str, int]:
    return {each["id"]: each["looks"] for each in recorded(warehouse)}


def test_a_line_comes_back_as_the_row_it_was(warehouse: Warehouse) -> None:
    rows = [
        row(1),
        row(2, state="failed", first_ts=None, last_ts=None, fingerprint=None),
        row(3, purpose="gate"),
    ]
    before = time.time_ns() // 1000
    control = warehouse.control  # opening it would take them in
    path = left(warehouse, *rows)
    assert absorb(control, folder_of(warehouse)) == 3
    assert not path.exists()
    for each, found in zip(rows, recorded(warehouse), strict=True):
        expected = each.to_row()
        for name in ("param_names", "param_values", "metrics"):
            assert json.loads(found.pop(name)) == json.loads(expected.pop(name))
        assert {name: found[name] for name in expected} == expected
        assert before <= found["created_at"] == found["last_look_at"] <= time.time_ns() // 1000
    assert warehouse.verify().findings == ()
    warehouse.compact()
    assert warehouse.verify().findings == ()


@pytest.mark.parametrize("when", ["opened", "counted", "sharpes", "asked", "swept"])
def test_whoever_opens_or_counts_takes_them_in(warehouse: Warehouse, when: str) -> None:
    if when == "opened":
        left(warehouse, row(1))
        assert warehouse.control  # opens it
    else:
        assert warehouse.trial_count("r") == 0
        left(warehouse, row(1))
        assert recorded(warehouse) == []
    if when == "counted":
        assert warehouse.trial_count("r") == 1
    if when == "sharpes":
        assert [len(group) for group in warehouse.trial_sharpes("r")] == [1, 1]
    if when == "asked":
        assert warehouse.sql("select count(*) from trials", arrow=True)[0][0].as_py() == 1
    if when == "swept":
        warehouse.sweep()
    assert looks(warehouse) == {"id1": 1}
    assert not list(folder_of(warehouse).iterdir())


def test_what_was_committed_before_the_kill_is_not_counted_again(warehouse: Warehouse) -> None:
    small_module.write_rows(warehouse.control, [row(1), row(2)], journal=DEAD, first=1)
    left(warehouse, row(1), row(2), row(3), row(1))
    warehouse.flush()
    assert looks(warehouse) == {"id1": 2, "id2": 1, "id3": 1}
    warehouse.sweep()
    assert noted(warehouse) == []
    assert warehouse.verify().ok


def test_a_batch_that_is_written_twice_is_recorded_once(warehouse: Warehouse) -> None:
    batch = [row(1), row(2)]
    for _ in range(2):  # the commit came through, and the connection broke before that was said
        small_module.write_rows(warehouse.control, batch, journal=DEAD, first=1)
    small_module.write_rows(warehouse.control, [row(2), row(3)], journal=DEAD, first=2)
    assert looks(warehouse) == {"id1": 1, "id2": 1, "id3": 1}
    assert warehouse.verify().ok


def test_a_kill_between_the_commit_and_the_removal_counts_nothing_twice(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = left(warehouse, row(1))
    kept = path.read_bytes()
    warehouse.flush()
    path.write_bytes(kept)  # as if it had never been removed
    forget(warehouse.control, folder_of(warehouse))
    assert noted(warehouse) == [DEAD]
    warehouse.flush()
    assert looks(warehouse) == {"id1": 1}
    assert not path.exists()
    forget(warehouse.control, folder_of(warehouse))
    assert noted(warehouse) == []


def test_one_who_read_the_lines_before_another_was_done_adds_nothing(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    left(warehouse, row(1))
    warehouse.control  # noqa: B018 - opens it
    left(warehouse, row(2), name="b" * 16)
    read = absorbing._read

    def slow(path: Path, dead: bool) -> Any:
        found = read(path, dead)
        monkeypatch.setattr(absorbing, "_read", read)
        other = Warehouse(warehouse.home)
        other.sweep()  # takes it in, removes the file, and its note
        other.close()
        return found

    monkeypatch.setattr(absorbing, "_read", slow)
    assert absorb(warehouse.control, folder_of(warehouse)) == 0
    assert noted(warehouse) == []
    assert looks(warehouse) == {"id1": 1, "id2": 1}


def test_many_at_once_take_each_row_in_once(tmp_path: Path, warehouse: Warehouse) -> None:
    for number in range(8):
        rows = [row(n) for n in range(40)]
        left(warehouse, *rows, name=f"{number:016x}")
    with ThreadPoolExecutor(8) as pool:
        others = [Warehouse(warehouse.home) for _ in range(8)]
        list(pool.map(lambda other: other.trial_count("r"), others))
    for other in others:
        other.close()
    assert looks(warehouse) == {f"id{n}": 8 for n in range(40)}
    assert not list(folder_of(warehouse).iterdir())
    assert warehouse.verify().ok


def test_torn_and_damaged_lines_are_dropped_with_a_warning(
    warehouse: Warehouse, caplog: pytest.LogCaptureFixture
) -> None:
    path = left(warehouse, row(1), row(2), row(3), row(4))
    first, second, third, fourth = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(first + second.replace(b"id2", b"id9") + b"\0\0\n" + third + fourth[:-20])
    with caplog.at_level(logging.WARNING):
        assert warehouse.trial_count("r") == 2
    assert looks(warehouse) == {"id1": 1, "id3": 1}
    assert any("3 of 5 lines are torn or damaged" in message for message in caplog.messages)
    assert not path.exists()
    assert warehouse.verify().ok


@pytest.mark.parametrize(
    "change",
    ["word", "number", "metrics", "state", "key", "purpose", "names", "infinite", "hash", "time"],
)
def test_a_whole_line_that_is_no_row_is_dropped(warehouse: Warehouse, change: str) -> None:
    body: Any = json.loads(row(1).to_body(1))
    if change == "word":
        body = "row"
    if change == "number":
        body[0] = 0
    if change == "time":
        body[1] = "now"
    if change == "names":
        body[2] = ["fast"]
    if change == "metrics":
        body[4] = body[4][:-16]
    if change == "infinite":
        body[4] = struct.pack("<d", math.inf).hex() + body[4][16:]
    places = {"state": 4, "key": 1, "hash": 5, "purpose": 6}
    if change in places:
        body[5][places[change]] = {"key": "ab", "hash": "-1"}.get(change, "peek")
    path = left(warehouse)
    path.write_bytes(framed(json.dumps(body).encode()))
    assert warehouse.trial_count("r") == 0
    assert recorded(warehouse) == []


def alive(warehouse: Warehouse, *numbers: int) -> Warehouse:
    """Another warehouse on the home, with lines of these rows and a thread that writes nothing."""
    other = Warehouse(warehouse.home)
    other._recorder._ending.set()
    for number in numbers:
        other._journal.append(number, row(number))
    return other


def test_what_a_living_process_has_shown_counts_before_it_commits(warehouse: Warehouse) -> None:
    other = Warehouse(warehouse.home)
    other._recorder._ending.set()  # as if it were stopped: its thread writes nothing
    for number in (1, 2):
        other.record_trial(row(number))
    assert warehouse.trial_count("r") == 2
    (path,) = folder_of(warehouse).iterdir()
    assert path.stat().st_size  # the file is its own
    assert other.waiting == 2
    other.record_trial(row(3))
    assert warehouse.trial_count("r") == 3
    other.record_trial(row(4))
    other._recorder._ending.clear()
    other.flush()
    assert looks(warehouse) == {f"id{number}": 1 for number in range(1, 5)}
    assert warehouse.trial_count("r") == 4
    other.close()
    assert warehouse.verify().findings == ()


def test_files_of_strangers_are_left_alone(warehouse: Warehouse) -> None:
    for stranger in ("notes.txt", f"{DEAD}.0"):
        (folder_of(warehouse) / stranger).write_bytes(framed(row(2).to_body(1)))
    assert warehouse.trial_count("r") == 0
    warehouse.sweep()
    assert len(list(folder_of(warehouse).iterdir())) == 2


def test_a_line_that_is_being_written_is_not_a_look_yet(
    warehouse: Warehouse, caplog: pytest.LogCaptureFixture
) -> None:
    other = alive(warehouse, 1, 2)
    (path,) = folder_of(warehouse).iterdir()
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    assert warehouse.trial_count("r") == 1
    path.write_bytes(whole)
    assert warehouse.trial_count("r") == 2
    assert not caplog.messages
    other.close()


def test_a_row_that_a_living_process_could_not_write_down_is_waited_for(
    warehouse: Warehouse,
) -> None:
    other = alive(warehouse, 1, 2, 4, 5)
    with pytest.raises(
        WarehouseError, match=r"row 3 of journal .* wait until that process commits"
    ):
        warehouse.trial_count("r")
    assert looks(warehouse) == {"id1": 1, "id2": 1}
    rows = [row(number) for number in (1, 2, 3)]  # as its recorder has them
    small_module.write_rows(other.control, rows, journal=other._journal.name, first=1)
    assert warehouse.trial_count("r") == 5
    assert looks(warehouse) == {f"id{number}": 1 for number in range(1, 6)}
    other.close()


def test_a_file_that_is_filled_again_while_it_is_read_is_read_again(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = alive(warehouse, 1, 2, 3)
    read = absorbing._read

    def half(path: Path, dead: bool) -> Any:
        monkeypatch.setattr(absorbing, "_read", read)
        return [line for line in read(path, dead) if line.number != 2]

    monkeypatch.setattr(absorbing, "_read", half)
    assert warehouse.trial_count("r") == 3
    other.close()


def test_a_journal_that_goes_on_after_its_note_was_dropped(warehouse: Warehouse) -> None:
    other = Warehouse(warehouse.home)
    other.record_trial(row(1))
    other.close()
    warehouse.sweep()
    assert noted(warehouse) == []
    other._recorder._ending.set()
    other.record_trial(row(2))
    assert warehouse.trial_count("r") == 2
    other._recorder._ending.clear()
    other.close()
    assert looks(warehouse) == {"id1": 1, "id2": 1}


def test_the_files_of_a_living_journal_are_taken_in_by_the_number_of_their_rows(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "LARGEST", 1)  # a file for each line
    other = alive(warehouse, *range(1, 13))
    assert len(list(folder_of(warehouse).iterdir())) == 12
    assert warehouse.trial_count("r") == 12
    assert [each["id"] for each in recorded(warehouse)] == [f"id{n}" for n in range(1, 13)]
    other.close()


def test_a_note_that_has_grown_is_not_dropped(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_module.write_rows(warehouse.control, [row(1)], journal=DEAD, first=1)
    files = absorbing._files

    def meanwhile(folder: Path) -> list[Path]:
        found = files(folder)
        small_module.write_rows(warehouse.control, [row(2)], journal=DEAD, first=2)
        return found

    with monkeypatch.context() as patch:
        patch.setattr(absorbing, "_files", meanwhile)
        forget(warehouse.control, folder_of(warehouse))
    assert noted(warehouse) == [DEAD]
    forget(warehouse.control, folder_of(warehouse))
    assert noted(warehouse) == []


def test_another_machines_files_are_removed_after_an_hour_of_silence(warehouse: Warehouse) -> None:
    path = left(warehouse, row(1))
    foreign = path.with_name(path.name.replace(path.name.split(".")[-1][:12], "0" * 12))
    path.rename(foreign)
    made = foreign.name.split("-")
    made[-2] = "1"  # the name says when it was made, the file when it last changed
    old = foreign.with_name("-".join(made))
    foreign.rename(old)
    assert warehouse.trial_count("r") == 1
    assert old.exists()
    os.utime(old, (1, 1))
    assert warehouse.trial_count("r") == 1
    assert not old.exists()
    assert looks(warehouse) == {"id1": 1}


def test_a_machine_that_lives_after_all_counts_nothing_twice(warehouse: Warehouse) -> None:
    warehouse.control  # noqa: B018 - opening it would take the row in
    other = Warehouse(warehouse.home)
    other._recorder._ending.set()  # its thread writes nothing
    other.record_trial(row(1))
    (path,) = folder_of(warehouse).iterdir()
    lines = [found for line in path.read_bytes().splitlines(True) if (found := unframed(line))]
    assert len(lines) == 1
    assert absorbing._absorb(warehouse.control, journal_of(path.name), [path]) == 1
    path.unlink()  # as for a dead one
    other._recorder._ending.clear()
    other.record_trial(row(2))
    other.flush()
    assert looks(warehouse) == {"id1": 1, "id2": 1}
    other.close()
    assert not list(folder_of(warehouse).iterdir())


def test_a_file_of_another_user_is_said(
    warehouse: Warehouse, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    left(warehouse, row(1))

    def refused(path: Path, dead: bool) -> Any:
        raise PermissionError(13, "Permission denied", str(path))

    with caplog.at_level(logging.WARNING), monkeypatch.context() as patch:
        patch.setattr(absorbing, "_read", refused)
        assert warehouse.trial_count("r") == 0
    assert any("may be missing from the count" in message for message in caplog.messages)
    assert warehouse.trial_count("r") == 1


def test_a_folder_that_is_none_is_refused_when_counting(warehouse: Warehouse) -> None:
    assert warehouse.trial_count("r") == 0
    (warehouse.home / "warehouse" / "pending_trials").write_text("a file")
    with pytest.raises(WarehouseError, match="trials of killed processes could not be counted"):
        warehouse.trial_count("r")
    warehouse.record_trial(row(1))  # committed at once, and counting says that it can't be sure
    assert looks(warehouse) == {"id1": 1}


def test_a_backup_has_no_journals(warehouse: Warehouse, tmp_path: Path, database: Chosen) -> None:
    warehouse.record_trial(row(1))
    left(warehouse, row(2))
    made = warehouse.backup(tmp_path / "copy")
    assert not any("pending" in file.place for file in made.files)
    warehouse.record_trial(row(3))
    database.fresh()
    other = Warehouse(tmp_path / "other")
    other.restore(tmp_path / "copy")
    assert looks(other) == {"id1": 1, "id2": 1}
    assert noted(other) == []
    assert other.verify().ok
    other.close()
