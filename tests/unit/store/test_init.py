"""The calls for the warehouse of `home()`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import hyprl_lab as hl
from hyprl_lab.errors import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hyprl_lab.data import Bars


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("HYPRL_HOME", str(tmp_path / "home"))
    yield tmp_path / "home"
    hl.warehouse.default().close()


def test_bars_are_kept_listed_and_found(make_bars: Callable[..., Bars], home: Path) -> None:
    days, weeks = make_bars(0, 30), make_bars(0, 70).resample("1w")
    assert hl.warehouse.list_bars() == []
    assert hl.warehouse.save_bars(days) == days.fingerprint
    hl.warehouse.save_bars(weeks)
    assert hl.warehouse.get_bars("SPY", "1d") == days
    assert hl.warehouse.get_bars(weeks.fingerprint[:8], symbol="SPY") == weeks
    assert [kept.rows for kept in hl.warehouse.list_bars()] == [30, 10]
    assert hl.Warehouse(home).list_bars() == hl.warehouse.list_bars()


def test_what_was_imported_comes_back(tmp_path: Path) -> None:
    file = tmp_path / "acme.csv"
    file.write_text("date,open,high,low,close\n2024-01-02,1,2,1,2\n2024-01-03,2,3,2,3\n")
    bars = hl.import_bars(file, symbol="ACME", timeframe="1d")
    assert hl.warehouse.get_bars("ACME") == bars
    with pytest.raises(NotFoundError, match=r"no bars are stored under 'NONE'.*ACME 1d"):
        hl.warehouse.get_bars("NONE")
