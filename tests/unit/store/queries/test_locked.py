"""A database is used again where it reads the same, by one at a time."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import duckdb
import pytest

from hyprl_lab.store.queries.locked import Kept, locked
from hyprl_lab.store.queries.sources import Sources

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hyprl_lab.store import Warehouse


def test_what_reads_the_same_is_lent_again() -> None:
    kept, sources = Kept(), Sources(())
    first = kept.take(sources)
    second = kept.take(sources)
    assert first is not second, "one is lent to one at a time"
    kept.give(sources, first)
    assert kept.take(Sources(())) is first
    kept.give(sources, first)
    assert kept.take(Sources(("bars",))) is not first
    kept.close()
    with pytest.raises(duckdb.ConnectionException):
        first.execute("select 1")
    assert kept.take(sources).execute("select 1").fetchall() == [(1,)]


def test_few_are_kept() -> None:
    kept, sources = Kept(), Sources(())
    lent = [kept.take(sources) for _ in range(5)]
    for connection in lent:
        kept.give(sources, connection)
    closed = 0
    for connection in lent:
        try:
            connection.execute("select 1")
        except duckdb.ConnectionException:
            closed += 1
    assert closed == 3
    kept.close()


def test_a_forked_child_starts_with_none() -> None:
    kept, sources = Kept(), Sources(())
    connection = kept.take(sources)
    kept.give(sources, connection)
    pid = os.fork()
    if pid == 0:  # nothing may be raised beyond this process
        own = kept.take(sources)
        fine = own is not connection and own.execute("select 1").fetchall() == [(1,)]
        os._exit(0 if fine else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert kept.take(sources) is connection
    connection.close()


def test_settings_are_locked_and_the_clock_is_utc() -> None:
    connection = locked(Sources(()))
    for query in ("set threads = 1", "set TimeZone = 'CET'", "pragma memory_limit='1GB'"):
        with pytest.raises(duckdb.Error, match="locked"):
            connection.execute(query)
    assert connection.execute("select current_setting('TimeZone')").fetchall() == [("UTC",)]
    connection.close()


def test_new_rows_are_seen_by_the_next_query(
    warehouse: Warehouse, tmp_path: Path, make_bars: Callable[..., object]
) -> None:
    for expected in range(3):
        warehouse.remember("k", str(expected), 1)
        found = warehouse.sql("select count(*) as n from bar_sets", arrow=True)
        assert found["n"][0].as_py() == expected
        warehouse.save_bars(make_bars(0, 5 + expected))  # type: ignore[arg-type]


def test_many_threads_ask_at_once(
    warehouse: Warehouse, tmp_path: Path, make_bars: Callable[..., object]
) -> None:
    warehouse.save_bars(make_bars(0, 50))  # type: ignore[arg-type]
    found: list[int] = []

    def ask(number: int) -> None:
        for _ in range(5):
            rows = warehouse.sql("select count(*) + $n as n from bars", {"n": number}, arrow=True)
            found.append(rows["n"][0].as_py() - number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [50] * 40


@pytest.mark.sqlite_only
def test_a_process_that_asked_ends_without_a_word(tmp_path: Path) -> None:
    code = (
        "import sys; from hyprl_lab.store import Warehouse; w = Warehouse(sys.argv[1]);"
        "print(len(w.sql('from runs', arrow=True))); pages = w.pages('from range(10)', rows=2);"
        "print(len(next(pages)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert (ran.stdout.split(), ran.stderr) == (["0", "2"], "")
