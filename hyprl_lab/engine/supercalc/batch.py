"""Many parameter sets on a prepared dataset, in one call."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from hyprl_lab.engine.backtest import inputs
from hyprl_lab.engine.config import DEFAULTS, Execution, Risk
from hyprl_lab.engine.supercalc.columns import rows_of
from hyprl_lab.engine.supercalc.dataset import checked_dataset
from hyprl_lab.engine.supercalc.work import BatchWork
from hyprl_lab.errors import ConfigError
from hyprl_lab.metrics import TRIAL_METRICS
from hyprl_lab.strategy.wording import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd
    from numpy.typing import ArrayLike, NDArray

    from hyprl_lab.engine.supercalc.dataset import SupercalcDataset
    from hyprl_lab.types import BoolArray, EngineName, FloatArray

__all__ = ["SearchBatch", "run_native_search_batch"]

_MOST_THREADS: Final = 1024
"""The most worker threads, as in `hl.supersearch`."""


@dataclass(frozen=True, slots=True, eq=False, repr=False, kw_only=True)
class SearchBatch:
    """The results of many parameter sets, one array a column, in the order they were given.

    Parameters
    ----------
    params
        float64 values by parameter name, sorted.
    metrics
        float64 by name, each of `hyprl_lab.metrics.TRIAL_METRICS`; NaN where undefined.
    behaviour_hash
        uint64 over entry bars, exit bars, sides and reasons: sets that traded alike have one.
    failed
        Sets that could not be evaluated, such as those with a window longer than the bars.
    first_error
        Why the first of them failed.
    engine, engine_version
        Who evaluated them.
    study_id
        The study that counts them in the ledger; `None` where nothing does.
    """

    params: dict[str, FloatArray]
    metrics: dict[str, FloatArray]
    behaviour_hash: NDArray[np.uint64]
    failed: BoolArray
    first_error: str | None
    engine: EngineName
    engine_version: str
    study_id: str | None

    @property
    def recorded(self) -> bool:
        """Whether the ledger counts these sets."""
        return self.study_id is not None

    def frame(self) -> pd.DataFrame:
        """Return a row a parameter set: parameters, metrics, `behaviour_hash`, `failed`."""
        import pandas as pd

        return pd.DataFrame(
            {
                **self.params,
                **self.metrics,
                "behaviour_hash": self.behaviour_hash,
                "failed": self.failed,
            }
        )

    def __len__(self) -> int:
        return len(self.failed)

    def __repr__(self) -> str:
        """One line: how many sets, who evaluated them, and whether they count."""
        failed = f", {int(self.failed.sum()):,} failed" if self.failed.any() else ""
        counted = "" if self.recorded else ", not counted"
        return f"SearchBatch({len(self):,} sets{failed}, engine {self.engine!r}{counted})"


def run_native_search_batch(
    dataset: SupercalcDataset,
    param_columns: Mapping[str, ArrayLike],
    risk: Risk = DEFAULTS.risk,
    execution: Execution = DEFAULTS.execution,
    *,
    threads: int | None = None,
) -> SearchBatch:
    """Evaluate many parameter sets at once, and count them.

    Each call is a study of its own in the ledger, of kind `supercalc`. The same call again is the
    same study: it is evaluated, and nothing is recorded twice.

    Parameters
    ----------
    dataset
        Of `prepare_supercalc_dataset`.
    param_columns
        For each parameter of the strategy an array of values; the n-th values of all make the n-th
        set. Nothing is combined: `np.meshgrid` makes a grid.
    risk, execution
        Sizing, costs and fills of every set.
    threads
        Worker threads of the native engine, all cores where `None`; results do not depend on it.

    Raises
    ------
    InputError
        `dataset` is none.
    StrategyError
        A parameter is missing or unknown, columns differ in length or are empty, a value is not
        finite, not whole where it must be, or out of its range.
    ConfigError
        A setting is out of range or lacks what it needs.
    BarsError
        The graph asks for what the bars don't have.

    Examples
    --------
    >>> from hyprl_lab.data import load_bars
    >>> from hyprl_lab.engine.supercalc import prepare_supercalc_dataset
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> dataset = prepare_supercalc_dataset(load_bars("TEST"), dual_sma())
    >>> batch = run_native_search_batch(dataset, {"fast": [5, 10], "slow": [20, 30]})
    >>> batch, batch.metrics["trades"].tolist()
    (SearchBatch(2 sets, engine 'native'), [17.0, 9.0])
    """
    names, values = rows_of(checked_dataset(dataset).strategy, param_columns)
    work = BatchWork(
        dataset=dataset,
        simulation=inputs(
            dataset.bars,
            dataset.strategy,
            dict(zip(names, values[0].tolist(), strict=True)),
            risk=risk,
            execution=execution,
            cash=dataset.cash,
            window=dataset.window,
            periods_per_year=dataset.periods_per_year,
        ),
        names=names,
        values=values,
        threads=_threads(threads),
    )
    study_id: str | None = None
    if dataset.sink is None:
        parts = [work.evaluate(0, len(work))]
    else:
        study_id, parts = dataset.sink.batch(work)
    table = np.concatenate([part["values"] for part in parts], axis=1)
    return SearchBatch(
        params=dict(zip(names, values.T, strict=True)),
        metrics=dict(zip(TRIAL_METRICS, table, strict=True)),
        behaviour_hash=np.concatenate([part["behaviour_hash"] for part in parts]),
        failed=np.concatenate([part["failed"] for part in parts]),
        first_error=next((part["first_error"] for part in parts if part["first_error"]), None),
        engine=dataset.engine,
        engine_version=dataset.engine_version,
        study_id=study_id,
    )


def _threads(given: Any) -> int:  # whatever a caller hands in
    if given is None:
        if hasattr(os, "sched_getaffinity"):
            return len(os.sched_getaffinity(0))
        return os.cpu_count() or 1
    if isinstance(given, bool) or not isinstance(given, int) or not (1 <= given <= _MOST_THREADS):
        raise ConfigError(
            f"threads is {shown(given)}; expected a whole number from 1 to {_MOST_THREADS:,}, "
            "or None for one a core"
        )
    return given
