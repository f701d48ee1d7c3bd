"""Where batches are evaluated: here, on a thread that calls the kernel, or elsewhere."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from hyprl_lab.research.search.evaluated import Evaluated
    from hyprl_lab.research.search.job import Job
    from hyprl_lab.research.space import Batch
    from hyprl_lab.types import CancelToken

__all__ = ["Evaluator", "LocalEvaluator", "Promise"]


class Promise(Protocol):
    """A batch that is being evaluated."""

    def done(self) -> bool:
        """Whether the result is there."""
        ...

    def result(self, timeout: float | None = None) -> Evaluated:
        """Return the result; raise `TimeoutError` where it takes more than so many seconds."""
        ...


class Evaluator(Protocol):
    """Evaluates batches, several at a time; a context manager that stops what still runs."""

    @property
    def width(self) -> int:
        """How many batches may be outstanding."""
        ...

    def submit(self, shard: int, batch: Batch) -> Promise:
        """Start to evaluate a batch."""
        ...

    def close(self) -> None:
        """Stop what still runs; its results are lost."""
        ...

    def __enter__(self) -> Self:
        """Return itself."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        ...


class LocalEvaluator:
    """Evaluates on one thread of this process; the kernel spreads a batch over its own threads.

    Three batches may be outstanding: one is written, one is evaluated, and one waits, so that the
    kernel has work whichever of the two takes longer.

    Parameters
    ----------
    job
        What is evaluated.
    threads
        Of the kernel; results do not depend on it.
    cancel
        A token that stops the kernel in the middle of a batch.
    """

    def __init__(self, job: Job, threads: int, cancel: CancelToken | None = None) -> None:
        self._job = job
        self._threads = threads
        self._cancel = cancel
        self._stopped = Event()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="hyprl-search")

    @property
    def width(self) -> int:
        """How many batches may be outstanding."""
        return 3

    def submit(self, shard: int, batch: Batch) -> Promise:  # noqa: ARG002 - others name tasks so
        """Start to evaluate a batch, after those that were given before."""
        return self._pool.submit(
            self._job.evaluate, batch, threads=self._threads, watch=self._watch
        )

    def close(self) -> None:
        """Stop the kernel, and wait until it has."""
        self._stopped.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def _watch(self, done: int, total: int) -> bool:  # noqa: ARG002 - what a kernel tells
        cancelled = self._cancel is not None and self._cancel.is_set()
        return cancelled or self._stopped.is_set()
