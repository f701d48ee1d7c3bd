"""Rows go from one control database into another as they are."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from hyprl_lab.errors import WarehouseError
from hyprl_lab.store.backup import tables
from hyprl_lab.store.control.database import Control

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from sqlalchemy import Connection

    from hyprl_lab.data import Bars
    from hyprl_lab.store import Warehouse


def test_rows_go_there_and_back(
    warehouse: Warehouse, tmp_path: Path, database: Any, make_bars: Callable[..., Bars]
) -> None:
    # the second one refers to the first: they have to go in this order
    first = warehouse.lineage_root(make_bars(0, 10))
    later = warehouse.lineage_root(make_bars(20, 30))
    assert warehouse.lineage_root(make_bars(5, 25)) == first != later
    warehouse.remember("kind", "ключ ' 键", {"text": "\u2028 %s :x", "number": 2**53 - 1})
    warehouse.save_bars(make_bars(0, 10))
    path = tmp_path / "copy.sqlite"
    with (
        tables.opened(path) as copy,
        tables.begun(warehouse.control, write=False) as source,
    ):
        copied = tables.copy_rows(source, copy)
        assert copied == tables.count_rows(source) == tables.count_rows(copy) > 5
    assert sorted(item.name for item in tmp_path.iterdir()) == ["copy.sqlite", "home"]
    database.fresh()
    other = Control(tmp_path / "other" / "control.sqlite")
    with tables.opened(path) as copy, tables.begun(other, write=True) as target:
        assert tables.copy_rows(copy, target) == copied
    with other.read() as transaction:
        rows = transaction.rows("lineage.all")
        value = transaction.row("evidence.cached", kind="kind", key="ключ ' 键")
    assert {row["root"]: row["current_root"] for row in rows} == {first: first, later: first}
    assert value == {"value": '{"number":9007199254740991,"text":"\u2028 %s :x"}'}
    other.close()


def write_and_fail(connection: Connection) -> None:
    connection.execute(text("INSERT INTO meta (key, value) VALUES ('a', 'b')"))
    raise ValueError("no more")


def test_a_failure_undoes_all(warehouse: Warehouse, tmp_path: Path) -> None:
    before = warehouse.status()
    with (
        pytest.raises(ValueError, match="no more"),
        tables.begun(warehouse.control, write=True) as connection,
    ):
        write_and_fail(connection)
    with (
        pytest.raises(WarehouseError, match=r"(?s)refused.*undone"),
        tables.begun(warehouse.control, write=True) as connection,
    ):
        connection.execute(text("INSERT INTO nothing VALUES (1)"))
    assert warehouse.status() == before
    with warehouse.control.read() as transaction:
        assert transaction.row("meta.get", key="a") is None


@pytest.mark.sqlite_only
def test_a_file_of_a_newer_lab(tmp_path: Path) -> None:
    path = tmp_path / "copy.sqlite"
    with tables.opened(path):
        pass
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO schema_migrations VALUES (999, 'x', 0)")
    connection.close()
    with pytest.raises(WarehouseError, match="newer lab"), tables.opened(path):
        pass


@pytest.mark.sqlite_only
def test_what_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "copy.sqlite"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(WarehouseError, match="can't be written"), tables.opened(path):
        pass
