"""Reality Check and SPA of more models than fit in memory: fed in parts, they keep the largest.

Sources: White, "A reality check for data snooping" (2000); Hansen, "A test for superior predictive
ability" (2005); Romano and Wolf, "Stepwise multiple testing as formalized data snooping" (2005).
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
    "JudgedModel",
    "PredictiveAbility",
    "PredictiveTests",
    "RealityCheck",
    "SuperiorPredictiveAbility",
]

_AT_ONCE: Final = 256
"""Models whose resampled means are held at a time."""

_BETTER_BYTES: Final = 64 << 20
"""Of the resamples of models that stand above the judged one."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedModel:
    """What Romano and Wolf's test says of one model among all.

    Parameters
    ----------
    statistic
        √T·m/ω; 0 where it is constant.
    better
        Models above it.
    stepped
        Whether the p-value was stepped down, as that of `romano_wolf`; else, where more models
        stand above it than are kept, it is that of a single step, which is no smaller.
    p_value
        Adjusted for all models.
    """

    statistic: float
    better: int
    stepped: bool
    p_value: float


class PredictiveTests:
    """Both tests, fed some models at a time; memory does not grow with the number of models.

    Kept between chunks are the best statistics so far and the largest value of each resample; of
    a judged model also the resamples of those above it, up to 64 MB.

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
    judged
        Returns of one of the models, shape (T,), whose own p-value `judge` returns.

    Raises
    ------
    InputError
        The weights are no resamples of at least eight rows, or the benchmark, the block length or
        the judged returns do not fit them.

    Examples
    --------
    >>> import numpy as np
    >>> from hyprl_lab.research.stats.weights import bootstrap_weights
    >>> noise = np.random.default_rng(0).normal(0.0, 0.01, (250, 40))
    >>> tests = PredictiveTests(bootstrap_weights(250, resamples=199), judged=noise[:, 7])
    >>> tests.add(noise[:, :25])
    >>> tests.add(noise[:, 25:])
    >>> tests.finish().superior.consistent > 0.05, tests.judge().p_value > 0.05
    (True, True)
    """

    def __init__(
        self,
        weights: ArrayLike,
        *,
        block_length: float = 10.0,
        benchmark: ArrayLike = 0.0,
        studentized: bool = True,
        judged: ArrayLike | None = None,
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
        self._judged = None if judged is None else self._statistic(judged)
        self._judged_draws = np.full(resamples, -np.inf)
        self._better = 0
        self._better_kept: list[tuple[float, FloatArray]] = []

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

    def judge(self) -> JudgedModel:
        """Return what Romano and Wolf's test says of the judged model.

        Each model from the best down to the judged one is compared with the largest √T·(m* - m)/ω
        among itself and those below it; the judged one has the largest of these p-values.

        Raises
        ------
        InputError
            There was no model, or none is judged.
        """
        if self._judged is None:
            raise InputError("no model is judged; give its returns as judged=")
        if not self._models:
            raise InputError("no model was added; expected at least one")
        resamples = len(self._weights)
        stepped = len(self._better_kept) == self._better
        if self._judged == -math.inf:
            statistic, most = 0.0, resamples
        elif stepped:
            statistic, draws = self._judged, self._judged_draws.copy()
            most = int((draws >= statistic).sum())
            for above, drawn in sorted(self._better_kept, key=lambda kept: kept[0]):
                np.maximum(draws, drawn, out=draws)
                most = max(most, int((draws >= above).sum()))
        else:
            statistic = self._judged
            most = int((self._superior_draws[2] >= statistic).sum())
        return JudgedModel(
            statistic=statistic,
            better=self._better,
            stepped=stepped,
            p_value=(most + 1) / (resamples + 1),
        )

    def _statistic(self, returns: ArrayLike) -> float:
        """Return √T·m/ω of one model; -inf where it is constant, as all others stand above it."""
        model = checked_panel(returns, self._n)
        found = Differentials.of(model, self._benchmark, self._kernel, first=0)
        if found.constant[0]:
            return -math.inf
        return float((found.means * self._scale(found.deviations))[0])

    def _scale(self, deviations: FloatArray) -> FloatArray:
        return math.sqrt(self._n) / (deviations if self._studentized else np.ones(len(deviations)))

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
        scale = self._scale(deviation)
        statistics = average * scale
        found = int(np.argmax(statistics))
        if statistics[found] > self._superior:
            self._superior = float(statistics[found])
            self._superior_best = (first + int(live[found]), float(deviation[found]))
        scaled = (means if len(live) == len(means) else means[live]) * scale[:, None]
        near = part.statistics[live] >= -math.sqrt(2.0 * math.log(math.log(self._n)))
        centres = (np.maximum(average, 0.0), np.where(near, average, 0.0), average)
        for draws, centre in zip(self._superior_draws, centres, strict=True):
            centred = scaled - (scale * centre)[:, None]
            np.maximum(draws, centred.max(axis=0), out=draws)
        if self._judged is not None and self._judged > -math.inf:
            self._take_judged(self._judged, statistics, centred)

    def _take_judged(self, judged: float, statistics: FloatArray, draws: FloatArray) -> None:
        """Keep the largest draws of models no better than the judged one, and those of others."""
        above = statistics > judged
        if not above.all():
            largest = draws[~above].max(axis=0)
            np.maximum(self._judged_draws, largest, out=self._judged_draws)
        room = _BETTER_BYTES // draws[:1].nbytes - len(self._better_kept)
        self._better += int(above.sum())
        self._better_kept += [
            (float(statistics[model]), draws[model].copy())
            for model in np.flatnonzero(above)[: max(0, room)]
        ]
