"""What else the same returns might have made: another order, another draw, other blocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

import numpy as np

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.arrays import series
from hyprl_lab.research.stats.bootstrap import optimal_block_length
from hyprl_lab.research.stats.checks import finite, whole
from hyprl_lab.research.stats.paths import permutations, stationary_steps
from hyprl_lab.research.stats.ruin import BEYOND

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import ArrayLike

    from hyprl_lab.types import FloatArray, IntArray

__all__ = ["Method", "MonteCarlo", "monte_carlo"]

Method: TypeAlias = Literal["shuffle", "resample", "bootstrap"]

FAN: Final = (0.05, 0.25, 0.5, 0.75, 0.95)

ROUNDING: Final = 1e-12
"""Drawdowns closer than this are the same one, compounded in another order."""

_SHUFFLED_AT_ONCE: Final = 1 << 21


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MonteCarlo:
    """Equity curves that the same returns might have made; all start at 1.

    Parameters
    ----------
    method
        How the paths were made.
    n, resamples, seed
        Returns, paths and the seed of their streams.
    block_length
        Expected block in returns; `None` where returns are drawn one by one.
    steps
        Shape (s,): the number of returns after which the fan is measured, from 0 to n.
    probabilities
        Of the fan.
    fan
        Shape (probabilities, s): quantiles of equity over the paths.
    path
        Shape (s,): equity of the returns in the order given.
    final_equities, max_drawdowns
        Shape (resamples,), in the order of paths; drawdowns are fractions of the highest point so
        far, the start included.
    final_equity, max_drawdown
        The same of the returns in the order given.
    drawdown_p_value
        (k + 1)/(resamples + 1), k the paths whose drawdown is at least as deep. Near 1: most
        other orders would have hurt more; near 0: the order given was an unlucky one.
    """

    method: Method
    n: int
    resamples: int
    seed: int
    block_length: float | None
    steps: IntArray
    probabilities: tuple[float, ...]
    fan: FloatArray
    path: FloatArray
    final_equities: FloatArray
    max_drawdowns: FloatArray
    final_equity: float
    max_drawdown: float
    drawdown_p_value: float


def monte_carlo(
    returns: ArrayLike,
    *,
    method: Method = "shuffle",
    resamples: int = 1000,
    block_length: float | None = None,
    probabilities: Sequence[float] = FAN,
    points: int = 250,
    seed: int = 0,
) -> MonteCarlo:
    """Compound the same returns in other ways, and measure what comes out.

    `"shuffle"` takes each return once, in another order: the end is the same, the way is not.
    `"resample"` draws with replacement, one by one; both are for trades. `"bootstrap"` draws
    blocks of geometric length (Politis and Romano 1994) and is for returns per period, whose
    neighbours belong together. A return of -100 % or less leaves nothing for good. Path `i`
    depends on (seed, i) alone.

    Parameters
    ----------
    returns
        Shape (n,), returns on equity of trades or of periods, n at least 2, no NaN.
    method
        See above.
    resamples
        Paths, at least 1.
    block_length
        Of `"bootstrap"` alone; by default the optimal one (n at least 8), at least 1.
    probabilities
        Of the fan, each from 0 to 1.
    points
        The fan is measured at this many steps at most after the start, at least 1.
    seed
        Of the streams.

    Raises
    ------
    InputError
        The returns are too few or not finite, the method is unknown, or an argument is out of
        range.

    Examples
    --------
    >>> found = monte_carlo([0.1, -0.05, 0.2, -0.1], resamples=99)
    >>> bool(found.final_equities.max() - found.final_equities.min() < 1e-12)
    True
    """
    outcomes = series("returns", returns, least=2)
    paths, most = whole("resamples", resamples, least=1), whole("points", points, least=1)
    chances = tuple(float(p) for p in series("probabilities", list(probabilities), least=1))
    if min(chances) < 0.0 or max(chances) > 1.0:
        raise InputError(f"probabilities are {chances}; expected numbers from 0 to 1")
    if method not in get_args(Method):
        raise InputError(f"method is {method!r}; expected one of {', '.join(get_args(Method))}")
    if block_length is not None and method != "bootstrap":
        raise InputError(
            f"block_length is {block_length} with method {method!r}, which draws one by one; "
            'leave it out, or take method="bootstrap"'
        )
    n = len(outcomes)
    block = None
    if method == "bootstrap":
        given = optimal_block_length(outcomes) if block_length is None else block_length
        block = max(1.0, finite("block_length", given))
    growth = np.maximum(1.0 + outcomes, 0.0)
    steps = np.unique(np.linspace(0, n, min(n, most) + 1).round().astype(np.int64))
    drawn = _drawn(n, method=method, paths=paths, block_length=block or 1.0, seed=seed)
    curves, finals, drawdowns = _walked(growth, drawn, paths, steps)
    as_it_was = _walked(growth, iter(np.arange(n)[:, None]), 1, steps)
    actual = float(as_it_was[2][0])
    return MonteCarlo(
        method=method,
        n=n,
        resamples=paths,
        seed=seed,
        block_length=block,
        steps=steps,
        probabilities=chances,
        fan=np.quantile(curves, chances, axis=1),
        path=as_it_was[0][:, 0],
        final_equities=finals,
        max_drawdowns=drawdowns,
        final_equity=float(as_it_was[1][0]),
        max_drawdown=actual,
        drawdown_p_value=(int((drawdowns >= actual - ROUNDING).sum()) + 1) / (paths + 1),
    )


def _drawn(
    n: int, *, method: Method, paths: int, block_length: float, seed: int
) -> Iterator[IntArray]:
    """Yield the row that each path takes next."""
    if method != "shuffle":
        yield from stationary_steps(n, paths=paths, length=n, block_length=block_length, seed=seed)
        return
    orders = np.empty((n, paths), dtype=np.int64)
    width = max(1, _SHUFFLED_AT_ONCE // n)
    for first in range(0, paths, width):
        part = permutations(n, paths=min(width, paths - first), seed=seed, first=first)
        orders[:, first : first + width] = part.T
    yield from orders


def _walked(
    growth: FloatArray, drawn: Iterator[IntArray], paths: int, steps: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return equity at the steps (a step a row), at the end, and the largest drawdowns."""
    curves = np.ones((len(steps), paths))
    place = {int(step): row for row, step in enumerate(steps)}
    equity, peak, worst = np.ones(paths), np.ones(paths), np.zeros(paths)
    with np.errstate(over="ignore", invalid="ignore"):  # refused below
        for step, rows in enumerate(drawn, start=1):
            equity *= growth[rows]
            np.maximum(peak, equity, out=peak)
            np.maximum(worst, 1.0 - equity / peak, out=worst)
            if step in place:
                curves[place[step]] = equity
    if not np.isfinite(peak).all():
        raise InputError(BEYOND)
    return curves, equity, worst
