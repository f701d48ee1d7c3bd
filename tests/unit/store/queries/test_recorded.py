"""Rows of the control database as Arrow tables."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest

from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.store.control.statements import statement_names
from hyprl_lab.store.queries.catalog import VIEWS
from hyprl_lab.store.queries.recorded import BACKTEST_COLUMNS, RECORDED, arrow, backtests_select


def test_every_statement_for_views_is_described() -> None:
    named = {name.removeprefix("views.") for name in statement_names() if name.startswith("views.")}
    assert named == set(RECORDED)
    for name, kind in RECORDED.items():
        assert bool(kind.select) == (name in VIEWS)


def test_each_kind_of_column() -> None:
    rows = [
        {
            "seq": 0,
            "kind": "run",
            "subject": "aa",
            "body": "{}",
            "body_hash": "b",
            "chain_prev": "p",
            "chain_hash": "h",
            "created_at": 1_500_000,
        }
    ]
    table = arrow("chain", rows)
    assert table.schema.field("seq").type == pa.int64()
    assert table.schema.field("subject").type == pa.string()
    assert table["created_at"].to_pylist() == [
        dt.datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=dt.UTC)
    ]


@pytest.mark.parametrize("name", RECORDED)
def test_no_rows_have_the_same_columns(name: str) -> None:
    kind = RECORDED[name]
    table = arrow(name, [])
    assert set(table.column_names) == {*kind.text, *kind.whole, *kind.times}
    assert len(table) == 0


def test_single_backtests_have_every_metric() -> None:
    assert set(TRIAL_METRICS) < set(BACKTEST_COLUMNS)
    assert backtests_select().count('"DOUBLE"') == len(TRIAL_METRICS) + 1
