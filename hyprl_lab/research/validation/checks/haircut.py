"""What is left of the Sharpe ratio once every try is charged for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.research import stats
from hyprl_lab.research.validation.check import Check
from hyprl_lab.research.validation.checks.sharpe import NO_SPREAD
from hyprl_lab.research.validation.validation import ValidationRow

if TYPE_CHECKING:
    from hyprl_lab.research.validation.asking import Asking
    from hyprl_lab.types import FloatArray

__all__ = ["CHECK"]

_ROWS: Final = ("haircut_sharpe", "haircut_p_value")

_MOST_CORRELATION: Final = 0.99
"""Beyond it the correction for autocorrelation divides by nearly nothing."""


def _read(asking: Asking, _none: None) -> list[ValidationRow]:
    m, subject, trials = asking.moments, asking.subject, asking.ledger.trials
    if m is None or subject.returns is None:
        why = subject.reason or NO_SPREAD
        return [ValidationRow.undefined(name, why) for name in _ROWS]
    if trials < 1:
        why = "the ledger holds no trial on these bars; record the run"
        return [ValidationRow.undefined(name, why) for name in _ROWS]
    annual = m.sharpe * math.sqrt(subject.periods_per_year)
    found = stats.haircut_sharpe(
        annual,
        m.n,
        trials,
        periods_per_year=subject.periods_per_year,
        autocorrelation=_autocorrelation(subject.returns),
    )
    tried = f"{trials:,} {'trial' if trials == 1 else 'trials'}"
    if found.haircut is None:
        said = f"The annual Sharpe ratio is {found.sharpe:.2f}: there is nothing to cut."
    else:
        said = (
            f"Charged for {tried}, {found.adjusted_sharpe:.2f} of an annual Sharpe ratio of "
            f"{found.sharpe:.2f} is left: a haircut of {found.haircut:.0%}."
        )
        if f"{found.sharpe:.2f}" != f"{annual:.2f}":
            said += f" Before what neighbouring returns have in common it is {annual:.2f}."
    return [
        ValidationRow(name=_ROWS[0], value=found.adjusted_sharpe, reading=said),
        ValidationRow(
            name=_ROWS[1],
            value=found.adjusted_p_value,
            reading=f"Were {tried} made without any edge, one of them would be as far from zero in "
            f"at most {found.adjusted_p_value:.1%} of worlds.",
        ),
    ]


def _autocorrelation(returns: FloatArray) -> float:
    """Return the correlation of neighbouring returns; 0 where either side does not vary."""
    before, after = returns[:-1] - returns[:-1].mean(), returns[1:] - returns[1:].mean()
    scale = math.sqrt(float(before @ before) * float(after @ after))
    if scale == 0.0:
        return 0.0
    return float(np.clip(before @ after / scale, -_MOST_CORRELATION, _MOST_CORRELATION))


CHECK: Final = Check(name="haircut", rows=_ROWS, read=_read)
"""The haircut Sharpe ratio by Bonferroni's correction (Harvey and Liu 2015)."""
