"""Whether the best of many models beats a benchmark by more than luck: Reality Check and SPA.

Sources: White, "A reality check for data snooping" (2000); Hansen, "A test for superior predictive
ability" (2005).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hyprl_lab.research.stats.differentials import checked_block, checked_panel
from hyprl_lab.research.stats.predictive import PredictiveTests
from hyprl_lab.research.stats.weights import bootstrap_weights

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from hyprl_lab.research.stats.predictive import (
        PredictiveAbility,
        RealityCheck,
        SuperiorPredictiveAbility,
    )

__all__ = ["reality_check", "superior_predictive_ability"]


def reality_check(
    returns: ArrayLike,
    *,
    benchmark: ArrayLike = 0.0,
    resamples: int = 1000,
    block_length: float = 10.0,
    seed: int = 0,
    weights: ArrayLike | None = None,
) -> RealityCheck:
    """Return White's Reality Check: whether the best mean is more than the luck of many tries.

    max √T·m against max √T·(m* - m), m* the means of stationary bootstrap resamples of rows,
    drawn together for all models (White 2000).

    Parameters
    ----------
    returns
        Shape (T, N), all models that were tried, T at least 8; (T,) is one model. No NaN.
    benchmark
        Return to beat: one number, or shape (T,).
    resamples
        B, at least 1.
    block_length
        Expected length of a block in rows, at most T/2; below 1 it counts as 1.
    seed
        Of the streams, one a resample.
    weights
        Resamples of one's own, shape (B, T), instead of `resamples` and `seed`.

    Raises
    ------
    InputError
        The returns are too few or not finite, a model earns the same amount above the benchmark
        in every row, or an argument is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(0).normal(0.0, 0.01, (250, 40))
    >>> reality_check(noise, resamples=199).p_value > 0.05
    True
    """
    return _both(returns, benchmark, resamples, block_length, seed, weights).reality_check


def superior_predictive_ability(
    returns: ArrayLike,
    *,
    benchmark: ArrayLike = 0.0,
    resamples: int = 1000,
    block_length: float = 10.0,
    seed: int = 0,
    studentized: bool = True,
    weights: ArrayLike | None = None,
) -> SuperiorPredictiveAbility:
    """Return Hansen's test: a Reality Check that bad and wild models can't weaken.

    max(0, max √T·m/ω) against max(0, max √T·(m* - g)/ω); ω is `long_run_deviation`, and g is
    max(m, 0) for the lower p-value, m where √T·m/ω ≥ -√(2·ln ln T) and else 0 for the
    consistent one, m for the upper one (Hansen 2005).

    Parameters
    ----------
    returns, benchmark, resamples, block_length, seed, weights
        As in `reality_check`; ω takes q = 1/block_length.
    studentized
        Divide by ω; without it the statistic is White's and only g is Hansen's.

    Raises
    ------
    InputError
        As `reality_check`.

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(0).normal(0.0, 0.01, (250, 40))
    >>> found = superior_predictive_ability(noise, resamples=199)
    >>> found.lower <= found.consistent <= found.upper
    True
    """
    return _both(returns, benchmark, resamples, block_length, seed, weights, studentized).superior


def _both(  # noqa: PLR0917 - the arguments of the two functions above, handed on
    returns: ArrayLike,
    benchmark: ArrayLike,
    resamples: int,
    block_length: float,
    seed: int,
    weights: ArrayLike | None,
    studentized: bool = True,
) -> PredictiveAbility:
    models = checked_panel(returns)
    if weights is None:
        weights = bootstrap_weights(
            len(models),
            resamples=resamples,
            block_length=checked_block(block_length, len(models)),
            seed=seed,
        )
    tests = PredictiveTests(
        weights, block_length=block_length, benchmark=benchmark, studentized=studentized
    )
    tests.add(models)
    return tests.finish()
