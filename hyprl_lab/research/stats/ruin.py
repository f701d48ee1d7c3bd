"""How likely a great loss is: counted on resampled histories, and by formula.

The stationary bootstrap is that of Politis and Romano (1994), the interval Wilson's (1927).
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from hyprl_lab.errors import InputError
from hyprl_lab.research.stats.arrays import series
from hyprl_lab.research.stats.bootstrap import optimal_block_length
from hyprl_lab.research.stats.checks import finite, open_share, whole
from hyprl_lab.research.stats.interval import Interval, wilson_interval
from hyprl_lab.research.stats.paths import stationary_steps

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from hyprl_lab.types import JsonValue

__all__ = ["BEYOND", "RiskOfRuin", "barrier_ruin", "gambler_ruin", "risk_of_ruin"]

ROUNDING: Final = 1e-12
"""A fall that misses the threshold by less than this share of the peak has reached it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskOfRuin:
    """How often resampled histories fell too far.

    Parameters
    ----------
    n, horizon, resamples, seed
        Returns given, returns of a path, paths, seed of their streams.
    block_length
        Expected block in returns.
    drawdown
        The fall from the highest point so far that counts, a fraction.
    hits
        Paths that fell so far within the horizon.
    probability
        (hits + 1)/(resamples + 1).
    interval
        Wilson's, of hits among resamples.
    capital_loss
        The loss of the capital at the start that counts, a fraction.
    capital_hits, capital_probability, capital_interval
        The same three of it.
    """

    n: int
    horizon: int
    resamples: int
    seed: int
    block_length: float
    drawdown: float
    hits: int
    probability: float
    interval: Interval
    capital_loss: float
    capital_hits: int
    capital_probability: float
    capital_interval: Interval

    def to_dict(self) -> dict[str, JsonValue]:
        """Return plain JSON values."""
        intervals = {name: list(getattr(self, name)) for name in _INTERVALS}
        return {**asdict(self), **intervals}

    @classmethod
    def from_dict(cls, data: dict[str, JsonValue]) -> RiskOfRuin:
        """Read back what `to_dict` gave."""
        intervals = {name: Interval(*data[name]) for name in _INTERVALS}  # type: ignore[misc]  # to_dict wrote two floats
        return cls(**{**data, **intervals})  # type: ignore[arg-type]  # the same


_INTERVALS: Final = ("interval", "capital_interval")

BEYOND: Final = (
    "the returns compound beyond what float64 holds; expected fractions: 0.01 for one per cent"
)


def risk_of_ruin(
    returns: ArrayLike,
    *,
    drawdown: float = 0.30,
    horizon: int = 252,
    resamples: int = 10_000,
    block_length: float | None = None,
    capital_loss: float = 0.50,
    confidence: float = 0.95,
    seed: int = 0,
) -> RiskOfRuin:
    """Return how likely a fall of `drawdown` is within `horizon`, if the future is like the past.

    Each path resamples the returns in blocks and compounds them; the capital at the start is the
    first peak, and a return of -100 % or less leaves nothing for good. Path `i` depends on
    (seed, i) alone.

    Parameters
    ----------
    returns
        Shape (n,), net simple returns per period, daily for a horizon of 252; n at least 8.
    drawdown
        Fall from the highest point so far, between 0 and 1.
    horizon
        Returns of a path, at least 1.
    resamples
        Paths, at least 1.
    block_length
        Expected block in returns; by default the optimal one, at least 1.
    capital_loss
        Loss of the capital at the start, between 0 and 1.
    confidence
        Of the intervals, between 0 and 1.
    seed
        Of the streams.

    Raises
    ------
    InputError
        The returns are too few or not finite, constant where a block length is to be found, or
        an argument is out of range.

    Examples
    --------
    >>> import numpy as np
    >>> calm = np.random.default_rng(0).normal(0.001, 0.005, 500)
    >>> risk_of_ruin(calm, resamples=999).probability
    0.001
    """
    history = series("returns", returns, least=8)
    paths, steps = whole("resamples", resamples, least=1), whole("horizon", horizon, least=1)
    fall = open_share("drawdown", drawdown)
    loss = open_share("capital_loss", capital_loss)
    open_share("confidence", confidence)
    block = optimal_block_length(history) if block_length is None else block_length
    length = max(1.0, finite("block_length", block))
    growth = np.maximum(1.0 + history, 0.0)
    floor, ground = (1.0 - fall) * (1.0 + ROUNDING), (1.0 - loss) * (1.0 + ROUNDING)
    equity, peak, lowest = np.ones(paths), np.ones(paths), np.ones(paths)
    fallen = np.zeros(paths, dtype=np.bool_)
    with np.errstate(over="ignore", invalid="ignore"):  # refused below
        for rows in stationary_steps(
            len(history), paths=paths, length=steps, block_length=length, seed=seed
        ):
            equity *= growth[rows]
            np.maximum(peak, equity, out=peak)
            np.minimum(lowest, equity, out=lowest)
            fallen |= equity <= peak * floor
    if not np.isfinite(peak).all():
        raise InputError(BEYOND)
    hits, capital_hits = int(fallen.sum()), int((lowest <= ground).sum())
    return RiskOfRuin(
        n=len(history),
        horizon=steps,
        resamples=paths,
        seed=seed,
        block_length=length,
        drawdown=fall,
        hits=hits,
        probability=(hits + 1) / (paths + 1),
        interval=wilson_interval(hits, paths, confidence),
        capital_loss=loss,
        capital_hits=capital_hits,
        capital_probability=(capital_hits + 1) / (paths + 1),
        capital_interval=wilson_interval(capital_hits, paths, confidence),
    )


def barrier_ruin(drift: float, volatility: float, loss: float, years: float) -> float:
    """Return the probability that a geometric Brownian motion loses `loss` of its start in time.

    Φ((a - mT)/(s√T)) + e^(2ma/s²)·Φ((a + mT)/(s√T)), m = μ - s²/2, a = ln(1 - loss): the first
    passage of a Brownian motion with drift (Harrison, "Brownian motion and stochastic flow
    systems", 1985).

    Parameters
    ----------
    drift
        μ, of the price, a year.
    volatility
        s, a year, above 0.
    loss
        Of the capital at the start, between 0 and 1.
    years
        T, above 0.

    Raises
    ------
    InputError
        An argument is NaN, infinite or out of range.

    Examples
    --------
    >>> round(barrier_ruin(0.10, 0.20, 0.30, 5.0), 6)
    0.17464
    """
    sigma, time = finite("volatility", volatility), finite("years", years)
    if sigma <= 0.0 or time <= 0.0:
        raise InputError(f"volatility is {sigma}, years is {time}; expected both above 0")
    from scipy.special import log_ndtr

    m, a = finite("drift", drift) - sigma * sigma / 2.0, math.log1p(-open_share("loss", loss))
    spread = sigma * math.sqrt(time)
    straight = math.exp(log_ndtr((a - m * time) / spread))
    reflected = math.exp(
        min(0.0, 2.0 * m * a / (sigma * sigma) + log_ndtr((a + m * time) / spread))
    )
    return min(1.0, straight + reflected)


def gambler_ruin(win_probability: float, units: int) -> float:
    """Return the probability of ever losing all of `units`, betting one at even odds.

    (q/p)^units, q = 1 - p; 1 where p is not above a half (Feller, "An introduction to probability
    theory and its applications", volume 1, chapter XIV).

    Parameters
    ----------
    win_probability
        p, from 0 to 1.
    units
        Capital in bets, at least 1.

    Raises
    ------
    InputError
        An argument is NaN or out of range.

    Examples
    --------
    >>> round(gambler_ruin(0.55, 10), 6)
    0.134431
    """
    p, capital = finite("win_probability", win_probability), whole("units", units, least=1)
    if not 0.0 <= p <= 1.0:
        raise InputError(f"win_probability is {p}; expected a number from 0 to 1")
    return 1.0 if p <= 0.5 else float(((1.0 - p) / p) ** capital)
