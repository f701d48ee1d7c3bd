"""The bars that a study held out: who had seen them before the gate, and what they show."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from hyprl_lab.errors import IntegrityError
from hyprl_lab.hashing import digest
from hyprl_lab.presets.measures import NOT_ASKED, Measure
from hyprl_lab.research.holdout import HoldoutLooks, looks_at, open_holdout
from hyprl_lab.research.stats import return_moments
from hyprl_lab.research.validation.subject import headline_returns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.research.study import Study
    from hyprl_lab.research.validation import Validation
    from hyprl_lab.research.validation.subject import Subject
    from hyprl_lab.store import Warehouse
    from hyprl_lab.types import CancelToken, JsonValue

__all__ = ["KIND", "HeldOut", "held_out", "is_recorded", "looked", "opened", "shown"]

KIND: Final = "holdout"
"""Under which the warehouse keeps what was seen."""

_VERSION: Final = 1

_OPENINGS: Final = """
    SELECT sharpe FROM backtests
    WHERE purpose = 'gate' AND state = 'completed' AND strategy_hash = $strategy_hash
        AND epoch_us(first_ts) = $start AND lineage_root IN (
            SELECT root FROM lineages
            WHERE current_root = (SELECT current_root FROM lineages WHERE root = $root)
            UNION SELECT $root)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """A holdout as the gate knows it.

    Parameters
    ----------
    start
        Open of the first bar held out, microseconds UTC.
    key
        Under which what it shows is kept in the warehouse.
    ledger_id
        Of the ledger that was asked.
    looks
        Who had seen it before the gate opened it for this.
    run_hash
        Of the run on it; `None` while it is closed.
    sharpe
        Annualised, of its headline returns; `None` where they do not vary, or it is closed.
    returns
        Headline returns on it.
    openings
        How often the gate evaluated exactly this, the time that counts included: above 1 where an
        opening before was cut off before its verdict.
    """

    start: int
    key: str
    ledger_id: str
    looks: HoldoutLooks
    run_hash: str | None = None
    sharpe: float | None = None
    returns: int = 0
    openings: int = 0

    def to_dict(self) -> dict[str, JsonValue]:
        """Return plain JSON values."""
        plain = ("start", "key", "ledger_id", "run_hash", "sharpe", "returns", "openings")
        return {name: getattr(self, name) for name in plain} | {"looks": self.looks.to_dict()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> HeldOut:
        """Read back what `to_dict` gave."""
        return cls(**{**data, "looks": HoldoutLooks.from_dict(data["looks"])})


def held_out(subject: Subject) -> HeldOut | None:
    """Return a study's holdout: as it was opened for this very run, else as it is now.

    What is opened is kept, so asking the gate again opens nothing and says the same.

    Raises
    ------
    IntegrityError
        An opening is kept that the ledger knows nothing of.
    """
    study, result = subject.study, subject.result
    if study is None or study.holdout_start is None or result is None:
        return None
    warehouse = subject.warehouse
    key = digest(
        {
            "version": _VERSION,
            "study_id": study.study_id,
            "run_hash": result.run_hash,
            "fingerprint": study.bars.fingerprint,
            "start": study.holdout_start,
        }
    )
    kept = _kept(key, warehouse)
    if kept is not None:
        return kept
    looks = looks_at(
        warehouse, subject.lineage_root, study.holdout_start, strategy_hash=study.strategy.hash
    )
    return HeldOut(start=study.holdout_start, key=key, ledger_id=warehouse.ledger_id, looks=looks)


def opened(found: HeldOut, study: Study, cancel: CancelToken | None = None) -> HeldOut:
    """Return a holdout that was opened, now if it was not; the look is committed first.

    Where another process opened it at the same time, what was kept first counts for both.
    """
    if found.run_hash is not None:
        return found
    opening = open_holdout(study, cancel=cancel)
    returns = headline_returns(opening.result)
    moments = return_moments(returns) if len(returns) else None
    annual = math.sqrt(opening.result.periods_per_year)
    seen = replace(
        found,
        run_hash=opening.result.run_hash,
        sharpe=None if moments is None else moments.sharpe * annual,
        returns=len(returns),
        openings=opening.looks,
    )
    study.warehouse.remember(KIND, found.key, seen.to_dict())
    return _kept(found.key, study.warehouse) or seen


def is_recorded(found: HeldOut, warehouse: Warehouse) -> bool:
    """Whether the ledger holds an opening by the gate that showed this Sharpe ratio."""
    looks = found.looks
    rows = warehouse.sql(
        _OPENINGS,
        {"strategy_hash": looks.strategy_hash, "start": looks.start, "root": looks.lineage_root},
        arrow=True,
    )
    return any(_same(found.sharpe, seen) for seen in rows["sharpe"].to_pylist())


def _kept(key: str, warehouse: Warehouse) -> HeldOut | None:
    kept = warehouse.cached(KIND, key)
    if not isinstance(kept, dict):
        return None
    found = HeldOut.from_dict(kept)
    if not is_recorded(found, warehouse):
        raise IntegrityError(
            f"the warehouse keeps an opening of the holdout ({KIND} {key[:12]}) that its ledger "
            "knows nothing of; restore it from a backup, or search bars with a new holdout"
        )
    return found


def _same(kept: float | None, recorded: float | None) -> bool:
    # Both are annualised: one from the moments of the returns, one as a trial's metric.
    if recorded is None or math.isnan(recorded):
        return kept is None
    return kept is not None and math.isclose(kept, recorded, rel_tol=1e-9, abs_tol=1e-12)


def looked(metric: str, found: HeldOut | None, subject: Subject) -> Measure:
    """Return one of `measures.OF_LOOKS`: looks of the judged strategy before the gate's."""
    if found is None:
        return _closed(subject)
    source = f"ledger {found.ledger_id[:12]}" if found.run_hash is None else f"{KIND} {found.key}"
    looks = found.looks
    if metric == "holdout_searches":
        return Measure(value=looks.searches, source=source)
    return Measure(value=looks.runs + looks.openings, source=source)


def shown(
    metric: str, found: HeldOut | None, subject: Subject, validation: Validation, why: str
) -> Measure:
    """Return one of `measures.OF_HOLDOUT`; `why` says why it is closed where it is."""
    if found is None:
        return _closed(subject)
    if found.run_hash is None:
        return Measure(value=None, source=NOT_ASKED, reason=f"the holdout stays closed: {why}")
    source = f"{KIND} {found.key}"
    if found.sharpe is None:
        nothing = "the returns on the holdout do not vary"
        return Measure(value=None, source=source, reason=nothing)
    if metric == "holdout_sharpe":
        return Measure(value=found.sharpe, source=source)
    outside = next(
        (row.value for row in validation.rows if row.name == "walk_forward_sharpe"), None
    )
    if not isinstance(outside, int | float) or outside <= 0.0:
        said = "undefined" if outside is None else f"{outside:.2f}, not above 0"
        reason = f"the walk-forward's Sharpe ratio is {said}"
        return Measure(value=None, source=source, reason=reason)
    return Measure(value=found.sharpe / outside, source=source)


def _closed(subject: Subject) -> Measure:
    if subject.study is None:
        reason = "a single run reserves no holdout; promote the study"
    elif subject.result is None:
        reason = str(subject.reason)
    else:
        reason = "the study held nothing out (holdout=0); search again with holdout=0.2"
    return Measure(value=None, source="study", reason=reason)
