"""A subject before the gate: each check asked in its turn, and no more than is needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hyprl_lab.presets.held_out import held_out, looked, opened, shown
from hyprl_lab.presets.measures import (
    NOT_ASKED,
    OF_HOLDOUT,
    OF_LOOKS,
    VALIDATED,
    Measure,
    measure,
)
from hyprl_lab.presets.verdict import judged
from hyprl_lab.research.validation.checks import CHECKS, check_named, check_of_row
from hyprl_lab.research.validation.validator import validation_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hyprl_lab.presets.gate import GateCheck
    from hyprl_lab.presets.held_out import HeldOut
    from hyprl_lab.presets.verdict import CheckRow
    from hyprl_lab.research.validation import Validation
    from hyprl_lab.research.validation.asking import Asking
    from hyprl_lab.research.validation.subject import Subject

__all__ = ["Examined", "examine"]

_AT_LEAST = ("psr",)
"""What is asked of everyone: it costs nothing, and a validation has at least one check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What the gate found.

    Parameters
    ----------
    validation
        Of the checks that were asked, by the ledger when all of them were.
    rows
        Every check of the profile, in its order.
    holdout
        `None` where nothing is reserved.
    """

    validation: Validation
    rows: tuple[CheckRow, ...]
    holdout: HeldOut | None


def examine(
    asking: Asking, checks: Sequence[GateCheck], *, asked: Iterable[str] = (), stop_early: bool
) -> Examined:
    """Ask a profile's checks in their order, and open the holdout if all others hold.

    What a validation must compute is computed when its turn comes. With `stop_early` nothing more
    is computed once a required check has failed; what is known anyway is judged all the same. In
    the end all rows are read again by the ledger as it is then, for a walk-forward adds trials.

    Parameters
    ----------
    asking
        The validation.
    checks
        Of the profile, and whatever else is asked.
    asked
        Names of validation checks that were asked already.
    stop_early
        Whether to stop at the first required check that fails.
    """
    subject, names, failed = asking.subject, {*_AT_LEAST, *asked}, ""
    holdout = held_out(subject)
    known = validation_of(asking, _ordered(names))
    for check in checks:
        needed = _needs(check.metric)
        if needed is not None and needed not in names:
            if failed and stop_early and not check_named(needed).is_free:
                continue
            names.add(needed)
            known = validation_of(asking, _ordered(names))
        if not failed and check.required and check.metric not in OF_HOLDOUT:
            found = _measured(check.metric, subject, known, holdout)
            failed = "" if judged(check, found).passed else check.name
    known = validation_of(asking, _ordered(names))  # trials that the checks evaluated count
    holdout = held_out(subject)  # and looks that others took in the meantime
    rows = {
        check.name: judged(check, _known(check.metric, subject, known, holdout, failed))
        for check in checks
        if check.metric not in OF_HOLDOUT
    }
    wrong = next((row.name for row in rows.values() if row.required and not row.passed), None)
    asks = any(check.metric in OF_HOLDOUT for check in checks)
    if asks and wrong is None and holdout is not None and subject.study is not None:
        holdout = opened(holdout, subject.study, asking.cancel)
    for check in checks:
        if check.metric in OF_LOOKS:  # by the evidence that was kept with the opening
            rows[check.name] = judged(check, looked(check.metric, holdout, subject))
        elif check.metric in OF_HOLDOUT:
            found = shown(check.metric, holdout, subject, known, f"{wrong} failed before it")
            rows[check.name] = judged(check, found)
    return Examined(
        validation=known, rows=tuple(rows[check.name] for check in checks), holdout=holdout
    )


def _known(
    metric: str, subject: Subject, known: Validation, holdout: HeldOut | None, failed: str
) -> Measure:
    """Measure what is known; say why the rest is not."""
    needed = _needs(metric)
    if needed is not None and metric not in {row.name for row in known.rows}:
        reason = f"not asked: {failed} failed before it"
        return Measure(value=None, source=NOT_ASKED, reason=reason)
    return _measured(metric, subject, known, holdout)


def _measured(metric: str, subject: Subject, known: Validation, holdout: HeldOut | None) -> Measure:
    if metric in OF_LOOKS:
        return looked(metric, holdout, subject)
    return measure(metric, subject, known)


def _needs(metric: str) -> str | None:
    """Return the validation check that a metric is a row of."""
    row = "walk_forward_sharpe" if metric == "holdout_sharpe_ratio" else metric
    check = check_of_row(row) if row in VALIDATED else None
    return None if check is None else check.name


def _ordered(names: Iterable[str]) -> list[str]:
    wanted = set(names)
    return [name for name in CHECKS if name in wanted]
