"""Scores of markets, in order, on several threads, until there are enough of them."""

from __future__ import annotations

import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.errors import CancelledError
from hyprl_lab.research.null.result import exceedances_at
from hyprl_lab.types import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from hyprl_lab.research.null.kept import Kept
    from hyprl_lab.types import CancelToken, FloatArray, ProgressCallback

    Watch = Callable[[int, int], bool]
    Score = Callable[[int, Watch], float]

__all__ = ["Draws"]

_KEPT_SECONDS: Final = 2.0
"""What a killed run loses at most, beside the markets that were being searched."""

_TOLD_SECONDS: Final = 0.05
"""Between two steps that are told, so that many small markets are not slowed."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Draws:
    """How the scores of markets are made.

    Parameters
    ----------
    score
        From a market's number to its score; its second argument is asked whether to stop.
    real
        What scores are compared with.
    markets
        The most.
    stop_after
        Scores of at least `real` that are enough; `None`: all markets are made.
    workers
        Threads, each with a market of its own.
    kept
        What earlier runs made, and where this one keeps what it makes.
    """

    score: Score
    real: float
    markets: int
    stop_after: int | None
    workers: int
    kept: Kept

    def run(self, report: ProgressCallback, cancel: CancelToken | None) -> FloatArray:
        """Return the scores of markets 0, 1, 2, …, up to the last that is needed.

        Parameters
        ----------
        report
            Called with the markets that are done, several times a second.
        cancel
            Stops the work; what is done is kept.

        Raises
        ------
        CancelledError
            `cancel` was set.
        """
        found = self.kept.scores(self.markets)
        enough = self._enough(found)
        if enough is None:
            found = self._went_on(found, report, cancel)
            enough = self._enough(found)
        else:
            report(Progress(enough, self.markets, 0.0, before=enough))
        return found[:enough]

    def _enough(self, scores: FloatArray) -> int | None:
        """Return how many of the scores are needed, `None` where more are."""
        stopped = exceedances_at(scores, self.real, self.stop_after)
        return len(scores) if stopped is None and len(scores) >= self.markets else stopped

    def _went_on(
        self, before: FloatArray, report: ProgressCallback, cancel: CancelToken | None
    ) -> FloatArray:
        started = last = moment = time.perf_counter()
        exceeded = int(np.count_nonzero(before >= self.real))
        made, kept = before.tolist(), len(before)
        try:
            for score in self._made(len(before), cancel):
                made.append(score)
                exceeded += score >= self.real
                done = exceeded == self.stop_after or len(made) == self.markets
                now = time.perf_counter()
                if now - last >= _KEPT_SECONDS:
                    self.kept.keep(kept, made[kept:])
                    last, kept = now, len(made)
                if done or now - moment >= _TOLD_SECONDS:
                    moment = now
                    report(Progress(len(made), self.markets, now - started, before=len(before)))
                if done:
                    break
        except CancelledError as error:
            if cancel is None or not cancel.is_set():
                raise
            raise CancelledError(
                f"stopped after {len(made):,} of {self.markets:,} markets; they are kept, and the "
                "same call goes on from there"
            ) from error
        finally:
            self.kept.keep(kept, made[kept:])
        return np.array(made)

    def _made(self, first: int, cancel: CancelToken | None) -> Iterator[float]:
        """Yield scores in the order of markets, a few of which are always under way."""
        stopped = Event()

        def watch(done: int, total: int) -> bool:  # noqa: ARG001 - what a kernel tells
            return stopped.is_set() or (cancel is not None and cancel.is_set())

        waiting: deque[Future[float]] = deque()
        with ThreadPoolExecutor(self.workers, thread_name_prefix="hyprl-null") as pool:
            try:
                for number in range(first, self.markets):
                    waiting.append(pool.submit(self.score, number, watch))
                    if len(waiting) > 2 * self.workers:
                        yield waiting.popleft().result()
                while waiting:
                    yield waiting.popleft().result()
            finally:
                stopped.set()
                for left in waiting:
                    left.cancel()
