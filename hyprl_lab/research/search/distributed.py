"""A search on a Dask cluster: batches are evaluated on its workers, and committed here."""

from __future__ import annotations

import time
from concurrent.futures import CancelledError as TaskLost
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import ClusterError, ConfigError
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from distributed import Client

    from hyprl_lab.research.search.evaluated import Evaluated
    from hyprl_lab.research.search.job import Job
    from hyprl_lab.research.space import Batch

__all__ = ["DaskEvaluator", "check_cluster"]

_RETRIES: Final = 2
"""More tries of a batch whose evaluation raised: another worker may have the memory."""

_LOSSES: Final = 5
"""How often a batch is handed out again after the last copy of the job went with its worker."""

_WAIT_SECONDS: Final = 60.0
"""For a worker to come, where all are gone."""

_PAUSE_SECONDS: Final = 0.2
"""Before a dead worker's place is asked again: the scheduler may not have missed it yet."""


def check_cluster(client: object) -> Client:
    """Return a Dask client whose workers can evaluate for this process.

    Parameters
    ----------
    client
        What was given to `supersearch` as its client.

    Raises
    ------
    ConfigError
        `distributed` is not installed; it is no open, synchronous `distributed.Client`; there are
        no workers; or one of them has another version of the lab or of its engine.

    Examples
    --------
    >>> check_cluster(5)
    Traceback (most recent call last):
    hyprl_lab.errors.ConfigError: client is 5, expected an open dask.distributed.Client: \
client=Client('tcp://scheduler:8786')
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise ConfigError(
            f"a search with client= needs Dask, which can't be imported ({error}); install the "
            'extra `dask`: pip install "hyprl-lab[dask]"'
        ) from error
    if not isinstance(client, Client):
        raise ConfigError(
            f"client is {shown(client)}, expected an open dask.distributed.Client: "
            "client=Client('tcp://scheduler:8786')"
        )
    if client.asynchronous:
        raise ConfigError(
            "client is asynchronous, expected one that waits: Client(address) outside of async code"
        )
    if client.status != "running":
        raise ConfigError(
            f"client is {client.status}, expected an open one; connect again with Client(address)"
        )
    _check_versions(client)
    return client


class DaskEvaluator:
    """Evaluates batches on the workers of a Dask cluster, and hands the arrays back.

    The job, bars included, goes to every worker once; after that a batch is its points. Where a
    worker dies its batches go to others, and the job too where no copy is left. Each task runs on
    one thread, for a worker runs as many tasks as it has threads. Results are those of this
    process to the bit, and it alone writes the ledger.

    Parameters
    ----------
    client
        An open `distributed.Client`; it stays open.
    job
        What is evaluated.

    Raises
    ------
    ConfigError
        As `check_cluster`, before anything runs.

    Examples
    --------
    How a search on a cluster is called, and a cluster made: see docs/distributed.md.

    >>> DaskEvaluator(None, None)
    Traceback (most recent call last):
    hyprl_lab.errors.ConfigError: client is None, expected an open dask.distributed.Client: \
client=Client('tcp://scheduler:8786')
    """

    def __init__(self, client: object, job: Job) -> None:
        self._client: Any = check_cluster(client)  # Dask's methods have no types
        self._versions = _versions()
        self._parcel = _Parcel(job)
        self._promises: set[_DaskPromise] = set()
        self._closed = False
        self._shared = self._share()

    @property
    def width(self) -> int:
        """How many batches may be outstanding: two a thread, at least two; workers may join."""
        threads: int = sum(self._client.nthreads().values())
        return max(2, 2 * threads)

    def submit(self, shard: int, batch: Batch) -> _DaskPromise:
        """Start to evaluate a batch on some worker.

        Raises
        ------
        ClusterError
            The cluster is gone.
        """
        promise = _DaskPromise(self, shard, batch)
        self._promises.add(promise)
        return promise

    def close(self) -> None:
        """Cancel what is outstanding; a task that has begun ends on its worker, unheard."""
        if self._closed:
            return
        self._closed = True
        if self._client.status == "running":
            self._client.cancel([*(promise.future for promise in self._promises), self._shared])
        self._promises.clear()

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

    def start(self, batch: Batch) -> tuple[Any, Any]:
        """Hand a batch to the cluster; return its future, and that of the job it needs."""
        self._check_open()
        shared = self._shared
        future = self._client.submit(
            _evaluate, shared, batch, self._versions, pure=False, retries=_RETRIES
        )
        return future, shared

    def after_loss(self, shared: Any) -> None:
        """Put the job on the workers again, unless that was done since."""
        self._check_open()
        if shared is self._shared:
            self._shared = self._share()

    def forget(self, promise: _DaskPromise) -> None:
        """Let the workers drop a result that has arrived."""
        self._promises.discard(promise)

    def _share(self) -> Any:
        end = time.monotonic() + _WAIT_SECONDS
        while True:
            try:
                return self._client.scatter(
                    self._parcel, broadcast=True, hash=False, timeout=_WAIT_SECONDS
                )
            except OSError as error:  # a timeout too; and what a worker that just died causes
                self._check_open()
                if time.monotonic() > end:
                    raise ClusterError(
                        f"no worker of the cluster took the bars within {_WAIT_SECONDS:.0f} s "
                        f"({error}); start workers, and run the same call again: it goes on"
                    ) from error
            time.sleep(_PAUSE_SECONDS)

    def _check_open(self) -> None:
        if self._closed:
            raise ClusterError("this search is closed, its batches were cancelled; search again")
        if self._client.status != "running":
            raise ClusterError(
                f"the connection to Dask's scheduler is lost (the client is {self._client.status});"
                " connect again, and run the same call: it goes on from what is committed"
            )


class _DaskPromise:
    """A batch on its way; handed out again where what worked on it is gone."""

    def __init__(self, evaluator: DaskEvaluator, shard: int, batch: Batch) -> None:
        self._evaluator = evaluator
        self._shard = shard
        self._batch = batch
        self._losses = 0
        self.future, self._shared = evaluator.start(batch)

    def done(self) -> bool:
        """Whether `result` has something to say at once: arrays, an error or a loss."""
        return bool(self.future.done())

    def result(self, timeout: float | None = None) -> Evaluated:
        """Return the arrays.

        Raises
        ------
        TimeoutError
            It takes more than so many seconds.
        ClusterError
            The engine refuses the batch; or the cluster lost it again and again, or is gone.
        """
        from distributed import KilledWorker

        end = None if timeout is None else time.monotonic() + timeout
        while True:
            left = None if end is None else max(0.0, end - time.monotonic())
            try:
                found: Evaluated = self.future.result(timeout=left)
            except TaskLost as error:
                self._again(error)
            except KilledWorker as error:  # Dask tried it on several, and each died
                raise self._given_up(error) from error
            else:
                self._evaluator.forget(self)
                return found

    def _again(self, error: Exception) -> None:
        self._losses += 1
        if self._losses > _LOSSES:
            raise self._given_up(error) from error
        self._evaluator.after_loss(self._shared)
        self.future, self._shared = self._evaluator.start(self._batch)

    def _given_up(self, error: Exception) -> ClusterError:
        return ClusterError(
            f"shard {self._shard} was lost again and again with the workers that had it ({error}); "
            "see their logs, memory first of all. What is committed stays: the same call goes on"
        )


class _Parcel:
    """A job as it travels: where it is unpacked its arrays are copied, once.

    Dask cuts arrays out of what it received wherever they begin, and the engine wants them aligned.
    """

    def __init__(self, job: Job) -> None:
        self.job = job

    def __reduce__(self) -> tuple[Callable[[Job], _Parcel], tuple[Job]]:
        return _unpacked, (self.job,)


def _unpacked(job: Job) -> _Parcel:
    return _Parcel(deepcopy(job))


def _evaluate(parcel: _Parcel, batch: Batch, wanted: dict[str, str]) -> Evaluated:
    """Evaluate a batch, on a worker."""
    found = _versions()
    if found != wanted:  # it joined after the others were asked
        raise ConfigError(_other_versions("a worker that joined", found, wanted))
    aligned = replace(batch, values=batch.values.copy())
    return parcel.job.evaluate(aligned, threads=1)


def _versions() -> dict[str, str]:
    import hyprl_lab
    from hyprl_lab import kernels

    return {"hyprl_lab": hyprl_lab.__version__, "engine": kernels.VERSION}


def _check_versions(client: Client) -> None:
    """Ask every worker what it has; the question travels as code, as it may have no lab at all."""

    def look() -> dict[str, str]:
        try:
            import hyprl_lab
            from hyprl_lab.errors import EngineUnavailableError
        except ImportError as error:
            return {"hyprl_lab": f"missing ({error})"}
        try:
            from hyprl_lab import kernels
        except EngineUnavailableError as error:
            return {"hyprl_lab": hyprl_lab.__version__, "engine": f"missing ({error})"}
        return {"hyprl_lab": hyprl_lab.__version__, "engine": kernels.VERSION}

    asked: dict[str, Any] = client.run(look, on_error="return")
    answers = {address: found for address, found in asked.items() if not isinstance(found, OSError)}
    if not answers:  # one that just died is no worker
        raise ConfigError(
            "client has no workers, expected at least one; start `dask worker ADDRESS`, or wait "
            "for them: client.wait_for_workers(1)"
        )
    wanted = _versions()
    for address, found in sorted(answers.items()):
        if isinstance(found, Exception):
            raise found
        if found != wanted:
            raise ConfigError(_other_versions(f"worker {address}", found, wanted))


def _other_versions(who: str, found: dict[str, str], wanted: dict[str, str]) -> str:
    return (
        f"{who} has {_listed(found)}, expected {_listed(wanted)} as here; results must be "
        "the same everywhere: install the same version on every worker"
    )


def _listed(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())
