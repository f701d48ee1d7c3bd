from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.errors import WarehouseError
from hyprl_lab.store.control import gate
from hyprl_lab.store.control.database import Control

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    opened = Control(tmp_path / "control.sqlite")
    yield opened
    opened.close()


def put(control: Control, key: str) -> None:
    with control.write() as transaction:
        transaction.execute("meta.put", key=key, value="v")


def has(control: Control, key: str) -> bool:
    with control.read() as transaction:
        return transaction.row("meta.get", key=key) is not None


def forked(work: Callable[[], object]) -> tuple[int, int]:
    """Do something in a child; return its process and where its answer can be read."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid:
        os.close(writing)
        return pid, reading
    try:
        os.write(writing, str(work()).encode())
    except WarehouseError as error:
        os.write(writing, str(error).encode())
    finally:
        os._exit(0)


def answer(child: tuple[int, int]) -> str:
    os.waitpid(child[0], 0)
    said = os.read(child[1], 10_000).decode()
    os.close(child[1])
    return said


def test_what_a_child_committed_stays_when_its_parent_closes(
    control: Control, tmp_path: Path
) -> None:
    put(control, "parent")
    closed, tell = os.pipe()

    def work() -> None:
        put(control, "before")
        os.read(closed, 1)
        put(control, "after")
        os.kill(os.getpid(), 9)  # no close of its own puts anything right

    child = forked(work)
    deadline = time.monotonic() + 20
    while not has(control, "before") and time.monotonic() < deadline:
        time.sleep(0.01)
    control.close()
    os.write(tell, b"!")
    assert answer(child) == ""
    fresh = Control(tmp_path / "control.sqlite")
    assert [has(fresh, key) for key in ("parent", "before", "after")] == [True] * 3
    fresh.close()
    for end in (closed, tell):
        os.close(end)


def test_a_fork_waits_for_a_write_of_another_thread(control: Control) -> None:
    inside = threading.Event()
    ended: list[float] = []

    def write() -> None:
        with control.write() as transaction:
            transaction.execute("meta.put", key="thread", value="v")
            inside.set()
            time.sleep(0.3)
            ended.append(time.monotonic())

    thread = threading.Thread(target=write)
    thread.start()
    inside.wait()

    def work() -> str:
        began = time.monotonic()
        put(control, "child")
        return f"{bool(ended)} {time.monotonic() - began < 5}"

    child = forked(work)
    assert answer(child) == "True True"
    thread.join()
    assert has(control, "child")
    assert has(control, "thread")


def test_threads_that_write_go_on_after_a_fork(control: Control) -> None:
    stop, counts = threading.Event(), [0, 0]

    def write(place: int) -> None:
        while not stop.is_set():
            put(control, f"{place}-{counts[place]}")
            counts[place] += 1

    threads = [threading.Thread(target=write, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    for number in range(5):
        assert answer(forked(lambda number=number: put(control, f"child {number}"))) == "None"
    stop.set()
    for thread in threads:
        thread.join()
    assert all(has(control, f"child {number}") for number in range(5))
    for place, count in enumerate(counts):
        assert count > 0
        assert all(has(control, f"{place}-{number}") for number in range(count))


def test_a_child_of_a_transaction_is_refused_its_database(control: Control, tmp_path: Path) -> None:
    def work() -> str:
        said = []
        for place in ("control.sqlite", "other.sqlite"):
            try:
                other = Control(tmp_path / place)
                put(other, "child")
                said.append("done")
            except WarehouseError as error:
                said.append(str(error))
        return " | ".join(said)

    with control.write() as transaction:
        transaction.execute("meta.put", key="k", value="v")
        child = forked(work)
    refused, _, other = answer(child).partition(" | ")
    assert "was forked while its parent was in a transaction on" in refused
    assert f"{tmp_path}/control.sqlite" in refused
    assert other == "done"
    assert has(control, "k")
    assert not has(control, "child")


def test_a_child_does_not_commit_for_its_parent(control: Control) -> None:
    reading, writing = os.pipe()
    pid = None
    try:
        with control.write() as transaction:
            transaction.execute("meta.put", key="k", value="v")
            pid = os.fork()
    except WarehouseError as error:
        if pid == 0:
            os.write(writing, str(error).encode())
            os._exit(0)
        raise
    if pid == 0:
        os._exit(1)
    assert "inside a transaction" in answer((pid or 0, reading))
    os.close(writing)
    assert has(control, "k")


def test_a_transaction_that_does_not_end_is_not_waited_for(
    control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "_WAIT_SECONDS", 0.1)
    inside, go = threading.Event(), threading.Event()

    def write() -> None:
        with control.write() as transaction:
            transaction.execute("meta.put", key="thread", value="v")
            inside.set()
            go.wait()

    thread = threading.Thread(target=write)
    thread.start()
    inside.wait()
    child = forked(lambda: put(control, "child"))
    assert "was forked while its parent was in a transaction" in answer(child)
    go.set()
    thread.join()
    put(control, "after")
    assert has(control, "thread")
    assert not has(control, "child")
