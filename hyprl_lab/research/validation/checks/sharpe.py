"""How sure one may be of a positive Sharpe ratio, were this the only try."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.research import stats
from hyprl_lab.research.validation.check import Check
from hyprl_lab.research.validation.validation import ValidationRow

if TYPE_CHECKING:
    from hyprl_lab.research.validation.asking import Asking

__all__ = ["CHECK", "NO_SPREAD"]

NO_SPREAD: Final = "the headline returns do not vary, so there is no Sharpe ratio"
"""Why a statistic of the Sharpe ratio is undefined."""

_NAME: Final = "probabilistic_sharpe_ratio"


def _read(asking: Asking, _none: None) -> list[ValidationRow]:
    m = asking.moments
    if m is None:
        return [ValidationRow.undefined(_NAME, asking.subject.reason or NO_SPREAD)]
    value = stats.probabilistic_sharpe_ratio(m.sharpe, m.n, m.skew, m.kurtosis)
    said = f"Were this the only strategy tried, one could be {value:.1%} sure of a positive Sharpe."
    return [ValidationRow(name=_NAME, value=value, reading=said)]


CHECK: Final = Check(name="psr", rows=(_NAME,), read=_read)
"""The probabilistic Sharpe ratio (Bailey and López de Prado 2012)."""
