"""Sets of bars: stored once, found by symbol or fingerprint, read back to the bit."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sqlalchemy import text

from hyprl_lab.data import Bars, load_bars
from hyprl_lab.data.lineage import Lineage
from hyprl_lab.data.spill import is_spilled
from hyprl_lab.errors import BarsError, InputError, IntegrityError, NotFoundError, WarehouseError
from hyprl_lab.store import Warehouse
from hyprl_lab.store.bars import FOR_A_RUN, bar_store
from hyprl_lab.store.bars import part as module

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

DAY_US = 86_400_000_000


def with_features(rows: int = 1_000) -> Bars:
    """Bars with a missing value, minus zero, and features named like the labels of a part."""
    close = 100.0 + np.sin(np.arange(rows))
    feature = np.where(np.arange(rows) % 7 == 0, np.nan, -0.0)
    columns = {"open": close, "high": close + 1, "low": close - 1, "close": close}
    columns |= {"symbol": feature, "fingerprint": feature * 2.0, "rsi_14": feature}
    return Bars("FX", "1d", "24/7", np.arange(rows) * DAY_US, columns, calendar_inferred=True)


def parts(warehouse: Warehouse) -> list[Path]:
    return sorted((warehouse.home / "warehouse" / "parts").iterdir())


@pytest.mark.parametrize("row_group", [1, 64, 1 << 18])
@pytest.mark.parametrize("spill_bytes", [0, 64 << 20])
def test_what_is_read_is_what_was_stored(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch, row_group: int, spill_bytes: int
) -> None:
    monkeypatch.setattr(module, "ROW_GROUP", row_group)
    monkeypatch.setattr(module, "SPILL_BYTES", spill_bytes)
    given = with_features(200)
    given = replace(given, lineage=Lineage().then("import", source="fx.csv", rows=[1, 2]))
    fingerprint = warehouse.save_bars(given, source={"name": "fx.csv", "bytes": 12})
    found = warehouse.get_bars(fingerprint)
    assert found == given
    assert found.ts.tobytes() == given.ts.tobytes()
    assert list(found.columns) == list(given.columns)
    for name, values in given.columns.items():
        assert found.columns[name].tobytes() == values.tobytes()
        assert not found.columns[name].flags.writeable
        assert is_spilled(found.columns[name]) == (spill_bytes == 0)
    assert found.calendar_inferred
    assert found.lineage.to_json() == [
        {"operation": "import", "source": "fx.csv", "rows": [1, 2]},
    ]
    assert list((warehouse.home / "warehouse" / "tmp").iterdir()) == []


def test_a_set_is_stored_once(warehouse: Warehouse) -> None:
    bars = load_bars("TEST")
    assert warehouse.save_bars(bars) == bars.fingerprint
    before = parts(warehouse)
    assert warehouse.save_bars(bars) == bars.fingerprint
    assert parts(warehouse) == before
    (only,) = warehouse.list_bars()
    assert (only.symbol, only.rows, only.calendar_inferred) == ("TEST", 500, False)
    assert (only.first_ts, only.last_ts) == (int(bars.ts[0]), int(bars.ts[-1]))
    assert only.column_names == ("open", "high", "low", "close", "volume")
    assert only.ohlcv_fingerprint == bars.ohlcv_fingerprint
    assert warehouse.status().bar_sets == 1


def test_other_ways_to_the_same_bars_are_kept_beside_the_first(warehouse: Warehouse) -> None:
    bars = load_bars("TEST")
    first, second = Lineage().then("import", source="a"), Lineage().then("import", source="b")
    warehouse.save_bars(replace(bars, lineage=first), source={"name": "a"})
    for _ in range(2):
        warehouse.save_bars(replace(bars, lineage=second), source={"name": "b"})
    warehouse.save_bars(warehouse.get_bars("TEST"))  # says nothing new
    warehouse.save_bars(replace(bars, lineage=Lineage()))
    (found,) = warehouse.list_bars()
    assert found.lineage == first
    assert found.source == {"name": "a"}
    assert warehouse.bar_sources(found) == [(first, {"name": "a"}), (second, {"name": "b"})]
    rows = warehouse.sql("select lineage, source, sources from bar_sets", arrow=True).to_pylist()
    assert [(json.loads(row["source"]), row["sources"]) for row in rows] == [({"name": "a"}, 2)]


def test_the_same_numbers_under_another_name_are_another_set(warehouse: Warehouse) -> None:
    bars = load_bars("TEST")
    other = replace(bars, symbol="OTHER")
    assert warehouse.save_bars(bars) == warehouse.save_bars(other)
    assert warehouse.get_bars("TEST").symbol == "TEST"
    assert warehouse.get_bars("OTHER").symbol == "OTHER"
    with pytest.raises(InputError, match=r"several sets of bars: OTHER 1d 24/5 .*, TEST 1d"):
        warehouse.get_bars(bars.fingerprint)
    assert warehouse.get_bars(bars.fingerprint, symbol="OTHER") == other
    again = replace(bars, calendar="24/7")
    warehouse.save_bars(again)
    assert warehouse.get_bars("TEST") == again


def test_a_symbol_names_its_newest_set(
    warehouse: Warehouse, make_bars: Callable[..., Bars]
) -> None:
    old, new = make_bars(0, 10), make_bars(0, 20)
    warehouse.save_bars(old)
    warehouse.save_bars(new)
    assert warehouse.get_bars("SPY") == new
    assert warehouse.get_bars(old.fingerprint[:10]) == old
    assert warehouse.get_bars(old.fingerprint.upper()) == old
    longer = make_bars(0, 70, timeframe="1d")
    weekly = Bars(
        "SPY", "1w", "24/7", longer.ts[::7], {k: v[::7] for k, v in longer.columns.items()}
    )
    warehouse.save_bars(weekly)
    with pytest.raises(InputError, match=r"'SPY' stands for several .*SPY 1w 24/7 .*SPY 1d 24/7"):
        warehouse.get_bars("SPY")
    assert warehouse.get_bars("SPY", "1d") == new
    assert warehouse.get_bars("SPY", "1w") == weekly
    with pytest.raises(NotFoundError, match="none are 1h"):
        warehouse.get_bars("SPY", "1h")


def test_what_is_not_there_lists_what_is(warehouse: Warehouse) -> None:
    with pytest.raises(NotFoundError, match=r"under 'SPY'.*there are none"):
        warehouse.get_bars("SPY")
    bars = load_bars("TEST")
    warehouse.save_bars(bars)
    for which in ("SPY", bars.fingerprint[:3], "", "%"):
        with pytest.raises(NotFoundError, match=rf"there are TEST 1d 24/5 {bars.fingerprint[:12]}"):
            warehouse.get_bars(which)


def test_a_prefix_of_several_fingerprints_is_refused(
    warehouse: Warehouse, make_bars: Callable[..., Bars], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bar_store, "_SHORTEST_PREFIX", 0)
    for rows in (5, 6):
        warehouse.save_bars(make_bars(0, rows))
    with pytest.raises(InputError, match="more of its fingerprint"):
        warehouse.get_bars("")


def test_what_is_no_bars_is_refused(warehouse: Warehouse) -> None:
    with pytest.raises(BarsError, match=r"expected hl\.Bars"):
        warehouse.save_bars([1.0])  # type: ignore[arg-type]
    with pytest.raises(InputError, match="no JSON"):
        warehouse.save_bars(load_bars("TEST"), source={"x": object()})  # type: ignore[dict-item]
    assert warehouse.list_bars() == []
    assert warehouse.status().pending_parts == 0


@pytest.mark.parametrize("how", ["missing", "cut", "flipped"])
def test_a_damaged_part_is_named(warehouse: Warehouse, how: str) -> None:
    warehouse.save_bars(load_bars("TEST"))
    (part,) = parts(warehouse)
    data = part.read_bytes()
    if how == "missing":
        part.unlink()
    else:
        part.write_bytes(data[:-9] if how == "cut" else data[:999] + b"!" + data[1_000:])
    for read in (lambda: warehouse.get_bars("TEST"), lambda: warehouse.sql("select * from bars")):
        with pytest.raises(IntegrityError, match=part.name):
            read()
    assert len(warehouse.sql("select * from bar_sets")) == 1


def test_a_row_that_names_another_content_is_refused(warehouse: Warehouse) -> None:
    bars = load_bars("TEST")
    warehouse.save_bars(bars)
    with warehouse.control.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE bar_sets SET fingerprint = 'abcd' || fingerprint")
    with pytest.raises(IntegrityError, match=f"with fingerprint {bars.fingerprint}; expected abcd"):
        warehouse.get_bars("TEST")
    with warehouse.control.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("UPDATE parts SET state = 'dead'")
    with pytest.raises(IntegrityError, match="not live"):
        warehouse.get_bars("TEST")


def test_a_write_that_fails_leaves_nothing(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "part")

    monkeypatch.setattr(bar_store, "write_part", full)
    with pytest.raises(WarehouseError, match=r"No space left on device.*nothing was recorded"):
        warehouse.save_bars(load_bars("TEST"))
    assert warehouse.list_bars() == []
    assert parts(warehouse) == []
    assert warehouse.status().pending_parts == 0
    monkeypatch.undo()
    warehouse.save_bars(load_bars("TEST"))
    assert warehouse.get_bars("TEST") == load_bars("TEST")


def test_the_views_show_all_sets(warehouse: Warehouse) -> None:
    warehouse.save_bars(with_features(30))  # without volume
    view = "select fingerprint, symbol, timeframe, ts, open, high, low, close, volume from bars"
    assert warehouse.sql(f"{view} where volume is not null").empty
    sp500 = load_bars("sp500")
    warehouse.save_bars(sp500)
    found = warehouse.sql(f"{view} where symbol = 'SP500' order by ts")
    assert list(warehouse.sql("select * from bars").columns) == view.split("from")[0].replace(
        "select ", ""
    ).strip().split(", ")
    assert found["close"].to_numpy().tobytes() == sp500.close.tobytes()
    assert found["ts"].dt.tz_convert(None).to_numpy().astype("M8[us]").astype(
        np.int64
    ).tolist() == (sp500.ts.tolist())
    assert set(found["fingerprint"]) == {sp500.fingerprint}
    counted = warehouse.sql(
        "select symbol, count(*) as n, rows, count(volume) as v from bars "
        "join bar_sets using (fingerprint, symbol, timeframe) group by all order by symbol",
        arrow=True,
    ).to_pylist()
    assert counted == [
        {"symbol": "FX", "n": 30, "rows": 30, "v": 0},
        {"symbol": "SP500", "n": 5031, "rows": 5031, "v": 5031},
    ]
    names = warehouse.sql("select column_names, calendar_inferred from bar_sets order by seq")
    assert names["column_names"][0].tolist() == list(with_features(30).columns)
    assert names["calendar_inferred"].tolist() == [True, False]


def test_sets_that_differ_by_their_calendar_alone(warehouse: Warehouse) -> None:
    bars = replace(load_bars("TEST"), calendar="XNYS")
    other = replace(bars, calendar="24/5")
    assert warehouse.save_bars(bars) == warehouse.save_bars(other)
    named = {"timeframe": "1d", "symbol": "TEST"}
    with pytest.raises(InputError, match=r"several sets of bars: TEST 1d 24/5 .*TEST 1d XNYS"):
        warehouse.get_bars(bars.fingerprint, **named)
    for kept in (bars, other):
        assert warehouse.get_bars(kept.fingerprint, calendar=kept.calendar, **named) == kept
        assert warehouse.get_bars("TEST", calendar=kept.calendar) == kept
        assert warehouse.find_bars(kept.fingerprint, calendar=kept.calendar).calendar == (
            kept.calendar
        )
    assert warehouse.get_bars("TEST") == other  # the newest
    with pytest.raises(NotFoundError, match="none are TEST 1d XLON"):
        warehouse.get_bars(bars.fingerprint, calendar="XLON", **named)


def alter(warehouse: Warehouse, column: str, value: object) -> None:
    """Change a column of the row of bars, as nothing of the store does."""
    with warehouse.control.engine.connect() as connection, connection.begin():
        connection.execute(text(f"UPDATE bar_sets SET {column} = :value"), {"value": value})


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("symbol", "OTHER"),
        ("timeframe", "1w"),
        ("calendar", "24/7"),
        ("calendar_inferred", 1),
        ("rows", 3),
        ("first_ts", 0),
        ("last_ts", 0),
        ("column_names", '["close"]'),
        ("lineage", '[{"operation": "load", "name": "sp500"}]'),
        ("source", '{"name": "other.csv"}'),
        ("ohlcv_fingerprint", "ab"),
    ],
)
def test_a_row_that_says_other_things_than_its_part_is_refused(
    warehouse: Warehouse, column: str, value: object
) -> None:
    warehouse.save_bars(load_bars("TEST"), source={"name": "test.csv"})
    alter(warehouse, column, value)
    with pytest.raises(IntegrityError, match=rf"^the row of bars .* has {column} .*; its part"):
        warehouse.get_bars(load_bars("TEST").fingerprint)


def test_a_part_that_says_nothing_of_itself_is_read(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_told", lambda *_: {})  # as parts were written before
    warehouse.save_bars(load_bars("TEST"))
    assert warehouse.get_bars("TEST") == load_bars("TEST")


@pytest.mark.parametrize(
    ("column", "value"),
    [("source", "{"), ("column_names", "7"), ("lineage", '["x"]'), ("lineage", "nope")],
)
def test_a_row_that_can_not_be_read_is_named(warehouse: Warehouse, column: str, value: str) -> None:
    warehouse.save_bars(load_bars("TEST"))
    alter(warehouse, column, value)
    for read in (warehouse.list_bars, lambda: warehouse.get_bars("TEST")):
        with pytest.raises(IntegrityError, match=r"row of bars TEST 1d .* is damaged"):
            read()


def test_a_part_that_is_no_file_is_named(warehouse: Warehouse) -> None:
    warehouse.save_bars(load_bars("TEST"))
    (part,) = (warehouse.home / "warehouse" / "parts").iterdir()
    part.unlink()
    part.symlink_to(part)
    with pytest.raises(IntegrityError, match=rf"{part.name} was committed and can't be read"):
        warehouse.get_bars("TEST")


def test_a_source_whose_name_is_no_text_is_kept_readable(warehouse: Warehouse) -> None:
    warehouse.save_bars(load_bars("TEST"), source={"name": "caf\udce9.csv"})
    assert warehouse.find_bars("TEST").source == {"name": "caf?.csv"}
    assert warehouse.get_bars("TEST") == load_bars("TEST")


def test_what_a_run_kept_stands_behind_what_was_stored_for_its_own_sake(
    warehouse: Warehouse, make_bars: Callable[..., Bars]
) -> None:
    warehouse.save_bars(make_bars(0, 50))
    warehouse.save_bars(make_bars(0, 20), source=FOR_A_RUN)
    assert len(warehouse.get_bars("SPY")) == 50
    assert [kept.for_runs for kept in warehouse.list_bars()] == [False, True]
    warehouse.save_bars(make_bars(0, 50), source=FOR_A_RUN)  # says nothing new
    assert len(warehouse.bar_sources(warehouse.find_bars("SPY"))) == 1
    warehouse.save_bars(make_bars(0, 20))
    assert len(warehouse.get_bars("SPY")) == 20
    assert [kept.for_runs for kept in warehouse.list_bars()] == [False, False]
