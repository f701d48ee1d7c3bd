"""Waiting for a shard: who holds it is said after some seconds, and its own holder never waits."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

from hyprl_lab.research import shard_wait
from hyprl_lab.store import ShardHeldError, ShardHeldHereError

if TYPE_CHECKING:
    from collections.abc import Iterator

HELD = ShardHeldError("shard 3 of study s is reserved by process 7 on desk, which still runs")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """A clock that only the waiting moves."""
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr("time.sleep", sleep)
    yield now
    monkeypatch.undo()


def test_who_holds_it_is_said_after_some_seconds_and_each_minute(
    clock: list[float], caplog: pytest.LogCaptureFixture
) -> None:
    wait = shard_wait.ShardWait()
    while clock[0] < 4.9:
        wait.pause(HELD)
    assert caplog.messages == []
    while clock[0] < 130:
        wait.pause(HELD)
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 3
    assert caplog.messages[0] == f"a search has waited for 5 seconds: {HELD}"


def test_a_thread_does_not_wait_for_itself(clock: list[float]) -> None:
    with pytest.raises(ShardHeldHereError, match="held here"):
        shard_wait.ShardWait().pause(ShardHeldHereError("held here"))
    assert clock == [0.0]
