"""How often all of the walk-forward earns as much where what follows is chance."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.research.null import SearchNull, obstacle, walk_forward_null
from hyprl_lab.research.validation.check import Check
from hyprl_lab.research.validation.checks.permutation import STOP_AFTER, reached
from hyprl_lab.research.validation.checks.walk_forward import NO_SEARCH
from hyprl_lab.research.validation.validation import ValidationRow

if TYPE_CHECKING:
    from hyprl_lab.research.validation.asking import Asking
    from hyprl_lab.research.walk_forward import WalkForward

__all__ = ["CHECK"]

_ROW: Final = "walk_forward_permutation_p_value"


def _why_not(asking: Asking) -> str | None:
    study = asking.subject.study
    if study is None:
        return NO_SEARCH
    why = obstacle(study)
    if why is not None:
        return why
    found: WalkForward = asking.evidence("walk_forward")
    if found.out_of_sample_sharpe is None:
        return "the out-of-sample returns do not vary"
    return None


def _compute(asking: Asking) -> SearchNull | None:
    study, settings = asking.subject.study, asking.settings
    if study is None or _why_not(asking) is not None:
        return None
    return walk_forward_null(
        study,
        found=asking.evidence("walk_forward"),
        markets=settings.walk_forward_permutations,
        seed=settings.seed,
        stop_after=STOP_AFTER,
        threads=asking.threads,
        progress=asking.progress,
        cancel=asking.cancel,
    )


def _read(asking: Asking, found: SearchNull | None) -> list[ValidationRow]:
    if found is None:
        return [ValidationRow.undefined(_ROW, str(_why_not(asking)))]
    return [
        ValidationRow(
            name=_ROW,
            value=found.p_value,
            reading=f"Searched anew and traded on unseen bars that are chance, an annual Sharpe "
            f"ratio of {found.real:.2f} comes in {found.p_value:.1%} of cases ({reached(found)}).",
        )
    ]


CHECK: Final = Check(name="walk_forward_permutation", rows=(_ROW,), read=_read, compute=_compute)
"""The walk-forward again on markets permuted behind its first training stretch (Masters 2020)."""
