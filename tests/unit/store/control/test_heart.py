from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.store.control import heart as module
from hyprl_lab.store.control.database import Control
from hyprl_lab.store.control.writer import FOREIGN_LEASE_US, Writer, this_writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LONG_AGO = 1_000_000


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    opened = Control(tmp_path / "control.sqlite")
    yield opened
    opened.close()


def announce(control: Control, part_id: str, who: Writer, beat_at: int = LONG_AGO) -> None:
    with control.write() as transaction:
        transaction.execute(
            "parts.reserve",
            id=part_id,
            table_name="trials",
            study_id=None,
            shard=None,
            rows=1,
            machine=who.machine,
            boot=who.boot,
            pid=who.pid,
            process_start=who.process_start,
            now=beat_at,
        )


def lease(control: Control, name: str, who: Writer) -> None:
    with control.write() as transaction:
        transaction.execute(
            "leases.take",
            name=name,
            fence=1,
            machine=who.machine,
            boot=who.boot,
            pid=who.pid,
            process_start=who.process_start,
            now=LONG_AGO,
        )


def beats(control: Control) -> dict[str, int]:
    with control.read() as transaction:
        rows = transaction.rows("parts.pending")
        leases = transaction.rows("leases.all")
    return {row["id"]: row["heartbeat_at"] for row in rows} | {
        row["name"]: row["heartbeat_at"] for row in leases
    }


def test_a_beat_is_for_all_that_this_process_has_and_no_other(control: Control) -> None:
    me = this_writer()
    other = replace(me, pid=me.pid + 1)
    announce(control, "mine", me)
    announce(control, "another's", other)
    lease(control, "maintenance", me)
    lease(control, "another", other)
    with control.read() as transaction:
        before = transaction.now_us()
    assert control._heart.beat() == 2
    found = beats(control)
    assert found["another's"] == found["another"] == LONG_AGO
    assert found["mine"] >= before
    assert found["maintenance"] >= before


def wait_for(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_thread_ends_when_there_is_nothing_left(
    control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BEAT_SECONDS", 0.02)
    for part in ("first", "second"):
        announce(control, part, this_writer())
        control.keep_beating()
        control.keep_beating()
        wait_for(lambda part=part: beats(control)[part] > LONG_AGO)
        with control.write() as transaction:
            transaction.execute("parts.kill", id=part, now=0)
        wait_for(lambda: control._heart._thread is None)


def test_a_forked_child_has_a_heart_of_its_own(
    control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BEAT_SECONDS", 0.02)
    control.keep_beating()
    pid = os.fork()
    if not pid:
        try:
            announce(control, "child's", this_writer())
            control.keep_beating()
            wait_for(lambda: beats(control)["child's"] > LONG_AGO)
            os._exit(7)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7


def test_heartbeats_go_by_the_clock_of_the_server(
    control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    foreign = replace(this_writer(), machine="elsewhere")
    plain = time.time_ns
    with control.read() as transaction:
        beat = transaction.now_us()
    assert abs(beat - plain() // 1000) < 60_000_000
    monkeypatch.setattr(time, "time_ns", lambda: plain() + 2 * FOREIGN_LEASE_US * 1000)
    with control.read() as transaction:
        now = transaction.now_us()
    assert foreign.is_dead(heartbeat_at=beat)  # by this machine's own, which is wrong
    assert foreign.is_dead(heartbeat_at=beat, now=now) is (control.backend == "sqlite")
