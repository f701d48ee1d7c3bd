"""The robustness score of what a validation found: its four parts, and where each comes from."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.research.stats.robustness import ratio_part, robustness_score, time_part

if TYPE_CHECKING:
    from hyprl_lab.research.validation.neighbourhood import Neighbourhood
    from hyprl_lab.research.validation.stress import Stress
    from hyprl_lab.research.walk_forward import WalkForward
    from hyprl_lab.types import FloatArray, JsonValue

__all__ = ["BLOCKS", "Robustness", "block_profits", "robustness"]

BLOCKS: Final = 8
"""Equal stretches of time, of which those in profit are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Robustness:
    """The score and its parts; a part that could not be told is `None`, and so is the score.

    Parameters
    ----------
    score
        0 to 100.
    neighbourhood, walk_forward, costs, time
        S_n, S_w, S_c, S_t, each from 0 to 1.
    profits
        Return of each of the eight blocks, compounded.
    reasons
        Why a part is missing, by its name.
    """

    score: float | None
    neighbourhood: float | None
    walk_forward: float | None
    costs: float | None
    time: float | None
    profits: tuple[float, ...]
    reasons: dict[str, str]

    def reason(self, name: str) -> str:
        """Return why a part is missing; of the score, why the first missing part is."""
        return self.reasons.get(name) or next(iter(self.reasons.values()), "it is undefined")

    def to_dict(self) -> dict[str, JsonValue]:
        """Return plain JSON values."""
        return {**asdict(self), "profits": list(self.profits)}


def robustness(
    returns: FloatArray,
    stress: Stress,
    *,
    neighbourhood: Neighbourhood | None,
    walk_forward: WalkForward | None,
    no_search: str,
) -> Robustness:
    """Put together what other checks found.

    What did not trade under stress, or on unseen bars, has no Sharpe ratio and counts as 0.

    Parameters
    ----------
    returns
        Headline returns of the judged run, which vary.
    stress
        Of the same run.
    neighbourhood, walk_forward
        Of its study; `None` for a single run.
    no_search
        Why these are missing, where they are.
    """
    base = stress.base.sharpe or 0.0
    profits = block_profits(returns)
    parts = {
        "neighbourhood": None if neighbourhood is None else neighbourhood.part,
        "walk_forward": None if walk_forward is None else _walked(walk_forward),
        "costs": None if stress.both.impossible else ratio_part(stress.both.sharpe or 0.0, base),
        "time": time_part(profits) if profits else None,
    }
    why = {
        "neighbourhood": no_search if neighbourhood is None else str(neighbourhood.reason),
        "walk_forward": no_search,
        "costs": str(stress.both.impossible),
        "time": f"fewer than {BLOCKS} headline returns",
    }
    known = {name: part for name, part in parts.items() if part is not None}
    score = robustness_score(**known, sharpe=base).score if len(known) == len(parts) else None
    return Robustness(
        score=score,
        **parts,
        profits=profits,
        reasons={name: why[name] for name in parts if name not in known},
    )


def block_profits(returns: FloatArray) -> tuple[float, ...]:
    """Return the compounded returns of eight blocks of equal length; none of fewer than 8 returns.

    The oldest T mod 8 returns are left out.

    Parameters
    ----------
    returns
        Shape (T,).

    Examples
    --------
    >>> block_profits(np.array([9.0, 0.5, -0.5, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]))
    (0.5, -0.5, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1)
    """
    length = len(returns) // BLOCKS
    if not length:
        return ()
    blocks = returns[len(returns) - BLOCKS * length :].reshape(BLOCKS, length)
    return tuple((np.prod(1.0 + blocks, axis=1) - 1.0).round(15).tolist())


def _walked(found: WalkForward) -> float:
    return ratio_part(found.out_of_sample_sharpe or 0.0, found.mean_train_sharpe or 0.0)
