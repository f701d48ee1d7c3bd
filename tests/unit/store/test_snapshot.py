"""A snapshot has what every view has, of one state."""

from __future__ import annotations

import resource
import subprocess
import sys
from typing import TYPE_CHECKING

import duckdb
import pytest
import run_records

from hyprl_lab.errors import WarehouseError
from hyprl_lab.store import VIEWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from hyprl_lab.data import Bars
    from hyprl_lab.store import Warehouse


@pytest.fixture
def filled(
    warehouse: Warehouse,
    fill: Callable[[Warehouse, Iterable[int]], None],
    record: Callable[[Warehouse, Iterable[int]], None],
    make_bars: Callable[..., Bars],
) -> Warehouse:
    fill(warehouse, [0, 1])
    record(warehouse, [1, 2])
    warehouse.save_run(run_records.record())
    warehouse.save_bars(make_bars(0, 5))
    return warehouse


def test_every_view_is_a_table_with_its_rows(filled: Warehouse, tmp_path: Path) -> None:
    steps = []
    made = filled.snapshot(tmp_path / "all.duckdb", progress=steps.append)
    assert made.path == tmp_path / "all.duckdb"
    assert made.size == made.path.stat().st_size
    assert set(made.rows) == set(VIEWS)
    assert (made.rows["trials"], made.rows["trades"], made.rows["bars"]) == (10, 2, 5)
    assert [step.done for step in steps] == list(range(1, len(VIEWS) + 1))
    with duckdb.connect(str(made.path), read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        for view in VIEWS:
            query = f"from {view} order by all"
            assert connection.sql(query).to_arrow_table() == filled.sql(query, arrow=True), view
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.duckdb", "home"]


def test_a_file_that_is_there_stays_unless_it_may_go(filled: Warehouse, tmp_path: Path) -> None:
    file = tmp_path / "all.duckdb"
    file.write_text("mine")
    with pytest.raises(WarehouseError, match=r"there already.*--force"):
        filled.snapshot(file)
    assert file.read_text() == "mine"
    assert filled.snapshot(file, overwrite=True).rows["runs"] == 1
    with pytest.raises(WarehouseError, match="there already"):
        filled.snapshot(tmp_path, overwrite=True)


def test_a_folder_that_is_not_there(filled: Warehouse, tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match=r"no folder .*nowhere; make it first"):
        filled.snapshot(tmp_path / "nowhere" / "all.duckdb")


FULL = """
import resource, signal, sys
from hyprl_lab.store import Warehouse
from hyprl_lab.errors import WarehouseError
warehouse = Warehouse(sys.argv[1])
warehouse.sql("from trials")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    warehouse.snapshot(sys.argv[2], overwrite=True)
except WarehouseError as error:
    print(error)
"""


@pytest.mark.sqlite_only
def test_a_write_that_fails_leaves_what_was_there(filled: Warehouse, tmp_path: Path) -> None:
    """A limit on the length of files stands for a full disk."""
    assert resource.RLIM_INFINITY
    file = tmp_path / "all.duckdb"
    file.write_text("mine")
    ran = subprocess.run(
        [sys.executable, "-c", FULL, str(filled.home), str(file)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "free some space" in ran.stdout
    assert file.read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["all.duckdb", "home"]


def test_a_link_is_replaced_and_not_written_through(filled: Warehouse, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "link").symlink_to("mine")
    (tmp_path / "nowhere").symlink_to("missing")
    for name in ("link", "nowhere"):
        with pytest.raises(WarehouseError, match="is there already"):
            filled.snapshot(tmp_path / name)
        filled.snapshot(tmp_path / name, overwrite=True)
        assert not (tmp_path / name).is_symlink()
    assert (tmp_path / "mine").read_text() == "mine"
    assert not (tmp_path / "missing").exists()
