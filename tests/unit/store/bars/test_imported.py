"""From a file to bars in the warehouse: all of it or nothing."""

from __future__ import annotations

import gzip
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import hyprl_lab as hl
from hyprl_lab.errors import BarsError, QualityError, WarehouseError
from hyprl_lab.store import Warehouse, default, import_bars
from hyprl_lab.store.bars import bar_store as module

if TYPE_CHECKING:
    from postgres import Chosen

    from hyprl_lab.types import Progress

HEAD = "date,open,high,low,close,volume\n"
DAYS = "2024-01-02,1,2,1,2,9\n2024-01-03,2,3,2,3,9\n2024-01-04,3,4,3,4,9\n2024-01-05,4,5,4,5,9\n"


@pytest.fixture
def acme(tmp_path: Path) -> Path:
    path = tmp_path / "acme.csv"
    path.write_text(HEAD + DAYS, encoding="utf-8")
    return path


def test_what_is_imported_is_found_again(acme: Path, warehouse: Warehouse) -> None:
    bars = import_bars(acme, symbol="ACME", timeframe="1d", warehouse=warehouse)
    assert bars.close.tolist() == [2.0, 3.0, 4.0, 5.0]
    assert warehouse.get_bars("ACME") == bars
    assert warehouse.get_bars("ACME").lineage == bars.lineage
    (found,) = warehouse.list_bars()
    assert found.source["name"] == "acme.csv"
    assert found.source["bytes"] == acme.stat().st_size
    assert found.source["sha256"] == hashlib.sha256(acme.read_bytes()).hexdigest()
    assert str(acme.parent) not in str(found.source) + str(bars.lineage)


def test_another_home_can_be_named(acme: Path, tmp_path: Path, database: Chosen) -> None:
    elsewhere = Warehouse(tmp_path / "elsewhere")
    import_bars(acme, symbol="ACME", timeframe="1d", warehouse=elsewhere)
    assert [item.symbol for item in elsewhere.list_bars()] == ["ACME"]
    database.fresh()
    assert default().list_bars() == []


def test_the_default_is_the_warehouse_of_home(acme: Path) -> None:
    bars = hl.import_bars(acme, symbol="ACME", timeframe="1d")
    assert default().get_bars(bars.fingerprint[:8]) == bars
    rows = hl.warehouse.sql("select symbol, close from bars order by ts")
    assert rows["close"].tolist() == [2.0, 3.0, 4.0, 5.0]


def test_the_same_content_is_the_same_set(acme: Path, warehouse: Warehouse, tmp_path: Path) -> None:
    one = import_bars(acme, symbol="ACME", timeframe="1d", warehouse=warehouse)
    again = import_bars(acme, symbol="ACME", timeframe="1d", warehouse=warehouse)
    assert again == one
    packed = tmp_path / "other.csv.gz"
    packed.write_bytes(gzip.compress(acme.read_bytes()))
    import_bars(packed, symbol="ACME", timeframe="1d", warehouse=warehouse)
    (found,) = warehouse.list_bars()
    names = [source["name"] for _, source in warehouse.bar_sources(found)]
    assert names == ["acme.csv", "other.csv.gz"]
    assert warehouse.get_bars("ACME").lineage == one.lineage  # the first one stays
    other = import_bars(acme, symbol="ACME", timeframe="1d", calendar="24/7", warehouse=warehouse)
    acme.write_text(HEAD + DAYS + "2024-01-08,5,6,5,6,9\n", encoding="utf-8")
    longer = import_bars(acme, symbol="ACME", timeframe="1d", warehouse=warehouse)
    assert [item.fingerprint for item in warehouse.list_bars()] == [
        one.fingerprint,
        other.fingerprint,
        longer.fingerprint,
    ]
    assert warehouse.get_bars("ACME") == longer


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        ("", {}),
        (HEAD, {}),
        (HEAD + DAYS + DAYS, {}),
        (HEAD + DAYS + "2024-01-08,5,4,5,5,9\n", {}),
        (HEAD + DAYS, {"repair": {"nonsense": "drop"}}),
        (HEAD + DAYS, {"timeframe": "1h"}),
        (HEAD.replace("date", "ts") + "2024-01-02 10:00,1,2,1,2,9\n" * 1, {"timeframe": "1h"}),
    ],
)
def test_nothing_is_stored_of_what_is_refused(
    tmp_path: Path, warehouse: Warehouse, text: str, settings: dict[str, Any]
) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text)
    with pytest.raises(BarsError, match=r"bad\.csv|repair"):
        import_bars(path, symbol="BAD", **{"timeframe": "1d", **settings}, warehouse=warehouse)
    assert warehouse.list_bars() == []
    assert warehouse.status().live_parts == warehouse.status().pending_parts == 0
    assert list((warehouse.home / "warehouse" / "tmp").iterdir()) == []


def test_a_refusal_carries_all_findings(tmp_path: Path, warehouse: Warehouse) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(HEAD + DAYS + "2024-01-05,4,5,4,5,9\n2024-01-08,5,4,5,5,9\n")
    with pytest.raises(QualityError) as refused:
        import_bars(path, symbol="BAD", timeframe="1d", warehouse=warehouse)
    quality = refused.value.quality
    assert quality.rows_in == 6
    assert quality.by_kind("duplicate_time").count >= 1
    assert quality.by_kind("ohlc_violation").count == 1
    mended = import_bars(
        path,
        symbol="BAD",
        timeframe="1d",
        repair={"duplicate_time": "last", "ohlc_violation": "drop"},
        warehouse=warehouse,
    )
    assert len(mended) == 4
    assert warehouse.get_bars("BAD").lineage == mended.lineage
    assert "duplicate_time" in str(mended.lineage)


def test_a_store_that_fails_keeps_nothing(
    acme: Path, warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "part")

    monkeypatch.setattr(module, "write_part", full)
    with pytest.raises(WarehouseError, match="No space left"):
        import_bars(acme, symbol="ACME", timeframe="1d", warehouse=warehouse)
    assert warehouse.list_bars() == []


def test_progress_is_told_in_bytes(acme: Path, warehouse: Warehouse) -> None:
    told: list[Progress] = []
    import_bars(acme, symbol="ACME", timeframe="1d", progress=told.append, warehouse=warehouse)
    assert (told[-1].done, told[-1].total) == (acme.stat().st_size, acme.stat().st_size)
    assert [step.done for step in told] == sorted(step.done for step in told)


BTC = {
    "merge_conflict": "drop",
    "duplicate_time": "first",
    "unsorted": "sort",
    "ohlc_violation": "drop",
}
RAW = [
    ("btc_1d_merge_conflict.csv", {"repair": BTC}, True),
    ("btc_1d_merge_conflict.csv", {}, False),
    ("FOREX_EURUSD_1H_ASK.csv", {"tz": "UTC"}, True),
    ("FOREX_EURUSD_1H_ASK.csv", {}, False),
    ("spy_factor_file.csv", {}, False),
]


@pytest.mark.parametrize(("name", "settings", "kept"), RAW)
def test_the_raw_files_are_kept_or_refused(
    shared: Path, warehouse: Warehouse, name: str, settings: dict[str, Any], kept: bool
) -> None:
    path = shared / "raw" / name
    if not kept:
        with pytest.raises(BarsError, match=name):
            import_bars(path, symbol="X", warehouse=warehouse, **settings)
        assert warehouse.list_bars() == []
        return
    bars = import_bars(path, symbol="X", warehouse=warehouse, **settings)
    assert warehouse.get_bars("X") == bars
    assert warehouse.get_bars("X").lineage == bars.lineage


@pytest.mark.parametrize("name", ["spy_1d", "spy_1h", "eurusd_1h_bid", "btcusd_1d"])
def test_real_sets_come_back_to_the_bit(shared: Path, warehouse: Warehouse, name: str) -> None:
    bars = import_bars(shared / f"{name}.parquet", symbol=name.upper(), warehouse=warehouse)
    found = warehouse.get_bars(bars.fingerprint[:9])
    assert found == bars
    for column, values in bars.columns.items():
        assert found.columns[column].tobytes() == values.tobytes()


def test_the_same_file_on_another_calendar_is_another_set(acme: Path, warehouse: Warehouse) -> None:
    made = [
        import_bars(acme, symbol="ACME", timeframe="1d", calendar=calendar, warehouse=warehouse)
        for calendar in ("XNYS", "24/5", "XNYS")
    ]
    assert [kept.calendar for kept in warehouse.list_bars()] == ["XNYS", "24/5"]
    for bars in made:
        assert (
            warehouse.get_bars(bars.fingerprint, "1d", symbol="ACME", calendar=bars.calendar)
            == bars
        )


def test_a_file_whose_name_is_no_text(tmp_path: Path, warehouse: Warehouse) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9.csv")
    path.write_text(HEAD + DAYS)
    with pytest.raises(BarsError, match="a file name that is not text"):
        import_bars(path, symbol="ACME", timeframe="1d", warehouse=warehouse)
    assert warehouse.list_bars() == []
