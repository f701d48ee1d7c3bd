from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from run_records import orders, record

from hyprl_lab.errors import IntegrityError, NotFoundError

if TYPE_CHECKING:
    from hyprl_lab.store import Warehouse


def test_entries_of_the_manifest(warehouse: Warehouse) -> None:
    warehouse.save_run(record())
    run = warehouse.get_run("aa")
    entry = run.entry("config.json")
    assert entry is not None
    assert entry["size"] == len((run.folder / "config.json").read_bytes())
    assert run.entry("orders.parquet") is None
    assert run.removed == frozenset()


def test_a_file_that_was_given_up_is_said_to_be(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.save_run(record(orders=orders()))
    held = warehouse.get_run("aa")
    monkeypatch.setenv("HYPRL_KEEP_RUNS", "0")
    warehouse._runs.retain()
    run = warehouse.get_run("aa")
    assert run.removed == {"trades.parquet", "equity.parquet", "orders.parquet"}
    for read in (run.trades, run.equity, run.orders):
        with pytest.raises(NotFoundError, match=r"given up .*hl\.runs\.reproduce\('aa'\)\.result"):
            read()
    assert len(held.trades()) == 2  # the file is still there
    warehouse._runs.clear()
    with pytest.raises(NotFoundError, match="`hyprl runs verify aa` says whether"):
        held.trades()
    assert warehouse.list_runs()[0].removed == run.removed


def test_no_changed_bit_comes_back_as_a_number(warehouse: Warehouse) -> None:
    warehouse.save_run(record("aa"))
    run = warehouse.get_run("aa")
    path = run.folder / "equity.parquet"
    whole = path.read_bytes()
    for place in range(0, len(whole), max(1, len(whole) // 60)):
        changed = bytearray(whole)
        changed[place] ^= 1
        path.write_bytes(changed)
        with pytest.raises(IntegrityError, match=r"equity\.parquet was changed"):
            run.equity()
    path.write_bytes(whole[:-1])
    with pytest.raises(IntegrityError, match=r"equity\.parquet was changed"):
        run.equity()
    path.unlink()
    with pytest.raises(NotFoundError, match="given up or lost"):
        run.equity()
    path.write_bytes(whole)
    assert run.equity().tolist() == [100.0, 102.0, 101.0]
