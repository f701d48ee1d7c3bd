"""The local evaluator: in order, on a thread of its own, stopped at once."""

from __future__ import annotations

import threading
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from hyprl_lab.errors import CancelledError
from hyprl_lab.research.search.evaluator import LocalEvaluator
from hyprl_lab.research.space import Batch

if TYPE_CHECKING:
    from collections.abc import Callable


class Slow:
    """A job that works until it is told to stop, and says on which thread."""

    def __init__(self) -> None:
        self.began = threading.Event()
        self.threads: list[tuple[int, int]] = []

    def evaluate(
        self, batch: Batch, *, threads: int, watch: Callable[[int, int], bool]
    ) -> SimpleNamespace:
        self.threads.append((threading.get_ident(), threads))
        self.began.set()
        if batch.first < 0:
            while not watch(0, 1):
                time.sleep(0.001)
            raise CancelledError("stopped")
        return SimpleNamespace(first=batch.first)


def batch(first: int) -> Batch:
    return Batch(first, np.zeros((1, 1)))


def test_batches_are_evaluated_in_order_on_another_thread() -> None:
    job = Slow()
    with LocalEvaluator(job, 3) as evaluator:
        promises = [evaluator.submit(shard, batch(shard)) for shard in range(evaluator.width)]
        assert [promise.result().first for promise in promises] == list(range(evaluator.width))
    assert len(set(job.threads)) == 1
    assert job.threads[0] != (threading.get_ident(), 3)
    assert job.threads[0][1] == 3


def test_leaving_stops_what_runs_and_drops_what_waits() -> None:
    job = Slow()
    with LocalEvaluator(job, 1) as evaluator:
        running, waiting = evaluator.submit(0, batch(-1)), evaluator.submit(1, batch(1))
        with pytest.raises(TimeoutError):
            running.result(timeout=0.01)
        assert job.began.wait(5)
    with pytest.raises(CancelledError):
        running.result()
    assert waiting.cancelled()
    assert len(job.threads) == 1


def test_the_callers_token_stops_it_too() -> None:
    token = threading.Event()
    with LocalEvaluator(Slow(), 1, token) as evaluator:
        running = evaluator.submit(0, batch(-1))
        token.set()
        with pytest.raises(CancelledError):
            running.result(timeout=5)
