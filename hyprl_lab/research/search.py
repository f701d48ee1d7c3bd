"""The supersearch: every point of a space evaluated natively, every trial in the ledger."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from hyprl_lab.data.given import checked_bars
from hyprl_lab.engine import native
from hyprl_lab.engine.backtest import engine_version, inputs
from hyprl_lab.engine.config import DEFAULTS, SEMANTICS, Execution, Risk, checked_seed
from hyprl_lab.engine.period import Period
from hyprl_lab.errors import ConfigError, SpaceError
from hyprl_lab.hashing import digest
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.progress import reporter
from hyprl_lab.research.space import grid
from hyprl_lab.research.study import Ranking, Study
from hyprl_lab.types import Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hyprl_lab.data.bars import Bars
    from hyprl_lab.engine.simulation import SimulationInputs
    from hyprl_lab.kernels import SearchArrays
    from hyprl_lab.research.space import Batch, Grid, SpaceLike
    from hyprl_lab.store import Reservation, Warehouse
    from hyprl_lab.strategy.strategy import Strategy
    from hyprl_lab.types import CancelToken, FloatArray, JsonValue, ProgressCallback

__all__ = ["supersearch"]

_SHARD_BARS: Final = 1 << 26
"""Bars times trials in a shard: some tenths of a second of work."""

_WAIT_SECONDS: Final = 0.1
"""Between looks at a shard that another process is evaluating."""

_SHARD_TRIALS: Final = (64, 1 << 14)
"""Fewest and most trials in a shard."""


def supersearch(
    bars: Bars,
    strategy: Strategy,
    space: SpaceLike | None = None,
    *,
    where: str | None = None,
    objective: str = "sharpe",
    constraints: Sequence[str] = (),
    holdout: float = 0.2,
    risk: Risk = DEFAULTS.risk,
    execution: Execution = DEFAULTS.execution,
    cash: float = DEFAULTS.cash,
    seed: int = DEFAULTS.seed,
    threads: int | None = None,
    ledger: Literal["full", "summary"] = DEFAULTS.ledger,
    progress: bool | ProgressCallback = False,
    cancel: CancelToken | None = None,
    warehouse: Warehouse | None = None,
) -> Study:
    """Evaluate every point of a space and rank what meets the constraints.

    Every trial reaches the ledger. Running the same search again evaluates nothing that is there
    already, so an interrupted one goes on where it stopped. Results do not depend on `threads`.

    Parameters
    ----------
    bars
        The series.
    strategy
        The graph.
    space
        For each parameter a `range`, a list or an array; a parameter left out takes its own
        whole-numbered range.
    where
        Which points belong to the space, a condition over parameters: `"fast < slow"`.
    objective
        A number over metrics to make as large as possible.
    constraints
        Conditions over metrics that a ranked trial meets: `["max_drawdown <= 0.3"]`.
    holdout
        The last share of the bars, 0 ≤ holdout < 1, that the search never sees.
    risk, execution, cash
        As for `hl.backtest`.
    seed
        Part of the study's identity; nothing in a grid is random.
    threads
        Worker threads; all cores where `None`.
    ledger
        `"full"` stores block moments with each trial, `"summary"` metrics alone.
    progress
        `True` draws a bar; a callable gets a `Progress` after each shard.
    cancel
        A token looked at between shards; when it is set, the study so far is returned, as it is
        on Ctrl-C.
    warehouse
        The ledger; the one of `HYPRL_HOME` where `None`.

    Raises
    ------
    SpaceError
        The space, a condition or the objective is wrong; said before anything runs.
    ConfigError
        A setting is out of range.
    BarsError, StrategyError
        A column is missing, a node can't be evaluated.

    Examples
    --------
    >>> import tempfile
    >>> from hyprl_lab.data import load_bars
    >>> from hyprl_lab.store import Warehouse
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> study = supersearch(
    ...     load_bars("TEST"), dual_sma(), {"fast": range(5, 8), "slow": [20, 30]},
    ...     constraints=["trades >= 1"], warehouse=Warehouse(tempfile.mkdtemp()))
    >>> study.total, len(study.trials())
    (6, 6)
    """
    started = time.perf_counter()
    if ledger not in ("full", "summary"):
        raise ConfigError(f"ledger is {ledger!r}; choose 'full' or 'summary'")
    checked_bars(bars)
    points = grid(strategy, space, where)
    ranking = Ranking.of(objective, constraints)
    search_bars, holdout_start = _split(bars, holdout)
    window = Period().window(search_bars)
    first = next(points.batches(1)).values[0]
    simulation = inputs(
        search_bars,
        strategy,
        dict(zip(points.names, first.tolist(), strict=True)),
        risk=risk,
        execution=execution,
        cash=cash,
        window=window,
    )
    from hyprl_lab.store import default, trial_key_prefix

    store = default() if warehouse is None else warehouse
    job = _Job(
        points=points,
        simulation=simulation,
        threads=_threads(threads),
        size=_shard_size(len(search_bars)),
    )
    spec: dict[str, JsonValue] = {
        "fingerprint": search_bars.fingerprint,
        "calendar": search_bars.calendar,
        "strategy": strategy.canonical(),
        "space": points.to_json(),
        "objective": objective,
        "constraints": list(constraints),
        "holdout_start": holdout_start,
        "risk": risk.to_json(),
        "execution": execution.to_json(),
        "cash": simulation.cash,
        "seed": checked_seed(seed),
        "ledger": ledger,
        "periods_per_year": simulation.periods_per_year,
        "shard_size": job.size,
        "semantics": SEMANTICS,
        "engine_version": engine_version("native"),
    }
    root = store.lineage_root(bars)
    study_id = digest({**spec, "lineage_root": root})
    state = store.open_study(
        study_id,
        spec=spec,
        bars=search_bars,
        lineage_root=root,
        strategy=strategy,
        total=points.size,
    )
    book = _Book(
        store=store,
        study_id=study_id,
        prefix=trial_key_prefix(strategy.hash, risk.to_json(), execution.to_json(), root),
        lineage_root=root,
        blocks=ledger == "full",
    )
    with reporter(progress, f"searching {strategy.name}") as report:
        ran = _run(
            job, book, done=frozenset(state.live), ranking=ranking, report=report, cancel=cancel
        )
    complete = state.committed + ran.evaluated + ran.by_others == points.size
    if complete and state.state != "completed":
        store.complete_study(study_id, {"trials": points.size})
    return Study(
        study_id=study_id,
        bars=bars,
        search_bars=search_bars,
        holdout_start=holdout_start,
        strategy=strategy,
        space=space,
        where=where,
        objective=objective,
        constraints=tuple(constraints),
        risk=risk,
        execution=execution,
        cash=simulation.cash,
        seed=seed,
        lineage_root=root,
        total=points.size,
        evaluated=ran.evaluated,
        first_error=ran.first_error,
        seconds=time.perf_counter() - started,
        complete=complete,
        ranking=ranking,
        warehouse=store,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """What is evaluated, and how it is cut."""

    points: Grid
    simulation: SimulationInputs
    threads: int
    size: int

    def evaluate(self, batch: Batch) -> SearchArrays:
        from hyprl_lab import kernels

        return kernels.search(
            self.simulation.columns,
            native.setup(self.simulation),
            batch.values,
            threads=self.threads,
        )


@dataclass(slots=True)
class _Ran:
    """What one call did."""

    evaluated: int = 0
    by_others: int = 0
    first_error: str | None = None


def _run(
    job: _Job,
    book: _Book,
    *,
    done: frozenset[int],
    ranking: Ranking,
    report: Callable[[Progress], None],
    cancel: CancelToken | None,
) -> _Ran:
    """Evaluate the shards that are not in the ledger yet, in order."""
    ran = _Ran()
    started = time.perf_counter()
    best: float | None = None
    try:
        for shard, batch in enumerate(job.points.batches(job.size)):
            if cancel is not None and cancel.is_set():
                break
            if shard not in done:
                reservation = book.reserve(shard, len(batch.values))
                if reservation is None:
                    ran.by_others += len(batch.values)
                    continue
                found = job.evaluate(batch)
                book.commit(reservation, job.points.names, batch, found)
                ran.evaluated += len(batch.values)
                ran.first_error = ran.first_error or found["first_error"]
                scores = ranking.scores(_metrics(found), len(batch.values))
                if not np.isnan(scores).all():
                    top = float(np.nanmax(scores))
                    best = top if best is None else max(best, top)
            done_so_far = batch.first + len(batch.values)
            report(Progress(done_so_far, job.points.size, time.perf_counter() - started, best))
    except KeyboardInterrupt:
        return ran  # what is committed stays; the caller gets the study so far
    return ran


@dataclass(frozen=True, slots=True, kw_only=True)
class _Book:
    """One study's pages in the ledger."""

    store: Warehouse
    study_id: str
    prefix: bytes
    lineage_root: str
    blocks: bool

    def reserve(self, shard: int, rows: int) -> Reservation | None:
        """Announce a shard; `None` where another process committed it, after waiting for it."""
        from hyprl_lab.store import ShardHeldError, ShardLiveError

        while True:
            try:
                return self.store.reserve_shard(self.study_id, shard, rows, blocks=self.blocks)
            except ShardLiveError:
                return None
            except ShardHeldError:
                time.sleep(_WAIT_SECONDS)

    def commit(
        self, reservation: Reservation, names: list[str], batch: Batch, found: SearchArrays
    ) -> None:
        """Write a shard's trials and blocks."""
        from hyprl_lab import kernels
        from hyprl_lab.store import blocks_table, trials_table

        trials = trials_table(
            study_id=self.study_id,
            first_index=batch.first,
            keys=kernels.trial_keys(self.prefix, names, batch.values),
            lineage_root=self.lineage_root,
            param_values=batch.values,
            metrics=_metrics(found),
            behaviour_hash=found["behaviour_hash"],
            states=np.where(found["failed"], "failed", "completed").tolist(),
        )
        blocks = None
        if self.blocks:
            blocks = blocks_table(
                study_id=self.study_id, first_index=batch.first, blocks=found["blocks"]
            )
        self.store.commit_shard(reservation, trials, blocks)


def _metrics(found: SearchArrays) -> dict[str, FloatArray]:
    return dict(zip(TRIAL_METRICS, found["values"], strict=True))


def _split(bars: Bars, holdout: float) -> tuple[Bars, int | None]:
    """Cut the last share off; the boundary is the open of the first bar held out."""
    if isinstance(holdout, bool) or not 0.0 <= holdout < 1.0:
        raise ConfigError(
            f"holdout is {holdout!r}; expected a share from 0 to below 1, such as 0.2"
        )
    if holdout == 0.0:
        return bars, None
    kept = len(bars) - round(len(bars) * holdout)
    if kept in (0, len(bars)):
        raise SpaceError(
            f"holdout {holdout} of {len(bars)} bars leaves {kept} to search; "
            "expected at least one bar on each side"
        )
    return bars.take(0, kept), int(bars.ts[kept])


def _threads(threads: int | None) -> int:
    if threads is None:
        return (
            len(os.sched_getaffinity(0))
            if hasattr(os, "sched_getaffinity")
            else os.cpu_count() or 1
        )
    if isinstance(threads, bool) or not isinstance(threads, int) or threads < 1:
        raise ConfigError(f"threads is {threads!r}; expected a whole number from 1, or None")
    return threads


def _shard_size(bars: int) -> int:
    fewest, most = _SHARD_TRIALS
    return min(max(_SHARD_BARS // bars, fewest), most)
