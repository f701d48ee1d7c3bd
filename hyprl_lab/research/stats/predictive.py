"""Reality Check and SPA of more models than fit in memory: fed in parts, they keep the largest.

Sources: White, "A reality check for data snooping" (2000); Hansen, "A test for superior predictive
ability" (2005).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.differentials import (
    Differentials,
    checked_benchmark,
    checked_block,
    checked_panel,
    checked_weights,
)
from hyprl_lab.research.stats.long_run import kernel

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from hyprl_lab.types import FloatArray

__all__ = [
    "PredictiveAbility",
    "PredictiveTests",
    "RealityCheck",
    "SuperiorPredictiveAbility",
]

_AT_ONCE: Final = 256
"""Models whose resampled means are held at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RealityCheck:
    """White's test of the best model.

    Parameters
    ----------
    models, n, resamples
        N, T and B.
    statistic
        V = √T times the largest mean.
    best
        Number of the model that has it, the first of equals.
    exceeding
        Resamples whose largest √T·(m* - m) is at least V.
    p_value
        (exceeding + 1)/(B + 1).
    """

    models: int
    n: int
    resamples: int
    statistic: float
    best: int
    exceeding: int
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SuperiorPredictiveAbility:
    """Hansen's test of the best model.

    Parameters
    ----------
    models, n, resamples
        N, T and B.
    constant
        Models that never differ from the benchmark, or always by the same loss; they count among
        `models` and can't be the best.
    statistic
        max(0, largest √T·m/ω), without ω where not studentised.
    best
        Number of the model that has it, the first of equals; `None` where all are constant.
    deviation
        ω of the best.
    exceeding
        Resamples at least as large under the lower, consistent and upper recentring.
    lower, consistent, upper
        (exceeding + 1)/(B + 1) of each. Lower takes models worse than the benchmark as they are,
        upper (White's) as if they were equal to it, consistent only those that are close.
    """

    models: int
    n: int
    resamples: int
    constant: int
    statistic: float
    best: int | None
    deviation: float | None
    exceeding: tuple[int, int, int]
    lower: float
    consistent: float
    upper: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictiveAbility:
    """Both tests of the same models on the same resamples."""

    reality_check: RealityCheck
    superior: SuperiorPredictiveAbility


class PredictiveTests:
    """Both tests, fed some models at a time; memory does not grow with the number of models.

    Kept between chunks are the best statistics so far and the largest value of each resample.

    Parameters
    ----------
    weights
        Shape (B, T), of `bootstrap_weights`.
    block_length
        Of the resamples, at most T/2: ω takes q = 1/block_length (`long_run_deviation`).
    benchmark
        Return to beat: one number, or shape (T,).
    studentized
        Divide each mean by ω, as Hansen does.

    Raises
    ------
    InputError
        The weights are no resamples of at least eight rows, or the benchmark or the block length
        does not fit them.

    Examples
    --------
    >>> import numpy as np
    >>> from hyprl_lab.research.stats.weights import bootstrap_weights
    >>> noise = np.random.default_rng(0).normal(0.0, 0.01, (250, 40))
    >>> tests = PredictiveTests(bootstrap_weights(250, resamples=199))
    >>> tests.add(noise[:, :25])
    >>> tests.add(noise[:, 25:])
    >>> tests.finish().superior.consistent > 0.05
    True
    """

    def __init__(
        self,
        weights: ArrayLike,
        *,
        block_length: float = 10.0,
        benchmark: ArrayLike = 0.0,
        studentized: bool = True,
    ) -> None:
        self._weights = checked_weights(weights)
        resamples, self._n = self._weights.shape
        self._benchmark = checked_benchmark(benchmark, self._n)
        self._kernel = kernel(self._n, checked_block(block_length, self._n))
        self._studentized = studentized
        self._models = self._constant = 0
        self._real, self._real_best = -math.inf, 0
        self._superior, self._superior_best = -math.inf, (-1, math.nan)
        self._real_draws = np.full(resamples, -np.inf)
        self._superior_draws = np.zeros((3, resamples))

    def add(self, returns: ArrayLike) -> None:
        """Take in further models.

        Parameters
        ----------
        returns
            Shape (T, k), a model a column, no NaN.

        Raises
        ------
        InputError
            The rows are not those of the weights, a number is not finite, or a model earns the
            same amount above the benchmark in every row.
        """
        chunk = checked_panel(returns, self._n)
        for start in range(0, chunk.shape[1], _AT_ONCE):
            part = chunk[:, start : start + _AT_ONCE]
            self._take(Differentials.of(part, self._benchmark, self._kernel, first=self._models))

    def finish(self) -> PredictiveAbility:
        """Return both tests of all models taken in.

        Raises
        ------
        InputError
            There was none.
        """
        if not self._models:
            raise InputError("no model was added; expected at least one")
        resamples = len(self._weights)
        real = int((self._real_draws >= self._real).sum())
        statistic = max(0.0, self._superior)
        counts = [int(k) for k in (self._superior_draws >= statistic).sum(axis=1)]
        lower, consistent, upper = ((k + 1) / (resamples + 1) for k in counts)
        best, deviation = self._superior_best
        return PredictiveAbility(
            reality_check=RealityCheck(
                models=self._models,
                n=self._n,
                resamples=resamples,
                statistic=self._real,
                best=self._real_best,
                exceeding=real,
                p_value=(real + 1) / (resamples + 1),
            ),
            superior=SuperiorPredictiveAbility(
                models=self._models,
                n=self._n,
                resamples=resamples,
                constant=self._constant,
                statistic=statistic,
                best=None if best < 0 else best,
                deviation=None if best < 0 else deviation,
                exceeding=(counts[0], counts[1], counts[2]),
                lower=lower,
                consistent=consistent,
                upper=upper,
            ),
        )

    def single_step(self, returns: ArrayLike) -> float:
        """Return the p-value of one model among all that were taken in, adjusted for all of them.

        (k + 1)/(B + 1), k the resamples whose largest √T·(m* - m)/ω of any model is at least the
        model's √T·m/ω: Romano and Wolf's of a single step, no smaller than that of their steps
        down, and the same for the best model.

        Parameters
        ----------
        returns
            Shape (T,), one of the models.

        Raises
        ------
        InputError
            As `add`; or there was no model.
        """
        if not self._models:
            raise InputError("no model was added; expected at least one")
        model = checked_panel(returns, self._n)
        found = Differentials.of(model, self._benchmark, self._kernel, first=0)
        if found.constant[0]:
            return 1.0
        deviation = float(found.deviations[0]) if self._studentized else 1.0
        statistic = math.sqrt(self._n) * float(found.means[0]) / deviation
        resamples = len(self._weights)
        return (int((self._superior_draws[2] >= statistic).sum()) + 1) / (resamples + 1)

    def _take(self, part: Differentials) -> None:
        first = self._models
        self._models += len(part.means)
        self._constant += int(part.constant.sum())
        root = math.sqrt(self._n)
        means = part.rows @ self._weights.T
        found = int(np.argmax(part.means))
        if root * float(part.means[found]) > self._real:
            self._real, self._real_best = root * float(part.means[found]), first + found
        draws = root * (means - part.means[:, None]).max(axis=0)
        np.maximum(self._real_draws, draws, out=self._real_draws)
        if not part.constant.all():
            self._take_superior(part, means, first)

    def _take_superior(self, part: Differentials, means: FloatArray, first: int) -> None:
        live = np.flatnonzero(~part.constant)
        average, deviation = part.means[live], part.deviations[live]
        scale = math.sqrt(self._n) / (deviation if self._studentized else np.ones(len(live)))
        statistics = scale * average
        found = int(np.argmax(statistics))
        if statistics[found] > self._superior:
            self._superior = float(statistics[found])
            self._superior_best = (first + int(live[found]), float(deviation[found]))
        scaled = means[live] * scale[:, None]
        near = part.statistics[live] >= -math.sqrt(2.0 * math.log(math.log(self._n)))
        centres = (np.maximum(average, 0.0), np.where(near, average, 0.0), average)
        for draws, centre in zip(self._superior_draws, centres, strict=True):
            np.maximum(draws, (scaled - (scale * centre)[:, None]).max(axis=0), out=draws)
