"""Whether choosing among the search's trials works whichever part of the record is held back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.research.validation.check import Check
from hyprl_lab.research.validation.checks.walk_forward import NO_SEARCH
from hyprl_lab.research.validation.cross_validation import (
    FOLDS,
    LEAST,
    TESTS,
    CrossValidation,
    cross_validation,
)
from hyprl_lab.research.validation.trial_returns import MOST, TrialReturns
from hyprl_lab.research.validation.validation import ValidationRow

if TYPE_CHECKING:
    from hyprl_lab.research.study import Study
    from hyprl_lab.research.validation.asking import Asking

__all__ = ["CHECK"]

_VERSION: Final = 1

_ROWS: Final = ("cpcv_sharpe_5", "cpcv_sharpe_50")

_TOO_FEW: Final = f"fewer than {LEAST} headline returns"


def _compute(asking: Asking) -> CrossValidation | None:
    subject = asking.subject
    study, returns = subject.study, subject.returns
    if study is None or returns is None or len(returns) < LEAST:
        return None
    return asking.remembered(
        "cross_validation",
        {
            **subject.search_inputs(),
            "version": _VERSION,
            "folds": FOLDS,
            "tests": TESTS,
            "trials": study.committed,
            "most": MOST,
        },
        CrossValidation.from_dict,
        lambda: _found(asking, study),
    )


def _found(asking: Asking, study: Study) -> CrossValidation:
    trials = TrialReturns.of(study)
    return cross_validation(
        trials.chunks(threads=asking.threads, progress=asking.progress, cancel=asking.cancel),
        trials.one,
        trials.number,
        n=trials.rows,
        periods_per_year=asking.subject.periods_per_year,
        left_out=trials.left_out,
    )


def _read(asking: Asking, found: CrossValidation | None) -> list[ValidationRow]:
    if found is None:
        why = NO_SEARCH if asking.subject.study is None else asking.subject.reason or _TOO_FEW
        return [ValidationRow.undefined(name, why) for name in _ROWS]
    low, middle = found.quantile(0.05), found.quantile(0.5)
    if low is None or middle is None:
        why = "on some path the returns of what was chosen do not vary"
        return [ValidationRow.undefined(name, why) for name in _ROWS]
    among = f"{found.trials:,} {'trial' if found.trials == 1 else 'trials'} of the search"
    if found.left_out:
        among += f" ({found.left_out:,} more were left out)"
    said = (
        f"Choosing by Sharpe ratio among {among} on some of {found.folds} parts of "
        f"the record and trading the others, over {len(found.sharpes)} ways to cover it: "
    )
    return [
        ValidationRow(
            name=_ROWS[0],
            value=low,
            reading=f"{said}a poor one (5 %) has an annual Sharpe ratio of {low:.2f}.",
        ),
        ValidationRow(
            name=_ROWS[1],
            value=middle,
            reading=f"{said}the middle one has an annual Sharpe ratio of {middle:.2f}.",
        ),
    ]


CHECK: Final = Check(name="cpcv", rows=_ROWS, read=_read, compute=_compute)
"""Combinatorial purged cross-validation (López de Prado 2018)."""
