from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.store import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from postgres import Chosen

    from hyprl_lab.data import Bars


def test_whatever_was_appended_or_cut_keeps_the_root(
    warehouse: Warehouse, make_bars: Callable[..., Bars]
) -> None:
    root = warehouse.lineage_root(make_bars(100, 200))
    for first, stop in ((100, 200), (150, 160), (100, 260), (50, 110), (259, 300), (10, 400)):
        assert warehouse.lineage_root(make_bars(first, stop)) == root


def test_touching_counts_and_apart_does_not(
    warehouse: Warehouse, make_bars: Callable[..., Bars]
) -> None:
    root = warehouse.lineage_root(make_bars(100, 200))  # the last bar is 199
    assert warehouse.lineage_root(make_bars(199, 210)) == root
    assert warehouse.lineage_root(make_bars(210, 220)) != root
    assert warehouse.lineage_root(make_bars(90, 100)) != root


def test_another_market_or_timeframe_is_another_lineage(
    warehouse: Warehouse, make_bars: Callable[..., Bars]
) -> None:
    days = make_bars(0, 50)
    weekly = SimpleNamespace(symbol="SPY", timeframe="1w", ts=days.ts[::7])
    roots = {
        warehouse.lineage_root(days),
        warehouse.lineage_root(make_bars(0, 50, symbol="QQQ")),
        warehouse.lineage_root(weekly),  # type: ignore[arg-type]
    }
    assert len(roots) == 3


def test_a_bridge_merges_into_the_older_root(
    warehouse: Warehouse, make_bars: Callable[..., Bars]
) -> None:
    old = warehouse.lineage_root(make_bars(300, 400))
    young = warehouse.lineage_root(make_bars(100, 200))
    youngest = warehouse.lineage_root(make_bars(500, 600))
    assert len({old, young, youngest}) == 3
    assert warehouse.lineage_root(make_bars(150, 350)) == old
    assert warehouse.lineage_root(make_bars(100, 120)) == old
    assert warehouse.lineage_root(make_bars(390, 510)) == old
    found = warehouse.sql("select root, current_root from lineages order by root")
    expected = sorted((root, old) for root in (old, young, youngest))
    assert [tuple(row) for row in found.to_numpy()] == expected


def test_merging_twice_keeps_every_link(
    warehouse: Warehouse, make_bars: Callable[..., Bars]
) -> None:
    first = warehouse.lineage_root(make_bars(500, 600))
    second = warehouse.lineage_root(make_bars(300, 400))
    third = warehouse.lineage_root(make_bars(100, 200))
    assert warehouse.lineage_root(make_bars(150, 350)) == second
    assert warehouse.lineage_root(make_bars(350, 550)) == first
    found = warehouse.sql("select distinct current_root from lineages")["current_root"].tolist()
    assert found == [first]
    assert third != second


def test_two_ledgers_agree_on_the_name(
    tmp_path: Path, make_bars: Callable[..., Bars], database: Chosen
) -> None:
    bars = make_bars(0, 50)
    first = Warehouse(tmp_path / "a").lineage_root(bars)
    database.fresh()
    assert Warehouse(tmp_path / "b").lineage_root(bars) == first


def test_many_at_once_make_one_root(tmp_path: Path, make_bars: Callable[..., Bars]) -> None:
    several = [make_bars(first, 100) for first in range(16)]

    def root(bars: Bars) -> str:
        return Warehouse(tmp_path).lineage_root(bars)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(root, several))) == 1


def test_no_bars_have_no_lineage(warehouse: Warehouse) -> None:
    bars = SimpleNamespace(symbol="SPY", timeframe="1d", ts=np.empty(0, np.int64))
    with pytest.raises(InputError, match="bars are empty"):
        warehouse.lineage_root(bars)  # type: ignore[arg-type]
