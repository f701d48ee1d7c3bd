"""Whether any trial of the search beats cash, given that all of them were tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hyprl_lab.research.validation.check import Check
from hyprl_lab.research.validation.checks.bootstrap import TOO_FEW, digest_of
from hyprl_lab.research.validation.search_ability import LEAST, SearchAbility, search_ability
from hyprl_lab.research.validation.trial_returns import MOST, TrialReturns
from hyprl_lab.research.validation.validation import ValidationRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hyprl_lab.research.validation.asking import Asking
    from hyprl_lab.types import FloatArray, JsonValue

__all__ = ["CHECK"]

_VERSION: Final = 1

_ROWS: Final = (
    "spa_p_value",
    "spa_lower_p_value",
    "spa_upper_p_value",
    "reality_check_p_value",
    "romano_wolf_p_value",
)


def _compute(asking: Asking) -> SearchAbility | None:
    subject, settings = asking.subject, asking.settings
    returns = subject.returns
    if returns is None or len(returns) < LEAST or asking.moments is None:
        return None
    inputs: Mapping[str, JsonValue] = {
        **subject.search_inputs(),
        "version": _VERSION,
        "returns": digest_of(returns),
        "trials": None if subject.study is None else subject.study.committed,
        "most": MOST,
        "resamples": settings.resamples,
        "seed": settings.seed,
    }
    return asking.remembered(
        "ability", inputs, SearchAbility.from_dict, lambda: _tested(asking, returns)
    )


def _tested(asking: Asking, returns: FloatArray) -> SearchAbility:
    settings, study = asking.settings, asking.subject.study
    if study is None:
        return search_ability(
            [returns[:, None]],
            returns,
            trials=1,
            left_out=0,
            resamples=settings.resamples,
            seed=settings.seed,
        )
    trials = TrialReturns.of(study)
    chunks = trials.chunks(threads=asking.threads, progress=asking.progress, cancel=asking.cancel)
    return search_ability(
        chunks,
        returns,
        trials=len(trials),
        left_out=trials.left_out,
        resamples=settings.resamples,
        seed=settings.seed,
    )


def _read(asking: Asking, found: SearchAbility | None) -> list[ValidationRow]:
    if found is None:
        why = asking.subject.reason or TOO_FEW
        return [ValidationRow.undefined(name, why) for name in _ROWS]
    tried = f"{found.trials:,} {'trial' if found.trials == 1 else 'trials that differ'}"
    if found.left_out:
        tried += f" ({found.left_out:,} more were left out)"
    none, called = f"none of {tried}", f"the chosen one of {tried}"
    if found.trials == 1:
        none, called = "the one trial no", "the one trial"
    best = f"Were {none} better than cash, the best would look as good in "
    return [
        ValidationRow(
            name=_ROWS[0],
            value=found.consistent,
            reading=f"{best}{found.consistent:.1%} of {found.resamples:,} resampled histories.",
        ),
        ValidationRow(
            name=_ROWS[1],
            value=found.lower,
            reading=f"{best}{found.lower:.1%}, if trials that lose are taken as they are.",
        ),
        ValidationRow(
            name=_ROWS[2],
            value=found.upper,
            reading=f"{best}{found.upper:.1%}, if trials that lose are taken as if they did not.",
        ),
        ValidationRow(
            name=_ROWS[3],
            value=found.reality_check,
            reading=f"{best}{found.reality_check:.1%}, by mean returns whatever their risk.",
        ),
        ValidationRow(
            name=_ROWS[4],
            value=found.chosen,
            reading=f"Calling {called} better than cash, and every other that "
            f"looks as good, would err even once in {found.chosen:.1%} of worlds without an edge.",
        ),
    ]


CHECK: Final = Check(name="spa", rows=_ROWS, read=_read, compute=_compute)
"""The tests of White (2000), Hansen (2005), and Romano and Wolf (2005), against cash."""
