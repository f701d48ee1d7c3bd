from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.errors import WarehouseError
from hyprl_lab.store.trials import recorder as module
from hyprl_lab.store.trials.recorder import Recorder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Book:
    """Where a recorder writes; refuses while `broken`."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.broken = False

    def write(self, rows: Sequence[int], _first: int) -> None:
        if self.broken:
            raise WarehouseError("the disk is full")
        self.rows.extend(rows)


def wait_for(condition: object, seconds: float = 5.0) -> float:
    started = time.monotonic()
    while not condition():  # type: ignore[operator]
        assert time.monotonic() - started < seconds
        time.sleep(0.01)
    return time.monotonic() - started


def test_rows_arrive_within_a_second_and_in_order() -> None:
    book = Book()
    recorder: Recorder[int] = Recorder(book.write)
    for i in range(1000):
        recorder.record(i)
    assert wait_for(lambda: recorder.waiting == 0) < 1.0
    assert book.rows == list(range(1000))


def test_flush_waits_for_every_row() -> None:
    book = Book()
    recorder: Recorder[int] = Recorder(book.write)
    threads = [
        threading.Thread(target=lambda: [recorder.record(i) for i in range(500)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    recorder.flush()
    assert sorted(book.rows) == sorted(list(range(500)) * 4)


def test_a_failure_is_logged_raised_and_nothing_is_lost(caplog: pytest.LogCaptureFixture) -> None:
    book = Book()
    book.broken = True
    recorder: Recorder[int] = Recorder(book.write)
    with caplog.at_level(logging.WARNING):
        recorder.record(1)
        recorder.record(2)
        wait_for(lambda: caplog.records)
    assert caplog.messages[0] == "2 trials are not recorded yet: the disk is full"
    with pytest.raises(WarehouseError, match="the disk is full"):
        recorder.flush()
    assert recorder.waiting == 2
    book.broken = False
    recorder.flush()
    assert book.rows == [1, 2]


def test_a_forked_child_writes_only_its_own_rows() -> None:
    book = Book()
    book.broken = True
    recorder: Recorder[int] = Recorder(book.write)
    recorder.record(1)
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        book.broken = False
        recorder.record(7)
        recorder.flush()
        os.write(writing, repr(book.rows).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    assert os.read(reading, 100) == b"[7]"
    os.close(reading)
    os.close(writing)
    book.broken = False
    recorder.flush()
    assert book.rows == [1]


SCRIPT = """
import os, sys
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store import TrialRow, Warehouse

def record(n):
    Warehouse(sys.argv[1]).record_trial(TrialRow(
        strategy_hash="h", risk={}, execution={}, lineage_root="r", params={"n": n},
        metrics=dict.fromkeys(TRIAL_METRICS, 0.0), behaviour_hash=0))

if __name__ == "__main__":
    record(1)
    if sys.argv[2] == "children":
        import multiprocessing
        context = multiprocessing.get_context("fork")
        children = [context.Process(target=record, args=(n,)) for n in (2, 3)]
        [child.start() for child in children]
        [child.join() for child in children]
"""


@pytest.mark.parametrize(("mode", "expected"), [("alone", 1), ("children", 3)])
def test_the_end_of_a_process_flushes(tmp_path: Path, mode: str, expected: int) -> None:
    from hyprl_lab.store import Warehouse

    script = tmp_path / "record.py"
    script.write_text(SCRIPT)
    ran = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "home"), mode],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert Warehouse(tmp_path / "home").trial_count("r") == expected


def test_what_cannot_be_written_at_exit_is_said(tmp_path: Path) -> None:
    script = tmp_path / "record.py"
    script.write_text(SCRIPT)
    (tmp_path / "home").write_text("a file, not a folder")
    ran = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "home"), "alone"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "1 trials were NOT recorded: the home folder" in ran.stderr


def test_flush_ends_although_others_go_on_recording(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GATHER_SECONDS", 60.0)
    written: list[int] = []
    numbers = iter(range(1, 100))

    def write(rows: Sequence[int], _first: int) -> None:
        written.extend(rows)
        recorder.record(next(numbers))  # as fast as rows are written

    recorder: Recorder[int] = Recorder(write)
    recorder.record(0)
    recorder.flush()
    assert (written, recorder.waiting) == ([0], 1)
    recorder.flush()
    assert written == [0, 1]
    recorder.end()
    recorder._reset()
