"""Whether a record is one of a single kind of market."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.research.validation.check import Check
from hyprl_lab.research.validation.checks.sharpe import NO_SPREAD
from hyprl_lab.research.validation.regimes import LEAST, Regimes, regimes
from hyprl_lab.research.validation.validation import ValidationRow

if TYPE_CHECKING:
    from hyprl_lab.research.validation.asking import Asking

__all__ = ["CHECK"]

_ROWS: Final = ("worst_regime_sharpe", "profitable_regimes")


def _compute(asking: Asking) -> Regimes | None:
    subject = asking.subject
    if subject.result is None or subject.returns is None or asking.moments is None:
        return None
    return regimes(subject.result, subject.returns)


def _read(asking: Asking, found: Regimes | None) -> list[ValidationRow]:
    if found is None:
        why = asking.subject.reason or NO_SPREAD
        return [ValidationRow.undefined(name, why) for name in _ROWS]
    worst, share = found.worst, found.profitable
    if worst is None or worst.sharpe is None or share is None:
        why = f"no state of the market holds {LEAST} returns that vary"
        return [ValidationRow.undefined(name, why) for name in _ROWS]
    counted = found.counted
    won = sum(regime.total_return > 0.0 for regime in counted)
    left = [f"{regime.name} ({regime.reason})" for regime in found.table if regime.reason]
    note = f"; left out: {', '.join(left)}" if left else ""
    return [
        ValidationRow(
            name=_ROWS[0],
            value=worst.sharpe,
            reading=f"In its worst state of the market, {worst.name} ({worst.n:,} returns), the "
            f"annual Sharpe ratio is {worst.sharpe:.2f}.",
        ),
        ValidationRow(
            name=_ROWS[1],
            value=share,
            reading=f"It made money in {won} of {len(counted)} states of the market: calm, "
            f"middling and stormy, rising and falling{note}.",
        ),
    ]


CHECK: Final = Check(name="regimes", rows=_ROWS, read=_read, compute=_compute)
"""The record by volatility and trend of the market, as known before each return."""
