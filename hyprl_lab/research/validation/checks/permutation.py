"""How often the whole search scores as much where there is nothing to find."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.research.null import SearchNull, obstacle, search_null
from hyprl_lab.research.validation.check import Check
from hyprl_lab.research.validation.checks.walk_forward import NO_SEARCH
from hyprl_lab.research.validation.validation import ValidationRow

if TYPE_CHECKING:
    from hyprl_lab.research.validation.asking import Asking

__all__ = ["CHECK", "STOP_AFTER", "reached"]

STOP_AFTER: Final = 20
"""Markets that score as much after which no more are made: the p-value is known well enough."""

_ROW: Final = "permutation_p_value"


def reached(found: SearchNull) -> str:
    """Return of how many markets how many scored at least as much, in words."""
    counted = f"{found.exceedances:,} of {found.done:,} permuted markets"
    if found.stopped_early:
        return f"{counted}, after which no more were needed"
    return f"{counted}; the real one counts among them"


def _why_not(asking: Asking) -> str | None:
    study = asking.subject.study
    if study is None:
        return NO_SEARCH
    return asking.subject.reason or obstacle(study)


def _compute(asking: Asking) -> SearchNull | None:
    study, settings = asking.subject.study, asking.settings
    if study is None or _why_not(asking) is not None:
        return None
    return search_null(
        study,
        markets=settings.permutations,
        seed=settings.seed,
        stop_after=STOP_AFTER,
        threads=asking.threads,
        progress=asking.progress,
        cancel=asking.cancel,
    )


def _read(asking: Asking, found: SearchNull | None) -> list[ValidationRow]:
    if found is None:
        return [ValidationRow.undefined(_ROW, str(_why_not(asking)))]
    tries = "one try" if found.trials == 1 else f"{found.trials:,} tries"
    return [
        ValidationRow(
            name=_ROW,
            value=found.p_value,
            reading=f"The best of {tries} on markets without memory scores this in "
            f"{found.p_value:.1%} of cases ({reached(found)}).",
        )
    ]


CHECK: Final = Check(name="permutation", rows=(_ROW,), read=_read, compute=_compute)
"""The whole search again on permuted markets (Masters 2020)."""
