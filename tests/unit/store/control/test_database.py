from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import ProgrammingError

from hyprl_lab.store.control.database import Control

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from postgres import Chosen


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    opened = Control(tmp_path / "control.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def fork() -> Iterator[Callable[[Callable[[], None]], int]]:
    """Run something in a forked child; killed at the end of the test where it still runs."""
    started: list[int] = []

    def start(work: Callable[[], None]) -> int:
        pid = os.fork()
        if pid:
            started.append(pid)
            return pid
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)

    yield start
    for pid in started:
        try:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        except (ProcessLookupError, ChildProcessError):
            continue


def add(control: Control, *keys: str) -> None:
    with control.write() as transaction:
        for key in keys:
            row = transaction.row("meta.get", key=key) or {"value": "0"}
            transaction.execute("meta.put", key=key, value=str(int(row["value"]) + 1))


def value(control: Control, key: str) -> str | None:
    with control.read() as transaction:
        row = transaction.row("meta.get", key=key)
    return None if row is None else str(row["value"])


def test_the_fixture_gives_what_it_says(control: Control, database: Chosen) -> None:
    assert control.backend == database.backend
    assert (control.path is None) == (database.backend == "postgresql")


def test_a_block_that_raises_is_undone(control: Control) -> None:
    def fail() -> None:
        with control.write() as transaction:
            transaction.execute("meta.put", key="k", value="v")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert value(control, "k") is None


def test_many_rows_at_once(control: Control) -> None:
    rows = [{"key": f"k{number}", "value": str(number)} for number in range(3)]
    with control.write() as transaction:
        transaction.many("meta.put", rows)
        transaction.many("meta.put", [])
        assert transaction.execute("meta.put", key="k0", value="again") == 1
    assert [value(control, f"k{number}") for number in range(3)] == ["again", "1", "2"]


def test_threads_that_write_wait_for_each_other(control: Control) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: add(control, "n"), range(100)))
    assert value(control, "n") == "100"


def test_processes_that_write_wait_for_each_other(
    control: Control, fork: Callable[[Callable[[], None]], int]
) -> None:
    def many() -> None:
        for _ in range(25):
            add(control, "a", "b")

    children = [fork(many) for _ in range(8)]
    ended = 0
    while ended < len(children):  # a reader sees one state while they write
        with control.read() as transaction:
            first = transaction.row("meta.get", key="a")
            time.sleep(0.002)
            assert transaction.row("meta.get", key="b") == first
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid in children:
            assert status == 0
            ended += 1
    assert (value(control, "a"), value(control, "b")) == ("200", "200")


def test_a_killed_writer_leaves_nothing_and_holds_nothing(
    control: Control, fork: Callable[[Callable[[], None]], int]
) -> None:
    reading, writing = os.pipe()

    def hang() -> None:
        with control.write() as transaction:
            transaction.execute("meta.put", key="k", value="dead")
            os.write(writing, b"!")
            time.sleep(60)

    pid = fork(hang)
    assert os.read(reading, 1) == b"!"
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    started = time.monotonic()
    add(control, "n")
    assert time.monotonic() - started < 5
    assert (value(control, "k"), value(control, "n")) == (None, "1")
    for end in (reading, writing):
        os.close(end)


def test_a_child_does_not_keep_its_killed_parents_lock(
    control: Control, fork: Callable[[Callable[[], None]], int]
) -> None:
    reading, writing = os.pipe()

    def hang() -> None:
        with control.write() as transaction:
            transaction.execute("meta.put", key="k", value="dead")
            child = os.fork()
            if child:
                os.write(writing, child.to_bytes(4, "big"))
            time.sleep(30)
            os._exit(0)

    parent = fork(hang)
    child = int.from_bytes(os.read(reading, 4), "big")
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    started = time.monotonic()
    add(control, "n")
    assert time.monotonic() - started < 5
    os.kill(child, signal.SIGKILL)
    assert (value(control, "k"), value(control, "n")) == (None, "1")
    for end in (reading, writing):
        os.close(end)


def test_a_reader_sees_one_state(control: Control) -> None:
    with control.read() as reader:
        assert reader.row("meta.get", key="k") is None
        with control.write() as writer:
            writer.execute("meta.put", key="k", value="v")
        assert reader.row("meta.get", key="k") is None
    assert value(control, "k") == "v"


def test_a_writer_sees_what_was_committed_while_it_waited(control: Control) -> None:
    with ThreadPoolExecutor(1) as pool:
        with control.write() as transaction:
            waiting = pool.submit(add, control, "n")
            time.sleep(0.1)
            transaction.execute("meta.put", key="n", value="41")
        waiting.result()
    assert value(control, "n") == "42"


def test_many_processes_open_a_new_one_at_once(tmp_path: Path, database: Chosen) -> None:
    database.fresh(migrated=False)
    code = (
        "import sys; from hyprl_lab.store import Warehouse; print(Warehouse(sys.argv[1]).ledger_id)"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "home")], stdout=subprocess.PIPE
        )
        for _ in range(4)
    ]
    ids = {process.communicate()[0] for process in processes}
    assert [process.returncode for process in processes] == [0] * 4
    assert len(ids) == 1


def test_a_forked_child_gets_its_own_connections(
    control: Control, fork: Callable[[Callable[[], None]], int]
) -> None:
    add(control, "n")
    pid = fork(lambda: add(control, "n"))
    assert os.waitpid(pid, 0)[1] == 0
    add(control, "n")
    assert value(control, "n") == "3"


def test_what_was_not_closed_is_closed(tmp_path: Path) -> None:
    control = Control(tmp_path / "control.sqlite")
    engine = control.engine
    assert engine.pool.checkedin() == 1
    del control
    gc.collect()
    assert engine.pool.checkedin() == 0


def test_ctrl_c_in_the_middle_of_a_drivers_talk_stays_ctrl_c(control: Control) -> None:
    def talk() -> None:
        try:
            signal.raise_signal(signal.SIGINT)
        finally:  # what a driver makes of it: it was asked, and has no answer yet
            raise ProgrammingError("select 1", None, ValueError("transaction status ACTIVE"))

    with pytest.raises(KeyboardInterrupt), control.read():
        talk()
