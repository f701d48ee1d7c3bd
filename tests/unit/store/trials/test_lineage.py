from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from hyprl_lab.data import Bars
from hyprl_lab.errors import InputError
from hyprl_lab.store import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from postgres import Chosen


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


def of_another_market(bars: Bars, symbol: str, factor: float = 1.01) -> Bars:
    """Bars of the same times and other prices."""
    columns = {name: np.array(values) for name, values in bars.columns.items()}
    for name in ("open", "high", "low", "close"):
        columns[name] = columns[name] * factor
    return Bars(symbol, bars.timeframe, bars.calendar, bars.ts, columns)


def renamed(bars: Bars, symbol: str) -> Bars:
    return Bars(symbol, bars.timeframe, bars.calendar, bars.ts, bars.columns)


def current(warehouse: Warehouse) -> set[str]:
    found = warehouse.sql("select distinct current_root from lineages", arrow=True)
    return set(found["current_root"].to_pylist())


def test_another_market_or_timeframe_is_another_lineage(
    warehouse: Warehouse, make_bars: Callable[..., Bars]
) -> None:
    days = make_bars(0, 70)
    columns = {name: values[::7] for name, values in days.columns.items()}
    weekly = Bars("SPY", "1w", days.calendar, days.ts[::7], columns)
    roots = {
        warehouse.lineage_root(days),
        warehouse.lineage_root(of_another_market(days, "QQQ")),
        warehouse.lineage_root(weekly),
    }
    assert len(roots) == 3


def test_a_market_that_was_renamed_keeps_its_root(
    tmp_path: Path, warehouse: Warehouse, make_bars: Callable[..., Bars]
) -> None:
    bars = make_bars(100, 200)
    root = warehouse.lineage_root(bars)
    assert warehouse.lineage_root(renamed(bars, "ALIAS")) == root
    for first, stop in ((120, 180), (150, 400), (10, 110), (390, 500)):  # by now of that name
        assert warehouse.lineage_root(make_bars(first, stop, symbol="ALIAS")) == root
    for first, stop in ((450, 480), (20, 40)):  # known by bars that came under the other name
        assert warehouse.lineage_root(make_bars(first, stop, symbol="THIRD")) == root
    assert warehouse.lineage_root(make_bars(600, 650, symbol="ALIAS")) != root
    found = warehouse.sql(
        "select symbol, current_root from lineages where current_root = ?", [root]
    )
    assert set(found["symbol"]) == {"SPY", "ALIAS", "THIRD"}


def test_features_volume_and_a_changed_bar_hide_no_market(
    warehouse: Warehouse, make_bars: Callable[..., Bars]
) -> None:
    bars = make_bars(0, 100)
    root = warehouse.lineage_root(bars)
    columns = {name: np.array(values) for name, values in bars.columns.items()}
    columns["volume"] = columns["volume"] * 3
    columns["mood"] = np.arange(100.0)
    columns["close"][50] += 0.25
    assert warehouse.lineage_root(Bars("NEW", "1d", "24/7", bars.ts, columns)) == root


def test_new_bars_under_a_known_name_are_known_again(
    warehouse: Warehouse, make_bars: Callable[..., Bars]
) -> None:
    bars = make_bars(0, 100)
    root = warehouse.lineage_root(bars)
    vendor = of_another_market(bars, "SPY", 1.0001)
    assert warehouse.lineage_root(vendor) == root
    assert warehouse.lineage_root(renamed(vendor, "VENDOR")) == root


def test_bars_of_a_name_and_prices_of_another_merge_both(
    warehouse: Warehouse, make_bars: Callable[..., Bars]
) -> None:
    bars = make_bars(0, 100)
    old = warehouse.lineage_root(bars)
    other = of_another_market(bars, "QQQ")
    young = warehouse.lineage_root(other)
    assert young != old
    assert warehouse.lineage_root(renamed(other, "SPY")) == old
    assert current(warehouse) == {old}


def test_still_bars_say_nothing(warehouse: Warehouse, make_bars: Callable[..., Bars]) -> None:
    bars = make_bars(0, 100)
    flat = dict.fromkeys(("open", "high", "low", "close"), np.full(100, 1.0))
    roots = {warehouse.lineage_root(Bars(name, "1d", "24/7", bars.ts, flat)) for name in ("A", "B")}
    assert len(roots) == 2


def test_prices_that_meet_now_and_then_are_no_market(
    warehouse: Warehouse, make_bars: Callable[..., Bars]
) -> None:
    bars = make_bars(0, 500)
    other = of_another_market(bars, "QQQ")
    columns = {name: np.array(values) for name, values in other.columns.items()}
    for name in ("open", "high", "low", "close"):
        columns[name][::20] = bars.columns[name][::20]
    mixed = Bars("QQQ", "1d", "24/7", bars.ts, columns)
    assert warehouse.lineage_root(bars) != warehouse.lineage_root(mixed)


def test_long_and_short_bars_know_each_other(
    tmp_path: Path, make_bars: Callable[..., Bars], database: Chosen
) -> None:
    rng = np.random.default_rng(5)
    whole = make_bars(0, 20_000)
    close = 100 + rng.normal(size=20_000).cumsum() * 0.01
    columns = {"open": close, "high": close + 1, "low": close - 1, "close": close}
    whole = Bars("A", "1d", "24/7", whole.ts, columns)
    part = Bars(
        "B", "1d", "24/7", whole.ts[9_000:10_000], {n: v[9_000:10_000] for n, v in columns.items()}
    )
    for number, (first, second) in enumerate(((whole, part), (part, whole))):
        if number:
            database.fresh()
        warehouse = Warehouse(tmp_path / str(number))
        assert warehouse.lineage_root(first) == warehouse.lineage_root(second)
        warehouse.close()


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
