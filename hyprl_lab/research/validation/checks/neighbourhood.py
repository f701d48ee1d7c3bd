"""Whether the parameters beside the chosen ones would have done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.research.validation.check import Check
from hyprl_lab.research.validation.checks.walk_forward import NO_SEARCH
from hyprl_lab.research.validation.neighbourhood import VERSION, Neighbourhood, neighbourhood
from hyprl_lab.research.validation.validation import ValidationRow

if TYPE_CHECKING:
    from hyprl_lab.research.validation.asking import Asking

__all__ = ["CHECK"]

_ROWS: Final = ("neighbourhood_sharpe_25", "neighbourhood_ratio")


def _compute(asking: Asking) -> Neighbourhood | None:
    study, settings = asking.subject.study, asking.settings
    if study is None or study.best is None:
        return None
    return asking.remembered(
        "neighbourhood",
        {
            **asking.subject.search_inputs(),
            "version": VERSION,
            "trials": study.committed,
            "chosen": dict(study.best.params),
            "seed": settings.seed,
        },
        Neighbourhood.from_dict,
        lambda: neighbourhood(study, seed=settings.seed, cancel=asking.cancel),
    )


def _read(asking: Asking, found: Neighbourhood | None) -> list[ValidationRow]:
    if found is None:
        why = asking.subject.reason or NO_SEARCH
        return [ValidationRow.undefined(name, why) for name in _ROWS]
    quarter, ratio = found.quarter, found.ratio
    if quarter is None:
        return [ValidationRow.undefined(name, str(found.reason)) for name in _ROWS]
    count = len(found.neighbours)
    how = "one step away" if found.way == "steps" else "within a tenth"
    idle = f" ({found.without} without a Sharpe ratio count as 0)" if found.without else ""
    rows = [
        ValidationRow(
            name=_ROWS[0],
            value=quarter,
            reading=f"A quarter of the {count:,} parameter sets {how} have an annual Sharpe ratio "
            f"below {quarter:.2f}{idle}.",
        )
    ]
    if ratio is None:
        return [*rows, ValidationRow.undefined(_ROWS[1], str(found.reason))]
    halved = ""
    if found.edges and ratio > 0.0:
        halved = f", halved as {_listed(found.edges)} was chosen at the end of what was searched"
    rows.append(
        ValidationRow(
            name=_ROWS[1],
            value=ratio,
            reading=f"That is {quarter / (found.sharpe or 1.0):.0%} of the chosen parameters' "
            f"{found.sharpe:.2f}{halved}.",
        )
    )
    return rows


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(names)


CHECK: Final = Check(name="neighbourhood", rows=_ROWS, read=_read, compute=_compute)
"""The parameters around the chosen ones."""
