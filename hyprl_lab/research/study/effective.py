"""How many of a study's trials are different from each other.

Trials of one search resemble each other, so fewer independent looks were taken than there are
rows. Three ways to say how many; none of them is N of the gate, which counts every distinct trial.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.engine.simulation import BLOCK_COLUMNS
from hyprl_lab.errors import InputError
from hyprl_lab.research.study.frames import block_ranges

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hyprl_lab.research.study.study import Study
    from hyprl_lab.types import FloatArray

__all__ = ["Alike", "EffectiveTrials", "effective_trials"]

_RETURNS: Final = BLOCK_COLUMNS[0]
_NOISE: Final = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectiveTrials:
    """How many different trials a study amounts to, by three measures.

    Correlations are between the returns of trials summed over each of 16 equal blocks of time, so
    a pair's correlation has a standard error of up to 1/√15; the two measures below average over
    all pairs. Trials whose blocks do not vary (those that never traded) have no correlation and
    are left out of them.

    Parameters
    ----------
    trials
        Completed trials.
    behaviours
        Distinct behaviour hashes among them: trials that traded on the same bars, the same way,
        for the same reasons, count once. No estimate, an upper bound.
    correlated
        M, the trials that have correlations.
    mean_correlation
        The mean correlation of a pair; `None` with fewer than two.
    by_correlation
        R + (1 - R)·M, R the mean correlation, taken as at least 0: the number of independent
        trials that so many correlated ones amount to (D. H. Bailey, M. López de Prado, "The
        deflated Sharpe ratio", Journal of Portfolio Management 40, 2014, appendix). It sees
        how alike trials are on the whole, not whether they fall into groups.
    by_eigenvalues
        (Σλ)²/Σλ² = M²/Σ rᵢⱼ² over the eigenvalues of the correlation matrix, the participation
        ratio (C. S. Bretherton et al., "The effective number of spatial degrees of freedom of a
        time-varying field", Journal of Climate 12, 1999). It sees groups, and opposite trials
        (r = -1) as one. A squared correlation from 16 blocks is too large by chance; each is
        taken as 1 - (1 - r²)·15/14 (the adjusted coefficient of determination), which is 0 on
        average for independent trials. `None` with fewer than two.
    """

    trials: int
    behaviours: int
    correlated: int
    mean_correlation: float | None
    by_correlation: float | None
    by_eigenvalues: float | None

    def __repr__(self) -> str:
        """One line: the trials and the three measures."""
        return (
            f"EffectiveTrials({self.trials:,} trials: {self.behaviours:,} behaviours, "
            f"{_number(self.by_correlation)} by mean correlation, "
            f"{_number(self.by_eigenvalues)} by eigenvalues)"
        )

    def _repr_html_(self) -> str:
        rows = (
            ("completed trials", f"{self.trials:,}"),
            ("distinct behaviours", f"{self.behaviours:,}"),
            ("trials whose returns vary", f"{self.correlated:,}"),
            ("mean correlation", _number(self.mean_correlation)),
            ("effective trials by mean correlation", _number(self.by_correlation)),
            ("effective trials by eigenvalues", _number(self.by_eigenvalues)),
        )
        cells = "".join(
            f"<tr><th style='text-align:left'>{escape(name)}</th>"
            f"<td style='text-align:right'>{escape(value)}</td></tr>"
            for name, value in rows
        )
        return f"<table><tbody>{cells}</tbody></table>"


class Alike:
    """Sums from which the two correlation measures follow, without a matrix of trials.

    With zᵢ the block returns of trial i, less their mean and of length 1, rᵢⱼ = zᵢ·zⱼ. So
    Σ rᵢⱼ = ‖Σ zᵢ‖² and Σ rᵢⱼ² = ‖Σ zᵢzᵢᵀ‖² (Frobenius), sums over trials alone.

    Examples
    --------
    >>> alike = Alike(4)
    >>> alike.add(np.array([[1.0, -1.0, 1.0, -1.0], [1.0, 1.0, -1.0, -1.0]]))
    >>> alike.count, alike.mean_correlation, alike.by_correlation
    (2, 0.0, 2.0)
    """

    __slots__ = ("_direction", "_products", "blocks", "count")

    def __init__(self, blocks: int) -> None:
        self.blocks = blocks
        self.count = 0
        self._direction = np.zeros(blocks)
        self._products = np.zeros((blocks, blocks))

    def add(self, returns: FloatArray) -> None:
        """Add trials: shape (trials, blocks), the return of each block."""
        centred = returns - returns.mean(axis=1, keepdims=True)
        length = np.sqrt(np.square(centred).sum(axis=1))
        varies = length > _NOISE * np.sqrt(np.square(returns).sum(axis=1))
        unit = centred[varies] / length[varies, None]
        self.count += len(unit)
        self._direction += unit.sum(axis=0)
        self._products += unit.T @ unit

    @property
    def mean_correlation(self) -> float | None:
        """Mean over all pairs of different trials; `None` with fewer than two."""
        if self.count < 2:
            return None
        both = float(np.square(self._direction).sum()) - self.count
        return min(both / (self.count * (self.count - 1)), 1.0)

    @property
    def by_correlation(self) -> float | None:
        """R + (1 - R)·M, R the mean correlation; `None` with fewer than two."""
        mean = self.mean_correlation
        if mean is None:
            return None
        mean = max(mean, 0.0)
        return mean + (1.0 - mean) * self.count

    @property
    def by_eigenvalues(self) -> float | None:
        """M²/Σ rᵢⱼ², squares adjusted for the number of blocks; `None` with fewer than two."""
        if self.count < 2:
            return None
        pairs = float(self.count) * (self.count - 1)
        squares = (float(np.square(self._products).sum()) - self.count) / pairs
        adjusted = 1.0 - (1.0 - squares) * (self.blocks - 1) / (self.blocks - 2)
        adjusted = min(max(adjusted, 0.0), 1.0)
        return self.count / (1.0 + (self.count - 1) * adjusted)


def effective_trials(study: Study) -> EffectiveTrials:
    """Return how many trials a study amounts to; see `Study.effective_trials`."""
    alike: Alike | None = None
    hashes: list[NDArray[np.uint64]] = []
    for places, blocks in block_ranges(study, [_RETURNS]):
        # a range at a time: a search that was stopped may have left out some in the middle
        found = study.warehouse.trial_columns(
            study.study_id,
            ["completed", "behaviour_hash"],
            first=places.start,
            stop=places.stop,
        )
        kept = found["completed"]
        returns = blocks[_RETURNS][kept, 1:]  # the leading block is of another length
        if alike is None:
            alike = Alike(returns.shape[1])
        alike.add(returns)
        hashes.append(found["behaviour_hash"][kept])
    if alike is None:
        raise InputError("the study has no trials yet; run the search to its end first")
    behaviours = np.concatenate(hashes)
    return EffectiveTrials(
        trials=len(behaviours),
        behaviours=len(np.unique(behaviours)),
        correlated=alike.count,
        mean_correlation=alike.mean_correlation,
        by_correlation=alike.by_correlation,
        by_eigenvalues=alike.by_eigenvalues,
    )


def _number(value: float | None) -> str:
    if value is None:
        return "undefined"
    return f"{value:,.0f}" if math.fabs(value) >= 100 else f"{value:.3g}"
