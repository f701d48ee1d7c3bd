"""The warehouse's calls for trials and studies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hyprl_lab.engine.simulation import BLOCK_COLUMNS
from hyprl_lab.errors import InputError, IntegrityError
from hyprl_lab.store.opened import Opened
from hyprl_lab.store.trials import claimed, lineage, study_reader
from hyprl_lab.store.trials.absorbing import absorb
from hyprl_lab.store.trials.small import write_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

    from hyprl_lab.data import Bars
    from hyprl_lab.store.trials.ledger import Reservation, StudyState
    from hyprl_lab.store.trials.small import TrialRow
    from hyprl_lab.strategy import Strategy
    from hyprl_lab.types import FloatArray, JsonValue

__all__ = ["TrialBook"]


class TrialBook(Opened):
    """Lineages, trials, studies and their shards; the part of `Warehouse` that counts."""

    def lineage_root(self, bars: Bars) -> str:
        """Return which market and time these bars are of; see `hyprl_lab.store.trials.lineage`."""
        if not len(bars.ts):
            raise InputError("bars are empty; a lineage needs at least one bar")
        key = (bars.symbol, bars.timeframe, bars.fingerprint)
        root = self._roots.get(key)
        if root is None:
            with self.control.write() as transaction:
                root = lineage.resolve(transaction, bars)
            self._roots[key] = root
        return root

    def record_trial(self, row: TrialRow) -> None:
        """Record the trial of a single backtest; a background thread commits it within a second.

        It is in this process's journal before the call returns, so a kill loses nothing: whoever
        opens the warehouse next, or counts, commits it. Where the journal can't be written, the
        trial is committed before the call returns. `flush` waits for the commit, and the end of
        the process does too. A commit that fails is logged as a warning and tried again; `flush`
        raises it.

        Raises
        ------
        WarehouseError
            The trial can neither be written to the journal nor committed; it stays queued.
        """
        self._recorder.record(row)

    def commit_trial(self, row: TrialRow) -> int:
        """Commit the trial of a single backtest at once; return how often it was looked at.

        Parameters
        ----------
        row
            The trial; one whose id is there already is one more look at it.

        Raises
        ------
        WarehouseError
            It can't be written; nothing was recorded.
        """
        write_rows(self.control, [row])
        with self.control.read() as transaction:
            found = transaction.row("small_trials.looks", id=row.id)
        return 0 if found is None else int(found["looks"])

    def flush(self) -> None:
        """Commit the trials recorded so far, by this process and by others, living or killed.

        Raises
        ------
        WarehouseError
            They can't be written; they stay where they are.
        """
        self._recorder.flush()
        if self._is_there:
            absorb(self.control, self._journals, own=self._journal.name)

    def trial_count(self, lineage_root: str) -> int:
        """Return N: how many distinct trials a lineage root has seen.

        All studies, processes and single backtests count, failed and pruned trials too, and those
        of roots merged into one with it. Shards that were announced and not committed count with
        all their rows, for their results may have been seen. A root that was merged has keys of
        its own for trials evaluated before, so a repeat after the merge counts again: N errs
        upwards.

        Raises
        ------
        IntegrityError
            Trials that were counted before are missing: a finished search or a single backtest
            was deleted or moved by hand. `verify` says which.
        """
        self.flush()
        claimed.check(self._claims)
        table = self._query("trial_count", {"lineage_root": lineage_root})
        lost = int(table["lost"][0].as_py())
        if lost:
            raise IntegrityError(
                f"the parts hold fewer trials of {lost} searches than were committed, so they "
                "would be missing from the count; `hyprl warehouse verify` says which: bring the "
                "database and the parts back from one backup"
            )
        return int(table["evaluated"][0].as_py()) + int(table["intended"][0].as_py())

    def trial_sharpes(
        self, lineage_root: str, *, fingerprint: str | None = None
    ) -> list[FloatArray]:
        """Return the per-period Sharpe ratios of a root's trials, undefined ones left out.

        A trial that was pruned saw a prefix of its study's bars, m of n returns. Leaving it out
        would leave the survivors' spread, which is too small; its own ratio scatters √(n/m) times
        as widely as one over all bars. It enters as SR·√(m/n), which keeps its t-statistic
        SR·√m; m/n is taken by elapsed years, which `cagr` and `total_return` tell. Where they
        don't (ruin, no gain at all) it enters as it is, and the spread errs upwards.

        The first array is of all trials together, each once with the largest of its values; an
        array for each study follows, and before them one for single backtests, if there are any.
        Values ascend, so that what is summed over them does not depend on the order of arrival.

        Parameters
        ----------
        lineage_root
            As for `trial_count`.
        fingerprint
            Only of studies that searched exactly these bars; the first array has single backtests
            over all of them too, and there is no array of those alone. All looks where `None`.
        """
        self.flush()
        table = self._query(
            "trial_sharpes", {"lineage_root": lineage_root, "fingerprint": fingerprint}
        )
        places, sharpes = (table[name].to_numpy() for name in ("place", "sharpe_per_period"))
        if not len(sharpes):
            return [sharpes]
        return np.split(sharpes, np.flatnonzero(np.diff(places)) + 1)

    def open_study(
        self,
        study_id: str,
        *,
        spec: Mapping[str, JsonValue],
        bars: Bars,
        lineage_root: str,
        strategy: Strategy,
        total: int,
        param_names: Sequence[str] | None = None,
    ) -> StudyState:
        """Enter a study, or find it again with the shards that are committed.

        Parameters
        ----------
        study_id
            A hash of everything that decides the study's trials.
        spec
            What it is, as JSON; its `kind` is shown in view `studies` (default `search`).
        total
            Trials the study has when it is complete.
        param_names
            The columns of `param_values`, in order; by default the strategy's parameters.

        Raises
        ------
        InputError
            The ledger has a study of that id with another spec, total, bars or strategy.
        """
        self._parts.sweep()
        return self._ledger.open_study(
            study_id,
            spec=spec,
            bars=bars,
            lineage_root=lineage_root,
            strategy=strategy,
            total=total,
            param_names=param_names,
        )

    def study(self, study_id: str) -> StudyState:
        """Return a study. Raises `NotFoundError` where there is none of that id."""
        return self._ledger.study(study_id)

    def reserve_shard(
        self, study_id: str, shard: int, rows: int, *, blocks: bool = True
    ) -> Reservation:
        """Announce a shard before it is evaluated; it counts from now on.

        The shard of a dead writer is taken over, and so is one that this process reserved and
        dropped (the reservation object is gone).

        Raises
        ------
        ShardLiveError
            It is committed; skip it.
        ShardHeldError
            A living writer has it; `ShardHeldHereError` where it is the calling thread.
        NotFoundError
            The study was not opened.
        """
        return self._ledger.reserve(study_id, shard, rows, blocks=blocks)

    def commit_shard(
        self, reservation: Reservation, trials: pa.Table, blocks: pa.Table | None = None
    ) -> None:
        """Make a shard's trials and blocks visible, all at once and for good.

        Raises
        ------
        InputError
            The tables are not of this reservation, or not as `store.trials_table` makes them.
        WarehouseError
            They can't be written, or the reservation was given to another; nothing is visible.
        """
        self._ledger.commit(reservation, trials, blocks)

    def abandon_shard(self, reservation: Reservation) -> None:
        """Give a reservation back, so that the shard can be reserved again; it still counts."""
        self._ledger.abandon(reservation)

    def complete_study(self, study_id: str, summary: Mapping[str, JsonValue]) -> None:
        """Close a study whose trials are all committed; closing it again changes nothing.

        Raises
        ------
        WarehouseError
            Fewer trials are committed than the study has.
        """
        self._ledger.complete(study_id, summary)

    def trial_columns(
        self, study_id: str, names: Sequence[str], *, first: int = 0, stop: int | None = None
    ) -> dict[str, NDArray[Any]]:
        """Return columns of a study's trials as arrays, in the order of the grid.

        Parameters
        ----------
        study_id
            The study.
        names
            Any of `TRIAL_METRICS` (undefined values are NaN), `trial_index`, `behaviour_hash`,
            `state` (text) and `completed` (bool: whether that is the state).
        first, stop
            Only trials from index `first` on, up to `stop` (excluded); to the end where `None`.

        Raises
        ------
        InputError
            An unknown column.
        """
        return study_reader.columns(self._reader, study_id, names, first, stop)

    def largest_trials(
        self,
        study_id: str,
        names: Sequence[str],
        metric: str,
        least: Callable[[Mapping[str, NDArray[Any]]], float],
    ) -> dict[str, NDArray[Any]]:
        """Return columns of a study's trials with the largest values of a metric, and of some more.

        Parameters
        ----------
        study_id, names
            As for `trial_columns`.
        metric
            Of `TRIAL_METRICS`.
        least
            Called with the columns of what was read so far, some ten thousand trials and more;
            returns the value below which trials matter no more: -inf while too few were found.

        Returns
        -------
        Arrays as of `trial_columns`: every trial whose value is at least what `least` returned
        last is among them, and stands in the order of the grid.

        Raises
        ------
        InputError
            An unknown column.
        """
        return study_reader.largest(self._reader, study_id, names, metric, least)

    def trial_params(
        self,
        study_id: str,
        names: Sequence[str] | None = None,
        *,
        first: int = 0,
        stop: int | None = None,
    ) -> dict[str, FloatArray]:
        """Return parameters of a study's trials as arrays, in the order of the grid.

        Parameters
        ----------
        study_id
            The study.
        names
            Which of its parameters; all where `None`.
        first, stop
            As for `trial_columns`.

        Raises
        ------
        InputError
            The study has no such parameter; the message lists those it has.
        NotFoundError
            No such study.
        """
        known = self.study(study_id).param_names
        return study_reader.params(self._reader, study_id, known, names, first=first, stop=stop)

    def trials_frame(self, study_id: str, indices: Sequence[int] | None = None) -> pd.DataFrame:
        """Return a study's trials, a row each in the order of the grid.

        Parameters
        ----------
        study_id
            The study.
        indices
            Only these trials; all where `None`.

        Returns
        -------
        DataFrame indexed by trial: `state`, parameters, metrics (NaN where undefined),
        `behaviour_hash`.

        Raises
        ------
        NotFoundError
            No such study.
        """
        names = self.study(study_id).param_names
        return study_reader.frame(self._reader, study_id, names, indices)

    def study_blocks(
        self,
        study_id: str,
        columns: Sequence[str] = BLOCK_COLUMNS,
        *,
        first: int = 0,
        stop: int | None = None,
    ) -> dict[str, FloatArray]:
        """Return a study's block moments: by name, a float64 array of shape (trials, 17).

        Rows are in the order of `trial_index`; the leading block comes first. A million trials
        take 136 MB a column, so ask for what is needed. A pruned trial's blocks are of the bars
        that it saw, a prefix.

        Parameters
        ----------
        columns
            Of sum1, sum2, sum3, sum4, trades and turnover.
        first, stop
            As for `trial_columns`.

        Raises
        ------
        InputError
            A column is unknown.
        """
        return study_reader.blocks(self._reader, study_id, columns, first, stop)
