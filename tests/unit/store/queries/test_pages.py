"""Pages are of one state, whatever happens meanwhile, and let go of it."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hyprl_lab.errors import CancelledError, InputError, NotFoundError, WarehouseError
from hyprl_lab.store.parts.pins import PinLostError
from hyprl_lab.store.queries import reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from hyprl_lab.data import Bars
    from hyprl_lab.store import Warehouse
    from hyprl_lab.strategy import Strategy

SHARDS, ROWS = 6, 20_000

COMPACT = """
import sys
from hyprl_lab.store import Warehouse
with_home = Warehouse(sys.argv[1])
print(with_home.compact().inputs, with_home.sweep().pinned)
with_home.close()
"""


@pytest.fixture
def filled(
    warehouse: Warehouse,
    make_bars: Callable[..., Bars],
    strategy: Strategy,
    make_trials: Callable[..., pa.Table],
) -> Warehouse:
    bars = make_bars(0, 30)
    root = warehouse.lineage_root(bars)
    warehouse.open_study(
        "study", spec={}, bars=bars, lineage_root=root, strategy=strategy, total=SHARDS * ROWS
    )
    for shard in range(SHARDS):
        reservation = warehouse.reserve_shard("study", shard, ROWS, blocks=False)
        table = make_trials("study", shard * ROWS, ROWS, root)
        warehouse.commit_shard(reservation, table)
    return warehouse


def parts(warehouse: Warehouse) -> set[str]:
    return {path.name for path in (warehouse.home / "warehouse" / "parts").iterdir()}


def test_a_reader_reads_on_through_a_compaction_and_a_sweep(
    filled: Warehouse, tmp_path: Path
) -> None:
    before = parts(filled)
    seen = 0
    with filled.pages("select trial_index from trials", rows=7_000) as pages:
        first = next(pages)
        assert len(first) == 7_000
        ran = subprocess.run(
            [sys.executable, "-c", COMPACT, str(filled.home)],
            capture_output=True,
            text=True,
            check=True,
        )
        assert ran.stdout.split() == [str(SHARDS), str(SHARDS)]
        assert before < parts(filled), "what is read is kept, beside what replaced it"
        found = first["trial_index"].to_pylist()
        for page in pages:
            seen += 1
            found += page["trial_index"].to_pylist()
        assert len(page) == SHARDS * ROWS % 7_000
    assert sorted(found) == list(range(SHARDS * ROWS))
    assert seen == SHARDS * ROWS // 7_000
    assert filled.sweep().files == SHARDS
    assert not parts(filled) & before
    assert filled.sql("select count(*) as n from trials")["n"].tolist() == [SHARDS * ROWS]


def test_a_pin_ends_with_the_last_page_or_with_the_pages(filled: Warehouse, tmp_path: Path) -> None:
    def pinned() -> int:
        return len(filled.status().pinned)

    assert pinned() == 0
    pages = filled.pages("from trials", rows=50_000)
    assert pinned() == 1
    assert [len(page) for page in pages] == [50_000, 50_000, 20_000]
    assert pinned() == 0
    assert list(pages) == []
    with filled.pages("from trials") as pages:
        next(pages)
        assert pinned() == 1
    assert pinned() == 0
    pages = filled.pages("from trials")
    assert pinned() == 1
    del pages
    gc.collect()
    assert pinned() == 0


@pytest.fixture
def end_sessions(filled: Warehouse) -> Callable[[], None]:
    """Let a PostgreSQL server drop every connection, as a restart does."""

    def end() -> None:
        with filled.control.engine.connect() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )

    return end


def test_pages_whose_pin_was_lost_say_so(
    filled: Warehouse, end_sessions: Callable[[], None]
) -> None:
    if filled.control.backend == "sqlite":
        pytest.skip("a pin in a file goes with its process alone")
    before = parts(filled)
    pages = filled.pages("select trial_index from trials", rows=100)
    seen = next(pages)["trial_index"].to_pylist()
    assert len(seen) == 100
    end_sessions()
    assert filled.compact().inputs == SHARDS
    filled.sweep()
    assert not parts(filled) & before  # nobody seemed to read them

    def missing() -> Iterator[Any]:  # what DuckDB meets where it had not read ahead
        raise OSError("IO Error: No such file or directory")
        yield

    pages._reader = missing()
    with pytest.raises(PinLostError, match="ask again"):
        list(pages)
    with pytest.raises(WarehouseError, match="closed"):
        next(pages)
    assert filled.verify().ok


def test_a_query_whose_pin_was_lost_is_asked_again(
    filled: Warehouse, end_sessions: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    if filled.control.backend == "sqlite":
        pytest.skip("a pin in a file goes with its process alone")
    plain, losses = reader.collect, [1]

    def collect(*given: Any) -> Any:
        found = plain(*given)
        if losses[0]:
            losses[0] -= 1
            end_sessions()
            assert filled.compact().inputs == SHARDS
            filled.sweep()
        return found

    monkeypatch.setattr(reader, "collect", collect)
    count = filled.sql("select sum(trial_index) as n from trials")["n"].tolist()
    assert (count, losses) == ([sum(range(SHARDS * ROWS))], [0])


def test_closed_pages_say_so(filled: Warehouse, tmp_path: Path) -> None:
    pages = filled.pages("from trials", rows=10)
    assert pages.schema.names[0] == "study_id"
    next(pages)
    pages.close()
    pages.close()
    with pytest.raises(WarehouseError, match="closed"):
        next(pages)


def test_a_token_stops_pages(warehouse: Warehouse, tmp_path: Path) -> None:
    cancel = threading.Event()
    heavy = """select a.range from range(100000000) as a, range(1000000) as b
        where a.range > 1000000 and (a.range * b.range) % 1000003 = 1000002"""
    began = time.monotonic()
    threading.Timer(0.3, cancel.set).start()
    with (
        pytest.raises(CancelledError, match="was cancelled"),
        warehouse.pages(heavy, rows=10_000_000, cancel=cancel) as pages,
    ):
        next(pages)
    assert time.monotonic() - began < 20.0  # it runs for hours
    with pytest.raises(CancelledError):
        warehouse.pages("from trials", cancel=cancel)


def test_another_thread_may_close_pages(warehouse: Warehouse, tmp_path: Path) -> None:
    heavy = """select a.range from range(100000000) as a, range(1000000) as b
        where a.range > 1000000 and (a.range * b.range) % 1000003 = 1000002"""
    pages = warehouse.pages(heavy, rows=10_000_000)
    threading.Timer(0.3, pages.close).start()
    with pytest.raises(WarehouseError):
        next(pages)
    with pytest.raises(WarehouseError, match="closed"):
        next(pages)


def test_no_rows_have_columns_all_the_same(warehouse: Warehouse, tmp_path: Path) -> None:
    with warehouse.pages("select run_hash, sharpe from runs") as pages:
        assert pages.schema.names == ["run_hash", "sharpe"]
        assert list(pages) == []


def test_bad_pages(warehouse: Warehouse, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="rows is 0"):
        warehouse.pages("from trials", rows=0)
    with pytest.raises(NotFoundError, match="trial_blocks"):
        warehouse.pages("from trails")
    with pytest.raises(InputError, match="expected one SELECT"):
        warehouse.pages("drop view trials")
    with warehouse.pages("select $a + range as n from range(3)", {"a": 5}, rows=2) as pages:
        assert [page["n"].to_pylist() for page in pages] == [[5, 6], [7]]


@pytest.mark.sqlite_only
def test_memory_stays_bounded(warehouse: Warehouse, tmp_path: Path) -> None:
    """20 million rows of 40 characters, 800 MB and more, pass through 200 MB."""

    def resident() -> int:
        text = Path("/proc/self/statm").read_text()
        return int(text.split()[1]) * 4096

    query = "select repeat('x', 40) || range as text from range(20000000)"
    before, most, rows = resident(), 0, 0
    with warehouse.pages(query, rows=100_000) as pages:
        for place, page in enumerate(pages):
            rows += len(page)
            if place % 20 == 0:
                most = max(most, resident() - before)
    assert rows == 20_000_000
    assert most < 200e6


@pytest.mark.parametrize("how", ["drops", "closes", "ends"])
def test_a_forked_child_leaves_its_parents_pages_alone(
    warehouse: Warehouse, tmp_path: Path, how: str
) -> None:
    pages = warehouse.pages("from range(100000)", rows=10)
    next(pages)
    warehouse.sql("select 1")
    pid = os.fork()
    if pid == 0:  # nothing may be raised beyond this process
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        if how == "closes":
            pages.close()
        del pages
        gc.collect()
        if how == "ends":
            weakref.finalize._exitfunc()  # as `sys.exit` does
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert next(pages)["range"].to_pylist() == list(range(10, 20))
    pages.close()
