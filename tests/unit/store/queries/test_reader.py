"""Queries are read-only, locked in, and say what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa
import pytest

from hyprl_lab.errors import InputError, IntegrityError, NotFoundError, WarehouseError
from hyprl_lab.store import VIEWS
from hyprl_lab.store.queries.locked import locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hyprl_lab.store import Warehouse

OUTSIDE = (
    "select * from read_csv('{secret}')",
    "select * from read_text('{secret}')",
    "select * from read_blob('{secret}')",
    "select * from read_parquet('{secret}')",
    "select * from '{secret}'",
    "select * from glob('{folder}/*')",
    "select * from sniff_csv('{secret}')",
    "select * from parquet_metadata('{secret}')",
    "select * from query('select * from read_text(''{secret}'')')",
    "select * from read_json('{secret}')",
    "select * from read_duckdb('{secret}')",
    "select * from parquet_schema('{secret}')",
    "select * from read_parquet('https://example.invalid/a.parquet')",
    "select * from enable_logging(storage = 'file', storage_path = '{folder}')",
    "select * from enable_profiling(save_location = '{folder}/profile.json')",
    "select * from duckdb_secrets()",
    (
        "select * from json_execute_serialized_sql(json_serialize_sql("
        "'select * from read_text(''{secret}'')'))"
    ),
)
NOT_HERE = (
    "select getenv('HOME')",
    "select * from (pivot trials on state using count(*))",
)
STATEMENTS = (
    "copy (select 1) to '{folder}/out.csv'",
    "copy (select 1 as a) to '{part}'",
    "attach '{folder}/other.db'",
    "export database '{folder}/all'",
    "install httpfs",
    "load httpfs",
    "set threads = 1",
    "set enable_external_access = true",
    "reset lock_configuration",
    "set allowed_paths = ['{secret}']",
    "set allowed_directories = ['{folder}']",
    "copy trials from '{secret}'",
    "import database '{folder}'",
    "create secret (type s3)",
    "call enable_logging()",
    "load '{folder}/x.duckdb_extension'",
)
IN_MEMORY = ("create table t as select 1", "drop view trials", "insert into trials select 1")


@pytest.fixture
def places(
    warehouse: Warehouse,
    study: str,
    make_trials: Callable[..., pa.Table],
    tmp_path: Path,
) -> Iterator[dict[str, str]]:
    reservation = warehouse.reserve_shard("study", 0, 4, blocks=False)
    warehouse.commit_shard(reservation, make_trials("study", 0, 4, study))
    secret = tmp_path / "secret.csv"
    secret.write_text("a,b\n1,2\n")
    part = next((warehouse.home / "warehouse" / "parts").iterdir())
    before = part.read_bytes()
    files = sorted(tmp_path.rglob("*.csv")) + sorted(tmp_path.glob("*"))
    yield {"secret": str(secret), "folder": str(tmp_path), "part": str(part)}
    assert part.read_bytes() == before
    assert sorted(tmp_path.rglob("*.csv")) + sorted(tmp_path.glob("*")) == files


@pytest.mark.parametrize("query", [*OUTSIDE, *STATEMENTS, *IN_MEMORY, *NOT_HERE])
def test_nothing_outside_can_be_read_or_written(
    warehouse: Warehouse, places: dict[str, str], query: str
) -> None:
    with pytest.raises((InputError, WarehouseError)):
        warehouse.sql(query.format(**places))
    assert len(warehouse.sql("select * from trials")) == 4


@pytest.mark.parametrize("query", [*OUTSIDE, *STATEMENTS])
def test_the_database_itself_is_locked(
    warehouse: Warehouse, places: dict[str, str], query: str
) -> None:
    """Even a statement that got past the check finds every door shut."""
    with warehouse._reader.held(("trials",)) as sources:
        connection = locked(sources)
        with pytest.raises(duckdb.Error):
            connection.execute(query.format(**places)).fetchall()
        connection.close()


@pytest.mark.parametrize("query", ["", "select 1; select 2", "explain analyze select 1", "; ;"])
def test_one_select_is_expected(warehouse: Warehouse, query: str) -> None:
    with pytest.raises(InputError, match=r"expected one SELECT"):
        warehouse.sql(query)


def test_python_variables_are_out_of_reach(warehouse: Warehouse) -> None:
    secret = pa.table({"a": [1]})
    with pytest.raises(NotFoundError, match="secret"):
        warehouse.sql("select * from secret")
    assert len(secret) == 1


def test_an_unknown_table_lists_what_there_is(warehouse: Warehouse) -> None:
    with pytest.raises(NotFoundError) as raised:
        warehouse.sql("select * from trails")
    for view in VIEWS:
        assert view in str(raised.value)


def test_other_mistakes_are_bad_input(warehouse: Warehouse) -> None:
    with pytest.raises(InputError, match="not a query"):
        warehouse.sql("selec 1")
    with pytest.raises(InputError, match="nope"):
        warehouse.sql("select nope from trials")
    with pytest.raises(InputError, match="nope"):
        warehouse.sql("select nope(1)")
    with pytest.raises((InputError, WarehouseError), match=r"(?i)param|value"):
        warehouse.sql("select $a", {"b": 1})


def test_parameters_go_by_place_or_name(warehouse: Warehouse) -> None:
    assert warehouse.sql("select ? + ? as s", [1, 2])["s"].tolist() == [3]
    named = warehouse.sql("select $a || $b as s", {"a": "x'", "b": "y"}, arrow=True)
    assert isinstance(named, pa.Table)
    assert named.to_pylist() == [{"s": "x'y"}]


def test_every_view_is_there_when_nothing_is_stored(warehouse: Warehouse) -> None:
    for view in VIEWS:
        found = warehouse.sql(f"select * from {view}")
        assert found.empty
        assert len(found.columns) >= 3


def test_empty_and_filled_views_have_the_same_columns(
    warehouse: Warehouse,
    study: str,
    make_trials: Callable[..., pa.Table],
    make_blocks: Callable[..., pa.Table],
) -> None:
    views = ("trials", "trial_blocks")
    before = [warehouse.sql(f"select * from {view}", arrow=True).schema for view in views]
    reservation = warehouse.reserve_shard("study", 0, 4)
    warehouse.commit_shard(
        reservation, make_trials("study", 0, 4, study), make_blocks("study", 0, 4)
    )
    after = [warehouse.sql(f"select * from {view}", arrow=True).schema for view in views]
    assert [s.names for s in before] == [s.names for s in after]
    assert [s.types for s in before] == [s.types for s in after]


def test_a_home_with_a_quote_in_its_name(
    tmp_path: Path,
    make_bars: Callable[..., object],
    strategy: object,
    make_trials: Callable[..., pa.Table],
) -> None:
    from hyprl_lab.store import Warehouse

    warehouse = Warehouse(tmp_path / "it's [home] *")
    bars = make_bars(0, 3)
    root = warehouse.lineage_root(bars)  # type: ignore[arg-type]
    warehouse.open_study("study", spec={}, bars=bars, lineage_root=root, strategy=strategy, total=4)  # type: ignore[arg-type]
    reservation = warehouse.reserve_shard("study", 0, 4, blocks=False)
    warehouse.commit_shard(reservation, make_trials("study", 0, 4, root))
    assert len(warehouse.sql("select * from trials")) == 4


@pytest.mark.parametrize("how", ["missing", "cut", "flipped", "garbage"])
def test_a_bad_part_is_named(warehouse: Warehouse, places: dict[str, str], how: str) -> None:
    from pathlib import Path

    part = Path(places["part"])
    data = part.read_bytes()
    damaged = {
        "cut": data[:-100],
        "flipped": data[:200] + bytes([data[200] ^ 1]) + data[201:],
        "garbage": bytes(len(data)),
    }
    if how == "missing":
        part.unlink()
    else:
        part.write_bytes(damaged[how])
    try:
        with pytest.raises(IntegrityError, match=part.name):
            warehouse.sql("select * from trials")
        assert len(warehouse.sql("select * from studies")) == 1
    finally:
        part.write_bytes(data)
    # Put back, it is whole again.
    assert len(warehouse.sql("select * from trials")) == 4
