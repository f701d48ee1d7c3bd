"""What is left at twice the costs, one bar later, and with worse fills."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.research.validation.check import Check
from hyprl_lab.research.validation.stress import Stress, stress
from hyprl_lab.research.validation.validation import ValidationRow
from hyprl_lab.research.validation.worse import LEAST_COST_BPS

if TYPE_CHECKING:
    from hyprl_lab.research.validation.asking import Asking
    from hyprl_lab.research.validation.stress import StressedRun

__all__ = ["CHECK"]

_FACTOR: Final = "stressed_profit_factor"

_ROWS: Final = (
    _FACTOR,
    "stressed_sharpe",
    "stress_costs_sharpe",
    "stress_late_sharpe",
    "stress_fills_sharpe",
)


def _compute(asking: Asking) -> Stress | None:
    result = asking.subject.result
    return None if result is None else stress(result, cancel=asking.cancel)


def _read(asking: Asking, found: Stress | None) -> list[ValidationRow]:
    if found is None:
        why = asking.subject.reason or "there is no run"
        return [ValidationRow.undefined(name, why) for name in _ROWS]
    costs = "twice the costs"
    if found.cost_bps < LEAST_COST_BPS:
        costs += (
            f" (a fill of the run costs {found.cost_bps:.2g} bp, which was taken as "
            f"{found.assumed_bps:g} bp)"
        )
    both = f"At {costs} and one bar later"
    slip = float(found.fills.changed.get("slippage_bps") or 0.0)  # type: ignore[arg-type]  # a number
    fills = f"With worse fills (slippage of {slip:.3g} bp)" if slip else "With worse fills"
    ways = (
        (both, found.both),
        (f"At {costs}", found.costs),
        ("With every decision one bar later", found.late),
        (fills, found.fills),
    )
    return [
        _factor(found, both),
        *(
            _sharpe(name, said, one, found.base)
            for name, (said, one) in zip(_ROWS[1:], ways, strict=True)
        ),
    ]


def _factor(found: Stress, said: str) -> ValidationRow:
    value, base = found.both.profit_factor, found.base.profit_factor
    if value is None:
        return ValidationRow.undefined(_FACTOR, found.both.reason("profit_factor"))
    before = "" if base is None else f", {base:.2f} as judged"
    return ValidationRow(
        name=_FACTOR,
        value=value,
        reading=f"{said} it won {value:.2f} for each unit of money that it lost{before}.",
    )


def _sharpe(name: str, said: str, one: StressedRun, base: StressedRun) -> ValidationRow:
    if one.sharpe is None:
        return ValidationRow.undefined(name, one.reason("sharpe"))
    before = "" if base.sharpe is None else f", {base.sharpe:.2f} as judged"
    return ValidationRow(
        name=name,
        value=one.sharpe,
        reading=f"{said} the annual Sharpe ratio is {one.sharpe:.2f}{before}.",
    )


CHECK: Final = Check(name="stress", rows=_ROWS, read=_read, compute=_compute)
"""The judged run under worse conditions."""
