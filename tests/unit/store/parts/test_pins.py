from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.errors import IntegrityError, WarehouseError
from hyprl_lab.store.control.database import Control
from hyprl_lab.store.parts import generations
from hyprl_lab.store.parts.pins import PinLostError, Pins

if TYPE_CHECKING:
    from collections.abc import Callable

    from hyprl_lab.store import Warehouse

HOLD = """
import sys
from hyprl_lab.store import Warehouse

with Warehouse(sys.argv[1]).pins.hold() as generation:
    print(generation, flush=True)
    sys.stdin.read()
"""


def swap(warehouse: Warehouse) -> None:
    with warehouse.control.write() as transaction:
        generations.next_generation(transaction)


def files(warehouse: Warehouse) -> list[str]:
    folder = warehouse.home / "warehouse" / "pins"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_the_oldest_reader_counts(warehouse: Warehouse) -> None:
    pins = warehouse.pins
    assert (pins.oldest(), pins.held()) == (None, [])
    with pins.hold() as first:
        swap(warehouse)
        with pins.hold() as second, pins.hold():
            assert (first, second, pins.oldest()) == (0, 1, 0)
            assert set(pins.held()) == {0, 1}
    assert pins.oldest() is None
    with pytest.raises(KeyError), pins.hold():
        raise KeyError
    assert (pins.oldest(), files(warehouse)) == (None, [])


def test_pins_end_in_any_order(warehouse: Warehouse) -> None:
    with ExitStack() as early, ExitStack() as late:
        early.enter_context(warehouse.pins.hold())
        swap(warehouse)
        late.enter_context(warehouse.pins.hold())
        early.close()
        assert warehouse.pins.oldest() == 1


def test_a_killed_reader_holds_nothing(warehouse: Warehouse) -> None:
    swap(warehouse)
    reader = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(warehouse.home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert reader.stdout is not None
    assert reader.stdout.readline() == "1\n"
    assert warehouse.pins.oldest() == 1
    reader.kill()
    reader.communicate()
    for _ in range(100):  # a server needs a moment to see that its client is gone
        if warehouse.pins.oldest() is None:
            break
        time.sleep(0.05)
    assert warehouse.pins.oldest() is None
    assert warehouse.pins.clear() == (warehouse.control.backend == "sqlite")
    assert files(warehouse) == []


STRANGERS = ["7.pin", "7-x.pin", "notes.txt", "x.pin"]


@pytest.mark.sqlite_only
def test_a_dead_pin_is_cleared(warehouse: Warehouse) -> None:
    folder = warehouse.home / "warehouse" / "pins"
    with warehouse.pins.hold():
        dead = folder / f"7-{'0' * 32}.pin"
        for name in (dead.name, *STRANGERS):
            (folder / name).touch()
        with (folder / "x.pin").open() as locked:
            fcntl.flock(locked, fcntl.LOCK_EX)
            assert (warehouse.pins.held(), warehouse.pins.oldest()) == ([0], 0)
            assert dead.exists(), "a look changes nothing"
            assert warehouse.pins.clear() == 1
        assert warehouse.pins.held() == [0]
    assert files(warehouse) == sorted(STRANGERS)


def as_nobody(work: Callable[[], object]) -> str:
    """Do something in a forked child without root's rights; return what it says."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            if os.geteuid() == 0:
                os.setgroups([])
                os.setegid(65534)
                os.seteuid(65534)
            os.write(writing, str(work()).encode())
        except WarehouseError as error:
            os.write(writing, str(error).encode())
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    os.close(writing)
    said = os.read(reading, 10_000).decode()
    os.close(reading)
    return said


@pytest.mark.sqlite_only
def test_a_pin_of_another_user_counts(tmp_path: Path) -> None:
    """In a folder that anybody may reach: pytest's own is its owner's."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        place = Path(name) / "pins"
        place.mkdir()
        place.chmod(0o777)
        control = Control(tmp_path / "control.sqlite")
        pins = Pins(control, place)
        secret = place / f"3-{'0' * 32}.pin"
        secret.touch()
        secret.chmod(0o000)
        (place / f"5-{'1' * 32}.pin").touch()
        assert as_nobody(lambda: (pins.held(), pins.oldest())) == "([3], 3)"
        place.chmod(0o555)
        assert as_nobody(pins.clear).startswith(f"{place}/5-")
        place.chmod(0o777)
        assert as_nobody(pins.clear) == "1"
        assert [path.name for path in place.iterdir()] == [secret.name]
        place.chmod(0o000)
        assert "can't be read (Permission denied)" in as_nobody(pins.held)
        place.chmod(0o777)
        control.close()


def end_sessions(warehouse: Warehouse) -> None:
    """Let the server drop every connection, as a restart does."""
    with warehouse.control.engine.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def miss_a_part(warehouse: Warehouse, meanwhile: Callable[[], None]) -> None:
    with warehouse.pins.hold():
        meanwhile()
        raise IntegrityError("a part is missing")


def test_a_pin_that_was_lost_is_said_to_be(warehouse: Warehouse) -> None:
    if warehouse.control.backend == "sqlite":
        with pytest.raises(IntegrityError, match="is missing"):
            miss_a_part(warehouse, lambda: None)
        return
    with pytest.raises(PinLostError, match=r"session .* ask again") as caught:
        miss_a_part(warehouse, lambda: end_sessions(warehouse))
    assert isinstance(caught.value.__cause__, IntegrityError)
    with warehouse.pins.pin() as pin:
        pin.check()
        end_sessions(warehouse)
        for _ in range(2):
            with pytest.raises(PinLostError):
                pin.check()


def test_a_forked_child_does_not_end_its_parents_pin(warehouse: Warehouse) -> None:
    hold = warehouse.pins.hold()
    hold.__enter__()
    pid = os.fork()
    if not pid:
        hold.__exit__(None, None, None)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert warehouse.pins.oldest() == 0
    hold.__exit__(None, None, None)
    assert warehouse.pins.oldest() is None


@pytest.mark.sqlite_only
def test_a_pin_that_was_taken_for_dead_is_made_again(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, looks = fcntl.flock, [0]

    def flock(handle: int, how: int) -> None:
        if how == fcntl.LOCK_EX and not looks[0]:
            looks[0] = 1
            assert warehouse.pins.clear() == 1  # between its making and its lock
        plain(handle, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    with warehouse.pins.hold():
        assert warehouse.pins.held() == [0]


@pytest.mark.sqlite_only
def test_a_home_that_cannot_be_written(
    warehouse: Warehouse,
) -> None:
    assert warehouse.ledger_id
    (warehouse.home / "warehouse" / "pins").write_bytes(b"in the way")
    with (
        pytest.raises(WarehouseError, match=r"pins can't be written .*kept from a sweep"),
        warehouse.pins.hold(),
    ):
        pass
