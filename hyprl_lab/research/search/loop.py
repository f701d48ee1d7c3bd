"""The loop of a search: reserve a shard, have it evaluated, commit it, learn from it."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Protocol, cast

from hyprl_lab.errors import CancelledError
from hyprl_lab.progress import resident_memory
from hyprl_lab.research.shard_wait import ShardWait
from hyprl_lab.research.space import Points
from hyprl_lab.types import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    import numpy as np
    from numpy.typing import NDArray

    from hyprl_lab.research.search.book import Book
    from hyprl_lab.research.search.evaluated import Evaluated
    from hyprl_lab.research.search.evaluator import Evaluator, Promise
    from hyprl_lab.research.search.leaders import Leaders
    from hyprl_lab.research.search.stop import Stop
    from hyprl_lab.research.space import Batch
    from hyprl_lab.store import Reservation
    from hyprl_lab.types import FloatArray

__all__ = ["Learner", "Loop", "Ran"]

_WAIT_SECONDS: Final = 0.1
"""Between looks at what was submitted."""


class Learner(Points, Protocol):
    """Points that are chosen by what the ones before them scored."""

    @property
    def sampler(self) -> str:
        """The name of what chooses them."""
        ...

    def learn(
        self,
        batch: Batch,
        metrics: Mapping[str, FloatArray],
        states: NDArray[np.str_],
        *,
        recorded: FloatArray | None = None,
    ) -> None:
        """Take note of a batch; `recorded` are the points that the ledger has for it."""
        ...


@dataclass(slots=True)
class Ran:
    """What one call did.

    Parameters
    ----------
    evaluated
        Trials that it committed.
    first_error
        Why the first of those that failed did.
    """

    evaluated: int = 0
    first_error: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Open:
    """A shard that is reserved and being evaluated."""

    batch: Batch
    reservation: Reservation
    promise: Promise


@dataclass(slots=True, kw_only=True)
class Loop:
    """Runs the shards that are not in the ledger yet.

    The main thread reserves and commits, the evaluator evaluates; shards are committed as they
    arrive. Points that learn give their next batch once the one before was learned.

    Parameters
    ----------
    points
        What is searched.
    size
        Trials in a shard.
    book
        Where shards are entered.
    leaders
        Told of every shard that is committed.
    report
        Called with the progress.
    committed
        Trials in the ledger at the start.
    stop
        Looked at between two steps, and several times a second while there is nothing to do.
    """

    points: Points
    size: int
    book: Book
    leaders: Leaders
    report: Callable[[Progress], None]
    committed: int
    stop: Stop
    _ran: Ran = field(default_factory=Ran, init=False)
    _open: deque[_Open] = field(default_factory=deque, init=False)
    _done: int = field(default=0, init=False)
    _started: float = field(default_factory=time.perf_counter, init=False)

    def run(self, evaluator: Callable[[], Evaluator], live: Collection[int]) -> Ran:
        """Run until all shards are committed, or the search is asked to stop.

        Parameters
        ----------
        evaluator
            Makes one, which is closed when this returns; not called where nothing is to be done.
        live
            Shards that are committed already.
        """
        self._done = self.committed
        try:
            if self.committed:
                self._tell()
            if self._done < self.points.size and not self.stop.is_set():
                with evaluator() as made:
                    self._all(made, live)
        except CancelledError:
            if not self.stop.is_set():
                raise
        except KeyboardInterrupt:
            self.stop.ask()  # what is committed stays; the study so far is returned
        finally:
            for left in self._open:
                self.book.abandon(left.reservation)
        return self._ran

    def _all(self, evaluator: Evaluator, live: Collection[int]) -> None:
        for shard, batch in enumerate(self.points.batches(self.size)):
            reservation = None
            if shard not in live:
                while len(self._open) >= evaluator.width:
                    self._commit_next()
                if self.stop.is_set():
                    return
                reservation = self._reserved(shard, len(batch.values))
            if reservation is not None:
                self._open.append(_Open(batch, reservation, evaluator.submit(shard, batch)))
                if self.points.learns:
                    self._commit_next()
            elif shard not in live:  # another process was faster
                self._done += len(batch.values)
                self._read_back(batch)
                self._tell()
            elif self.points.learns:
                self._read_back(batch)
            if self.stop.is_set():
                return
        while self._open and not self.stop.is_set():
            self._commit_next()

    def _reserved(self, shard: int, rows: int) -> Reservation | None:
        """Announce a shard, after whoever has it let go; `None` where they committed it."""
        from hyprl_lab.store import ShardHeldError

        wait = ShardWait()
        while not self.stop.is_set():
            try:
                return self.book.reserve(shard, rows)
            except ShardHeldError as held:
                if self._open:
                    self._commit_next()
                else:
                    wait.pause(held)
        raise CancelledError("the search was asked to stop")

    def _commit_next(self) -> None:
        """Commit what has arrived, or the first that does."""
        arrived, found = self._arrived()
        batch = arrived.batch
        if self.book.commit(arrived.reservation, batch, found):
            self._ran.evaluated += len(batch.values)
        self._open.remove(arrived)  # not before: what could not be written is given back
        self._ran.first_error = self._ran.first_error or found.first_error
        self._done += len(batch.values)
        self.leaders.see(batch.first, batch.values, found.metrics, found.states)
        if self.points.learns:
            cast("Learner", self.points).learn(batch, found.metrics, found.states)
        self._tell()

    def _arrived(self) -> tuple[_Open, Evaluated]:
        while True:
            for waiting in self._open:
                if waiting.promise.done():
                    return waiting, waiting.promise.result()
            if self.stop.is_set():
                raise CancelledError("the search was asked to stop")
            oldest = self._open[0]
            try:
                return oldest, oldest.promise.result(timeout=_WAIT_SECONDS)
            except TimeoutError:
                continue

    def _read_back(self, batch: Batch) -> None:
        """Take note of what an earlier call, or another process, committed."""
        known = self.book.read(batch)
        if self.points.learns:
            learner = cast("Learner", self.points)
            learner.learn(batch, known.metrics, known.states, recorded=known.values)
        self.leaders.see(batch.first, batch.values, known.metrics, known.states)

    def _tell(self) -> None:
        self.report(
            Progress(
                self._done,
                self.points.size,
                time.perf_counter() - self._started,
                self.leaders.best,
                resident_memory(),
                self.leaders(),
                before=self.committed,
            )
        )
