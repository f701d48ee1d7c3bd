"""One study's pages in the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.research.search.setting_texts import setting_texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from hyprl_lab.engine.config import Execution, Risk
    from hyprl_lab.research.search.evaluated import Evaluated
    from hyprl_lab.research.space import Batch
    from hyprl_lab.store import Reservation, Warehouse
    from hyprl_lab.types import FloatArray

__all__ = ["Book", "Known"]

_WORTH_A_CALL: Final = 16
"""Trials of one prefix whose keys the kernel finds in less time than Python does."""


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A committed shard as the ledger has it.

    Parameters
    ----------
    metrics
        By name, an array over trials each.
    states
        Text, one a trial.
    values
        The points, shape (trials, parameters), columns as in a batch.
    """

    metrics: Mapping[str, FloatArray]
    states: NDArray[np.str_]
    values: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """Enters a study's shards, and reads them back.

    Parameters
    ----------
    store
        The ledger.
    study_id, lineage_root, strategy_hash
        What the trials belong to.
    names
        What the columns of a batch stand for, sorted.
    parameters
        Those of them that are the strategy's, sorted.
    risk, execution
        What `risk.` and `execution.` names change.
    blocks
        Whether block moments are kept.
    """

    store: Warehouse
    study_id: str
    lineage_root: str
    strategy_hash: str
    names: tuple[str, ...]
    parameters: tuple[str, ...]
    risk: Risk
    execution: Execution
    blocks: bool

    def reserve(self, shard: int, rows: int) -> Reservation | None:
        """Announce a shard before it is evaluated; `None` where it is committed already.

        Raises
        ------
        ShardHeldError
            Another process or thread, which still runs, is evaluating it; `ShardHeldHereError`
            where it is the calling thread.
        """
        from hyprl_lab.store import ShardLiveError

        try:
            return self.store.reserve_shard(self.study_id, shard, rows, blocks=self.blocks)
        except ShardLiveError:
            return None

    def commit(self, reservation: Reservation, batch: Batch, found: Evaluated) -> bool:
        """Write a shard's trials and blocks; return whether they were new.

        They are not where this process was taken for dead, and another one wrote the same.
        """
        from hyprl_lab.store import ShardLiveError, blocks_table, trials_table

        trials = trials_table(
            study_id=self.study_id,
            first_index=batch.first,
            keys=self.keys(batch.values),
            lineage_root=self.lineage_root,
            param_values=batch.values,
            metrics=found.metrics,
            behaviour_hash=found.behaviour_hash,
            states=_told(found.states),
        )
        blocks = None
        if found.blocks is not None:
            blocks = blocks_table(
                study_id=self.study_id, first_index=batch.first, blocks=found.blocks
            )
        try:
            self.store.commit_shard(reservation, trials, blocks)
        except ShardLiveError:
            return False
        return True

    def abandon(self, reservation: Reservation) -> None:
        """Give a shard back that was not evaluated; it stays announced."""
        self.store.abandon_shard(reservation)

    def keys(self, values: FloatArray) -> NDArray[np.uint8]:
        """Return the trial keys of points: the same by whichever route a trial was reached.

        A key's prefix is of the point's own risk and execution, its parameters are the strategy's.
        """
        from hyprl_lab import kernels
        from hyprl_lab.store.trials.keys import trial_key_prefixes, trial_keys

        settings = setting_texts(self.names, values, self.risk, self.execution)
        prefixes = trial_key_prefixes(self.strategy_hash, settings.pairs, self.lineage_root)
        if len(prefixes) * _WORTH_A_CALL > len(values):
            return trial_keys(prefixes, settings.index, self.parameters, settings.params)
        keys = np.empty((len(values), 16), dtype=np.uint8)
        order = np.argsort(settings.index, kind="stable")
        ends = np.searchsorted(settings.index[order], np.arange(len(prefixes) + 1))
        for place, prefix in enumerate(prefixes):
            rows = order[ends[place] : ends[place + 1]]
            keys[rows] = kernels.trial_keys(prefix, list(self.parameters), settings.params[rows])
        return keys

    def read(self, batch: Batch) -> Known:
        """Return what the ledger has of a committed batch."""
        stop = batch.first + len(batch.values)
        names = [*TRIAL_METRICS, "state"]
        columns = self.store.trial_columns(self.study_id, names, first=batch.first, stop=stop)
        params = self.store.trial_params(self.study_id, first=batch.first, stop=stop)
        return Known(
            metrics={name: columns[name] for name in TRIAL_METRICS},
            states=columns["state"],
            values=np.column_stack([params[name] for name in self.names]),
        )


def _told(states: NDArray[np.str_]) -> str | list[str]:
    """Return the state that all trials have, or each one's."""
    same = len(states) > 0 and (states == states[0]).all()
    return str(states[0]) if same else states.tolist()
