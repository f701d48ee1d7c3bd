"""A clock that jumps, here or in another process: nothing is lost, and nobody is taken for dead."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from crew import ROWS, commit, goes_on, prepared, run_hash, run_record, trial_row

from hyprl_lab.store.parts.leases import Lease, LeaseHeldError

if TYPE_CHECKING:
    from collections.abc import Callable

DAY_NS = 86_400_000_000_000

IN_ANOTHER_TIME = """
import sys, time
shift = int(sys.argv[2])
plain_ns, plain = time.time_ns, time.time
time.time_ns = lambda: plain_ns() + shift
time.time = lambda: plain() + shift / 1e9
from crew import begin, commit, run_record, trial_row
from hyprl_lab.store import Warehouse
from hyprl_lab.store.parts.leases import Lease, LeaseHeldError

warehouse = Warehouse(sys.argv[1])
root, _ = begin(warehouse, "s", 6)
"""


def in_another_time(home: Path, shift_ns: int, code: str) -> str:
    """Run code in a process whose clock is off."""
    support = str(Path(__file__).resolve().parents[1] / "support")
    done = subprocess.run(
        [sys.executable, "-c", IN_ANOTHER_TIME + code, str(home), str(shift_ns)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": support},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def jump(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Move this process's clock by so many nanoseconds."""
    plain_ns, plain = time.time_ns, time.time

    def to(shift_ns: int) -> None:
        monkeypatch.setattr(time, "time_ns", lambda: plain_ns() + shift_ns)
        monkeypatch.setattr(time, "time", lambda: plain() + shift_ns / 1e9)

    return to


def test_a_clock_that_jumps_back_loses_nothing(tmp_path: Path, jump: Callable[[int], None]) -> None:
    home = tmp_path / "home"
    warehouse, root = prepared(home)
    states = warehouse.run_states
    key = states.submit(run_record(root, 50)).key
    jump(-DAY_NS)
    attempt = states.start(key)
    assert attempt is not None
    states.progress(attempt, 1, 2)
    commit(warehouse, "s", root, 2)
    warehouse.save_run(run_record(root, 1))
    warehouse.record_trial(trial_row(root, 3))
    warehouse.flush()
    assert warehouse.verify().ok
    assert warehouse.compact().inputs > 0
    in_another_time(
        home,
        -2 * DAY_NS,
        """
commit(warehouse, "s", root, 3)
warehouse.save_run(run_record(root, 2))
warehouse.record_trial(trial_row(root, 4))
""",
    )
    jump(0)
    states.fail(attempt, "no bars")
    events = states.events(key).events
    assert [event.seq for event in events] == [1, 2, 3, 4]
    assert [event.kind for event in events] == ["queued", "running", "progress", "failed"]
    assert [event.kind for event in states.events(key, after=2).events] == ["progress", "failed"]
    warehouse.save_run(run_record(root, 3))
    assert [run.run_hash for run in warehouse.list_runs()] == [run_hash(n) for n in range(4)]
    with warehouse.control.read() as transaction:
        links = transaction.rows("chain.all")
    assert [link["seq"] for link in links] == list(range(len(links)))
    found = warehouse.sql("select trial_index from trials where study_id = 'backtest' order by 1")
    assert found["trial_index"].tolist() == [0, 1, 2, 3, 4]
    in_another_time(home, DAY_NS, "warehouse.sweep(); warehouse.compact(); warehouse.sweep()")
    in_another_time(home, -DAY_NS, "warehouse.sweep()")
    assert sum(warehouse.study("s").live.values()) == 4 * ROWS
    assert warehouse.verify().ok
    goes_on(warehouse, root)


@pytest.mark.parametrize("shift", [-DAY_NS, DAY_NS])
def test_no_clock_takes_a_living_process_for_dead(shift: int, tmp_path: Path) -> None:
    home = tmp_path / "home"
    warehouse, root = prepared(home)
    reservation = warehouse.reserve_shard("s", 2, ROWS)
    with warehouse.pages(
        "select trial_index from trials where study_id = 's' order by 1", rows=7
    ) as pages:
        first = next(pages)
        with Lease.take(warehouse.control, "mine"):
            said = in_another_time(
                home,
                shift,
                """
before = {path.name for path in (warehouse.home / "warehouse/parts").iterdir()}
print(warehouse.compact().inputs)
warehouse.sweep()
print(before <= {path.name for path in (warehouse.home / "warehouse/parts").iterdir()})
try:
    with Lease.take(warehouse.control, "mine"):
        print("taken")
except LeaseHeldError:
    print("held")
""",
            )
        assert said.split() == ["4", "True", "held"]
        rest = [index for table in pages for index in table["trial_index"].to_pylist()]
    assert first["trial_index"].to_pylist() + rest == list(range(2 * ROWS))
    warehouse.abandon_shard(reservation)
    goes_on(warehouse, root)


@pytest.mark.parametrize("shift", [-DAY_NS, DAY_NS])
def test_no_clock_keeps_a_dead_process_alive(shift: int, tmp_path: Path) -> None:
    home = tmp_path / "home"
    warehouse, root = prepared(home)
    in_another_time(
        home,
        shift,
        """
import os
reservation = warehouse.reserve_shard("s", 2, 50)
with Lease.take(warehouse.control, "maintenance"):
    os._exit(0)
""",
    )
    assert warehouse.status().pending_parts == 2
    assert warehouse.compact().inputs == 4
    warehouse.sweep()
    assert warehouse.status().pending_parts == 0
    goes_on(warehouse, root)


def test_a_lease_held_here_is_held_for_another_thread(tmp_path: Path) -> None:
    warehouse, _ = prepared(tmp_path / "home")
    with Lease.take(warehouse.control, "maintenance"), pytest.raises(LeaseHeldError):
        warehouse.compact()
    assert warehouse.compact().inputs == 4
