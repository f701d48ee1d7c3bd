"""Whether the ledger itself knows what is judged: a flag on an object proves nothing."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from hyprl_lab.errors import NotFoundError

if TYPE_CHECKING:
    from hyprl_lab.engine.result import Result
    from hyprl_lab.research.study import Study
    from hyprl_lab.research.validation.subject import Subject
    from hyprl_lab.store import Warehouse

__all__ = ["gap", "moved", "uncounted"]

_FAMILY: Final = """
    SELECT root FROM lineages
    WHERE current_root = (SELECT current_root FROM lineages WHERE root = $root)
    UNION SELECT $root
"""

_LOOKS: Final = """
    SELECT count(*) AS looks FROM trials
    WHERE trial_key IN (SELECT unnest($keys)) AND state = 'completed'
        AND ($study_id IS NULL OR study_id = $study_id)
        AND behaviour_hash = $behaviour_hash
        AND sharpe_per_period IS NOT DISTINCT FROM $sharpe
        AND total_return IS NOT DISTINCT FROM $total_return
"""


def uncounted(subject: Subject, result: Result) -> str | None:
    """Return why the judged run does not count as recorded, `None` where it does.

    The ledger must hold a trial of the run's key that behaved as it did: the same entries and
    exits, Sharpe ratio and return. So neither `recorded=True` on a run of the pure engine nor the
    same parameters on other bars pass for it. A study's best must be among the study's own trials.

    Parameters
    ----------
    subject
        What is judged.
    result
        Its run.

    Raises
    ------
    WarehouseError
        Trials that wait to be written can't be.
    """
    study = subject.study
    if study is None and not result.recorded:
        return "it was made with record=False, so nobody counted it"
    values = result.simulation.values
    found = subject.warehouse.sql(
        _LOOKS,
        {
            "keys": _keys(subject.warehouse, subject.lineage_root, result),
            "study_id": None if study is None else study.study_id,
            "behaviour_hash": result.simulation.behaviour_hash,
            "sharpe": _defined(values["sharpe_per_period"]),
            "total_return": _defined(values["total_return"]),
        },
        arrow=True,
    )
    if found["looks"][0].as_py():
        return None
    if study is not None:
        return f"its best trial is not among those of study {study.study_id[:12]} in the ledger"
    return "the ledger holds no such run; make it with hl.backtest, which records it"


def gap(study: Study) -> str | None:
    """Return what the ledger lacks of a study, `None` where it has all of it."""
    try:
        state = study.warehouse.study(study.study_id)
    except NotFoundError:
        return f"the ledger holds no study {study.study_id[:12]}; search with supersearch"
    missing = max(state.total, study.total) - state.committed
    if missing or state.state != "completed":
        return (
            f"the search is incomplete, {missing:,} trials are missing; "
            "call supersearch again and it goes on where it stopped"
        )
    return None


def moved(study: Study) -> str | None:
    """Return how a study's holdout is not the one that its search announced, `None` where it is.

    Parameters
    ----------
    study
        Whose ledger holds the spec that the search was entered with, before it saw anything.
    """
    try:
        announced = study.warehouse.study(study.study_id).spec.get("holdout_start")
    except NotFoundError:
        return f"the ledger holds no study {study.study_id[:12]}; search with supersearch"
    if announced == study.holdout_start:
        return None
    return (
        f"its holdout starts at {study.holdout_start}, and the search announced {announced} "
        "(microseconds UTC); promote what supersearch returned"
    )


def _keys(warehouse: Warehouse, root: str, result: Result) -> list[bytes]:
    """Return the run's keys: one for each root that was merged with its bars' lineage."""
    from hyprl_lab.store import trial_key, trial_key_prefix

    roots = warehouse.sql(_FAMILY, {"root": root}, arrow=True)["root"].to_pylist()
    risk, execution = result.risk.to_json(), result.execution.to_json()
    return [
        trial_key(trial_key_prefix(result.strategy.hash, risk, execution, one), result.params)
        for one in roots
    ]


def _defined(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else float(value)
