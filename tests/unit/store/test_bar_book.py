"""The calls of a warehouse for bars, as a user makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import hyprl_lab as hl
from hyprl_lab.data import load_bars
from hyprl_lab.store import Warehouse, default

if TYPE_CHECKING:
    from pathlib import Path


def test_bars_of_another_home_are_not_seen(tmp_path: Path, database: Any) -> None:
    one = Warehouse(tmp_path / "one")
    bars = load_bars("TEST")
    one.save_bars(bars)
    assert [item.symbol for item in one.list_bars()] == ["TEST"]
    first = database.fresh()
    assert Warehouse(tmp_path / "other").list_bars() == []
    database.use(first)
    assert Warehouse(tmp_path / "one").get_bars("TEST") == bars


def test_a_set_is_known_before_it_is_read(warehouse: Warehouse) -> None:
    bars = load_bars("sp500")
    fingerprint = warehouse.save_bars(bars, source={"name": "x.csv"})
    found = warehouse.find_bars(fingerprint[:4], "1d", symbol="SP500")
    assert (found.fingerprint, found.rows) == (fingerprint, 5031)
    assert str(found) == f"SP500 1d XNYS {fingerprint[:12]}"
    assert warehouse.bar_sources(found) == [(bars.lineage, {"name": "x.csv"})]


def test_stored_bars_run_like_any_others() -> None:
    bars = load_bars("TEST")
    default().save_bars(bars)
    stored = default().get_bars("TEST")
    trend = hl.Strategy("trend", long_entry=hl.close > hl.ta.sma(hl.close, 20))
    one, two = (hl.backtest(given, trend, record=False) for given in (bars, stored))
    assert one.run_hash == two.run_hash
    assert hl.warehouse.sql("select count(*) as n from bars")["n"].tolist() == [500]
