"""One number for how little the result hangs on its parameters, its years and its costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.research.validation.check import Check
from hyprl_lab.research.validation.checks.sharpe import NO_SPREAD
from hyprl_lab.research.validation.checks.walk_forward import NO_SEARCH
from hyprl_lab.research.validation.score import BLOCKS, Robustness, robustness
from hyprl_lab.research.validation.validation import ValidationRow

if TYPE_CHECKING:
    from hyprl_lab.research.validation.asking import Asking

__all__ = ["CHECK"]

_ROWS: Final = (
    "robustness_score",
    "robustness_neighbourhood",
    "robustness_walk_forward",
    "robustness_costs",
    "robustness_time",
)


def _compute(asking: Asking) -> Robustness | None:
    subject = asking.subject
    if subject.returns is None or asking.moments is None:
        return None
    return robustness(
        subject.returns,
        asking.evidence("stress"),
        neighbourhood=asking.evidence("neighbourhood"),
        walk_forward=asking.evidence("walk_forward"),
        no_search=NO_SEARCH,
    )


def _read(asking: Asking, found: Robustness | None) -> list[ValidationRow]:
    if found is None:
        why = asking.subject.reason or NO_SPREAD
        return [ValidationRow.undefined(name, why) for name in _ROWS]
    won = sum(profit > 0.0 for profit in found.profits)
    score = (
        "Of 100 for a result that hangs neither on exact parameters, nor on known years, nor on "
        "low costs, nor on a lucky stretch, it scores {:.0f}."
    )
    beside = "Of its Sharpe ratio {:.0%} is left with parameters beside the chosen ones."
    unseen = "Of its Sharpe ratio {:.0%} is left where it is chosen anew and trades unseen bars."
    costs = "Of its Sharpe ratio {:.0%} is left at twice the costs and one bar later."
    time = (
        f"{won} of {BLOCKS} equal stretches of time were in profit, "
        "{:.0%} of the way from one in two to all."
    )
    parts = (
        (found.score, score),
        (found.neighbourhood, beside),
        (found.walk_forward, unseen),
        (found.costs, costs),
        (found.time, time),
    )
    return [
        ValidationRow.undefined(name, found.reason(name.removeprefix("robustness_")))
        if value is None
        else ValidationRow(name=name, value=value, reading=said.format(value))
        for name, (value, said) in zip(_ROWS, parts, strict=True)
    ]


CHECK: Final = Check(name="robustness", rows=_ROWS, read=_read, compute=_compute)
"""The robustness score: the geometric mean of four shares."""
