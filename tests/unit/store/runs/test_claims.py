from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from run_records import record

from hyprl_lab.errors import IntegrityError, WarehouseError
from hyprl_lab.store import Warehouse
from hyprl_lab.store.runs import checkpoint

if TYPE_CHECKING:
    from pathlib import Path


def verdict(warehouse: Warehouse, name: str) -> None:
    warehouse.save_verdict({"name": name, "passed": False})


def signed(warehouse: Warehouse) -> tuple[int, str]:
    found = checkpoint.read(warehouse.home)
    assert found is not None
    return found.seq, found.head


def test_the_checkpoint_covers_what_was_acknowledged(warehouse: Warehouse) -> None:
    for number in range(3):
        verdict(warehouse, f"v{number}")
        assert signed(warehouse) == warehouse.head()
        assert warehouse.head()[0] == number + 1


def test_threads_and_processes_move_it_forward_only(warehouse: Warehouse) -> None:
    home = warehouse.home
    pids = []
    for child in range(3):
        pid = os.fork()
        if not pid:
            status = 1
            try:
                own = Warehouse(home)
                for number in range(4):
                    verdict(own, f"{child}-{number}")
                    assert signed(own)[0] <= own.head()[0]
                status = 0
            finally:
                os._exit(status)
        pids.append(pid)
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda number: verdict(warehouse, f"t{number}"), range(6)))
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids] == [0, 0, 0]
    assert signed(warehouse) == warehouse.head()
    assert warehouse.head()[0] == 18
    assert warehouse.verify_runs().findings == ()


def test_a_kill_before_the_signature_leaves_a_link_beyond_it(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("hyprl_lab.store.runs.claims.Claims.sign", lambda _claims: None)
        verdict(warehouse, "first")  # the very first link: the checkpoint covers none yet
    assert signed(warehouse)[0] == 0
    assert warehouse.verify_runs().findings == ()
    verdict(warehouse, "second")
    assert signed(warehouse) == warehouse.head()


def test_what_is_saved_again_is_covered_then(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("hyprl_lab.store.runs.claims.Claims.sign", lambda _claims: None)
        warehouse.save_run(record())
    assert signed(warehouse)[0] == 0
    assert not warehouse.save_run(record())
    assert signed(warehouse) == warehouse.head()


@pytest.mark.parametrize("how", ["gone", "cut", "changed", "of another ledger"])
def test_nothing_is_added_to_a_chain_that_was_tampered_with(warehouse: Warehouse, how: str) -> None:
    for number in range(3):
        verdict(warehouse, f"v{number}")
    path = warehouse.home / "checkpoint.json"
    if how == "gone":
        path.unlink()
    elif how == "of another ledger":
        checkpoint.write(warehouse.home, ledger_id="other", seq=0, head="ab" * 32)
    else:
        sql = {
            "cut": "DELETE FROM chain WHERE seq = 2",
            "changed": f"UPDATE chain SET chain_hash = '{'ab' * 32}' WHERE seq = 2",
        }[how]
        with warehouse.control.engine.connect() as connection, connection.begin():
            connection.exec_driver_sql(sql)
    before = warehouse.head()
    with pytest.raises(IntegrityError, match="nothing can be claimed here"):
        verdict(warehouse, "another")
    with pytest.raises(IntegrityError, match="hyprl warehouse sign --accept"):
        warehouse.save_run(record())
    assert warehouse.head() == before
    assert warehouse.list_runs() == []
    kinds = {finding.kind for finding in warehouse.verify_runs().findings}
    assert "checkpoint" in kinds
    # the user who knows why takes the chain as it is
    warehouse.sign_checkpoint()
    verdict(warehouse, "another")
    assert signed(warehouse) == warehouse.head()


def test_a_checkpoint_that_can_not_be_written_is_said(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdict(warehouse, "first")

    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device", str(path))

    with monkeypatch.context() as patch:
        patch.setattr("hyprl_lab.store.disk.write", full)
        with pytest.raises(WarehouseError, match="is recorded, and not signed yet"):
            verdict(warehouse, "second")
    assert warehouse.head()[0] == 2
    assert signed(warehouse)[0] == 1
    assert warehouse.verify_runs().findings == ()
    verdict(warehouse, "third")
    assert signed(warehouse) == warehouse.head()


def test_without_a_first_checkpoint_nothing_is_recorded(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert warehouse.head()[0] == 0

    def full(path: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device", str(path))

    with monkeypatch.context() as patch:
        patch.setattr("hyprl_lab.store.runs.checkpoint.disk.write", full)
        with pytest.raises((WarehouseError, OSError)):
            verdict(warehouse, "first")
    assert warehouse.head()[0] == 0
    verdict(warehouse, "first")
    assert warehouse.head()[0] == 1
