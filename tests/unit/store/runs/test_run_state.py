from __future__ import annotations

import pytest

from hyprl_lab.store.control.writer import Writer
from hyprl_lab.store.runs.run_state import RUN_STATES, RunKey, owner_of, state_of

ROW = {
    "run_id": 3,
    "run_hash": "aa",
    "engine": "python",
    "engine_version": "0.3.0",
    "state": "running",
    "attempt": 2,
    "config": '{"cash":10000}',
    "symbol": "SPY",
    "timeframe": "1d",
    "fingerprint": "f",
    "strategy_hash": "h",
    "strategy_name": "cross",
    "error": None,
    "first_event": 1,
    "last_event": 4,
    "machine": "here/pid",
    "boot": "b",
    "pid": 7,
    "process_start": 70,
    "heartbeat_at": 5,
    "created_at": 1,
    "updated_at": 6,
}


def test_a_row_becomes_a_state_with_its_owner() -> None:
    state = state_of(ROW)
    assert state.key == RunKey("aa", "python", "0.3.0")
    assert state.config == {"cash": 10_000}
    assert state.owner == Writer(machine="here/pid", boot="b", pid=7, process_start=70)
    assert (state.run_id, state.attempt, state.heartbeat_at, state.updated_at) == (3, 2, 5, 6)


def test_nobody_owns_what_is_not_running() -> None:
    assert owner_of(ROW | {"machine": None}) is None


@pytest.mark.parametrize("name", RUN_STATES)
def test_three_states_are_ends(name: str) -> None:
    assert state_of(ROW | {"state": name}).ended == (name not in ("queued", "running"))
