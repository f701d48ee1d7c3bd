"""The stationary bootstrap of headline returns, one random stream a path.

Source: Politis and Romano, "The stationary bootstrap" (1994); block length by Politis and White
(2004) as corrected by Patton, Politis and White (2009), from `arch`.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.checks import finite, open_share, whole
from hyprl_lab.research.stats.interval import Interval
from hyprl_lab.research.stats.moments import return_moments
from hyprl_lab.research.stats.streams import SplitMix64

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from hyprl_lab.types import FloatArray, IntArray, JsonValue

__all__ = [
    "BLOCK_RULE",
    "CONFIDENCE",
    "VERSION",
    "Bootstrap",
    "optimal_block_length",
    "stationary_bootstrap",
    "stationary_indices",
]


VERSION: Final = 1
"""Of the method: it changes whenever the same arguments would give another `Bootstrap`."""

BLOCK_RULE: Final = "politis-white-2009"
"""How the block length is chosen where none is given."""

CONFIDENCE: Final = 0.95
"""Of the Sharpe interval where nothing is said."""

_FEWEST: Final = 11
"""Values of which `arch` can tell a block length."""


def stationary_indices(stream: SplitMix64, n: int, block_length: float) -> IntArray:
    """Return the rows of one resampled path, in blocks of geometric length.

    The first row is ⌊u·n⌋. For each later one a number u is drawn: if u < 1/`block_length` the
    row is ⌊v·n⌋ of a further number, else the row after the last, the first following the last.

    Parameters
    ----------
    stream
        Where the numbers come from; it moves on by as many as the definition reads.
    n
        Rows of the series and of the path, at least 1.
    block_length
        Expected length of a block in rows; below 1 it counts as 1 (independent draws).

    Returns
    -------
    IntArray
        Shape (n,), rows between 0 and n - 1.

    Examples
    --------
    >>> stationary_indices(SplitMix64(42), 2088, 10.0)[:5]
    array([1548, 1549, 1550, 1551, 1812])
    """
    uniforms = stream.peek(2 * n)  # at most two numbers a row
    low = np.flatnonzero(uniforms[1:] < 1.0 / max(block_length, 1.0)) + 1
    # A low number starts a block unless it was used up as the row of the block before it: in an
    # unbroken run of low numbers every second one is.
    run = np.cumsum(np.diff(low, prepend=-1) != 1) - 1
    heads = np.flatnonzero(np.diff(low, prepend=-1) != 1)
    starts = low[(np.arange(len(low)) - heads[run]) % 2 == 0] if len(low) else low
    starts = starts[starts + 1 < len(uniforms)]
    # The k-th start has used k further numbers before it, so its row in the path is start - k.
    rows = np.concatenate(([0], starts - np.arange(len(starts))))
    values = np.floor(np.concatenate((uniforms[:1], uniforms[starts + 1])) * n).astype(np.int64)
    inside = rows < n
    rows, values = rows[inside], values[inside]
    stream.skip(n + len(rows) - 1)
    block = np.searchsorted(rows, np.arange(n), side="right") - 1
    path: IntArray = (values[block] + np.arange(n) - rows[block]) % n
    return path


def optimal_block_length(
    values: ArrayLike, *, method: Literal["stationary", "circular"] = "stationary"
) -> float:
    """Return the optimal block length for a bootstrap of a series, in values.

    Politis and White (2004) with the correction of 2009, computed by `arch`. Fewer than 11 values
    have too few autocorrelations for it: 1, independent draws.

    Parameters
    ----------
    values
        Shape (n,), n at least 8, no NaN, not constant.
    method
        Of the bootstrap: blocks of random length, of which this is the mean (Politis and Romano
        1994), or of this length, wrapped around the end (1992). Below 1 for series whose
        neighbours repel each other.

    Raises
    ------
    InputError
        The series is shorter than 8, constant, or holds a NaN; the method is neither.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(500)
    >>> round(optimal_block_length(np.sin(0.05 * t) + 0.1 * np.cos(1.3 * t)), 6)
    35.478761
    """
    if method not in ("stationary", "circular"):
        raise InputError(f"method is {method!r}; expected 'stationary' or 'circular'")
    series = np.asarray(values, dtype=np.float64)
    if len(series) < 8 or return_moments(series) is None:
        raise InputError(f"{len(series)} values; expected at least 8 that are not all equal")
    if len(series) < _FEWEST:
        return 1.0
    from arch.bootstrap import optimal_block_length as of_arch

    return float(of_arch(series)[method].iloc[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Bootstrap:
    """What resampled histories of one return series say.

    Parameters
    ----------
    n, resamples, seed
        Returns, paths and the seed of their streams.
    block_length
        Expected block in returns.
    confidence
        Two-sided, of `sharpe`.
    sharpe
        Percentile interval of the annualised Sharpe ratio; `None` if some path has none.
    max_drawdown_95
        95th percentile of the paths' largest drawdowns between headline points, a fraction.
    p_value
        Of "the mean return is not above 0": (k + 1)/(B + 1), k the paths whose mean exceeds the
        sample's by at least the sample mean itself.
    """

    n: int
    resamples: int
    seed: int
    block_length: float
    confidence: float
    sharpe: Interval | None
    max_drawdown_95: float
    p_value: float

    def to_dict(self) -> dict[str, JsonValue]:
        """Return plain JSON values."""
        return {**asdict(self), "sharpe": None if self.sharpe is None else list(self.sharpe)}

    @classmethod
    def from_dict(cls, data: dict[str, JsonValue]) -> Bootstrap:
        """Read back what `to_dict` gave."""
        sharpe = data["sharpe"]
        interval = Interval(*sharpe) if isinstance(sharpe, list) else None  # type: ignore[arg-type]  # to_dict wrote two floats
        return cls(**{**data, "sharpe": interval})  # type: ignore[arg-type]  # the same


def stationary_bootstrap(
    returns: ArrayLike,
    *,
    periods_per_year: float,
    resamples: int = 1000,
    block_length: float | None = None,
    confidence: float = CONFIDENCE,
    seed: int = 0,
    progress: Callable[[int], None] | None = None,
) -> Bootstrap:
    """Resample a return series in blocks, and say how much of its result was luck.

    Path `i` depends on (seed, i) alone, so the result does not depend on order or on threads.

    Parameters
    ----------
    returns
        Shape (n,), simple returns per headline period; at least 8, not all equal, no NaN.
    periods_per_year
        Headline periods in a year, above 0.
    resamples
        Paths, at least 1.
    block_length
        Expected block in returns; by default the optimal one, at least 1.
    confidence
        Of the Sharpe interval, between 0 and 1.
    seed
        Of the streams.
    progress
        Called with the number of paths done.

    Raises
    ------
    InputError
        An argument is out of range, or the returns are too few, constant or not finite.

    Examples
    --------
    >>> import numpy as np
    >>> noise = np.random.default_rng(1).normal(0.0, 0.01, 500)
    >>> stationary_bootstrap(noise, periods_per_year=252, resamples=99).p_value > 0.05
    True
    """
    series = np.asarray(returns, dtype=np.float64)
    paths = whole("resamples", resamples, least=1)
    annual = math.sqrt(finite("periods_per_year", periods_per_year))
    tail = 50.0 * (1.0 - open_share("confidence", confidence))
    block = optimal_block_length(series) if block_length is None else block_length
    length = max(1.0, finite("block_length", block))
    n, mean = len(series), float(series.mean())
    sharpes, drawdowns, exceed = np.full(paths, np.nan), np.empty(paths), 0
    for path in range(paths):
        sample = series[stationary_indices(SplitMix64.of_path(seed, path), n, length)]
        sample_mean = float(sample.mean())
        deviation = float(sample.std(ddof=1))
        if deviation > 0.0:
            sharpes[path] = sample_mean / deviation
        drawdowns[path] = _max_drawdown(sample)
        exceed += sample_mean - mean >= mean
        if progress is not None:
            progress(path + 1)
    defined = bool(np.isfinite(sharpes).all())
    low, high = np.percentile(sharpes, [tail, 100.0 - tail]) * annual if defined else (0.0, 0.0)
    return Bootstrap(
        n=n,
        resamples=paths,
        seed=seed,
        block_length=length,
        confidence=confidence,
        sharpe=Interval(float(low), float(high)) if defined else None,
        max_drawdown_95=float(np.percentile(drawdowns, 95.0)),
        p_value=(exceed + 1) / (paths + 1),
    )


def _max_drawdown(returns: FloatArray) -> float:
    equity = np.cumprod(1.0 + returns)
    peak = np.maximum(np.maximum.accumulate(equity), 1.0)
    return float(min(1.0, np.max(1.0 - equity / peak, initial=0.0)))
