"""Runs a planned search against a ledger, and returns its study."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hyprl_lab.hashing import digest
from hyprl_lab.research.search.book import Book
from hyprl_lab.research.search.evaluator import LocalEvaluator
from hyprl_lab.research.search.leaders import Leaders
from hyprl_lab.research.search.loop import Loop
from hyprl_lab.research.study import Study
from hyprl_lab.research.study.misses import nearest_misses

if TYPE_CHECKING:
    from collections.abc import Callable

    from distributed import Client

    from hyprl_lab.research.search.evaluator import Evaluator
    from hyprl_lab.research.search.plan import Plan
    from hyprl_lab.research.search.stop import Stop
    from hyprl_lab.store import Warehouse
    from hyprl_lab.types import Progress

__all__ = ["Running"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Running:
    """Where searches run, and who hears of them.

    Parameters
    ----------
    store
        The ledger.
    threads
        Of the local kernel.
    client
        A Dask client; here where `None`.
    stop
        Stops the search in the middle of a shard.
    """

    store: Warehouse
    threads: int
    client: Client | None
    stop: Stop

    def run(self, plan: Plan, report: Callable[[Progress], None]) -> Study:
        """Evaluate what is not in the ledger yet, and return the study."""
        started = time.perf_counter()
        asked, points, store = plan.asked, plan.points, self.store
        root = store.lineage_root(plan.bars)
        spec = plan.spec()
        study_id = digest({**spec, "lineage_root": root})
        state = store.open_study(
            study_id,
            spec=spec,
            bars=plan.search_bars,
            lineage_root=root,
            strategy=asked.strategy,
            total=points.size,
            param_names=points.names,
        )
        leaders = Leaders(plan.ranking, points.names)
        if state.live:
            leaders.see_ledger(store, study_id)
        ran = Loop(
            points=points,
            size=plan.shard_size,
            book=Book(
                store=store,
                study_id=study_id,
                lineage_root=root,
                strategy_hash=asked.strategy.hash,
                names=tuple(points.names),
                parameters=tuple(sorted(asked.strategy.parameters)),
                risk=asked.risk,
                execution=asked.execution,
                blocks=asked.ledger == "full",
            ),
            leaders=leaders,
            report=report,
            committed=state.committed,
            stop=self.stop,
        ).run(lambda: self._evaluator(plan), frozenset(state.live))
        complete = store.study(study_id).committed == points.size
        if complete and state.state != "completed":
            store.complete_study(study_id, {"trials": points.size})
        return Study(
            study_id=study_id,
            bars=plan.bars,
            search_bars=plan.search_bars,
            holdout_start=plan.holdout_start,
            strategy=asked.strategy,
            space=asked.space,
            where=asked.where,
            objective=plan.objective,
            constraints=tuple(asked.constraints),
            risk=asked.risk,
            execution=asked.execution,
            cash=plan.job.cash,
            seed=asked.seed,
            sampler=plan.sampler,
            sampler_given=asked.sampler,
            max_trials=asked.max_trials,
            halving=asked.halving,
            ledger=asked.ledger,
            points=points,
            lineage_root=root,
            total=points.size,
            evaluated=ran.evaluated,
            first_error=ran.first_error,
            seconds=time.perf_counter() - started,
            complete=complete,
            ranking=plan.ranking,
            remarks=()
            if leaders.best is not None
            else self._remarks(plan, study_id, ran.first_error),
            warehouse=store,
        )

    def _evaluator(self, plan: Plan) -> Evaluator:
        if self.client is None:
            return LocalEvaluator(plan.job, self.threads, self.stop)
        from hyprl_lab.research.search.distributed import DaskEvaluator

        return DaskEvaluator(self.client, plan.job)

    def _remarks(self, plan: Plan, study_id: str, first_error: str | None) -> tuple[str, ...]:
        """Say why nothing was ranked, with the trials that came nearest."""
        ranking, store = plan.ranking, self.store
        columns = store.trial_columns(
            study_id, ["trial_index", "state", "completed", *ranking.metrics]
        )
        places = columns["trial_index"]
        failed = int((columns["state"] == "failed").sum())
        if failed and not columns["completed"].any():
            # the ledger keeps that a trial failed, and not why: an earlier call has said it
            why = first_error or "hl.backtest with the parameters of one of them says why"
            return (f"{failed:,} of {len(places):,} trials failed, and none completed: {why}",)

        def described(row: int) -> str:
            index = int(places[row])
            params = store.trial_params(study_id, plan.points.names, first=index, stop=index + 1)
            told = ", ".join(f"{name}={values[0]:g}" for name, values in params.items())
            return f"trial {index} ({told})"

        found = nearest_misses(ranking, columns, len(places), among=columns["completed"])
        return found.remarks(described)
