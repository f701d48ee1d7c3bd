"""The loop: what is reserved, committed, learned and given back, in which order."""

from __future__ import annotations

import signal
import threading
from concurrent.futures import Future
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from hyprl_lab.errors import StrategyError, WarehouseError
from hyprl_lab.research.search.loop import Loop
from hyprl_lab.research.search.stop import Stop
from hyprl_lab.research.space import Batch
from hyprl_lab.store import ShardHeldError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hyprl_lab.types import Progress


class Points:
    """Four shards of two points; they keep what they learned."""

    names = ("n",)
    size = 8

    def __init__(self, log: list[str], *, learns: bool = False) -> None:
        self.learns, self._log = learns, log

    def batches(self, size: int) -> Iterator[Batch]:
        for first in range(0, self.size, size):
            self._log.append(f"ask {first // size}")
            yield Batch(first, np.arange(first, first + size, dtype=np.float64)[:, None])

    def learn(self, batch: Batch, metrics: object, states: object, recorded: object = None) -> None:
        del metrics, states
        self._log.append(f"learn {batch.first // 2}{' again' if recorded is not None else ''}")


class Book:
    """A ledger in memory."""

    def __init__(self, log: list[str], *, held: int = -1, live: int = -1, full: int = -1) -> None:
        self.log, self.held, self.live, self.full, self.tries = log, held, live, full, 0

    def reserve(self, shard: int, rows: int) -> str | None:
        del rows
        if shard == self.held and self.tries < 2:
            self.tries += 1
            raise ShardHeldError("held")
        self.log.append(f"reserve {shard}")
        return None if shard == self.live else str(shard)

    def commit(self, reservation: str, batch: Batch, found: object) -> bool:
        del batch, found
        if reservation == str(self.full):
            raise WarehouseError("no space left on the disk")
        self.log.append(f"commit {reservation}")
        return True

    def abandon(self, reservation: str) -> None:
        self.log.append(f"abandon {reservation}")

    def read(self, batch: Batch) -> SimpleNamespace:
        return SimpleNamespace(metrics={}, states=np.array([]), values=batch.values)


class Evaluator:
    """Answers at once, but for those shards that come later than the next one."""

    def __init__(self, log: list[str], *, width: int = 2, late: int = -1, bad: int = -1) -> None:
        self.log, self.width, self.late, self.bad = log, width, late, bad
        self._waiting: list[Future[SimpleNamespace]] = []

    def submit(self, shard: int, batch: Batch) -> Future[SimpleNamespace]:
        self.log.append(f"submit {shard}")
        found = SimpleNamespace(first_error=f"error of {shard}", metrics={}, states=batch.values)
        promise: Future[SimpleNamespace] = Future()
        if shard == self.bad:
            promise.set_exception(StrategyError("no such column"))
        elif shard == self.late:
            self._waiting.append(promise)
            promise.answer = found  # type: ignore[attr-defined]  # kept until the next one
        else:
            promise.set_result(found)
            for late in self._waiting:
                threading.Timer(0.05, late.set_result, [late.answer]).start()  # type: ignore[attr-defined]
            self._waiting.clear()
        return promise

    def close(self) -> None:
        self.log.append("close")

    def __enter__(self) -> Evaluator:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Leaders:
    """Nobody leads."""

    best = None

    def __init__(self, log: list[str]) -> None:
        self.log = log

    def see(self, first: int, *_: object) -> None:
        self.log.append(f"see {first // 2}")

    def __call__(self) -> tuple[()]:
        return ()


def loop(log: list[str], points: Points, book: Book, **options: object) -> Loop:
    def report(step: Progress) -> None:
        log.append(f"{step.done}/{step.total}")

    given = {"report": report, "committed": 0, "stop": Stop(), **options}
    return Loop(points=points, size=2, book=book, leaders=Leaders(log), **given)


def only(log: list[str], *words: str) -> list[str]:
    return [line for line in log if line.split()[0] in words]


def test_each_shard_is_announced_before_it_is_evaluated_and_two_are_outstanding() -> None:
    log: list[str] = []
    ran = loop(log, Points(log), Book(log)).run(lambda: Evaluator(log), [])
    assert (ran.evaluated, ran.first_error) == (8, "error of 0")
    assert only(log, "reserve", "submit", "commit", "close") == [
        *("reserve 0", "submit 0", "reserve 1", "submit 1", "commit 0"),
        *("reserve 2", "submit 2", "commit 1", "reserve 3", "submit 3", "commit 2", "commit 3"),
        "close",
    ]
    assert [line for line in log if "/" in line] == ["2/8", "4/8", "6/8", "8/8"]


def test_what_arrives_first_is_committed_first() -> None:
    log: list[str] = []
    ran = loop(log, Points(log), Book(log)).run(lambda: Evaluator(log, late=0), [])
    assert ran.evaluated == 8
    assert only(log, "commit")[0] == "commit 1"
    assert sorted(only(log, "commit")) == [f"commit {shard}" for shard in range(4)]


def test_live_shards_are_skipped_and_count_from_the_start() -> None:
    log: list[str] = []
    ran = loop(log, Points(log), Book(log, live=2), committed=2).run(lambda: Evaluator(log), {0})
    assert ran.evaluated == 4  # another process committed shard 2 in the meantime
    assert only(log, "submit") == ["submit 1", "submit 3"]
    assert next(line for line in log if "/" in line) == "2/8"
    assert [line for line in log if "/" in line] == ["2/8", "4/8", "6/8", "8/8"]
    assert sorted(only(log, "see")) == ["see 1", "see 2", "see 3"]  # shard 0: from the ledger


def test_where_all_is_committed_nothing_is_made_or_asked() -> None:
    log: list[str] = []
    points = Points(log, learns=True)
    ran = loop(log, points, Book(log), committed=8).run(lambda: pytest.fail("made"), range(4))
    assert (ran.evaluated, log) == (0, ["8/8"])


def test_what_could_not_be_written_is_given_back() -> None:
    log: list[str] = []
    with pytest.raises(WarehouseError, match="no space"):
        loop(log, Points(log), Book(log, full=1)).run(lambda: Evaluator(log), [])
    assert only(log, "commit", "close", "abandon") == [
        *("commit 0", "close", "abandon 1", "abandon 2"),
    ]


def test_points_that_learn_are_asked_once_the_last_answer_is_known() -> None:
    log: list[str] = []
    points = Points(log, learns=True)
    loop(log, points, Book(log, live=1), committed=2).run(lambda: Evaluator(log), {0})
    assert only(log, "ask", "learn") == [
        *("ask 0", "learn 0 again", "ask 1", "learn 1 again"),
        *("ask 2", "learn 2", "ask 3", "learn 3"),
    ]


def test_a_held_shard_is_waited_for_while_others_are_committed() -> None:
    log: list[str] = []
    ran = loop(log, Points(log), Book(log, held=1)).run(lambda: Evaluator(log), [])
    assert ran.evaluated == 8
    assert log.index("commit 0") < log.index("reserve 1")


def test_the_token_leaves_the_rest_and_gives_reservations_back() -> None:
    log: list[str] = []
    token = threading.Event()

    def report(_: Progress) -> None:
        token.set()

    ran = loop(log, Points(log), Book(log), stop=Stop(token), report=report).run(
        lambda: Evaluator(log), []
    )
    assert ran.evaluated == 2
    assert only(log, "commit", "abandon", "close") == ["commit 0", "close", "abandon 1"]


def test_a_token_that_is_set_evaluates_nothing() -> None:
    log: list[str] = []
    token = threading.Event()
    token.set()
    ran = loop(log, Points(log), Book(log), stop=Stop(token)).run(lambda: Evaluator(log), [])
    assert ran.evaluated == 0
    assert only(log, "reserve", "submit") == []


def test_an_interrupt_of_the_report_leaves_what_is_committed() -> None:
    log: list[str] = []

    def report(_: Progress) -> None:
        raise KeyboardInterrupt

    stop = Stop()
    ran = loop(log, Points(log), Book(log), report=report, stop=stop).run(
        lambda: Evaluator(log), []
    )
    assert (ran.evaluated, stop.is_set()) == (2, True)
    assert only(log, "close", "abandon") == ["close", "abandon 1"]


@pytest.mark.parametrize("step", ["reserve", "commit"])
def test_ctrl_c_lets_a_step_of_the_ledger_end(step: str) -> None:
    log: list[str] = []

    class Pressed(Book):
        """Ctrl-C comes in the middle of each step of this kind."""

        def reserve(self, shard: int, rows: int) -> str | None:
            if step == "reserve":
                signal.raise_signal(signal.SIGINT)
            return super().reserve(shard, rows)

        def commit(self, reservation: str, batch: Batch, found: object) -> bool:
            if step == "commit":
                signal.raise_signal(signal.SIGINT)
            return super().commit(reservation, batch, found)

    with Stop() as stop:
        ran = loop(log, Points(log), Pressed(log), stop=stop).run(lambda: Evaluator(log), [])
    assert stop.is_set()
    done = {"reserve": ["abandon 0"], "commit": ["commit 0", "abandon 1"]}[step]
    assert only(log, "commit", "abandon") == done
    assert ran.evaluated == 2 * (step == "commit")


def test_an_error_of_the_engine_reaches_the_caller() -> None:
    log: list[str] = []
    with pytest.raises(StrategyError, match="no such column"):
        loop(log, Points(log), Book(log)).run(lambda: Evaluator(log, bad=1), [])
    assert only(log, "commit", "close") == ["commit 0", "close"]
