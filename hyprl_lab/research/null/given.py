"""The study that is handed in: checked, and asked for its search."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hyprl_lab.engine.signals import SIGNALS
from hyprl_lab.errors import InputError
from hyprl_lab.research.search.plan import Asked
from hyprl_lab.research.study import one_study

if TYPE_CHECKING:
    from hyprl_lab.research.study import Study

__all__ = ["asked_of", "checked_study", "obstacle"]


def checked_study(given: Any) -> Study:  # whatever a caller hands in
    """Return a study whose search can be done again on other markets.

    Raises
    ------
    InputError
        It is none, or a group, or `obstacle` names one.
    """
    study = one_study(given)
    why = obstacle(study)
    if why is not None:
        raise InputError(why)
    return study


def obstacle(study: Study) -> str | None:
    """Return why a study's search can't be done again on other markets, `None` where it can.

    It can't where it is not complete, or where its strategy reads signals that a class made of the
    real bars.
    """
    if not study.complete:
        return (
            f"the study has {study.committed:,} of {study.total:,} trials; run the same search "
            "again, and it goes on: a part of a search can't be compared with whole ones"
        )
    if any(SIGNALS.fullmatch(name) for name in study.strategy.columns):
        return (
            "the strategy reads signals that a class made of the real bars, which say nothing on "
            "other markets; expected a strategy whose rules are expressions"
        )
    return None


def asked_of(study: Study, *, seed: int | None = None) -> Asked:
    """Return what a study's search was asked, with nothing held out.

    Parameters
    ----------
    study
        What is repeated.
    seed
        Of the search; the study's own where `None`.

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
    >>> asked_of(study, seed=3).seed
    3
    """
    return Asked(
        strategy=study.strategy,
        space=study.space,
        where=study.where,
        objective=study.objective,
        constraints=study.constraints,
        holdout=0.0,
        risk=study.risk,
        execution=study.execution,
        cash=study.cash,
        sampler=study.sampler_given,
        max_trials=study.max_trials,
        halving=study.halving,
        seed=study.seed if seed is None else seed,
        ledger="summary",
        preset=None,
    )
