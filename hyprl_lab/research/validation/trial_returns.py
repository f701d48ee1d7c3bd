"""The returns of a study's trials, made again, for tests that look at all of them bar by bar."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.engine import native
from hyprl_lab.engine.backtest import inputs
from hyprl_lab.engine.period import Period
from hyprl_lab.errors import CancelledError
from hyprl_lab.metrics import Equity
from hyprl_lab.progress import reporter
from hyprl_lab.research.search.given import threads_of
from hyprl_lab.research.settled import settled
from hyprl_lab.research.study.frames import completed_columns
from hyprl_lab.types import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from hyprl_lab.engine.config import Execution, Risk
    from hyprl_lab.kernels import Setup
    from hyprl_lab.research.study import Study
    from hyprl_lab.types import CancelToken, FloatArray, IntArray, ProgressCallback

__all__ = ["MOST", "TrialReturns"]

MOST: Final = 200_000
"""Trials that are looked at bar by bar; of more, as many at even distances."""

_BYTES: Final = 32 << 20
"""Of the returns that are made at a time; whoever reads them holds those before as well."""

_TELL_EVERY: Final = 0.2
"""Seconds between two words on how far it is."""

_METRICS: Final = ("behaviour_hash", "sharpe_per_period", "total_return")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TrialReturns:
    """The trials of a study that differ, ready to be run again.

    Trials that made the same trades with the same Sharpe ratio and total return, to the bit, are
    one: the first of them stands for all. None of this is recorded, for each was counted when it
    was searched.

    Parameters
    ----------
    study
        Whose trials they are.
    number
        Of the trials that are run, ascending.
    params
        Shape (trials, parameters), in the order of the study's names.
    completed
        Trials of the study that ran on all of the searched bars.
    left_out
        Of those that differ, how many are not run.
    setup
        What the kernel reads besides columns and parameters. Settings that a search may vary are
        numbers in its texts; its arrays are facts of the calendar, the same for all trials.
    """

    study: Study
    number: IntArray
    params: FloatArray
    completed: int
    left_out: int
    setup: Setup

    @classmethod
    def of(cls, study: Study, *, most: int = MOST) -> Self:
        """Find the trials that differ.

        Parameters
        ----------
        study
            With its trials in the ledger.
        most
            Of more, as many at even distances are run, and the one that stands for the best.

        Examples
        --------
        >>> import tempfile
        >>> from hyprl_lab.data import load_bars
        >>> from hyprl_lab.research.search import supersearch
        >>> from hyprl_lab.store import Warehouse
        >>> from hyprl_lab.strategy.builtin import dual_sma
        >>> study = supersearch(
        ...     load_bars("TEST"), dual_sma(), {"fast": [2, 3], "slow": [5, 6]},
        ...     warehouse=Warehouse(tempfile.mkdtemp()))
        >>> TrialReturns.of(study).number
        array([0, 1, 2, 3])
        """
        names = study.points.names
        columns = completed_columns(study, _METRICS, names)
        keys = [np.ascontiguousarray(columns.by_name[name]).view(np.uint64) for name in _METRICS]
        _, first, same = np.unique(
            np.column_stack(keys), axis=0, return_index=True, return_inverse=True
        )
        places = np.sort(first)
        differ = len(places)
        if differ > most:
            places = places[np.linspace(0, differ - 1, most).round().astype(np.int64)]
            if study.best is not None:
                best = int(np.searchsorted(columns.index, study.best.index))
                places = np.union1d(places, first[same[best]])
        bars = study.search_bars
        return cls(
            study=study,
            number=columns.index[places],
            params=np.column_stack([columns.by_name[name][places] for name in names]),
            completed=len(columns),
            left_out=differ - len(places),
            setup=native.setup(
                inputs(
                    bars,
                    study.strategy,
                    {},
                    risk=study.risk,
                    execution=study.execution,
                    cash=study.cash,
                    window=Period().window(bars),
                )
            ),
        )

    def __len__(self) -> int:
        return len(self.number)

    @property
    def rows(self) -> int:
        """T, the headline returns of each trial."""
        return len(self.study.search_bars.headline) - 1

    def one(self, place: int) -> FloatArray:
        """Return the headline returns of a trial, shape (T,); see `headline_returns`."""
        from hyprl_lab import kernels

        study = self.study
        point = dict(zip(study.points.names, self.params[place].tolist(), strict=True))
        chosen = settled(point, study.risk, study.execution)
        setup = self.setup
        if (chosen.risk, chosen.execution) != (study.risk, study.execution):
            setup = replace(setup, risk=_text(chosen.risk), execution=_text(chosen.execution))
        bound = study.strategy.bind(chosen.params)
        columns = study.search_bars.columns
        found = kernels.backtest(columns, setup, [value for _, value in sorted(bound.items())])
        points = found["equity"][np.asarray(study.search_bars.headline)]
        return Equity(points, cash=study.cash).returns().values

    def chunks(
        self,
        *,
        threads: int | None = None,
        progress: bool | ProgressCallback = False,
        cancel: CancelToken | None = None,
    ) -> Iterator[FloatArray]:
        """Yield the returns of all trials in their order, shape (T, k), some 32 MB at a time.

        Parameters
        ----------
        threads
            All cores where `None`; nothing depends on it.
        progress, cancel
            As `hl.validate` takes them.

        Raises
        ------
        CancelledError
            The token was set.
        """
        workers, wide = threads_of(threads), max(1, _BYTES // (8 * max(self.rows, 1)))
        with (
            reporter(progress, "trials run again") as report,
            ThreadPoolExecutor(workers, thread_name_prefix="hyprl-trials") as pool,
        ):
            started = told = time.perf_counter()
            for first in range(0, len(self), wide):
                made = np.empty((min(wide, len(self) - first), self.rows))

                def make(row: int, first: int = first, made: FloatArray = made) -> None:
                    if cancel is None or not cancel.is_set():
                        made[row] = self.one(first + row)

                for row, _ in enumerate(pool.map(make, range(len(made)))):
                    if cancel is not None and cancel.is_set():
                        raise CancelledError(
                            f"stopped after {first + row:,} of {len(self):,} trials were run "
                            "again; the same call begins anew"
                        )
                    now = time.perf_counter()
                    if now - told > _TELL_EVERY or row + 1 == len(made):
                        told = now
                        report(Progress(first + row + 1, len(self), now - started))
                yield made.T


def _text(settings: Risk | Execution) -> str:
    return json.dumps(settings.to_json())
