"""Every SQL file loads, and its database understands it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from hyprl_lab import resources
from hyprl_lab.errors import NotFoundError
from hyprl_lab.store import query, query_names
from hyprl_lab.store.control import Control
from hyprl_lab.store.control.statements import statement, statement_names

if TYPE_CHECKING:
    from pathlib import Path

    from postgres import Databases

    from hyprl_lab.store import Warehouse

PARAMS: dict[str, object] = {
    "study_id": "s",
    "lineage_root": "r",
    "strategy_hash": "h",
    "start": 0,
    "fingerprint": None,
    "n": 20,
    "columns": ["sum1"],
    "indices": [1, 2],
    "first": 0,
    "stop": 10,
}


def test_every_file_is_named_by_one_of_the_lists() -> None:
    files = {name.removeprefix("queries/") for name in resources.names("warehouse", "queries/")}
    groups = {f"control/{name.partition('.')[0]}.sql" for name in statement_names()}
    assert files == {f"{name}.sql" for name in query_names()} | groups


@pytest.mark.parametrize("name", query_names())
def test_duckdb_explains_every_query(warehouse: Warehouse, name: str) -> None:
    text = query(name)
    assert text.startswith("-- "), "a query says what it is for"
    wanted = set(re.findall(r"\$(\w+)", text))
    params = {key: value for key, value in PARAMS.items() if key in wanted}
    assert params.keys() == wanted
    assert warehouse.explain(text, params or None)
    assert len(warehouse.sql(text, params or None, arrow=True)) <= 1


def test_unknown_names_list_what_there_is() -> None:
    with pytest.raises(NotFoundError, match=r"no query 'nope'.*top_trials"):
        query("nope")
    with pytest.raises(NotFoundError, match=r"no statement 'parts.nope'.*parts.commit"):
        statement("parts.nope")


NUMERIC = 1700
"""PostgreSQL's type of `sum(bigint)`, which Python would see as a `Decimal`."""


def with_numbers(text: str, mark: str) -> tuple[str, int]:
    """Number a statement's parameters, as a database itself marks them; return how many."""
    names = list(dict.fromkeys(re.findall(r"(?<![:\w]):(\w+)", text)))
    for number, name in enumerate(names, start=1):
        text = re.sub(rf"(?<![:\w]):{name}\b", f"{mark}{number}", text)
    return text, len(names)


@pytest.mark.sqlite_only
def test_sqlite_understands_every_statement(tmp_path: Path) -> None:
    control = Control(tmp_path / "control.sqlite")
    with control.engine.connect() as connection:
        cursor = connection.connection.cursor()
        for name in statement_names():
            text, count = with_numbers(statement(name), "?")
            assert cursor.execute(f"EXPLAIN {text}", (None,) * count).fetchall(), name
    control.close()


def test_postgresql_understands_every_statement(databases: Databases) -> None:
    made = databases.new()
    with databases.server.connect(made) as connection:
        for name in statement_names():
            text, count = with_numbers(statement(name), "$")
            connection.execute(f"PREPARE named AS {text}")  # a parameter's type must be evident
            if text.startswith(("SELECT", "WITH")):
                nulls = f"({', '.join(['NULL'] * count)})" if count else ""
                columns = connection.execute(f"EXECUTE named{nulls}").description
                assert all(column.type_code != NUMERIC for column in columns), name
            connection.execute("DEALLOCATE named")
    databases.drop(made)


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("views.waiting_backtests", "small_trials_waiting"),
        ("small_trials.waiting_some", "small_trials_waiting"),
        ("small_trials.move", "small_trials_waiting"),
        ("status.counts", "small_trials_waiting"),
        ("views.looks", "small_trials_again"),
        ("parts.dead", "parts_unlinked"),
    ],
)
def test_a_statement_uses_its_partial_index(warehouse: Warehouse, name: str, index: str) -> None:
    plain = statement(name)
    values = dict.fromkeys(re.findall(r":(\w+)", plain), 1)
    with warehouse.control.engine.connect() as connection:
        plan = [
            row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {plain}"), values)
        ]
    of_table = [step for step in plan if index.partition("_")[0] in step]
    assert of_table
    assert all(re.search(rf"USING (COVERING )?INDEX {index}\b", step) for step in of_table)
    assert not any("TEMP B-TREE" in step for step in plan)
