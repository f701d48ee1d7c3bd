"""Queries are stopped by a token or after a time."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from run_records import record

from hyprl_lab.errors import CancelledError, InputError, WarehouseError
from hyprl_lab.store.parts.folder import LocalFolder
from hyprl_lab.store.queries.watching import Limit, Watch

if TYPE_CHECKING:
    from pathlib import Path

    from hyprl_lab.store import Warehouse

pytestmark = pytest.mark.sqlite_only  # no query here reads the control database

HEAVY = """select count(*) as n from range(100000000) as a, range(100000000) as b
    where (a.range * b.range) % 1000003 = 7"""


class LateToken:
    """A token that is set once a query has been at work for some looks at it."""

    def __init__(self, looks: int = 10) -> None:
        self.left = looks
        self.set_at = 0.0

    def is_set(self) -> bool:
        self.left -= 1
        if self.left < 0 and not self.set_at:
            self.set_at = time.monotonic()
        return self.left < 0


def test_a_token_stops_a_cross_join(warehouse: Warehouse, tmp_path: Path) -> None:
    token = LateToken()
    with pytest.raises(CancelledError, match=r"was cancelled$"):
        warehouse.sql(HEAVY, cancel=token)
    assert time.monotonic() - token.set_at < 10.0  # 0.1 s on a quiet machine; it runs for hours
    assert warehouse.sql("select 1 as one", arrow=True).to_pylist() == [{"one": 1}]


def test_a_token_stops_others_not(warehouse: Warehouse, tmp_path: Path) -> None:
    found = []

    def other() -> None:
        query = "select count(*) as n from range(30000000) where hash(range) % 7 = 0"
        found.append(warehouse.sql(query, arrow=True)["n"][0].as_py())

    thread = threading.Thread(target=other)
    thread.start()
    with pytest.raises(CancelledError, match=r"was cancelled$"):
        warehouse.sql(HEAVY, cancel=LateToken())
    thread.join()
    assert found[0] == pytest.approx(30_000_000 / 7, rel=0.01)


def test_a_time_limit(warehouse: Warehouse, tmp_path: Path) -> None:
    began = time.monotonic()
    with pytest.raises(WarehouseError, match=r"stopped after 0\.2 s.*longer timeout"):
        warehouse.sql(HEAVY, timeout=0.2)
    assert 0.2 <= time.monotonic() - began < 10.0  # it runs for hours
    assert warehouse.sql("select 1 as one", timeout=60).shape == (1, 1)


def test_a_token_that_is_set_before(warehouse: Warehouse, tmp_path: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CancelledError, match="cancelled \\(before it began to read"):
        warehouse.sql("select 1", cancel=cancel)


def test_what_fails_by_itself_says_so(warehouse: Warehouse, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nope"):
        warehouse.sql("select nope", cancel=threading.Event(), timeout=60)


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), "x", True, [1]])
def test_no_time_is_no_limit(timeout: Any) -> None:
    with pytest.raises(InputError, match="expected seconds above 0"):
        Limit(timeout=timeout)


def test_it_calls_again_until_it_is_over() -> None:
    calls: list[float] = []
    cancel = threading.Event()
    cancel_soon = threading.Timer(0.05, cancel.set)
    cancel_soon.start()
    watch = Watch(lambda: calls.append(time.monotonic()), Limit(cancel=cancel))
    watch.run(lambda: time.sleep(0.4))
    assert len(calls) >= 3
    assert str(watch.stopped) == "the query was cancelled"
    known = len(calls)
    time.sleep(0.1)
    assert len(calls) == known


@pytest.mark.parametrize("how", ["sql", "pages", "time"])
def test_hashing_is_stopped_too(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    """The first query of a process hashes every file that it reads."""
    for number in range(40):
        warehouse.save_run(record(f"{number:04}"))
    hashed: list[str] = []
    cancel = threading.Event()

    def slow(folder: LocalFolder, name: str) -> str:
        hashed.append(name)
        cancel.set()
        time.sleep(0.02)
        return plain(folder, name)

    plain = LocalFolder.sha256
    monkeypatch.setattr(LocalFolder, "sha256", slow)
    query = "select count(*) as n from equity"
    ask = {
        "sql": lambda: warehouse.sql(query, cancel=cancel),
        "pages": lambda: warehouse.pages(query, cancel=cancel),
        "time": lambda: warehouse.sql(query, timeout=0.02),
    }
    error = WarehouseError if how == "time" else CancelledError
    with pytest.raises(error, match="before it began to read"):
        ask[how]()
    assert 0 < len(hashed) < 40


def test_a_wrong_time_is_refused_before_anything_is_read(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="expected seconds above 0"):
        warehouse.sql("select nope", timeout=-1)


ASK = """
import sys
from hyprl_lab.store import Warehouse
warehouse = Warehouse(sys.argv[1])
heavy = sys.argv[3]
print("asking", flush=True)
try:
    if sys.argv[2] == "sql":
        warehouse.sql(heavy)
    else:
        with warehouse.pages(heavy) as pages:
            next(pages)
except KeyboardInterrupt:
    print("stopped", warehouse.sql("select 1 as one")["one"].tolist())
"""


@pytest.mark.parametrize("how", ["sql", "pages"])
def test_ctrl_c_stops_a_query(tmp_path: Path, how: str) -> None:
    """A real signal; it asks again afterwards, so nothing of the query is left."""
    child = subprocess.Popen(
        [sys.executable, "-c", ASK, str(tmp_path), how, HEAVY],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "asking\n"
        time.sleep(1.0)
        child.send_signal(signal.SIGINT)
        found = child.communicate(timeout=120)
    finally:
        child.kill()
        child.wait()
    assert (child.returncode, *found) == (0, "stopped [1]\n", "")


def test_wrong_tokens_are_refused(warehouse: Warehouse) -> None:
    wrong: Any = 5
    with pytest.raises(InputError, match="cancel is int"):
        warehouse.sql("select 1", cancel=wrong)
    with pytest.raises(InputError, match="the query is int"):
        warehouse.sql(wrong)
    for rows in ("a", 1.5, True):
        wrong = rows
        with pytest.raises(InputError, match="1 or more"):
            warehouse.pages("select 1", rows=wrong)


@pytest.mark.parametrize("query", ["show tables", " SHOW all  tables;", "show"])
def test_the_views_are_listed_for_who_looks_for_tables(warehouse: Warehouse, query: str) -> None:
    with pytest.raises(InputError, match=r"has the views .*trials"):
        warehouse.sql(query)
