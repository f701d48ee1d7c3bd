from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.errors import IntegrityError
from hyprl_lab.store.bars.part import read_part

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hyprl_lab.data import Bars
    from hyprl_lab.store import Warehouse


def test_a_part_has_the_bars_and_what_their_row_says(
    warehouse: Warehouse, make_bars: Callable[..., Bars], tmp_path: Path
) -> None:
    bars = make_bars(0, 10)
    warehouse.save_bars(bars)
    (found,) = warehouse.list_bars()
    (path,) = (warehouse.home / "warehouse" / "parts").iterdir()
    with path.open("rb") as file:
        columns = read_part(file, path.name, found, tmp_path)
    assert columns.pop("_ts").tolist() == bars.ts.tolist()
    assert {name: array.tolist() for name, array in columns.items()} == {
        name: array.tolist() for name, array in bars.columns.items()
    }
    with pytest.raises(IntegrityError, match="can't be read as bars"):
        read_part(BytesIO(b"no Parquet"), path.name, found, tmp_path)
