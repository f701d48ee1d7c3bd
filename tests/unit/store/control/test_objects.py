from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hyprl_lab.store.control.objects import differences, tables

if TYPE_CHECKING:
    from hyprl_lab.store import Warehouse

NOTHING = """
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'
"""


def wrong(warehouse: Warehouse, *statements: str) -> list[str]:
    with warehouse.control.engine.connect() as connection, connection.begin():
        for statement in statements:
            connection.exec_driver_sql(statement)
        return [name for name, _ in differences(connection)]


def test_the_migrations_make_all_that_is_looked_for(warehouse: Warehouse) -> None:
    assert {"meta", "small_trials", "chain", "bar_sources"} <= tables()
    assert wrong(warehouse) == []


def test_what_is_none_of_ours_is_left_alone(warehouse: Warehouse) -> None:
    assert wrong(warehouse, "CREATE TABLE accounts (id BIGINT PRIMARY KEY)") == []


def test_a_table_that_is_missing_or_a_view(warehouse: Warehouse) -> None:
    assert wrong(warehouse, "ALTER TABLE leases RENAME TO aside") == ["leases"]
    assert wrong(warehouse, "CREATE VIEW leases AS SELECT * FROM aside") == ["leases"]
    assert wrong(warehouse, "CREATE VIEW more AS SELECT 1 AS n") == ["leases", "more"]


def test_a_trigger(warehouse: Warehouse) -> None:
    if warehouse.control.backend == "postgresql":
        body = "BEFORE INSERT ON small_trials FOR EACH ROW EXECUTE FUNCTION nothing()"
        given = [NOTHING, f"CREATE TRIGGER quiet {body}"]
    else:
        body = "AFTER INSERT ON small_trials BEGIN DELETE FROM small_trials; END"
        given = [f"CREATE TRIGGER quiet {body}"]
    assert wrong(warehouse, *given) == ["quiet"]


def test_a_rule_of_postgresql(warehouse: Warehouse) -> None:
    if warehouse.control.backend != "postgresql":
        pytest.skip("SQLite has no rules")
    rule = "CREATE RULE quiet AS ON DELETE TO small_trials DO INSTEAD NOTHING"
    assert wrong(warehouse, rule) == ["quiet"]
