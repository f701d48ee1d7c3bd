"""The search of a study, done again on other bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hyprl_lab.research.search.supersearch import supersearch

if TYPE_CHECKING:
    from hyprl_lab.data.bars import Bars
    from hyprl_lab.research.study import Study
    from hyprl_lab.types import CancelToken

__all__ = ["search_again"]


def search_again(
    study: Study,
    bars: Bars,
    *,
    holdout: float = 0.0,
    ledger: Literal["full", "summary"] | None = None,
    seed: int | None = None,
    threads: int | None = None,
    cancel: CancelToken | None = None,
) -> Study:
    """Search other bars as a study was searched: space, sampler, objective, settings.

    Parameters
    ----------
    study
        What is repeated; the trials go to its warehouse.
    bars
        The series.
    holdout
        The last share of the bars that the search never sees.
    ledger, seed
        The study's own where `None`.
    threads
        All cores where `None`.
    cancel
        As for `supersearch`.

    Raises
    ------
    SpaceError, ConfigError, BarsError, StrategyError
        As `supersearch`: bars may be too few for the study's windows of halving, for example.

    Examples
    --------
    >>> import tempfile
    >>> from hyprl_lab.data import load_bars
    >>> from hyprl_lab.store import Warehouse
    >>> from hyprl_lab.strategy.builtin import dual_sma
    >>> bars = load_bars("TEST")
    >>> study = supersearch(
    ...     bars.take(0, 400), dual_sma(), {"fast": [2, 3], "slow": [5, 6]},
    ...     warehouse=Warehouse(tempfile.mkdtemp()))
    >>> again = search_again(study, bars)
    >>> again.total, again.study_id == study.study_id
    (4, False)
    """
    return supersearch(
        bars,
        study.strategy,
        study.space,
        where=study.where,
        objective=study.objective,
        constraints=study.constraints,
        holdout=holdout,
        risk=study.risk,
        execution=study.execution,
        cash=study.cash,
        sampler=study.sampler_given,
        max_trials=study.max_trials,
        halving=study.halving,
        seed=study.seed if seed is None else seed,
        threads=threads,
        ledger=study.ledger if ledger is None else ledger,
        progress=False,
        cancel=cancel,
        warehouse=study.warehouse,
    )
