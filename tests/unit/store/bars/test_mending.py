"""Bars whose part is lost are stored again by who saves them again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hyprl_lab.data import load_bars
from hyprl_lab.errors import IntegrityError
from hyprl_lab.store import Warehouse
from hyprl_lab.store.bars import part as part_module

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path / "home")


def test_a_part_that_is_missing_is_written_again_with_the_bars(warehouse: Warehouse) -> None:
    bars = load_bars("TEST")
    warehouse.save_bars(bars, source={"name": "first.csv"})
    (part,) = (warehouse.home / "warehouse" / "parts").iterdir()
    content = part.read_bytes()
    part.unlink()
    warehouse.save_bars(load_bars("TEST"), source={"name": "second.csv"})
    assert part.read_bytes() == content
    assert warehouse.get_bars("TEST") == bars


def test_a_part_that_comes_out_otherwise_is_refused(
    warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    warehouse.save_bars(load_bars("TEST"))
    (part,) = (warehouse.home / "warehouse" / "parts").iterdir()
    part.unlink()
    monkeypatch.setattr(part_module, "ROW_GROUP", 100)  # as another version might write it
    with pytest.raises(IntegrityError, match="other bytes; bring it back from a backup"):
        warehouse.save_bars(load_bars("TEST"))
    assert not part.exists()
