from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hyprl_lab.errors import WarehouseError
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store.parts import small_rows
from hyprl_lab.store.parts.leases import Lease
from hyprl_lab.store.schemas import backtests_schema

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from hyprl_lab.store import Warehouse

    Record = Callable[..., None]

COLUMNS = "trial_index, encode(trial_key) k, state, param_values, sharpe, calmar, behaviour_hash"


def rows(warehouse: Warehouse) -> list[dict[str, Any]]:
    with warehouse.control.read() as transaction:
        return transaction.rows("small_trials.all")


def test_a_row_becomes_a_row_of_a_part(warehouse: Warehouse, record: Record) -> None:
    record(warehouse, range(3))
    table = small_rows.backtests_table(rows(warehouse))
    assert table.schema == backtests_schema()
    last = table.to_pylist()[2]
    assert (last["id"], last["trial_index"], last["state"]) == ("id2", 2, "completed")
    assert (last["param_names"], last["param_values"]) == (["m", "n"], [0.1, 2.0])
    assert {last[name] for name in TRIAL_METRICS if name != "calmar"} == {2.0}
    assert (last["calmar"], last["behaviour_hash"]) == (None, 2**64 - 3)
    assert last["trial_key"].hex() == rows(warehouse)[2]["trial_key"]


def test_rows_move_and_go_on_being_looked_at(
    warehouse: Warehouse, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(small_rows, "MOST", 4)
    record(warehouse, range(10))
    query = "select * from backtests order by trial_index"
    before = warehouse.sql(query, arrow=True).to_pylist()
    with Lease.take(warehouse.control, "maintenance") as lease:
        moved = small_rows.move(warehouse.control, warehouse._parts, lease)
        assert small_rows.move(warehouse.control, warehouse._parts, lease) == []
    assert [part.rows for part in moved] == [4, 4, 2]
    assert warehouse.sql(query, arrow=True).to_pylist() == before
    left = rows(warehouse)
    assert {row["metrics"] + row["param_names"] + row["param_values"] for row in left} == {""}
    assert [row["part_id"] for row in left] == [part.id for part in moved for _ in range(part.rows)]
    record(warehouse, [3, 10])
    looks = warehouse.sql("select trial_index, looks from backtests order by 1")
    assert looks["looks"].tolist() == [1, 1, 1, 2, *[1] * 7]
    assert warehouse.trial_count("r") == 11


def test_nothing_moves_unless_all_does(
    warehouse: Warehouse, record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(warehouse, range(3))
    plain = small_rows.backtests_table

    def meanwhile(given: list[dict[str, Any]]) -> object:
        with warehouse.control.engine.connect() as connection, connection.begin():
            connection.exec_driver_sql("DELETE FROM small_trials WHERE trial_index = 1")
        return plain(given)

    monkeypatch.setattr(small_rows, "backtests_table", meanwhile)
    with (
        Lease.take(warehouse.control, "maintenance") as lease,
        pytest.raises(WarehouseError, match=r"2 single backtests wait up to .* 3 were read"),
    ):
        small_rows.move(warehouse.control, warehouse._parts, lease)
    assert [row["part_id"] for row in rows(warehouse)] == [None, None]
    assert warehouse._parts.folder.names() == set()
