"""What counts the calls of `hyprl_lab.engine.supercalc`: each a try, like any other."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.engine.config import SEMANTICS
from hyprl_lab.hashing import digest
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.research.recording import backtest
from hyprl_lab.research.shard_wait import ShardWait

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hyprl_lab.engine.execution import Execution
    from hyprl_lab.engine.result import Result
    from hyprl_lab.engine.risk import Risk
    from hyprl_lab.engine.supercalc import BatchWork, SupercalcDataset
    from hyprl_lab.kernels import SearchArrays
    from hyprl_lab.store import Reservation, Warehouse
    from hyprl_lab.types import JsonValue

__all__ = ["LedgerSink"]

_SHARD_ROWS: Final = 32_768
"""Rows that are reserved and committed together: their blocks take 27 MB."""


@dataclass(frozen=True, slots=True)
class LedgerSink:
    """Counts in a warehouse.

    Parameters
    ----------
    warehouse
        The ledger; the one of `HYPRL_HOME` where `None`.

    Examples
    --------
    >>> import tempfile
    >>> from hyprl_lab.data import load_bars
    >>> from hyprl_lab.engine.supercalc import prepare_supercalc_dataset, run_backtest_native
    >>> from hyprl_lab.store import Warehouse
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> warehouse, bars = Warehouse(tempfile.mkdtemp()), load_bars("TEST")
    >>> dataset = prepare_supercalc_dataset(bars, dual_sma(), sink=LedgerSink(warehouse))
    >>> result = run_backtest_native(dataset, {"fast": 5, "slow": 20})
    >>> warehouse.trial_count(warehouse.lineage_root(bars))
    1
    """

    warehouse: Warehouse | None = None

    def backtest(
        self,
        dataset: SupercalcDataset,
        params: Mapping[str, float] | None,
        risk: Risk,
        execution: Execution,
    ) -> Result:
        """Run one backtest and record its trial, by `hl.backtest`.

        Raises
        ------
        StrategyError, ConfigError, BarsError
            See `hl.backtest`.
        """
        return backtest(
            dataset.bars,
            dataset.strategy,
            params=params,
            risk=risk,
            execution=execution,
            cash=dataset.cash,
            engine=dataset.engine,
            periods_per_year=dataset.periods_per_year,
            warehouse=self.warehouse,
        )

    def batch(self, work: BatchWork) -> tuple[str, list[SearchArrays]]:
        """Evaluate all rows as a study of kind `supercalc`; what is recorded stays as it is.

        The study's id is a hash of everything that decides its trials, so the same batch is the
        same study. Results come back without blocks, which the ledger has.

        Raises
        ------
        StrategyError, ConfigError, BarsError
            The engine refuses the graph, a setting or the bars.
        WarehouseError
            The ledger can't be written.
        """
        store = self._store()
        spec, root = _spec(work), store.lineage_root(work.dataset.bars)
        study_id = digest({**spec, "lineage_root": root})
        state = store.open_study(
            study_id,
            spec=spec,
            bars=work.dataset.bars,
            lineage_root=root,
            strategy=work.dataset.strategy,
            total=len(work),
            param_names=work.names,
        )
        done = frozenset(state.live)
        page = _Page(store, study_id, root, work)
        parts = []
        for shard, first in enumerate(range(0, len(work), _SHARD_ROWS)):
            stop = min(first + _SHARD_ROWS, len(work))
            parts.append(page.evaluated(shard, first, stop, recorded=shard in done))
        if state.state != "completed":
            store.complete_study(study_id, {"trials": len(work)})
        return study_id, parts

    def _store(self) -> Warehouse:
        if self.warehouse is not None:
            return self.warehouse
        from hyprl_lab.store import default

        return default()


@dataclass(frozen=True, slots=True)
class _Page:
    """One batch's study in the ledger."""

    store: Warehouse
    study_id: str
    lineage_root: str
    work: BatchWork

    def evaluated(self, shard: int, first: int, stop: int, *, recorded: bool) -> SearchArrays:
        """Evaluate a shard, entered as intent before and committed after, unless it is recorded."""
        reservation = None if recorded else self._reserve(shard, stop - first)
        try:
            found = self.work.evaluate(first, stop)
            if reservation is not None:
                self._commit(reservation, first, stop, found)
        except BaseException:
            if reservation is not None:
                self.store.abandon_shard(reservation)
            raise
        return {**found, "blocks": found["blocks"][:0]}

    def _reserve(self, shard: int, rows: int) -> Reservation | None:
        """Announce a shard; `None` where another process committed it, after waiting for it."""
        from hyprl_lab.store import ShardHeldError, ShardLiveError

        wait = ShardWait()
        while True:
            try:
                return self.store.reserve_shard(self.study_id, shard, rows)
            except ShardLiveError:
                return None
            except ShardHeldError as held:
                wait.pause(held)

    def _commit(self, reservation: Reservation, first: int, stop: int, found: SearchArrays) -> None:
        from hyprl_lab.store import blocks_table, trials_table

        trials = trials_table(
            study_id=self.study_id,
            first_index=first,
            keys=self._keys(first, stop),
            lineage_root=self.lineage_root,
            param_values=self.work.values[first:stop],
            metrics=dict(zip(TRIAL_METRICS, found["values"], strict=True)),
            behaviour_hash=found["behaviour_hash"],
            states=np.where(found["failed"], "failed", "completed").tolist(),
        )
        blocks = blocks_table(study_id=self.study_id, first_index=first, blocks=found["blocks"])
        self.store.commit_shard(reservation, trials, blocks)

    def _keys(self, first: int, stop: int) -> NDArray[np.uint8]:
        from hyprl_lab.store import trial_key, trial_key_prefix

        work = self.work
        prefix = trial_key_prefix(
            work.dataset.strategy.hash,
            work.simulation.risk.to_json(),
            work.simulation.execution.to_json(),
            self.lineage_root,
        )
        rows = work.values[first:stop]
        if work.dataset.engine == "native":
            from hyprl_lab import kernels

            return kernels.trial_keys(prefix, work.names, rows)
        keys = [trial_key(prefix, dict(zip(work.names, row, strict=True))) for row in rows.tolist()]
        return np.frombuffer(b"".join(keys), dtype=np.uint8).reshape(len(keys), -1)


def _spec(work: BatchWork) -> dict[str, JsonValue]:
    """Return everything that decides the trials, the values by their hash."""
    dataset, simulation = work.dataset, work.simulation
    return {
        "kind": "supercalc",
        "fingerprint": dataset.bars.fingerprint,
        "calendar": dataset.bars.calendar,
        "strategy": dataset.strategy.canonical(),
        "names": list(work.names),
        "rows": len(work),
        "values": hashlib.sha256(work.values.astype("<f8").tobytes()).hexdigest(),
        "risk": simulation.risk.to_json(),
        "execution": simulation.execution.to_json(),
        "cash": simulation.cash,
        "periods_per_year": simulation.periods_per_year,
        "shard_size": _SHARD_ROWS,
        "semantics": SEMANTICS,
        "engine": dataset.engine,
        "engine_version": dataset.engine_version,
    }
