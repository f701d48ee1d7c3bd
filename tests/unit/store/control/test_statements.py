"""Every SQL file loads, and its database understands it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from hyprl_lab import resources
from hyprl_lab.errors import NotFoundError
from hyprl_lab.store import query, query_names
from hyprl_lab.store.control.statements import statement, statement_names

if TYPE_CHECKING:
    from hyprl_lab.store import Warehouse

PARAMS: dict[str, object] = {
    "study_id": "s",
    "lineage_root": "r",
    "fingerprint": None,
    "n": 20,
    "columns": ["sum1"],
    "indices": [1, 2],
}
SPECIAL = {"study_columns": {"columns": ["sharpe"]}}


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
    params |= SPECIAL.get(name, {})
    assert params.keys() == wanted
    assert warehouse.explain(text, params or None)
    assert len(warehouse.sql(text, params or None, arrow=True)) <= 1


@pytest.mark.parametrize("name", statement_names())
def test_sqlite_explains_every_statement(warehouse: Warehouse, name: str) -> None:
    from sqlalchemy import text

    explained = text(f"EXPLAIN {statement(name)}")
    values = dict.fromkeys(re.findall(r"(?<!:):(\w+)", statement(name)))
    with warehouse.control.engine.connect() as connection:
        assert connection.execute(explained, values).all()


def test_unknown_names_list_what_there_is() -> None:
    with pytest.raises(NotFoundError, match=r"no query 'nope'.*top_trials"):
        query("nope")
    with pytest.raises(NotFoundError, match=r"no statement 'parts.nope'.*parts.commit"):
        statement("parts.nope")
