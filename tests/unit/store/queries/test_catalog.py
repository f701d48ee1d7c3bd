"""Every view and every column is described."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.metrics import UNITS
from hyprl_lab.store.queries.catalog import CATALOG, VIEWS

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.store import Warehouse


def test_views_are_sorted_and_end_their_sentences() -> None:
    assert list(VIEWS) == sorted(CATALOG)
    for view in CATALOG.values():
        assert view.about.endswith(".")
        assert not any(meaning.endswith(".") for meaning in view.columns.values())


def test_every_column_of_every_view_has_a_meaning(warehouse: Warehouse, tmp_path: Path) -> None:
    for name, view in CATALOG.items():
        columns = warehouse.sql(f"select * from {name}", arrow=True).column_names
        assert len(columns) == len(set(columns))
        for column in columns:
            assert view.meaning(column)
        unknown = set(view.columns) - set(columns)
        assert not unknown, f"{name} describes columns it has not: {unknown}"


def test_a_metric_is_described_by_its_unit() -> None:
    for metric, unit in UNITS.items():
        assert CATALOG["runs"].meaning(metric) == f"{unit}; null where undefined"
