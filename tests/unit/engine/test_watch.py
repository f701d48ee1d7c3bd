"""Progress and cancellation of one run: who is told, when it stops."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from hyprl_lab.engine.watch import Watcher
from hyprl_lab.errors import CancelledError, ConfigError
from hyprl_lab.types import Progress


def test_only_who_has_somebody_is_needed() -> None:
    assert not Watcher().needed
    assert Watcher(lambda _: None).needed
    assert Watcher(None, threading.Event()).needed


def test_each_step_is_told_once_and_in_order() -> None:
    told: list[Progress] = []
    watch = Watcher(told.append)
    for done in (0, 10, 10, 5, 20):
        assert watch(done, 30) is False
    watch.finish(30)
    watch.finish(30)
    assert [(step.done, step.total) for step in told] == [(0, 30), (10, 30), (20, 30), (30, 30)]
    assert [step.seconds for step in told] == sorted(step.seconds for step in told)


def test_a_token_stops() -> None:
    token = threading.Event()
    watch = Watcher(None, token)
    watch.check_token()
    watch.check(1, 30)
    assert watch(2, 30) is False
    token.set()
    assert watch(3, 30) is True
    with pytest.raises(CancelledError, match="before its first bar"):
        watch.check_token()
    with pytest.raises(CancelledError, match="after 1,200 of 3,000 bars"):
        watch.check(1_200, 3_000)


@pytest.mark.parametrize("cancel", [object(), True, 1, "stop"])
def test_a_token_can_be_asked(cancel: Any) -> None:
    with pytest.raises(ConfigError, match=r"cancel=.*is_set\(\), such as a threading\.Event"):
        Watcher(None, cancel)


def test_a_callback_can_be_called() -> None:
    with pytest.raises(ConfigError, match="progress=3; expected a function"):
        Watcher(3)  # type: ignore[arg-type]


def test_what_the_callback_raises_is_the_callers() -> None:
    def tell(step: Progress) -> None:
        raise KeyError(step.done)

    with pytest.raises(KeyError):
        Watcher(tell)(7, 9)
