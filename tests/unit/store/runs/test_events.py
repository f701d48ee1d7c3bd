"""Events are numbered 1 … n in the order of their commits, whoever writes and whoever reads."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.errors import InputError
from hyprl_lab.store.runs import events
from hyprl_lab.store.runs.run_state import Submitted
from hyprl_lab.store.runs.states import RunStates

if TYPE_CHECKING:
    from hyprl_lab.store import Warehouse
    from hyprl_lab.store.runs.run_state import RunKey, RunState

WRITERS = 8
EACH = 25


def submitted(run_hash: str) -> Submitted:
    return Submitted(
        run_hash=run_hash, engine="native", engine_version="1", config={}, symbol="SPY",
        timeframe="1d", fingerprint="f", strategy_hash="h", strategy_name="cross",
    )  # fmt: skip


@pytest.fixture
def states(warehouse: Warehouse) -> RunStates:
    return RunStates(warehouse.control)


def filled(warehouse: Warehouse, states: RunStates, n: int) -> RunState:
    """A run with `n` events, the first of them `queued`."""
    key = states.submit(submitted("aa")).key
    run_id = states.get(key).run_id
    with warehouse.control.write() as transaction:
        for done in range(2, n + 1):
            body = {"attempt": 1, "done": done, "total": n}
            assert events.append(transaction, run_id, "progress", body) == done
    return states.get(key)


def test_a_reader_from_any_number_gets_what_comes_after_it(
    warehouse: Warehouse, states: RunStates
) -> None:
    run = filled(warehouse, states, 10)
    for after in range(12):
        found = states.events(run.key, after=after, limit=4)
        expected = list(range(after + 1, min(after + 4, 10) + 1))
        assert [event.seq for event in found.events] == expected
        assert (found.first_available, found.last) == (1, 10)
    assert [event.body["done"] for event in states.events(run.key, after=1).events] == [
        *range(2, 11)
    ]


def test_what_was_given_up_is_seen_as_a_gap(warehouse: Warehouse, states: RunStates) -> None:
    run = filled(warehouse, states, 10)
    assert states.prune(run.key, keep=4) == 6
    assert states.prune(run.key, keep=4) == 0
    assert states.prune(run.key, keep=100) == 0
    found = states.events(run.key, after=2)
    assert found.first_available == 7
    assert [event.seq for event in found.events] == [7, 8, 9, 10]
    states.cancel(run.key)
    assert states.events(run.key, after=10).events[0].seq == 11


def test_a_long_run_gives_up_its_oldest_events(
    warehouse: Warehouse, states: RunStates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "MOST_KEPT", 500)
    run = filled(warehouse, states, 1_203)
    assert (run.first_event, run.last_event) == (501, 1_203)
    assert len(states.events(run.key, limit=10_000).events) == 703


def test_what_can_not_be_asked_for(warehouse: Warehouse, states: RunStates) -> None:
    run = filled(warehouse, states, 3)
    for after, limit in ((-1, 5), (0, 0)):
        with pytest.raises(InputError, match=f"after={after}, limit={limit}"):
            states.events(run.key, after=after, limit=limit)
    with pytest.raises(InputError, match="the newest event stays"):
        states.prune(run.key, keep=0)


WRITER = """
import sys
from hyprl_lab.store import Warehouse
from hyprl_lab.store.runs import events
home, me, *runs = sys.argv[1:]
control = Warehouse(home).control
print("ready", flush=True)
sys.stdin.readline()
for i in range(int(runs.pop())):
    with control.write() as transaction:
        body = {"writer": int(me), "i": i}
        events.append(transaction, int(runs[i % len(runs)]), "progress", body)
"""


def test_eight_processes_number_events_without_a_gap_while_readers_see_prefixes(
    warehouse: Warehouse, states: RunStates
) -> None:
    runs = [states.submit(submitted(name)) for name in ("aa", "bb", "cc")]
    command = [sys.executable, "-c", WRITER, str(warehouse.home)]
    writers = []
    for me in range(WRITERS):  # all write to the first run, every other one to the two others too
        own = [runs[0].run_id] if me % 2 else [run.run_id for run in runs]
        told = [*command, str(me), *map(str, own), str(EACH)]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        writers.append(subprocess.Popen(told, **pipes, text=True, env=os.environ))
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    seen: dict[RunKey, list[int]] = {run.key: [] for run in runs}
    while any(writer.poll() is None for writer in writers):
        for key, numbers in seen.items():
            after = numbers[-1] if numbers else 0
            found = states.events(key, after=after, limit=7)
            numbers += [event.seq for event in found.events]
            assert found.last >= numbers[-1]
    for writer in writers:
        _, _ = writer.communicate()
        assert writer.returncode == 0
    total = 0
    for run in runs:
        whole = states.events(run.key, limit=10_000)
        numbers = [event.seq for event in whole.events]
        assert numbers == list(range(1, whole.last + 1))
        assert seen[run.key] == numbers[: len(seen[run.key])]
        times = [event.created_at for event in whole.events]
        assert times == sorted(times)
        for me in range(WRITERS):
            mine = [event.body["i"] for event in whole.events if event.body.get("writer") == me]
            assert mine == sorted(mine), "one writer's events keep its order"
        total += len(numbers) - 1  # but for `queued`
    assert total == WRITERS * EACH
