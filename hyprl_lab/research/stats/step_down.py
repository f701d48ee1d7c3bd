"""Which of many models beat a benchmark, each with a p-value adjusted for all of them.

Source: Romano and Wolf, "Stepwise multiple testing as formalized data snooping" (2005); the
p-values are those of "Efficient computation of adjusted p-values" (2016).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.research.stats.differentials import (
    Differentials,
    checked_benchmark,
    checked_block,
    checked_panel,
    checked_weights,
)
from hyprl_lab.research.stats.long_run import kernel
from hyprl_lab.research.stats.weights import bootstrap_weights

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from hyprl_lab.types import FloatArray

__all__ = ["RomanoWolf", "romano_wolf"]

_AT_ONCE: Final = 256


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RomanoWolf:
    """A p-value a model.

    Parameters
    ----------
    n, resamples
        T and B.
    constant
        Models that never differ from the benchmark, or always by the same loss: their statistic
        is 0 and their p-value 1.
    statistics
        Shape (N,): √T·m/ω, without ω where not studentised.
    p_values
        Shape (N,), adjusted: calling all models with p ≤ a better than the benchmark errs, even
        once, with a probability of at most a.
    """

    n: int
    resamples: int
    constant: int
    statistics: FloatArray
    p_values: FloatArray


def romano_wolf(
    returns: ArrayLike,
    *,
    benchmark: ArrayLike = 0.0,
    resamples: int = 1000,
    block_length: float = 10.0,
    seed: int = 0,
    studentized: bool = True,
    weights: ArrayLike | None = None,
) -> RomanoWolf:
    """Return step-down p-values of every model, one-sided.

    The models stand in order of √T·m/ω. Each is compared with the largest √T·(m* - m)/ω among
    itself and those below it; then the running maximum of p from the best down.

    Parameters
    ----------
    returns
        Shape (T, N), all models that were tried, T at least 8; (T,) is one model. No NaN.
    benchmark
        Return to beat: one number, or shape (T,).
    resamples
        B, at least 1.
    block_length
        Expected length of a block in rows, at most T/2; ω takes q = 1/block_length.
    seed
        Of the streams, one a resample.
    studentized
        Divide by ω (`long_run_deviation`), the same for the sample and its resamples.
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
    >>> models = np.random.default_rng(0).normal(0.0, 0.01, (250, 5))
    >>> models[:, 3] += 0.004
    >>> np.flatnonzero(romano_wolf(models, resamples=199).p_values <= 0.05)
    array([3])
    """
    models = checked_panel(returns)
    length = checked_block(block_length, len(models))
    if weights is None:
        weights = bootstrap_weights(
            len(models), resamples=resamples, block_length=length, seed=seed
        )
    drawn = checked_weights(weights)
    n = drawn.shape[1]
    checked_panel(models, n)
    over, transform = checked_benchmark(benchmark, n), kernel(n, length)
    means, scale = np.empty(models.shape[1]), np.zeros(models.shape[1])
    for start in range(0, models.shape[1], _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        found = Differentials.of(models[:, part], over, transform, first=start)
        means[part] = found.means
        varying = ~found.constant
        scale[part][varying] = math.sqrt(n) / (found.deviations[varying] if studentized else 1.0)
    statistics = means * scale
    live = np.flatnonzero(scale)
    order = live[np.argsort(statistics[live], kind="stable")]
    counts = np.zeros(models.shape[1], dtype=np.int64)
    largest = np.full((1, len(drawn)), -np.inf)
    for start in range(0, len(order), _AT_ONCE):
        part_of = order[start : start + _AT_ONCE]
        rows = np.ascontiguousarray(models[:, part_of].T) - over
        centred = (rows @ drawn.T - means[part_of, None]) * scale[part_of, None]
        running = np.maximum.accumulate(np.concatenate((largest, centred)), axis=0)[1:]
        counts[part_of] = (running >= statistics[part_of, None]).sum(axis=1)
        largest = running[-1:]
    p_values = np.ones(models.shape[1])
    best_first = order[::-1]
    raw = (counts[best_first] + 1) / (len(drawn) + 1)
    p_values[best_first] = np.maximum.accumulate(raw)
    return RomanoWolf(
        n=n,
        resamples=len(drawn),
        constant=models.shape[1] - len(live),
        statistics=statistics,
        p_values=p_values,
    )
