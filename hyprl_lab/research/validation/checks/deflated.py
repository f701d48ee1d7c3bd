"""How sure one may be of a Sharpe ratio after so many tries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.research import stats
from hyprl_lab.research.validation.check import Check
from hyprl_lab.research.validation.checks.sharpe import NO_SPREAD
from hyprl_lab.research.validation.validation import ValidationRow

if TYPE_CHECKING:
    from hyprl_lab.research.validation.asking import Asking

__all__ = ["CHECK"]

_ROWS: Final = ("deflated_sharpe_ratio", "deflated_sharpe_ratio_floored")


def _read(asking: Asking, _none: None) -> list[ValidationRow]:
    m, ledger = asking.moments, asking.ledger
    reason = asking.subject.reason if m is None else None
    if m is None:
        reason = reason or NO_SPREAD
    elif ledger.trials < 1:
        reason = "the ledger holds no trial on these bars; record the run"
    elif ledger.sharpe_variance is None and ledger.trials > 1:
        reason = "fewer than two trials in the ledger have a Sharpe ratio"
    if m is None or reason is not None:
        return [ValidationRow.undefined(name, str(reason)) for name in _ROWS]
    variance = ledger.sharpe_variance or 0.0
    tried = f"{ledger.trials:,} {'trial' if ledger.trials == 1 else 'trials'} on these bars"
    rows = []
    for name, floor in zip(_ROWS, (False, True), strict=True):
        value = stats.deflated_sharpe_ratio(
            m.sharpe, m.n, m.skew, m.kurtosis, ledger.trials, variance, floor
        )
        note = ", with near-duplicate trials allowed for" if floor else ""
        said = f"After {tried}, one can be {value:.1%} sure that this beats the best that luck "
        rows.append(ValidationRow(name=name, value=value, reading=f"{said}would show{note}."))
    return rows


CHECK: Final = Check(name="dsr", rows=_ROWS, read=_read)
"""The deflated Sharpe ratio (Bailey and López de Prado 2014), plain and floored."""
