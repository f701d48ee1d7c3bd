"""Whether the record is long enough for its Sharpe ratio to mean something."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from hyprl_lab.research import stats
from hyprl_lab.research.validation.check import Check
from hyprl_lab.research.validation.checks.sharpe import NO_SPREAD
from hyprl_lab.research.validation.validation import ValidationRow

if TYPE_CHECKING:
    from hyprl_lab.research.validation.asking import Asking

__all__ = ["BACKTEST", "TRACK_RECORD"]

_RECORD: Final = ("minimum_track_record_length", "track_record_surplus")
_BACKTEST: Final = ("minimum_backtest_length", "backtest_length_surplus")


def _track_record(asking: Asking, _none: None) -> list[ValidationRow]:
    m = asking.moments
    if m is None:
        why = asking.subject.reason or NO_SPREAD
        return [ValidationRow.undefined(name, why) for name in _RECORD]
    needed = stats.minimum_track_record_length(m.sharpe, m.skew, m.kurtosis)
    if math.isinf(needed):
        why = "the Sharpe ratio is not above 0, so no record is long enough"
        return [ValidationRow.undefined(name, why) for name in _RECORD]
    spare = m.n - needed
    return [
        ValidationRow(
            name=_RECORD[0],
            value=needed,
            reading=f"Being 95% sure of a positive Sharpe ratio takes {needed:,.0f} periods.",
        ),
        ValidationRow(
            name=_RECORD[1],
            value=spare,
            reading=f"There are {m.n:,} periods: {_spare(spare, 'periods')}.",
        ),
    ]


def _backtest(asking: Asking, _none: None) -> list[ValidationRow]:
    m, subject = asking.moments, asking.subject
    if m is None:
        why = subject.reason or NO_SPREAD
        return [ValidationRow.undefined(name, why) for name in _BACKTEST]
    annual = m.sharpe * math.sqrt(subject.periods_per_year)
    trials = asking.ledger.trials
    tried = f"{trials:,} worthless {'trial' if trials == 1 else 'trials'}"
    needed = stats.minimum_backtest_length(max(trials, 1), annual)
    if math.isinf(needed):
        why = "the Sharpe ratio is not above 0, so no back-test is long enough"
        return [ValidationRow.undefined(name, why) for name in _BACKTEST]
    spare = subject.years - needed
    return [
        ValidationRow(
            name=_BACKTEST[0],
            value=needed,
            reading=f"In fewer than {needed:.1f} years, the best of {tried} would show this "
            f"annual Sharpe ratio of {annual:.2f}.",
        ),
        ValidationRow(
            name=_BACKTEST[1],
            value=spare,
            reading=f"There are {subject.years:.1f} years: {_spare(spare, 'years')}.",
        ),
    ]


def _spare(surplus: float, unit: str) -> str:
    amount = f"{abs(surplus):,.1f}" if unit == "years" else f"{abs(surplus):,.0f}"
    return f"{amount} {unit} {'to spare' if surplus >= 0.0 else 'short'}"


TRACK_RECORD: Final = Check(name="min_trl", rows=_RECORD, read=_track_record)
"""The minimum track record length (Bailey and López de Prado 2012)."""

BACKTEST: Final = Check(name="min_btl", rows=_BACKTEST, read=_backtest)
"""The minimum back-test length (Bailey, Borwein, López de Prado and Zhu 2014)."""
