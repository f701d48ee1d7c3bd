from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.errors import WarehouseError
from hyprl_lab.store.control.writer import FOREIGN_LEASE_US, now_us
from hyprl_lab.store.parts import leases
from hyprl_lab.store.parts.leases import Lease, LeaseHeldError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hyprl_lab.store import Warehouse
    from hyprl_lab.store.control.database import Transaction

HOLD = """
import sys
from hyprl_lab.store import Warehouse
from hyprl_lab.store.parts.leases import Lease

with Lease.take(Warehouse(sys.argv[1]).control, "maintenance") as lease:
    print(lease.fence, flush=True)
    sys.stdin.read()
"""


def change(warehouse: Warehouse, assignment: str) -> None:
    with warehouse.control.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql(f"UPDATE leases SET {assignment}")


def test_one_at_a_time(warehouse: Warehouse) -> None:
    with Lease.take(warehouse.control, "maintenance") as lease:
        assert lease.fence == 1
        with (
            pytest.raises(LeaseHeldError, match=f"is under way in process {os.getpid()} on"),
            Lease.take(warehouse.control, "maintenance"),
        ):
            pass
        with Lease.take(warehouse.control, "other") as other:
            assert other.fence == 1
        lease.beat()
        with warehouse.control.write() as transaction:
            lease.check(transaction)
    with pytest.raises(KeyError), Lease.take(warehouse.control, "maintenance"):
        raise KeyError
    with Lease.take(warehouse.control, "maintenance") as lease:
        assert lease.fence == 3


def test_a_killed_holder_frees_it(warehouse: Warehouse) -> None:
    assert warehouse.ledger_id
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(warehouse.home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "1\n"
    with (
        pytest.raises(LeaseHeldError, match=f"process {holder.pid} on"),
        Lease.take(warehouse.control, "maintenance"),
    ):
        pass
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    with Lease.take(warehouse.control, "maintenance") as lease:
        assert lease.fence == 2


def test_another_machine_is_believed_for_an_hour(warehouse: Warehouse) -> None:
    with Lease.take(warehouse.control, "maintenance"):
        pass
    for age, held in ((0, True), (FOREIGN_LEASE_US + 60_000_000, False)):
        change(
            warehouse,
            f"machine = 'elsewhere', released_at = NULL, heartbeat_at = {now_us() - age}",
        )
        if held:
            with (
                pytest.raises(LeaseHeldError, match="on elsewhere"),
                Lease.take(warehouse.control, "maintenance"),
            ):
                pass
        else:
            with Lease.take(warehouse.control, "maintenance") as lease:
                assert lease.fence == 2


def test_who_was_taken_for_dead_finds_out(warehouse: Warehouse) -> None:
    with Lease.take(warehouse.control, "maintenance") as lease:
        change(warehouse, "fence = fence + 1")
        with pytest.raises(WarehouseError, match="was taken over by another process"):
            lease.beat()
        with (
            pytest.raises(WarehouseError, match="nothing was changed"),
            warehouse.control.write() as transaction,
        ):
            lease.check(transaction)
    with warehouse.control.read() as transaction:
        row = transaction.row("leases.get", name="maintenance")
    assert row is not None
    assert (row["fence"], row["released_at"]) == (2, None)  # the other one's, and still held


def full() -> None:
    raise WarehouseError("no space")


def taken_again(warehouse: Warehouse) -> int:
    with Lease.take(warehouse.control, "maintenance") as lease:
        return lease.fence


def test_a_release_that_failed_does_not_lock_this_process_out(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    control = warehouse.control

    def work(error: Exception | None) -> None:
        with monkeypatch.context() as patch, Lease.take(control, "maintenance"):
            patch.setattr(control, "write", full)
            if error is not None:
                raise error

    def unreleased() -> bool:
        with control.read() as transaction:
            row = transaction.row("leases.get", name="maintenance")
        return row is not None and row["released_at"] is None

    with pytest.raises(KeyError, match="first"):
        work(KeyError("first"))
    assert unreleased()
    work(None)  # what was done is done
    assert unreleased()
    said = f"maintenance of {control.name} was not given back: no space"
    assert caplog.messages == [said] * 2
    assert taken_again(warehouse) == 3


@pytest.mark.parametrize("told", [False, True])
def test_a_lease_whose_commit_failed_is_not_held(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, told: bool
) -> None:
    """After a release that failed; and where the commit came through and was not told of."""
    control = warehouse.control
    plain = control.write

    @contextmanager
    def fails() -> Iterator[Transaction]:
        with plain() as transaction:
            yield transaction
            if not told:
                raise WarehouseError("no space")
        raise WarehouseError("connection lost")

    with monkeypatch.context() as patch, Lease.take(control, "maintenance"):
        patch.setattr(control, "write", full)
    with monkeypatch.context() as patch:
        patch.setattr(control, "write", fails)
        with pytest.raises(WarehouseError, match=r"no space|connection lost"):
            taken_again(warehouse)
    assert taken_again(warehouse) == (3 if told else 2)


def test_a_forked_child_does_not_hold_its_parents(warehouse: Warehouse) -> None:
    def is_held_elsewhere() -> bool:
        try:
            taken_again(warehouse)
        except LeaseHeldError:
            return leases._living == set()
        return False

    with Lease.take(warehouse.control, "maintenance"):
        pid = os.fork()
        if not pid:
            os._exit(0 if is_held_elsewhere() else 1)
        assert os.waitpid(pid, 0)[1] == 0
    assert taken_again(warehouse) == 2
