"""An import that is killed leaves no half set, and can be made again; two at once make one set."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import pytest

from hyprl_lab.store import Warehouse, import_bars

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.data import Bars

ROWS = 20_000
MINUTE_US = 60_000_000

IMPORT = """
import sys
from hyprl_lab.store import Warehouse, import_bars

import_bars(sys.argv[2], warehouse=Warehouse(sys.argv[1]), progress=lambda step: None,
    symbol="ACME", timeframe="1m", tz="UTC", calendar="24/7")
print("imported")
"""

SETTINGS = {"symbol": "ACME", "timeframe": "1m", "tz": "UTC", "calendar": "24/7"}

KILLED = """
import os, signal
from hyprl_lab.store.bars import bar_store as bars
from hyprl_lab.store import disk
from hyprl_lab.store.parts import folder as files
from hyprl_lab.store.parts import part_store as parts
from hyprl_lab.data import importing

bars.ROW_GROUP = 1_000  # so that there is a middle

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def then_die(plain):
    def call(*arguments, **named):
        plain(*arguments, **named)
        die()
    return call

def nth(plain, n):
    left = iter(range(n))
    def call(*arguments, **named):
        if next(left, None) is None:
            die()
        return plain(*arguments, **named)
    return call
"""

MOMENTS = {
    "when it begins": "importing.import_file = die",
    "when it is read": "importing.import_file = then_die(importing.import_file)",
    "when its part is entered": "parts.PartStore.write_streamed = die",
    "in the middle of the file": "files.HashedStream.write = nth(files.HashedStream.write, 10)",
    "when the file is synced": "disk.os.fsync = then_die(disk.os.fsync)",
    "when the file is in place": "disk.sync_folder = die",
    "when the part is live": "parts.PartStore.commit = then_die(parts.PartStore.commit)",
    "when the row is there": (
        "bars.BarStore._insert = staticmethod(then_die(bars.BarStore._insert))"
    ),
}
"""Where each of these returns the transaction is still open, so all of them come before it."""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CSV file of minutes."""
    path = tmp_path_factory.mktemp("files") / "acme.csv"
    dice = np.random.default_rng(7)
    close = np.round(100.0 + np.cumsum(dice.normal(0.0, 0.01, ROWS)), 2)
    times = (np.arange(ROWS) * MINUTE_US).astype("datetime64[us]").astype("datetime64[m]")
    lines = [
        f"{stamp},{price},{price + 1:.2f},{price - 1:.2f},{price},10"
        for stamp, price in zip(times.astype(str), close.tolist(), strict=True)
    ]
    path.write_text("ts,open,high,low,close,volume\n" + "\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def expected(file: Path, tmp_path_factory: pytest.TempPathFactory) -> Bars:
    """What the file holds, imported without harm."""
    home = tmp_path_factory.mktemp("untouched")
    bars = import_bars(file, warehouse=Warehouse(home), **SETTINGS)  # type: ignore[arg-type]
    assert len(bars) == ROWS
    return bars


def start(code: str, home: Path, file: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", code, str(home), str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def check_nothing_is_stored(home: Path) -> None:
    warehouse = Warehouse(home)
    assert warehouse.list_bars() == []
    for view in ("bars", "bar_sets"):
        assert warehouse.sql(f"select * from {view}").empty
    assert warehouse.status().live_parts == 0
    warehouse.close()


def check_it_works_now(home: Path, file: Path, expected: Bars) -> None:
    warehouse = Warehouse(home)
    assert import_bars(file, warehouse=warehouse, **SETTINGS) == expected  # type: ignore[arg-type]
    warehouse.close()
    check_one_set(home, expected)


def check_one_set(home: Path, expected: Bars) -> None:
    warehouse = Warehouse(home)
    assert len(warehouse.list_bars()) == 1
    assert warehouse.get_bars("ACME") == expected
    found = warehouse.sql("select count(*) as n, sum(volume) as v from bars").iloc[0]
    assert found.tolist() == [ROWS, 10.0 * ROWS]
    warehouse.sweep()
    assert len(list((home / "warehouse" / "parts").iterdir())) == 1
    assert list((home / "warehouse" / "tmp").iterdir()) == []
    status = warehouse.status()
    assert (status.live_parts, status.pending_parts) == (1, 0)
    warehouse.close()


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_kill_before_the_commit_leaves_nothing(
    tmp_path: Path, file: Path, expected: Bars, moment: str
) -> None:
    home = tmp_path / "home"
    Warehouse(home).status()
    process = start(KILLED + MOMENTS[moment] + "\n" + IMPORT, home, file)
    errors = process.communicate()[1].decode()
    assert process.returncode == -signal.SIGKILL, errors
    assert errors == ""
    check_nothing_is_stored(home)
    check_it_works_now(home, file, expected)


def test_a_kill_after_the_commit_loses_nothing(tmp_path: Path, file: Path, expected: Bars) -> None:
    home = tmp_path / "home"
    code = KILLED + "bars.BarStore.save = then_die(bars.BarStore.save)\n" + IMPORT
    process = start(code, home, file)
    errors = process.communicate()[1].decode()
    assert (process.returncode, errors) == (-signal.SIGKILL, "")
    check_one_set(home, expected)
    check_it_works_now(home, file, expected)


def test_kills_at_random_leave_all_or_nothing(tmp_path: Path, file: Path, expected: Bars) -> None:
    home = tmp_path / "home"
    Warehouse(home).status()
    seed = time.time_ns()
    dice = random.Random(seed)
    print(f"seed {seed}")
    began = time.monotonic()
    start(IMPORT, tmp_path / "timed", file).communicate()
    whole = time.monotonic() - began
    stored = False
    for _ in range(5):
        process = start(KILLED + IMPORT, home, file)
        time.sleep(whole * dice.uniform(0.5, 1.0))
        process.kill()
        assert process.communicate()[1] == b""
        sets = Warehouse(home).list_bars()
        assert len(sets) in ({1} if stored else {0, 1})  # what was there stays
        stored = len(sets) == 1
        if stored:
            assert Warehouse(home).get_bars("ACME") == expected
        else:
            check_nothing_is_stored(home)
    check_it_works_now(home, file, expected)


def test_two_imports_at_once_make_one_set(tmp_path: Path, file: Path, expected: Bars) -> None:
    home = tmp_path / "home"
    processes = [start(KILLED + IMPORT, home, file) for _ in range(3)]
    for process in processes:
        out, errors = process.communicate()
        assert (process.returncode, out) == (0, b"imported\n"), errors.decode()
    check_one_set(home, expected)
