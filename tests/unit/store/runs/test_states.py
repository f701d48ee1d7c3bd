"""Who may change a run's state, and what is left of it."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from hyprl_lab.errors import InputError, NotFoundError
from hyprl_lab.store.control.writer import Writer
from hyprl_lab.store.runs.run_state import AttemptLostError, RunKey, Submitted
from hyprl_lab.store.runs.states import RunStates

if TYPE_CHECKING:
    from hyprl_lab.store import Warehouse
    from hyprl_lab.store.runs.run_state import Attempt

FILES = [
    {"file": "config.json", "size": 12, "sha256": "c" * 64},
    {"file": "trades.parquet", "size": 9_000, "sha256": "d" * 64, "content": "e" * 64},
]


def submitted(run_hash: str = "aa", **change: Any) -> Submitted:
    given: dict[str, Any] = {
        "run_hash": run_hash,
        "engine": "native",
        "engine_version": "1",
        "config": {"cash": 10_000.0, "seed": 0},
        "symbol": "SPY",
        "timeframe": "1d",
        "fingerprint": "f",
        "strategy_hash": "h",
        "strategy_name": "cross",
    }
    return Submitted(**given | change)


@pytest.fixture
def states(warehouse: Warehouse) -> RunStates:
    return RunStates(warehouse.control)


def begun(states: RunStates, run_hash: str = "aa") -> Attempt:
    attempt = states.start(states.submit(submitted(run_hash)).key)
    assert attempt is not None
    return attempt


def kinds(states: RunStates, key: RunKey) -> list[str]:
    found = states.events(key).events
    assert [event.seq for event in found] == list(range(1, len(found) + 1))
    return [event.kind for event in found]


def complete(warehouse: Warehouse, states: RunStates, attempt: int | None) -> None:
    with warehouse.control.write() as transaction:
        states.complete(transaction, submitted(), attempt, FILES)


def test_a_run_is_queued_once_and_keeps_what_it_was_submitted_with(states: RunStates) -> None:
    first = states.submit(submitted())
    again = states.submit(submitted())
    assert again == first == states.get(RunKey("aa", "native", "1")) == states.newest("aa")
    assert (first.run_id, first.state, first.attempt, first.last_event) == (0, "queued", 0, 1)
    assert first.config == {"cash": 10_000, "seed": 0}
    assert (first.symbol, first.timeframe, first.fingerprint) == ("SPY", "1d", "f")
    assert (first.strategy_hash, first.strategy_name, first.error) == ("h", "cross", None)
    assert (first.owner, first.heartbeat_at, first.ended) == (None, None, False)
    assert kinds(states, first.key) == ["queued"]


def test_engines_and_their_versions_have_states_of_their_own(states: RunStates) -> None:
    keys = [
        states.submit(submitted(engine=engine, engine_version=version)).key
        for engine, version in (("native", "1"), ("python", "1"), ("native", "2"))
    ]
    assert [state.key for state in states.list()] == keys[::-1]
    assert states.newest("aa").key == keys[2]


def test_what_was_never_submitted_is_not_found(states: RunStates) -> None:
    key = RunKey("bb", "native", "1")
    for call in (states.get, states.start, states.events, states.cancel):
        with pytest.raises(NotFoundError, match="bb by engine native 1 was never submitted"):
            call(key)
    with pytest.raises(NotFoundError, match="no run bb"):
        states.newest("bb")


def test_one_at_a_time_works_on_a_run(warehouse: Warehouse, states: RunStates) -> None:
    attempt = begun(states)
    assert attempt.number == 1
    assert states.start(attempt.key) is None
    assert RunStates(warehouse.control).start(attempt.key) is None  # as another object
    found = states.get(attempt.key)
    assert found.state == "running"
    assert found.owner is not None
    assert found.heartbeat_at is not None


def test_an_attempt_that_its_own_process_has_dropped_can_be_taken_over(states: RunStates) -> None:
    attempt = begun(states)
    key = attempt.key
    del attempt
    second = states.start(key)
    assert second is not None
    assert second.number == 2
    states.drop(second)
    third = states.start(key)
    assert third is not None
    assert third.number == 3
    assert states.events(key).events[-1].body == {"attempt": 3, "takes_over": True}


def test_a_run_that_is_stored_tells_of_its_files_and_ends(
    warehouse: Warehouse, states: RunStates
) -> None:
    attempt = begun(states)
    states.progress(attempt, 50, 200)
    complete(warehouse, states, attempt.number)
    found = states.get(attempt.key)
    assert (found.state, found.attempt, found.owner, found.ended) == ("completed", 1, None, True)
    bodies = [event.body for event in states.events(attempt.key).events]
    assert kinds(states, attempt.key) == [
        "queued", "running", "progress", "artifact", "artifact", "completed",
    ]  # fmt: skip
    assert bodies == [
        {"attempts": 0},
        {"attempt": 1, "takes_over": False},
        {"attempt": 1, "done": 50, "total": 200},
        {"attempt": 1, "file": "config.json", "size": 12, "sha256": "c" * 64},
        {"attempt": 1, "file": "trades.parquet", "size": 9_000, "sha256": "d" * 64},
        {"attempt": 1},
    ]
    assert states.submit(submitted(), retry=True) == found
    assert states.start(attempt.key) is None
    assert states.cancel(attempt.key) == found


def test_a_run_that_was_saved_without_a_submission_is_complete(
    warehouse: Warehouse, states: RunStates
) -> None:
    complete(warehouse, states, None)
    found = states.newest("aa")
    assert (found.state, found.attempt) == ("completed", 1)
    assert kinds(states, found.key) == ["artifact", "artifact", "completed"]


def test_who_computes_what_another_has_saved_meanwhile_is_told(
    warehouse: Warehouse, states: RunStates
) -> None:
    attempt = begun(states)
    complete(warehouse, states, None)
    with pytest.raises(AttemptLostError, match="attempt 1 at run aa has lost it: found it compl"):
        states.progress(attempt, 1, 2)
    assert states.newest("aa").state == "completed"


def test_a_failed_run_says_why_and_is_queued_again_on_request_only(states: RunStates) -> None:
    attempt = begun(states)
    states.fail(attempt, "ValueError: no\0 bar \ud800" + "x" * 10_000)
    failed = states.submit(submitted())
    assert failed.state == "failed"
    assert failed.error is not None
    assert failed.error.startswith("ValueError: no bar ?xx")
    assert len(failed.error) == 4_000
    assert states.start(attempt.key) is None
    again = states.submit(submitted(), retry=True)
    assert (again.state, again.error, again.attempt) == ("queued", None, 1)
    second = states.start(attempt.key)
    assert second is not None
    assert second.number == 2
    events = states.events(attempt.key).events
    assert kinds(states, attempt.key) == ["queued", "running", "failed", "queued", "running"]
    assert events[2].body == {"attempt": 1, "error": failed.error}
    assert events[3].body == {"attempts": 1}
    assert events[4].body == {"attempt": 2, "takes_over": False}


def test_cancelling_a_queued_run_lets_nobody_start_it(states: RunStates) -> None:
    key = states.submit(submitted()).key
    assert states.cancel(key).state == "cancelled"
    assert states.start(key) is None
    assert states.submit(submitted()).state == "cancelled"
    assert states.submit(submitted(), retry=True).state == "queued"
    assert kinds(states, key) == ["queued", "cancelled", "queued"]


def test_cancelling_a_running_one_fences_its_attempt_off(
    warehouse: Warehouse, states: RunStates
) -> None:
    attempt = begun(states)
    assert states.cancel(attempt.key).state == "cancelled"
    for refused in (
        lambda: states.progress(attempt, 1, 2),
        lambda: states.fail(attempt, "late"),
        lambda: states.cancel(attempt.key, attempt),
        lambda: complete(warehouse, states, attempt.number),
    ):
        with pytest.raises(AttemptLostError, match="found it cancelled, attempt 1"):
            refused()
    assert kinds(states, attempt.key) == ["queued", "running", "cancelled"]


def test_a_refused_storing_is_undone_whole(warehouse: Warehouse, states: RunStates) -> None:
    attempt = begun(states)
    states.cancel(attempt.key)
    states.submit(submitted(), retry=True)
    second = states.start(attempt.key)
    assert second is not None
    with pytest.raises(AttemptLostError, match="found it running, attempt 2"):
        complete(warehouse, states, attempt.number)
    complete(warehouse, states, second.number)
    assert kinds(states, attempt.key).count("completed") == 1


def test_runs_are_listed_by_state(states: RunStates) -> None:
    for name in ("aa", "bb", "cc"):
        states.submit(submitted(name))
    states.cancel(states.newest("bb").key)
    assert [state.run_hash for state in states.list()] == ["cc", "bb", "aa"]
    assert [state.run_hash for state in states.list("queued", limit=1)] == ["cc"]
    assert [state.run_hash for state in states.list("cancelled")] == ["bb"]
    with pytest.raises(InputError, match="'done'; expected one of"):
        states.list("done")  # type: ignore[arg-type]  # a wrong word


CHILD = """
import sys, time
from hyprl_lab.store import Warehouse
from hyprl_lab.store.runs.run_state import RunKey
from hyprl_lab.store.runs.states import RunStates
states = RunStates(Warehouse(sys.argv[1]).control)
attempt = states.start(RunKey("aa", "native", "1"))
print(attempt.number, flush=True)
time.sleep(60)
"""


def test_the_run_of_a_killed_process_is_taken_over_and_its_attempt_is_fenced_off(
    warehouse: Warehouse, states: RunStates
) -> None:
    key = states.submit(submitted()).key
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(warehouse.home)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "1\n"
        assert states.start(key) is None  # it lives
        child.kill()
    second = states.start(key)
    assert second is not None
    assert second.number == 2
    with pytest.raises(AttemptLostError, match="found it running, attempt 2"):
        complete(warehouse, states, 1)
    complete(warehouse, states, 2)
    assert kinds(states, key)[:3] == ["queued", "running", "running"]


def test_a_clock_that_jumps_back_takes_no_run_away_and_keeps_the_order(
    states: RunStates, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = begun(states)
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() - 86_400 * 10**9)
    states.progress(attempt, 1, 3)
    assert states.start(attempt.key) is None
    monkeypatch.setattr(time, "time_ns", lambda: real() + 86_400 * 10**9)
    states.progress(attempt, 2, 3)
    assert states.start(attempt.key) is None
    monkeypatch.setattr(time, "time_ns", real)
    states.progress(attempt, 3, 3)
    events = states.events(attempt.key).events
    assert [event.body.get("done") for event in events] == [None, None, 1, 2, 3]
    times = [event.created_at for event in events]
    assert times == sorted(times)
    assert states.get(attempt.key).updated_at == times[-1]


@pytest.mark.parametrize(("hours", "free"), [(-1.0, False), (0.9, False), (1.1, True)])
def test_a_process_of_another_machine_lives_for_an_hour_after_its_last_sign(
    states: RunStates, monkeypatch: pytest.MonkeyPatch, hours: float, free: bool
) -> None:
    key = states.submit(submitted()).key
    module = sys.modules[RunStates.__module__]
    with monkeypatch.context() as patch:
        patch.setattr(module, "this_writer", lambda: Writer("elsewhere/1", "b", 1, 1))
        attempt = states.start(key)
    assert attempt is not None
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + int(hours * 3_600e9))
    assert (states.start(key) is not None) == free
