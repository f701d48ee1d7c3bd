"""Errors in the warehouse's words, and parameters as DuckDB takes them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pytest

from hyprl_lab.errors import InputError, NotFoundError, WarehouseError
from hyprl_lab.store import VIEWS
from hyprl_lab.store.queries.failures import explained, plain_params

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hyprl_lab.store import Warehouse


@pytest.mark.parametrize(
    ("error", "kind", "says"),
    [
        (duckdb.CatalogException("Catalog Error: Table with name x"), NotFoundError, VIEWS[0]),
        (duckdb.PermissionException("no file"), WarehouseError, "own views and no files"),
        (duckdb.OutOfMemoryException("Out of Memory Error: 1 GiB"), WarehouseError, "fewer"),
        (OSError("Out of Memory Error: 1 GiB"), WarehouseError, "fewer"),
        (duckdb.BinderException("no column"), InputError, "no column"),
        (duckdb.ConversionException("no number"), InputError, "no number"),
        (duckdb.InternalException("what"), WarehouseError, "the query failed: what"),
    ],
)
def test_each_error_says_what_to_do(error: Any, kind: type[Exception], says: str) -> None:
    found = explained(error)
    assert type(found) is kind
    assert says in str(found)


@pytest.mark.parametrize(
    ("value", "same"),
    [
        (np.int64(7), 7),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (None, None),
        (float("inf"), float("inf")),
        (b"\x00x", b"\x00x"),
        ("'; drop view trials; --", "'; drop view trials; --"),
        ([1, 2], [1, 2]),
        (Decimal("1.50"), Decimal("1.50")),
        (dt.datetime(2024, 1, 2, tzinfo=dt.UTC), dt.datetime(2024, 1, 2, tzinfo=dt.UTC)),
        (2**70, 2**70),
    ],
)
def test_values_go_in_and_come_out(
    warehouse: Warehouse, tmp_path: Path, value: object, same: object
) -> None:
    for query, params in (("select $a as a", {"a": value}), ("select ? as a", [value])):
        assert warehouse.sql(query, params, arrow=True)["a"][0].as_py() == same


@pytest.mark.parametrize("value", [object(), {1}, 1j, len, 2**200])
def test_what_sql_has_no_type_for(warehouse: Warehouse, tmp_path: Path, value: object) -> None:
    with pytest.raises(InputError):
        warehouse.sql("select $a", {"a": value})


@pytest.mark.parametrize("params", [{}, [], {"b": 1}, {"a": 1, "b": 2}, [1]])
def test_names_that_do_not_fit(warehouse: Warehouse, tmp_path: Path, params: Any) -> None:
    with pytest.raises(InputError):
        warehouse.sql("select $a", params)


@pytest.mark.parametrize("params", ["x", b"x", 5, 1.5, object()])
def test_what_are_no_parameters(params: Any) -> None:
    with pytest.raises(InputError, match="expected a mapping"):
        plain_params(params)


def test_a_failed_query_leaves_nothing_behind(
    warehouse: Warehouse, tmp_path: Path, make_bars: Callable[..., object]
) -> None:
    warehouse.save_bars(make_bars(0, 5))  # type: ignore[arg-type]
    for _ in range(3):
        with pytest.raises(InputError):
            warehouse.sql("select cast(symbol as integer) from bars")
        assert len(warehouse.sql("select * from bars")) == 5
