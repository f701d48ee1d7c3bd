"""How often the best trial of one half of time is a poor one in the other half."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from hyprl_lab.research.validation.check import Check
from hyprl_lab.research.validation.checks.walk_forward import NO_SEARCH
from hyprl_lab.research.validation.search_overfitting import (
    BLOCKS,
    SearchOverfitting,
    search_overfitting,
)
from hyprl_lab.research.validation.validation import ValidationRow

if TYPE_CHECKING:
    from hyprl_lab.research.validation.asking import Asking

__all__ = ["CHECK"]

_VERSION: Final = 1

_ROWS: Final = ("probability_of_backtest_overfitting", "pbo_mean_logit")


def _compute(asking: Asking) -> SearchOverfitting | None:
    subject = asking.subject
    study, returns = subject.study, subject.returns
    if study is None or returns is None:
        return None
    return asking.remembered(
        "overfitting",
        {
            **subject.search_inputs(),
            "version": _VERSION,
            "blocks": BLOCKS,
            "trials": study.committed,
            "returns": len(returns),
        },
        SearchOverfitting.from_dict,
        lambda: search_overfitting(
            study, len(returns), threads=asking.threads, cancel=asking.cancel
        ),
    )


def _read(asking: Asking, found: SearchOverfitting | None) -> list[ValidationRow]:
    if found is None:
        why = asking.subject.reason or NO_SEARCH
        return [ValidationRow.undefined(name, why) for name in _ROWS]
    if found.probability is None or found.mean_logit is None:
        return [ValidationRow.undefined(name, str(found.reason)) for name in _ROWS]
    idle = f", {found.idle:,} of them one that was idle there" if found.idle else ""
    doubt = f" Inconclusive: {found.inconclusive}." if found.inconclusive else ""
    rank = 1.0 / (1.0 + math.exp(-found.mean_logit))
    return [
        ValidationRow(
            name=_ROWS[0],
            value=found.probability,
            reading=f"Of {found.splits:,} ways to choose the best of {found.trials:,} trials on "
            f"half of the history, {found.probability:.1%} chose one that was no better than the "
            f"median on the other half{idle}{_left_out(found)}.{doubt}",
        ),
        ValidationRow(
            name=_ROWS[1],
            value=found.mean_logit,
            reading="A trial chosen on half of the history typically ranked above "
            f"{rank:.0%} of all trials on the other half.",
        ),
    ]


def _left_out(found: SearchOverfitting) -> str:
    kinds = (("pruned", found.pruned), ("failed", found.failed), ("repeated", found.repeated))
    said = [f"{count:,} {kind}" for kind, count in kinds if count]
    return f" (without {', '.join(said)} ones)" if said else ""


CHECK: Final = Check(name="pbo", rows=_ROWS, read=_read, compute=_compute)
"""Combinatorially symmetric cross-validation (Bailey et al. 2017)."""
