"""The schema's page is what the lab runs."""

from __future__ import annotations

from pathlib import Path

from hyprl_lab.store import VIEWS
from hyprl_lab.store.schema_page import described_tables, described_views, schema_page

PAGE = Path(__file__).resolve().parents[3] / "docs" / "warehouse-schema.md"


def test_the_page_is_the_one_that_is_generated() -> None:
    found = PAGE.read_text(encoding="utf-8")
    assert found == schema_page(), "run: hyprl warehouse schema > docs/warehouse-schema.md"


def test_every_view_is_there_with_its_columns() -> None:
    views = {view.name: view for view in described_views()}
    assert tuple(views) == VIEWS
    trials = {column.name: column for column in views["trials"].columns}
    assert trials["sharpe"].type == "DOUBLE"
    assert trials["trial_key"].type == "BLOB"
    assert trials["behaviour_hash"].type == "UBIGINT"
    runs = {column.name: column for column in views["runs"].columns}
    assert runs["created_at"].type == "TIMESTAMP WITH TIME ZONE"
    assert {"state", "seq", "attempt", "error", "sharpe", "chain_hash"} <= set(runs)
    blocks = {column.name: column for column in views["trial_blocks"].columns}
    assert (blocks["sum1"].type, blocks["sum3"].type) == ("DOUBLE[]", "FLOAT[]")


def test_tables_have_what_the_migrations_say_of_them() -> None:
    tables = {table.name: table for table in described_tables()}
    assert {"chain", "leases", "meta", "parts", "run_states", "small_trials"} <= set(tables)
    assert tables["environments"].about.startswith("What runs were made with")
    assert "Immutable Parquet files." in tables["parts"].about
    assert "generation" in tables["parts"].about, "of a later migration"
    columns = {column.name: column.about for column in tables["run_events"].columns}
    assert columns["run_id"] == "part of the primary key, of `run_states`"
    assert columns["body"] == ""
    columns = {column.name: column.about for column in tables["chain"].columns}
    assert columns["chain_prev"] == "unique"
    assert columns["seq"] == "primary key"


def test_every_row_has_three_cells() -> None:
    rows = [line for line in schema_page().splitlines() if line.startswith("|")]
    assert len(rows) > 300
    for row in rows:
        assert row.replace("\\|", "").count("|") == 4, row
